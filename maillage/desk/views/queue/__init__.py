"""The queue of a desk: the list, the same on a map and in a calendar, and the views one keeps."""
