"""The plan de financement on paper (PDF), in the form of a DETR or DSIL file: expenses on the left,
resources on the right, equal totals, public aids together, place and signature. What the checks
say is another paper (`report.py`): this one is sent, that one is kept.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from maillage.common.templatetags.maillage import lettres, pluriel
from maillage.common.typeset import as_pdf, as_read, cut, house
from maillage.engine.funding.types import PUBLIC, ZERO
from maillage.engine.funding.words import euros, number, percent
from maillage.funding.enums import SPENDINGS
from maillage.funding.papers.amounts import asked_in_table, in_table, part
from maillage.funding.papers.subject import (
    Group,
    Row,
    Subject,
    gap,
    groups,
    refused,
    vat,
)

TEMPLATE: Final = Path(__file__).with_suffix(".typ")
TITLE: Final = "Plan de financement prévisionnel"
LONGEST_NAME: Final = 200
_SPENDINGS: Final = dict(SPENDINGS)
#: What happened on the day of a resource, in a narrow column.
_EVENTS: Final = {
    "décision": "décision du", "accusé de réception": "reçu le", "dépôt": "déposé le",
}  # fmt: skip


def plan_as_pdf(subject: Subject) -> bytes:
    """The plan as an accessible PDF, on one page (more when it has tens of lines)."""
    return as_pdf(TEMPLATE, _data(subject))


def plan_as_read(subject: Subject) -> dict[str, Any]:
    """What the laid-out plan says of itself (its metadata), to check it."""
    return as_read(TEMPLATE, _data(subject))


def share(amount: Decimal, cost: Decimal) -> str:
    """A part of the cost, in a sentence; "" when nothing costs anything yet."""
    return percent(amount / cost) if cost else ""


def cash_lines(subject: Subject) -> list[str]:
    """What is said of VAT: it is paid, and sometimes refunded; it is no resource."""
    total, back = vat(subject)
    if not total:
        return []
    said = [f"TVA à avancer : {euros(total)}."]
    if back is not None:
        rate = f"{number(subject.law.number('fctva', 'rate') * 100)} %"
        sure = "" if subject.bearer.recovers_vat else ", si le maître d'ouvrage y a droit"
        said.append(
            f"Remboursement attendu du FCTVA{sure} : environ {euros(back)} ({rate} des dépenses "
            "d'investissement TTC qui portent de la TVA). C'est de la trésorerie : il n'est pas "
            "compté dans les ressources."
        )
    elif subject.bearer.recovers_vat:
        said.append("Le maître d'ouvrage la récupère : elle n'est pas comptée dans ses ressources.")
    elif subject.bearer.recovers_vat is None:
        said.append("Il reste à dire si la TVA est remboursée (FCTVA) ou récupérée.")
    else:
        said.append("Elle n'est pas remboursée.")
    return said


def gap_line(subject: Subject) -> str:
    """What is said when the totals differ; "" when they are the same."""
    left = gap(subject)
    if left > 0:
        return f"Reste à financer : {euros(left)}."
    return f"Les ressources dépassent les dépenses de {euros(-left)}." if left else ""


def _data(subject: Subject) -> dict[str, Any]:
    document, plan = subject.document, subject.plan
    found = groups(subject)
    brought = sum((group.total for group in found), ZERO)
    public = plan.brought(PUBLIC)
    return {
        **house(TITLE, subject.today),
        "project": cut(subject.project, LONGEST_NAME),
        "facts": _facts(subject),
        "money": subject.money,
        "costs": [
            {
                "label": line.label,
                "kind": _SPENDINGS[line.spending.value],
                "net": in_table(line.net),
                "gross": in_table(line.gross),
            }
            for line in document.costs
        ],
        "net": in_table(sum((line.net for line in document.costs), ZERO)),
        "gross": in_table(sum((line.gross for line in document.costs), ZERO)),
        "groups": [_group(group, plan.cost) for group in found],
        "brought": in_table(brought),
        "brought_share": part(brought, plan.cost),
        "refused": [f"{row.label} ({euros(row.amount)})" for row in refused(subject)],
        "cash": cash_lines(subject),
        "public": in_table(public),
        "public_share": part(public, plan.cost),
        "gap": gap_line(subject),
        "signature": f"{subject.head[0].upper()}{subject.head[1:]}",
    }  # fmt: skip


def _facts(subject: Subject) -> list[dict[str, str]]:
    bearer = subject.bearer
    people = pluriel(bearer.population_dgf, "habitant,habitants") if bearer.population_dgf else ""
    name = cut(subject.called.title, LONGEST_NAME)
    said = (
        ("Maître d'ouvrage", f"{name} ({people}, population DGF)" if people else name),
        ("SIREN", subject.identity.siren),
        ("Calendrier", calendar(subject)),
        ("Établi le", lettres(subject.today)),
    )
    return [{"label": label, "text": text} for label, text in said if text]


def calendar(subject: Subject) -> str:
    """From when to when; the years of the expenses when no day is known.

    Days are those of the project.
    """
    if subject.starts_on and subject.ends_on:
        return f"du {lettres(subject.starts_on)} au {lettres(subject.ends_on)}"
    if subject.starts_on:
        return f"à partir du {lettres(subject.starts_on)}"
    if subject.ends_on:
        return f"jusqu'au {lettres(subject.ends_on)}"
    years = sorted({line.year for line in subject.document.costs if line.year})
    return " et ".join(str(year) for year in years) if len(years) < 3 else (
        f"de {years[0]} à {years[-1]}"
    )  # fmt: skip


def _group(group: Group, cost: Decimal) -> dict[str, Any]:
    return {
        "title": group.title,
        "rows": [_row(row, cost) for row in group.rows],
        "total": in_table(group.total),
        "share": part(group.total, cost),
        "last": group.last,
        "summed": group.summed and not group.alone,
    }


def _row(row: Row, cost: Decimal) -> dict[str, str]:
    return {
        "label": row.label,
        "giver": row.giver,
        "amount": asked_in_table(row.amount),
        "share": part(row.amount, cost) if row.amount else "",
        "state": row.state,
        "event": _EVENTS.get(row.event, ""),
        "day": f"{row.day:%d/%m/%Y}" if row.day else "",
    }
