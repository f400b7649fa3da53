"""Money that calls money: the fonds de concours (F20) and LEADER (F21)."""

from collections.abc import Iterable

from maillage.engine.funding.cashflow import fctva
from maillage.engine.funding.ledger import Ledger
from maillage.engine.funding.outcome import fails, holds, out, unknown
from maillage.engine.funding.rules import Law
from maillage.engine.funding.types import (
    NATIONAL_PUBLIC,
    OWN,
    PRIVATE,
    PUBLIC,
    ZERO,
    BearerKind,
    Check,
    Euros,
    Figure,
    Fund,
    Plan,
    Spending,
)
from maillage.engine.funding.words import down, euros, up

_GROUP = frozenset({Fund.GROUP})
_LEADER = frozenset({Fund.LEADER})


def group_half(plan: Plan, law: Law) -> Iterable[Check]:
    """F20: a fonds de concours is at most half of what remains, FCTVA taken off."""
    rule = law["group-half"]
    given = plan.brought(_GROUP)
    if not given:
        yield out("group-half", rule, "Pas de fonds de concours au plan.")
        return
    alone = (Figure("Fonds de concours", given),)
    if plan.bearer.kind is BearerKind.SYNDICATE:
        yield unknown(
            "group-half", rule,
            "Un fonds de concours va d'une intercommunalité à sa commune, ou l'inverse ; un "
            "syndicat n'en reçoit que dans des cas particuliers (électricité).", alone,
            "Demandez à la préfecture si ce syndicat peut en recevoir.",
        )  # fmt: skip
        return
    if plan.bearer.kind not in (BearerKind.COMMUNE, BearerKind.EPCI):
        yield fails(
            "group-half", rule,
            "Un fonds de concours va d'une intercommunalité à sa commune, ou l'inverse : pas à ce "
            "porteur.", alone,
            "Si c'est une subvention d'une commune ou d'une intercommunalité, choisissez « Autre "
            f"financeur public » pour ces {euros(given)}.", given,
        )  # fmt: skip
        return
    others = plan.brought((PUBLIC | PRIVATE) - _GROUP)
    share, back = law.number("group-half", "share"), refund(plan, law)
    rest = plan.cost - others - back
    limit = down(max(share * rest, ZERO))
    figures = (
        *alone,
        Figure("Reste sans lui (subventions et FCTVA retirés)", rest),
        Figure("Plafond", limit),
    )
    gap = given - limit
    if given <= limit and not _for_equipment(plan):
        yield unknown(
            "group-half", rule,
            "Un fonds de concours paie un équipement : le construire, ou le faire fonctionner. Ni "
            "un service, ni une animation, ni un événement.", figures,
            "Vérifiez que ces dépenses sont celles d'un équipement.",
        )  # fmt: skip
    elif given <= limit:
        yield holds(
            "group-half", rule,
            f"Le fonds de concours ({euros(given)}) ne dépasse pas la moitié de ce qui reste "
            f"({euros(rest)}).", figures,
        )  # fmt: skip
    elif plan.bearer.recovers_vat is None and given <= share * (rest + back):
        yield unknown(
            "group-half", rule,
            "Le plan est en TTC : dites si la TVA est remboursée (FCTVA), qui se retire du reste à "
            "payer.", figures, "Dites si la collectivité récupère la TVA.", gap,
        )  # fmt: skip
    else:
        yield fails(
            "group-half", rule,
            f"Le fonds de concours ({euros(given)}) dépasse la moitié de ce qui reste : "
            f"{euros(limit)}.", figures, f"Réduisez-le de {euros(gap)}, à {euros(limit)}.", gap,
        )  # fmt: skip


def refund(plan: Plan, law: Law) -> Euros:
    """The FCTVA that comes back of a plan in gross, unless it is known that none does."""
    if plan.in_net or plan.bearer.recovers_vat is False:
        return ZERO
    return fctva(plan.costs, law)


def _for_equipment(plan: Plan) -> bool:
    """Whether each fonds de concours may pay an investment."""
    ledger = Ledger(plan)
    built = ledger.bits(x.id for x in plan.costs if x.spending is Spending.INVESTMENT)
    given = (r for r in plan.counted if r.fund in _GROUP and r.amount)
    return all(ledger.paid_by(r) & built for r in given)


