"""What a person asks of the lists: read with kindness, never refused for its form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.http import QueryDict

from maillage.catalog.columns import FACETS, Facet
from maillage.catalog.enums import FAMILIES, LEVELS

#: Characters read of a search: a sentence. Longer needs are for the home page.
LONGEST_TEXT: Final = 300
SORTS: Final[dict[str, str]] = {
    "pertinence": "Pertinence",
    "titre": "Titre",
    "date": "Date limite",
}


def clean(text: str, longest: int = LONGEST_TEXT) -> str:
    """One line of text, no control characters, at most `longest` characters."""
    kept = "".join(c if c.isprintable() else " " for c in text[: 4 * longest])
    return " ".join(kept.split())[:longest]


@dataclass(frozen=True, slots=True)
class OfferFilters:
    """The filters of the list of offers. Unknown values were dropped when reading.

    ``chosen`` is facet → values, in the order of the facet. ``code`` is what the address says of
    the territory (a COG code or a SIREN, not yet resolved) and ``place`` what was typed for it.
    """

    text: str = ""
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    contacts: bool = False
    code: str = ""
    place: str = ""
    sort: str = "pertinence"

    @classmethod
    def read(cls, data: QueryDict) -> "OfferFilters":
        """Read the parameters of a GET; whatever comes, filters are made of it."""
        chosen = {facet.name: _chosen(facet, data) for facet in FACETS}
        if data.get("gratuit") and not chosen["cout"]:
            chosen["cout"] = ("free",)
        sort = data.get("tri", "")
        code, place = clean(data.get("commune", ""), 9).upper(), clean(data.get("lieu", ""), 100)
        if "lieu" in data and not place:
            code = ""  # the field was emptied by hand
        return cls(
            text=clean(data.get("q", "")),
            chosen={name: values for name, values in chosen.items() if values},
            contacts=bool(data.get("contacts")),
            code=code,
            place=place,
            sort=sort if sort in SORTS else "pertinence",
        )


def _chosen(facet: Facet, data: QueryDict) -> tuple[str, ...]:
    asked = set(data.getlist(facet.name))
    return tuple(value for value in facet.values if value in asked)


@dataclass(frozen=True, slots=True)
class ProviderFilters:
    """The filters of the list of providers; "" when one is not set."""

    text: str = ""
    family: str = ""
    level: str = ""
    contacts: bool = False

    @classmethod
    def read(cls, data: QueryDict) -> "ProviderFilters":
        """Read the parameters of a GET; whatever comes, filters are made of it."""
        family, level = data.get("famille", ""), data.get("echelon", "")
        return cls(
            text=clean(data.get("q", "")),
            family=family if family in dict(FAMILIES) else "",
            level=level if level in dict(LEVELS) else "",
            contacts=bool(data.get("contacts")),
        )
