"""The four things that a check may say."""

from decimal import Decimal

from maillage.engine.funding.types import Check, Figure, Rule, Verdict

Figures = tuple[Figure, ...]


def holds(name: str, rule: Rule, sentence: str, figures: Figures = ()) -> Check:
    """The plan respects the rule."""
    return Check(name, rule.id, Verdict.HOLDS, sentence, figures)


def out(name: str, rule: Rule, sentence: str) -> Check:
    """The rule does not apply to this plan."""
    return Check(name, rule.id, Verdict.OUT, sentence)


def unknown(name: str, rule: Rule, sentence: str, figures: Figures = (), change: str = "") -> Check:
    """Something is missing to tell; `change` says what to find out."""
    return Check(name, rule.id, Verdict.UNKNOWN, sentence, figures, change)


def fails(
    name: str, rule: Rule, sentence: str, figures: Figures, change: str, gap: Decimal | None = None
) -> Check:
    """The plan breaks the rule; `change` is the smallest that mends it, of `gap` euros."""
    return Check(name, rule.id, Verdict.FAILS, sentence, figures, change, gap)
