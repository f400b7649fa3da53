"""Tables of the catalogue, by subject."""

from maillage.catalog.models.entries import (
    Condition,
    Offer,
    OfferQuerySet,
    Provider,
    ProviderQuerySet,
    Rate,
    Sourced,
    WithCapacity,
)
from maillage.catalog.models.imports import (
    ConnectorRun,
    Dataset,
    Import,
    ImportLine,
    NamedCatalogue,
    NamedEntry,
)
from maillage.catalog.models.keeping import Claim, Revision
from maillage.catalog.models.knowledge import ProjectType, ThesaurusEntry, UnmetNeed
from maillage.catalog.models.matrix import CatalogueDay, CellLead
from maillage.catalog.models.public import Alert, Favourite
from maillage.catalog.models.quality import ErrorReport, LinkCheck

__all__ = [
    "Alert",
    "CatalogueDay",
    "CellLead",
    "Claim",
    "Condition",
    "ConnectorRun",
    "Dataset",
    "ErrorReport",
    "Favourite",
    "Import",
    "ImportLine",
    "LinkCheck",
    "NamedCatalogue",
    "NamedEntry",
    "Offer",
    "OfferQuerySet",
    "ProjectType",
    "Provider",
    "ProviderQuerySet",
    "Rate",
    "Revision",
    "Sourced",
    "ThesaurusEntry",
    "UnmetNeed",
    "WithCapacity",
]
