"""The plan de financement as a spreadsheet (ODS) whose totals and shares are formulas: whoever
corrects an amount sees all the others follow.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from maillage.common.sheet import EMPTY, Cell, Sheet, address, span, spreadsheet
from maillage.common.templatetags.maillage import lettres
from maillage.engine.funding.types import PUBLIC, ZERO, Spending, Status
from maillage.engine.funding.words import number
from maillage.funding.enums import SPENDINGS
from maillage.funding.papers.plan import TITLE
from maillage.funding.papers.subject import Group, Row, Subject, groups, refused, vat

_SPENDINGS: Final = dict(SPENDINGS)
#: Columns: four for the expenses, one left empty, seven for the resources.
_NET, _GROSS, _AMOUNT, _SHARE = 2, 3, 7, 8
_RIGHT: Final = 5
_WIDE: Final = 7
_LAST: Final = 12
_WIDTHS: Final = (5.6, 3.4, 3.2, 3.2, 0.4, 5.2, 3.6, 3.2, 2.5, 2.6, 2.6, 2.9)
#: Rows before the first line of the table.
_TOP: Final = 6
#: Precision of the shares that are written beside their formulas.
_FINE: Final = Decimal("0.000001")
_MORE: Final = {
    Status.CONSIDERED: " (envisagé)",
    Status.RECEIVED: " (accusé de réception)",
    Status.PAID: " (versé)",
}
Line = list[Cell]


def plan_as_ods(subject: Subject) -> bytes:
    """The plan as an ODS: the table that is sent. What was checked is another paper (`report.py`),
    which is kept.
    """
    return spreadsheet(
        f"{TITLE} : {subject.project}",
        subject.today,
        [Sheet("Plan de financement", _WIDTHS, _plan(subject), head=_TOP - 1)],
    )


def _plan(subject: Subject) -> list[Line]:
    found = groups(subject)
    left = _costs(subject)
    height = max(len(left), sum(_height(group) for group in found), 1)
    bottom = _TOP + height
    right, subtotals = _resources(subject, found, bottom)
    rows = _head(subject)
    for at in range(height):
        rows.append([
            *(left[at] if at < len(left) else [EMPTY] * 4), EMPTY,
            *(right[at] if at < len(right) else [EMPTY] * _WIDE),
        ])  # fmt: skip
    rows.append(_totals(subject, found, bottom, subtotals))
    rows += _below(subject, bottom)
    return rows


def _height(group: Group) -> int:
    """Rows of a group: its title, its resources, its sub-total, that of all public aids."""
    return 1 + len(group.rows) + group.summed + group.last


def _head(subject: Subject) -> list[Line]:
    return [
        [Cell(TITLE, "title", span=_LAST)],
        [Cell("Opération", "note"), Cell(subject.project, "note", span=_LAST - 1)],
        [Cell("Maître d'ouvrage", "note"), Cell(subject.called.title, "note", span=_LAST - 1)],
        [Cell("Établi le", "note"), Cell(lettres(subject.today), "note", span=_LAST - 1)],
        [EMPTY],
        [
            Cell("Dépenses", "head"), Cell("Nature", "head"), Cell("Montant HT", "head-right"),
            Cell("Montant TTC", "head-right"), EMPTY, Cell("Ressources", "head"),
            Cell("Origine", "head"), Cell(f"Montant {subject.money}", "head-right"),
            Cell("Taux", "head-share"), Cell("État", "head"), Cell("Date", "head-right"),
            Cell("De quoi", "head"),
        ],
    ]  # fmt: skip


def _costs(subject: Subject) -> list[Line]:
    return [
        [
            Cell(line.label), Cell(_SPENDINGS[line.spending.value]),
            Cell(line.net, "money"), Cell(line.gross, "money"),
        ]
        for line in subject.document.costs
    ]  # fmt: skip


def _resources(
    subject: Subject, found: Sequence[Group], bottom: int
) -> tuple[list[Line], list[int]]:
    """The right half, and the rows of its sub-totals."""
    lines: list[Line] = []
    subtotals = []
    for group in found:
        lines.append([Cell(group.title, "group", span=_WIDE)])
        first = _TOP + len(lines)
        for row in group.rows:
            lines.append(_resource(subject, row, _TOP + len(lines), bottom))
        here = _TOP + len(lines)
        formula = f"of:=SUM({span(_AMOUNT, first, here - 1)})" if group.rows else "of:=0"
        if group.summed:
            lines.append(_sum(subject, ("Sous-total", group.total, formula), here, bottom))
        subtotals.append(here)
        if group.last:
            if group.summed:
                formula = f"of:={_added(subtotals)}"
            said = ("Total des aides publiques", subject.plan.brought(PUBLIC), formula)
            lines.append(_sum(subject, said, _TOP + len(lines), bottom))
    return lines, subtotals


def _sum(subject: Subject, said: tuple[str, Decimal, str], here: int, bottom: int) -> Line:
    """A line of total: its name, its amount, its formula."""
    label, amount, formula = said
    return [
        Cell(label, "total", span=2), Cell(amount, "total-money", formula),
        _share(subject, amount, here, bottom, "total-share"), *_unsaid(),
    ]  # fmt: skip


def _added(rows: Sequence[int]) -> str:
    return "+".join(address(_AMOUNT, row) for row in rows)


def _unsaid() -> Line:
    """The state, the day and what it is the day of, where there is none."""
    return [Cell(None, "total")] * 3


def _resource(subject: Subject, row: Row, here: int, bottom: int) -> Line:
    return [
        Cell(row.label), Cell(row.origin), Cell(row.amount, "asked"),
        _share(subject, row.amount, here, bottom, "share"), Cell(_state(row)),
        Cell(row.day, "date"), Cell(_event(row)),
    ]  # fmt: skip


def _state(row: Row) -> str:
    """Where a resource stands, with what the usual word does not say: the sheet is read again by
    this site as it was.
    """
    more = _MORE.get(row.status, "") if row.state else ""
    return f"{row.state}{more}"


def _event(row: Row) -> str:
    return f"{row.event[0].upper()}{row.event[1:]}" if row.event else ""


def _share(subject: Subject, amount: Decimal, row: int, bottom: int, look: str) -> Cell:
    """A part of the total cost, in the money of the plan; empty while nothing costs anything."""
    whole = address(_NET if subject.document.in_net else _GROSS, bottom)
    cost, here = subject.plan.cost, address(_AMOUNT, row)
    # What is still to be asked has no share yet.
    nothing = f"{whole}*{here}" if look == "share" else whole
    return Cell(
        (amount / cost).quantize(_FINE) if cost and (amount or look != "share") else "",
        look,
        f'of:=IF({nothing}=0;"";{here}/{whole})',
    )


def _totals(
    subject: Subject, found: Sequence[Group], bottom: int, subtotals: Sequence[int]
) -> Line:
    net, gross = _sums(subject)
    brought = sum((group.total for group in found), ZERO)
    return [
        Cell("Total des dépenses", "total"), Cell(None, "total"),
        Cell(net, "total-money", f"of:=SUM({span(_NET, _TOP, bottom - 1)})"),
        Cell(gross, "total-money", f"of:=SUM({span(_GROSS, _TOP, bottom - 1)})"),
        EMPTY, Cell("Total des ressources", "total"), Cell(None, "total"),
        Cell(brought, "total-money", f"of:={_added(subtotals)}"),
        _share(subject, brought, bottom, bottom, "total-share"), *_unsaid(),
    ]  # fmt: skip


def _below(subject: Subject, bottom: int) -> list[Line]:
    """The difference, the VAT and its refund, what was refused."""
    net, gross = _sums(subject)
    brought = sum((group.total for group in groups(subject)), ZERO)
    cost = address(_NET if subject.document.in_net else _GROSS, bottom)
    total, back = vat(subject)
    difference = f"of:={address(_AMOUNT, bottom)}-{cost}"
    rows: list[Line] = [
        [EMPTY],
        [
            *([EMPTY] * _RIGHT), Cell("Écart (doit être nul)", span=2),
            Cell(brought - (net if subject.document.in_net else gross), "money", difference),
        ],
        [
            Cell("TVA à avancer", span=3),
            Cell(total, "money", f"of:={address(_GROSS, bottom)}-{address(_NET, bottom)}"),
        ],
    ]  # fmt: skip
    if back is not None:
        rate = subject.law.number("fctva", "rate")
        gross_of, net_of = span(_GROSS, _TOP, bottom - 1), span(_NET, _TOP, bottom - 1)
        invested = (
            f'SUMPRODUCT(({span(1, _TOP, bottom - 1)}="{_SPENDINGS[Spending.INVESTMENT.value]}")'
            f"*({gross_of}>{net_of})*{gross_of})"
        )
        rows.append([
            Cell(f"FCTVA attendu ({number(rate * 100)} % de l'investissement TTC)", span=3),
            Cell(back, "money", f"of:=ROUNDDOWN({invested}*{rate};2)"),
        ])  # fmt: skip
        rows.append([
            Cell("Sur les lignes qui portent de la TVA. C'est de la trésorerie : le FCTVA n'est "
                 "pas une ressource du plan.", "note", span=4),
        ])  # fmt: skip
    for row in refused(subject):
        rows.append([
            *([EMPTY] * _RIGHT), Cell(row.label), Cell(row.origin), Cell(row.amount, "money"),
            Cell(), Cell("Refusé, non compté"), Cell(row.day, "date"), Cell(_event(row)),
        ])  # fmt: skip
    signed = f"{subject.head[0].upper()}{subject.head[1:]} (nom, signature et cachet) :"
    for text in ("", "Fait à                                    , le", signed):
        rows.append([*([EMPTY] * _RIGHT), Cell(text, "note", span=_WIDE)])
    return rows


def _sums(subject: Subject) -> tuple[Decimal, Decimal]:
    costs = subject.document.costs
    return sum((x.net for x in costs), ZERO), sum((x.gross for x in costs), ZERO)
