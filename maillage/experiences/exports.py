"""The experiences as a table: the columns that the page and the command export."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from maillage.common.templatetags.maillage import euros, nombre
from maillage.engine.vocabulary import THEMES
from maillage.experiences.enums import PRINCIPLES
from maillage.experiences.models import Experience

HEADER: Final = (
    "identifiant", "titre", "démarche", "territoire", "nature du territoire", "codes",
    "départements", "année de départ", "population imprimée", "note sur la population", "thèmes",
    "résumé", "ce qui a été fait", "coûts", "financeurs", "partenaires", "résultats",
    "points de vigilance", "ce qui serait refait",
    *(f"principe : {label.lower()}" for label in PRINCIPLES.values()),
    "incohérences relevées", "source", "page", "adresse",
)  # fmt: skip


def experience_rows(rows: Iterable[Experience]) -> Iterator[list[Any]]:
    """Rows of `HEADER`; bring `costs` and `funders` along (``prefetch_related``)."""
    for row in rows:
        yield [
            row.slug,
            row.title,
            row.initiative,
            row.territory_name,
            row.get_territory_kind_display(),
            " ".join(row.territory_codes),
            " ".join(row.departments),
            row.started,
            row.population,
            row.population_note,
            ", ".join(label for code, label in THEMES.items() if code in row.themes),
            row.summary,
            _lines(row.what),
            _lines(_sum(cost.label, euros(cost.amount), cost.note) for cost in row.costs.all()),
            _lines(
                _sum(f.name, euros(f.amount), f"{nombre(f.share)} %" if f.share else "", f.note)
                for f in row.funders.all()
            ),
            _lines(row.partners),
            _lines(row.results),
            _lines(row.watch_points),
            _lines(row.again),
            *(row.principles.get(code, "inconnu") for code in PRINCIPLES),
            _lines(row.data_notes),
            row.source.title,
            row.page,
            row.get_absolute_url(),
        ]


def _lines(items: Iterable[str]) -> str:
    return " | ".join(items)


def _sum(name: str, *more: str) -> str:
    details = ", ".join(text for text in more if text)
    return f"{name} : {details}" if details else name
