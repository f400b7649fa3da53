"""How the tables of the papers write amounts and shares: always with their two decimals, so that a
column reads as a column. Sentences keep the short form (`euros`, `percent`).
"""

from collections.abc import Sequence
from decimal import Decimal

from maillage.engine.funding.words import euros, percent

_HARD = "\u00a0"


def in_table(amount: Decimal) -> str:
    """An amount in a table, its cents always written.

    >>> in_table(Decimal("42000")), in_table(Decimal("0.5"))
    ('42\\u202f000,00\\xa0€', '0,50\\xa0€')
    """
    said = euros(amount)
    return said if "," in said else said.replace(f"{_HARD}€", f",00{_HARD}€")


def asked_in_table(amount: Decimal) -> str:
    """The same; an aid whose amount is not known yet is said so."""
    return in_table(amount) if amount else "à demander"


def part(amount: Decimal, whole: Decimal) -> str:
    """A share in a table, its two decimals always written; "" when the whole is nothing.

    >>> part(Decimal(2), Decimal(5)), part(Decimal(1), Decimal(3)), part(Decimal(1), Decimal(0))
    ('40,00\\xa0%', '33,33\\xa0%', '')
    """
    if not whole:
        return ""
    number, _, rest = percent(amount / whole).partition(_HARD)
    units, _, decimals = number.partition(",")
    return f"{units},{decimals:0<2}{_HARD}{rest}"


def column(amounts: Sequence[Decimal]) -> list[str]:
    """The amounts of a column that is read from afar: cents for all, or for none.

    >>> column([Decimal(5), Decimal("2.5")])
    ['5,00\\xa0€', '2,50\\xa0€']
    """
    fine = any(amount % 1 for amount in amounts)
    return [in_table(amount) if fine else euros(amount) for amount in amounts]
