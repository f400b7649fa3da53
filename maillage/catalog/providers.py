"""The providers in memory, for their list: searched by name without a query."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from maillage.catalog.enums import FAMILIES, LEVELS, STATES
from maillage.catalog.forms.filters import ProviderFilters
from maillage.catalog.models import Offer, Provider
from maillage.common.held import Held
from maillage.engine.text import words


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """A provider as its list shows it; ``searched`` holds the folded words of its names."""

    slug: str
    name: str
    full_name: str
    family: str
    level: str
    summary: str
    contact: str
    website: str
    perimeter: tuple[str, ...]
    state: str
    vintage: str
    source: str
    generalist: bool
    offers: int
    searched: str

    @property
    def family_label(self) -> str:
        """French label of the family."""
        return _FAMILY[self.family]

    @property
    def level_label(self) -> str:
        """French label of the level."""
        return _LEVEL[self.level]

    @property
    def state_label(self) -> str:
        """French label of the state."""
        return _STATE[self.state]


_FAMILY, _LEVEL, _STATE = dict(FAMILIES), dict(LEVELS), dict(STATES)


def _build() -> tuple[ProviderLine, ...]:
    counts = Counter(Offer.objects.published().values_list("provider_id", flat=True))
    rows = Provider.objects.published().select_related("source")
    lines = [
        ProviderLine(
            slug=row.slug,
            name=row.name,
            full_name=row.full_name,
            family=row.family,
            level=row.level,
            summary=row.summary,
            contact=row.contact,
            website=row.website,
            perimeter=tuple(row.perimeter),
            state=row.state,
            vintage=row.vintage,
            source=row.source.title,
            generalist=row.generalist,
            offers=counts[row.pk],
            searched=f" {' '.join(words(f'{row.name} {row.full_name}'))} ",
        )
        for row in rows
    ]
    return tuple(sorted(lines, key=lambda line: (" ".join(words(line.name)), line.slug)))


held: Held[tuple[ProviderLine, ...]] = Held(_build, "catalogue")


def find_providers(filters: ProviderFilters) -> Sequence[ProviderLine]:
    """Providers by name. Generalist contacts come when they are asked for, or with a search.

    A search keeps the providers whose names have a word beginning with each word typed.
    """
    needles = [f" {word}" for word in words(filters.text)]
    if filters.text and not needles:
        return []
    with_contacts = filters.contacts or bool(needles)
    return [
        line
        for line in held.get()
        if (with_contacts or not line.generalist)
        and (not filters.family or line.family == filters.family)
        and (not filters.level or line.level == filters.level)
        and all(needle in line.searched for needle in needles)
    ]
