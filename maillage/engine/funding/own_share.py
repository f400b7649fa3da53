"""The bearer's part: at least a fifth of own money on own and public money (F1, F2).

This rule looks at what is invested. A resource that is tied to no line may pay any of them, so a
plan that also runs something may be one that nobody can judge: it then says which lines to tie.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final, NamedTuple

from maillage.engine.funding.change import Part, lowered, made, merged, taken
from maillage.engine.funding.ledger import Ledger
from maillage.engine.funding.outcome import TIE, fails, holds, out, unknown
from maillage.engine.funding.rules import Law, overseas
from maillage.engine.funding.types import (
    OWN,
    PUBLIC,
    ZERO,
    BearerKind,
    Check,
    Euros,
    Figure,
    Fund,
    Plan,
    Resource,
)
from maillage.engine.funding.words import beside, euros, percent, up

#: Sets of lines up to which the smallest change is tried until it holds, and how many times.
_FEW: Final = 60
_ROUNDS: Final = 4


def own_share(plan: Plan, law: Law) -> Iterable[Check]:
    """F1, F2: at least a fifth of own money on own and public money; gifts are outside."""
    rule = law["own-share"]
    if not plan.bearer.local_authority:
        yield out("own-share", rule, "Cette règle vise les collectivités : elle ne s'applique pas.")
        return
    if overseas(plan.bearer, law):
        yield out(
            "own-share", law["own-share-overseas"],
            "Ce territoire d'outre-mer n'est pas soumis à la participation minimale.",
        )  # fmt: skip
        return
    ledger = Ledger(plan)
    lines = ledger.invested
    if not lines:
        only = "Cette règle ne vise que l'investissement et ses études."
        yield out("own-share", rule, only if plan.costs else "Il n'y a pas encore de dépense.")
        return
    part = _part(ledger)
    base, share = part.own + part.public, law.number("own-share", "share")
    figures = (
        Figure("Fonds propres et emprunt", part.own),
        Figure("Aides publiques", part.public),
        Figure("Part minimale", share * 100, "%"),
    )
    if base == 0:
        yield out("own-share", rule, "Ni argent public ni fonds propres : rien à partager.")
    elif part.own >= share * base:
        more = _lead(law, part.own / base)
        yield holds(
            "own-share", rule,
            f"La collectivité garde {percent(part.own / base)} à sa charge ({euros(part.own)} sur "
            f"{euros(base)}) : au moins {percent(share)}.{more}", figures,
        )  # fmt: skip
    else:
        yield _too_little(plan, law, ledger, part, figures)


class _Part(NamedTuple):
    """What pays what is invested: the most of own money, the most of public money, the least of
    public money.
    """

    own: Euros
    public: Euros
    least: Euros

    def lacks(self, share: Decimal) -> Euros:
        """Of the least public money, what is to become own money; negative when there is enough."""
        return share * (self.own + self.least) - self.own


def _part(ledger: Ledger) -> _Part:
    lines = ledger.invested
    public = ledger.touching(PUBLIC, lines)
    if lines == ledger.every:
        return _Part(ledger.touching(OWN, lines), public, public)
    return _Part(ledger.most_on(OWN, lines), public, ledger.least_on(PUBLIC, lines))


def _lead(law: Law, share: Decimal) -> str:
    """F5: what is said of the fields that have a leader, under their own share."""
    if "lead-share" not in law or share >= law.number("lead-share", "share"):
        return ""
    least = percent(law.number("lead-share", "share"))
    return f" Dans un domaine à chef de file, ce serait {least}."


def _too_little(
    plan: Plan, law: Law, ledger: Ledger, part: _Part, figures: tuple[Figure, ...]
) -> Check:
    """Less than the share on the whole: it fails, unless what is not known may save it."""
    own, base, rule = part.own, part.own + part.public, law["own-share"]
    share = law.number("own-share", "share")
    said = (
        f"La collectivité garde {beside(own / base, share)} à sa charge ({euros(own)} sur "
        f"{euros(base)}) : il faut au moins {percent(share)}"
    )
    if part.lacks(share) <= 0:
        return unknown(
            "own-share", rule, f"{said} de l'investissement, fonctionnement mis à part.", figures,
            f"{TIE} : ce qui ne paie que du fonctionnement ne compte pas.", up(share * base - own),
        )  # fmt: skip
    if part.least < part.public or ledger.invested != ledger.every:
        base = own + part.least
        said = (
            f"De l'investissement, la collectivité garde au plus {beside(own / base, share)} à sa "
            f"charge ({euros(own)} sur {euros(base)}) : il faut au moins {percent(share)}"
        )
        figures = (*figures, Figure("Aides publiques pour l'investissement, au moins", part.least))
    gap, lower = up(part.lacks(share)), _lower(plan, law, own / base)
    if lower:
        ask = "Demandez à la préfecture si votre projet y entre."
        return unknown("own-share", law[lower], f"{said}, sauf exception. {law[lower].sentence}",
                       figures, ask, gap)  # fmt: skip
    where = "" if plan.bearer.department else ", sauf outre-mer (le département n'est pas dit)"
    gap, change = _own_change(plan, ledger, part, share)
    if "own-share-waiver" in law:
        change += " Une dérogation du préfet est possible dans quelques domaines, mais rare."
    return fails("own-share", rule, f"{said}{where}.", figures, change, gap)


def _lower(plan: Plan, law: Law, share: Decimal) -> str:
    """The exception (F2) that may let a bearer keep no more than `share`; "" when none may."""
    either = plan.bearer.kind in (BearerKind.COMMUNE, BearerKind.EPCI)
    corsica = either and plan.bearer.department in law.codes("own-share-corsica", "departments")
    if corsica and share >= law.number("own-share-corsica", "share"):
        return "own-share-corsica"
    if _named(plan, law.codes("own-share-renewal", "words")):
        return "own-share-renewal"
    interreg = _named(plan, law.codes("own-share-cooperation", "words"))
    if interreg and share >= law.number("own-share-cooperation", "share"):
        return "own-share-cooperation"
    return ""


def _named(plan: Plan, names: tuple[str, ...]) -> bool:
    """Whether a public aid bears one of these names."""
    public = (r for r in plan.counted if r.fund in PUBLIC and r.amount)
    said = (re.findall(r"\w+", f"{r.scheme} {r.label}".casefold()) for r in public)
    return any(not set(names).isdisjoint(words) for words in said)


def _own_change(plan: Plan, ledger: Ledger, part: _Part, share: Decimal) -> tuple[Euros, str]:
    """The least that is to be done: fill what is missing with own money, else take the place of
    the aids that cannot pay anything but what is invested.
    """
    missing = plan.cost - sum((r.amount for r in plan.counted), ZERO)
    alone, mixed = up(part.lacks(share) / (1 - share)), ledger.invested != ledger.every
    if alone <= missing:
        where = " pour l'investissement" if mixed else ""
        own = Resource("", "", Fund.OWN, alone, lines=plan.invested)
        after = _part(Ledger(replace(plan, resources=(*plan.resources, own))))
        if after.lacks(share) <= 0:
            return alone, (
                f"Ajoutez {euros(alone)} de fonds propres{where} : il manque de toute façon de "
                f"l'argent.{_still(after, share)}"
            )
    found: list[Part] = []
    for _ in range(_ROUNDS if ledger.sets <= _FEW else 1):
        found = merged([*found, *_pressed(plan, found, up(part.lacks(share)))], plan)
        part = _part(Ledger(made(plan, found, swap=True)))
        if part.lacks(share) <= 0:
            break
    gone = sum((one.amount for one in found), ZERO)
    return gone, f"{lowered(plan, found, swap=True)}{_still(part, share)}"


def _still(part: _Part, share: Decimal) -> str:
    """What is still to be said once the least is done: aids that could all pay what is invested."""
    return "" if part.own >= share * (part.own + part.public) else f" {TIE}."


def _pressed(plan: Plan, found: Sequence[Part], amount: Euros) -> list[Part]:
    """So much of the public aids that pay what is invested, first of those that pay nothing else,
    then of those that have no room elsewhere; `found` is taken from them already.
    """
    after = made(plan, found, swap=True)
    ledger = Ledger(after)
    pressed = ledger.squeezed(PUBLIC, ledger.invested)

    def rank(one: Resource) -> int:
        bits = ledger.paid_by(one)
        return 0 if not bits & ~ledger.invested else 1 if bits in pressed else 2

    aids = (r for r in after.counted if r.fund in PUBLIC and ledger.paid_by(r) & ledger.invested)
    return taken(aids, amount, rank)
