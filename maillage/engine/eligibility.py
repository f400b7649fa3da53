"""Who may ask: one pass over arrays, and the first rule that each excluded offer fails."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from maillage.engine.types import Offer, Reason, Territory
from maillage.engine.vocabulary import LABELS, PHASES, THEMES, Audience, Kind, Level

BoolArray = npt.NDArray[np.bool_]
NO_MAXIMUM: Final = 2**31 - 1
#: Keys of an offer that is not tied to one place.
EVERYWHERE: Final = frozenset({"FR", "DEP"})
_FAR: Final = 10_000_000
_AUDIENCES: Final = {a: 1 << i for i, a in enumerate(Audience)}
_THEMES: Final = {t: i for i, t in enumerate(THEMES)}
_PHASES: Final = {p: 1 << i for i, p in enumerate(PHASES)}


class Rule(IntEnum):
    """The rules in the order in which they are tried; 0 means that none fails."""

    NONE = 0
    TERRITORY = 1
    AUDIENCE = 2
    POPULATION = 3
    LABEL = 4
    DATES = 5
    PHASE = 6

    @property
    def code(self) -> str:
        """The word of ``Reason.code``."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at, one line by offer, in the order of the snapshot."""

    level: npt.NDArray[np.int8]
    engineering: BoolArray
    funding: BoolArray
    generalist: BoolArray
    audiences: npt.NDArray[np.int32]
    phases: npt.NDArray[np.int32]
    themes: npt.NDArray[np.float32]
    population_min: npt.NDArray[np.int32]
    population_max: npt.NDArray[np.int32]
    dgf: BoolArray
    labels: npt.NDArray[np.int64]
    opens: npt.NDArray[np.int32]
    closes: npt.NDArray[np.int32]
    by_key: dict[str, npt.NDArray[np.int32]]
    label_bits: dict[str, int]

    @property
    def size(self) -> int:
        """Number of offers."""
        return len(self.level)


def facts_of(offers: Sequence[Offer]) -> Facts:
    """Arrays of the offers; ``themes`` is (offers × 16), each line of unit length."""
    bits: dict[str, int] = {label: 1 << i for i, label in enumerate(LABELS)}
    for label in sorted({x for o in offers for x in o.labels_any} - bits.keys()):
        if len(bits) < 62:
            bits[label] = 1 << len(bits)
    by_key: dict[str, list[int]] = {}
    themes = np.zeros((len(offers), len(THEMES)), dtype=np.float32)
    for number, offer in enumerate(offers):
        for key in offer.perimeter:
            by_key.setdefault(key, []).append(number)
        for theme in offer.themes:
            place = _THEMES.get(theme)
            if place is not None:
                themes[number, place] = 1.0
    norms = np.sqrt(themes.sum(axis=1, keepdims=True))
    themes /= np.where(norms == 0, 1, norms)

    def mask(values: frozenset[str], table: dict[str, int]) -> int:
        total = 0
        for value in values:
            total |= table.get(value, 0)
        return total

    audience_bits: dict[str, int] = {str(a): bit for a, bit in _AUDIENCES.items()}
    return Facts(
        level=np.asarray([int(o.level) for o in offers], dtype=np.int8),
        engineering=np.asarray([o.kind is not Kind.FUNDING for o in offers], dtype=np.bool_),
        funding=np.asarray([o.kind is not Kind.ENGINEERING for o in offers], dtype=np.bool_),
        generalist=np.asarray([o.generalist for o in offers], dtype=np.bool_),
        audiences=np.asarray(
            [mask(frozenset(map(str, o.audiences)), audience_bits) for o in offers], dtype=np.int32
        ),
        phases=np.asarray([mask(o.phases, _PHASES) for o in offers], dtype=np.int32),
        themes=themes,
        population_min=np.asarray([o.population_min or 0 for o in offers], dtype=np.int32),
        population_max=np.asarray(
            [NO_MAXIMUM if o.population_max is None else o.population_max for o in offers],
            dtype=np.int32,
        ),
        dgf=np.asarray([o.population_kind == "dgf" for o in offers], dtype=np.bool_),
        labels=np.asarray([mask(o.labels_any, bits) for o in offers], dtype=np.int64),
        opens=np.asarray([o.opens.toordinal() if o.opens else 0 for o in offers], dtype=np.int32),
        closes=np.asarray(
            [o.closes.toordinal() if o.closes else _FAR for o in offers], dtype=np.int32
        ),
        by_key={k: np.asarray(v, dtype=np.int32) for k, v in by_key.items()},
        label_bits=bits,
    )


def covering(facts: Facts, territory: Territory) -> BoolArray:
    """Which offers are valid where the territory is: they share a key."""
    inside = np.zeros(facts.size, dtype=np.bool_)
    for key in territory.keys:
        numbers = facts.by_key.get(key)
        if numbers is not None:
            inside[numbers] = True
    return inside


def _label_mask(labels: frozenset[str], facts: Facts) -> int:
    total = 0
    for label in labels:
        total |= facts.label_bits.get(label, 0)
    return total


