"""Every refusal is one French sentence that says what to do: ``{"detail": "…"}``."""

from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from maillage.common.middleware import Handler

_SENTENCES: Final = {
    "missing": "Il manque « {name} ».",
    "enum": "« {name} » : valeur inconnue ; attendu : {expected}.",
    "string_type": "« {name} » doit être un texte.",
    "string_unicode": "« {name} » n'est pas un texte lisible (UTF-8).",
    "string_pattern_mismatch": "« {name} » : valeur refusée ; reprenez celle qui a été donnée.",
    "string_too_long": "« {name} » est trop long : {max_length} caractères au plus.",
    "too_long": "« {name} » : {max_length} valeurs au plus.",
    "int_parsing": "« {name} » doit être un nombre entier.",
    "int_type": "« {name} » doit être un nombre entier.",
    "uuid_parsing": "« {name} » n'est pas l'identifiant d'une demande.",
    "bool_parsing": "« {name} » doit être vrai ou faux (true, false).",
    "list_type": "« {name} » doit être une liste.",
    "greater_than_equal": "« {name} » : {ge} au moins.",
    "less_than_equal": "« {name} » : {le} au plus.",
    "model_attributes_type": "Le corps de la demande doit être un objet JSON.",
    "model_type": "Le corps de la demande doit être un objet JSON.",
}
_METHOD: Final = "Cette adresse répond à {allowed}."
_UNREADABLE: Final = "La demande n'a pas pu être lue : envoyez un objet JSON encodé en UTF-8."
_TOO_BIG: Final = (
    "La demande est trop volumineuse : deux millions d'octets au plus (un besoin tient en trois "
    "pages)."
)


def install(api: NinjaAPI) -> None:
    """Make `api` answer every error with one sentence."""

    def answer(request: HttpRequest, text: str, status: int) -> HttpResponse:
        return api.create_response(request, {"detail": text}, status=status)

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return answer(request, sentence(error.errors[0]), 422)

    @api.exception_handler(RequestDataTooBig)
    def too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
        return answer(request, _TOO_BIG, 413)

    @api.exception_handler(AuthenticationError)
    def unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return answer(request, "Connectez-vous d'abord au site : /compte/login/.", 401)

    @api.exception_handler(Http404)
    def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
        return answer(request, str(error), 404)

    @api.exception_handler(HttpError)
    def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
        # The only ones that are not ours: a body that could not be read.
        text = _UNREADABLE if error.status_code == 400 else str(error)
        return answer(request, text, error.status_code)


def in_our_words(get_response: Handler) -> Handler:
    """A method that an address of the API does not know is refused as everything else is."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != 405 or not request.path.startswith("/api/"):
            return response
        allowed = response.headers.get("Allow", "")
        plain = JsonResponse({"detail": _METHOD.format(allowed=allowed)}, status=405)
        plain.headers["Allow"] = allowed
        return plain

    return middleware


def sentence(error: Mapping[str, Any]) -> str:
    """Say one error of validation in French.

    >>> sentence({"type": "missing", "loc": ("query", "q")})
    'Il manque « q ».'
    """
    names = [part for part in error["loc"] if isinstance(part, str)]
    name = names[-1] if names else "demande"
    template = _SENTENCES.get(error["type"], "« {name} » : valeur refusée.")
    context = dict(error.get("ctx", {}))
    if "expected" in context:
        context["expected"] = context["expected"].replace("'", "").replace(" or ", " ou ")
    return template.format(name=name, **context)
