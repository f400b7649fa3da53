"""The rules of law, dated: of several vintages of a rule, the one in force on the plan's day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from maillage.engine.funding.types import Rule


class UnknownRule(KeyError):
    """No vintage of this rule is in force on this day."""


@dataclass(frozen=True, slots=True)
class Law:
    """The rules in force on a day, by id."""

    day: date
    rules: Mapping[str, Rule]

    def __getitem__(self, name: str) -> Rule:
        """The rule `name`. Raises `UnknownRule`."""
        try:
            return self.rules[name]
        except KeyError as error:
            raise UnknownRule(name) from error

    def __contains__(self, name: object) -> bool:
        return name in self.rules

    def number(self, name: str, parameter: str) -> Decimal:
        """A number of a rule. Raises `UnknownRule` or ``KeyError``."""
        value = self[name].parameters[parameter]
        if not isinstance(value, Decimal):
            raise KeyError(f"{name}.{parameter} is not a number")
        return value

    def codes(self, name: str, parameter: str) -> tuple[str, ...]:
        """A list of codes of a rule; empty when the rule, or the list, is not there."""
        value = self.rules[name].parameters.get(parameter, ()) if name in self.rules else ()
        return value if isinstance(value, tuple) else ()

    def pairs(self, name: str, parameter: str) -> tuple[tuple[str, str], ...]:
        """A list of pairs of a rule, written « a|b »; what is not a pair is left out."""
        parts = (code.partition("|") for code in self.codes(name, parameter))
        return tuple((left, right) for left, _, right in parts if left and right)


def law_of(rules: Iterable[Rule], day: date) -> Law:
    """The law of a day: of the vintages of a rule then in force, the latest; the first of `rules`
    when two begin on the same day. A rule whose vintage is not applied is not law.

    >>> from datetime import date
    >>> old = Rule("x", "X", "", valid_to=date(2024, 12, 31))
    >>> new = Rule("x", "X bis", "", valid_from=date(2025, 1, 1))
    >>> law_of([new, old], date(2024, 6, 1))["x"].title
    'X'
    """
    chosen: dict[str, Rule] = {}
    for rule in rules:
        started = rule.valid_from is None or rule.valid_from <= day
        if not (started and (rule.valid_to is None or day <= rule.valid_to)):
            continue
        held = chosen.get(rule.id)
        if held is None or (rule.valid_from or date.min) > (held.valid_from or date.min):
            chosen[rule.id] = rule
    return Law(day, {name: rule for name, rule in chosen.items() if rule.active})
