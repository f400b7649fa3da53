"""Amounts and shares in French words."""

from collections.abc import Collection
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from maillage.engine.funding.types import CENT

_THIN = "\u202f"
_HARD = "\u00a0"


def euros(amount: Decimal) -> str:
    """An amount as one writes it, cents only when there are some.

    >>> euros(Decimal("27300")), euros(Decimal("0.5"))
    ('27\\u202f300\\xa0€', '0,50\\xa0€')
    """
    rounded = amount.quantize(CENT, ROUND_HALF_UP)
    whole, _, cents = f"{abs(rounded):.2f}".partition(".")
    grouped = f"{int(whole):,}".replace(",", _THIN)
    sign = "−" if rounded < 0 else ""
    return f"{sign}{grouped}{'' if cents == '00' else f',{cents}'}{_HARD}€"


def percent(share: Decimal) -> str:
    """A share of one as a percentage, two decimals at most.

    >>> percent(Decimal("0.2")), percent(Decimal("0.16404")), percent(Decimal("0.333333"))
    ('20\\xa0%', '16,4\\xa0%', '33,33\\xa0%')
    """
    text = f"{(share * 100).quantize(CENT, ROUND_HALF_UP):f}".rstrip("0").rstrip(".")
    return f"{text.replace('.', ',')}{_HARD}%"


def beside(share: Decimal, limit: Decimal) -> str:
    """A share next to its limit: never written as if it were the limit when it is not.

    >>> beside(Decimal("0.1999999"), Decimal("0.2")), beside(Decimal("0.15"), Decimal("0.2"))
    ('un peu moins de 20\\xa0%', '15\\xa0%')
    """
    said = percent(share)
    if share == limit or said != percent(limit):
        return said
    return f"un peu {'moins' if share < limit else 'plus'} de {said}"


#: Names that a sentence says, before « et n autres ».
_NAMED = 6


def named(labels: Collection[str]) -> str:
    """Names in a sentence: « a », « b » et 3 autres.

    >>> named(["DETR", "Région"])
    '« DETR », « Région »'
    """
    more = len(labels) - _NAMED
    said = ", ".join(f"« {label} »" for label in list(labels)[:_NAMED])
    return said if more <= 0 else f"{said} et {more} autre{'s' if more > 1 else ''}"


def number(value: Decimal | int) -> str:
    """A count or a ratio: « 2 000 », « 1,3 »."""
    text = f"{Decimal(value):f}"
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    return f"{int(whole):,}".replace(",", _THIN) + (f",{decimals}" if decimals else "")


def up(amount: Decimal) -> Decimal:
    """To the next cent: what must at least be reached."""
    return amount.quantize(CENT, ROUND_CEILING)


def down(amount: Decimal) -> Decimal:
    """To the cent below: what must not be passed."""
    return amount.quantize(CENT, ROUND_FLOOR)


def short(text: str, most: int) -> str:
    """A text of `most` characters at most, cut between two words when it can be.

    >>> short("Rénovation thermique de l'école", 24), short("Anticonstitutionnellement", 10)
    ('Rénovation thermique de…', 'Anticonst…')
    """
    said = " ".join(text.split())
    if len(said) <= most:
        return said
    kept = said[:most].rpartition(" ")[0]
    if len(kept) * 2 < most:  # a long word is cut rather than lost
        kept = said[: most - 1]
    return f"{kept.rstrip(' ,;:.')}…"
