"""What a person asks of the lists: read with kindness, never refused for its form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

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
    ``department`` and ``region`` keep what is of use in at least a part of it, ``tied`` what is of
    use in a part of France only, ``open_only`` what is not over.
    """

    text: str = ""
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    contacts: bool = False
    code: str = ""
    place: str = ""
    sort: str = "pertinence"
    department: str = ""
    open_only: bool = False
    tied: bool = False
    region: str = ""

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
            department=clean(data.get("departement", ""), 3).upper(),
            open_only=bool(data.get("ouvertes")),
            tied=bool(data.get("propres")),
            region=clean(data.get("region", ""), 3),
        )

    def query(self, *, order: bool = False, place: bool = True) -> str:
        """The same search as a query string, always in the same order; "" for everything.

        Without its order unless it is asked for; without its territory when `place` is false.
        """
        pairs = [("q", self.text)] if self.text else []
        if place:
            pairs += [("commune", self.code)] if self.code else []
            pairs += [("lieu", self.place)] if self.place and not self.code else []
            pairs += [("departement", self.department)] if self.department else []
            pairs += [("region", self.region)] if self.region else []
        pairs += [(f.name, value) for f in FACETS for value in self.chosen.get(f.name, ())]
        pairs += [("propres", "1")] if self.tied else []
        pairs += [("ouvertes", "1")] if self.open_only else []
        pairs += [("contacts", "1")] if self.contacts else []
        pairs += [("tri", self.sort)] if order and self.sort != "pertinence" else []
        return urlencode(pairs)


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
