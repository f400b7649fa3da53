"""Addresses of the area, by door."""
