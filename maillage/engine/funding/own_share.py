"""The bearer's part: at least a fifth of own money on own and public money (F1, F2).

This rule looks at what is invested. A resource that is tied to no line may pay any of them, so a
plan that also runs something may be one that nobody can judge: it then says which lines to tie.
"""

import re
from collections.abc import Iterable
from decimal import Decimal

from maillage.engine.funding.ledger import Ledger
from maillage.engine.funding.linesets import Bits
from maillage.engine.funding.outcome import TIE, fails, holds, out, unknown
from maillage.engine.funding.rules import Law
from maillage.engine.funding.types import (
    OWN,
    PRIVATE,
    PUBLIC,
    ZERO,
    BearerKind,
    Check,
    Euros,
    Figure,
    Plan,
)
from maillage.engine.funding.words import beside, euros, percent, up


def own_share(plan: Plan, law: Law) -> Iterable[Check]:
    """F1, F2: at least a fifth of own money on own and public money; gifts are outside."""
    rule = law["own-share"]
    if not plan.bearer.local_authority:
        yield out("own-share", rule, "Cette règle vise les collectivités : elle ne s'applique pas.")
        return
    if plan.bearer.department in law.codes("own-share-overseas", "departments"):
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
    own, public = ledger.touching(OWN, lines), ledger.touching(PUBLIC, lines)
    base, share = own + public, law.number("own-share", "share")
    figures = (
        Figure("Fonds propres et emprunt", own),
        Figure("Aides publiques", public),
        Figure("Part minimale", share * 100, "%"),
    )
    tied, most = ledger.inside(PUBLIC, lines), _most_public(ledger, lines, share)
    if base == 0:
        yield unknown("own-share", rule, "Aucun argent public n'est encore au plan.", figures)
    elif lines != ledger.every and tied > most:
        gap = up(tied - most)
        yield fails(
            "own-share", rule,
            f"Les aides attachées à l'investissement ({euros(tied)}) n'y laissent pas "
            f"{percent(share)} à la charge de la collectivité.",
            (*figures, Figure("Aides attachées à l'investissement", tied)),
            f"Remplacez-y {euros(gap)} de subventions par autant de fonds propres.", gap,
        )  # fmt: skip
    elif own >= share * base:
        more = _lead(law, own / base)
        yield holds(
            "own-share", rule,
            f"La collectivité garde {percent(own / base)} à sa charge ({euros(own)} sur "
            f"{euros(base)}) : au moins {percent(share)}.{more}", figures,
        )  # fmt: skip
    else:
        least = ledger.surely_on(PUBLIC, lines)
        yield _too_little(plan, law, (own, public, least), figures)


def _most_public(ledger: Ledger, lines: Bits, share: Decimal) -> Euros:
    """The most that public aids tied to what is invested may bring: the rest is own or given."""
    return (1 - share) * (ledger.cost(lines) - ledger.inside(PRIVATE, lines))


def _lead(law: Law, share: Decimal) -> str:
    """F5: what is said of the fields that have a leader, under their own share."""
    if "lead-share" not in law or share >= law.number("lead-share", "share"):
        return ""
    least = percent(law.number("lead-share", "share"))
    return f" Dans un domaine à chef de file, ce serait {least}."


def _too_little(
    plan: Plan, law: Law, amounts: tuple[Euros, Euros, Euros], figures: tuple[Figure, ...]
) -> Check:
    """Less than the share on the whole: it fails, unless what is not known may save it. `amounts`
    are own money, public money, and the least of it that pays what is invested.
    """
    own, public, least = amounts
    rule, base, share = law["own-share"], own + public, law.number("own-share", "share")
    gap = up(share * base - own)
    said = (
        f"La collectivité garde {beside(own / base, share)} à sa charge ({euros(own)} sur "
        f"{euros(base)}) : il faut au moins {percent(share)}"
    )
    if own >= share * (own + least):
        return unknown(
            "own-share", rule, f"{said} de l'investissement, fonctionnement mis à part.", figures,
            f"{TIE} : ce qui ne paie que du fonctionnement ne compte pas.", gap,
        )  # fmt: skip
    lower = _lower(plan, law, own / base)
    if lower:
        ask = "Demandez à la préfecture si votre projet y entre."
        return unknown("own-share", law[lower], f"{said}, sauf exception. {law[lower].sentence}",
                       figures, ask, gap)  # fmt: skip
    where = "" if plan.bearer.department else ", sauf outre-mer (le département n'est pas dit)"
    change = _own_change(plan, own, public, share, gap)
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


def _own_change(plan: Plan, own: Decimal, public: Decimal, share: Decimal, gap: Decimal) -> str:
    """The least that is to be done: fill what is missing with own money, else take its place."""
    missing = plan.cost - sum((r.amount for r in plan.counted), ZERO)
    alone = up((share * public - (1 - share) * own) / (1 - share))
    if 0 < alone <= missing:
        return f"Ajoutez {euros(alone)} de fonds propres : il manque de toute façon de l'argent."
    return f"Remplacez {euros(gap)} de subventions par autant de fonds propres."
