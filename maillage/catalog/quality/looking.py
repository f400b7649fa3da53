"""What a person sees of the quality: their entries, filtered, counted, sorted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from django.http import QueryDict
from django.utils.timezone import localdate

from maillage.accounts.enums import OrganisationKind, Role
from maillage.accounts.models import Mandate, User
from maillage.catalog.enums import FAMILIES, ReportState
from maillage.catalog.models import ErrorReport
from maillage.catalog.owners import AGENTS
from maillage.catalog.perms import (
    agent_bodies,
    agent_departments,
    is_administrator,
    kept_slugs,
)
from maillage.catalog.quality.board import OFFER, PROVIDER, Board, BoolArray
from maillage.catalog.quality.nightly import NOTICE_DAYS
from maillage.engine.text import words

LONGEST_TEXT: Final = 100
#: Value of the filter → its label, in the order of the page.
STATES: Final = {
    "": "Toutes",
    "jamais": "Pas encore confirmées par l'offreur",
    "a-confirmer": "À confirmer d'ici un mois",
    "de-cote": "Mises de côté",
    "lien": "Lien mort",
    "signalees": "Erreur signalée",
    "closes": "Date passée",
    "sans-responsable": "Sans responsable",
}
KINDS: Final = {"": "Offres et offreurs", OFFER: "Offres", PROVIDER: "Offreurs"}
SORTS: Final = {"": "le moins bon d'abord", "date": "à revoir d'abord", "titre": "titre"}
#: Who answers for a provider: nobody, its people, the desk that holds it, that of its département.
NOBODY, OWN, HOLDER, DESK = range(4)
OWNERS: Final = {
    NOBODY: "Personne",
    OWN: "L'offreur",
    HOLDER: "Le guichet qui tient la fiche",
    DESK: "Le guichet du département",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of the page; "" when one is not set."""

    text: str = ""
    state: str = ""
    family: str = ""
    kind: str = ""
    sort: str = ""
    contacts: bool = False

    @classmethod
    def read(cls, data: QueryDict) -> "Asked":
        """Read the parameters of a GET; whatever comes, filters are made of it."""
        family, state = data.get("famille", ""), data.get("etat", "")
        kind, sort = data.get("nature", ""), data.get("tri", "")
        return cls(
            text=" ".join(data.get("q", "").replace("\x00", "").split())[:LONGEST_TEXT],
            state=state if state in STATES else "",
            family=family if family in dict(FAMILIES) else "",
            kind=kind if kind in KINDS else "",
            sort=sort if sort in SORTS else "",
            contacts=bool(data.get("contacts")),
        )


@dataclass(frozen=True, slots=True)
class FamilyLine:
    """A family: how many entries, fresh, never confirmed, to confirm, set aside."""

    label: str
    fresh: int
    never: int
    late: int
    aside: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.fresh + self.never + self.late + self.aside


@dataclass(frozen=True, slots=True)
class Found:
    """Lines of the board, in order; how many by state; the mean score; each family."""

    numbers: npt.NDArray[np.intp]
    counts: Mapping[str, int]
    mean: int | None
    families: tuple[FamilyLine, ...]
    contacts: int


@dataclass(frozen=True, slots=True)
class Scope:
    """The lines of the board that a person may see, and who answers for each provider."""

    seen: BoolArray
    owners: npt.NDArray[np.int8]


def scope_of(user: User, board: Board) -> Scope:
    """What `user` may see: everything (administrator), what their desk or their body keeps, and
    what is of their département. One query (two for their mandates).
    """
    owners = _owners(board)
    if is_administrator(user):
        return Scope(np.ones(len(board.keys), dtype=np.bool_), owners)
    slugs, mine = kept_slugs(user), agent_departments(user)
    bodies = {body.pk for body in agent_bodies(user)}
    theirs = np.fromiter(
        (k.slug in slugs or k.held_by in bodies or bool(mine & k.departments)
         for k in board.keepers),
        dtype=np.bool_, count=len(board.keepers),
    )  # fmt: skip
    return Scope(theirs[board.provider], owners)


