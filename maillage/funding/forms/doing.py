"""What is done to the plan in the editor: lines added, removed, moved; taken back, done again."""

import json
import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Final, Self

from django.utils.timezone import localdate

from maillage.engine.funding.types import CostLine, Fund
from maillage.funding.document import MOST_LINES, PlanDocument, Source
from maillage.funding.document import read as read_document
from maillage.funding.forms import bearer, lines
from maillage.funding.forms.cells import Row
from maillage.funding.forms.hidden import MOST_REMOVED, filled
from maillage.funding.vat import Usual

_VERB: Final = re.compile(
    r"(ajouter|retirer|copier|monter|descendre|ouvrir|fermer)-([cr])(\d{1,5})?"
)
#: What may be taken back is in the page: beyond it (characters), the oldest is let go.
_MOST_STATE: Final = 150_000


class Doing:
    """The rows of the editor, and what its buttons do to them (`act`).

    ``removed`` is what may be taken back, ``undone`` what was, and may be done again; the last is
    at the end. The rest is as in `Editor`.
    """

    bearer: Row
    costs: list[Row]
    resources: list[Row]
    removed: list[dict[str, Any]]
    undone: list[dict[str, Any]]
    focus: str
    said: str

    @property
    def usual(self) -> Usual:
        """The VAT where the bearer is."""
        raise NotImplementedError

    @classmethod
    def of(cls, document: PlanDocument, removed: list[dict[str, Any]] | None = None) -> Self:
        """The editor of a plan."""
        raise NotImplementedError

    def document(self, today: date) -> PlanDocument | None:
        """The plan, when it can be read."""
        raise NotImplementedError

    def act(self, verb: str) -> bool:
        """Do what a button of the editor says (``retirer-c2``…); false for another button."""
        if verb == "revoir":  # the page again, as it is being typed
            return True
        if verb in ("remettre", "refaire"):
            self._restore() if verb == "remettre" else self._redo()
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
            entry = {"kind": kind, "place": place, "values": row.values}
            self._remember({**entry, **lines.ticks_of(row)})
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

    def _remember(self, entry: dict[str, Any], *, again: bool = False) -> None:
        """Keep what is done, so that it may be taken back. Unless it is done `again`, nothing that
        was taken back before may be done again any more.
        """
        self.removed = _within([*self.removed, entry])
        self.undone = self.undone if again else []

    def remember_whole(self, document: PlanDocument) -> None:
        """Keep a plan as it was before a great change, so that it may be taken back."""
        self._remember(_whole(document))

    def _restore(self) -> None:
        """Put back what was removed last."""
        if not self.removed:
            self.said = "Il n'y a rien à remettre."
            return
        *self.removed, entry = self.removed
        if entry["kind"] == "plan":
            now, undone = self.document(localdate()), self.undone
            self._become(entry["plan"])
            self.undone = _within([*undone, _whole(now)]) if now else []
            self.said = "Le plan d'avant est remis."
            return
        kind = entry["kind"]
        rows = self.costs if kind == "c" else self.resources
        place = min(int(entry["place"]), len(rows))
        row = lines.remade(kind, entry["values"], entry)
        rows.insert(place, row)
        lines.renumber(kind, rows)
        self.undone = _within([
            *self.undone, {"kind": kind, "place": place, "values": {"id": row.values["id"]}}
        ])  # fmt: skip
        self.focus = f"{kind}{place}-label"
        self.said = "La ligne est remise."

    def _redo(self) -> None:
        """Do again what was taken back last."""
        if not self.undone:
            self.said = "Il n'y a rien à refaire."
            return
        *self.undone, entry = self.undone
        if entry["kind"] == "plan":
            now, undone = self.document(localdate()), self.undone
            self._become(entry["plan"])
            self.undone = undone
            if now:
                self._remember(_whole(now), again=True)
            self.said = "Le changement est refait."
            return
        rows, undone = self.costs if entry["kind"] == "c" else self.resources, self.undone
        gone = entry["values"].get("id")
        place = next((n for n, row in enumerate(rows) if row.values["id"] == gone), None)
        if place is None:
            self.said = "Cette ligne n'est plus là."
            return
        self._change("retirer", entry["kind"], rows, place)
        self.undone = undone
        lines.renumber(entry["kind"], rows)

    def _become(self, plan: dict[str, Any]) -> None:
        """Take the place of this plan; what may be taken back stays."""
        other = self.of(read_document(plan, localdate()), self.removed)
        self.__dict__.update(other.__dict__)

    def _fresh(self, kind: str) -> str:
        """An identifier that no line has, nor one that may be put back."""
        rows = self.costs if kind == "c" else self.resources
        taken = {row.values["id"] for row in rows}
        entries = (*self.removed, *self.undone)
        taken |= {e["values"].get("id", "") for e in entries if e["kind"] == kind}
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
        named: dict[str, str] = {}
        for cost in costs:
            row = lines.cost_row(cost, len(self.costs), here)
            row.values["id"] = named[cost.id] = self._fresh("c")
            self.costs.append(row)
        added = []
        for source in resources:
            row = lines.resource_row(source, len(self.resources))
            row.values["id"] = named[source.id] = self._fresh("r")
            self.resources.append(row)
            added.append(row)
        for row in added:  # the lines that they name have taken new identifiers too
            row.lines = tuple(named.get(one, one) for one in row.lines)
            row.others = {
                name: tuple(named.get(one, one) for one in held)
                for name, held in row.others.items()
            }
        lines.renumber("c", self.costs)
        lines.renumber("r", self.resources)

    def has_room(self, costs: int, resources: int) -> bool:
        """Whether so many lines may be added on each side."""
        return all(
            more + sum(not lines.is_blank(row) for row in rows) <= MOST_LINES
            for more, rows in ((costs, self.costs), (resources, self.resources))
        )


def _whole(document: PlanDocument) -> dict[str, Any]:
    return {"kind": "plan", "plan": filled(document.as_json())}


def _within(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What of it goes in the page: the oldest is let go."""
    kept = entries[-MOST_REMOVED:]
    while len(json.dumps(kept, ensure_ascii=False)) > _MOST_STATE:
        kept.pop(0)
    return kept
