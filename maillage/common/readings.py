"""Amounts, days and numbers as French people type them: the same habits are accepted by every form,
and by the tables that are pasted or read in files.
"""

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
#: Years of what a plan spends, asks and receives.
PLAN_YEARS: Final = (2000, 2100)
_NUMBER: Final = re.compile(r"\d{1,12}(?:[.,]\d{1,6})?", re.ASCII)
_CENT: Final = Decimal("0.01")
#: Beyond it, an amount is a slip of the keyboard.
MOST_EUROS: Final = Decimal("99999999999.99")


class Unread(ValueError):
    """A text that cannot be read; the message names it and says how to write it, in French."""


class NotADay(Unread):
    """A text that is no day."""


class NotAnAmount(Unread):
    """A text that is no amount."""


def amount_of(text: str) -> Decimal:
    """The amount that `text` says, in euros, with the decimals typed. Raises `NotAnAmount`.

    >>> [str(amount_of(t)) for t in ("150 000 €", "1,5 M€", "12k", "1.200,50", "1'200 HT")]
    ['150000', '1500000.0', '12000', '1200.50', '1200']
    """
    found = _AMOUNT.fullmatch(_BLANKS.sub(" ", text).strip())
    if found is None:
        raise NotAnAmount(f"« {text[:30]} » n'est pas un montant : écrivez par exemple 27 300,50.")
    whole, cents, unit = found.groups()
    bare = re.sub(r"[ .'’]", "", whole)
    value = Decimal(f"{bare}.{cents}" if cents else bare)
    unit = (unit or "").lower()
    return value * 10 ** next(power for begins, power in _POWERS if unit.startswith(begins))


def cents_of(text: str) -> Decimal:
    """The amount that `text` says, to the cent and no more. Raises `NotAnAmount`.

    >>> [str(cents_of(t)) for t in ("27 300,50 €", "1.200", "12.5", "1,5 k€")]
    ['27300.50', '1200.00', '12.50', '1500.00']
    """
    amount = amount_of(text[:60])
    if amount > MOST_EUROS:
        raise NotAnAmount("Ce montant est trop grand : vérifiez les zéros.")
    if amount != amount.quantize(_CENT):
        raise NotAnAmount("Un montant s'écrit au centime près : deux chiffres après la virgule.")
    return amount.quantize(_CENT)


def number_of(text: str) -> Decimal:
    """A number with decimals: « 1,3 ». Raises `Unread`."""
    bare = _BLANKS.sub("", text)
    if not _NUMBER.fullmatch(bare):
        raise Unread(f"« {text[:30]} » n'est pas un nombre : écrivez par exemple 1,3.")
    return Decimal(bare.replace(",", "."))


def count_of(text: str) -> int:
    """A whole number: « 2 000 ». Raises `Unread`."""
    bare = _BLANKS.sub("", text)
    if not (bare.isascii() and bare.isdigit()) or len(bare) > 9:
        raise Unread(f"« {text[:30]} » n'est pas un nombre entier : écrivez par exemple 2 000.")
    return int(bare)


def year_of(text: str) -> int:
    """A year of a plan, in four digits. Raises `Unread`."""
    found = count_of(text)
    if not PLAN_YEARS[0] <= found <= PLAN_YEARS[1]:
        raise Unread("Écrivez l'année en quatre chiffres, par exemple 2027.")
    return found


def share_of(text: str) -> Decimal:
    """A share of 1 from a percentage: « 40 % » → 0.4. Under one percent, the mark is asked:
    « 0,4 » is most often 40 %. Raises `Unread`.

    >>> [str(share_of(t)) for t in ("40 %", "5,5", "0,4 %")]
    ['0.4', '0.055', '0.004']
    """
    try:
        found = number_of(text.replace("%", "")) / 100
    except Unread as error:
        raise Unread(
            f"« {text[:30]} » n'est pas un pourcentage : écrivez par exemple 40."
        ) from error
    if found > 1:
        raise Unread("Un pourcentage va de 0 à 100.")
    if 0 < found < _CENT and "%" not in text:
        raise Unread(
            f"« {text[:30]} » : écrivez 40 pour 40 %, ou « {text.strip()[:30]} % » si c'est moins "
            "d'un pour cent."
        )
    return found


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


def plan_day_of(text: str) -> date:
    """A day of a plan: as `day_of`, from 2000 on. Raises `NotADay`."""
    made = day_of(text)
    if made.year < PLAN_YEARS[0]:
        raise NotADay(f"« {text.strip()[:30]} » : vérifiez l'année de cette date.")
    return made
