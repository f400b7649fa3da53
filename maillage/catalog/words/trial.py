"""« Essayer »: what a change of the words would do to the answers, before anything is saved.

A snapshot is built apart, from the offers held in memory and the knowledge with the change; the
same needs are answered by both. What is shown « avec » is what is answered once it is saved.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import Final

from maillage.catalog.snapshot import in_order, knowledge, shelf
from maillage.catalog.words import examples
from maillage.engine import types
from maillage.engine.orientation import orient
from maillage.engine.snapshot import Snapshot, build_snapshot
from maillage.engine.types import Need, Orientation, Proposal, Territory
from maillage.engine.vocabulary import Kind

#: Answers compared, and needs tried at once.
SHOWN: Final = 10
MOST_NEEDS: Final = 6
#: Seconds during which a trial waits for another of the same process to end.
PATIENCE: Final = 20.0
_one_at_a_time = threading.Lock()


class Busy(Exception):
    """Other trials are under way: nothing was tried."""


@dataclass(frozen=True, slots=True)
class Change:
    """What would be saved, and what leaves for it (the id of a type, an expression): "" for
    something new. ``words`` are those of the offer ``offer``.
    """

    project_type: types.ProjectType | None = None
    former_type: str = ""
    entry: types.ThesaurusEntry | None = None
    former_entry: str = ""
    offer: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of an answer. ``move`` is « nouveau », « sorti », "" or how many places it moves up
    (negative: down).
    """

    id: str
    title: str
    provider: str
    funding: bool
    move: int | str = ""

    @property
    def fall(self) -> int:
        """How many places it moves down; 0 when it does not."""
        return -self.move if isinstance(self.move, int) and self.move < 0 else 0


@dataclass(frozen=True, slots=True)
class Side:
    """What is understood of a need and what it is answered, at most `SHOWN` lines."""

    types: tuple[str, ...]
    suggestions: tuple[str, ...]
    readings: tuple[types.Reading, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """A need answered now and with the change; ``sentence`` says what moves."""

    text: str
    now: Side
    then: Side
    rows: tuple[tuple[int, Answer | None, Answer | None], ...]
    sentence: str
    same: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """All the needs tried, and the example phrases of other types that would be read otherwise."""

    tried: tuple[Tried, ...]
    shifts: tuple[examples.Shift, ...]

    @property
    def changed(self) -> int:
        """How many needs are answered otherwise."""
        return sum(not one.same for one in self.tried)


def run(change: Change, needs: Sequence[str], territory: Territory | None, today: date) -> Trial:
    """Try `change` on `needs`. Raises `Busy` when other trials take too long."""
    with _turn():
        now = shelf().snapshot
        then = snapshot_with(change, now)
        tried = tuple(_tried(text, now, then, territory, today) for text in needs[:MOST_NEEDS])
        return Trial(tried, examples.shifts(_types_of(change, now), now, then))


@contextmanager
def _turn() -> Iterator[None]:
    """One trial at a time by process, so that pages go on being served beside it."""
    if not _one_at_a_time.acquire(timeout=PATIENCE):
        raise Busy
    try:
        yield
    finally:
        _one_at_a_time.release()


def snapshot_with(change: Change, now: Snapshot) -> Snapshot:
    """The snapshot that would be in force once `change` is saved."""
    known = knowledge()
    offers = now.offers
    if change.offer:
        offers = tuple(
            replace(o, words=change.words) if o.id == change.offer else o for o in offers
        )
    kinds = [t for t in known.project_types if t.id != change.former_type]
    entries = [e for e in known.thesaurus if e.expression != change.former_entry]
    if change.project_type:
        kinds.append(change.project_type)
    if change.entry:
        entries.append(change.entry)
    return build_snapshot(
        types.Catalogue(offers, now.experiences, tuple(kinds), in_order(entries), known.version),
        now.vectors,
    )


def _types_of(change: Change, now: Snapshot) -> list[types.ProjectType]:
    """The type that changes, as it is and as it would be; none for another change."""
    held = [t for t in now.recogniser.types if t.id == change.former_type]
    return held + ([change.project_type] if change.project_type else [])


def answers(found: Orientation) -> list[Proposal]:
    """The first answers, in the order of the page: who helps, then who pays."""
    helping = [one for one in found.help if one.adequate]
    seen = {one.offer.id for one in helping}
    return list(chain(helping, (p for p in found.funding if p.offer.id not in seen)))[:SHOWN]


def _tried(
    text: str, now: Snapshot, then: Snapshot, territory: Territory | None, today: date
) -> Tried:
    found = [orient(Need(text), held, territory, today) for held in (now, then)]
    before, after = (answers(one) for one in found)
    places = {one.offer.id: n for n, one in enumerate(before)}
    kept = {one.offer.id for one in after}
    left = tuple(_answer(p, "" if p.offer.id in kept else "sorti") for p in before)
    right = tuple(
        _answer(p, places[p.offer.id] - n if p.offer.id in places else "nouveau")
        for n, p in enumerate(after)
    )
    sides = [
        Side(
            types=tuple(kind.label for kind in one.understanding.types),
            suggestions=tuple(kind.label for kind in one.understanding.suggestions),
            readings=one.understanding.readings,
            answers=lines,
        )
        for one, lines in zip(found, (left, right), strict=True)
    ]
    count = max(len(left), len(right))
    rows = tuple(
        (n + 1, left[n] if n < len(left) else None, right[n] if n < len(right) else None)
        for n in range(count)
    )
    sentence = _sentence(sides[0], sides[1])
    return Tried(text, sides[0], sides[1], rows, sentence, same=not sentence)


def _answer(proposal: Proposal, move: int | str) -> Answer:
    offer = proposal.offer
    funding = offer.kind is Kind.FUNDING
    return Answer(offer.id, offer.title, offer.provider_name, funding, move)


def _sentence(now: Side, then: Side) -> str:
    """What changes, in words; "" when nothing does."""
    moves = [one.move for one in then.answers]
    counts = (
        (moves.count("nouveau"), "nouvelle réponse", "nouvelles réponses"),
        (sum(one.move == "sorti" for one in now.answers), "sort", "sortent"),
        (sum(isinstance(m, int) and m > 0 for m in moves), "monte", "montent"),
        (sum(isinstance(m, int) and m < 0 for m in moves), "descend", "descendent"),
    )
    said = [f"{n} {many if n > 1 else one}" for n, one, many in counts if n]
    if now.types != then.types:
        said.insert(0, "le projet est compris autrement")
    elif now.readings != then.readings:
        said.insert(0, "les mots sont lus autrement")
    return ", ".join(said)
