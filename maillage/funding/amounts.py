"""Amounts as people write them: « 27 300,50 € », « 1.200,00 », « 301000 », « 12 k€ »."""

from decimal import Decimal
from typing import Final

from maillage.common.readings import amount_of
from maillage.engine.funding.types import CENT

#: Beyond it, a plan is a slip of the keyboard.
MOST: Final = Decimal("99999999999.99")


class NotAnAmount(ValueError):
    """What was typed is no amount; the message says how to write one, in French."""


def read_euros(text: str) -> Decimal:
    """The amount that `text` says, to the cent. Raises `NotAnAmount`.

    >>> read_euros("27 300,50 €"), read_euros("1.200"), read_euros("12.5"), read_euros("1,5 k€")
    (Decimal('27300.50'), Decimal('1200.00'), Decimal('12.50'), Decimal('1500.00'))
    """
    try:
        amount = amount_of(text[:60])
    except ValueError as error:
        raise NotAnAmount(
            f"« {text[:30]} » n'est pas un montant : écrivez par exemple 27 300,50."
        ) from error
    if amount > MOST:
        raise NotAnAmount("Ce montant est trop grand : vérifiez les zéros.")
    if amount != amount.quantize(CENT):
        raise NotAnAmount("Un montant s'écrit au centime près : deux chiffres après la virgule.")
    return amount.quantize(CENT)
