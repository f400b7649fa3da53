"""Sums of what a document prints, said for what they are: nothing is corrected."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

#: A line that already is the total of others, by its own words.
_TOTAL: Final = re.compile(r"\b(total|totale|globale?)\b|^ensemble\b", re.IGNORECASE)
#: A yearly cost is not added to an investment.
_YEARLY: Final = re.compile(r"\b(par an|annuel(?:le)?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Total:
    """An amount in euros; ``printed`` when the document itself gives it as the total.

    ``left_out`` counts the lines with an amount that are not in it (yearly costs, or parts of
    the printed total).
    """

    amount: Decimal
    printed: bool
    left_out: int = 0


def total(lines: Sequence[tuple[str, Decimal | None]]) -> Total | None:
    """Total of (label, amount in euros): the line printed as such, else the sum of the lines.

    ``None`` without any amount.

    >>> total([("Café", Decimal(30)), ("Épicerie", Decimal(12))])
    Total(amount=Decimal('42'), printed=False, left_out=0)
    >>> total([("Budget total", Decimal(50)), ("Dont étude", Decimal(8))])
    Total(amount=Decimal('50'), printed=True, left_out=1)
    """
    known = [(label, amount) for label, amount in lines if amount is not None]
    once = [(label, amount) for label, amount in known if not _YEARLY.search(label)]
    if not once:
        return None
    yearly = len(known) - len(once)
    amounts = [amount for _, amount in once]
    for label, amount in once:
        parts = sum(amounts, Decimal()) - amount
        if len(once) == 1 or _TOTAL.search(label) or (len(once) > 2 and amount == parts):
            printed = len(once) > 1 or bool(_TOTAL.search(label))
            return Total(amount, printed, len(once) - 1 + yearly)
    return Total(sum(amounts, Decimal()), False, yearly)


@dataclass(frozen=True, slots=True)
class Balance:
    """Costs against funders; ``gap`` is what the document leaves unexplained."""

    costs: Total | None
    funders: Total | None

    @property
    def gap(self) -> Decimal | None:
        """Costs less funders, in euros: 0 when they match."""
        if self.costs is None or self.funders is None:
            return None
        return self.costs.amount - self.funders.amount
