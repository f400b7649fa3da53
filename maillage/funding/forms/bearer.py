"""Who carries the project, in the editor: a commune or an EPCI by its name, and what rules ask."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.timezone import localdate

from maillage.common.readings import count_of, number_of
from maillage.engine.funding.types import Bearer, BearerKind, Fund
from maillage.engine.text import fold
from maillage.funding.document import TERRITORY
from maillage.funding.enums import BEARERS
from maillage.funding.forms.cells import (
    Row,
    answer,
    clean,
    code,
    written_answer,
    written_number,
)
from maillage.funding.law import law_on
from maillage.territories.directory import directory
from maillage.territories.search import search

FIELDS: Final = (
    "kind", "place", "code", "held", "name", "department", "recovers_vat", "population_dgf",
    "wealth", "block", "centre", "density",
)  # fmt: skip
#: Intercommunalities of that name that are proposed.
_MOST_NAMED: Final = 4
#: Words of the name of any intercommunality.
_KIND_WORDS: Final = frozenset({
    "communaute", "communautes", "commune", "communes", "d", "de", "des", "du", "la", "le", "les",
    "l", "agglomeration", "agglo", "urbaine", "metropole", "cc", "ca", "cu",
})  # fmt: skip
_KINDS: Final = [kind for kind, _ in BEARERS]
_COUNTS: Final = ("population_dgf", "block", "centre")
_NUMBERS: Final = ("wealth", "density")


def row_of(bearer: Bearer, notes: Mapping[str, str]) -> Row:
    """The cells of a bearer."""
    held = directory().resolve(notes.get(TERRITORY, "")) or ""
    label = directory().label(held) if held else ""
    values = dict.fromkeys(FIELDS, "")
    values |= {
        "kind": bearer.kind.value,
        "place": label,
        "code": held,
        "held": f"{held}|{label}",
        "name": "" if held and bearer.name == _name(held) else bearer.name,
        "department": bearer.department,
        "recovers_vat": written_answer(bearer.recovers_vat),
    }
    values |= {name: written_number(getattr(bearer, name)) for name in (*_COUNTS, *_NUMBERS)}
    return Row("b", values)


def posted(data: Mapping[str, str]) -> Row:
    """The cells as they were sent."""
    return Row("b", {name: clean(data.get(f"b-{name}", "")) for name in FIELDS})


def read(row: Row) -> dict[str, Any]:
    """The bearer as the document writes it; errors are noted at their cell."""
    values = row.values
    _find(row)
    said: dict[str, Any] = {
        "kind": row.read("kind", code(_KINDS)) or BearerKind.COMMUNE.value,
        "recovers_vat": answer(values["recovers_vat"]),
        "department": values["department"].strip().upper(),
        "name": " ".join(values["name"].split()),
    }
    found = values["code"]
    if found:
        said["name"] = said["name"] or _name(found)
        said["department"] = values["department"] = _department(found)
    elif said["department"] and said["department"] not in directory().departments:
        row.errors["department"] = "Écrivez le numéro d'un département : 24, 2A, 973…"
    said |= {name: row.read(name, count_of) for name in _COUNTS}
    said |= {name: row.read(name, number_of) for name in _NUMBERS}
    return said


def _find(row: Row) -> None:
    """The code of the place that was typed; a code sent with another name is forgotten."""
    values, place = row.values, " ".join(row.values["place"].split())
    held_code, _, held_label = values["held"].partition("|")
    found = directory().resolve(values["code"]) if values["code"] else None
    if found and found == held_code and place != held_label:
        found = None  # another name was typed, without the help of the list
    if not place:
        found = None
    elif found is None:
        known = search(place, kind="all")
        if len(known) == 1 or (known and known[0].certain):
            found = known[0].code
        elif known:
            row.extra["choices"] = [(one.code, one.label) for one in known]
            what = "code postal" if place.isdecimal() else "nom"
            row.errors["place"] = (
                f"Plusieurs répondent à ce {what} : choisissez ci-dessous. S'il manque, écrivez "
                "son nom en entier, avec son département : Saint-Martin 24."
            )
        else:
            row.errors["place"] = (
                "Aucune commune ni intercommunalité ne répond à ce nom. Vérifiez-le, tapez le code "
                "postal, ou laissez vide et donnez le département."
            )
    values["code"] = found or ""
    if found:
        values["place"] = directory().label(found)
        if found in directory().epcis and values["kind"] == BearerKind.COMMUNE:
            values["kind"] = BearerKind.EPCI.value
        elif found in directory().communes and values["kind"] == BearerKind.EPCI:
            _which(row, found, held_code if found != held_code else "")
    values["held"] = f"{values['code']}|{values['place']}"


def _which(row: Row, commune: str, before: str) -> None:
    """An intercommunality is said to carry the project, and the place is a commune: neither is
    thrown away, it is asked which. Who writes a commune over an intercommunality (`before`) has
    answered: the kind follows, and it is said.
    """
    known, values = directory(), row.values
    label = known.label(commune)
    if before in known.epcis:
        values["kind"] = BearerKind.COMMUNE.value
        row.extra["followed"] = f"« Commune » est choisi, puisque {label} en est une."
        return
    named = [one.code for one in search(values["name"], kind="all") if one.code in known.epcis]
    codes = dict.fromkeys(filter(None, (*named[:_MOST_NAMED], known.communes[commune].epci)))
    row.extra["choices"] = [(code, f"{known.label(code)}, l'intercommunalité") for code in codes]
    row.extra["choices"].append((commune, f"{label}, la commune"))
    row.errors["place"] = (
        f"{label} est une commune, et vous dites que le projet est porté par une intercommunalité. "
        "Choisissez ci-dessous, ou écrivez ici le nom de l'intercommunalité."
    )


def asked(row: Row, funds: set[str]) -> set[str]:
    """Which figures the rules need, for the funds of the plan: the others are not asked."""
    if Fund.DETR not in funds:
        return set()
    people = row.values["population_dgf"].strip()
    known = count_of(people) if people and not row.errors.get("population_dgf") else 0
    match row.values["kind"]:
        case BearerKind.COMMUNE if known > _most("detr-communes", "small"):
            return {"population_dgf", "wealth"}
        case BearerKind.EPCI if known > _most("detr-groups", "block"):
            return {"population_dgf", "block", "centre", "density"}
        case BearerKind.COMMUNE | BearerKind.EPCI | BearerKind.SYNDICATE:
            return {"population_dgf"}
    return set()


def _most(rule: str, parameter: str) -> Decimal:
    """A number of a rule in force today, beyond which more must be asked."""
    law = law_on(localdate())
    return law.number(rule, parameter) if rule in law else Decimal(0)


def place_said(row: Row) -> str:
    """What is known of the place: inhabitants, département, overseas."""
    found = row.values["code"]
    if not found:
        return ""
    known = directory()
    record = known.epcis[found] if found in known.epcis else known.communes[found]
    department = known.departments[_department(found)]
    parts = [f"{department.name} ({department.code})"]
    if record.population is not None:
        people = f"{record.population:,}".replace(",", "\u202f")
        parts.insert(0, f"{people} habitants au recensement")
    if department.zone != "metro":
        parts.append("outre-mer")
    return ", ".join(parts)


def _name(found: str) -> str:
    known = directory()
    return known.epcis[found].name if found in known.epcis else known.communes[found].name


def _department(found: str) -> str:
    known = directory()
    if found in known.communes:
        return known.communes[found].department
    return next(iter(known.departments_of(found)), "")


def choose(row: Row, found: str) -> bool:
    """Take the commune or EPCI of this code, among those that were proposed."""
    held = directory().resolve(found)
    if held is None:
        return False
    label = directory().label(held)
    row.values |= {"code": held, "place": label, "held": f"{held}|{label}"}
    if row.values["kind"] in (BearerKind.COMMUNE, BearerKind.EPCI):
        is_epci = held in directory().epcis
        row.values["kind"] = (BearerKind.EPCI if is_epci else BearerKind.COMMUNE).value
        if is_epci and _same_name(row.values["name"], held):
            row.values["name"] = ""  # it is the name of the place itself
    return True


def _same_name(said: str, held: str) -> bool:
    """Whether what was written is the name of this place, with or without its kind."""
    words = {word for word in re.findall(r"\w+", fold(said)) if word not in _KIND_WORDS}
    return bool(words) and words <= set(re.findall(r"\w+", fold(_name(held))))


def census(row: Row) -> int | None:
    """Inhabitants of the commune at the census; ``None`` when they are not known."""
    known, found = directory(), row.values["code"]
    if found not in known.communes or row.values["kind"] != BearerKind.COMMUNE:
        return None
    return known.communes[found].population
