"""The Atom feed of a search."""

from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from maillage.catalog import snapshot
from maillage.catalog.models import Offer
from maillage.catalog.views.feeds import LATEST
from tests.catalog.factories import make_offer, make_provider

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def entries(client: Client, **query: str) -> list[Element]:
    response = client.get("/catalogue/flux/", query)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/atom+xml")
    return list(fromstring(response.getvalue()).iter(f"{ATOM}entry"))


def text(entry: Element, name: str) -> str:
    found = entry.find(f"{ATOM}{name}")
    assert found is not None
    return found.text or ""


@pytest.mark.usefixtures("memory")
def test_the_last_added_or_changed_come_first_fifty_at_most(client: Client) -> None:
    provider = make_provider()
    make_offer("une", provider, title="La première & <la> seule")
    make_offer("deux", provider, title="La deuxième")
    found = entries(client)
    assert len(found) == LATEST
    assert [text(e, "title") for e in found[:2]] == ["La deuxième", "La première & <la> seule"]
    Offer.objects.get(slug="une").save()
    snapshot.held.forget()
    assert text(entries(client)[0], "title") == "La première & <la> seule"


@pytest.mark.usefixtures("memory")
def test_identifiers_stay_when_an_offer_changes(client: Client) -> None:
    row = make_offer("une", title="Un titre")
    before = text(entries(client)[0], "id")
    row.title = "Un autre titre"
    row.save()
    snapshot.held.forget()
    changed = entries(client)[0]
    assert (text(changed, "title"), text(changed, "id")) == ("Un autre titre", before)
    ids = [text(e, "id") for e in entries(client)]
    assert len(ids) == len(set(ids))


def test_the_feed_is_that_of_the_search_and_the_list_announces_it(client: Client) -> None:
    page = client.get("/catalogue/?theme=culture&page=2&cout=paid").content.decode()
    assert (
        'type="application/atom+xml" title="Les nouveautés de cette liste" '
        'href="/catalogue/flux/?theme=culture&amp;cout=paid"'
    ) in page
    found = entries(client, theme="culture", cout="paid")
    assert 0 < len(found) < LATEST
    assert entries(client, q="zzzyyx") == []


def test_few_queries(client: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    client.get("/catalogue/flux/")
    with django_assert_max_num_queries(2):
        client.get("/catalogue/flux/")


@pytest.mark.usefixtures("memory")
def test_identifiers_are_dated_tags_whatever_the_host_asked(client: Client, settings: Any) -> None:
    settings.MAILLAGE = {**settings.MAILLAGE, "URL": "https://aides.exemple.test:8443"}
    settings.ALLOWED_HOSTS = ["*"]
    make_offer("une")
    feed = client.get("/catalogue/flux/", headers={"host": "autre.exemple.test"})
    entry = next(fromstring(feed.getvalue()).iter(f"{ATOM}entry"))
    assert text(entry, "id") == "tag:aides.exemple.test,2026-01-01:offre/une"
