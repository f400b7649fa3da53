"""Figures of an offer (rates, caps) and its conditions by audience: from columns, or from the words
that our exports write.
"""

import re
from decimal import Decimal
from typing import Any, Final

from maillage.catalog.enums import RateKind
from maillage.catalog.imports import values
from maillage.catalog.imports.schema import Field, plain, schema
from maillage.catalog.imports.values import Wrong

_FIGURE: Final = re.compile(r"([^:]+?)\s*:\s*(.+?)\s*(?:\((.*)\))?\s*")
_CONDITION: Final = re.compile(r"([^:]+?)\s*:\s*([^(]*?)\s*(?:\((.*)\))?\s*", re.S)
_BETWEEN: Final = re.compile(r"\s*[;\n|]\s*(?![^()]*\))")
_KINDS: Final = {plain(label): code for code, label in RateKind.choices} | {
    plain(code): code for code in RateKind.values
}
_PERCENT: Final = (RateKind.RATE, RateKind.RATE_MAX)
_LONGEST_BASE: Final = 300
Row = dict[str, Any]


def plain_number(number: Decimal) -> str:
    """A number as JSON keeps it, the same however it was written: 80, not 80.000."""
    return f"{number.normalize():f}"


def rates(value: Any) -> list[Row]:
    """Figures « Taux maximum : 80 % (dépense éligible HT) ; Plafond : 50 000 € », or objects."""
    if isinstance(value, list):
        return [_rate(one) for one in value]
    found = []
    for piece in _BETWEEN.split(str("" if value is None else value)):
        if not piece.strip():
            continue
        match = _FIGURE.fullmatch(piece)
        kind = _KINDS.get(plain(match[1])) if match else None
        if match is None or kind is None:
            raise Wrong(
                f"« {piece[:60]} » n'est pas un chiffre. Écrivez par exemple « Taux maximum : 80 % "
                "(dépense éligible HT) »."
            )
        found.append(_rate({"kind": kind, "value": match[2], "base": match[3] or ""}))
    return found


def _rate(said: Any) -> Row:
    if not isinstance(said, dict) or _KINDS.get(plain(str(said.get("kind", "")))) is None:
        raise Wrong("un chiffre doit dire sa nature (kind) et sa valeur (value).")
    kind = RateKind(_KINDS[plain(str(said["kind"]))])
    number = values.number(_bounds(kind), said.get("value"))
    if number is None:
        raise Wrong("un chiffre n'a pas de valeur.")
    base = " ".join(str(said.get("base") or "").split())
    if len(base) > _LONGEST_BASE:
        raise Wrong(f"l'assiette a {len(base)} caractères, pour {_LONGEST_BASE} au plus.")
    return {
        "kind": kind.value,
        "value": plain_number(round(number, 3)),
        "unit": "%" if kind in _PERCENT else "€",
        "base": base,
        "valid_from": values.day(said.get("valid_from")),
        "valid_to": values.day(said.get("valid_to")),
    }


def _bounds(kind: RateKind) -> Field:
    """The column whose bounds a figure has."""
    return next(f for f in schema("offres").fields if f.target == f"rates.{kind.value}")


def gathered(said: Row) -> list[Row]:
    """The figures of a line, from the columns that it has."""
    base = " ".join((said.get("base") or "").split())
    since, until = said.get("valid_from"), said.get("valid_to")
    if since and until and since > until:
        raise Wrong("les chiffres finissent avant de commencer.")
    found = [
        {"kind": kind, "value": plain_number(round(Decimal(said[kind]), 3)),
         "unit": "%" if kind in _PERCENT else "€", "base": base, "valid_from": since,
         "valid_to": until}
        for kind in RateKind.values
        if said.get(kind) is not None
    ]  # fmt: skip
    for one in said.get("") or ():
        if one not in found:
            found.append(one)
    return sorted(found, key=lambda one: (one["kind"], one["value"], one["base"]))


def conditions(value: Any, audiences: Field, costs: Field) -> list[Row]:
    """Conditions « Commune : Gratuit | Association : Payant (200 € par jour) », or objects."""
    found: dict[str, Row] = {}
    pieces = value if isinstance(value, list) else re.split(
        r"\s*[|\n]\s*", str("" if value is None else value)
    )  # fmt: skip
    for piece in pieces:
        if not piece:
            continue
        if isinstance(piece, dict):
            parts = (piece.get("audience"), piece.get("cost"), str(piece.get("note") or ""))
        elif match := _CONDITION.fullmatch(str(piece)):
            parts = (match[1], match[2], match[3] or "")
        else:
            raise Wrong(
                f"« {str(piece)[:60]} » : écrivez « Association : Payant (200 € par jour) »."
            )
        audience = values.code(audiences, parts[0])
        if not audience:
            raise Wrong("une condition ne dit pas pour quel public.")
        if audience in found:
            raise Wrong(f"deux conditions pour « {audiences.codes[audience]} » : gardez-en une.")
        cost = values.code(costs, parts[1]) or "unknown"
        found[audience] = {"audience": audience, "cost": cost, "note": parts[2].strip()}
    return [found[code] for code in audiences.codes if code in found]
