"""A parameter that is not known is refused: a filter that is misspelt would say too much."""

from django.http import HttpRequest
from ninja import Schema
from ninja.errors import HttpError

from maillage.catalog.forms.filters import clean


def refuse_unknown(request: HttpRequest, shape: type[Schema] | None = None) -> None:
    """Refuse (422) an address with a parameter that is not a field of `shape`; without it, any."""
    known = list(shape.model_fields) if shape else []
    for name in request.GET:
        if name not in known:
            expected = f"attendu : {', '.join(known)}" if known else "aucun n'est attendu ici"
            raise HttpError(422, f"Paramètre inconnu : « {clean(name, 40)} » ; {expected}.")
