"""What every page knows of the site."""

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

_MENU: Final = (
    ("home", "Qui peut m'aider ?", ("/", "/orientation/")),
    ("catalog:list", "Aides et appuis", ("/catalogue/",)),
    ("matrix:france", "Qui fait quoi", ("/qui-fait-quoi/",)),
    ("simulator:home", "Mon plan tient-il ?", ("/financement/",)),
    ("experiences:list", "Ils l'ont fait", ("/experiences/",)),
    ("territories:search", "Territoires", ("/territoires/",)),
)


def site(request: HttpRequest) -> dict[str, Any]:
    """Who runs this desk, how the site is dressed (settings ``MAILLAGE``), and the main menu."""
    path = request.path
    menu = [
        {
            "label": label,
            "address": reverse(name),
            "current": any(path == p or (p != "/" and path.startswith(p)) for p in prefixes),
        }
        for name, label, prefixes in _MENU
    ]
    return {"maillage": settings.MAILLAGE, "menu": menu}
