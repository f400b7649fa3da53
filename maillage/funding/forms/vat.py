"""Net and gross amounts of a cost: fill one, the other is proposed at the rate chosen.

Nothing is recomputed behind the back of who typed both: the page keeps what it showed (`was`), so
that the amount that was changed tells which one follows.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from maillage.engine.funding.types import CENT
from maillage.funding.forms.cells import Row, money, written_money

#: Rate in percent → its label. « autre »: both amounts are typed.
RATES: Final = (
    ("20", "20 %"), ("10", "10 %"), ("5.5", "5,5 %"), ("0", "0 %"),
    ("8.5", "8,5 % (outre-mer)"), ("2.1", "2,1 %"), ("autre", "Autre"),
)  # fmt: skip
USUAL: Final = "20"
OTHER: Final = "autre"


def gross_of(net: Decimal, rate: str) -> Decimal:
    """Net amount → gross, to the cent."""
    return (net * (1 + Decimal(rate) / 100)).quantize(CENT, ROUND_HALF_UP)


def net_of(gross: Decimal, rate: str) -> Decimal:
    """Gross amount → net, to the cent."""
    return (gross / (1 + Decimal(rate) / 100)).quantize(CENT, ROUND_HALF_UP)


def agree(net: Decimal, gross: Decimal, rate: str) -> bool:
    """Whether one amount gives the other at this rate, either way."""
    return gross_of(net, rate) == gross or net_of(gross, rate) == net


def rate_of(net: Decimal, gross: Decimal) -> str:
    """The rate that two amounts show, the usual one first; « autre » when none does."""
    if not net and not gross:
        return USUAL
    return next((r for r, _ in RATES if r != OTHER and agree(net, gross, r)), OTHER)


def was(net: Decimal, gross: Decimal, rate: str) -> str:
    """What the page keeps of what it showed."""
    return f"{net:f}|{gross:f}|{rate}"


def settle(row: Row, in_net: bool) -> tuple[Decimal, Decimal]:
    """Net and gross of a row, its missing amount filled; errors are noted at their cell."""
    found = [row.read(name, money) for name in ("net", "gross")]
    net, gross = (None if one is None else Decimal(one) for one in found)
    rate = row.values.get("vat", USUAL)
    if rate not in dict(RATES):
        row.errors["vat"] = "Choisissez dans la liste."
        rate = OTHER
    if "net" in row.errors or "gross" in row.errors:
        return Decimal(0), Decimal(0)
    if net is None and gross is None:
        row.errors["net" if in_net else "gross"] = "Écrivez le montant, hors taxes ou toutes taxes."
        return Decimal(0), Decimal(0)
    if rate == OTHER and (net is None or gross is None):
        lacking = "net" if net is None else "gross"
        row.errors[lacking] = "Avec « Autre », écrivez les deux montants."
        return Decimal(0), Decimal(0)
    if net is None or gross is None:
        net, gross = _filled(net, gross, rate)
    else:
        net, gross, rate = _kept(row, net, gross, rate, in_net)
    if gross < net:
        row.errors["gross"] = "Le montant toutes taxes est au moins égal au montant hors taxes."
    row.values |= {"net": written_money(net), "gross": written_money(gross), "vat": rate,
                   "was": was(net, gross, rate)}  # fmt: skip
    return net, gross


def _filled(net: Decimal | None, gross: Decimal | None, rate: str) -> tuple[Decimal, Decimal]:
    if net is not None:
        return net, gross_of(net, rate)
    total = gross or Decimal(0)
    return net_of(total, rate), total


def _kept(
    row: Row, net: Decimal, gross: Decimal, rate: str, in_net: bool
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
    return net, gross, rate if agree(net, gross, rate) else rate_of(net, gross)
