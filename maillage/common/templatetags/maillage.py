"""French typography in templates: numbers, euros, dates in letters, and addresses with filters.

They are built into every template (see ``TEMPLATES`` in the settings).
"""

import re
from datetime import date, datetime
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.timezone import localtime

from maillage.common.documents.checking import weight

_TIED = re.compile(r"(?<=«) | (?=[»:;?!])|(?<=\d) (?=\d{3}(?!\d)|[€%‰])")

register = template.Library()
NARROW = "\u202f"  # narrow no-break space: groups of digits, before € and %


@register.filter
def nombre(value: Any) -> str:
    """Write a number with its thousands apart: 34969 → « 34 969 ». Empty for None."""
    if value is None or value == "":
        return ""
    number = float(value) or 0.0  # never « −0 »
    text = f"{number:,.0f}" if number == int(number) else f"{number:,.2f}"
    return text.replace(",", NARROW).replace(".", ",").replace("-", "−")


@register.filter
def euros(value: Any) -> str:
    """Write an amount: 1500 → « 1 500 € ». Empty for None."""
    text = nombre(value)
    return f"{text}{NARROW}€" if text else ""


@register.filter
def lettres(value: date | datetime | None) -> str:
    """Write a date in letters: « 21 novembre 2026 »; the first of the month is « 1er »."""
    if not value:
        return ""
    if isinstance(value, datetime):
        value = localtime(value)
    day = "1er" if value.day == 1 else str(value.day)
    return f"{day} {date_format(value, 'F Y')}"


@register.filter
def pluriel(count: int, forms: str) -> str:
    """Count with its word: ``3|pluriel:"offre,offres"`` → « 3 offres ». Zero is singular."""
    one, many = forms.split(",")
    return f"{nombre(count)}\u00a0{many if count >= 2 else one}"


@register.filter
def poids(size: int) -> str:
    """A number of bytes in words: « 34 ko »."""
    return weight(size)


@register.filter
def typo(text: str) -> str:
    """Tie French punctuation to its word and a number to itself and its unit: no line begins with
    « : » or « ? », no amount is cut.
    """
    return _TIED.sub("\u00a0", str(text))


@register.simple_tag(takes_context=True)
def adresse_avec(context: dict[str, Any], **changes: Any) -> str:
    """The present page's query string with some parameters changed (None or '' removes one)."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = str(value)
    text = query.urlencode()
    return f"?{text}" if text else "?"