def leader(plan: Plan, law: Law) -> Iterable[Check]:
    """F21: LEADER calls national public money, and leaves the bearer its part."""
    rule = law["leader"]
    given = plan.brought(_LEADER)
    if not given:
        yield out("leader", rule, "Pas de LEADER au plan.")
        return
    ledger = Ledger(plan)
    lines = 0
    for one in plan.counted:
        if one.fund in _LEADER:
            lines |= ledger.paid_by(one)
    calling = NATIONAL_PUBLIC | (OWN if plan.bearer.local_authority else frozenset())
    yield _counterpart(plan, law, given, plan.brought(calling), ledger.touching(calling, lines))
    if law.number("leader", "own"):
        yield _kept(plan, law, ledger.cost(lines))


def _counterpart(plan: Plan, law: Law, given: Euros, counterpart: Euros, near: Euros) -> Check:
    """National public money, the public bearer's own included, calls so much of LEADER: in the
    whole plan (`counterpart`) and on what LEADER pays (`near`).
    """
    rule, share = law["leader"], law.number("leader", "share")
    limit, needed = down(counterpart * share / (1 - share)), given * (1 - share) / share
    figures = (
        Figure("LEADER", given),
        Figure("Contrepartie publique nationale", counterpart),
        Figure("LEADER possible avec elle", limit),
    )
    if given > limit:
        gap, change = _calling(plan, share, given, counterpart)
        return fails(
            "leader", rule,
            f"Pour {euros(given)} de LEADER, il faut {euros(up(needed))} d'une collectivité ou de "
            f"l'État ; il y en a {euros(counterpart)}.", figures, change, gap,
        )  # fmt: skip
    if near < needed:
        return unknown(
            "leader", rule,
            f"Pour {euros(given)} de LEADER, il faut {euros(up(needed))} d'une collectivité ou de "
            f"l'État sur les mêmes dépenses ; {euros(near)} y sont attachés.",
            (*figures, Figure("Contrepartie sur les mêmes dépenses", near)),
            "Attachez la contrepartie aux dépenses que LEADER paie.",
        )  # fmt: skip
    return holds(
        "leader", rule,
        f"{euros(counterpart)} d'argent public national suffisent pour {euros(given)} de LEADER.",
        figures,
    )  # fmt: skip


def _calling(plan: Plan, share: Euros, given: Euros, counterpart: Euros) -> tuple[Euros, str]:
    """The least that mends a counterpart too small: money that is missing anyway, if it is enough;
    else the same money moved from LEADER to those who call it, which counts on both sides.
    """
    who = "d'une collectivité ou de l'État"
    if plan.bearer.local_authority:
        who = f"de fonds propres, ou {who}"
    more = up(given * (1 - share) / share - counterpart)
    if more <= plan.cost - sum((r.amount for r in plan.counted), ZERO):
        return more, f"Ajoutez {euros(more)} {who} : il manque de toute façon de l'argent."
    moved = up((1 - share) * given - share * counterpart)
    return moved, f"Demandez {euros(moved)} de moins à LEADER, et autant {who}."


def _kept(plan: Plan, law: Law, eligible: Euros) -> Check:
    """What the bearer keeps: of the whole, it surely holds; at the least, of what LEADER pays
    (`eligible`).
    """
    rule, share, own = law["leader"], law.number("leader", "own"), plan.brought(OWN)
    least = up(share * plan.cost)
    figures = (Figure("Part du porteur", own), Figure("Part minimale", least))
    if own >= least:
        said = f"Le porteur garde {euros(own)}, au moins {euros(least)}."
        return holds("leader-own", rule, said, figures)
    gap = least - own
    said = f"Avec LEADER, le porteur garde au moins {euros(least)} ; il apporte {euros(own)}"
    if own + plan.brought(PRIVATE) >= share * eligible:
        return unknown(
            "leader-own", rule,
            f"{said}. Cela suffit peut-être, si seules les dépenses que LEADER paie comptent, ou "
            "si les dons comptent comme sa part.", figures,
            "Demandez au groupe d'action locale ce qu'il compte.", gap,
        )  # fmt: skip
    missing = plan.cost - sum((r.amount for r in plan.counted), ZERO)
    change = (
        f"Ajoutez {euros(gap)} de fonds propres."
        if gap <= missing
        else f"Remplacez {euros(gap)} d'aides par autant de fonds propres."
    )
    return fails("leader-own", rule, f"{said}.", figures, change, gap)
