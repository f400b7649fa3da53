"""Writes of the area: the reference files, the files of labels."""

from maillage.territories.services.labels import (
    ImportRefused,
    LabelReport,
    import_labels,
    read_labels,
)
from maillage.territories.services.reference import ReferenceReport, load_reference

__all__ = [
    "ImportRefused",
    "LabelReport",
    "ReferenceReport",
    "import_labels",
    "load_reference",
    "read_labels",
]
