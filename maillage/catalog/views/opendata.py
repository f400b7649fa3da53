"""Open data: the page, the files, their description for other catalogues."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from maillage.catalog.opendata import dcat as dcat_of
from maillage.catalog.opendata.files import DESCRIPTOR, MEDIA, descriptor, folder

_NOT_YET = "Les fichiers ouverts ne sont pas encore prêts : ils sont faits chaque nuit."


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What can be taken, in which formats, under which licence, and how to follow it."""
    package = descriptor()
    context: dict[str, Any] = {"package": package, "tables": []}
    if package is not None:
        tables: dict[str, dict[str, Any]] = {}
        for file in package["resources"]:
            name = file["path"].rpartition(".")[0]
            tables.setdefault(name, {"name": name, **file, "files": []})["files"].append(file)
        context |= {
            "tables": list(tables.values()), "made": datetime.fromisoformat(package["created"])
        }  # fmt: skip
    return render(request, "catalog/opendata/home.html", context)


@login_not_required
@require_safe
def file(request: HttpRequest, name: str) -> HttpResponseBase:
    """One of the files in force. Raises ``Http404`` for any other name."""
    package = _package()
    known = {one["path"]: one["hash"] for one in package["resources"]}
    if name not in known and name != DESCRIPTOR:
        raise Http404("Aucun fichier ouvert n'a ce nom : la page des données en donne la liste.")
    made = datetime.fromisoformat(package["created"])
    tag = f'"{known.get(name, made.isoformat())}"'
    held = get_conditional_response(request, etag=tag, last_modified=int(made.timestamp()))
    if held is not None:
        return held
    try:
        content = (folder() / name).open("rb")
    except FileNotFoundError as error:
        raise Http404(_NOT_YET) from error
    kind = name.rpartition(".")[2]
    answer = FileResponse(content, as_attachment=True, filename=name, content_type=MEDIA[kind])
    answer.headers["ETag"] = tag
    answer.headers["Last-Modified"] = http_date(made.timestamp())
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


@login_not_required
@require_safe
def dcat(request: HttpRequest) -> HttpResponse:
    """The DCAT description, in JSON-LD."""
    said = dcat_of.catalogue(_package(), settings.MAILLAGE["URL"])
    answer = JsonResponse(said, json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer.headers["Content-Type"] = "application/ld+json; charset=utf-8"
    return answer


def _package() -> dict[str, Any]:
    package = descriptor()
    if package is None:
        raise Http404(_NOT_YET)
    return package
