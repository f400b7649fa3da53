"""What the checks say of a plan, on paper (PDF): for those who prepare the file, not to be sent."""

from pathlib import Path
from typing import Any, Final

from maillage.common.templatetags.maillage import lettres
from maillage.common.typeset import as_pdf, as_read, cut, house
from maillage.engine.funding.types import Check, Rule
from maillage.funding.papers.plan import LONGEST_NAME
from maillage.funding.papers.subject import Subject, verdict
from maillage.funding.validity import in_force

TEMPLATE: Final = Path(__file__).with_suffix(".typ")
TITLE: Final = "Vérifications du plan, à garder"


def report_as_pdf(subject: Subject) -> bytes:
    """The checks as an accessible PDF: what fails, what is not settled, what holds."""
    return as_pdf(TEMPLATE, _data(subject))


def report_as_read(subject: Subject) -> dict[str, Any]:
    """What the laid-out report says of itself (its metadata), to check it."""
    return as_read(TEMPLATE, _data(subject))


def _data(subject: Subject) -> dict[str, Any]:
    return {
        **house(TITLE, subject.today),
        "project": cut(subject.project, LONGEST_NAME),
        "bearer": cut(subject.called.title, LONGEST_NAME),
        "verdict": verdict(subject),
        "holds": bool(subject.document.costs) and not subject.failing,
        "failing": [_check(subject, check) for check in subject.failing],
        "unsettled": [_check(subject, check) for check in subject.unsettled],
        "holding": [_check(subject, check) for check in subject.holding],
        "law": f"Vérifié avec le droit du {lettres(subject.document.date)}.",
    }


def _check(subject: Subject, check: Check) -> dict[str, str]:
    rule = subject.law.rules.get(check.rule)
    return {
        "title": rule.title if rule else "",
        "sentence": check.sentence,
        "change": check.change,
        "reference": _reference(rule, subject) if rule else "",
    }


def _reference(rule: Rule, subject: Subject) -> str:
    """The law of a rule, and since when it is."""
    said = f"{rule.reference}{'' if rule.confirmed else ' (à confirmer)'}"
    return f"{said} ; en vigueur : {in_force(rule, subject.document.date)}"
