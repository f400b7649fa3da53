"""Forms of the area, by subject."""
