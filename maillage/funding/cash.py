"""The cash flow of a plan as its page asks it: when it begins, who pays when, and what is kept."""

import json
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from maillage.engine.funding.cashflow import (
    REFUND_LAGS,
    CashFlow,
    Flow,
    Quarter,
    Receipts,
    Terms,
    cash_flow,
    default_terms,
    not_refunded,
)
from maillage.engine.funding.types import OWN, CostLine, Fund, Spending, Status
from maillage.engine.funding.words import euros, named
from maillage.funding.document import MOST_LINES, PlanDocument, Source
from maillage.funding.law import law_on

MOST_QUARTERS: Final = 16
MOST_DELAY: Final = 12
_YEARS_AROUND: Final = (1, 6)
_LAST_YEAR: Final = 2100
_LONGEST_SHARE: Final = 40
MOVES: Final = {"cost": "Dépense", "resource": "Ressource", "vat": "TVA remboursée"}
LAG_LABELS: Final = {0: "la même année", 1: "l'année suivante", 2: "deux ans après"}


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person said; what is not said follows the engine's habits.

    ``spread``: cost → (first quarter, over how many). ``terms``: resource → how it is paid.
    """

    start: Quarter
    lag: int = 1
    spread: Mapping[str, tuple[Quarter, int]] = field(default_factory=dict)
    terms: Mapping[str, Terms] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As the plan keeps it (`models.Plan.cash`)."""
        return {
            "start": list(self.start),
            "lag": self.lag,
            "spread": {k: [*quarter, count] for k, (quarter, count) in self.spread.items()},
            "terms": {
                k: [str(t.advance), str(t.instalments), t.delay, t.final_delay]
                for k, t in self.terms.items()
            },
        }


def usual_start(document: PlanDocument, today: date) -> Quarter:
    """The quarter of what was signed first; without it, the first year of the costs, and never
    before the quarter that comes.
    """
    signed = [line.signed_on for line in document.costs if line.signed_on is not None]
    if signed:
        return Quarter.of(min(signed))
    years = [line.year for line in document.costs if line.year is not None]
    coming = Quarter.of(today).after(1)
    return max(coming, Quarter(min(years), 1)) if years else coming


def kept(said: Any, document: PlanDocument, today: date) -> Choices:
    """The choices that a plan keeps (`said`, its ``cash``), the usual ones without (or when they
    cannot be read).
    """
    usual = Choices(usual_start(document, today))
    if not said:
        return usual
    try:
        return _read(said)
    except _UNREAD:
        return usual


def carried(said: Any, document: PlanDocument) -> dict[str, Any]:
    """What a plan keeps of the choices that a file or a form carries: nothing when they are not
    exactly as this site writes them, else those of the lines of the plan.
    """
    try:
        # As texts: in Python, `true` is 1 and 2028.0 is 2028.
        read, sent = (json.dumps(one, sort_keys=True) for one in (_read(said).as_json(), said))
    except _UNREAD:
        return {}
    return of_lines(said, document) if read == sent else {}


def whole(document: PlanDocument, said: Any) -> dict[str, Any]:
    """A plan as a file that is taken away: itself, and its choices of treasury (`said`) when there
    are some.
    """
    held = carried(said, document) if said else {}
    return document.as_json() | ({"cash": held} if held else {})


#: What is raised when choices that come back are not ours.
_UNREAD: Final = (
    ValueError, KeyError, TypeError, IndexError, AttributeError, ArithmeticError
)  # fmt: skip


def _read(said: Any) -> Choices:
    """The choices that `said` keeps (`Choices.as_json`). Raises one of `_UNREAD`."""
    return Choices(
        _quarter(said["start"]),
        int(said["lag"]) if said["lag"] in REFUND_LAGS else 1,
        {k: (_quarter(v[:2]), _between(v[2], MOST_QUARTERS)) for k, v in said["spread"].items()},
        {
            k: Terms(_share(v[0]), _share(v[1]), _between(v[2], MOST_DELAY, 0),
                     _between(v[3], MOST_DELAY, 0))
            for k, v in said["terms"].items()
        },
    )  # fmt: skip


def changed_text(
    choices: Choices, kept: Choices, document: PlanDocument, but: Container[str] = ()
) -> str:
    """How `choices` differ from those that are kept, for the lines that are not in `but`, in an
    address: « c12-2027-3-4_r3-0.3-0.8-1-2_r5-x » (line 12 from the third quarter of 2027, over
    four; funder 3: advance, instalments, delays; funder 5 as usual again).
    """
    said = []
    for number, line in enumerate(document.costs):
        spread = choices.spread.get(line.id)
        if line.id not in but and spread != kept.spread.get(line.id):
            way = f"{written_quarter(spread[0])}-{spread[1]}" if spread else "x"
            said.append(f"c{number}-{way}")
    for number, one in enumerate(payers(document)):
        terms = choices.terms.get(one.id)
        if one.id not in but and terms != kept.terms.get(one.id):
            way = "x" if terms is None else (
                f"{terms.advance}-{terms.instalments}-{terms.delay}-{terms.final_delay}"
            )  # fmt: skip
            said.append(f"r{number}-{way}")
    return "_".join(said)


