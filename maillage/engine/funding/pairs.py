"""Aids that do not go together: what the law forbids, and the same aid asked twice.

Read here once, for the checks of a plan and for the program that searches one. Two aids that share
no line go together, whatever they are. Only aids that have something in common (a fund, a scheme, a
name) are compared: of hundreds of them, few pairs are looked at.
"""

import re
from collections.abc import Hashable, Iterable, Sequence
from itertools import combinations, product
from typing import NamedTuple

from maillage.engine.funding.linesets import LineSets
from maillage.engine.funding.rules import Law
from maillage.engine.funding.types import OWN, STATE_CGCT, STATE_OTHER, Fund, Resource

#: Grants of the State other than the DETR.
_OTHER_STATE = (STATE_CGCT | STATE_OTHER) - {Fund.DETR}


class Pair(NamedTuple):
    """Two resources, by their places; ``sure``, or only to be asked about."""

    first: int
    second: int
    sure: bool


def forbidden(resources: Sequence[Resource], law: Law) -> list[Pair]:
    """F34: the pairs of schemes or funds that the rule forbids, « a|b »."""
    return _forbidden(resources, law).pairs()


def not_together(resources: Sequence[Resource], law: Law) -> list[Pair]:
    """What is `forbidden`; then, to be asked, the DETR with another grant of the State that the
    rule does not allow, as the State's list is not all known here.
    """
    found = _forbidden(resources, law)
    detr = [n for n, one in enumerate(resources) if one.fund is Fund.DETR]
    state = [n for n, one in enumerate(resources) if one.fund in _OTHER_STATE]
    if detr and state:
        allowed = law.pairs("pairs", "allowed")
        told = frozenset(name for pair in allowed for name in pair)
        # Of what an aid may be called, only the names that the rule speaks of.
        names = {n: _names(resources[n]) & told for n in (*detr, *state)}
        doubt = {
            (ours, theirs): not _any(allowed, ours, theirs)
            for ours, theirs in product({names[n] for n in detr}, {names[n] for n in state})
        }
        doubtful = ((n, m) for n, m in product(detr, state) if doubt[names[n], names[m]])
        found.add(doubtful, sure=False)
    return found.pairs()


def same_aid(resources: Sequence[Resource]) -> list[Pair]:
    """The same scheme twice. What the bearer brings is no aid."""
    return _same(resources).pairs()


def asked_twice(resources: Sequence[Resource]) -> list[Pair]:
    """What is the `same_aid`; then, to be asked, the same grant of the CGCT, or the same name from
    the same fund.
    """
    found = _same(resources)
    alike: dict[Hashable, list[int]] = {}
    for n, one in enumerate(resources):
        grant = one.fund in STATE_CGCT
        if one.fund not in OWN:
            alike.setdefault(one.fund if grant else (one.fund, one.label.casefold()), []).append(n)
    for group in alike.values():
        found.add(combinations(group, 2), sure=False)
    return found.pairs()


def _forbidden(resources: Sequence[Resource], law: Law) -> "_Found":
    found = _Found(resources)
    pairs = law.pairs("pairs", "forbidden")
    if pairs:
        bearing: dict[str, list[int]] = {}
        for n, one in enumerate(resources):
            for code in _codes(one):
                bearing.setdefault(code, []).append(n)
        for left, right in pairs:
            found.add(product(bearing.get(left, ()), bearing.get(right, ())), sure=True)
    return found


def _same(resources: Sequence[Resource]) -> "_Found":
    found = _Found(resources)
    same: dict[str, list[int]] = {}
    for n, one in enumerate(resources):
        if one.scheme and one.fund not in OWN:
            same.setdefault(one.scheme, []).append(n)
    for group in same.values():
        found.add(combinations(group, 2), sure=True)
    return found


class _Found:
    """The pairs found, of resources that may pay a same line. What is sure is added first."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._resources = resources
        self._sets = LineSets()
        self._sure: dict[tuple[int, int], bool] = {}

    def add(self, pairs: Iterable[tuple[int, int]], *, sure: bool) -> None:
        """Keep those that share a line; a resource is not apart from itself."""
        resources, bits, kept = self._resources, self._sets.bits, self._sure
        for n, m in pairs:
            here, there = bits(resources[n].lines), bits(resources[m].lines)
            # Tied to nothing (0): it may pay every line.
            if n != m and (here & there or not here or not there):
                kept.setdefault((n, m) if n < m else (m, n), sure)

    def pairs(self) -> list[Pair]:
        """What was found, in the order of the resources, what is sure first."""
        found = [Pair(n, m, sure) for (n, m), sure in self._sure.items()]
        return sorted(found, key=lambda pair: (not pair.sure, pair.first, pair.second))


def _any(pairs: Iterable[tuple[str, str]], names: frozenset[str], others: frozenset[str]) -> bool:
    """Whether two aids are, in one order or the other, one of these pairs."""
    return any(
        (left in names and right in others) or (right in names and left in others)
        for left, right in pairs
    )


def _codes(one: Resource) -> frozenset[str]:
    return frozenset({one.scheme, one.fund.value})


def _names(one: Resource) -> frozenset[str]:
    """What an aid may be called: its codes, and every beginning of its identifier or its label
    (« fonds-vert-renovation-batiments » is of the « fonds-vert »).
    """
    found = set(_codes(one))
    for text in (one.scheme, one.label):
        words = re.findall(r"\w+", text.casefold())
        found |= {"-".join(words[:size]) for size in range(1, len(words) + 1)}
    return frozenset(found)
