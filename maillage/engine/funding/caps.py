"""Caps of public aid: with a grant of the CGCT (F8), with another grant of the State (F16).

A cap is a share of what is invested, and of what each grant pays: each grant is looked at on its
own lines (a *base*), then the whole. An aid that is tied to no line may pay any of them, so on a
base one knows what public aids bring at the least (what is tied there, what finds no room
elsewhere) and at the most (all that may pay there). At the least beyond the cap, the plan fails; at
the most under it, it holds; between the two, nobody can tell.
"""

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from maillage.engine.funding.change import Part, lowered, made, merged, taken
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

#: Bases times sets of lines up to which what is surely on each is read exactly; sets up to which
#: the smallest change is tried until it holds, and how many times. Beyond, one does not wait.
_EXACT: Final = 400
_FEW: Final = 60
_ROUNDS: Final = 8


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
    measures = _measures(ledger, bases, share)
    if any(one.beyond > 0 for one in measures):
        return _broken(plan, law, name, measures, grants)
    whole = _Measure(ledger.invested, ledger.touching(PUBLIC, ledger.invested),
                     ledger.cost(ledger.invested), share)  # fmt: skip
    gap = up(whole.beyond) if whole.beyond > 0 else None
    if _may_pass(ledger, bases, share):
        return unknown(
            name, rule,
            f"Les aides publiques font {euros(whole.public)} et le plafond est de {percent(share)} "
            "de ce que l'État paie : tout dépend des dépenses que chacune paie.",
            whole.figures, f"{TIE}.", gap,
        )  # fmt: skip
    if gap:
        return unknown(
            name, rule,
            f"Les aides publiques font {euros(whole.public)}, {whole.rate} de tout le projet. Sur "
            f"les seules dépenses que l'État paie, le plafond de {percent(share)} tient.",
            whole.figures, "Demandez à la préfecture sur quelles dépenses elle le compte.", gap,
        )  # fmt: skip
    return holds(
        name, rule,
        f"Les aides publiques font {euros(whole.public)}, {whole.rate} : au plus "
        f"{percent(share)}.", whole.figures,
    )  # fmt: skip


def _measures(ledger: Ledger, bases: Collection[Bits], share: Decimal) -> list[_Measure]:
    """What public aids surely pay on each base, the smallest bases first: read at once, then
    exactly if nothing is passed and the plan is not too large.
    """
    measures = [
        _Measure(base, ledger.surely_on(PUBLIC, base), ledger.cost(base), share)
        # Of several, always in the same order: by the names of their lines.
        for base in sorted(bases, key=lambda base: (base.bit_count(), sorted(ledger.ids(base))))
    ]
    if max(one.beyond for one in measures) > 0 or len(bases) * ledger.sets > _EXACT:
        return measures
    return [
        one._replace(public=ledger.least_on(PUBLIC, one.lines))
        if ledger.touching(PUBLIC, one.lines) > share * one.eligible
        else one
        for one in measures
    ]


def _broken(
    plan: Plan, law: Law, name: str, measures: Sequence[_Measure], grants: Sequence[Resource]
) -> Check:  # fmt: skip
    """The cap is passed on some of these lines: take so much of public aid away, or give up the
    `grants` that bring the cap with them, if they are less.
    """
    parts, more = _mended(plan, name, measures)
    gap = sum((part.amount for part in parts), ZERO)
    change = lowered(plan, parts)
    given = sum((r.amount for r in grants), ZERO)
    if given < gap:
        gap, more = given, ""
        names = named([r.label for r in grants])
        change = f"Renoncez à {names} ({euros(gap)}) : ce plafond ne s'appliquera plus."
    ledger, on = Ledger(plan), max(measures, key=lambda one: one.beyond)
    where = "Les aides publiques font"
    if on.lines != ledger.every:
        labels = [line.label for line in plan.costs if ledger.bits((line.id,)) & on.lines]
        least = " au moins" if on.public < ledger.touching(PUBLIC, on.lines) else ""
        where = f"Pour {named(labels)}, les aides publiques font{least}"
    return fails(
        name, law[name],
        f"{where} {euros(on.public)}, {on.rate} : le plafond est de {percent(on.share)}, soit "
        f"{euros(on.cap)}.", on.figures, f"{change}{more}", gap,
    )  # fmt: skip


def _mended(plan: Plan, name: str, measures: Sequence[_Measure]) -> tuple[list[Part], str]:
    """What is to be taken from which aids for the cap to be passed no more, and what is still to be
    said after. Of a plan so large that trying would be long, the first of it.

    The smallest bases first: what is taken there is taken from the wider ones too.
    """
    funds, share = {"state-cap": STATE_CGCT, "public-cap": STATE_OTHER}[name], measures[0].share
    found: list[Part] = []
    ledger, after = Ledger(plan), plan
    for _ in range(_ROUNDS if ledger.sets <= _FEW else 1):
        on = next(one for one in measures if one.beyond > 0)
        found = merged([*found, *_pressed(after, ledger, on)], plan)
        after = made(plan, found)
        grants = [r for r in after.counted if r.fund in funds and r.amount]
        ledger = Ledger(after)
        bases = {ledger.paid_by(r) & ledger.invested for r in grants} - {0}
        if not bases:
            return found, ""
        measures = _measures(ledger, bases, share)
        if all(one.beyond <= 0 for one in measures):
            return found, f" {TIE}." if _may_pass(ledger, bases, share) else ""
    return found, " Il en faudra davantage : vérifiez de nouveau."


def _pressed(plan: Plan, ledger: Ledger, on: _Measure) -> list[Part]:
    """What is too much on a base, of the aids that pay nothing else first, then of those that have
    no room elsewhere.
    """
    pressed = ledger.squeezed(PUBLIC, on.lines)

    def rank(one: Resource) -> int:
        bits = ledger.paid_by(one)
        return 0 if not bits & ~on.lines else 1 if bits in pressed else 2

    aids = (r for r in plan.counted if r.fund in PUBLIC and ledger.paid_by(r) & on.lines)
    return taken(aids, up(on.beyond), rank)


def _may_pass(ledger: Ledger, bases: Iterable[Bits], share: Decimal) -> bool:
    """Whether some way of sharing out what is free passes the cap on one of these bases."""
    costs = ((ledger.touching(PUBLIC, base), ledger.cost(base)) for base in bases)
    return any(min(public, cost) > share * cost for public, cost in costs)
