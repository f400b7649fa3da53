"""Net, VAT and gross cells of a cost: fill one amount, the other is proposed at the rate chosen.

Nothing is recomputed behind the back of who typed both: the page keeps what it showed (`was`), so
that the amount that was changed tells which one follows. The arithmetic is in `funding.vat`.
"""

import re
from decimal import Decimal
from typing import Final

from maillage.common.readings import cents_of
from maillage.engine.funding.types import ZERO
from maillage.funding.forms.cells import Row, written_money
from maillage.funding.vat import OTHER, Usual, agree, filled, gross_of, net_of

#: A rate as the form sends it; those of former times are under it.
_RATE: Final = re.compile(r"[0-2]?\d(\.\d{1,3})?|3[0-3](\.\d{1,3})?")


def choices(rate: str, here: Usual) -> tuple[tuple[str, str], ...]:
    """The list of a line: the rates of the place, `rate` even when it is none of them, and
    « Autre » (both amounts are typed).
    """
    rates = here.offered if rate in (*here.offered, OTHER) else (rate, *here.offered)
    return (*((one, f"{one.replace('.', ',')} %") for one in rates), (OTHER, "Autre"))


def was(net: Decimal, gross: Decimal, rate: str) -> str:
    """What the page keeps of what it showed."""
    return f"{net:f}|{gross:f}|{rate}"


def settle(row: Row, in_net: bool, here: Usual) -> tuple[Decimal, Decimal]:
    """Net and gross of a row, its missing amount filled; errors are noted at their cell."""
    net, gross = (row.read(name, cents_of) for name in ("net", "gross"))
    rate = row.values.get("vat") or OTHER
    if rate != OTHER and not _RATE.fullmatch(rate):
        row.errors["vat"] = "Choisissez dans la liste."
        rate = OTHER
    if "net" in row.errors or "gross" in row.errors:
        return ZERO, ZERO
    if net is None and gross is None:
        row.errors["net" if in_net else "gross"] = "Écrivez le montant, hors taxes ou toutes taxes."
        return ZERO, ZERO
    if rate == OTHER and (net is None or gross is None):
        lacking = "net" if net is None else "gross"
        row.errors[lacking] = "Avec « Autre », écrivez les deux montants."
        return ZERO, ZERO
    if net is None or gross is None:
        net, gross = filled(net, gross, rate)
    else:
        net, gross, rate = _kept(row, net, gross, rate, in_net, here)
    if gross < net:
        row.errors["gross"] = "Le montant toutes taxes est au moins égal au montant hors taxes."
    row.values |= {"net": written_money(net), "gross": written_money(gross), "vat": rate,
                   "was": was(net, gross, rate)}  # fmt: skip
    return net, gross


def _kept(
    row: Row, net: Decimal, gross: Decimal, rate: str, in_net: bool, here: Usual
) -> tuple[Decimal, Decimal, str]:
    """Both were typed: the one that was not touched follows the other; else both stay."""
    if rate == OTHER:
        return net, gross, rate
    before = row.values.get("was", "").split("|")
    if len(before) == 3:
        same_net, same_gross = f"{net:f}" == before[0], f"{gross:f}" == before[1]
        same_rate = rate == before[2]
        if same_net and same_gross and not same_rate:
            if in_net:
                return net, gross_of(net, rate), rate
            return net_of(gross, rate), gross, rate
        if same_gross and not same_net:
            return net, gross_of(net, rate), rate
        if same_net and not same_gross:
            return net_of(gross, rate), gross, rate
    return net, gross, rate if agree(net, gross, rate) else here.rate_of(net, gross, rate)
