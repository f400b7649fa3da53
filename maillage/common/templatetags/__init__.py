"""Filters and tags of the site."""
