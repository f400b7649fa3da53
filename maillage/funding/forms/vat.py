"""Net and gross amounts of a cost: fill one, the other is proposed at the rate chosen.

Nothing is recomputed behind the back of who typed both: the page keeps what it showed (`was`), so
that the amount that was changed tells which one follows. The rate proposed when nobody says one is
a dated datum (rule « vat »), by the département of the bearer.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from maillage.engine.funding.types import CENT
from maillage.engine.funding.words import euros, percent
from maillage.funding.forms.cells import Row, money, written_money
from maillage.funding.law import law_on

#: Rate in percent → its label. « autre »: both amounts are typed.
RATES: Final = (
    ("20", "20 %"), ("10", "10 %"), ("5.5", "5,5 %"), ("0", "0 %"),
    ("8.5", "8,5 % (outre-mer)"), ("2.1", "2,1 %"), ("autre", "Autre"),
)  # fmt: skip
OTHER: Final = "autre"
_KNOWN: Final = tuple(rate for rate, _ in RATES if rate != OTHER)
_HIGHEST: Final = max(Decimal(rate) for rate in _KNOWN)
#: A rate as the form sends it; those of former times are under it.
_RATE: Final = re.compile(r"[0-2]?\d(\.\d{1,3})?|3[0-3](\.\d{1,3})?")


class Contradiction(ValueError):
    """Net, gross and VAT do not go together; the message says why, in French."""


@dataclass(frozen=True, slots=True)
class Usual:
    """The rate proposed where a bearer is: in percent (« autre »: none is known), and in words."""

    rate: str
    said: str


def usual(department: str, day: date) -> Usual:
    """The rate proposed in a département ("" when it is not known), under the law of `day`."""
    law = law_on(day)
    if "vat" not in law:
        return Usual(OTHER, "aucun taux n'est connu à cette date")
    doubt = "" if law["vat"].confirmed else ", à confirmer"
    if department in law.codes("vat", "none_departments"):
        return Usual("0", f"0 %, la TVA ne s'applique pas dans ce territoire{doubt}")
    overseas = department in law.codes("vat", "overseas_departments")
    share = law.number("vat", "overseas" if overseas else "standard")
    where = " de ce département d'outre-mer" if overseas else ""
    return Usual(f"{(share * 100).normalize():f}",
                 f"{percent(share)}, le taux normal{where}{doubt if overseas else ''}")  # fmt: skip


def is_odd(rate: str, here: Usual) -> bool:
    """Whether a rate is surely not one of those that apply where the bearer is."""
    if here.rate == "0":
        return rate not in ("0", OTHER)
    overseas = here.rate == "8.5"
    return rate in ("20", "10", "5.5") if overseas else rate == "8.5"


def choices(rate: str) -> tuple[tuple[str, str], ...]:
    """The rates of a list, with `rate` even when it is none of those that are usual."""
    if rate in dict(RATES):
        return RATES
    return ((rate, f"{rate.replace('.', ',')} %"), *RATES)


def gross_of(net: Decimal, rate: str) -> Decimal:
    """Net amount → gross, to the cent."""
    return (net * (1 + Decimal(rate) / 100)).quantize(CENT, ROUND_HALF_UP)


def net_of(gross: Decimal, rate: str) -> Decimal:
    """Gross amount → net, to the cent."""
    return (gross / (1 + Decimal(rate) / 100)).quantize(CENT, ROUND_HALF_UP)


def agree(net: Decimal, gross: Decimal, rate: str) -> bool:
    """Whether one amount gives the other at this rate, either way."""
    return gross_of(net, rate) == gross or net_of(gross, rate) == net


def rate_of(net: Decimal, gross: Decimal, first: str) -> str:
    """The rate that two amounts show, `first` if it may be; « autre » when none does."""
    if not net and not gross:
        return first
    rates = _KNOWN if first == OTHER else (first, *_KNOWN)
    return next((rate for rate in rates if agree(net, gross, rate)), OTHER)


def was(net: Decimal, gross: Decimal, rate: str) -> str:
    """What the page keeps of what it showed."""
    return f"{net:f}|{gross:f}|{rate}"


# -- In the editor


def settle(row: Row, in_net: bool) -> tuple[Decimal, Decimal]:
    """Net and gross of a row, its missing amount filled; errors are noted at their cell."""
    found = [row.read(name, money) for name in ("net", "gross")]
    net, gross = (None if one is None else Decimal(one) for one in found)
    rate = row.values.get("vat") or OTHER
    if rate != OTHER and not _RATE.fullmatch(rate):
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
    return net, gross, rate if agree(net, gross, rate) else rate_of(net, gross, rate)


# -- In a table


def is_known(rate: Decimal) -> bool:
    """Whether it is one of the rates of VAT, in percent."""
    return any(rate == Decimal(one) for one in _KNOWN)


def shows_known(net: Decimal, tax: Decimal) -> bool:
    """Whether this VAT on this net amount is one of the rates, to the cent."""
    return any(abs(gross_of(net, one) - net - tax) <= CENT for one in _KNOWN)


def complete(
    net: Decimal | None, gross: Decimal | None, tax: Decimal | None, rate: str
) -> tuple[Decimal, Decimal]:
    """Net and gross from what a line says: `tax` in euros, `rate` in percent ("" when not said).

    A cent of rounding is nobody's mistake. Raises `Contradiction`.
    """
    if net is None and gross is None:
        raise Contradiction("il manque le montant, hors taxes ou toutes taxes.")
    if net is None or gross is None:
        if tax is not None:
            net = net if net is not None else (gross or Decimal(0)) - tax
            gross = gross if gross is not None else net + tax
        else:
            net, gross = _filled(net, gross, rate)
    if gross < net or net < 0:
        raise Contradiction(f"{euros(gross)} TTC ne peuvent pas faire {euros(net)} HT.")
    if tax is not None and abs(net + tax - gross) > CENT:
        raise Contradiction(
            f"{euros(net)} HT et {euros(tax)} de TVA font {euros(net + tax)} TTC, pas "
            f"{euros(gross)}."
        )
    if rate and abs(gross_of(net, rate) - gross) > CENT and not agree(net, gross, rate):
        raise Contradiction(
            f"à {rate.replace('.', ',')} % de TVA, {euros(net)} HT font "
            f"{euros(gross_of(net, rate))} TTC, pas {euros(gross)}."
        )
    return net, gross


def too_high(net: Decimal, gross: Decimal) -> bool:
    """Whether these amounts show more VAT than any rate gives."""
    return gross > gross_of(net, f"{_HIGHEST:f}") + CENT
