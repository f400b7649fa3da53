from collections.abc import Iterable, Sequence
from typing import Any

from maillage.catalog.exports import TYPE_HEADER, type_rows
from maillage.catalog.models import ProjectType
from maillage.common.exporting import ExportCommand


class Command(ExportCommand):
    called = "exporter types"
    help = "Exporte les types de projet, leur vocabulaire et les façons de les dire."

    def header(self) -> Sequence[str]:
        return TYPE_HEADER

    def rows(self) -> Iterable[Sequence[Any]]:
        return type_rows(ProjectType.objects.all())
