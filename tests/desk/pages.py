"""Reading the pages of acts as a browser does: hidden fields, forms posted as they were shown."""

import re
from typing import Any

from django.test import Client

from maillage.accounts.models import User
from maillage.desk.models import Request
from tests import pages

_NAMES = "version|once|shown|text_version"
_HIDDEN = re.compile(rf'<input type="hidden" name="({_NAMES})" value="([^"]*)"')


def enter(client: Client, user: User) -> Client:
    """Sign `user` in."""
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def text_of(response: Any) -> str:
    """The text of a page, made plain; no variable of its template is missing."""
    text = pages.text_of(response)
    assert "VARIABLE-INCONNUE" not in text
    return text


def hidden(response: Any) -> dict[str, str]:
    """The hidden fields of the form of an act (of the last form of the page)."""
    return dict(_HIDDEN.findall(response.content.decode()))


def act_on(demand: Request, verb: str) -> str:
    """Address of an act."""
    return f"/demandes/{demand.pk}/agir/{verb}/"


def do_by_page(client: Client, user: User, demand: Request, verb: str, **typed: Any) -> Any:
    """Open the page of an act as `user`, fill it, send it."""
    enter(client, user)
    shown = client.get(act_on(demand, verb))
    assert shown.status_code == 200, text_of(shown)
    return client.post(act_on(demand, verb), {**hidden(shown), **typed})
