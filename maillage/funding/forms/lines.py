"""Lines of the plan editor: a cost, a resource ↔ a row of cells."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from maillage.common.readings import (
    NotAnAmount,
    Unread,
    cents_of,
    count_of,
    plan_day_of,
    share_of,
    year_of,
)
from maillage.engine.funding.types import (
    FUND_LABELS,
    HELD,
    CostLine,
    Fund,
    Nature,
    Spending,
    Status,
)
from maillage.engine.funding.words import short
from maillage.funding.document import Source
from maillage.funding.forms import terms, vat
from maillage.funding.forms.cells import (
    LONGEST,
    LONGEST_NOTE,
    Row,
    clean,
    code,
    written_day,
    written_money,
    written_number,
    written_share,
)
from maillage.funding.forms.folding import lines_of
from maillage.funding.pastedcells import fund_of
from maillage.funding.pasteddetails import payments_of
from maillage.funding.table import payments_said
from maillage.funding.vat import Usual

COST_FIELDS: Final = ("id", "label", "net", "vat", "gross", "was", "spending", "nature", "year",
                      "signed_on", "open")  # fmt: skip
_MONEY: Final = ("amount", "granted", "paid", "cap", "floor", "flat")
_DAYS: Final = ("filed_on", "received_on", "decided_on", "paid_on", "closes", "commission_on")
_SHARES: Final = ("rate", "advance", "chance")
_TEXTS: Final = ("id", "label", "scheme", "offer", "note")
RESOURCE_FIELDS: Final = (*_TEXTS, "payments", "fund", "status", "letter", "days", *_MONEY, *_DAYS,
                          *_SHARES, "numbers", "open")  # fmt: skip
#: What the life of a dossier writes in a resource: a copy of the line is another dossier.
_LIFE: Final = ("letter", "filed_on", "received_on", "decided_on", "granted", "paid", "paid_on",
                "payments")  # fmt: skip
#: Beyond what may be read, so that what is too long is said.
_LONGEST_CELL: Final = LONGEST + 1
_LONGEST_OF: Final = {"note": LONGEST_NOTE, "payments": 10_000}
#: What a person types in a line; without any of it, the line is blank.
_TYPED: Final = {
    "c": ("label", "net", "gross"),
    "r": ("label", "amount", "rate", "flat", "cap", "granted", "note"),
}
#: What is ticked in a line, by field.
Ticks = Mapping[str, Iterable[Any]]
_SPENDINGS, _NATURES = [x.value for x in Spending], [x.value for x in Nature]
_STATUSES, _FUNDS = [x.value for x in Status], [x.value for x in Fund]


def cost_row(one: CostLine, number: int, here: Usual) -> Row:
    """The cells of a cost; `here` is the VAT where the bearer is."""
    rate = here.rate_of(one.net, one.gross)
    return _called(Row(f"c{number}", {
        "id": one.id,
        "label": one.label,
        "net": written_money(one.net),
        "gross": written_money(one.gross),
        "vat": rate,
        "was": vat.was(one.net, one.gross, rate),
        "spending": one.spending.value,
        "nature": one.nature.value,
        "year": written_number(one.year),
        "signed_on": written_day(one.signed_on),
        "open": "",
    }))  # fmt: skip


def resource_row(one: Source, number: int) -> Row:
    """The cells of a resource. An amount of nothing is shown blank: it is not known yet."""
    values = {name: getattr(one, name) for name in _TEXTS}
    values |= {name: written_money(getattr(one, name)) for name in _MONEY}
    values |= {name: written_day(getattr(one, name)) for name in _DAYS}
    values |= {name: written_share(getattr(one, name)) for name in _SHARES}
    values |= {
        "fund": one.fund.value,
        "status": one.status.value,
        "letter": "oui" if one.letter else "",
        "payments": payments_said(one.payments),
        "days": written_number(one.days),
        "numbers": "",
        "open": "",
    }
    if not one.amount:
        values["amount"] = ""
    others = {name: tuple(getattr(one, name)) for name in terms.FIELDS}
    return _called(Row(f"r{number}", values, tuple(one.lines), others=others))


def blank(kind: str, name: str, number: int, rate: str = "") -> Row:
    """A line where nothing is typed; `rate` is the VAT that a cost proposes."""
    fields = COST_FIELDS if kind == "c" else RESOURCE_FIELDS
    said = dict.fromkeys(fields, "") | {"id": name}
    if kind == "c":
        said |= {"vat": rate, "was": f"||{rate}"}
    return _with_defaults(kind, number, said, {})


def follow(row: Row, rate: str) -> None:
    """A cost without a rate, or where nothing is typed yet, takes the usual one."""
    untouched = row.values["was"] == f"||{row.values['vat']}" and is_blank(row)
    if untouched or not row.values["vat"]:
        row.values |= {"vat": rate, "was": row.values["was"] if not untouched else f"||{rate}"}


def copied(row: Row, name: str) -> Row:
    """A copy of a line under the identifier `name`; of a resource, as a dossier to begin."""
    values = {**row.values, "id": name}
    if row.name[0] == "r":
        values |= {**dict.fromkeys(_LIFE, ""), "status": Status.CONSIDERED.value}
    return Row(row.name, values, row.lines, others=dict(row.others))


def posted_rows(
    kind: str, found: Mapping[str, Mapping[str, str]], ticked: Mapping[str, Ticks]
) -> list[Row]:
    """Lines as they were sent, in the order of the page; each has an identifier of its own. What is
    `ticked` is by line.
    """
    rows: list[Row] = []
    taken: set[str] = set()
    for number, values in found.items():
        row = remade(kind, values, ticked.get(number, {}))
        if not row.values["id"] or row.values["id"] in taken:
            row.values["id"] = next(
                f"{kind}{n}" for n in range(1, 10**6)
                if f"{kind}{n}" not in taken
                and all(v.get("id") != f"{kind}{n}" for v in found.values())
            )  # fmt: skip
        taken.add(row.values["id"])
        rows.append(row)
    renumber(kind, rows)
    return rows


def ticks_of(row: Row) -> dict[str, tuple[str, ...]]:
    """What is ticked in a line, by field: costs, other resources."""
    return {"lines": row.lines, **row.others}


def remade(kind: str, values: Mapping[str, Any], ticked: Ticks) -> Row:
    """A line from texts of any origin: fields that are not known are left out."""
    fields = COST_FIELDS if kind == "c" else RESOURCE_FIELDS
    kept = {
        name: clean(str(values.get(name, "")), _LONGEST_OF.get(name, _LONGEST_CELL))
        for name in fields
    }
    return _with_defaults(kind, 0, kept, ticked)


def _with_defaults(kind: str, number: int, values: dict[str, str], ticked: Ticks) -> Row:
    usual = {"spending": "investment", "nature": "works"}
    if kind == "r":
        usual = {"status": Status.CONSIDERED.value}
    filled = {name: values[name] or text for name, text in usual.items()}
    row = Row(f"{kind}{number}", {**values, **filled}, tuple(map(str, ticked.get("lines", ()))))
    if kind == "r":
        row.others = {name: tuple(map(str, ticked.get(name, ()))) for name in terms.FIELDS}
    return _called(row)


def renumber(kind: str, rows: list[Row]) -> None:
    """Name lines after their place in the page."""
    for number, row in enumerate(rows):
        row.name = f"{kind}{number}"
        row.extra["number"] = number
        _called(row)


def _called(row: Row) -> Row:
    """How errors name the line: « Dépense 2, Travaux : »."""
    what = "Dépense" if row.name.startswith("c") else "Ressource"
    label = f", {short(row.values['label'], 60)}" if row.values["label"].strip() else ""
    number = int(row.name[1:])
    row.extra |= {"called": f"{what} {number + 1}{label} : ", "number": number}
    return row


def is_blank(row: Row) -> bool:
    """Whether nothing is typed in a line."""
    return not row.filled(*_TYPED[row.name[0]])


def counted_of(row: Row) -> Decimal:
    """What the plan counts of a resource: what came, what was granted, else what is asked."""
    values = row.values
    if values["status"] == Status.PAID and values["paid"].strip():
        return amount_of(row, "paid")
    held = values["status"] in HELD and values["granted"].strip()
    return amount_of(row, "granted" if held else "amount")


def is_first_own(row: Row) -> bool:
    """Whether it is the line of own money that a new plan begins with, as it was."""
    return row.values["fund"] == Fund.OWN.value and not row.filled(
        *(name for name in _TYPED["r"] if name != "label")
    )


def amount_of(row: Row, field: str) -> Decimal:
    """An amount as it can be read, zero otherwise: for the totals of the page."""
    try:
        return cents_of(row.values[field])
    except NotAnAmount:
        return Decimal(0)


def _text(row: Row, name: str, longest: int = LONGEST) -> str:
    said = " ".join(row.values[name].split())
    if len(said) > longest:
        row.errors[name] = f"{longest} caractères au plus."
    return said[:longest]


def read_cost(row: Row, in_net: bool, here: Usual) -> dict[str, Any] | None:
    """A cost as the document writes it; ``None`` for a blank line. Errors are noted."""
    if is_blank(row):
        return None
    net, gross = vat.settle(row, in_net, here)
    return {
        "id": row.values["id"],
        "label": _text(row, "label"),
        "net": net,
        "gross": gross,
        "spending": row.read("spending", code(_SPENDINGS)),
        "nature": row.read("nature", code(_NATURES)),
        "year": row.read("year", year_of),
        "signed_on": row.read("signed_on", plan_day_of),
    }


def read_resource(row: Row, costs: set[str]) -> dict[str, Any] | None:
    """A resource as the document writes it; ``None`` for a blank line. A cost that is no longer
    there is no longer paid. Errors are noted.
    """
    if row.extra.get("wrong_numbers"):
        row.errors["numbers"] = row.extra["wrong_numbers"]
    if is_blank(row):
        return None
    named = None if row.values["fund"].strip() else fund_of("", row.values["label"])
    if named is not None:
        row.values["fund"], row.extra["guessed"] = named.value, True
    fund = row.read("fund", code(_FUNDS))
    if fund is None and "fund" not in row.errors:
        row.errors["fund"] = "Choisissez d'où vient cet argent."
    said: dict[str, Any] = {name: row.money(name) for name in _MONEY}
    said |= {name: row.read(name, plan_day_of) for name in _DAYS}
    said |= {name: row.read(name, share_of) for name in _SHARES}
    return said | {
        "id": row.values["id"],
        "label": _text(row, "label") or (FUND_LABELS[Fund(fund)] if fund else ""),
        "scheme": _text(row, "scheme"),
        "offer": _text(row, "offer"),
        "note": _text(row, "note", LONGEST_NOTE),
        "fund": fund,
        "status": row.read("status", code(_STATUSES)),
        "letter": row.values["letter"] == "oui",
        "days": row.read("days", count_of),
        "lines": [one for one in row.lines if one in costs],
        "payments": _payments(row, said["paid"]),
        **terms.of(row),
    }


def _payments(row: Row, paid: Decimal | None) -> list[dict[str, Any]]:
    """Each payment, which the form only keeps, as long as what was paid is their sum."""
    try:
        known = payments_of(row.values["payments"]) if row.values["payments"] else ()
    except Unread:
        return []
    whole = sum((one.amount for one in known), Decimal(0)) == paid
    return [{"on": one.on, "amount": one.amount} for one in known] if whole else []


def check_life(row: Row) -> None:
    """What was granted and paid may be corrected, not taken away from a dossier that says so."""
    if row.values["status"] not in HELD or is_blank(row):
        return
    if not row.values["granted"].strip():
        row.errors["granted"] = (
            "Écrivez le montant accordé : cette aide est dite accordée. Pour revenir en arrière, "
            "allez à la page du plan."
        )
    elif "granted" not in row.errors and amount_of(row, "paid") > amount_of(row, "granted"):
        row.errors["paid"] = "Le montant versé ne dépasse pas le montant accordé."


def paid_lines(row: Row, costs: Sequence[str]) -> None:
    """The costs that a resource pays, when they are said by their numbers; an error is noted, and
    the costs that it paid before are kept.
    """
    if row.values["numbers"].strip():
        try:
            row.lines = lines_of(row.values["numbers"], costs)
        except Unread as error:
            row.extra["wrong_numbers"] = str(error)
