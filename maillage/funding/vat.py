"""Net and gross amounts, and the rates of VAT that link them.

The rates of a place are dated data (``maillage/data/rules/tva.toml``), by the département of the
bearer. A rate is a text in percent (« 5.5 »), as forms and files have it.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from maillage.engine.funding.rules import Law
from maillage.engine.funding.types import CENT, ZERO
from maillage.engine.funding.words import euros, percent
from maillage.funding.law import law_on

#: No rate is known, or it is none of those of the place: both amounts are written.
OTHER: Final = "autre"
_HOME: Final = "vat"
_CORSICA: Final = "vat-corsica"
_OVERSEAS: Final = "vat-overseas"
_NONE: Final = "vat-none"
_STANDARD: Final = "standard"


class Contradiction(ValueError):
    """Net, gross and VAT do not go together; the message says why, in French."""


@dataclass(frozen=True, slots=True)
class Usual:
    """The VAT of a place: the rate that is proposed (`OTHER`: none is known), the same in words,
    the rates that apply there (`offered`, the proposed one first), and those that are normal
    somewhere else.
    """

    rate: str
    said: str
    offered: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        """Every rate that a table may name without being asked about it."""
        return tuple(dict.fromkeys((*self.offered, *self.elsewhere)))

    def is_odd(self, rate: str) -> bool:
        """Whether a rate is surely not one of those that apply here."""
        return bool(self.offered) and rate != OTHER and rate not in self.offered

    def is_known(self, rate: Decimal) -> bool:
        """Whether it is one of the rates of VAT, in percent."""
        return any(rate == Decimal(one) for one in self.known)

    def shows_known(self, net: Decimal, tax: Decimal) -> bool:
        """Whether this VAT on this net amount is one of the rates, to the cent."""
        return any(abs(gross_of(net, one) - net - tax) <= CENT for one in self.known)

    def rate_of(self, net: Decimal, gross: Decimal, first: str = "") -> str:
        """The rate that two amounts show, `first` (the proposed one without it) if it may be;
        `OTHER` when none does.
        """
        first = first or self.rate
        if not net and not gross:
            return first
        rates = (first, *self.known)
        return next((one for one in rates if one != OTHER and agree(net, gross, one)), OTHER)

    def too_high(self, net: Decimal, gross: Decimal) -> bool:
        """Whether these amounts show more VAT than any rate gives."""
        highest = max(map(Decimal, self.known), default=ZERO)
        return gross > gross_of(net, f"{highest:f}") + CENT


def usual(department: str, day: date) -> Usual:
    """The VAT of a département ("" when it is not known), under the law of `day`."""
    law = law_on(day)
    elsewhere = (_CORSICA, _OVERSEAS, _NONE)
    place = next((one for one in elsewhere if department in law.codes(one, "departments")), _HOME)
    normal = tuple(
        _percent(law.number(one, _STANDARD))
        for one in (_HOME, _OVERSEAS) if one in law and _STANDARD in law[one].parameters
    )  # fmt: skip
    if place == _NONE:
        said = f"0 %, la TVA ne s'applique pas dans ce territoire{_doubt(law, place)}"
        return Usual("0", said, ("0",), normal)
    offered = _offered(law, place)
    if not offered:
        return Usual(OTHER, "aucun taux n'est connu à cette date", (), normal)
    where = " de ce département d'outre-mer" if place == _OVERSEAS else ""
    said = f"{percent(law.number(place, _STANDARD))}, le taux normal{where}"
    if "works" in law[place].parameters:
        said += f" ; {percent(law.number(place, 'works'))} pour des travaux immobiliers"
    return Usual(offered[0], f"{said}{_doubt(law, place)}", (*offered, "0"), normal)


def _offered(law: Law, place: str) -> tuple[str, ...]:
    """The rates of a place, in percent: the normal one, then the others from the highest; none
    when the normal one is not known.
    """
    held = law[place].parameters if place in law else {}
    first = held.get(_STANDARD)
    if not isinstance(first, Decimal):
        return ()
    others = sorted({one for one in held.values() if isinstance(one, Decimal)} - {first})
    return tuple(map(_percent, (first, *reversed(others))))


def _doubt(law: Law, place: str) -> str:
    return "" if law[place].confirmed else ", à confirmer"


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f}"


# -- Amounts


def gross_of(net: Decimal, rate: str) -> Decimal:
    """Net amount → gross, to the cent."""
    return (net * (1 + Decimal(rate) / 100)).quantize(CENT, ROUND_HALF_UP)


def net_of(gross: Decimal, rate: str) -> Decimal:
    """Gross amount → net, to the cent."""
    return (gross / (1 + Decimal(rate) / 100)).quantize(CENT, ROUND_HALF_UP)


def agree(net: Decimal, gross: Decimal, rate: str) -> bool:
    """Whether one amount gives the other at this rate, either way."""
    return gross_of(net, rate) == gross or net_of(gross, rate) == net


def filled(net: Decimal | None, gross: Decimal | None, rate: str) -> tuple[Decimal, Decimal]:
    """Both amounts, from the one that is known."""
    if net is not None:
        return net, gross_of(net, rate)
    total = gross or ZERO
    return net_of(total, rate), total


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
            net = net if net is not None else (gross or ZERO) - tax
            gross = gross if gross is not None else net + tax
        else:
            net, gross = filled(net, gross, rate)
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
