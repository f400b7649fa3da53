"""The plan editor: a posted form ↔ a plan as a document.

The whole plan is in the form: nothing is kept elsewhere. Lines are named by a letter and a number
(``c0-net``, ``r3-amount``) and come in the order of the page. Everything typed is shown again,
with each error at its cell. `Editor.act` adds, removes, copies and moves lines.
"""

import json
import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django.http import QueryDict
from django.utils.timezone import localdate

from maillage.common.readings import Unread, cents_of, day_of
from maillage.engine.funding.types import ZERO, CostLine, Fund
from maillage.engine.funding.words import percent
from maillage.funding.document import MOST_LINES, TERRITORY, BadDocument, PlanDocument, Source
from maillage.funding.document import read as read_document
from maillage.funding.enums import BEARERS, NATURES, SPENDINGS, STATUSES
from maillage.funding.forms import bearer, folding, funds, lines, vat
from maillage.funding.forms.cells import (
    Row,
    answer,
    clean,
    written_answer,
    written_day,
    written_money,
)
from maillage.funding.forms.hidden import MOST_REMOVED, filled, notes_of, removed_of
from maillage.funding.forms.remarks import remarks
from maillage.funding.vat import Usual, usual

_NAME: Final = re.compile(r"([cr])(\d{1,5})-([a-z_]+)")
_VERB: Final = re.compile(
    r"(ajouter|retirer|copier|monter|descendre|ouvrir|fermer)-([cr])(\d{1,5})?"
)
_PLAN: Final = ("date", "in_net", "economic", "own_most", "total")
#: What may be taken back is in the page: beyond it (characters), the oldest is let go.
_MOST_STATE: Final = 150_000
_STATES: Final = dict(STATUSES)


class Editor:
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
    def new(cls, today: date, territory: str = "") -> "Editor":
        """An empty plan: one blank line on each side, and the line of own money; `territory` is
        the code of the commune or EPCI, when it is known.
        """
        made = cls.of(PlanDocument(today, notes={TERRITORY: territory}))
        bearer.read(made.bearer)
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
            notes_of(data.get("notes", "")),
            removed_of(data.get("retires", "")),
        )
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
            on = day_of(self.plan.values["date"])
        except Unread:
            on = localdate()
        return usual(self.bearer.values["department"].strip().upper(), on)

    def document(self, today: date) -> PlanDocument | None:
        """The plan, or ``None`` when a cell is wrong: each then has its error. Blank lines are
        left out; amounts that were not typed are filled.
        """
        self._clear()
        said: dict[str, Any] = {
            "date": self.plan.read("date", day_of),
            "in_net": self.in_net,
            "economic": answer(self.plan.values["economic"]),
            "own_most": self.plan.read("own_most", cents_of),
            "total": self.plan.read("total", cents_of),
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
            (f"{row.name}-{field}", f"{row.extra.get('called', '')}{text}")
            for row in self._rows()
            for field, text in row.errors.items()
        ]

    def _first_wrong(self) -> str:
        return next((name for name, _ in self.problems), "")

    # -- What is done to its lines

    def act(self, verb: str) -> bool:
        """Do what a button of the editor says (``retirer-c2``…); false for another button."""
        if verb == "revoir":  # the page again, as it is being typed
            return True
        if verb == "remettre":
            self._restore()
            return True
        if verb.startswith("lieu-"):
            self.focus = "b-place"
            return bearer.choose(self.bearer, verb.removeprefix("lieu-"))
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
        rows.append(lines.blank(kind, self._fresh(kind), len(rows), self.usual.rate))
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
            rows.insert(place + 1, lines.copied(rows[place], self._fresh(kind)))
            self.focus = f"{kind}{place + 1}-label"
            self.said = f"« {name} » est copiée."
        elif what in ("ouvrir", "fermer"):
            rows[place].values["open"] = "oui" if what == "ouvrir" else ""
            first = "spending" if kind == "c" else "rate"
            self.focus = f"{kind}{place}-{first if what == 'ouvrir' else 'ouvrir'}"
            self.said = (
                f"Les détails de « {name} » sont {'ouverts' if what == 'ouvrir' else 'fermés'}."
            )
        else:
            other = place - 1 if what == "monter" else place + 1
            if what in ("monter", "descendre") and 0 <= other < len(rows):
                rows[place], rows[other] = rows[other], rows[place]
                self.focus = f"{kind}{other}-label"
                self.said = f"« {name} » est déplacée."

    def _remember(self, entry: dict[str, Any]) -> None:
        self.removed = [*self.removed, entry][-MOST_REMOVED:]
        while len(json.dumps(self.removed, ensure_ascii=False)) > _MOST_STATE:
            self.removed.pop(0)

    def remember_whole(self, document: PlanDocument) -> None:
        """Keep a plan as it was before a great change, so that it may be taken back."""
        self._remember({"kind": "plan", "plan": filled(document.as_json())})

    def _restore(self) -> None:
        """Put back what was removed last."""
        if not self.removed:
            self.said = "Il n'y a rien à remettre."
            return
        *self.removed, entry = self.removed
        if entry["kind"] == "plan":
            before = Editor.of(read_document(entry["plan"], localdate()), self.removed)
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
        resources = tuple(resources)
        own = any(source.fund is Fund.OWN for source in resources)
        self.resources = [
            row for row in self.resources
            if not lines.is_blank(row) and not (own and lines.is_first_own(row))
        ]  # fmt: skip
        here = self.usual
        for cost in costs:
            row = lines.cost_row(cost, len(self.costs), here)
            row.values["id"] = self._fresh("c")
            self.costs.append(row)
        for source in resources:
            row = lines.resource_row(source, len(self.resources))
            row.values["id"] = self._fresh("r")
            self.resources.append(row)
        lines.renumber("c", self.costs)
        lines.renumber("r", self.resources)

    def has_room(self, costs: int, resources: int) -> bool:
        """Whether so many lines may be added on each side."""
        return all(
            more + sum(not lines.is_blank(row) for row in rows) <= MOST_LINES
            for more, rows in ((costs, self.costs), (resources, self.resources))
        )

    # -- What the page shows

    def ready(self) -> "Editor":
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
        self.remarks = remarks(self.costs, self.resources, self.bearer, here)
        given = {row.values["fund"] for row in self.resources}
        self.asked = bearer.asked(self.bearer, given)
        self.place_said = bearer.place_said(self.bearer)
        self.notes_text = json.dumps(self.notes, ensure_ascii=False) if self.notes else ""
        self.removed_text = json.dumps(self.removed, ensure_ascii=False) if self.removed else ""
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
