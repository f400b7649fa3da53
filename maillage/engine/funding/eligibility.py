"""Who and what each grant is for: DETR, DSID, running costs, VAT and its refund."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from maillage.engine.funding.outcome import fails, holds, out, unknown
from maillage.engine.funding.rules import Law
from maillage.engine.funding.types import (
    ZERO,
    Bearer,
    BearerKind,
    Check,
    Figure,
    Fund,
    Plan,
    Spending,
)
from maillage.engine.funding.words import euros, number

_FCTVA: Final = "fctva"


def detr(plan: Plan, law: Law) -> Iterable[Check]:
    """F6, F7: is the bearer one of those to whom the DETR goes, by the population of the rule?"""
    given = plan.brought(frozenset({Fund.DETR}))
    groups = plan.bearer.kind in (BearerKind.EPCI, BearerKind.SYNDICATE)
    rule = law["detr-groups" if groups else "detr-communes"]
    if not given:
        yield out("detr", rule, "Pas de DETR au plan.")
        return
    verdict, why, missing = _detr(plan.bearer, law)
    figures = (Figure("DETR", given),)
    if verdict is None:
        yield unknown("detr", rule, why, figures, missing)
    elif verdict:
        yield holds("detr", rule, why, figures)
    else:
        yield fails(
            "detr", rule, why, figures, f"Remplacez les {euros(given)} de DETR par une autre aide.",
            given,
        )  # fmt: skip


def _detr(bearer: Bearer, law: Law) -> tuple[bool | None, str, str]:
    """Yes, no or not known; why; what to find out."""
    overseas = "_overseas" if _overseas(bearer, law) else ""
    if bearer.kind is BearerKind.COMMUNE:
        return _detr_commune(bearer, law, overseas)
    people = bearer.population_dgf
    if bearer.kind is BearerKind.SYNDICATE:
        most = law.number("detr-groups", "syndicate")
        if people is None:
            return (
                None,
                f"Un syndicat y a droit jusqu'à {number(most)} habitants.",
                ("Donnez la population du syndicat."),
            )
        small = people <= most
        side = "au plus" if small else "plus que"
        return small, f"{number(people)} habitants : {side} {number(most)}.", ""
    if bearer.kind is BearerKind.EPCI:
        return _detr_epci(bearer, law, overseas)
    return False, "La DETR va aux communes, aux intercommunalités et aux syndicats.", ""


def _detr_commune(bearer: Bearer, law: Law, overseas: str) -> tuple[bool | None, str, str]:
    people = bearer.population_dgf
    small = law.number("detr-communes", f"small{overseas}")
    large = law.number("detr-communes", f"large{overseas}")
    if people is None:
        return (
            None,
            "La population DGF de la commune n'est pas connue.",
            ("Donnez la population DGF : elle est sur votre fiche de dotation."),
        )
    said = f"{number(people)} habitants (population DGF)"
    if people <= small:
        return True, f"{said} : au plus {number(small)}, la commune y a droit.", ""
    if people > large:
        return False, f"{said} : plus de {number(large)}, la commune n'y a pas droit.", ""
    most = law.number("detr-communes", "wealth")
    if bearer.wealth is None:
        return (
            None,
            (
                f"{said} : entre {number(small)} et {number(large)}, cela dépend du potentiel "
                "financier."
            ),
            "Donnez le potentiel financier par habitant, rapporté à la moyenne.",
        )
    if bearer.wealth < most:
        return True, f"{said}, potentiel financier sous {number(most)} fois la moyenne.", ""
    return False, f"{said}, potentiel financier d'au moins {number(most)} fois la moyenne.", ""


def _detr_epci(bearer: Bearer, law: Law, overseas: str) -> tuple[bool | None, str, str]:
    limits = (
        (bearer.block, law.number("detr-groups", f"block{overseas}")),
        (bearer.centre, law.number("detr-groups", f"centre{overseas}")),
    )
    density = law.number("detr-groups", "density")
    # One criterion that is not met is enough to be eligible.
    if any(value is not None and value <= most for value, most in limits):
        return True, "L'intercommunalité n'est pas une grande agglomération : elle y a droit.", ""
    if bearer.density is not None and bearer.density < density:
        return True, f"Moins de {number(density)} habitants au km² : elle y a droit.", ""
    if bearer.block is None or bearer.centre is None or bearer.density is None:
        return (
            None,
            "Il manque la population d'un seul tenant, celle du centre ou la densité.",
            ("Donnez-les, ou demandez à la préfecture."),
        )
    return False, "Une grande agglomération dense n'y a pas droit.", ""


def _overseas(bearer: Bearer, law: Law) -> bool:
    return bearer.department in law.codes("own-share-overseas", "departments")


def dsid(plan: Plan, law: Law) -> Iterable[Check]:
    """F13: the DSID is for départements."""
    given = plan.brought(frozenset({Fund.DSID}))
    if given and plan.bearer.kind is not BearerKind.DEPARTMENT:
        yield fails(
            "dsid", law["dsid-departments"],
            "La DSID ne va qu'aux départements.", (Figure("DSID", given),),
            f"Retirez les {euros(given)} de DSID.", given,
        )  # fmt: skip


def running_costs(plan: Plan, law: Law) -> Iterable[Check]:
    """F35: the DETR does not pay animation nor running costs."""
    given = plan.brought(frozenset({Fund.DETR}))
    running = {line.id for line in plan.costs if line.spending is Spending.OPERATION}
    if not given or not running or "detr-animation" not in law:
        return
    rule = law["detr-animation"]
    for_them = sum(
        (r.amount for r in plan.counted if r.fund is Fund.DETR and r.lines and r.lines <= running),
        ZERO,
    )
    room = plan.spent_on(Spending.INVESTMENT, Spending.ENGINEERING)
    excess = max(for_them, given - room)
    if excess > 0:
        yield fails(
            "running-costs", rule,
            "De la DETR paierait du fonctionnement, ce qu'elle ne peut pas.",
            (Figure("DETR", given), Figure("Investissement et études", room)),
            f"Retirez {euros(excess)} de DETR, ou attachez-la à l'investissement.", excess,
        )  # fmt: skip
    else:
        yield holds("running-costs", rule, "La DETR ne paie pas de fonctionnement.")


def vat(plan: Plan, law: Law) -> Iterable[Check]:
    """F32: two columns that agree, and the one in which the bearer really pays."""
    rule = law["fctva"]
    odd = [line.label for line in plan.costs if line.gross < line.net]
    if odd:
        names = ", ".join(f"« {label} »" for label in odd)
        yield fails(
            "vat", rule, f"Le montant TTC est inférieur au montant HT : {names}.", (),
            "Corrigez ces lignes.",
        )  # fmt: skip
        return
    tax = sum((line.gross - line.net for line in plan.costs), ZERO)
    recovered = plan.bearer.recovers_vat
    if recovered is None and plan.bearer.local_authority:
        recovered = True
    figures = (Figure("TVA", tax),)
    if not tax:
        yield holds("vat", rule, "Il n'y a pas de TVA, ou les deux colonnes sont les mêmes.")
    elif recovered is None:
        yield unknown(
            "vat", rule, "Le porteur récupère-t-il la TVA ?", figures,
            "S'il ne la récupère pas, le plan se fait en TTC.",
        )  # fmt: skip
    elif plan.in_net and not recovered:
        yield fails(
            "vat", rule,
            f"Le porteur ne récupère pas la TVA : {euros(tax)} ne sont payés par personne.",
            figures, "Faites le plan en TTC.", tax,
        )  # fmt: skip
    elif not plan.in_net and recovered:
        yield unknown(
            "vat", rule,
            "La TVA est remboursée par le FCTVA : un plan de subvention se fait en général en HT.",
            figures, "Passez le plan en HT, sauf si un financeur demande le TTC.",
        )  # fmt: skip
    else:
        how = "en HT, la TVA est avancée puis remboursée" if plan.in_net else "en TTC"
        yield holds("vat", rule, f"Le plan est {how}.", figures)


def fctva_as_grant(plan: Plan, law: Law) -> Iterable[Check]:
    """F19: the refund of VAT is cash, not a grant."""
    given = sum(
        (r.amount for r in plan.counted if r.scheme == _FCTVA or _FCTVA in r.label.casefold()),
        Decimal(0),
    )
    if given:
        yield fails(
            "fctva", law["fctva"],
            "Le FCTVA est compté comme une ressource : c'est un remboursement, qui vient après.",
            (Figure("FCTVA", given),),
            f"Retirez ces {euros(given)} du plan ; ils sont dans la trésorerie.", given,
        )  # fmt: skip
