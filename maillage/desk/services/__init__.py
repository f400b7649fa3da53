"""Writes of the area, by subject: keyword-only, atomic verbs, each with its row of the journal."""