def with_text(kept: Choices, text: str, document: PlanDocument) -> Choices:
    """The choices that are kept, once changed as `changed_text` said; what cannot be read is left
    out.
    """
    spread, terms = dict(kept.spread), dict(kept.terms)
    costs, funders = document.costs, payers(document)
    for part in text.split("_") if text else ():
        name, *values = part.split("-")
        try:
            number = _between(int(name[1:]), MOST_LINES, 0)
            if name[:1] == "c":
                line = costs[number]
                if values == ["x"]:
                    spread.pop(line.id, None)
                else:
                    year, quarter, count = map(int, values)
                    spread[line.id] = (_quarter((year, quarter)), _between(count, MOST_QUARTERS))
            elif name[:1] == "r":
                one = funders[number]
                if values == ["x"]:
                    terms.pop(one.id, None)
                else:
                    advance, instalments, delay, final = values
                    terms[one.id] = Terms(
                        _share(advance), _share(instalments),
                        _between(int(delay), MOST_DELAY, 0), _between(int(final), MOST_DELAY, 0),
                    )  # fmt: skip
        except (ValueError, IndexError, ArithmeticError):
            continue
    return Choices(kept.start, kept.lag, spread, terms)


def of_lines(said: dict[str, Any], document: PlanDocument) -> dict[str, Any]:
    """What a plan keeps of its choices: those of the lines that it has. A new line must not find
    those of a line that is gone.
    """
    parts: dict[str, set[str]] = {
        "spread": {line.id for line in document.costs},
        "terms": {one.id for one in document.resources},
    }
    return said | {
        part: {name: way for name, way in said[part].items() if name in ids}
        for part, ids in parts.items()
        if isinstance(said.get(part), dict)
    }


def written_quarter(quarter: Quarter) -> str:
    """As forms and addresses write it: « 2027-3 »."""
    return f"{quarter.year}-{quarter.number}"


def read_quarter(text: str) -> Quarter:
    """The quarter of « 2027-3 ». Raises ``ValueError``."""
    year, _, number = text.partition("-")
    return _quarter((int(year), int(number)))


def years_of(choices: Choices, document: PlanDocument) -> tuple[int, int]:
    """The years among which one chooses: those that the plan knows, and some around."""
    known = [choices.start.year, document.date.year]
    known += [quarter.year for quarter, _ in choices.spread.values()]
    known += [line.year for line in document.costs if line.year is not None]
    return min(known) - _YEARS_AROUND[0], min(max(known) + _YEARS_AROUND[1], _LAST_YEAR)


def _quarter(said: Any) -> Quarter:
    year, number = said
    if not (2000 <= year <= _LAST_YEAR and 1 <= number <= 4):
        raise ValueError("no quarter")
    return Quarter(int(year), int(number))


def _between(said: Any, most: int, least: int = 1) -> int:
    if not least <= said <= most:
        raise ValueError("out of bounds")
    return int(said)


def _share(said: str) -> Decimal:
    share = Decimal(said)
    # As many decimals as anyone types: one with a million zeros would be written whole.
    if not 0 <= share <= 1 or len(str(said)) > _LONGEST_SHARE or share.adjusted() < -_LONGEST_SHARE:
        raise ValueError("no share")
    return share


def not_before(document: PlanDocument, today: date) -> Quarter | None:
    """When a project has begun, what is not signed yet is paid from the coming quarter on; ``None``
    when nothing is signed: the start says it all.
    """
    begun = any(line.signed_on is not None for line in document.costs)
    return Quarter.of(today).after(1) if begun else None


def usual_spread(line: CostLine, start: Quarter, coming: Quarter | None) -> tuple[Quarter, int]:
    """When a cost is paid when nobody said: over four quarters, from those of its year, from the
    start, or from what was signed. `coming`: see `not_before`.
    """
    known = start if line.signed_on is None else Quarter.of(line.signed_on)
    first = known if line.year is None or line.year <= known.year else Quarter(line.year, 1)
    if line.signed_on is None and coming is not None:
        first = max(first, coming)
    return first, 4


def usual_terms(one: Source, document: PlanDocument) -> Terms:
    """How a resource is paid when nobody said: by the law, with the advance of its line."""
    terms = default_terms(one.resource(), law_on(document.date))
    if one.advance is None:
        return terms
    return Terms(one.advance, terms.instalments, terms.delay, terms.final_delay)


def payers(document: PlanDocument) -> list[Source]:
    """The resources that come in: own money is the answer, not a flow; refused ones never come."""
    return [
        one for one in document.resources
        if one.fund is not Fund.OWN and one.status is not Status.REFUSED
    ]  # fmt: skip


def receipts(one: Source) -> Receipts | None:
    """What has come of a resource, at its dates; ``None`` when no date is known of it."""
    came = tuple((Quarter.of(payment.on), payment.amount) for payment in one.came())
    return Receipts(came, one.status is Status.PAID) if came else None


