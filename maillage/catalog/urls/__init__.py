"""Addresses of the area, by who uses them."""
