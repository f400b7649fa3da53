"""Freshness and quality of the entries: what pages and other subjects ask of it."""

from maillage.catalog.quality.entries import freshness_of, score_of
from maillage.catalog.quality.freshness import LABELS, Freshness, Standing
from maillage.catalog.quality.memory import link_note
from maillage.catalog.quality.score import Line, Score

__all__ = [
    "LABELS",
    "Freshness",
    "Line",
    "Score",
    "Standing",
    "freshness_of",
    "link_note",
    "score_of",
]
