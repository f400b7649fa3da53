from collections.abc import Iterable, Sequence
from typing import Any

from maillage.common.exporting import ExportCommand
from maillage.experiences.exports import HEADER, experience_rows
from maillage.experiences.models import Experience


class Command(ExportCommand):
    called = "exporter experiences"
    help = "Exporte les expériences : faits, coûts, financeurs, enseignements."

    def header(self) -> Sequence[str]:
        return HEADER

    def rows(self) -> Iterable[Sequence[Any]]:
        rows = Experience.objects.select_related("source").prefetch_related("costs", "funders")
        return experience_rows(rows)
