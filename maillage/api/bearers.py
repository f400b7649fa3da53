"""Who carries a plan, by its official number: the site fills what it knows of it."""

from collections.abc import Mapping
from typing import Any, Final

from maillage.engine.funding.types import BearerKind
from maillage.funding.document import TERRITORY, BadDocument
from maillage.territories.directory import directory

#: Names of the two numbers, with what each is.
NUMBERS: Final = {
    "insee": "le code officiel (INSEE) d'aucune commune",
    "siren": "le SIREN d'aucune commune ni intercommunalité à fiscalité propre",
}
_PLACES: Final = (BearerKind.COMMUNE.value, BearerKind.EPCI.value)


def placed(raw: Any) -> Any:
    """A plan as it was sent (its JSON shape, `document`), where `insee` or `siren` of its bearer is
    replaced by what it says: kind, name, department, and the note of the territory, from which its
    census is known. Raises `BadDocument` for a number that is nobody's, or says otherwise than the
    rest of the bearer.
    """
    bearer = raw.get("bearer") if isinstance(raw, Mapping) else None
    if not isinstance(bearer, Mapping) or not bearer.keys() & NUMBERS.keys():
        return raw
    rest = {name: value for name, value in bearer.items() if name not in NUMBERS}
    said = {name: bearer[name] for name in NUMBERS if bearer.get(name) not in (None, "")}
    if not said:
        return {**raw, "bearer": rest}
    found = {name: _code(name, number) for name, number in said.items()}
    wrong = [
        (f"bearer.{name}", f"« {str(said[name])[:20]} » n'est {NUMBERS[name]}.")
        for name, code in found.items() if code is None
    ]  # fmt: skip
    codes = {code for code in found.values() if code is not None}
    if not wrong and len(codes) > 1:
        names = " et ".join(directory().label(code) for code in found.values() if code)
        wrong = [("bearer", f"« insee » et « siren » disent deux porteurs, {names} : gardez celui "
                  "qui porte le projet.")]  # fmt: skip
    if wrong:
        raise BadDocument(wrong)
    filled = _filled(rest, codes.pop())
    notes = raw.get("notes") if isinstance(raw.get("notes"), Mapping) else {}
    return {**raw, "bearer": filled.pop("bearer"), "notes": {**(notes or {}), **filled}}


def _code(name: str, number: Any) -> str | None:
    """The code in force of a commune or EPCI."""
    text = "".join(str(number).split()) if isinstance(number, str | int) else ""
    if name == "siren" and not (len(text) == 9 and text.isascii() and text.isdigit()):
        return None
    if name == "insee" and len(text) != 5:
        return None
    return directory().resolve(text)


def _filled(bearer: dict[str, Any], code: str) -> dict[str, Any]:
    """The bearer once filled, and the note of its territory. A kind that is neither a commune nor
    an EPCI (a syndicate, an association) is kept: the number then says where it is.
    """
    known = directory()
    kind = BearerKind.EPCI if code in known.epcis else BearerKind.COMMUNE
    departments = (
        known.departments_of(code) if kind is BearerKind.EPCI else [known.commune(code).department]
    )
    label = known.label(code)
    what = "une commune" if kind is BearerKind.COMMUNE else "une intercommunalité"
    wrong = []
    given = bearer.get("kind") or kind.value
    if given in _PLACES and given != kind.value:
        wrong.append(
            ("bearer.kind", f"« {given} », mais {label} est {what} : corrigez l'un ou l'autre.")
        )
    department = str(bearer.get("department") or "").upper()
    if department and departments and department not in departments:
        wrong.append(("bearer.department", f"« {department[:10]} », mais {label} est dans le "
                      f"{', '.join(departments)} : corrigez l'un ou l'autre."))  # fmt: skip
    if wrong:
        raise BadDocument(wrong)
    name = known.epcis[code].name if kind is BearerKind.EPCI else known.commune(code).name
    filled = {"kind": given, "department": department or next(iter(departments), "")}
    if given == kind.value:
        filled["name"] = bearer.get("name") or name
    return {"bearer": {**bearer, **filled}, TERRITORY: code}
