"""Pages that belong to no area: legal pages, errors, health."""

import sys

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement: what was tried, what was not."""
    return render(request, "pages/accessibility.html")


@login_not_required
@require_safe
def legal(request: HttpRequest) -> HttpResponse:
    """Who publishes this site and who hosts it."""
    return render(request, "pages/legal.html")


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept of a person, why, for how long."""
    return render(request, "pages/privacy.html")


@login_not_required
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Say that the server answers and reaches its database (for supervision)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"state": "ok"})


def _error(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    context = {"status": status, "title": title, "text": text}
    return render(request, "pages/error.html", context, status=status)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form whose proof of origin is missing: most often a page left open too long."""
    text = (
        "Ce formulaire n'est plus valable : la page est restée ouverte trop longtemps, ou votre "
        "navigateur refuse les cookies. Revenez en arrière, rechargez la page et recommencez."
    )
    return _error(request, 403, "Formulaire expiré", text)


@csrf_exempt
@login_not_required
def api_not_found(request: HttpRequest, rest: str) -> JsonResponse:
    """404 of the API, in its own shape."""
    text = f"« /api/{rest} » n'existe pas. Le contrat est à l'adresse /api/v1/docs."
    return JsonResponse({"detail": text}, status=404)


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400; 413 when more text came than any page asks for."""
    if isinstance(exception, RequestDataTooBig):
        text = (
            "Votre texte est beaucoup trop long : rien n'a été enregistré de ce dernier envoi. "
            "Revenez en arrière, votre saisie y est encore : gardez l'essentiel, et joignez le "
            "reste en pièce (PDF ou traitement de texte)."
        )
        return _error(request, 413, "Texte trop long", text)
    text = "Ce qui a été envoyé n'a pas pu être lu. Revenez en arrière et essayez à nouveau."
    return _error(request, 400, "Demande illisible", text)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, with the reason when there is one."""
    text = str(exception) or "Votre compte ne donne pas accès à cette page."
    return _error(request, 403, "Accès refusé", text)


@login_not_required
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    text = "Cette page n'existe pas ou n'existe plus. L'adresse a peut-être été mal recopiée."
    return _error(request, 404, "Page introuvable", text)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 when it is the database that does not answer: drawn without it."""
    if not _database_is_away(sys.exception()):
        return HttpResponse(_SERVER_ERROR, status=500)
    headers = {"Retry-After": "30", "Cache-Control": "no-store"}
    if request.path.startswith("/api/"):
        detail = "Le site reprend dans un instant : renvoyez la même demande dans une minute."
        return JsonResponse({"detail": detail}, status=503, headers=headers)
    return HttpResponse(_DATABASE_AWAY, status=503, headers=headers)


def _database_is_away(error: BaseException | None) -> bool:
    """True when `error`, or what caused it, is a database that stopped, or that cut the talk."""
    while error is not None:
        if isinstance(error, (OperationalError, InterfaceError)):
            return True
        error = error.__cause__ or error.__context__
    return False


_DATABASE_AWAY = """<!doctype html><html lang="fr"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Le site reprend dans un instant</title>
<main><h1>Le site reprend dans un instant</h1>
<p>Il ne peut rien lire ni enregistrer en ce moment. D'ordinaire, cela dure moins d'une minute.</p>
<p><strong>Vous étiez en train d'envoyer quelque chose ?</strong> Revenez en arrière : votre texte
est encore dans la page. Envoyez-le à nouveau dans une minute. S'il était déjà arrivé, il ne sera
pas enregistré deux fois.</p>
<p>Si c'est urgent, téléphonez à votre préfecture ou à votre sous-préfecture : elles répondent
aussi sans ce site.</p><p><a href="/">Retour à l'accueil</a></p></main></html>"""


_SERVER_ERROR = """<!doctype html><html lang="fr"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Le site a un problème</title>
<main><h1>Le site a un problème</h1>
<p>Ce n'est pas de votre faute, et la panne est notée. Essayez à nouveau dans quelques minutes.</p>
<p>Si c'est urgent, téléphonez à votre préfecture ou à votre sous-préfecture : elles répondent
aussi sans ce site.</p><p><a href="/">Retour à l'accueil</a></p></main></html>"""
