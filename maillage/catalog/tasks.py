"""Work of the area done in the background: each night, or after an act."""
