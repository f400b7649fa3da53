"""Amounts in euros and years said in a need (« 250 000 € HT », « 2,5 M€ », « 300k »)."""

import re
from typing import Final

_SPACES = "\u00a0\u202f "
_NUMBER: Final = (
    rf"(?<![\w,.])(\d{{1,3}}(?:[{_SPACES}.]\d{{3}})+|\d+)(?:,(\d+)|\.(\d{{1,2}})(?!\d))?"
)
_AMOUNT: Final = re.compile(
    rf"{_NUMBER}[{_SPACES}]?"
    r"(millions?|milliers?|mille|m\s?€|m\s?euros?|meur|k\s?€|k\s?euros?|keur|k|€|euros?|eur)"
    r"(?!\w)",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(
    r"(?<![\d.,])(1[89]\d\d|20\d\d)(?!\d|[ \u00a0\u202f.]\d{3}|\s?(?:€|euros?|k\b|m2|m²|hab))"
)


def amounts(text: str) -> tuple[int, ...]:
    """Amounts in euros, in the order of the text, each once.

    >>> amounts("un budget de 250 000 € HT, ou 2,5 M€, voire 300k")
    (250000, 2500000, 300000)
    """
    found: dict[int, None] = {}
    for whole, comma, point, unit in _AMOUNT.findall(text[:20_000]):
        digits = re.sub(r"\D", "", whole)
        value = float(f"{digits}.{comma or point or 0}") if len(digits) < 13 else 0.0
        unit = unit.lower()
        if unit.startswith(("k", "mille", "millier")):
            value *= 1_000
        elif unit.startswith("m"):
            value *= 1_000_000
        if 0 < value < 1e12:
            found[round(value)] = None
    return tuple(found)


def years(text: str) -> tuple[int, ...]:
    """Years between 1800 and 2099 said in the text, each once.

    >>> years("l'école de 1962, travaux en 2027, budget 2000 €")
    (1962, 2027)
    """
    return tuple(dict.fromkeys(int(y) for y in _YEAR.findall(text[:20_000])))
