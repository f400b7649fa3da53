"""The rules of law, dated: of several vintages of a rule, the one in force on the plan's day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from maillage.engine.funding.types import Bearer, Rule


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
    chosen = _chosen(rules, day)
    return Law(day, {name: rule for name, rule in chosen.items() if rule.active})


def _chosen(rules: Iterable[Rule], day: date) -> dict[str, Rule]:
    """Of each rule, the vintage of a day, be it one that is not applied."""
    chosen: dict[str, Rule] = {}
    for rule in rules:
        started = rule.valid_from is None or rule.valid_from <= day
        if not (started and (rule.valid_to is None or day <= rule.valid_to)):
            continue
        held = chosen.get(rule.id)
        if held is None or (rule.valid_from or date.min) > (held.valid_from or date.min):
            chosen[rule.id] = rule
    return chosen


class Period(NamedTuple):
    """From a day to another, both within; ``None`` when it has no such bound."""

    first: date | None
    last: date | None


def periods(vintages: Sequence[Rule]) -> list[list[Period]]:
    """When each of the vintages of one rule is the one in force: beside its own dates, a vintage
    gives way to one that begins later, and comes back when that one ends. In the order of
    `vintages`; an empty list for one that never is.

    >>> from datetime import date
    >>> old, new = Rule("x", "X", ""), Rule("x", "X bis", "", valid_from=date(2025, 1, 1))
    >>> [[tuple(map(str, one)) for one in found] for found in periods([new, old])]
    [[('2025-01-01', 'None')], [('None', '2024-12-31')]]
    """
    day = timedelta(days=1)
    bounds = {one.valid_from for one in vintages if one.valid_from}
    bounds |= {one.valid_to + day for one in vintages if one.valid_to and one.valid_to < date.max}
    firsts = sorted(bounds)
    found: list[list[Period]] = [[] for _ in vintages]
    for first, after in zip([None, *firsts], [*firsts, None], strict=True):
        last = after - day if after else None
        chosen = list(_chosen(vintages, first or last or date.min).values())
        spans = next((s for s, one in zip(found, vintages, strict=True) if one in chosen), None)
        if spans is None:
            continue
        if spans and first and spans[-1].last == first - day:
            spans[-1] = Period(spans[-1].first, last)
        else:
            spans.append(Period(first, last))
    return found


def overseas(bearer: Bearer, law: Law) -> bool:
    """Whether the bearer is in a territory that the participation leaves out (F2), which is also
    where the DETR has its own ceilings.
    """
    return bearer.department in law.codes("own-share-overseas", "departments")
