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
from maillage.funding.enums import SPENDINGS, VERDICTS
from maillage.funding.papers.plan import TITLE
from maillage.funding.papers.subject import SOUGHT, Group, Row, Subject, groups, refused, vat

_SPENDINGS: Final = dict(SPENDINGS)
#: Columns: four for the expenses, one left empty, six for the resources.
_NET, _GROSS, _AMOUNT, _SHARE = 2, 3, 7, 8
_RIGHT: Final = 5
_LAST: Final = 11
_WIDTHS: Final = (5.6, 3.4, 3.2, 3.2, 0.4, 5.2, 3.6, 3.2, 2.5, 2.6, 2.6)
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
    """The plan as an ODS: the table, then what was checked."""
    return spreadsheet(
        f"{TITLE} : {subject.project}",
        subject.today,
        [
            Sheet("Plan de financement", _WIDTHS, _plan(subject)),
            Sheet("Vérifications (à garder)", (2.3, 4.8, 8.6, 5.2, 5.1), _checks(subject)),
        ],
    )


def _plan(subject: Subject) -> list[Line]:
    found = groups(subject)
    left = _costs(subject)
    height = max(len(left), sum(len(group.rows) + 2 for group in found) + 1, 1)
    bottom = _TOP + height
    right, subtotals = _resources(subject, found, bottom)
    rows = _head(subject)
    for at in range(height):
        rows.append([
            *(left[at] if at < len(left) else [EMPTY] * 4), EMPTY,
            *(right[at] if at < len(right) else [EMPTY] * 6),
        ])  # fmt: skip
    rows.append(_totals(subject, found, bottom, subtotals))
    rows += _below(subject, bottom)
    return rows


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
        lines.append([Cell(group.title, "group", span=6)])
        first = _TOP + len(lines)
        for row in group.rows:
            lines.append(_resource(subject, row, _TOP + len(lines), bottom))
        here = _TOP + len(lines)
        formula = f"of:=SUM({span(_AMOUNT, first, here - 1)})" if group.rows else "of:=0"
        lines.append([
            Cell("Sous-total", "total"), Cell(None, "total"),
            Cell(group.total, "total-money", formula),
            _share(subject, group.total, here, bottom, "total-share"),
            Cell(None, "total"), Cell(None, "total"),
        ])  # fmt: skip
        subtotals.append(here)
        if group.title == SOUGHT:
            lines.append(_public(subject, subtotals, _TOP + len(lines), bottom))
    return lines, subtotals


def _public(subject: Subject, subtotals: Sequence[int], here: int, bottom: int) -> Line:
    """What both groups of public aids make together."""
    public = subject.plan.brought(PUBLIC)
    return [
        Cell("Total des aides publiques", "total", span=2),
        Cell(public, "total-money", f"of:={'+'.join(address(_AMOUNT, row) for row in subtotals)}"),
        _share(subject, public, here, bottom, "total-share"),
        Cell(None, "total"), Cell(None, "total"),
    ]  # fmt: skip


def _resource(subject: Subject, row: Row, here: int, bottom: int) -> Line:
    return [
        Cell(row.label), Cell(row.origin), Cell(row.amount, "money"),
        _share(subject, row.amount, here, bottom, "share"), Cell(_state(row)),
        Cell(row.day, "date"),
    ]  # fmt: skip


def _state(row: Row) -> str:
    """Where a resource stands, with what the usual word does not say: the sheet is read again by
    this site as it was.
    """
    more = _MORE.get(row.status, "") if row.state else ""
    return f"{row.state}{more}"


def _share(subject: Subject, amount: Decimal, row: int, bottom: int, look: str) -> Cell:
    """A part of the total cost, in the money of the plan; empty while nothing costs anything."""
    whole = address(_NET if subject.document.in_net else _GROSS, bottom)
    cost = subject.plan.cost
    return Cell(
        (amount / cost).quantize(_FINE) if cost else "",
        look,
        f'of:=IF({whole}=0;"";{address(_AMOUNT, row)}/{whole})',
    )


def _totals(
    subject: Subject, found: Sequence[Group], bottom: int, subtotals: Sequence[int]
) -> Line:
    net, gross = _sums(subject)
    brought = sum((group.total for group in found), ZERO)
    summed = "+".join(address(_AMOUNT, row) for row in subtotals)
    return [
        Cell("Total des dépenses", "total"), Cell(None, "total"),
        Cell(net, "total-money", f"of:=SUM({span(_NET, _TOP, bottom - 1)})"),
        Cell(gross, "total-money", f"of:=SUM({span(_GROSS, _TOP, bottom - 1)})"),
        EMPTY, Cell("Total des ressources", "total"), Cell(None, "total"),
        Cell(brought, "total-money", f"of:={summed}"),
        _share(subject, brought, bottom, bottom, "total-share"),
        Cell(None, "total"), Cell(None, "total"),
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
            Cell(), Cell("Refusé, non compté"), Cell(row.day, "date"),
        ])  # fmt: skip
    signed = f"{subject.head[0].upper()}{subject.head[1:]} (nom, signature et cachet) :"
    for text in ("", "Fait à                                    , le", signed):
        rows.append([*([EMPTY] * _RIGHT), Cell(text, "note", span=6)])
    return rows


def _sums(subject: Subject) -> tuple[Decimal, Decimal]:
    costs = subject.document.costs
    return sum((x.net for x in costs), ZERO), sum((x.gross for x in costs), ZERO)


def _checks(subject: Subject) -> list[Line]:
    heads = ("Verdict", "Règle", "Ce qu'elle dit de ce plan", "Ce qui suffirait", "Texte")
    rows: list[Line] = [
        [Cell(f"Règles en vigueur le {lettres(subject.document.date)}", "title", span=5)],
        [Cell(text, "head") for text in heads],
    ]
    for check in sorted(subject.checks, key=lambda check: list(VERDICTS).index(check.verdict)):
        rule = subject.law.rules.get(check.rule)
        rows.append([
            Cell(VERDICTS[check.verdict][1]), Cell(rule.title if rule else ""),
            Cell(check.sentence), Cell(check.change),
            Cell(f"{rule.reference}{'' if rule.confirmed else ' (à confirmer)'}" if rule else ""),
        ])  # fmt: skip
    return rows
