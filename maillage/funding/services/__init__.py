"""Writes of the area, by subject."""