def flow(document: PlanDocument, choices: Choices, today: date) -> CashFlow:
    """The cash flow of a plan under these choices."""
    schedule = {}
    coming = not_before(document, today)
    for line in document.costs:
        first, count = choices.spread.get(line.id) or usual_spread(line, choices.start, coming)
        schedule[line.id] = tuple(first.after(n) for n in range(count))
    funders = payers(document)
    terms = {one.id: choices.terms.get(one.id) or usual_terms(one, document) for one in funders}
    come = {one.id: found for one in funders if (found := receipts(one))}
    return cash_flow(
        document.plan(), law_on(document.date), choices.start, schedule=schedule, terms=terms,
        refund_lag=choices.lag, receipts=come, now=Quarter.of(today),
    )  # fmt: skip


def sentence(found: CashFlow) -> str:
    """« Il faudra avancer jusqu'à 84 000 € au 3e trimestre 2027. »"""
    if not found.lines:
        return "Il n'y a pas encore de dépense : rien à avancer."
    if found.when is None:
        return "L'argent arrive avant les dépenses : rien à avancer."
    return f"Il faudra avancer jusqu'à {euros(found.lowest)} au {found.when}."


def ending(found: CashFlow, document: PlanDocument) -> str:
    """What the bearer will have paid once all has come, its loans to be repaid apart."""
    if not found.lines:
        return ""
    loans = document.plan().brought(frozenset({Fund.LOAN}))
    unsaid = document.bearer.recovers_vat is None and any(one.kind == "vat" for one in found.flows)
    supposed = (
        " Le plan ne dit pas si la TVA revient : ce calcul suppose que oui." if unsaid else ""
    )
    owed = f" L'emprunt ({euros(loans)}) restera à rembourser." if loans else ""
    if found.left < 0:
        last = found.lines[-1].quarter
        return (
            f"À la fin ({last}), tout compté, le projet vous aura coûté {euros(-found.left)} "
            f"de votre argent.{owed}{supposed}"
        )
    return f"À la fin, tout compté, il reste {euros(found.left)}.{owed}{supposed}"


def left_out(document: PlanDocument) -> str:
    """Which lines the FCTVA does not count, and why; "" when it counts all of them."""
    lines = not_refunded(document.plan())
    studies = [x.label for x in lines if x.spending is Spending.ENGINEERING]
    running = [x.label for x in lines if x.spending is Spending.OPERATION]
    said = []
    if studies:
        said.append(
            f"Le FCTVA ne compte pas {named(studies)} : des études ne l'ont que si des travaux les "
            "suivent. Si c'est le cas, dites-les en « Investissement » dans le plan."
        )
    if running:
        told = "Il ne compte pas non plus" if studies else "Le FCTVA ne compte pas"
        said.append(f"{told} {named(running)}, du fonctionnement.")
    return " ".join(said)


def cover(found: CashFlow, document: PlanDocument) -> str:
    """Whether the own money of the plan is enough at the lowest point; "" when nothing is said."""
    own = document.plan().brought(OWN - {Fund.LOAN})
    if found.when is None or not own:
        return ""
    if found.lowest <= own:
        return f"Les fonds propres du plan ({euros(own)}) y suffisent."
    return (
        f"Les fonds propres du plan ({euros(own)}) n'y suffisent pas : il manque "
        f"{euros(found.lowest - own)} le temps que l'argent arrive. Parlez-en à votre comptable "
        "public, et demandez les avances."
    )


def rows(found: CashFlow) -> Iterator[tuple[str, Decimal, Decimal, Decimal, Decimal]]:
    """The table, as a file: quarter, spent, received, VAT refunded, balance."""
    for line in found.lines:
        yield str(line.quarter), line.spent, line.received, line.vat, line.balance


#: Moves that a page shows at once: beyond, they are shown quarter by quarter.
MOST_MOVES: Final = 60


@dataclass(frozen=True, slots=True)
class Moves:
    """The moves that a page shows: all of them (`when` is ``None``) or those of a quarter, and how
    many of them the page leaves to the file.
    """

    flows: tuple[Flow, ...]
    when: Quarter | None = None
    more: int = 0


def shown_moves(found: CashFlow, asked: str) -> Moves:
    """All the moves of a short plan; of a long one, those of the quarter that is asked
    (« 2027-3 »), none when it is not one of the table.
    """
    if len(found.flows) <= MOST_MOVES:
        return Moves(found.flows)
    when = next((x.quarter for x in found.lines if written_quarter(x.quarter) == asked), None)
    flows = tuple(one for one in found.flows if one.quarter == when)
    return Moves(flows[:MOST_MOVES], when, max(0, len(flows) - MOST_MOVES))


def moves(found: CashFlow) -> Iterator[tuple[str, str, str, Decimal]]:
    """Every move, as a file: quarter, what, its label, its amount (less than 0: it goes out)."""
    for one in found.flows:
        yield str(one.quarter), MOVES[one.kind], one.label, one.amount
