"""Addresses of the area, by subject."""
