"""The catalogue as tables: the columns that pages and commands export, in the same order."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.urls import reverse

from maillage.catalog.enums import PopulationKind
from maillage.catalog.models import ProjectType
from maillage.catalog.providers import ProviderLine
from maillage.catalog.snapshot import Shelf
from maillage.catalog.wording import audiences_in_words, labels_in_words, perimeter_in_words
from maillage.engine import vocabulary as v
from maillage.engine.types import Offer
from maillage.notifications.letters import absolute
from maillage.territories.directory import directory
from maillage.territories.models import Perimeter

Row = list[Any]
_POPULATION: Final = dict(PopulationKind.choices)

OFFER_HEADER: Final = (
    "identifiant", "titre", "offreur", "identifiant de l'offreur", "famille", "échelon", "nature",
    "coût", "précision sur le coût", "thèmes", "étapes", "publics", "population minimale",
    "population maximale", "population comptée", "labels requis (au moins un)", "périmètre",
    "clés du périmètre", "en une phrase", "description", "mots des usagers", "chiffres",
    "ouvre le", "dernier jour", "attente (semaines)", "capacité", "comment demander",
    "comment joindre", "adresse", "interlocuteur généraliste", "état", "source", "millésime",
    "vérifiée le", "page",
)  # fmt: skip
PROVIDER_HEADER: Final = (
    "identifiant", "nom", "nom complet", "famille", "échelon", "périmètre", "clés du périmètre",
    "en une phrase", "comment le joindre", "site", "offres publiées", "interlocuteur généraliste",
    "état", "source", "millésime", "page",
)  # fmt: skip
TYPE_HEADER: Final = (
    "identifiant", "intitulé", "thèmes", "étapes", "vocabulaire administratif",
    "par quoi l'on commence", "phrases des usagers", "état", "dispositifs à vérifier", "origine",
)  # fmt: skip


def offer_rows(offers: Iterable[Offer], shelf: Shelf) -> Iterator[Row]:
    """Rows of `OFFER_HEADER`. One query, besides what the process holds in memory."""
    places, perimeters = directory(), _perimeters()
    for offer in offers:
        details = shelf.details[offer.id]
        yield [
            offer.id,
            offer.title,
            offer.provider_name,
            offer.provider_id,
            v.FAMILY_LABELS[offer.family],
            v.LEVEL_LABELS[offer.level],
            v.KIND_LABELS[offer.kind],
            details.cost_label,
            details.cost_note,
            _labels(offer.themes, v.THEMES),
            _labels(offer.phases, v.PHASES),
            audiences_in_words(offer.audiences),
            offer.population_min,
            offer.population_max,
            _POPULATION[offer.population_kind],
            labels_in_words(sorted(offer.labels_any)),
            perimeter_in_words(offer.perimeter, places, perimeters),
            " ".join(sorted(offer.perimeter)),
            offer.summary,
            offer.description,
            " | ".join(offer.words),
            " ; ".join(details.figures),
            offer.opens.isoformat() if offer.opens else "",
            offer.closes.isoformat() if offer.closes else "",
            offer.waiting_weeks,
            details.capacity,
            details.apply,
            details.contact,
            details.link,
            "oui" if offer.generalist else "non",
            v.STATE_LABELS[offer.state],
            details.source,
            details.vintage,
            details.checked_on.isoformat() if details.checked_on else "",
            absolute(reverse("catalog:offer", args=[offer.id])),
        ]


def provider_rows(lines: Iterable[ProviderLine]) -> Iterator[Row]:
    """Rows of `PROVIDER_HEADER`. One query, besides what the process holds in memory."""
    places, perimeters = directory(), _perimeters()
    for line in lines:
        yield [
            line.slug,
            line.name,
            line.full_name,
            line.family_label,
            line.level_label,
            perimeter_in_words(line.perimeter, places, perimeters),
            " ".join(line.perimeter),
            line.summary,
            line.contact,
            line.website,
            line.offers,
            "oui" if line.generalist else "non",
            line.state_label,
            line.source,
            line.vintage,
            absolute(reverse("catalog:provider", args=[line.slug])),
        ]


def type_rows(types: Iterable[ProjectType]) -> Iterator[Row]:
    """Rows of `TYPE_HEADER`."""
    for row in types:
        yield [
            row.slug,
            row.label,
            _labels(row.themes, v.THEMES),
            _labels(row.phases, v.PHASES),
            ", ".join(row.vocabulary),
            row.first_step,
            " | ".join(row.phrases),
            row.get_state_display(),
            ", ".join(row.schemes_to_check),
            row.get_origin_display(),
        ]


def _perimeters() -> dict[str, Perimeter]:
    return {perimeter.slug: perimeter for perimeter in Perimeter.objects.all()}


def _labels(codes: Iterable[str], names: dict[str, str]) -> str:
    asked = set(codes)
    return ", ".join(label for code, label in names.items() if code in asked)
