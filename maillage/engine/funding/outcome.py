"""The four things that a check may say."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from maillage.engine.funding.types import Check, Figure, Rule, Verdict

Figures = tuple[Figure, ...]


def holds(name: str, rule: Rule, sentence: str, figures: Figures = ()) -> Check:
    """The plan respects the rule."""
    return Check(name, rule.id, Verdict.HOLDS, sentence, figures)


def out(name: str, rule: Rule, sentence: str) -> Check:
    """The rule does not apply to this plan."""
    return Check(name, rule.id, Verdict.OUT, sentence)


def unknown(
    name: str, rule: Rule, sentence: str, figures: Figures = (), change: str = "",
    gap: Decimal | None = None,
) -> Check:  # fmt: skip
    """Something is missing to tell; `change` says what to find out. With a `gap`, so many euros
    less would surely hold.
    """
    return Check(name, rule.id, Verdict.UNKNOWN, sentence, figures, change, gap)


def fails(
    name: str, rule: Rule, sentence: str, figures: Figures, change: str, gap: Decimal | None = None
) -> Check:
    """The plan breaks the rule; `change` is the smallest that mends it, of `gap` euros."""
    return Check(name, rule.id, Verdict.FAILS, sentence, figures, change, gap)


def presses(check: Check) -> bool:
    """Whether a plan is beyond what the rule surely allows: it fails, or may fail by an amount."""
    return check.verdict is Verdict.FAILS or check.gap is not None


#: Times that a check says the same of one plan: a page and an answer stay readable.
_MOST = 10


def shortened(checks: Sequence[Check], what: str) -> Sequence[Check]:
    """The first ten; the last of them tells how many others there are (`what`, in the plural)."""
    more = len(checks) - _MOST
    if more <= 0:
        return checks
    last = checks[_MOST - 1]
    said = f"Et {more} autres {what}." if more > 1 else "Et une autre fois."
    return [*checks[: _MOST - 1], replace(last, sentence=f"{last.sentence} {said}")]
