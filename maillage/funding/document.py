"""A plan as a document: what is kept in the database, sent to the API and filled in the forms.

Its JSON shape (amounts are texts such as ``"27300.50"``, dates ISO, codes those of the engine)::

    {"date": "2026-11-21", "in_net": true, "economic": null, "own_most": null, "total": null,
     "bearer": {"kind": "commune", "name": "Bourrou", "department": "24", "population_dgf": 140,
                "wealth": null, "recovers_vat": true, "block": null, "centre": null,
                "density": null},
     "costs": [{"id": "c1", "label": "Travaux", "net": "301000.00", "gross": "361200.00",
                "spending": "investment", "nature": "works", "year": 2027, "signed_on": null}],
     "resources": [{"id": "r1", "label": "DETR", "fund": "detr", "amount": "120400.00",
                    "status": "considered", …}]}

Whatever is missing has its default; whatever is wrong is said with its place.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final, TypeVar

from maillage.common.readings import MOST_EUROS
from maillage.common.readings import PLAN_YEARS as _YEARS
from maillage.engine.funding.types import (
    CENT,
    Bearer,
    BearerKind,
    CostLine,
    Fund,
    Nature,
    Plan,
    Spending,
    Status,
)
from maillage.funding.source import Payment, Source, candidates_of

__all__ = [
    "MOST_LINES", "TERRITORY", "BadDocument", "Payment", "PlanDocument", "Source", "candidates_of",
    "read",
]  # fmt: skip

MOST_LINES: Final = 200
#: The note that keeps the code of the commune or EPCI.
TERRITORY: Final = "territory"
_LONGEST: Final = 200
#: Zeros after the point beyond which a number is a slip, or an attack.
_DIGITS: Final = 12
#: A number as JSON writes it; an identifier as addresses do.
_WRITTEN: Final = re.compile(r"[0-9]{1,40}(\.[0-9]{0,40})?([eE][+-]?[0-9]{1,9})?")
_SLUG: Final = re.compile(r"[-a-zA-Z0-9_]{1,200}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
T = TypeVar("T", bound=StrEnum)
_NOBODY: Final = Bearer(BearerKind.COMMUNE)


class BadDocument(Exception):
    """The document cannot be read: ``problems`` are (place, what is wrong), in French."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"{place} : {said}" for place, said in problems))


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """A plan, whole."""

    date: date
    bearer: Bearer = _NOBODY
    costs: tuple[CostLine, ...] = ()
    resources: tuple[Source, ...] = ()
    in_net: bool = True
    economic: bool | None = None
    own_most: Decimal | None = None
    total: Decimal | None = None
    notes: Mapping[str, str] = field(default_factory=dict)

    def plan(self) -> Plan:
        """As the engine checks it."""
        return Plan(
            bearer=self.bearer,
            costs=self.costs,
            resources=tuple(one.resource() for one in self.resources),
            date=self.date,
            in_net=self.in_net,
            economic=self.economic,
            total=self.total,
        )

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        said = {one.name: _out(getattr(self, one.name)) for one in fields(self)}
        said["bearer"] = {f.name: _out(getattr(self.bearer, f.name)) for f in fields(Bearer)}
        said["costs"] = [_row(line) for line in self.costs]
        said["resources"] = [_row(one) for one in self.resources]
        return said


def _row(one: CostLine | Source) -> dict[str, Any]:
    return {f.name: _out(getattr(one, f.name)) for f in fields(one)}


