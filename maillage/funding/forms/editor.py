"""The plan editor: a posted form ↔ a plan as a document.

The whole plan is in the form: nothing is kept elsewhere. Lines are named by a letter and a number
(``c0-net``, ``r3-amount``) and come in the order of the page. Everything typed is shown again,
with each error at its cell. `Editor.act` adds, removes, copies and moves lines.
"""

import json
import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Final, Self

from django.http import QueryDict
from django.utils.timezone import localdate

from maillage.common.readings import Unread, plan_day_of
from maillage.engine.funding.types import OWN, ZERO, Fund, Spending
from maillage.engine.funding.words import percent
from maillage.funding.document import MOST_LINES, TERRITORY, BadDocument, PlanDocument
from maillage.funding.document import read as read_document
from maillage.funding.enums import BEARERS, NATURES, SPENDINGS, STATUSES
from maillage.funding.forms import bearer, folding, funds, lines, terms, vat
from maillage.funding.forms.cells import (
    Row,
    answer,
    clean,
    written_answer,
    written_day,
    written_money,
)
from maillage.funding.forms.doing import Doing
from maillage.funding.forms.hidden import notes_of, removed_of
from maillage.funding.forms.remarks import remarks
from maillage.funding.vat import Usual, usual

_NAME: Final = re.compile(r"([cr])(\d{1,5})-([a-z_]+)")
_PLAN: Final = ("date", "in_net", "economic", "own_most", "total")
_STATES: Final = dict(STATUSES)
_STUDY_HINT: Final = (
    "Si des travaux la suivent, dites « Investissement » : le FCTVA la compte alors."
)
#: How errors name the cells that are of no line.
_CALLED: Final = {
    "date": "Date des règles : ", "own_most": "Ce que vous pouvez apporter : ",
    "total": "Total annoncé : ", "place": "Qui fait le projet : ",
    "kind": "Sorte d'organisme : ", "department": "Département : ",
    "population_dgf": "Population DGF : ", "wealth": "Potentiel financier : ",
    "block": "Habitants d'un seul tenant : ", "centre": "Habitants de la plus grande commune : ",
    "density": "Densité : ",
}  # fmt: skip


def too_long(names: Iterable[str]) -> bool:
    """Whether a form, by the names of its fields, has more lines on a side than a plan may."""
    held: dict[str, set[str]] = {"c": set(), "r": set()}
    for name in names:
        match = _NAME.fullmatch(name)
        if match is not None:
            held[match[1]].add(match[2])
    return any(len(numbers) > MOST_LINES for numbers in held.values())


