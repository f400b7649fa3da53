from collections.abc import Iterable, Sequence
from typing import Any

from maillage.catalog.exports import OFFER_HEADER, offer_rows
from maillage.catalog.snapshot import shelf
from maillage.common.exporting import ExportCommand


class Command(ExportCommand):
    called = "exporter offres"
    help = "Exporte toutes les offres publiées (ingénierie et aides financières)."

    def header(self) -> Sequence[str]:
        return OFFER_HEADER

    def rows(self) -> Iterable[Sequence[Any]]:
        held = shelf()
        return offer_rows(held.snapshot.offers, held)
