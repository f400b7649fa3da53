"""Checks and best plans as a page says them: words beside signs, numbers, law, differences."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from maillage.engine.funding.answer import Answer, BestPlan
from maillage.engine.funding.candidates import SetAside
from maillage.engine.funding.rules import Law
from maillage.engine.funding.types import (
    FUND_LABELS,
    ZERO,
    Check,
    Fund,
    Plan,
    Rule,
    Status,
    Verdict,
)
from maillage.engine.funding.words import euros, number, percent
from maillage.funding.document import PlanDocument, Source
from maillage.funding.enums import VERDICTS
from maillage.funding.taking import taken

#: Beyond so many questions, the others are folded: the plan stays in reach.
_MOST_ASKED: Final = 6


@dataclass(frozen=True, slots=True)
class ShownCheck:
    """A check as a line of the page. ``figures`` are (label, value in words)."""

    check: Check
    rule: Rule
    sign: str
    word: str
    style: str
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The checks of a plan, sorted for the eye, under the sentence that sums them up.

    ``holds`` is true when there is a plan and nothing in it fails; ``style`` is ``fails``,
    ``unknown`` (nothing fails, something cannot be told) or ``holds``; ``day`` says whose law.
    """

    headline: str
    more: str
    holds: bool
    style: str
    lines: tuple[ShownCheck, ...]
    out: tuple[ShownCheck, ...]
    day: date

    @property
    def failing(self) -> list[ShownCheck]:
        """What must be corrected."""
        return [line for line in self.lines if line.check.verdict is Verdict.FAILS]

    @property
    def asking(self) -> list[ShownCheck]:
        """What cannot be told yet."""
        return [line for line in self.lines if line.check.verdict is Verdict.UNKNOWN]

    @property
    def asking_first(self) -> list[ShownCheck]:
        """What of it is in sight: all, or the first of many."""
        return self.asking if len(self.asking) <= _MOST_ASKED else self.asking[: _MOST_ASKED - 2]

    @property
    def asking_more(self) -> list[ShownCheck]:
        """What of it is folded."""
        return self.asking[len(self.asking_first) :]

    @property
    def kept(self) -> list[ShownCheck]:
        """What is respected."""
        return [line for line in self.lines if line.check.verdict is Verdict.HOLDS]


def report(checks: Sequence[Check], law: Law) -> Report:
    """What the page says of a plan."""
    lines = [_shown(one, law) for one in checks if one.rule in law]
    told = [one for one in lines if one.check.verdict is not Verdict.OUT]
    told.sort(key=lambda one: list(VERDICTS).index(one.check.verdict))
    failing = [c for c in checks if c.verdict is Verdict.FAILS]
    asking = [c for c in checks if c.verdict is Verdict.UNKNOWN]
    empty = next((c for c in asking if c.id == "balance"), None)
    if empty is not None:
        headline, more, style = empty.sentence, "", "unknown"
    elif failing:
        first = next((c for c in failing if c.id == "balance"), failing[0])
        rest = len(failing) - 1
        headline = first.sentence if first.id == "balance" else f"À corriger : {first.sentence}"
        more = _count(rest, "autre point à corriger", "autres points à corriger") if rest else ""
        style = "fails"
    elif asking:
        headline, more, style = unopposed(len(asking)), "", "unknown"
    else:
        headline, more, style = unopposed(0), "", "holds"
    return Report(
        headline, more, not failing and empty is None, style, tuple(told),
        tuple(one for one in lines if one.check.verdict is Verdict.OUT), law.day,
    )  # fmt: skip


def unopposed(asking: int) -> str:
    """The verdict when nothing fails and `asking` points cannot be told yet."""
    if not asking:
        return "Ce plan tient."
    points = "reste un point" if asking == 1 else f"reste {asking} points"
    return f"Rien ne s'oppose à ce plan ; il {points} à préciser."


def _count(many: int, one: str, several: str) -> str:
    return f"{many} {several if many > 1 else one}."


def _shown(check: Check, law: Law) -> ShownCheck:
    sign, word = VERDICTS[check.verdict]
    figures = tuple((one.label, _value(one.value, one.unit)) for one in check.figures)
    return ShownCheck(check, law[check.rule], sign, word, check.verdict.value, figures)


def _value(value: Decimal, unit: str) -> str:
    if unit == "€":
        return euros(value)
    return percent(value / 100) if unit == "%" else f"{number(value)} {unit}".strip()


