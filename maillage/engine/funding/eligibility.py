"""Who and what each grant is for: DETR, DSIL, DSID, running costs, VAT and its refund."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final, NamedTuple

from maillage.engine.funding.flow import overflows
from maillage.engine.funding.outcome import fails, holds, out, unknown
from maillage.engine.funding.rules import Law, overseas
from maillage.engine.funding.types import (
    OWN,
    ZERO,
    Bearer,
    BearerKind,
    Check,
    Figure,
    Fund,
    Plan,
    Resource,
    Spending,
)
from maillage.engine.funding.words import euros, named, number, percent

_FCTVA: Final = "fctva"
_REFUNDS: Final = ("rembours", "récup", "recup", "compensation")
_DEPARTMENT: Final = "Donnez le département."
_SHEET: Final = "la population DGF, sur la fiche de dotation"
#: Why the census is a least: what the law counts (L2334-2) adds to it.
_MORE: Final = (
    "la population DGF, qui y ajoute les résidences secondaires, est au moins aussi grande"
)


def detr(plan: Plan, law: Law) -> Iterable[Check]:
    """F6, F7: is the bearer one of those to whom the DETR goes, by the population of the rule?"""
    given = plan.brought(frozenset({Fund.DETR}))
    groups = plan.bearer.kind in (BearerKind.EPCI, BearerKind.SYNDICATE)
    rule = law["detr-groups" if groups else "detr-communes"]
    if not given:
        yield out("detr", rule, "Pas de DETR au plan.")
        return
    verdict, why, missing = _detr(plan.bearer, law, plan.census)
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


_Answer = tuple[bool | None, str, str]


class _People(NamedTuple):
    """Inhabitants of a bearer: how many the rule counts, at the least and at the most that is
    known, and what is said of it.
    """

    least: int
    most: int | None
    said: str

    def over(self, limit: Decimal) -> bool | None:
        """Whether there are more than `limit`; ``None`` when nobody can tell."""
        if self.least > limit:
            return True
        return None if self.most is None or self.most > limit else False


def _people(given: int | None, census: int | None) -> _People:
    """The population of the rule is that of the DGF, when it is given: the census is its least."""
    at_census = f"{number(census)} habitants au recensement" if census is not None else ""
    if given is None:
        return _People(census or 0, None, at_census)
    if census is not None and given < census:
        said = f"{number(given)} habitants (population DGF), mais {at_census}"
        return _People(given, census, said)
    return _People(given, given, f"{number(given)} habitants (population DGF)")


def _detr(bearer: Bearer, law: Law, census: int | None) -> _Answer:
    """Yes, no or not known; why; what to find out."""
    people = _people(bearer.population_dgf, census)
    there = _detr_in(bearer, law, "_overseas" if overseas(bearer, law) else "", people)
    if there[0] is False and not bearer.department:
        elsewhere = _detr_in(bearer, law, "_overseas", people)[0]
        if elsewhere is not False:
            return None, f"{there[1]} Outre-mer, les seuils sont plus hauts.", _DEPARTMENT
    if there[0] is None and people.most is not None and people.least != people.most:
        ask = "Vérifiez la population DGF : elle n'est pas plus petite que celle du recensement."
        return None, there[1], ask
    return there


def _detr_in(bearer: Bearer, law: Law, suffix: str, people: _People) -> _Answer:
    if bearer.kind is BearerKind.COMMUNE:
        return _detr_commune(bearer, law, suffix, people)
    if bearer.kind is BearerKind.SYNDICATE:
        return _detr_syndicate(law.number("detr-groups", "syndicate"), people)
    if bearer.kind is BearerKind.EPCI:
        return _detr_epci(bearer, law, suffix, people)
    return False, "La DETR va aux communes, aux intercommunalités et aux syndicats.", ""


def _detr_syndicate(most: Decimal, people: _People) -> _Answer:
    over = people.over(most)
    if over is None:
        said = f"Un syndicat y a droit jusqu'à {number(most)} habitants."
        return None, said, "Donnez la population du syndicat."
    side = "plus que" if over else "au plus"
    return not over, f"{people.said} : {side} {number(most)}.", ""


def _detr_commune(bearer: Bearer, law: Law, suffix: str, people: _People) -> _Answer:
    small = law.number("detr-communes", f"small{suffix}")
    large = law.number("detr-communes", f"large{suffix}")
    most, wealth = law.number("detr-communes", "wealth"), bearer.wealth
    above, beyond = people.over(small), people.over(large)
    said = people.said if people.most is not None else f"{people.said}, et {_MORE}"
    if beyond:
        return False, f"{said} : plus de {number(large)}, la commune n'y a pas droit.", ""
    if above is False:
        return True, f"{said} : au plus {number(small)}, la commune y a droit.", ""
    if above is None:
        known = f"{people.said} : la" if people.said else "La"
        return (
            None,
            f"{known} commune y a droit, sauf si sa population DGF dépasse {number(small)}"
            f"{' à cause des résidences secondaires' if people.said else ' habitants'} ; entre "
            f"{number(small)} et {number(large)}, cela dépend du potentiel financier.",
            f"Vérifiez {_SHEET}.",
        )
    between = f"{said} : entre {number(small)} et {number(large)}"
    if wealth is not None and wealth >= most:
        why = f"plus de {number(small)}, et potentiel financier d'au moins {number(most)} fois"
        return False, f"{said} : {why} la moyenne.", ""
    if wealth is None:
        also = "" if beyond is False else f" Donnez aussi {_SHEET}."
        where = between if beyond is False else f"{said} : plus de {number(small)}"
        return (
            None, f"{where}, cela dépend du potentiel financier.",
            "Divisez le potentiel financier par habitant de la commune par celui de la moyenne : "
            f"les deux sont sur votre fiche DGF, ou à la préfecture.{also}",
        )  # fmt: skip
    if beyond is None:
        return (
            None,
            f"{said}. Avec un potentiel financier sous {number(most)} fois la moyenne, la commune "
            f"y a droit jusqu'à {number(large)}.", f"Vérifiez {_SHEET}.",
        )  # fmt: skip
    return True, f"{between}, potentiel financier sous {number(most)} fois la moyenne.", ""


def _detr_epci(bearer: Bearer, law: Law, suffix: str, people: _People) -> _Answer:
    limits = (
        (bearer.block, law.number("detr-groups", f"block{suffix}")),
        (bearer.centre, law.number("detr-groups", f"centre{suffix}")),
    )
    density, block = law.number("detr-groups", "density"), limits[0][1]
    over = people.over(block)
    if over is False:
        return True, f"{people.said} en tout, au plus {number(block)} : elle y a droit.", ""
    # One criterion that is not met is enough to be eligible.
    if any(value is not None and value <= most for value, most in limits):
        return True, "L'intercommunalité n'est pas une grande agglomération : elle y a droit.", ""
    if bearer.density is not None and bearer.density < density:
        return True, f"Moins de {number(density)} habitants au km² : elle y a droit.", ""
    if bearer.block is not None and bearer.centre is not None and bearer.density is not None:
        return False, "Une grande agglomération dense n'y a pas droit.", ""
    depends = "cela dépend de la population d'un seul tenant, de celle du centre et de la densité"
    if over:
        return (
            None, f"{people.said} : au-delà de {number(block)}, {depends}.",
            "Donnez ces trois nombres, ou demandez à la préfecture.",
        )  # fmt: skip
    known = f"{people.said} : elle y a droit, sauf si" if people.said else "Elle y a droit, sauf si"
    return (
        None,
        f"{known} sa population DGF dépasse {number(block)} habitants ; au-delà, {depends}.",
        f"Vérifiez {_SHEET}.",
    )


def detr_rate(plan: Plan, law: Law) -> Iterable[Check]:
    """F8: the DETR is at least a fifth, without VAT, of what the préfet retains of its lines."""
    rule = law["detr-rate"]
    given = [r for r in plan.counted if r.fund is Fund.DETR and r.amount]
    if not given or "least" not in rule.parameters:
        return
    least = law.number("detr-rate", "least")
    for one in given:
        base = sum((x.net for x in plan.costs if not one.lines or x.id in one.lines), ZERO)
        if base and one.amount < least * base:
            yield unknown(
                "detr-rate", rule,
                f"« {one.label} » fait {percent(one.amount / base)} de la dépense hors taxes : la "
                f"DETR paie au moins {percent(least)} de ce que le préfet retient.",
                (Figure("DETR", one.amount), Figure("Dépense hors taxes", base)),
                "Demandez quelle dépense la préfecture retient.",
            )  # fmt: skip


def dsil(plan: Plan, law: Law) -> Iterable[Check]:
    """F12: the DSIL is for communes and EPCI; for others when a contract names them."""
    given = plan.brought(frozenset({Fund.DSIL}))
    if not given:
        return
    rule, figures = law["dsil"], (Figure("DSIL", given),)
    if plan.bearer.kind in (BearerKind.COMMUNE, BearerKind.EPCI):
        said = "Les communes et les intercommunalités ont droit à la DSIL."
        yield holds("dsil", rule, said, figures)
    else:
        yield unknown(
            "dsil", rule, "La DSIL va aux communes et aux intercommunalités.", figures,
            "Vérifiez qu'un contrat avec l'État désigne ce porteur.",
        )  # fmt: skip


def dsid(plan: Plan, law: Law) -> Iterable[Check]:
    """F13: the DSID is for départements, and for the regions that do their work."""
    given = plan.brought(frozenset({Fund.DSID}))
    if not given or plan.bearer.kind is BearerKind.DEPARTMENT:
        return
    rule, figures = law["dsid-departments"], (Figure("DSID", given),)
    if plan.bearer.kind is BearerKind.REGION:
        yield unknown(
            "dsid", rule, "La DSID va aux départements.", figures,
            "Vérifiez que cette collectivité en a les compétences (Corse, Guyane, Martinique…).",
        )  # fmt: skip
    else:
        yield fails(
            "dsid", rule, "La DSID ne va qu'aux départements.", figures,
            f"Retirez les {euros(given)} de DSID.", given,
        )  # fmt: skip


def dpv(plan: Plan, law: Law) -> Iterable[Check]:
    """The DPV goes to some communes that the State names each year: they are not known here."""
    given = plan.brought(frozenset({Fund.DPV}))
    if given:
        yield unknown(
            "dpv", law["city-grant"],
            "La DPV ne va qu'aux communes que l'État nomme chaque année, environ 200, ou à leur "
            "intercommunalité.", (Figure("DPV", given),),
            "Demandez à la préfecture si la commune en est cette année.",
        )  # fmt: skip


def running_costs(plan: Plan, law: Law) -> Iterable[Check]:
    """F35: the DETR does not pay animation nor running costs, but once, at the start."""
    given = plan.brought(frozenset({Fund.DETR}))
    running = {line.id for line in plan.costs if line.spending is Spending.OPERATION}
    if not given or not running:
        return
    rule = law["detr-animation"]
    room = {line.id: plan.amount(line) for line in plan.costs if line.id not in running}
    every = frozenset(line.id for line in plan.costs)
    grants = [r for r in plan.counted if r.fund is Fund.DETR and r.amount]
    beyond = overflows([(r.lines & every or every, r.amount) for r in grants], room)
    excess = sum((one.excess for one in beyond), ZERO)
    if excess:
        yield unknown(
            "running-costs", rule,
            f"{euros(excess)} de DETR paieraient du fonctionnement : ce n'est possible que pour "
            "une aide initiale, une seule fois.",
            (Figure("DETR", given), Figure("DETR pour du fonctionnement", excess)),
            f"Retirez {euros(excess)} de DETR, ou attachez-la à l'investissement.",
        )  # fmt: skip
    else:
        yield holds("running-costs", rule, "La DETR tient dans l'investissement et les études.")


def vat(plan: Plan, law: Law) -> Iterable[Check]:
    """F32: two columns that agree, and the one in which the bearer really pays."""
    rule = law["net-gross"]
    odd = [line.label for line in plan.costs if line.gross < line.net]
    if odd:
        yield fails(
            "vat", rule, f"Le montant TTC est inférieur au montant HT : {named(odd)}.", (),
            "Corrigez ces lignes.",
        )  # fmt: skip
        return
    tax = sum((line.gross - line.net for line in plan.costs), ZERO)
    running = sum((x.gross - x.net for x in plan.costs if x.spending is Spending.OPERATION), ZERO)
    recovered = plan.bearer.recovers_vat
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
    elif plan.in_net and running and plan.bearer.local_authority:
        yield unknown(
            "vat", rule,
            f"Le FCTVA ne rembourse pas la TVA du fonctionnement, sauf l'entretien : "
            f"{euros(running)} ne seraient payés par personne.",
            (*figures, Figure("TVA du fonctionnement", running)),
            "Mettez ces dépenses à leur prix TTC dans les deux colonnes, ou vérifiez que leur TVA "
            "est récupérée autrement.",
        )  # fmt: skip
    else:
        how = "en HT, la TVA est avancée puis remboursée" if plan.in_net else "en TTC"
        yield holds("vat", rule, f"Le plan est {how}.", figures)


def fctva_as_grant(plan: Plan, law: Law) -> Iterable[Check]:
    """F19: the refund of VAT is cash, not a grant."""
    given = sum((r.amount for r in plan.counted if is_refund(r)), ZERO)
    if given:
        yield fails(
            "fctva", law["fctva"],
            "Le FCTVA est compté comme une ressource : c'est un remboursement, qui vient après.",
            (Figure("FCTVA", given),),
            f"Retirez ces {euros(given)} du plan ; ils sont dans la trésorerie.", given,
        )  # fmt: skip


def is_refund(one: Resource) -> bool:
    """Whether a resource is the refund of VAT itself, by its name: not a loan that waits for it."""
    if one.fund in OWN:
        return False
    label = one.label.casefold()
    refund = "tva" in label and any(word in label for word in _REFUNDS)
    return one.scheme == _FCTVA or _FCTVA in label or refund
