"""The cash flow of a plan as its page asks it: when it begins, who pays when, and what is kept."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from maillage.engine.funding.cashflow import (
    REFUND_LAGS,
    CashFlow,
    Quarter,
    Terms,
    cash_flow,
    default_terms,
)
from maillage.engine.funding.types import CostLine, Fund, Status
from maillage.engine.funding.words import euros
from maillage.funding.document import PlanDocument, Source
from maillage.funding.law import law_on

#: Where a plan keeps the choices, among its notes; beyond this many characters they do not fit.
NOTE: Final = "cash"
LONGEST_NOTE: Final = 2_000
MOST_QUARTERS: Final = 16
MOST_DELAY: Final = 12
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

    def as_note(self) -> str:
        """As the plan keeps it."""
        return json.dumps({
            "start": list(self.start),
            "lag": self.lag,
            "spread": {k: [*quarter, count] for k, (quarter, count) in self.spread.items()},
            "terms": {
                k: [str(t.advance), str(t.instalments), t.delay, t.final_delay]
                for k, t in self.terms.items()
            },
        }, ensure_ascii=False, separators=(",", ":"))  # fmt: skip


def usual_start(document: PlanDocument, today: date) -> Quarter:
    """The first year of the costs when it is said, else the quarter that comes."""
    years = [line.year for line in document.costs if line.year is not None]
    coming = Quarter(today.year, (today.month - 1) // 3 + 1).after(1)
    return max(coming, Quarter(min(years), 1)) if years else coming


def kept(document: PlanDocument, today: date) -> Choices:
    """The choices that the plan keeps, the usual ones without (or when they cannot be read)."""
    usual = Choices(usual_start(document, today))
    try:
        said = json.loads(document.notes.get(NOTE, "null"))
        if not said:
            return usual
        return Choices(
            _quarter(said["start"]),
            said["lag"] if said["lag"] in REFUND_LAGS else 1,
            {
                k: (_quarter(v[:2]), _between(v[2], MOST_QUARTERS))
                for k, v in said["spread"].items()
            },
            {
                k: Terms(_share(v[0]), _share(v[1]), _between(v[2], MOST_DELAY, 0),
                         _between(v[3], MOST_DELAY, 0))
                for k, v in said["terms"].items()
            },
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, ArithmeticError):
        return usual


def _quarter(said: Any) -> Quarter:
    year, number = said
    if not (2000 <= year <= 2100 and 1 <= number <= 4):
        raise ValueError("no quarter")
    return Quarter(int(year), int(number))


def _between(said: Any, most: int, least: int = 1) -> int:
    if not least <= said <= most:
        raise ValueError("out of bounds")
    return int(said)


def _share(said: str) -> Decimal:
    share = Decimal(said)
    if not 0 <= share <= 1:
        raise ValueError("no share")
    return share


def usual_spread(line: CostLine, start: Quarter) -> tuple[Quarter, int]:
    """When a cost is paid when nobody said: over the four quarters of its year."""
    first = start if line.year is None or line.year <= start.year else Quarter(line.year, 1)
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


def flow(document: PlanDocument, choices: Choices) -> CashFlow:
    """The cash flow of a plan under these choices."""
    schedule = {}
    for line in document.costs:
        first, count = choices.spread.get(line.id) or usual_spread(line, choices.start)
        schedule[line.id] = tuple(first.after(n) for n in range(count))
    terms = {
        one.id: choices.terms.get(one.id) or usual_terms(one, document) for one in payers(document)
    }
    return cash_flow(
        document.plan(), law_on(document.date), choices.start, schedule=schedule, terms=terms,
        refund_lag=choices.lag,
    )  # fmt: skip


def sentence(found: CashFlow) -> str:
    """« Il faudra avancer jusqu'à 84 000 € au 3e trimestre 2027. »"""
    if not found.lines:
        return "Il n'y a pas encore de dépense : rien à avancer."
    if found.when is None:
        return "L'argent arrive avant les dépenses : rien à avancer."
    return f"Il faudra avancer jusqu'à {euros(found.lowest)} au {found.when}."


def ending(found: CashFlow) -> str:
    """What the bearer will have paid once all has come."""
    if not found.lines:
        return ""
    if found.left < 0:
        last = found.lines[-1].quarter
        return (
            f"À la fin ({last}), tout compté, le projet vous aura coûté {euros(-found.left)} "
            "de votre argent."
        )
    return f"À la fin, tout compté, il reste {euros(found.left)}."


def rows(found: CashFlow) -> Iterator[tuple[str, float, float, float, float]]:
    """The table, as a file: quarter, spent, received, VAT refunded, balance."""
    for line in found.lines:
        numbers = (line.spent, line.received, line.vat, line.balance)
        yield (str(line.quarter), *(float(number) for number in numbers))  # type: ignore[misc]
