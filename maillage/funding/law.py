"""The rules in force: those shipped, and the vintages that the staff has written here."""

from datetime import date
from decimal import Decimal
from functools import cache

from maillage.common.held import Held
from maillage.engine.funding.rules import Law, law_of
from maillage.engine.funding.types import Rule
from maillage.funding.models import RuleVintage
from maillage.funding.rulebook import shipped_rules

#: Name of the set of data whose version tells the processes that a vintage has changed.
VERSION = "rules"


@cache
def _shipped() -> tuple[Rule, ...]:
    return shipped_rules()


def _build() -> tuple[Rule, ...]:
    """Of two vintages that begin on the same day, the first wins: the last written by the staff,
    then the shipped one.
    """
    return (*(rule_of(row) for row in RuleVintage.objects.order_by("-pk")), *_shipped())


def rule_of(row: RuleVintage) -> Rule:
    """A vintage of the staff as the engine's value."""
    return Rule(
        id=row.rule,
        title=row.title,
        sentence=row.sentence,
        parameters={
            name: tuple(value) if isinstance(value, list) else Decimal(str(value))
            for name, value in row.parameters.items()
        },
        scope=row.scope,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        reference=row.reference,
        source=row.source,
        confirmed=row.state == "verified",
        active=row.active,
    )


held: Held[tuple[Rule, ...]] = Held(_build, VERSION)


def rules() -> tuple[Rule, ...]:
    """Every vintage of every rule, the staff's first (no query)."""
    return held.get()


def law_on(day: date) -> Law:
    """The law of a day."""
    return law_of(rules(), day)
