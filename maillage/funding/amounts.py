"""Amounts as people write them: « 27 300,50 € », « 1.200,00 », « 301000 »."""

import re
from decimal import Decimal, InvalidOperation
from typing import Final

from maillage.engine.funding.types import CENT

#: Beyond it, a plan is a slip of the keyboard.
MOST: Final = Decimal("99999999999.99")
_NOISE: Final = re.compile(r"[\s\u00a0\u202f\u2009'’]|€|euros?|eur\b|(?:HT|TTC)$", re.I)
_GROUPED: Final = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_PLAIN: Final = re.compile(r"\d+(?:[.,]\d+)?")


class NotAnAmount(ValueError):
    """What was typed is no amount; the message says how to write one, in French."""


def read_euros(text: str) -> Decimal:
    """The amount that `text` says, to the cent. Raises `NotAnAmount`.

    >>> read_euros("27 300,50 €"), read_euros("1.200"), read_euros("12.5")
    (Decimal('27300.50'), Decimal('1200.00'), Decimal('12.50'))
    """
    bare = _NOISE.sub("", text[:60])
    if _GROUPED.fullmatch(bare):
        bare = bare.replace(".", "")
    if not _PLAIN.fullmatch(bare):
        raise NotAnAmount(f"« {text[:30]} » n'est pas un montant : écrivez par exemple 27 300,50.")
    try:
        amount = Decimal(bare.replace(",", "."))
    except InvalidOperation as error:
        raise NotAnAmount(f"« {text[:30]} » n'est pas un montant.") from error
    if amount > MOST:
        raise NotAnAmount("Ce montant est trop grand : vérifiez les zéros.")
    if amount != amount.quantize(CENT):
        raise NotAnAmount("Un montant s'écrit au centime près : deux chiffres après la virgule.")
    return amount.quantize(CENT)
