"""Who pays or helps: the names that Aides-territoires gives → pages of our catalogue.

A body that has a page keeps it, found by its name, its full name, another name of the table, or as
the council, the région or the EPCI of a place. One that has none gets a page with this data set,
its family and level guessed from the words of its name: to be confirmed, and said so.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from django.utils.text import slugify

from maillage.catalog.aides_territoires.labels import folded, read_table
from maillage.catalog.aides_territoires.perimeters import Gazetteer, Place
from maillage.catalog.models import Provider

_COUNCIL: Final = re.compile(r"^(?:conseil departemental|departement|conseil general)\s+(.+)$")
_REGION: Final = re.compile(r"^(?:conseil regional|region|conseil de la region)\s+(.+)$")
_LONGEST_SLUG: Final = 80


@dataclass(frozen=True, slots=True)
class Backer:
    """A body: ``known`` when it has a page; the values are those of a line of import."""

    name: str
    known: bool
    values: dict[str, Any]


class Backers:
    """Finds the page of a body by its name. Built once for a run (one query)."""

    def __init__(self, places: Gazetteer) -> None:
        self._places = places
        self._pages: dict[str, dict[str, Any]] = {}
        full: dict[str, list[str]] = {}
        rows = Provider.objects.filter(withdrawn_at=None).exclude(state="demonstration")
        for slug, name, full_name, family, level in rows.values_list(
            "slug", "name", "full_name", "family", "level"
        ):
            self._pages[slug] = {"slug": slug, "name": name, "family": family, "level": level}
            full.setdefault(folded(name), []).insert(0, slug)
            if full_name:
                full.setdefault(folded(full_name), []).append(slug)
        # A name that several bodies bear tells none of them.
        self._slugs = {name: slugs[0] for name, slugs in full.items() if len(set(slugs)) == 1}
        table = read_table("providers")
        for entry in table["aliases"]:
            if entry["slug"] in self._pages:
                self._slugs |= {folded(name): entry["slug"] for name in entry["names"]}
        self._families = [
            (re.compile(entry["pattern"]), entry["family"], entry["level"])
            for entry in table["families"]
        ]

    def find(self, name: str, place: Place) -> Backer:
        """The body of this name, for an aid valid in `place`."""
        slug = self._slugs.get(folded(name)) or self._of_place(folded(name))
        if slug in self._pages:
            return Backer(name, True, self._pages[slug])
        return Backer(name, False, self._guessed(name, place))

    def _of_place(self, name: str) -> str:
        """Slug of the council, the région or the EPCI that this folded name is of."""
        if match := _COUNCIL.match(name):
            code = self._places.department(match.group(1)).lower()
            return f"conseil-departemental-{code}" if code else ""
        if match := _REGION.match(name):
            code = self._places.region(match.group(1))
            return f"region-{code}" if code else ""
        siren = self._places.epci(name)
        return f"epci-{siren}" if siren else ""

    def _guessed(self, name: str, place: Place) -> dict[str, Any]:
        family, level = next(
            (family, level) for pattern, family, level in self._families
            if pattern.search(folded(name))
        )  # fmt: skip
        # A perimeter that was not understood suggests no level.
        perimeter = ["FR"] if level == "national" else list(place.keys)
        level = level or place.level
        return {
            "slug": self._free(name),
            "name": name[:200],
            "family": family,
            "level": level,
            "perimeter": perimeter,
            "website": "",
        }

    def _free(self, name: str) -> str:
        """A slug that no other body has."""
        base = slugify(name)[:_LONGEST_SLUG].strip("-") or "organisme"
        return f"{base}-aides-territoires" if base in self._pages else base
