"""The catalogue as columns, for the facets of its list: computed once by snapshot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from maillage.engine import vocabulary as v
from maillage.engine.text import words
from maillage.engine.types import Offer

BoolArray = npt.NDArray[np.bool_]
_DEPARTMENTS: Final = frozenset({v.Audience.DEPARTMENT})


@dataclass(frozen=True, slots=True)
class Facet:
    """A way of choosing among offers: its parameter, its label, its values in order."""

    name: str
    label: str
    values: Mapping[str, str]
    read: Callable[[Offer], frozenset[str]]


def _kinds(offer: Offer) -> frozenset[str]:
    """An offer that is both help and money answers to both."""
    both = offer.kind is v.Kind.BOTH
    return frozenset({"engineering", "funding"}) if both else frozenset({offer.kind.value})


#: Every facet of the list of offers, in the order of the page.
FACETS: Final[tuple[Facet, ...]] = (
    Facet(
        "nature",
        "Ce que c'est",
        {"engineering": "De l'aide humaine (ingénierie)", "funding": "De l'argent (financement)"},
        _kinds,
    ),
    Facet("theme", "Thème", v.THEMES, lambda o: o.themes),
    Facet(
        "cout",
        "Coût pour la commune",
        {member.value: label for member, label in v.COST_LABELS.items()},
        lambda o: frozenset({o.cost.value}),
    ),
    Facet("phase", "Étape du projet", v.PHASES, lambda o: o.phases),
    Facet(
        "public",
        "Pour qui",
        {member.value: label for member, label in v.AUDIENCE_LABELS.items()},
        lambda o: frozenset(audience.value for audience in o.audiences),
    ),
    Facet(
        "echelon",
        "Échelon",
        {level.code: label for level, label in v.LEVEL_LABELS.items()},
        lambda o: frozenset({o.level.code}),
    ),
    Facet(
        "famille",
        "Qui aide",
        {member.value: label for member, label in v.FAMILY_LABELS.items()},
        lambda o: frozenset({o.family.value}),
    ),
    Facet(
        "etat",
        "État de l'information",
        {member.value: label for member, label in v.STATE_LABELS.items()},
        lambda o: frozenset({o.state.value}),
    ),
)


@dataclass(frozen=True, slots=True)
class Columns:
    """One line by offer, in the order of the snapshot.

    ``facets`` is facet → value → which offers have it; ``title_rank`` the rank of each title in
    alphabetical order, accents aside; ``names`` the folded words of title and provider, spaced;
    ``local`` is false for what addresses départements alone.
    """

    facets: Mapping[str, Mapping[str, BoolArray]]
    title_rank: npt.NDArray[np.int32]
    names: tuple[str, ...]
    local: BoolArray


def columns_of(offers: Sequence[Offer]) -> Columns:
    """Read the columns of offers that are in the order of a snapshot."""
    facets: dict[str, dict[str, BoolArray]] = {}
    for facet in FACETS:
        held = {value: np.zeros(len(offers), dtype=np.bool_) for value in facet.values}
        for number, offer in enumerate(offers):
            for value in facet.read(offer):
                if value in held:
                    held[value][number] = True
        facets[facet.name] = held
    titles = [" ".join(words(offer.title)) for offer in offers]
    order = sorted(range(len(offers)), key=lambda n: (titles[n], offers[n].id))
    rank = np.zeros(len(offers), dtype=np.int32)
    rank[order] = np.arange(len(offers), dtype=np.int32)
    return Columns(
        facets=facets,
        title_rank=rank,
        names=tuple(
            f" {title} {' '.join(words(offer.provider_name))} "
            for title, offer in zip(titles, offers, strict=True)
        ),
        local=np.asarray([offer.audiences != _DEPARTMENTS for offer in offers], dtype=np.bool_),
    )
