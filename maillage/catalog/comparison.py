"""Offers side by side: the same questions asked of each, and what differs, in words."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from maillage.catalog.capacity import capacity_of
from maillage.catalog.enums import LEVEL_BY_CODE
from maillage.catalog.models import Offer
from maillage.catalog.quality import freshness_of
from maillage.catalog.wording import (
    audiences_in_words,
    cited,
    labels_in_words,
    perimeter_in_words,
    population_in_words,
)
from maillage.common.templatetags.maillage import lettres, pluriel
from maillage.engine import vocabulary as v
from maillage.territories.directory import directory
from maillage.territories.models import Perimeter

#: Offers that can be compared at once.
MOST: Final = 4
#: Not the spaces that French ties to a sign or between digits.
_BLANKS: Final = re.compile(r"[ \t\r\n]+")
_UNSAID: Final = "Non précisé"
_LONG_PERIMETER: Final = 6
_OWN: Final = ("En une phrase", "Joindre l'organisme", "Information", "Source")


@dataclass(frozen=True, slots=True)
class Criterion:
    """A question and the answer of each offer, in their order.

    ``same`` when all answer alike; ``None`` where a difference says nothing (each has its contact).
    """

    label: str
    answers: tuple[str, ...]
    same: bool | None


def offers_named(slugs: Sequence[str]) -> list[Offer]:
    """The offers that may be compared among `slugs`, in that order, without repeats.

    Three queries, whatever their number. What is withdrawn, archived or unknown is left out.
    """
    rows = (
        Offer.objects.published()
        .filter(slug__in=slugs)
        .select_related("provider", "source")
        .prefetch_related("rates", "conditions")
    )
    found = {row.slug: row for row in rows}
    return [found[slug] for slug in dict.fromkeys(slugs) if slug in found]


def compare(offers: Sequence[Offer], today: date) -> list[Criterion]:
    """Every criterion to which at least one offer answers."""
    slugs = {slug for offer in offers for slug in cited(offer.perimeter)}
    named = Perimeter.objects.in_bulk(slugs) if slugs else {}
    questions: list[tuple[str, Callable[[Offer], str]]] = [
        ("En une phrase", lambda o: o.summary),
        ("Qui aide", lambda o: o.provider.get_family_display()),
        ("Échelon", lambda o: v.LEVEL_LABELS[LEVEL_BY_CODE[o.level]]),
        ("Ce que c'est", lambda o: o.get_kind_display()),
        ("Coût pour la commune", _cost),
        ("Chiffres en vigueur", lambda o: _figures(o, today)),
        ("Pour qui", lambda o: audiences_in_words(o.audiences)),
        ("Conditions selon qui demande", _conditions),
        ("Où", lambda o: _where(o, named)),
        ("Taille de la commune", _population),
        ("Programmes requis", lambda o: labels_in_words(o.labels_any)),
        ("Thèmes", lambda o: _labels(o.themes, v.THEMES)),
        ("Étapes du projet", lambda o: _labels(o.phases, v.PHASES)),
        ("Ouverture", lambda o: f"{lettres(o.opens)}" if o.opens else ""),
        ("Dernier jour", lambda o: _closes(o, today)),
        ("Attente", lambda o: _waiting(o)),
        ("Capacité", lambda o: _capacity(o, today)),
        ("Comment demander", lambda o: o.apply),
        ("Joindre l'organisme", lambda o: o.contact or o.provider.contact),
        ("Information", lambda o: f"{o.get_state_display()}. {freshness_of(o, today).sentence}."),
        ("Source", lambda o: f"{o.source.title}, {o.source.year}"),
    ]
    found = []
    for label, ask in questions:
        answers = [_sentence(ask(offer)) for offer in offers]
        if any(answers):
            same = None if label in _OWN else len(set(answers)) == 1
            found.append(Criterion(label, tuple(a or _UNSAID for a in answers), same))
    return found


def _sentence(text: str) -> str:
    """On one line, with a capital letter."""
    line = _BLANKS.sub(" ", text).strip()
    return line[:1].upper() + line[1:]


def _cost(offer: Offer) -> str:
    note = f" {offer.cost_note}" if offer.cost_note else ""
    return f"{offer.get_cost_display()}.{note}"


def _figures(offer: Offer, today: date) -> str:
    return " ; ".join(rate.in_words() for rate in offer.rates.all() if rate.in_force(today))


def _conditions(offer: Offer) -> str:
    parts = []
    for row in offer.conditions.all():
        note = f", {row.note}" if row.note else ""
        parts.append(f"{row.get_audience_display()} : {row.get_cost_display().lower()}{note}")
    return " ; ".join(parts)


def _where(offer: Offer, named: dict[str, Perimeter]) -> str:
    if len(offer.perimeter) > _LONG_PERIMETER:
        return pluriel(len(offer.perimeter), "territoire,territoires")
    return perimeter_in_words(offer.perimeter, directory(), named)


def _population(offer: Offer) -> str:
    low, high = offer.population_min, offer.population_max
    return population_in_words(low, high, offer.population_kind) or "Toutes les tailles"


def _closes(offer: Offer, today: date) -> str:
    if offer.closes is None:
        return "Pas de date limite connue"
    left = (offer.closes - today).days
    said = "close" if left < 0 else f"encore {pluriel(left, 'jour,jours')}"
    return f"{lettres(offer.closes)} ({said})"


def _waiting(offer: Offer) -> str:
    weeks = capacity_of(offer).waiting_weeks
    return f"Environ {pluriel(weeks, 'semaine,semaines')}" if weeks else ""


def _capacity(offer: Offer, today: date) -> str:
    room = capacity_of(offer)
    return ". ".join(part for part in (room.in_words(today), room.text) if part)


def _labels(codes: Sequence[str], names: dict[str, str]) -> str:
    return ", ".join(label for code, label in names.items() if code in codes)