# -- Best plans


@dataclass(frozen=True, slots=True)
class Column:
    """A best plan beside the others: what it is best at, what differs from the first, and the
    document that takes it into the editor.
    """

    best: BestPlan
    titles: tuple[str, ...]
    differences: tuple[str, ...]
    document: PlanDocument
    own_share: str

    @property
    def loan(self) -> Decimal:
        """What of its own money is borrowed."""
        borrowed = (one for one in self.document.resources if one.fund is Fund.LOAN)
        return sum((one.counted for one in borrowed if one.status is not Status.REFUSED), ZERO)

    @property
    def json(self) -> str:
        """The document as it is sent back."""
        return json.dumps(self.document.as_json())


@dataclass(frozen=True, slots=True)
class Comparison:
    """The plans found, side by side: those that are the same stand once, with all their titles."""

    columns: tuple[Column, ...]
    questions: tuple[SetAside, ...]
    set_aside: tuple[SetAside, ...]
    conflict: str
    rules: tuple[Rule, ...]
    nearest: Column | None


def comparison(answer: Answer, document: PlanDocument, law: Law) -> Comparison:
    """What the page says of the best plans for a document."""
    columns: list[Column] = []
    for best in answer.plans:
        same = next((n for n, c in enumerate(columns) if _same(c.best.plan, best.plan)), None)
        if same is None:
            columns.append(_column(best, document, columns[0].best if columns else None))
        else:
            held = columns[same]
            columns[same] = replace(held, titles=(*held.titles, best.label))
    conflict = answer.conflict
    nearest = conflict.nearest if conflict else None
    return Comparison(
        tuple(columns),
        tuple(one for one in answer.set_aside if one.question),
        tuple(one for one in answer.set_aside if not one.question),
        conflict.sentence if conflict else "",
        tuple(law[r] for r in dict.fromkeys(conflict.rules) if r in law) if conflict else (),
        _column(nearest, document, None) if nearest else None,
    )


def _column(best: BestPlan, document: PlanDocument, first: BestPlan | None) -> Column:
    cost = best.plan.cost
    return Column(
        best,
        (best.label,),
        tuple(differences(first, best)) if first else (),
        taken(document, best),
        percent(best.own / cost) if cost else "",
    )


def _same(first: Plan, second: Plan) -> bool:
    return _amounts(first) == _amounts(second)


def _amounts(plan: Plan) -> dict[str, Decimal]:
    return {one.id: one.amount for one in plan.resources}


def differences(first: BestPlan, second: BestPlan) -> list[str]:
    """What the second plan changes to the first, in words."""
    said = []
    gap = second.own - first.own
    if gap:
        said.append(f"{euros(abs(gap))} de fonds propres {'en plus' if gap > 0 else 'en moins'}.")
    more = second.dossiers - first.dossiers
    if more:
        word = "dossier" if abs(more) == 1 else "dossiers"
        said.append(f"{abs(more)} {word} {'de plus' if more > 0 else 'de moins'}.")
    before = {r.id: r for r in first.plan.resources if r.fund is not Fund.OWN}
    after = {r.id: r for r in second.plan.resources if r.fund is not Fund.OWN}
    for name in before.keys() - after.keys():
        said.append(f"Sans « {before[name].label} » ({euros(before[name].amount)}).")
    for name, one in after.items():
        if name not in before:
            said.append(f"Avec « {one.label} » ({euros(one.amount)}).")
        elif one.amount != before[name].amount:
            said.append(
                f"« {one.label} » : {euros(one.amount)} au lieu de {euros(before[name].amount)}."
            )
    return said or ["Le même plan."]


def aid_said(source: Source) -> str:
    """What is known of an aid of the catalogue: « jusqu'à 40 %, au plus 50 000 € »."""
    parts = [FUND_LABELS[source.fund]]
    if source.rate is not None:
        parts.append(f"jusqu'à {percent(source.rate)}")
    if source.flat is not None:
        parts.append(f"forfait de {euros(source.flat)}")
    if source.cap is not None:
        parts.append(f"au plus {euros(source.cap)}")
    if source.rate is None and source.flat is None:
        parts.append("taux à demander")
    if source.closes is not None:
        parts.append(f"à déposer avant le {source.closes:%d/%m/%Y}")
    return " · ".join(parts)
