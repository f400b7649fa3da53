"""Every address of the site, as every role, on objects of its own and of others: one table.

A GET is tried wherever it is answered, an empty POST elsewhere. A new address without a row fails.
The walk also proves that a GET never writes.
"""

import html
from typing import Any, Final

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access_table import PUBLIC, PUBLIC_SPACES, ROLES, SIGNED_IN, TABLE
from tests.access_world import World, make_world
from tests.desk.files import pdf

pytestmark = pytest.mark.django_db
_BACKEND: Final = settings.AUTHENTICATION_BACKENDS[0]


@pytest.fixture
def world() -> World:
    return make_world()


def _walk(resolver: URLResolver, prefix: str = "") -> list[tuple[str, URLPattern]]:
    """Every named address of the site, as « namespace:name »; those of the administration apart."""
    out: list[tuple[str, URLPattern]] = []
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            if entry.app_name == "admin":
                continue
            space = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            out += _walk(entry, space)
        else:
            out.append((f"{prefix}{entry.name or entry.pattern}", entry))
    return out


def _address(name: str, entry: URLPattern, world: World) -> str:
    wanted = entry.pattern.converters
    space = f"{name.split(':')[0]}:*" if ":" in name else "*"
    given = world.arguments.get(name) or world.arguments.get(space) or world.arguments["*"]
    missing = set(wanted) - set(given)
    assert not missing, f"« {name} » needs {missing}: say them in `_arguments`"
    if name == "api/<path:rest>":
        return "/api/nulle-part"
    return reverse(name, kwargs={key: given[key] for key in wanted})


#: What the 403 page says when nobody has said why.
_NO_REASON: Final = "Votre compte ne donne pas accès à cette page."


def _mark(answer: HttpResponse) -> str:
    """One sign by answer: + reached, - refused with its reason, ? refused without one, 0 not
    found, l sign in first, ! broken.
    """
    status = answer.status_code
    if status in {301, 302} and answer["Location"].startswith("/compte/login"):
        return "l"
    if status == 403:
        return "?" if _NO_REASON in html.unescape(answer.content.decode()) else "-"
    return {401: "l", 404: "0", 405: "x"}.get(status, "+" if status < 500 else "!")


#: What is added to an address, and posted to one, for the walk to reach what it protects.
_QUERY: Final = {"requests:examine": "?offre=guichet-24", "funding:verb": "?ligne=detr"}
_POSTED: Final[dict[str, dict[str, str]]] = {
    "requests:message": {"vers": "mairie", "body": "Bonjour"},
    "funding:undo": {"version": "1", "vu": "1"},
}


def _posted(name: str) -> dict[str, Any]:
    if name == "requests:attach":
        return {"fichiers": SimpleUploadedFile("plan.pdf", pdf())}
    return dict(_POSTED.get(name, {}))


class _Undo(Exception):
    """Takes back what a POST has written."""


def _try(client: Client, name: str, address: str) -> tuple[str, list[str]]:
    """The mark of `address` for who `client` is, and what a GET wrote (nothing)."""
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(address + _QUERY.get(name, ""))
        if answer.streaming:
            list(answer)  # to its end, which closes the file that it gives
    wrote = [q["sql"] for q in seen.captured_queries if q["sql"].startswith(_WRITES)]
    if answer.status_code != 405:
        return _mark(answer), wrote
    try:
        with transaction.atomic():
            answer = client.post(address, _posted(name))
            raise _Undo
    except _Undo:
        return _mark(answer), wrote


_WRITES: Final = ("INSERT", "UPDATE", "DELETE")


def observed(world: World) -> tuple[dict[str, str], list[str]]:
    """What the site answers, address by address, and what a GET wrote."""
    clients = {role: Client(raise_request_exception=True) for role in ROLES}
    for role, user in world.people.items():
        clients[role].force_login(user, backend=_BACKEND)
    marks: dict[str, str] = {}
    wrote: list[str] = []
    for name, entry in _walk(get_resolver()):
        address = _address(name, entry, world)
        public = name in PUBLIC or (name.startswith(PUBLIC_SPACES) and name not in SIGNED_IN)
        for role in ROLES[:1] if public else ROLES:
            mark, written = _try(clients[role], name, address)
            marks[name] = marks.get(name, "") + mark
            wrote += [f"{name} as {role}: {sql[:120]}" for sql in written]
    return marks, wrote


def test_every_address_answers_each_role_as_the_table_says(world: World) -> None:
    marks, wrote = observed(world)
    assert wrote == [], "a GET has written"
    public = {name: mark for name, mark in marks.items() if len(mark) == 1}
    closed = [
        name for name, mark in public.items() if mark not in "+0" and not name.startswith("account")
    ]
    assert closed == [], "what is open to all asks to sign in"
    marks = {name: line for name, line in marks.items() if name not in public}
    new = sorted(set(marks) - set(TABLE))
    assert new == [], "an address has no row in the table"
    assert sorted(set(TABLE) - set(marks)) == [], "a row has no address any more"
    wrong = {name: (TABLE[name], line) for name, line in marks.items() if TABLE[name] != line}
    assert wrong == {}, f"expected, answered, for {ROLES}"
