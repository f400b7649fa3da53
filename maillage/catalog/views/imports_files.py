"""Files of the imports: what to fill, what is expected, what is to be corrected."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from maillage.catalog.enums import ImportKind
from maillage.catalog.import_report import rejects as rejected
from maillage.catalog.imports.schema import schema
from maillage.catalog.imports.templates import template
from maillage.catalog.services import importing
from maillage.catalog.views.imports_door import find, for_importers
from maillage.common.tables import FORMATS, export

_TYPES: Final = {
    "string": "texte", "integer": "nombre entier", "number": "nombre", "date": "date",
    "boolean": "oui ou non", "url": "adresse (https://…)",
}  # fmt: skip


def _kind(kind: str) -> ImportKind:
    if kind not in ImportKind.values:
        raise Http404("Nature de fichier inconnue.")
    return ImportKind(kind)


@require_safe
@for_importers
def template_file(request: HttpRequest, kind: str, format: str) -> HttpResponse:
    """The table to fill."""
    if format not in FORMATS:
        raise Http404("Format de modèle inconnu.")
    content = template(_kind(kind), format)
    response = HttpResponse(content, content_type=FORMATS[format])
    response["Content-Disposition"] = f'attachment; filename="modele-{kind}.{format}"'
    return response


@require_safe
@for_importers
def schema_page(request: HttpRequest, kind: str) -> HttpResponse:
    """Every column of a kind of file: what it says, what it accepts. « ?format=json »: the Table
    Schema.
    """
    known = schema(_kind(kind))
    if request.GET.get("format") == "json":
        options = {"ensure_ascii": False, "indent": 2}
        response = JsonResponse(known.raw, json_dumps_params=options)
        response["Content-Disposition"] = f'attachment; filename="{kind}.json"'
        return response
    context = {
        "schema": known,
        "kinds": importing.kinds(request.user),
        "fields": [(field, _TYPES.get(field.type, field.type)) for field in known.fields],
        "required": [field.name for field in known.fields if field.required],
    }
    return render(request, "catalog/imports/schema.html", context)


@require_safe
@for_importers
def rejects(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The lines to correct, as they were sent, with what is wrong beside each."""
    parent = find(request, pk)
    header, rows = rejected(parent)
    return export(f"a-corriger-{parent.pk}", header, rows, request.GET.get("export", "csv"))
