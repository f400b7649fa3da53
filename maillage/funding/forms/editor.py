"""The plan editor: a posted form ↔ a plan as a document.

The whole plan is in the form: nothing is kept elsewhere. Lines are named by a letter and a number
(``c0-net``, ``r3-amount``) and come in the order of the page. Everything typed is shown again,
with each error at its cell. `Editor.act` adds, removes, copies and moves lines.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from django.http import QueryDict

from maillage.engine.funding.types import FUND_LABELS, ZERO, CostLine, Fund
from maillage.engine.funding.words import percent
from maillage.funding.document import MOST_LINES, BadDocument, PlanDocument, Source
from maillage.funding.document import read as read_document
from maillage.funding.enums import BEARERS, NATURES, SPENDINGS, STATUSES
from maillage.funding.forms import bearer, lines, vat
from maillage.funding.forms.cells import (
    Row,
    answer,
    clean,
    day,
    money,
    written_answer,
    written_day,
    written_money,
)

_NAME: Final = re.compile(r"([cr])(\d{1,5})-([a-z_]+)")
_VERB: Final = re.compile(r"(ajouter|retirer|copier|monter|descendre)-([cr])(\d{1,5})?")
_PLAN: Final = ("date", "in_net", "economic", "own_most", "total")
#: Removals that may be taken back.
_MOST_REMOVED: Final = 20
_LONGEST_STATE: Final = 400_000
FUND_GROUPS: Final = (
    ("Vous-même", (Fund.OWN, Fund.LOAN)),
    ("L'État", (Fund.DETR, Fund.DSIL, Fund.DSID, Fund.DPV, Fund.STATE)),
    ("Les collectivités", (Fund.REGION, Fund.DEPARTMENT, Fund.GROUP)),
    ("L'Europe", (Fund.LEADER, Fund.EUROPE)),
    ("Les autres financeurs publics", (Fund.OPERATOR, Fund.OTHER_PUBLIC)),
    ("Le privé", (Fund.GIFT, Fund.CROWD, Fund.OTHER_PRIVATE)),
)


class Editor:
    """What the page shows: rows of cells, and after `document` the plan that they make.

    ``focus`` is the id of the cell or button to go to, ``said`` what was just done, in words.
    """

    #: Choices of the lists, for the templates.
    funds = [(group, [(f.value, FUND_LABELS[f]) for f in held]) for group, held in FUND_GROUPS]
    bearers, statuses, spendings, natures = BEARERS, STATUSES, SPENDINGS, NATURES
    rates = vat.RATES

    def __init__(
        self, plan: Row, who: Row, costs: list[Row], resources: list[Row], notes: dict[str, str],
        removed: list[dict[str, Any]] | None = None,
    ) -> None:  # fmt: skip
        self.plan = plan
        self.bearer = who
        self.costs = costs
        self.resources = resources
        self.notes = notes
        self.removed = removed or []
        self.problems: list[tuple[str, str]] = []
        self.focus = ""
        self.said = ""

    # -- Made of a document, or of what was sent

    @classmethod
    def of(cls, document: PlanDocument, removed: list[dict[str, Any]] | None = None) -> "Editor":
        """The editor of a plan."""
        plan = Row("p", {
            "date": written_day(document.date),
            "in_net": "ht" if document.in_net else "ttc",
            "economic": written_answer(document.economic),
            "own_most": written_money(document.own_most),
            "total": written_money(document.total),
        })  # fmt: skip
        return cls(
            plan,
            bearer.row_of(document.bearer, document.notes),
            [lines.cost_row(one, n) for n, one in enumerate(document.costs)],
            [lines.resource_row(one, n) for n, one in enumerate(document.resources)],
            dict(document.notes),
            removed,
        )

    @classmethod
    def new(cls, today: date, territory: str = "") -> "Editor":
        """An empty plan: one blank line on each side, and the line of own money; `territory` is
        the code of the commune or EPCI, when it is known.
        """
        made = cls.of(PlanDocument(today, notes={bearer.TERRITORY: territory}))
        bearer.read(made.bearer)
        made.costs = [lines.blank("c", "c1", 0)]
        made.resources = [lines.blank("r", "r1", 0), lines.blank("r", "r2", 1)]
        made.resources[0].values |= {"label": "Fonds propres", "fund": Fund.OWN.value}
        return made

    @classmethod
    def posted(cls, data: QueryDict) -> "Editor":
        """The editor as it was sent, whatever it holds."""
        found: dict[str, dict[str, dict[str, str]]] = {"c": {}, "r": {}}
        ticked: dict[str, tuple[str, ...]] = {}
        for name in data:
            match = _NAME.fullmatch(name)
            if match is None:
                continue
            kind, number, field = match.groups()
            held = found[kind].setdefault(number, {})
            if field == "lines":
                ticked[number] = tuple(clean(one) for one in data.getlist(name))
            else:
                held[field] = data[name]
        made = cls(
            Row("p", {name: clean(data.get(f"p-{name}", "")) for name in _PLAN}),
            bearer.posted(data),
            lines.posted_rows("c", found["c"], {}),
            lines.posted_rows("r", found["r"], ticked),
            _notes(data.get("notes", "")),
            _removed(data.get("retires", "")),
        )
        if not made.plan.values["in_net"]:
            made.plan.values["in_net"] = "ht"
        return made

    # -- What it means

    @property
    def in_net(self) -> bool:
        """Whether the plan is in amounts without VAT."""
        return self.plan.values["in_net"] != "ttc"

    def document(self, today: date) -> PlanDocument | None:
        """The plan, or ``None`` when a cell is wrong: each then has its error. Blank lines are
        left out; amounts that were not typed are filled.
        """
        self._clear()
        said: dict[str, Any] = {
            "date": self.plan.read("date", day),
            "in_net": self.in_net,
            "economic": answer(self.plan.values["economic"]),
            "own_most": self.plan.read("own_most", money),
            "total": self.plan.read("total", money),
            "bearer": bearer.read(self.bearer),
            "costs": [one for row in self.costs if (one := lines.read_cost(row, self.in_net))],
            "notes": self._kept_notes(),
        }
        known = {line["id"] for line in said["costs"]}
        said["resources"] = [
            one for row in self.resources if (one := lines.read_resource(row, known))
        ]
        if any(row.errors for row in self._rows()):
            self.problems = self._said()
            self.focus = self._first_wrong()
            return None
        try:
            return read_document(said, today)
        except BadDocument as error:
            self.problems = [("", said) for _, said in error.problems]
            return None

    def forgive(self) -> None:
        """Forget what is wrong: a line was added or moved, nothing is asked yet."""
        self._clear()

    def _kept_notes(self) -> dict[str, str]:
        kept = {k: v for k, v in self.notes.items() if k != bearer.TERRITORY}
        found = self.bearer.values["code"]
        return kept | ({bearer.TERRITORY: found} if found else {})

    def _rows(self) -> Iterable[Row]:
        return (self.plan, self.bearer, *self.costs, *self.resources)

    def _clear(self) -> None:
        self.problems = []
        for row in self._rows():
            row.errors = {}

    def _said(self) -> list[tuple[str, str]]:
        """(id of the cell, what is wrong) of every error, in the order of the page."""
        return [
            (f"{row.name}-{field}", f"{row.extra.get('called', '')}{text}")
            for row in self._rows()
            for field, text in row.errors.items()
        ]

    def _first_wrong(self) -> str:
        return next((name for name, _ in self.problems), "")

    # -- What is done to its lines

    def act(self, verb: str) -> bool:
        """Do what a button of the editor says (``retirer-c2``…); false for another button."""
        if verb == "remettre":
            self._restore()
            return True
        match = _VERB.fullmatch(verb)
        if match is None:
            return False
        what, kind, number = match.groups()
        rows = self.costs if kind == "c" else self.resources
        place = int(number) if number else -1
        if what == "ajouter":
            self._add(kind, rows)
        elif 0 <= place < len(rows):
            self._change(what, kind, rows, place)
        lines.renumber("c", self.costs)
        lines.renumber("r", self.resources)
        return True

    def _add(self, kind: str, rows: list[Row]) -> None:
        if len(rows) >= MOST_LINES:
            self.said = f"Un plan a {MOST_LINES} lignes au plus."
            return
        rows.append(lines.blank(kind, self._fresh(kind), len(rows)))
        self.focus = f"{kind}{len(rows) - 1}-label"
        self.said = "Une ligne est ajoutée."

    def _change(self, what: str, kind: str, rows: list[Row], place: int) -> None:
        name = rows[place].values["label"] or "Ligne sans nom"
        if what == "retirer":
            row = rows.pop(place)
            self._remember({"kind": kind, "place": place, "values": row.values, "lines": row.lines})
            self.focus = "remettre"
            self.said = f"« {name} » est retirée."
        elif what == "copier" and len(rows) < MOST_LINES:
            copy = Row("", {**rows[place].values, "id": self._fresh(kind)}, rows[place].lines)
            rows.insert(place + 1, copy)
            self.focus = f"{kind}{place + 1}-label"
            self.said = f"« {name} » est copiée."
        else:
            other = place - 1 if what == "monter" else place + 1
            if what in ("monter", "descendre") and 0 <= other < len(rows):
                rows[place], rows[other] = rows[other], rows[place]
                self.focus = f"{kind}{other}-label"
                self.said = f"« {name} » est déplacée."

    def _remember(self, entry: dict[str, Any]) -> None:
        self.removed = [*self.removed, entry][-_MOST_REMOVED:]

    def remember_whole(self, document: PlanDocument) -> None:
        """Keep a plan as it was before a great change, so that it may be taken back."""
        self._remember({"kind": "plan", "plan": document.as_json()})

    def _restore(self) -> None:
        """Put back what was removed last."""
        if not self.removed:
            self.said = "Il n'y a rien à remettre."
            return
        *self.removed, entry = self.removed
        if entry["kind"] == "plan":
            before = Editor.of(read_document(entry["plan"], date.today()), self.removed)
            self.__dict__.update(before.__dict__)
            self.said = "Le plan d'avant est remis."
            return
        rows = self.costs if entry["kind"] == "c" else self.resources
        place = min(int(entry["place"]), len(rows))
        rows.insert(place, lines.remade(entry["kind"], entry["values"], entry["lines"]))
        lines.renumber(entry["kind"], rows)
        self.focus = f"{entry['kind']}{place}-label"
        self.said = "La ligne est remise."

    def _fresh(self, kind: str) -> str:
        """An identifier that no line has, nor one that may be put back."""
        rows = self.costs if kind == "c" else self.resources
        taken = {row.values["id"] for row in rows}
        taken |= {e["values"].get("id", "") for e in self.removed if e["kind"] == kind}
        return next(f"{kind}{n}" for n in range(1, 10_000) if f"{kind}{n}" not in taken)

    def extend(self, costs: Iterable[CostLine] = (), resources: Iterable[Source] = ()) -> None:
        """Add lines to the plan (a paste, aids of the catalogue); blank ones give their place."""
        self.costs = [row for row in self.costs if not lines.is_blank(row)]
        self.resources = [row for row in self.resources if not lines.is_blank(row)]
        for cost in costs:
            row = lines.cost_row(cost, len(self.costs))
            row.values["id"] = self._fresh("c")
            self.costs.append(row)
        for source in resources:
            row = lines.resource_row(source, len(self.resources))
            row.values["id"] = self._fresh("r")
            self.resources.append(row)
        lines.renumber("c", self.costs)
        lines.renumber("r", self.resources)

    # -- What the page shows

    def ready(self) -> "Editor":
        """The same, with what only the page shows: parts of the total, questions, lines to tick."""
        amount = "net" if self.in_net else "gross"
        costs = [(row, lines.amount_of(row, amount)) for row in self.costs]
        self.cost_total = sum((value for _, value in costs), ZERO)
        self.net_total = sum((lines.amount_of(row, "net") for row in self.costs), ZERO)
        self.gross_total = sum((lines.amount_of(row, "gross") for row in self.costs), ZERO)
        paid = [(row, lines.amount_of(row, "amount")) for row in self.resources]
        counted = [value for row, value in paid if row.values["status"] != "refused"]
        self.resource_total = sum(counted, ZERO)
        self.gap = self.cost_total - self.resource_total
        self.excess = -self.gap
        choices = [(r.values["id"], r.values["label"] or "Ligne sans nom") for r in self.costs]
        for row, value in paid:
            known = value and self.cost_total
            row.extra["part"] = percent(value / self.cost_total) if known else ""
            row.extra["inside"] = bool(row.errors.keys() - {"label", "fund", "amount"})
            row.extra["choices"] = [(i, label, i in row.lines) for i, label in choices]
        funds = {row.values["fund"] for row in self.resources}
        self.asked = bearer.asked(self.bearer, funds)
        self.place_said = bearer.place_said(self.bearer)
        self.notes_text = json.dumps(self.notes, ensure_ascii=False) if self.notes else ""
        self.removed_text = json.dumps(self.removed, ensure_ascii=False) if self.removed else ""
        return self


def _json(text: str) -> Any:
    try:
        return json.loads(text[:_LONGEST_STATE])
    except ValueError:
        return None


def _notes(text: str) -> dict[str, str]:
    found = _json(text)
    if not isinstance(found, Mapping):
        return {}
    return {str(k)[:40]: clean(str(v), 2_000) for k, v in found.items()}


def _removed(text: str) -> list[dict[str, Any]]:
    """What may be put back, as it was sent: whatever is not as expected is left out."""
    found = _json(text)
    if not isinstance(found, list):
        return []
    kept = []
    for one in found[-_MOST_REMOVED:]:
        if not isinstance(one, dict):
            continue
        if one.get("kind") == "plan":
            try:
                read_document(one.get("plan"), date.min)
            except BadDocument:
                continue
            kept.append(one)
        elif one.get("kind") in ("c", "r") and isinstance(one.get("values"), dict):
            place, ticked = one.get("place"), one.get("lines")
            kept.append({
                "kind": one["kind"], "values": one["values"],
                "place": place if isinstance(place, int) and place >= 0 else 0,
                "lines": ticked if isinstance(ticked, list) else [],
            })  # fmt: skip
    return kept
