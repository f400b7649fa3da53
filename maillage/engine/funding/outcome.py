"""The four things that a check may say."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final, TypeVar

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


_Found = TypeVar("_Found")
#: What to do when the answer depends on which lines aids pay.
TIE: Final = "Dites, pour chaque aide, quelles dépenses elle paie"
#: Times that a check says the same of one plan: a page and an answer stay readable.
_MOST: Final = 10


def in_few(found: Sequence[_Found], say: Callable[[_Found], Check], what: str) -> Iterable[Check]:
    """What a check says of the first ten things found; the last tells how many others there are
    (`what`, in the plural). Nothing is written of the others: there may be thousands.
    """
    checks = [say(one) for one in found[:_MOST]]
    more = len(found) - _MOST
    if more <= 0:
        return checks
    last = checks[-1]
    said = f"Et {more} autres {what}." if more > 1 else "Et une autre fois."
    return [*checks[:-1], replace(last, sentence=f"{last.sentence} {said}")]