def _out(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Payment):
        return {"on": value.on.isoformat(), "amount": f"{value.amount:f}"}
    if isinstance(value, tuple):
        return [_out(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value


_PARTS: Final = frozenset(one.name for one in fields(PlanDocument))


def read(data: Any, today: date) -> PlanDocument:
    """The plan that `data` (its JSON shape) says; `today` when it has no date. Raises
    `BadDocument` with everything that is wrong.
    """
    reader = _Reader()
    found = reader.document(data, today)
    if reader.problems:
        raise BadDocument(reader.problems)
    return found


def _clean(text: str) -> str:
    """A text that may be kept and written: no null character, no half of a character."""
    return text.replace("\x00", "").encode(errors="replace").decode()


def _slug(text: str) -> str:
    """The identifier of an entry of the catalogue; nothing when it cannot be one."""
    return text if _SLUG.fullmatch(text) else ""


class _Reader:
    """Reads a document, and notes what is wrong, where."""

    def __init__(self) -> None:
        self.problems: list[tuple[str, str]] = []

    def document(self, data: Any, today: date) -> PlanDocument:
        if not isinstance(data, Mapping):
            self.wrong("plan", "un objet est attendu.")
            return PlanDocument(today)
        if data and not data.keys() & _PARTS:
            self.wrong("plan", "rien n'y est reconnu comme une partie d'un plan.")
            return PlanDocument(today)
        costs = self.lines(data, "costs", self.cost)
        resources = self.lines(data, "resources", self.source)
        known = {line.id for line in costs}
        for number, one in enumerate(resources, 1):
            for line in one.lines:
                if line not in known:
                    self.wrong(f"resources[{number}]", f"la dépense « {line} » n'existe pas.")
        held = {one.id for one in resources}
        for number, one in enumerate(resources, 1):
            for other in (*one.excludes, *one.needs):
                if other not in held:
                    self.wrong(f"resources[{number}]", f"la ressource « {other} » n'existe pas.")
        for name, ids in (("costs", [c.id for c in costs]),
                          ("resources", [r.id for r in resources])):  # fmt: skip
            if len(ids) != len(set(ids)):
                self.wrong(name, "deux lignes ont le même identifiant.")
        notes = data.get("notes") or {}
        return PlanDocument(
            date=self.day(data, "date", "date") or today,
            bearer=self.bearer({} if data.get("bearer") is None else data["bearer"]),
            costs=tuple(costs),
            resources=tuple(resources),
            in_net=self.boolean(data, "in_net", "in_net") is not False,
            economic=self.boolean(data, "economic", "economic"),
            own_most=self.money(data, "own_most", "own_most"),
            total=self.money(data, "total", "total"),
            notes={_clean(str(k))[:40]: _clean(str(v))[:2_000] for k, v in notes.items()}
            if isinstance(notes, Mapping)
            else {},
        )

    def bearer(self, data: Any) -> Bearer:
        if not isinstance(data, Mapping):
            self.wrong("bearer", "un objet est attendu.")
            return Bearer(BearerKind.COMMUNE)
        return Bearer(
            kind=self.code(data, "kind", "bearer.kind", BearerKind, BearerKind.COMMUNE),
            name=self.text(data, "name", "bearer.name"),
            department=self.text(data, "department", "bearer.department").upper(),
            population_dgf=self.count(data, "population_dgf", "bearer.population_dgf"),
            wealth=self.number(data, "wealth", "bearer.wealth"),
            recovers_vat=self.boolean(data, "recovers_vat", "bearer.recovers_vat"),
            block=self.count(data, "block", "bearer.block"),
            centre=self.count(data, "centre", "bearer.centre"),
            density=self.number(data, "density", "bearer.density"),
        )

    def cost(self, data: Mapping[str, Any], place: str, number: int) -> CostLine:
        net = self.money(data, "net", place)
        gross = self.money(data, "gross", place)
        year = self.count(data, "year", place)
        if year is not None and not _YEARS[0] <= year <= _YEARS[1]:
            self.wrong(place, f"l'année {year} n'est pas possible.")
        return CostLine(
            id=self.text(data, "id", place) or f"c{number}",
            label=self.text(data, "label", place) or f"Dépense {number}",
            net=net if net is not None else gross or Decimal(0),
            gross=gross if gross is not None else net or Decimal(0),
            spending=self.code(data, "spending", place, Spending, Spending.INVESTMENT),
            nature=self.code(data, "nature", place, Nature, Nature.WORKS),
            year=year,
            signed_on=self.day(data, "signed_on", place),
        )

    def source(self, data: Mapping[str, Any], place: str, number: int) -> Source:
        money = ("granted", "paid", "cap", "floor", "flat")
        days = ("filed_on", "received_on", "decided_on", "paid_on", "closes", "commission_on")
        return Source(
            id=self.text(data, "id", place) or f"r{number}",
            label=self.text(data, "label", place) or f"Ressource {number}",
            fund=self.code(data, "fund", place, Fund, Fund.OTHER_PUBLIC),
            amount=self.money(data, "amount", place) or Decimal(0),
            status=self.code(data, "status", place, Status, Status.CONSIDERED),
            scheme=self.text(data, "scheme", place),
            offer=_slug(self.text(data, "offer", place)),
            lines=self.ids(data, "lines", place, "dépenses"),
            excludes=self.ids(data, "excludes", place, "ressources"),
            needs=self.ids(data, "needs", place, "ressources"),
            letter=self.boolean(data, "letter", place) is True,
            advance=self.share(data, "advance", place),
            rate=self.share(data, "rate", place),
            chance=self.share(data, "chance", place),
            days=self.count(data, "days", place),
            note=self.text(data, "note", place, 2_000),
            payments=self.payments(data, place),
            **{name: self.money(data, name, place) for name in money},
            **{name: self.day(data, name, place) for name in days},
        )

    def lines(
        self, data: Mapping[str, Any], name: str, one: Callable[[Mapping[str, Any], str, int], Any]
    ) -> list[Any]:
        rows = [] if data.get(name) is None else data[name]
        if not isinstance(rows, list):
            self.wrong(name, "une liste est attendue.")
            return []
        if len(rows) > MOST_LINES:
            self.wrong(name, f"{MOST_LINES} lignes au plus.")
            return []
        found = []
        for number, row in enumerate(rows, 1):
            if isinstance(row, Mapping):
                found.append(one(row, f"{name}[{number}]", number))
            else:
                self.wrong(f"{name}[{number}]", "un objet est attendu.")
        return found

    def ids(self, data: Mapping[str, Any], name: str, place: str, what: str) -> tuple[str, ...]:
        """Identifiers of other lines of the plan."""
        held = data.get(name) or ()
        if not isinstance(held, list | tuple) or not all(isinstance(x, str) for x in held):
            self.wrong(place, f"« {name} » est une liste d'identifiants de {what}.")
            return ()
        return tuple(map(_clean, held))

    def payments(self, data: Mapping[str, Any], place: str) -> tuple[Payment, ...]:
        rows = data.get("payments") or []
        if not isinstance(rows, list | tuple) or len(rows) > MOST_LINES:
            self.wrong(place, f"« payments » est une liste de {MOST_LINES} versements au plus.")
            return ()
        found = []
        for row in rows:
            held = row if isinstance(row, Mapping) else {}
            on, amount = self.day(held, "on", place), self.money(held, "amount", place)
            if on is None or amount is None:
                self.wrong(place, "chaque versement de « payments » a un jour et un montant.")
            else:
                found.append(Payment(on, amount))
        return tuple(found)

    # -- Values

    def wrong(self, place: str, said: str) -> None:
        self.problems.append((place, said))

    def text(self, data: Mapping[str, Any], name: str, place: str, longest: int = _LONGEST) -> str:
        value = data.get(name)
        if value is None:
            return ""
        if not isinstance(value, str | int | float):
            self.wrong(place, f"« {name} » est un texte.")
            return ""
        said = " ".join(_clean(str(value)).split())
        if len(said) > longest:
            self.wrong(place, f"« {name} » : {longest} caractères au plus.")
        return said[:longest]

    def number(self, data: Mapping[str, Any], name: str, place: str) -> Decimal | None:
        value = data.get(name)
        if value is None or value == "":
            return None
        try:
            if isinstance(value, bool) or not _WRITTEN.fullmatch(str(value)):
                raise InvalidOperation
            found = Decimal(str(value))
            if found and found.adjusted() > _DIGITS:
                self.wrong(place, f"« {name} » est trop grand.")
                return None
            if found and found.adjusted() < -_DIGITS:
                raise InvalidOperation
            found = found or Decimal(0)  # « 0e-50000000 » is written with as many zeros
        except InvalidOperation:
            self.wrong(place, f'« {name} » est un nombre positif, tel que "27300.50".')
            return None
        return found

    def money(self, data: Mapping[str, Any], name: str, place: str) -> Decimal | None:
        found = self.number(data, name, place)
        if found is None:
            return None
        if found > MOST_EUROS:
            self.wrong(place, f"« {name} » est trop grand.")
            return None
        if found != found.quantize(CENT):
            self.wrong(place, f"« {name} » : deux chiffres après la virgule au plus.")
        return found.quantize(CENT)

    def share(self, data: Mapping[str, Any], name: str, place: str) -> Decimal | None:
        found = self.number(data, name, place)
        if found is not None and found > 1:
            self.wrong(place, f"« {name} » est une part de 1 : 0.4 pour 40 %.")
            return None
        return found

    def count(self, data: Mapping[str, Any], name: str, place: str) -> int | None:
        found = self.number(data, name, place)
        if found is None:
            return None
        if found > 10**9:
            self.wrong(place, f"« {name} » est trop grand.")
            return None
        if found != found.to_integral_value():
            self.wrong(place, f"« {name} » est un nombre entier.")
            return None
        return int(found)

    def day(self, data: Mapping[str, Any], name: str, place: str) -> date | None:
        value = data.get(name)
        if value is None or value == "":
            return None
        try:
            if not _DAY.fullmatch(str(value)):
                raise ValueError
            found = date.fromisoformat(str(value))
        except ValueError:
            self.wrong(place, f"« {name} » est une date, telle que 2026-11-21.")
            return None
        if not _YEARS[0] <= found.year <= _YEARS[1]:
            self.wrong(place, f"« {name} » : l'année {found.year} n'est pas possible, de "
                       f"{_YEARS[0]} à {_YEARS[1]}.")  # fmt: skip
            return None
        return found

    def boolean(self, data: Mapping[str, Any], name: str, place: str) -> bool | None:
        value = data.get(name)
        if value is None or value == "" or isinstance(value, bool):
            return value if isinstance(value, bool) else None
        self.wrong(
            place, f"« {name} » est vrai ou faux : true, false, ou null si l'on ne sait pas."
        )
        return None

    def code(self, data: Mapping[str, Any], name: str, place: str, kind: type[T], default: T) -> T:
        value = data.get(name)
        if value is None or value == "":
            return default
        try:
            return kind(value)
        except ValueError:
            allowed = ", ".join(kind)
            said = _clean(str(value)[:40])
            self.wrong(place, f"« {name} » vaut « {said} » ; au choix : {allowed}.")
            return default
