"""The experiences in memory, and their search by the engine's index (their own words only)."""

from dataclasses import dataclass

from maillage.common.held import Held
from maillage.engine import types
from maillage.engine.ranking import score_entries
from maillage.engine.snapshot import Snapshot, build_snapshot
from maillage.engine.understanding import read_need
from maillage.experiences.models import Experience
from maillage.territories.directory import directory

#: Found: at least this score of words, and this share of the best one.
LEAST = 0.05
LEAST_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Shelf:
    """All the experiences in the order of their titles, and an index of them alone."""

    rows: tuple[Experience, ...]
    snapshot: Snapshot


def engine_experience(row: Experience) -> types.Experience:
    """An experience as the engine sees it."""
    return types.Experience(
        id=row.slug,
        title=row.title,
        territory_name=row.territory_name,
        population=row.population,
        density=_density(row),
        themes=frozenset(row.themes),
        summary=row.summary,
        words=(*row.words, *row.what),
        codes=frozenset(row.territory_codes),
    )


def _density(row: Experience) -> int | None:
    """Level of the INSEE grid of an experience's one commune, when its file was imported."""
    communes = [key for key in row.territory_codes if key.startswith("com:")]
    return directory().density.get(communes[0]) if len(communes) == 1 else None


def _build() -> Shelf:
    rows = tuple(Experience.objects.select_related("source"))
    catalogue = types.Catalogue(
        offers=(), experiences=tuple(engine_experience(row) for row in rows)
    )
    return Shelf(rows, build_snapshot(catalogue))


held: Held[Shelf] = Held(_build, "experiences")


def find(text: str) -> list[Experience]:
    """Experiences that speak of a text, the nearest first; all of them, by title, without one."""
    shelf = held.get()
    if not text:
        return list(shelf.rows)
    snapshot = shelf.snapshot
    if not snapshot.experiences:
        return []
    read = read_need(types.Need(text), snapshot)
    scores = score_entries(read, snapshot.experience_index, snapshot.experience_themes, snapshot)
    least = max(LEAST, LEAST_SHARE * float(scores.words.max()))
    by_slug = {row.slug: row for row in shelf.rows}
    ranked = sorted(
        (-round(float(score), 6), experience.id)
        for score, experience in zip(scores.words, snapshot.experiences, strict=True)
        if score >= least
    )
    return [by_slug[slug] for _, slug in ranked]
