"""One cell → one value of ours, in JSON form; or a sentence that says what is expected."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import urlsplit

from maillage.catalog.imports.schema import Field, plain


class Wrong(Exception):
    """A value is not understood; the message is in French."""


Say = Callable[[str], None]
#: Control characters, and those that nobody sees: zero-width ones, changes of direction.
_CONTROL: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
_SPACES: Final = re.compile(r"[\s\u00a0\u202f\u2009']+")
_UNITS: Final = re.compile(
    r"(?:€|euros?|eur|%|hab(?:itants?|\.)?|semaines?|jours?|dossiers?)(?:\s*(?:ht|ttc))?$", re.I
)
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)")
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?")
_SLASHED: Final = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?: 00:00(?::00)?)?")
_WORDED: Final = re.compile(r"(?:[a-z]+ )?(\d{1,2})(?:er)? ([a-z]+) (\d{4})")
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("janvier janv jan", "fevrier fevr fev", "mars", "avril avr", "mai", "juin", "juillet juil",
         "aout", "septembre sept", "octobre oct", "novembre nov", "decembre dec"), 1,
    )
    for name in names.split()
}  # fmt: skip
_YES: Final = frozenset(("oui", "o", "vrai", "true", "1", "x", "yes"))
_NO: Final = frozenset(("non", "n", "faux", "false", "0", "", "no"))
_YEARS: Final = (1950, 2150)
_BETWEEN: Final = re.compile(r"[;|\n]")
_BLANKS: Final = re.compile(r"[\s,;|/«»\"]+")
_AND: Final = ("et ", "ou ", "& ", "+ ")


def text(field: Field, value: Any) -> str:
    """A text, cut of what cannot be seen. Raises `Wrong` when too long."""
    if isinstance(value, list | dict):
        raise Wrong("un texte est attendu, pas une liste.")
    if isinstance(value, bool):
        if not field.codes:
            raise Wrong("un texte est attendu, pas vrai ou faux.")
        value = "oui" if value else "non"
    said = _CONTROL.sub("", "" if value is None else str(value)).strip()
    if len(said) > field.most:
        raise Wrong(f"{len(said)} caractères, pour {field.most} au plus : raccourcissez.")
    return said


def number(field: Field, value: Any) -> Decimal | None:
    """« 3 500,5 », « 80 % », « 1 200 € ». Raises `Wrong` when it is none or out of its bounds."""
    if isinstance(value, bool | list | dict):
        raise Wrong("un nombre est attendu.")
    said = _SPACES.sub("", str("" if value is None else value))
    if not said:
        return None
    bare = _UNITS.sub("", said)
    if bare.count(",") == 1 and "." not in bare:
        bare = bare.replace(",", ".")
    try:
        found = Decimal(bare) if isinstance(value, int | float) or _NUMBER.fullmatch(bare) else None
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite():
        raise Wrong(
            f"« {_short(value)} » n'est pas un nombre. Écrivez par exemple {field.example}."
        )
    if field.minimum is not None and found < field.minimum:
        raise Wrong(f"{_short(value)} est trop petit : {field.minimum} au moins.")
    if field.maximum is not None and found > field.maximum:
        raise Wrong(f"{_short(value)} est trop grand : {field.maximum} au plus.")
    return found


def integer(field: Field, value: Any) -> int | None:
    """A whole number. Raises `Wrong`."""
    found = number(field, value)
    if found is None:
        return None
    if found != found.to_integral_value():
        raise Wrong(f"« {_short(value)} » : un nombre entier est attendu.")
    return int(found)


def day(value: Any) -> str | None:
    """A date in ISO: « 2026-03-01 », « 1/3/2026 », « 1er mars 2026 ». Raises `Wrong`."""
    said = " ".join(str("" if value is None else value).split())
    if not said:
        return None
    parts: tuple[str, str, str] | None = None
    if match := _ISO.fullmatch(said):
        parts = (match[1], match[2], match[3])
    elif match := _SLASHED.fullmatch(said):
        year = match[3] if len(match[3]) == 4 else f"20{match[3]}"
        parts = (year, match[2], match[1])
    elif (match := _WORDED.fullmatch(plain(said))) and match[2] in _MONTHS:
        parts = (match[3], str(_MONTHS[match[2]]), match[1])
    try:
        if parts is None:
            raise ValueError
        found = date(*(int(part) for part in parts))
    except ValueError:
        raise Wrong(
            f"« {_short(value)} » n'est pas une date. Écrivez 2026-12-31 ou 31/12/2026."
        ) from None
    if not _YEARS[0] <= found.year <= _YEARS[1]:
        raise Wrong(f"« {_short(value)} » : l'année {found.year} n'est pas possible.")
    return found.isoformat()


def yes(value: Any) -> bool:
    """oui / non. Raises `Wrong`."""
    said = plain("" if value is None else str(value))
    if said in _YES:
        return True
    if said in _NO:
        return False
    raise Wrong(f"« {_short(value)} » : écrivez oui ou non.")


def address(field: Field, value: Any, remark: Say) -> str:
    """A web address; « www… » is completed. Raises `Wrong`."""
    said = text(field, value)
    if not said:
        return ""
    if said.lower().startswith("www."):
        said = f"https://{said}"
        remark(f"« {said} » : https:// a été ajouté.")
    try:
        parts = urlsplit(said)
        host = parts.hostname or ""
        good = parts.scheme in ("http", "https") and "." in host.strip(".") and parts.port != 0
    except ValueError:
        good = False
    if not good or any(c.isspace() or c in '<>"' for c in said):
        raise Wrong(
            f"« {_short(value)} » n'est pas une adresse de page : elle commence par https://."
        )
    if len(said) > field.most:
        raise Wrong(f"{len(said)} caractères, pour {field.most} au plus.")
    return said


def code(field: Field, value: Any) -> str:
    """The code of one word of a closed list; "" when empty. Raises `Wrong`."""
    said = text(field, value)
    if not plain(said):
        return ""
    found = field.words.get(plain(said))
    if found is None:
        raise unknown(field, said)
    return found


def codes(field: Field, value: Any) -> list[str]:
    """The codes of several words of a closed list, in its order. Raises `Wrong`.

    Labels may hold commas (« Eau, assainissement, déchets ») and so may the list: the longest
    known words are taken first.
    """
    if isinstance(value, list):
        pieces = [str(piece) for piece in value]
    else:
        pieces = _BETWEEN.split("" if value is None else str(value))
    found: set[str] = set()
    for piece in pieces:
        found |= _codes_in(field, piece)
    return [known for known in field.codes if known in found]


def _codes_in(field: Field, piece: str) -> set[str]:
    if plain(piece) in field.words:
        return {field.words[plain(piece)]}
    found: set[str] = set()
    rest = piece.strip()
    while rest:
        rest = _BLANKS.sub("", rest, count=1) if _BLANKS.match(rest) else rest
        while rest.lower().startswith(_AND):
            rest = rest[2:].lstrip()
        if not rest:
            break
        length = _longest(field, rest)
        if not length:
            stop = re.search(r"[,/»\"]", rest)
            raise unknown(field, rest[: stop.start()] if stop else rest)
        found.add(field.words[plain(rest[:length])])
        rest = rest[length:]
    return found


def _longest(field: Field, rest: str) -> int:
    """Length of the longest known words that `rest` begins with; 0 when there are none."""
    ends = [m.start() for m in re.finditer(r"[\s,;|/«»\"]|$", rest)]
    for end in reversed(ends):
        if plain(rest[:end]) in field.words:
            return end
    return 0


def unknown(field: Field, said: str) -> Wrong:
    """What to answer to a word that is not in the list."""
    near = field.nearest(said)
    if near:
        return Wrong(f"« {_short(said)} » n'est pas connu. Vouliez-vous dire « {near} » ?")
    choices = list(field.codes.values())
    shown = " ; ".join(choices[:8]) + (" ; …" if len(choices) > 8 else "")
    return Wrong(f"« {_short(said)} » n'est pas connu. Au choix : {shown}.")


def expressions(field: Field, value: Any) -> list[str]:
    """Several expressions, separated by « ; », « | » or ends of line."""
    pieces = value if isinstance(value, list) else _BETWEEN.split(text(field, value))
    said = (" ".join(_CONTROL.sub("", str(piece)).split()) for piece in pieces)
    return list(dict.fromkeys(piece for piece in said if piece))


def _short(value: Any) -> str:
    said = " ".join(str(value).split())
    return said if len(said) <= 60 else f"{said[:57]}…"
