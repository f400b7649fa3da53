"""Pages of the area, by subject."""
