"""Writes of the area, by subject. Each is atomic, and says in the history what it has changed."""
