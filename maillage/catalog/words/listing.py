"""Lists of the words: what is asked of them, read with kindness, and what is found.

Types and lines of the thesaurus are some hundreds: they are searched in Python, accents aside.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.db.models import Q
from django.http import QueryDict

from maillage.catalog.enums import Origin, UnmetReason, UnmetState
from maillage.catalog.forms.filters import clean
from maillage.catalog.models import Offer, ProjectType, ThesaurusEntry, UnmetNeed
from maillage.catalog.snapshot import shelf, snapshot
from maillage.catalog.words.masks import MASK
from maillage.engine import types
from maillage.engine.text import fold, words
from maillage.engine.vocabulary import THEMES

#: Value of the filter → the origins that it keeps.
ORIGINS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "livre": ("Livrés avec Maillage", (Origin.FILE, Origin.CONSTRUCTION)),
    "ici": ("Changés ou ajoutés ici", (Origin.EDITED,)),
}
_PREFILLED: Final = 5
Row = TypeVar("Row", ProjectType, ThesaurusEntry)


@dataclass(frozen=True, slots=True)
class WordFilters:
    """What a list of words is narrowed to; "" where nothing is. ``recent``: last changed first."""

    text: str = ""
    theme: str = ""
    origin: str = ""
    recent: bool = False

    @classmethod
    def read(cls, data: QueryDict) -> "WordFilters":
        """Read the parameters of a GET; whatever comes, filters are made of it."""
        theme, origin = data.get("theme", ""), data.get("origine", "")
        return cls(
            text=clean(data.get("q", ""), 100),
            theme=theme if theme in THEMES else "",
            origin=origin if origin in ORIGINS else "",
            recent=data.get("tri") == "recents",
        )


@dataclass(frozen=True, slots=True)
class NeedFilters:
    """What the list of needs is narrowed to: those to be looked at, unless it says otherwise."""

    text: str = ""
    theme: str = ""
    reason: str = ""
    state: str = UnmetState.OPEN.value

    @classmethod
    def read(cls, data: QueryDict) -> "NeedFilters":
        """Read the parameters of a GET; whatever comes, filters are made of it."""
        theme, reason = data.get("theme", ""), data.get("raison", "")
        state = data.get("etat", UnmetState.OPEN.value)
        return cls(
            text=clean(data.get("q", ""), 100),
            theme=theme if theme in THEMES else "",
            reason=reason if reason in UnmetReason.values else "",
            state=state if state in UnmetState.values else "",
        )


def find_types(filters: WordFilters) -> list[ProjectType]:
    """Types of project, by label."""
    return _found(
        ProjectType.objects.all(), filters, lambda t: (t.label, t.slug, *t.phrases, *t.vocabulary)
    )


def find_entries(filters: WordFilters) -> list[ThesaurusEntry]:
    """Lines of the thesaurus, by expression."""
    return _found(ThesaurusEntry.objects.all(), filters, lambda e: (e.expression, *e.terms))


def _found(rows: Iterable[Row], filters: WordFilters, said: Any) -> list[Row]:
    typed = words(filters.text)
    found = [
        row
        for row in rows
        if (not filters.theme or filters.theme in row.themes)
        and (not filters.origin or row.origin in ORIGINS[filters.origin][1])
        and _holds(typed, "\n".join(said(row)) if typed else "")
    ]
    found.sort(key=lambda row: fold(str(row)))
    if filters.recent:
        found.sort(key=lambda row: row.updated_at, reverse=True)
    return found


def _holds(typed: Sequence[str], text: str) -> bool:
    """Whether a text has a word that begins with each one of `typed`."""
    held = f" {' '.join(words(text))}" if typed else ""
    return all(f" {word}" in held for word in typed)


def find_offers(filters: WordFilters) -> list[types.Offer]:
    """Offers that are proposed, sure contacts aside, by title; a query for the origin only."""
    held = shelf()
    typed = words(filters.text)
    asked: set[str] | None = None
    if filters.origin:
        edited = Q(curated__contains=["words"]) | Q(origin=Origin.EDITED)
        kept = edited if filters.origin == "ici" else ~edited
        asked = set(Offer.objects.filter(kept).values_list("slug", flat=True))
    numbers = [
        number
        for number, offer in enumerate(held.snapshot.offers)
        if not offer.generalist
        and (not filters.theme or filters.theme in offer.themes)
        and (asked is None or offer.id in asked)
        and (
            not typed
            or all(f" {word}" in held.columns.names[number] for word in typed)
            or _holds(typed, " ".join((offer.title, offer.provider_name, *offer.words)))
        )
    ]
    numbers.sort(key=lambda number: held.columns.title_rank[number])
    return [held.snapshot.offers[number] for number in numbers]


def type_labels() -> dict[str, tuple[str, list[str]]]:
    """Slug of every type → its label and its themes."""
    rows = ProjectType.objects.values_list("slug", "label", "themes")
    return {slug: (label, themes) for slug, label, themes in rows}


def find_needs(filters: NeedFilters, kinds: Mapping[str, tuple[str, list[str]]]) -> Any:
    """Needs that were not understood, those said most first. The theme is that of the types that
    were understood or chosen.
    """
    rows = UnmetNeed.objects.order_by("-count", "-last_on", "-pk")
    if filters.reason:
        rows = rows.filter(reason=filters.reason)
    if filters.state:
        rows = rows.filter(state=filters.state)
    if filters.theme:
        slugs = [slug for slug, (_, themes) in kinds.items() if filters.theme in themes]
        rows = rows.filter(Q(understood__overlap=slugs) | Q(corrected__overlap=slugs))
    for word in words(filters.text):
        rows = rows.filter(folded__contains=word)
    return rows


# -- What a trial begins with


def plain(need: str) -> str:
    """The words of a need, without the marks of what was taken out."""
    return " ".join(need.replace(MASK, " ").split())


def needs_of_type(row: ProjectType) -> list[str]:
    """What to try a type on: the needs in which it was wrongly seen or missed, then its phrases."""
    found: list[str] = []
    if row.pk:
        concerned = UnmetNeed.objects.filter(state=UnmetState.OPEN).filter(
            Q(understood__contains=[row.slug]) | Q(corrected__contains=[row.slug])
        )
        found = [plain(text) for text in concerned.values_list("text", flat=True)[:_PREFILLED]]
    return _first(found + list(row.phrases[:2]))


def needs_saying(expressions: Sequence[str]) -> list[str]:
    """What to try expressions on: the needs that say one of them, then the example phrases."""
    keys = [key for one in expressions if (key := " ".join(words(one)))]
    if not keys:
        return []
    said = Q()
    for key in keys[:20]:
        said |= Q(folded__contains=key)
    unmet = UnmetNeed.objects.filter(said, state=UnmetState.OPEN)
    found = [plain(text) for text in unmet.values_list("text", flat=True)[:_PREFILLED]]
    for kind in snapshot().recogniser.types:
        if len(found) >= _PREFILLED:
            break
        if not any(key in " ".join(words("\n".join(kind.phrases))) for key in keys):
            continue
        said_so = (p for p in kind.phrases if _says(keys, p))
        found += list(said_so)[:1]
    return _first(found or list(expressions))


def _says(keys: Sequence[str], text: str) -> bool:
    held = f" {' '.join(words(text))} "
    return any(f" {key} " in held for key in keys)


def _first(needs: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(one for one in needs if one))[:_PREFILLED]
