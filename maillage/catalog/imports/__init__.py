"""Imports that people trust: raw → cleaned → compared → written. See ``pipeline`` for the way in.

``reading`` gives the lines of a file, ``schema`` the columns, ``cleaning`` what is understood of a
line, ``comparing`` what it would change, ``writing`` writes it, ``report`` says it.
"""
