"""What all printed papers share: typst, offline, accessible (PDF/UA-1), the same on every machine.

What people typed goes to the templates as JSON values, never as markup: nothing in it is run.
"""

import json
import re
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any, Final

import typst
from django.conf import settings

from maillage.common.templatetags.maillage import lettres

#: Templates may import each other from here down (`/common/papers/house.typ` is shared).
_ROOT: Final = Path(__file__).resolve().parents[1]
#: Only the fonts inside typst.
_FONTS: Final = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
#: Characters that the embedded fonts can all draw (PDF/UA refuses any other).
DRAWN: Final = (
    (0x20, 0x7E), (0xA0, 0x4FF), (0x1E00, 0x1EFF), (0x2010, 0x2027), (0x202F, 0x2040),
    (0x20A0, 0x20C0), (0x2190, 0x22FF), (0x25A0, 0x25FF),
)  # fmt: skip
LONGEST_PRINTED_ADDRESS: Final = 300
#: Keys of an address, made by the site in ASCII: it goes to the template as it is.
_ADDRESSES: Final = ("address", "address_shown")
_APOSTROPHE: Final = re.compile(r"(?<=\w)'(?=[\w«])")
#: A word longer than a column is given places where it may be cut.
_LONG_WORD: Final = re.compile(r"\S{24}(?=\S)")


def as_pdf(template: Path, data: dict[str, Any]) -> bytes:
    """Lay out `template` with `data` (its texts pass through `printable`)."""
    return typst.compile(
        template, root=_ROOT, sys_inputs=_inputs(data), font_paths=_FONTS, format="pdf",
        pdf_standards="ua-1",
    )  # fmt: skip


def as_read(template: Path, data: dict[str, Any]) -> dict[str, Any]:
    """What the laid-out document says of itself (its metadata ``<said>``), to check it."""
    found = typst.query(
        template, "<said>", root=_ROOT, sys_inputs=_inputs(data), font_paths=_FONTS,
        field="value", one=True,
    )  # fmt: skip
    return dict(json.loads(found))


def house(title: str, today: date) -> dict[str, Any]:
    """What `house.typ` needs, on every paper: title, site, date, foot of the pages."""
    return {
        "title": title,
        "site": settings.MAILLAGE["NAME"],
        "tagline": settings.MAILLAGE["TAGLINE"],
        "date": lettres(today),
        "day": {"year": today.year, "month": today.month, "day": today.day},
        "footer": _footer(),
    }


def _footer() -> str:
    site = settings.MAILLAGE
    said = [f"Guichet tenu par {site['OPERATOR']}" if site["OPERATOR"] else site["NAME"]]
    said += [site["OPERATOR_ADDRESS"], site["OPERATOR_PHONE"], site["OPERATOR_EMAIL"]]
    return "  ·  ".join(filter(None, said))


def address_shown(address: str) -> str:
    """`address` as it is printed: with places where a line may be cut, in words when very long."""
    if len(address) > LONGEST_PRINTED_ADDRESS:
        return "ouvrir la page (lien)"
    return re.sub(r"([/&?=+])", "\\1\u200b", address)


def printable(text: str) -> str:
    """Return `text` on one line, with what the embedded fonts can draw only.

    Pictograms and controls are left out; a letter of a script that our fonts lack becomes « □ ».

    >>> printable("  L'ancien\\n bistrot 😀 ")
    'L’ancien bistrot'
    """
    kept = []
    for character in unicodedata.normalize("NFC", text):
        code = ord(character)
        category = unicodedata.category(character)
        if character.isspace():
            kept.append(character if code in {0xA0, 0x202F} else " ")
        elif any(low <= code <= high for low, high in DRAWN) and category != "Cf":
            kept.append(character)
        elif category[0] == "L":
            kept.append("□")
    line = re.sub(r" {2,}", " ", "".join(kept)).strip()
    return _LONG_WORD.sub("\\g<0>\u200b", _APOSTROPHE.sub("’", line))


def paragraphs(text: str) -> list[str]:
    """`text`, a paragraph for each of its lines that says something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def cut(text: str, longest: int) -> str:
    """Return `text`, or its first words and « … » when it has more than `longest` characters."""
    if len(text) <= longest:
        return text
    return text[:longest].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"


def _inputs(data: dict[str, Any]) -> dict[str, str]:
    drawn = {k: v if k in _ADDRESSES else _drawn(v) for k, v in data.items()}
    return {"data": json.dumps(drawn)}


def _drawn(value: Any) -> Any:
    """Pass every text of `value`, whatever its depth, through `printable`."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {key: _drawn(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_drawn(item) for item in value]
    return value
