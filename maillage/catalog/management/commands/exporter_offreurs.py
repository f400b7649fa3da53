from collections.abc import Iterable, Sequence
from typing import Any

from maillage.catalog.exports import PROVIDER_HEADER, provider_rows
from maillage.catalog.forms.filters import ProviderFilters
from maillage.catalog.providers import find_providers
from maillage.common.exporting import ExportCommand


class Command(ExportCommand):
    called = "exporter offreurs"
    help = "Exporte tous les offreurs publiés, contacts locaux compris."

    def header(self) -> Sequence[str]:
        return PROVIDER_HEADER

    def rows(self) -> Iterable[Sequence[Any]]:
        return provider_rows(find_providers(ProviderFilters(contacts=True)))