class Editor(Doing):
    """What the page shows: rows of cells, and after `document` the plan that they make.

    ``focus`` is the id of the cell or button to go to, ``said`` what was just done, in words.
    """

    #: Choices of the lists, for the templates.
    bearers, statuses, spendings, natures = BEARERS, STATUSES, SPENDINGS, NATURES
    #: Whether the plan is kept by the site: the life of its resources is then told on its page.
    kept = False

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
        #: What was taken back, and may be done again.
        self.undone: list[dict[str, Any]] = []
        self.problems: list[tuple[str, str]] = []
        self.focus = ""
        self.said = ""

    # -- Made of a document, or of what was sent

    @classmethod
    def of(cls, document: PlanDocument, removed: list[dict[str, Any]] | None = None) -> Self:
        """The editor of a plan."""
        plan = Row("p", {
            "date": written_day(document.date),
            "in_net": "ht" if document.in_net else "ttc",
            "economic": written_answer(document.economic),
            "own_most": written_money(document.own_most),
            "total": written_money(document.total),
        })  # fmt: skip
        here = usual(document.bearer.department, document.date)
        return cls(
            plan,
            bearer.row_of(document.bearer, document.notes),
            [lines.cost_row(one, n, here) for n, one in enumerate(document.costs)]
            or [lines.blank("c", "c1", 0, here.rate)],
            [lines.resource_row(one, n) for n, one in enumerate(document.resources)],
            dict(document.notes),
            removed,
        )

    @classmethod
    def new(cls, today: date, territory: str = "") -> Self:
        """An empty plan: one blank line on each side, and the line of own money; `territory` is
        the code of the commune or EPCI, when it is known.
        """
        made = cls.of(PlanDocument(today, notes={TERRITORY: territory}))
        bearer.read(made.bearer)
        made.resources = [lines.blank("r", "r1", 0), lines.blank("r", "r2", 1)]
        made.resources[0].values |= {"label": "Fonds propres", "fund": Fund.OWN.value}
        return made

    @classmethod
    def posted(cls, data: QueryDict) -> Self:
        """The editor as it was sent, whatever it holds."""
        found: dict[str, dict[str, dict[str, str]]] = {"c": {}, "r": {}}
        ticked: dict[str, dict[str, tuple[str, ...]]] = {}
        for name in data:
            match = _NAME.fullmatch(name)
            if match is None:
                continue
            kind, number, field = match.groups()
            held = found[kind].setdefault(number, {})
            if field in ("lines", *terms.FIELDS):
                said = tuple(clean(one) for one in data.getlist(name) if one)
                ticked.setdefault(number, {})[field] = said
            else:
                held[field] = data[name]
        made = cls(
            Row("p", {name: clean(data.get(f"p-{name}", "")) for name in _PLAN}),
            bearer.posted(data),
            lines.posted_rows("c", found["c"], {}),
            lines.posted_rows("r", found["r"], ticked),
            notes_of(data.get("notes", "")),
            removed_of(data.get("retires", "")),
        )
        made.undone = removed_of(data.get("refaits", ""))
        if not made.plan.values["in_net"]:
            made.plan.values["in_net"] = "ht"
        ids = [row.values["id"] for row in made.costs]
        for row in made.resources:
            lines.paid_lines(row, ids)
        return made

    def keep_statuses(self, document: PlanDocument) -> None:
        """The plan is kept: verbs, with their dates, say where each of its resources stands."""
        self.kept = True
        known = {one.id: one.status.value for one in document.resources}
        for row in self.resources:
            row.values["status"] = known.get(row.values["id"], row.values["status"])

    # -- What it means

    @property
    def in_net(self) -> bool:
        """Whether the plan is in amounts without VAT."""
        return self.plan.values["in_net"] != "ttc"

    @property
    def usual(self) -> Usual:
        """The VAT where the bearer is, under the law of the plan."""
        try:
            on = plan_day_of(self.plan.values["date"])
        except Unread:
            on = localdate()
        return usual(self.bearer.values["department"].strip().upper(), on)

    def document(self, today: date) -> PlanDocument | None:
        """The plan, or ``None`` when a cell is wrong: each then has its error. Blank lines are
        left out; amounts that were not typed are filled.
        """
        self._clear()
        said: dict[str, Any] = {
            "date": self.plan.read("date", plan_day_of),
            "in_net": self.in_net,
            "economic": answer(self.plan.values["economic"]),
            "own_most": self.plan.money("own_most"),
            "total": self.plan.money("total"),
            "bearer": bearer.read(self.bearer),
        }
        here = self._follow()
        said |= {
            "costs": [
                one for row in self.costs if (one := lines.read_cost(row, self.in_net, here))
            ],
            "notes": self._kept_notes(),
        }
        known = {line["id"] for line in said["costs"]}
        said["resources"] = [
            one for row in self.resources if (one := lines.read_resource(row, known))
        ]
        terms.among(said["resources"])
        if self.kept:
            for row in self.resources:
                lines.check_life(row)
        if any(row.errors for row in self._rows()):
            self.problems = self._said()
            self.focus = self._first_wrong()
            return None
        try:
            return read_document(said, today)
        except BadDocument as error:
            self.problems = [("", said) for _, said in error.problems]
            return None

    def _follow(self) -> Usual:
        """The costs whose rate nobody chose take that of the place, which is returned."""
        here = self.usual
        for row in self.costs:
            lines.follow(row, here.rate)
        return here

    def forgive(self) -> None:
        """Forget what is wrong: a line was added or moved, nothing is asked yet."""
        self._clear()

    def _kept_notes(self) -> dict[str, str]:
        kept = {k: v for k, v in self.notes.items() if k != TERRITORY}
        found = self.bearer.values["code"]
        return kept | ({TERRITORY: found} if found else {})

    def _rows(self) -> Iterable[Row]:
        return (self.plan, self.bearer, *self.costs, *self.resources)

    def _clear(self) -> None:
        self.problems = []
        for row in self._rows():
            row.errors = {}

    def _said(self) -> list[tuple[str, str]]:
        """(id of the cell, what is wrong) of every error, in the order of the page."""
        return [
            (f"{row.name}-{field}", f"{row.extra.get('called') or _CALLED.get(field, '')}{text}")
            for row in self._rows()
            for field, text in row.errors.items()
        ]

    def _first_wrong(self) -> str:
        return next((name for name, _ in self.problems), "")

    # -- What the page shows

    def ready(self) -> Self:
        """The same, with what only the page shows: parts of the total, questions, lines to tick."""
        amount = "net" if self.in_net else "gross"
        costs = [(row, lines.amount_of(row, amount)) for row in self.costs]
        self.cost_total = sum((value for _, value in costs), ZERO)
        self.net_total = sum((lines.amount_of(row, "net") for row in self.costs), ZERO)
        self.gross_total = sum((lines.amount_of(row, "gross") for row in self.costs), ZERO)
        paid = [
            (row, ZERO if row.values["status"] == "refused" else lines.counted_of(row))
            for row in self.resources
        ]
        self.resource_total = sum((value for _, value in paid), ZERO)
        self.gap = self.cost_total - self.resource_total
        self.excess = -self.gap
        for row, value in paid:
            row.extra["part"] = (
                percent(value / self.cost_total) if value and self.cost_total else ""
            )
            row.extra["funds"] = funds.options(row.values["fund"])
            row.extra["state"] = _STATES.get(row.values["status"], "")
            row.extra["inside"] = bool(row.errors.keys() - {"label", "fund", "amount"})
        here = self._follow()
        self._fold()
        for row in self.costs:
            row.extra["rates"] = vat.choices(row.values["vat"], here)
            if row.values["spending"] == Spending.ENGINEERING:
                row.extra["spending_hint"] = _STUDY_HINT
        self.remarks = remarks(self.costs, self.resources, self.bearer, here)
        given = {row.values["fund"] for row in self.resources}
        self.asked = bearer.asked(self.bearer, given)
        self.place_said = bearer.place_said(self.bearer)
        place, name = (self.bearer.values[one] for one in ("place", "name"))
        self.bearer_said = f"{name}, à {place}" if name and place else name or place
        self.notes_text = json.dumps(self.notes, ensure_ascii=False) if self.notes else ""
        self.removed_text = json.dumps(self.removed, ensure_ascii=False) if self.removed else ""
        self.undone_text = json.dumps(self.undone, ensure_ascii=False) if self.undone else ""
        return self

    def _fold(self) -> None:
        """Fold the details of a long plan; of a short one, list the costs to tick."""
        self.folded = len(self.costs) + len(self.resources) > folding.MOST_OPEN
        ids = [row.values["id"] for row in self.costs]
        choices = [(r.values["id"], r.values["label"] or "Ligne sans nom") for r in self.costs]
        for row in self.resources:
            if not self.folded:
                row.values["numbers"] = ""
                row.extra["choices"] = [(i, label, i in row.lines) for i, label in choices]
            elif "wrong_numbers" not in row.extra:
                row.values["numbers"] = folding.numbers_of(row.lines, ids)
        for row in (*self.costs, *self.resources):
            row.extra["whole"] = not self.folded or folding.is_open(row)
            row.extra["hidden"] = () if row.extra["whole"] else folding.hidden(row)
        for row in self.resources:
            row.extra["own"] = row.extra["whole"] and folding.is_own(row)
            if row.extra["own"]:
                row.extra["hidden"] = folding.hidden(row, but=("note", "open"))
        named = [
            (r, r.values["label"] or "Ligne sans nom") for r in self.resources
            if not lines.is_blank(r) and r.values["fund"] not in OWN
        ]  # fmt: skip
        terms.show(self.resources, named)
