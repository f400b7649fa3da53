"""« Ils l'ont fait »: a similar need, in a similar commune; nothing rather than a bad match."""

from math import log
from typing import Final

import numpy as np

from maillage.engine.adequacy import ENOUGH_WORDS, alike, held_words
from maillage.engine.eligibility import asker
from maillage.engine.ranking import score_entries
from maillage.engine.snapshot import Snapshot
from maillage.engine.types import Experience, ExperienceMatch, Territory
from maillage.engine.understanding import ReadNeed
from maillage.engine.vocabulary import THEMES

SHOWN: Final = 3
#: Confidence of a type from which resembling it counts, beside one word of the need.
SURE_TYPE: Final = 0.6
ALIKE: Final = 0.15
#: An experience below this likeness of need, or this share of the best, is not shown.
LEAST: Final = 0.34
LEAST_SHARE: Final = 0.6
#: What the likeness of the communes counts beside that of the needs.
COMMUNE_WEIGHT: Final = 0.3


def similar_experiences(
    read: ReadNeed, snapshot: Snapshot, territory: Territory | None
) -> tuple[ExperienceMatch, ...]:
    """At most three experiences, the most similar first, ties by id."""
    if not snapshot.experiences or read.understanding.empty or not read.understanding.confident:
        return ()
    scores = score_entries(read, snapshot.experience_index, snapshot.experience_themes, snapshot)
    totals = scores.total
    counts, _ = held_words(read, snapshot.experience_core)
    shared = np.asarray(
        [bool(e.themes.intersection(read.understanding.themes)) for e in snapshot.experiences]
    )
    near = alike(read, snapshot.experience_index, snapshot, SURE_TYPE, ALIKE)
    found = shared & ((counts >= ENOUGH_WORDS) | (near & (counts >= 1)))
    threshold = max(LEAST, LEAST_SHARE * float(totals.max()))
    ranked: list[tuple[float, int]] = []
    for number in np.flatnonzero(found & (totals >= threshold)):
        likeness = commune_likeness(snapshot.experiences[number], territory)
        score = (1 - COMMUNE_WEIGHT) * float(totals[number]) + COMMUNE_WEIGHT * likeness
        ranked.append((-round(score, 6), int(number)))
    return tuple(
        ExperienceMatch(
            snapshot.experiences[n],
            round(min(-score, 1.0), 4),
            _sentence(snapshot.experiences[n], read, territory),
        )
        for score, n in sorted(ranked)[:SHOWN]
    )


def commune_likeness(experience: Experience, territory: Territory | None) -> float:
    """From 0 to 1: near populations (on a logarithmic scale) and density levels."""
    if territory is None or not territory.population or not experience.population:
        return 0.5
    size = max(0.0, 1 - abs(log(territory.population / experience.population)) / log(30))
    if territory.density is None or experience.density is None:
        return size
    return 0.7 * size + 0.3 * (1 - abs(territory.density - experience.density) / 6)


def _sentence(experience: Experience, read: ReadNeed, territory: Territory | None) -> str:
    themes = [THEMES[t] for t in read.understanding.themes if t in experience.themes]
    same = f"Le besoin est proche du vôtre ({themes[0]})" if themes else (
        "Le besoin est proche du vôtre"
    )  # fmt: skip
    who = asker(read.audience, territory)
    if territory is not None:
        own = experience.codes & territory.keys
        if f"com:{territory.code}" in own or f"epci:{territory.code}" in own:
            return f"C'est {who}."
        if any(key.startswith("epci:") for key in own):
            return "C'est votre intercommunalité."
    if territory is not None and territory.population and experience.population:
        ratio = territory.population / experience.population
        if 0.5 <= ratio <= 2:
            return f"{same} et la population est comparable à celle de {who}."
        size = "plus peuplé" if ratio < 0.5 else "moins peuplé"
        return f"{same}, dans un territoire {size} que {who}."
    return f"{same}."
