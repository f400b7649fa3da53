"""Caps of public aid: with a grant of the CGCT (F8), with another grant of the State (F16).

A cap is a share of what is invested, and of what each grant pays: each grant is looked at on its
own lines (a *base*), then the whole. An aid that is tied to no line may pay any of them, so on a
base one knows what public aids bring at the least (what is tied there, what finds no room
elsewhere) and at the most (all that may pay there). At the least beyond the cap, the plan fails; at
the most under it, it holds; between the two, nobody can tell.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from maillage.engine.funding.ledger import Ledger
from maillage.engine.funding.linesets import Bits
from maillage.engine.funding.outcome import TIE, fails, holds, out, unknown
from maillage.engine.funding.rules import Law
from maillage.engine.funding.types import (
    PUBLIC,
    STATE_CGCT,
    STATE_OTHER,
    ZERO,
    Check,
    Euros,
    Figure,
    Fund,
    Plan,
    Resource,
)
from maillage.engine.funding.words import beside, down, euros, named, percent, up


class _Measure(NamedTuple):
    """Public aid on some lines, what these cost, and the share of it that is the cap."""

    lines: Bits
    public: Euros
    eligible: Euros
    share: Decimal

    @property
    def beyond(self) -> Euros:
        """How far above the cap; negative when under."""
        return self.public - self.share * self.eligible

    @property
    def cap(self) -> Euros:
        """The most that public aid may be, to the cent."""
        return down(self.share * self.eligible)

    @property
    def rate(self) -> str:
        """What public aid is of the cost, in words."""
        if not self.eligible:
            return "sans dépense"
        return f"{beside(self.public / self.eligible, self.share)} de la dépense"

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The numbers of the check."""
        return (
            Figure("Aides publiques", self.public),
            Figure("Dépense subventionnable", self.eligible),
            Figure("Plafond", self.cap),
        )


def state_cap(plan: Plan, law: Law) -> Iterable[Check]:
    """F8: with a grant of the CGCT, direct public aid stays under its share of what is eligible."""
    yield _cap(plan, law, "state-cap", STATE_CGCT, "Pas de DETR, DSIL, DSID ni DPV au plan.")


def public_cap(plan: Plan, law: Law) -> Iterable[Check]:
    """F16: with another grant of the State, public aid stays under what is eligible."""
    yield _cap(plan, law, "public-cap", STATE_OTHER, "Pas d'autre subvention de l'État au plan.")


def _cap(plan: Plan, law: Law, name: str, funds: frozenset[Fund], absent: str) -> Check:
    """The verdict: on each base what is surely there, then the whole."""
    rule = law[name]
    grants = [r for r in plan.counted if r.fund in funds and r.amount]
    if not grants:
        return out(name, rule, absent)
    ledger, share = Ledger(plan), law.number(name, "share")
    bases = {ledger.paid_by(r) & ledger.invested for r in grants} - {0}
    if not bases:
        only = "Elle ne paie ici que du fonctionnement : ce plafond vise l'investissement."
        return out(name, rule, only)
    tied = _furthest(ledger, bases, share)
    if tied.beyond > 0:
        within = [r for r in grants if not ledger.paid_by(r) & ledger.invested & ~tied.lines]
        return _broken(name, law, tied, tied.beyond, within)
    whole = _Measure(ledger.invested, ledger.touching(PUBLIC, ledger.invested),
                     ledger.cost(ledger.invested), share)  # fmt: skip
    if whole.beyond > 0:
        surely = max(ledger.surely_on(PUBLIC, b) - share * ledger.cost(b) for b in bases)
        if surely > 0:
            return _broken(name, law, whole, min(whole.beyond, surely), grants)
    if whole.beyond > 0 or _may_pass(ledger, bases, share):
        return unknown(
            name, rule,
            f"Les aides publiques font {euros(whole.public)} et le plafond est de {percent(share)} "
            "de ce que l'État paie : tout dépend des dépenses que chacune paie.",
            whole.figures, f"{TIE}.", up(whole.beyond) if whole.beyond > 0 else None,
        )  # fmt: skip
    return holds(
        name, rule,
        f"Les aides publiques font {euros(whole.public)}, {whole.rate} : au plus "
        f"{percent(share)}.", whole.figures,
    )  # fmt: skip


def _furthest(ledger: Ledger, bases: Iterable[Bits], share: Decimal) -> _Measure:
    """The base on which what is tied there is the furthest above its cap, or the nearest under."""
    measures = [
        _Measure(base, ledger.inside(PUBLIC, base), ledger.cost(base), share) for base in bases
    ]
    most = max(one.beyond for one in measures)
    # Of several, always the same one: by the names of its lines.
    return max((one for one in measures if one.beyond == most),
               key=lambda one: sorted(ledger.ids(one.lines)))  # fmt: skip


def _broken(name: str, law: Law, on: _Measure, beyond: Euros, grants: Sequence[Resource]) -> Check:
    """The cap is passed by `beyond`: take so much of public aid away, or give up the `grants` that
    bring the cap with them, if they are less.
    """
    gap = up(beyond)
    change = f"Retirez {euros(gap)} d'aides publiques."
    given = sum((r.amount for r in grants), ZERO)
    if given < gap:
        gap = given
        names = named([r.label for r in grants])
        change = f"Renoncez à {names} ({euros(gap)}) : ce plafond ne s'appliquera plus."
    return fails(
        name, law[name],
        f"Les aides publiques font {euros(on.public)}, {on.rate} : le plafond est de "
        f"{percent(on.share)}, soit {euros(on.cap)}.", on.figures, change, gap,
    )  # fmt: skip


def _may_pass(ledger: Ledger, bases: Iterable[Bits], share: Decimal) -> bool:
    """Whether some way of sharing out what is free passes the cap on one of these bases."""
    costs = ((ledger.touching(PUBLIC, base), ledger.cost(base)) for base in bases)
    return any(min(public, cost) > share * cost for public, cost in costs)
