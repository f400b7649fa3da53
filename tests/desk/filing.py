"""What the tests of the filing share: addresses of steps, typing in one, filing."""

from uuid import uuid4

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from maillage.desk.models import Request

BISTROT = "On voudrait rouvrir le bistrot dans l'ancienne école"
STEPS = ("besoin", "projet", "contact", "pieces", "relire")


def text_of(response: HttpResponse) -> str:
    """The page's source on one line, with plain spaces and apostrophes."""
    return " ".join(response.content.decode().replace("&#x27;", "'").split())


def step(draft: Request, name: str) -> str:
    """Address of a step."""
    return reverse("requests:step", args=[draft.pk, name])


def base_of(client: Client, draft: Request, name: str) -> str:
    """What the page of a step keeps of the fields it shows."""
    return client.get(step(draft, name)).context["base"]


def save(client: Client, draft: Request, name: str, **fields: object) -> HttpResponse:
    """Type `fields` in a step, from its page as it is now, and continue."""
    return client.post(step(draft, name), {"base": base_of(client, draft, name), **fields})


def file_it(client: Client, draft: Request) -> HttpResponse:
    """Press « Déposer »."""
    return client.post(step(draft, "relire"), {"version": draft.version, "once": str(uuid4())})


def types_read(client: Client, commune: str) -> list[str]:
    """Kinds of project that the answer page reads in `BISTROT`."""
    page = client.get("/orientation/", {"besoin": BISTROT, "commune": commune})
    return [one.id for one in page.context["understanding"].types]
