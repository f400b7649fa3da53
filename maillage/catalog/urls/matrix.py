"""Addresses of « qui fait quoi », open to all: they are made to be quoted, and do not change.

Each page is there for France, and for a territory: ``/qui-fait-quoi/departement/24/eau/travaux/``.
"""

from django.urls import path, register_converter

from maillage.catalog.matrix.places import KINDS
from maillage.catalog.views import leads, matrix
from maillage.catalog.views import matrix_more as more
from maillage.engine.vocabulary import PHASES, THEMES


class _Word:
    """One of the words of a list."""

    regex = ""

    def to_python(self, value: str) -> str:
        """As it stands in the address."""
        return value

    def to_url(self, value: str) -> str:
        """As it stands in the data."""
        return value


class _Kind(_Word):
    regex = "|".join(KINDS)


class _Theme(_Word):
    regex = "|".join(THEMES)


class _Phase(_Word):
    regex = "|".join(PHASES)


register_converter(_Kind, "matrix_kind")
register_converter(_Theme, "matrix_theme")
register_converter(_Phase, "matrix_phase")

_PLACE = "<matrix_kind:kind>/<code:code>/"
_CELL = "<matrix_theme:theme>/<matrix_phase:phase>/"

app_name = "matrix"
urlpatterns = [
    path("", matrix.grid, name="france"),
    path("changements/", more.changes, name="changes"),
    path("affiche.pdf", more.poster, name="poster"),
    path(_CELL, matrix.cell, name="cell"),
    path(f"{_CELL}chef-de-file/", leads.lead, name="lead"),
    path(f"{_CELL}chef-de-file/terminer/", leads.lead_end, name="lead_end"),
    path(_PLACE, matrix.grid, name="place"),
    path(f"{_PLACE}changements/", more.changes, name="place_changes"),
    path(f"{_PLACE}affiche.pdf", more.poster, name="place_poster"),
    path(f"{_PLACE}{_CELL}", matrix.cell, name="place_cell"),
    path(f"{_PLACE}{_CELL}chef-de-file/", leads.lead, name="place_lead"),
    path(f"{_PLACE}{_CELL}chef-de-file/terminer/", leads.lead_end, name="place_lead_end"),
]