def first_failures(
    facts: Facts,
    territory: Territory | None,
    audience: Audience,
    today: date | None,
    phase: str | None = None,
) -> npt.NDArray[np.int8]:
    """The :class:`Rule` that excludes each offer, 0 when none does (shape ``(offers,)``).

    Without a territory the rules that need one are not tried. Without a date, neither are dates.
    What is unknown (a label, the DGF population) never excludes: see :func:`to_check`. Of an
    unknown DGF population, only that it is not below the municipal one is known.
    """
    failed = np.zeros(facts.size, dtype=np.int8)
    if phase is not None and phase in _PHASES:
        failed[(facts.phases != 0) & (facts.phases & _PHASES[phase] == 0)] = Rule.PHASE
    if today is not None:
        failed[facts.closes < today.toordinal()] = Rule.DATES
    if territory is not None:
        asked = facts.labels
        has = (asked & _label_mask(territory.labels, facts)) != 0
        absent = _label_mask(territory.labels_absent - territory.labels, facts)
        failed[(asked != 0) & ~has & ((asked & ~np.int64(absent)) == 0)] = Rule.LABEL
        for of_dgf, population in (
            (False, territory.population),
            (True, territory.population_dgf),
        ):
            if population is not None:
                outside = (population < facts.population_min) | (population > facts.population_max)
                failed[outside & (facts.dgf == of_dgf)] = Rule.POPULATION
        if territory.population is not None and territory.population_dgf is None:
            # The DGF population adds second homes to the municipal one: it is never below it.
            failed[facts.dgf & (territory.population > facts.population_max)] = Rule.POPULATION
    failed[(facts.audiences & _AUDIENCES[audience]) == 0] = Rule.AUDIENCE
    if territory is not None:
        failed[~covering(facts, territory)] = Rule.TERRITORY
    return failed


#: How the one who asks is called, by kind of body.
ASKER: Final = {Audience.COMMUNE: "votre commune", Audience.EPCI: "votre intercommunalité"}


def asker(audience: Audience, territory: Territory | None = None) -> str:
    """« votre commune », « votre intercommunalité », else « votre territoire »."""
    if territory is not None and f"epci:{territory.code}" in territory.keys:
        return ASKER[Audience.EPCI]
    return ASKER.get(audience, "votre territoire")


def to_check(
    offer: Offer,
    territory: Territory | None,
    today: date | None,
    audience: Audience = Audience.COMMUNE,
) -> tuple[Reason, ...]:
    """What could not be verified, each as a short French sentence."""
    who = asker(audience, territory)
    out: list[Reason] = []
    bounded = offer.population_min is not None or offer.population_max is not None
    if bounded and territory is not None:
        if offer.population_kind == "dgf" and territory.population_dgf is None:
            out.append(Reason("population_dgf", f"Vérifiez la population DGF de {who} : "
                              f"il faut {bounds_in_words(offer)}."))  # fmt: skip
        elif offer.population_kind != "dgf" and territory.population is None:
            out.append(Reason("population", f"Vérifiez la population de {who} : "
                              f"il faut {bounds_in_words(offer)}."))  # fmt: skip
    if offer.labels_any and territory is not None and not offer.labels_any & territory.labels:
        unknown = offer.labels_any - territory.labels_absent
        if unknown:
            out.append(Reason("label", f"Vérifiez que {who} relève bien de : "
                              f"{labels_in_words(frozenset(unknown))}."))  # fmt: skip
    if today is not None and offer.opens is not None and today < offer.opens:
        out.append(Reason("opens", f"Pas encore ouvert : ouverture le {in_letters(offer.opens)}."))
    return tuple(out)


def exclusion(offer: Offer, rule: Rule, territory: Territory | None) -> Reason:
    """The reason of an exclusion, as a short French sentence without its first capital."""
    if rule is Rule.TERRITORY:
        text = "réservé à un autre territoire"
    elif rule is Rule.AUDIENCE:
        text = "ne s'adresse pas à ce type de demandeur"
    elif rule is Rule.POPULATION:
        text = f"réservé aux collectivités qui comptent {bounds_in_words(offer)}"
    elif rule is Rule.LABEL:
        text = f"réservé aux territoires qui relèvent de : {labels_in_words(offer.labels_any)}"
    elif rule is Rule.DATES:
        text = f"clos depuis le {in_letters(offer.closes)}" if offer.closes else "clos"
    else:
        text = "n'intervient pas à cette étape du projet"
    return Reason(rule.code, text)


def grouped(number: int) -> str:
    """A number with French thin spaces: ``2 000``."""
    return f"{number:,}".replace(",", "\u202f")


def bounds_in_words(offer: Offer) -> str:
    """« moins de 2 000 habitants », by the inclusive bounds of the offer."""
    low, high = offer.population_min, offer.population_max
    if low and high is not None:
        return f"entre {grouped(low)} et {grouped(high)} habitants"
    if high is not None:
        return f"{grouped(high)} habitants au plus"
    return f"au moins {grouped(low or 0)} habitants"


def fits_in_words(offer: Offer) -> str:
    """« ne dépasse pas 2 000 habitants »: what a body that fits the bounds can say of itself."""
    low, high = offer.population_min, offer.population_max
    if low and high is not None:
        return f"compte entre {grouped(low)} et {grouped(high)} habitants"
    if high is not None:
        return f"ne dépasse pas {grouped(high)} habitants"
    return f"compte au moins {grouped(low or 0)} habitants"


def labels_in_words(labels: frozenset[str]) -> str:
    """Labels in French, joined by « ou », in a steady order."""
    names = sorted(LABELS.get(label, label) for label in labels)
    return " ou ".join(f"« {name} »" for name in names)


_MONTHS: Final = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août",
                  "septembre", "octobre", "novembre", "décembre")  # fmt: skip


def in_letters(day: date) -> str:
    """A date in French letters: « 1er mars 2026 »."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {_MONTHS[day.month - 1]} {day.year}"


def is_generic(offer: Offer) -> bool:
    """A kind of body that exists nearly everywhere, rather than one that is known here."""
    return offer.level < Level.NATIONAL and bool(offer.perimeter & EVERYWHERE)
