"""The aids among which a plan is chosen, and what each could bring to this project at most."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from maillage.engine.funding.checks import ran
from maillage.engine.funding.eligibility import detr
from maillage.engine.funding.rules import Law
from maillage.engine.funding.timing import STARTS, STRICT
from maillage.engine.funding.types import (
    ZERO,
    BearerKind,
    CostLine,
    Euros,
    Fund,
    Plan,
    Resource,
    Spending,
    Status,
    Verdict,
)
from maillage.engine.funding.words import down, euros, named, up

#: Grants that the law gives to investments; the DETR is also so once it is granted.
_INVESTMENT: Final = frozenset({Fund.DETR, Fund.DSIL, Fund.DSID})


@dataclass(frozen=True, slots=True)
class Candidate:
    """An aid that might be asked. ``rate`` is a share of its base (the lines that it pays, all of
    them when empty); ``flat`` an amount given whatever the cost; ``hoped`` the amount that the user
    hopes for, the most that it may bring when neither is known. Without any of the three, what it
    brings is not known: it is a question to ask, never a number.

    ``chance`` (0 to 1) is what the user believes, ``days`` until the money may come. ``granted`` is
    an amount that stays as it is: already decided or, when ``asked``, that of a dossier which is
    filed and not answered yet. ``received_on`` is the day on which its funder received the request.
    ``excludes`` and ``needs`` are ids of other candidates: none of the first with it, at least one
    of the second.
    """

    id: str
    label: str
    fund: Fund
    scheme: str = ""
    rate: Decimal | None = None
    flat: Euros | None = None
    hoped: Euros | None = None
    cap: Euros | None = None
    floor: Euros | None = None
    lines: frozenset[str] = frozenset()
    excludes: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    chance: Decimal | None = None
    days: int | None = None
    closes: date | None = None
    granted: Euros | None = None
    asked: bool = False
    received_on: date | None = None

    @property
    def decided(self) -> bool:
        """Whether its funder has already said yes."""
        return self.granted is not None and not self.asked

    @property
    def on_hope(self) -> bool:
        """Whether only the amount that the user wrote says what it may bring."""
        return self.granted is None and self.rate is None and self.flat is None and bool(self.hoped)


@dataclass(frozen=True, slots=True)
class Usable:
    """A candidate that may enter a plan: the lines that it may pay, the least and the most that it
    may bring. Under ``usual``, one may doubt that it is given (zero: nothing is known of it).
    """

    candidate: Candidate
    lines: frozenset[str]
    least: Euros
    most: Euros
    usual: Euros = ZERO


@dataclass(frozen=True, slots=True)
class SetAside:
    """A candidate that no plan holds, and why; ``question`` when only an answer is missing."""

    candidate: Candidate
    reason: str
    question: bool = False


def sort_out(
    plan: Plan, candidates: Iterable[Candidate], law: Law
) -> tuple[list[Usable], list[SetAside]]:
    """Which candidates may be used for the costs of `plan` (its resources are not looked at)."""
    usable: list[Usable] = []
    aside: list[SetAside] = []
    for one in candidates:
        lines = frozenset(line.id for line in plan.costs if not _barred(line, one))
        base = sum((plan.amount(line) for line in plan.costs if line.id in lines), ZERO)
        reason, question = _refused(plan, one, base, law)
        most = min(_most(one, base), base)
        least = one.granted if one.granted is not None else one.floor or min(Decimal(1), most)
        if one.flat is not None and one.granted is None:
            given = _flat(one, base)
            if given > base:
                reason = reason or f"son forfait ({euros(given)}) dépasse ce qu'elle peut payer"
            most, least = given, max(given, least)
        if not reason and not most:
            reason = "elle n'apporte rien à ce projet"
        said = "demandée" if one.asked else "accordée"
        if not reason and most < least:
            reason = (
                f"elle ne donne pas moins de {euros(least)}, ce projet n'en permet que "
                f"{euros(most)}"
                if one.granted is None
                else f"elle est {said} pour {euros(least)}, plus que les {euros(base)} de dépenses "
                "qu'elle peut payer"
            )
        if reason:
            aside.append(SetAside(one, reason, question))
        else:
            usable.append(Usable(one, lines, least, most, _usual(plan, one, lines, most, law)))
    return usable, aside


def resource_of(candidate: Candidate, lines: frozenset[str], amount: Euros) -> Resource:
    """The line of a plan that this candidate becomes."""
    return Resource(
        id=candidate.id,
        label=candidate.label,
        fund=candidate.fund,
        amount=amount,
        status=Status.GRANTED if candidate.decided else Status.CONSIDERED,
        scheme=candidate.scheme,
        lines=lines,
        received_on=candidate.received_on,
        excludes=candidate.excludes - {candidate.id},
        needs=candidate.needs - {candidate.id},
    )


def _barred(line: CostLine, one: Candidate) -> str:
    """Why an aid does not pay a line: empty when it may."""
    if one.lines and line.id not in one.lines:
        return "choice"
    if line.spending is Spending.OPERATION and (
        one.fund is Fund.DETR or (one.fund in _INVESTMENT and one.granted is None)
    ):
        return "running"
    return "begun" if one.granted is None and begun(line, one) else ""


def begun(line: CostLine, one: Candidate) -> bool:
    """Whether a line was signed before the funder of this aid, who refuses it, had the request."""
    early = line.signed_on is not None and (
        one.received_on is None or line.signed_on < one.received_on
    )
    return early and line.nature in STARTS and one.fund in STRICT


def left_out(plan: Plan, one: Candidate) -> tuple[str, ...]:
    """Which lines of its own an aid does not pay, and why, in words (« elle ne paie pas… »)."""
    barred = [(line, _barred(line, one)) for line in plan.costs]
    running = [line.label for line, why in barred if why == "running"]
    said = [f"{named(running)}, du fonctionnement"] if running else []
    received = "que sa demande soit reçue" if one.received_on is None else "le jour de sa réception"
    days = dict.fromkeys(line.signed_on for line, why in barred if why == "begun")
    for day in days:
        begun = [x.label for x, why in barred if why == "begun" and x.signed_on == day]
        many = "s" if len(begun) > 1 else ""
        said.append(f"{named(begun)}, signé{many} le {day:%d/%m/%Y}, avant {received}")
    return tuple(said)


def _usual(
    plan: Plan, one: Candidate, lines: frozenset[str], most: Euros, law: Law
) -> Euros:  # fmt: skip
    """The least that a DETR is, of what the préfet retains of its lines, without VAT (F8); nothing
    when what is known of it is less: the préfet then surely retains less.
    """
    if one.fund is not Fund.DETR or one.granted is not None or "detr-rate" not in law:
        return ZERO
    if "least" not in law["detr-rate"].parameters:
        return ZERO
    base = sum((line.net for line in plan.costs if line.id in lines), ZERO)
    least = up(law.number("detr-rate", "least") * base)
    return least if least <= most else ZERO


def _most(one: Candidate, base: Euros) -> Euros:
    if one.granted is not None:
        return one.granted
    most = down(one.rate * base) if one.rate is not None else one.hoped or ZERO
    return min(most, one.cap) if one.cap is not None else most


def _flat(one: Candidate, base: Euros) -> Euros:
    """What a flat amount gives: never beyond the cap, nor the rate, that are said beside it."""
    bounds = [one.flat or ZERO]
    bounds += [one.cap] if one.cap is not None else []
    bounds += [down(one.rate * base)] if one.rate is not None else []
    return min(bounds)


def _refused(plan: Plan, one: Candidate, base: Euros, law: Law) -> tuple[str, bool]:
    if one.granted is not None:
        return "", False
    if one.closes is not None and one.closes < plan.date:
        return f"son dernier jour est passé ({one.closes:%d/%m/%Y})", False
    if one.scheme == "fctva" or "fctva" in one.label.casefold():
        return "le FCTVA est un remboursement, qui vient après : ce n'est pas une ressource", False
    if not base:
        why = left_out(plan, one)
        if why:
            return f"elle ne paie pas {' ; ni '.join(why)}", False
        return "aucune dépense du projet ne peut être payée par elle", False
    if one.rate is None and one.flat is None and not one.hoped:
        return (
            "ni son taux ni son montant ne sont connus : demandez-les à qui la donne, ou écrivez "
            "le montant que vous espérez"
        ), True
    if one.rate == 0 or one.flat == 0 or one.cap == 0:
        return "elle n'apporte rien à ce projet", False
    kind = plan.bearer.kind
    if one.fund is Fund.GROUP and kind not in (BearerKind.COMMUNE, BearerKind.EPCI):
        return "un fonds de concours ne va qu'à une commune ou à une intercommunalité", False
    if one.fund is Fund.DSID and kind is not BearerKind.DEPARTMENT:
        return "la DSID ne va qu'aux départements", False
    if one.fund is Fund.DETR:
        alone = (resource_of(one, frozenset(), Decimal(1)),)
        asked = Plan(plan.bearer, plan.costs, alone, plan.date, census=plan.census)
        check = next(iter(ran(detr, asked, law)), None)
        if check is not None and check.verdict is Verdict.FAILS:
            said = check.sentence.rstrip(".")
            return said[:1].lower() + said[1:], False
    return "", False
