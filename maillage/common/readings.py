"""Amounts and days as French people type them: the same habits are accepted by every form."""

import re
from datetime import date
from decimal import Decimal
from typing import Final

_POWERS: Final = (("milliard", 9), ("million", 6), ("mill", 3), ("k", 3), ("m", 6), ("", 0))
_AMOUNT: Final = re.compile(
    r"(?:environ|autour de|à peu près|env\.?|~|≈)?\s*"
    r"([1-9]\d{0,2}(?:[ .'’]\d{3})+|\d+)(?:[.,](\d+))?\s*"
    r"(milliards?|millions?|milliers?|mille|meuros?|m€|keuros?|k€|k|m)?\s*(?:d'|d’)?"
    r"(?:€|euros?|eur)?\s*(?:ht|ttc|environ)?\.?",
    re.IGNORECASE | re.ASCII,
)
_BLANKS: Final = re.compile(r"[\s\u00a0\u202f\u2009]+")
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("janvier janv", "fevrier février fev fév", "mars", "avril avr", "mai", "juin",
         "juillet juil", "aout août", "septembre sept", "octobre oct", "novembre nov",
         "decembre décembre dec déc"), 1,
    )
    for name in names.split()
}  # fmt: skip
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_NUMBERS: Final = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{2}|\d{4})", re.ASCII)
_WORDS: Final = re.compile(r"(?:le )?(\d{1,2})(?:er)? ([a-zéû]+)\.? (\d{4})", re.ASCII)
_YEARS: Final = (1900, 2100)


class NotADay(ValueError):
    """A text that is no day; the message names it and says how to write one, in French."""


def amount_of(text: str) -> Decimal:
    """The amount that `text` says, in euros, with the decimals typed. Raises ``ValueError``.

    >>> [str(amount_of(t)) for t in ("150 000 €", "1,5 M€", "12k", "1.200,50", "1'200 HT")]
    ['150000', '1500000.0', '12000', '1200.50', '1200']
    """
    found = _AMOUNT.fullmatch(_BLANKS.sub(" ", text).strip())
    if found is None:
        raise ValueError(f"no amount in {text!r}")
    whole, cents, unit = found.groups()
    bare = re.sub(r"[ .'’]", "", whole)
    value = Decimal(f"{bare}.{cents}" if cents else bare)
    unit = (unit or "").lower()
    return value * 10 ** next(power for begins, power in _POWERS if unit.startswith(begins))


def day_of(text: str) -> date:
    """The day that `text` says. Raises `NotADay`.

    >>> [str(day_of(t)) for t in ("2027-04-03", "3/4/27", "03.04.2027", "3 avril 2027")]
    ['2027-04-03', '2027-04-03', '2027-04-03', '2027-04-03']
    """
    said = _BLANKS.sub(" ", text).strip()
    if found := _ISO.fullmatch(said):
        year, month, day = map(int, found.groups())
    elif found := _NUMBERS.fullmatch(said):
        day, month, year = map(int, found.groups())
        year += 2000 if len(found[3]) == 2 else 0
    elif (found := _WORDS.fullmatch(said.lower())) and found[2] in _MONTHS:
        day, month, year = int(found[1]), _MONTHS[found[2]], int(found[3])
    else:
        raise NotADay(f"« {said[:30]} » n'est pas une date. Écrivez-la comme ceci : 04/12/2026.")
    try:
        made = date(year, month, day)
    except ValueError as error:
        raise NotADay(f"« {said[:30]} » n'existe pas : vérifiez le jour et le mois.") from error
    if not _YEARS[0] <= year <= _YEARS[1]:
        raise NotADay(f"« {said[:30]} » : vérifiez l'année de cette date.")
    return made
