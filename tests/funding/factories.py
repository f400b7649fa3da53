"""Plans for tests, in one line each."""

from datetime import date
from decimal import Decimal
from typing import Any

from maillage.engine.funding.rules import Law, law_of
from maillage.engine.funding.types import (
    Bearer,
    BearerKind,
    Check,
    CostLine,
    Fund,
    Plan,
    Resource,
    Verdict,
)
from maillage.funding.rulebook import shipped_rules

DAY = date(2026, 11, 21)
RULES = shipped_rules()
LAW: Law = law_of(RULES, DAY)
COMMUNE = Bearer(BearerKind.COMMUNE, "Bourrou", "24", population_dgf=140)


def line(net: float | str, name: str = "Travaux", **said: Any) -> CostLine:
    """A cost line, its VAT at 20 % unless said."""
    amount = Decimal(str(net))
    gross = said.pop("gross", None)
    return CostLine(
        id=said.pop("id", name), label=name, net=amount,
        gross=Decimal(str(gross)) if gross is not None else amount * Decimal("1.2"), **said,
    )  # fmt: skip


def money(fund: Fund, amount: float | str, **said: Any) -> Resource:
    """A resource of a fund, with its letter unless said."""
    name = said.pop("label", fund.value)
    return Resource(
        id=said.pop("id", name), label=name, fund=fund, amount=Decimal(str(amount)),
        **{"letter": True, **said},
    )  # fmt: skip


def plan(cost: float | str | list[CostLine], *resources: Resource, **said: Any) -> Plan:
    """A plan of one cost, or of lines."""
    costs = cost if isinstance(cost, list) else [line(cost)]
    plain: dict[str, Any] = {"bearer": COMMUNE, "date": DAY, "economic": False}
    return Plan(costs=tuple(costs), resources=resources, **{**plain, **said})


def verdicts(checks: tuple[Check, ...]) -> dict[str, Verdict]:
    """Verdict by check."""
    return {check.id: check.verdict for check in checks}
