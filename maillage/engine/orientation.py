"""The answer: closest adequate help first, what could pay, who has done it, what was set aside.

The order is a rule, not a score: among adequate proposals a closer ring always comes before a
farther one, and the score only orders within a ring. A proposal is adequate when it speaks enough
of the need, in itself (absolute threshold) and beside the best that is eligible here (relative
threshold): a weak local offer therefore does not hide a good national one.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from maillage.engine.adequacy import answers
from maillage.engine.advice import branch_for
from maillage.engine.eligibility import (
    EVERYWHERE,
    BoolArray,
    Rule,
    exclusion,
    first_failures,
    is_generic,
    to_check,
)
from maillage.engine.experiences import similar_experiences
from maillage.engine.explanation import generalist_reasons, reasons_for
from maillage.engine.ranking import Scores, best_first, score_entries
from maillage.engine.snapshot import Snapshot
from maillage.engine.types import (
    Need,
    Orientation,
    Proposal,
    SetAside,
    Territory,
)
from maillage.engine.understanding import ReadNeed, read_need
from maillage.engine.vocabulary import PHASES, Level, State

#: Adequate: at least this score, and this share of the best eligible score.
ADEQUATE: Final = 0.35
ADEQUATE_SHARE: Final = 0.45
#: The same for what resembles no recognised type.
ADEQUATE_UNLIKE: Final = 0.4
#: When the text was not understood, only what holds its very words: their share (words that
#: nothing knows included) and the score.
DOUBT_WORDS: Final = 0.5
DOUBT_SCORE: Final = 0.5
#: How many are shown.
BY_RING: Final = 6
GENERALISTS_BY_RING: Final = 3
#: Sure contacts of a ring, by the start of their id: desk, sub-préfecture, DDT, council.
CONTACTS: Final = ("guichet-", "sous-prefecture", "ddt", "conseil-departemental")
FUNDING_SHOWN: Final = 10
SET_ASIDE_SHOWN: Final = 12
_PHASE_BITS: Final = {p: 1 << i for i, p in enumerate(PHASES)}


def orient(
    need: Need,
    snapshot: Snapshot,
    territory: Territory | None = None,
    today: date | None = None,
) -> Orientation:
    """Answer a need, from a territory, on a day.

    Without a territory, only what is valid everywhere (keys ``FR`` and ``DEP``) is proposed.
    Without a day, no offer is excluded for its dates. Never raises, whatever the text is; ties
    are broken by id.
    """
    read = read_need(need, snapshot)
    facts = snapshot.facts
    scores = score_entries(
        read, snapshot.index, facts.themes, snapshot, facts.phases,
        _PHASE_BITS.get(read.phase or "", 0),
    )  # fmt: skip
    place = territory or Territory(code="", name="", keys=EVERYWHERE)
    failed = first_failures(facts, place, need.audience, today, need.phase)
    eligible = failed == Rule.NONE
    specific = ~facts.generalist
    shares, resembling = answers(read, snapshot.index, snapshot.core, facts.themes, snapshot)
    shares &= resembling | (scores.total >= ADEQUATE_UNLIKE)
    adequate = _speaks(scores, eligible & specific, read) & shares
    explain = _Explainer(read, scores, snapshot, territory, today)
    help_ = _help(scores.total, adequate & facts.engineering, eligible, explain, snapshot)
    money = best_first(scores.total, adequate & facts.funding, FUNDING_SHOWN)
    relevant = _speaks(scores, specific, read) & shares & ~eligible
    shown = best_first(scores.total, relevant, SET_ASIDE_SHOWN)
    counted = np.bincount(failed[relevant], minlength=len(Rule))
    summary = [(rule.code, int(counted[rule])) for rule in Rule if counted[rule]]
    counts, certain = _bodies(help_)
    return Orientation(
        understanding=read.understanding,
        help=help_,
        funding=tuple(explain.proposal(n, True) for n in _close_first(money, scores, snapshot)),
        experiences=similar_experiences(read, snapshot, territory),
        set_aside=tuple(
            SetAside(
                snapshot.offers[n],
                _shown_score(scores.total[n]),
                exclusion(snapshot.offers[n], Rule(int(failed[n])), territory),
            )
            for n in shown
        ),
        set_aside_total=int(relevant.sum()),
        set_aside_summary=tuple(sorted(summary, key=lambda item: (-item[1], item[0]))),
        branch=branch_for(counts, read, territory, certain),
    )


def _bodies(shown: Sequence[Proposal]) -> tuple[dict[str, int], bool]:
    """How many bodies (not offers) answer, by level code, and whether a local one surely does.

    Only those shown are counted. Those of the demonstration stand beside real bodies of the same
    kind: they count only in a ring that has no other.
    """
    counts: dict[str, int] = {}
    certain = False
    for level in Level:
        ring = [p.offer for p in shown if p.adequate and p.offer.level is level]
        real = [o for o in ring if o.state is not State.DEMONSTRATION] or ring
        counts[level.code] = len({o.provider_id for o in real})
        if level < Level.NATIONAL:
            certain |= any(o.state is not State.TO_CONFIRM and not is_generic(o) for o in real)
    return counts, certain


def _shown_score(score: float) -> float:
    return round(min(float(score), 1.0), 4)


def _speaks(scores: Scores, among: BoolArray, read: ReadNeed) -> BoolArray:
    """Which entries speak enough of the need, beside the best of ``among``."""
    totals = scores.total
    if read.understanding.empty or not among.any():
        return np.zeros(len(totals), dtype=np.bool_)
    best = float(totals[among].max())
    enough = among & (totals >= max(ADEQUATE, ADEQUATE_SHARE * best))
    if not read.understanding.confident:
        known = sum(w.term >= 0 for w in read.words) / max(len(read.words), 1)
        enough &= (scores.words * known >= DOUBT_WORDS) & (totals >= DOUBT_SCORE)
    return np.asarray(enough, dtype=np.bool_)


def _help(
    totals: npt.NDArray[np.float64],
    adequate: BoolArray,
    eligible: BoolArray,
    explain: "_Explainer",
    snapshot: Snapshot,
) -> tuple[Proposal, ...]:
    """The adequate ones by ring, closest first; then the sure contacts, by ring too."""
    facts = snapshot.facts
    good: list[int] = []
    sure: list[int] = []
    contacts = eligible & facts.generalist & facts.engineering
    for level in Level:
        ring = facts.level == level
        answering = best_first(totals, adequate & ring, BY_RING)
        good.extend(answering)
        room = min(GENERALISTS_BY_RING, max(BY_RING - len(answering), 1))
        numbers = [int(n) for n in np.flatnonzero(contacts & ring)]
        sure.extend(sorted(numbers, key=lambda n: _contact_rank(snapshot.offers[n].id))[:room])
    return (
        *(explain.proposal(n, True) for n in good),
        *(explain.proposal(n, False) for n in sure),
    )


def _contact_rank(identifier: str) -> tuple[int, str]:
    """The order of the contacts of a ring: the desk of the préfecture is always there."""
    rank = next((i for i, p in enumerate(CONTACTS) if identifier.startswith(p)), len(CONTACTS))
    return rank, identifier


def _close_first(numbers: Sequence[int], scores: Scores, snapshot: Snapshot) -> list[int]:
    """By score in steps of five hundredths, the closest first within a step, then by id."""
    level = snapshot.facts.level
    return sorted(numbers, key=lambda n: (-round(float(scores.total[n]) * 20), int(level[n]), n))


class _Explainer:
    """Makes the proposals that are shown; everything costly is done once for all of them."""

    def __init__(self, read: ReadNeed, scores: Scores, snapshot: Snapshot,
                 territory: Territory | None, today: date | None) -> None:  # fmt: skip
        self._read = read
        self._scores = scores
        self._snapshot = snapshot
        self._territory = territory
        self._today = today
        types = snapshot.index.types
        # Only types that were really recognised are given as a reason.
        sure = {snapshot.type_number[t.id] for t in read.understanding.types}
        self._alike: list[tuple[int, float, npt.NDArray[np.int32], npt.NDArray[np.float32]]] = []
        for number, sureness in read.types:
            if number in sure:
                first, last = int(types.starts[number]), int(types.starts[number + 1])
                self._alike.append(
                    (number, sureness, types.documents[first:last], types.weights[first:last])
                )

    def proposal(self, number: int, adequate: bool) -> Proposal:
        """The proposal of an entry, with its sentence."""
        offer = self._snapshot.offers[number]
        if adequate:
            sentence, reasons = reasons_for(
                offer, self._read, self._found(number), self._types(number),
                self._territory, self._snapshot,
            )  # fmt: skip
        else:
            sentence, reasons = generalist_reasons(offer, self._territory)
        return Proposal(
            offer=offer,
            score=_shown_score(self._scores.total[number]),
            adequate=adequate,
            sentence=sentence,
            reasons=reasons,
            to_check=to_check(offer, self._territory, self._today, self._read.audience),
        )

    def _found(self, number: int) -> dict[int, float]:
        at = np.flatnonzero(self._scores.entries == number)
        terms = self._scores.terms
        return {
            terms[int(r)]: float(v)
            for r, v in zip(self._scores.ranks[at], self._scores.values[at], strict=True)
        }

    def _types(self, number: int) -> list[int]:
        out: list[tuple[float, int]] = []
        for kind, sureness, entries, weights in self._alike:
            at = int(np.searchsorted(entries, number))
            if at < len(entries) and entries[at] == number and weights[at] >= 0.1:
                out.append((-sureness * float(weights[at]), kind))
        return [kind for _, kind in sorted(out)]
