"""The providers that the lines of an import name: found by their identifier or their name, else
made from what the lines say of them.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

from django.utils.text import slugify
from rapidfuzz import fuzz, process

from maillage.catalog.enums import Origin, Verb
from maillage.catalog.imports.schema import plain
from maillage.catalog.models import Dataset, Provider, Revision
from maillage.catalog.services import history

LONGEST_SLUG: Final = 100
#: How near a name must be to be proposed, of 100, and for how many names it is looked for.
_NEAR: Final = 75
_MOST_GUESSES: Final = 200
_ENOUGH: Final = (
    "n'a pas de page dans Maillage. Corrigez son nom, écrivez son identifiant (offreur_id), ou "
    "décrivez-le pour que sa page soit créée : offreur_famille, et offreur_perimetre ou perimetre."
)


def entry_slug(dataset: str, key: str) -> str:
    """The address of an imported entry: ``<dataset>-<key>``.

    What addresses cannot hold is dropped, and then a digest of the key keeps two keys apart.
    """
    bare = slugify(key)
    slug = f"{dataset}-{bare}" if bare else dataset
    if bare == key.lower() and len(slug) <= LONGEST_SLUG:
        return slug
    digest = hashlib.sha256(key.encode()).hexdigest()[:8]
    return f"{slug[: LONGEST_SLUG - 9].rstrip('-')}-{digest}"


def level_of(perimeter: list[str]) -> str:
    """The level of who acts in a perimeter, by the widest of its keys."""
    kinds = {key.partition(":")[0] for key in perimeter}
    if kinds & {"FR", "DEP"}:
        return "national"
    if "reg" in kinds:
        return "region"
    return "department" if kinds & {"dep", "arr", "per"} else "municipal"


def _key(name: str) -> str:
    """What stands for the identifier of a provider that has only a name."""
    return plain(name).replace(" ", "-")


@dataclass(slots=True)
class Known:
    """A provider that lines may name; ``pk`` is 0 while it is to be made, from ``said``."""

    pk: int
    slug: str
    name: str
    level: str
    perimeter: list[str]
    gone: bool = False
    said: dict[str, Any] | None = None


class Providers:
    """All the providers by slug and by name (one query), and those that the import will make."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self._by_slug: dict[str, Known] = {}
        self._by_name: dict[str, list[str]] = defaultdict(list)
        self._names: dict[int, str] = {}
        self._guesses = _MOST_GUESSES
        rows = Provider.objects.values_list(
            "pk", "slug", "name", "full_name", "level", "perimeter", "withdrawn_at"
        )
        for pk, slug, name, full, level, perimeter, withdrawn in rows.iterator():
            self._by_slug[slug] = Known(pk, slug, name, level, perimeter, withdrawn is not None)
            self._names[pk] = name
            for said in {plain(name), plain(full)} - {""}:
                self._by_name[said].append(slug)

    def name_of(self, pk: int) -> str:
        """The name of a provider that is there."""
        return self._names.get(pk, "")

    def find(self, said: dict[str, Any], perimeter: list[str]) -> tuple[Known | None, str]:
        """The provider that a line speaks of, or why it is not known."""
        wanted, name = said.get("slug", ""), said.get("name", "")
        if wanted:
            for slug in (wanted, entry_slug(self.dataset.pk, wanted)):
                if slug in self._by_slug:
                    return self._by_slug[slug], ""
        elif found := self._by_name.get(plain(name), []):
            return self._one_of(found, name, perimeter)
        elif (slug := entry_slug(self.dataset.pk, _key(name))) in self._by_slug:
            # Made by a former import, and given another name here since.
            return self._by_slug[slug], ""
        return self._new(said, wanted or _key(name), name or wanted, perimeter)

    def _one_of(
        self, slugs: list[str], name: str, perimeter: list[str]
    ) -> tuple[Known | None, str]:
        """The one meant by a name that several may bear: in the catalogue, of this dataset, of the
        very perimeter of the line.
        """
        found = [self._by_slug[slug] for slug in slugs]
        for prefer in (
            lambda one: not one.gone,
            lambda one: one.slug.startswith(f"{self.dataset.pk}-"),
            lambda one: set(one.perimeter) == set(perimeter),
        ):
            found = [one for one in found if prefer(one)] or found
        if len(found) == 1:
            return found[0], ""
        shown = ", ".join(one.slug for one in found[:6])
        return None, (
            f"plusieurs offreurs s'appellent « {name} » : écrivez lequel dans la colonne "
            f"offreur_id ({shown})."
        )

    def _new(
        self, said: dict[str, Any], key: str, name: str, perimeter: list[str]
    ) -> tuple[Known | None, str]:
        places = said.get("perimeter") or perimeter
        if not said.get("family") or not places:
            return None, f"« {name} » {_ENOUGH}{self._near(name)}"
        made = Known(
            pk=0,
            slug=entry_slug(self.dataset.pk, key),
            name=name,
            level=said.get("level") or level_of(places),
            perimeter=places,
            said=said,
        )
        self._by_slug[made.slug] = made
        self._by_name[plain(name)].append(made.slug)
        return made, ""

    def _near(self, name: str) -> str:
        """The known name nearest to one that is not; said of the first ones only."""
        if not self._guesses:
            return ""
        self._guesses -= 1
        near = process.extractOne(
            plain(name), self._by_name.keys(), scorer=fuzz.ratio, score_cutoff=_NEAR
        )
        if not near:
            return ""
        return f" Vouliez-vous dire « {self._by_slug[self._by_name[near[0]][0]].name} » ?"

    def make(self, wanted: list[Known], by: Any, body: str) -> None:
        """Write those of `wanted` that are to be made, with their line of history."""
        new = {one.slug: one for one in wanted if not one.pk}
        rows = Provider.objects.bulk_create(
            Provider(
                slug=one.slug,
                name=one.name,
                family=(one.said or {})["family"],
                level=one.level,
                perimeter=one.perimeter,
                website=(one.said or {}).get("website", ""),
                origin=Origin.IMPORTED,
                source_id=self.dataset.source_id,
                dataset=self.dataset,
            )
            for one in new.values()
        )
        for row in rows:
            new[row.slug].pk = row.pk
        Revision.objects.bulk_create(
            history.revision(row, Verb.CREATED, by=by, body=body) for row in rows
        )
