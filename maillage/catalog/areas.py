"""Départements and régions as one types them where a commune is asked: a name or a number."""

import re
from typing import Final

from maillage.territories.directory import Directory
from maillage.territories.search import Suggestion, normalise

#: Names of their parameters in addresses.
DEPARTMENT: Final = "departement"
REGION: Final = "region"
_KIND_TYPED: Final = re.compile(
    r"^\s*(?:le\s+|la\s+)?(d[ée]partement|r[ée]gion)\b\s*"
    r"(?:de\s+la\s+|de\s+l['’]|des\s+|du\s+|de\s+|d['’])?",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"(?:.*\(\s*)?(\d{2,3}|2[abAB])\s*\)?\s*")


def areas_named(text: str, known: Directory) -> tuple[Suggestion, ...]:
    """The départements and régions that `text` names: « Dordogne », « 24 », « Dordogne (24) »,
    « région Bretagne ». A bare number of two or three figures is that of a département.
    """
    kind = _KIND_TYPED.match(text)
    name = text[kind.end() :] if kind else text
    number = _NUMBER.fullmatch(name)
    code = number.group(1).upper() if number else ""
    typed = normalise(name.partition("(")[0])
    found = []
    for department in known.departments.values():
        same = not typed or typed == code.lower() or typed == normalise(department.name)
        if (code == department.code and same) or (not code and typed == normalise(department.name)):
            found.append(_suggested(DEPARTMENT, department.code, known))
    if not code and typed:
        found += [
            _suggested(REGION, region, known)
            for region, label in known.regions.items()
            if normalise(label) == typed
        ]
    if kind:
        asked = REGION if kind.group(1).lower().startswith("r") else DEPARTMENT
        found = [one for one in found if one.kind == asked]
    return tuple(found)


def area_label(kind: str, code: str, known: Directory) -> str:
    """« Dordogne (24) », « Région Nouvelle-Aquitaine ». Raises ``KeyError``."""
    if kind == REGION:
        return f"Région {known.regions[code]}"
    return f"{known.departments[code].name} ({code})"


def _suggested(kind: str, code: str, known: Directory) -> Suggestion:
    return Suggestion(kind, code, area_label(kind, code, known), "")