def _owners(board: Board) -> npt.NDArray[np.int8]:
    """Who answers for each provider, by the rule of `owners.owners_of`."""
    mandates = Mandate.objects.in_force(localdate()).filter(
        user__is_active=True, role__in=(Role.PROVIDER, *AGENTS)
    )
    slugs, bodies, places = set(), set(), set()
    for role, pk, slug, kind, territory in mandates.values_list(
        "role", "organisation_id", "organisation__provider", "organisation__kind",
        "organisation__territory",
    ).distinct():  # fmt: skip
        if role == Role.PROVIDER:
            slugs.add(slug)
            continue
        bodies.add(pk)
        if role == Role.AGENT and kind == OrganisationKind.PREFECTURE:
            places.add(territory.removeprefix("dep:"))
    slugs.discard("")
    return np.array(
        [
            OWN if k.slug in slugs
            else HOLDER if k.held_by in bodies
            else DESK if not places.isdisjoint(k.departments)
            else NOBODY
            for k in board.keepers
        ],
        dtype=np.int8,
    )  # fmt: skip


def open_reports() -> dict[tuple[str, int], int]:
    """How many errors wait, by entry. One query."""
    found: dict[tuple[str, int], int] = {}
    rows = ErrorReport.objects.filter(state=ReportState.OPEN)
    for provider, offer in rows.values_list("provider_id", "offer_id"):
        key = (OFFER, offer) if offer else (PROVIDER, provider)
        found[key] = found.get(key, 0) + 1
    return found


def find(
    board: Board, scope: Scope, asked: Asked, today: date, reports: Mapping[Any, int]
) -> Found:
    """Apply the filters: text, family and kind first, then the state, each of which is counted."""
    kept = scope.seen & _matching(board, asked)
    contacts = int(np.count_nonzero(kept & board.official))
    if not asked.contacts:
        kept &= ~board.official
    masks = _masks(board, scope, today, reports)
    scores = board.scores(today)
    chosen = np.flatnonzero(kept & masks[asked.state])
    order = {
        "": (board.rank, scores),
        "date": (board.rank, np.minimum(board.due, board.closes)),
        "titre": (board.rank,),
    }[asked.sort]
    sorted_lines = chosen[np.lexsort([values[chosen] for values in order])]
    return Found(
        numbers=sorted_lines,
        counts={code: int(np.count_nonzero(kept & mask)) for code, mask in masks.items()},
        mean=round(float(scores[chosen].mean())) if chosen.size else None,
        families=_families(board, kept, today),
        contacts=contacts,
    )


def _matching(board: Board, asked: Asked) -> BoolArray:
    kept = np.ones(len(board.keys), dtype=np.bool_)
    if asked.family:
        kept &= board.family == [code for code, _ in FAMILIES].index(asked.family)
    if asked.kind:
        kinds = (kind == asked.kind for kind, _ in board.keys)
        kept &= np.fromiter(kinds, dtype=np.bool_, count=len(board.keys))
    if asked.text:
        hits = np.zeros(len(board.keys), dtype=np.bool_)
        hits[named(board, asked.text)] = True
        kept &= hits
    return kept


def named(board: Board, text: str) -> list[int]:
    """Lines whose names have a word beginning with each word of `text`, accents aside."""
    needles = [f" {word}" for word in words(text)]
    if not needles:
        return []
    return [n for n, name in enumerate(board.names) if all(word in name for word in needles)]


def _masks(
    board: Board, scope: Scope, today: date, reports: Mapping[Any, int]
) -> dict[str, BoolArray]:
    reported = np.fromiter((key in reports for key in board.keys), dtype=np.bool_)
    return {
        "": np.ones(len(board.keys), dtype=np.bool_),
        "jamais": board.unconfirmed & ~board.aside,
        "a-confirmer": board.late(today, NOTICE_DAYS),
        "de-cote": board.aside,
        "lien": board.broken,
        "signalees": reported,
        "closes": board.closes < today.toordinal(),
        "sans-responsable": scope.owners[board.provider] == NOBODY,
    }


def _families(board: Board, kept: BoolArray, today: date) -> tuple[FamilyLine, ...]:
    """Each family that has entries: fresh, never confirmed, to confirm, set aside."""
    late, size = board.late(today), len(FAMILIES)
    aside = np.bincount(board.family[kept & board.aside], minlength=size)
    due = np.bincount(board.family[kept & late], minlength=size)
    young = kept & ~late & ~board.aside
    never = np.bincount(board.family[young & board.unconfirmed], minlength=size)
    fresh = np.bincount(board.family[young & ~board.unconfirmed], minlength=size)
    lines = [
        FamilyLine(label, int(fresh[n]), int(never[n]), int(due[n]), int(aside[n]))
        for n, (_, label) in enumerate(FAMILIES)
    ]
    return tuple(line for line in lines if line.total)
