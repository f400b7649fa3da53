"""The catalogue for other programs: what has changed since a moment, and files made each night."""
