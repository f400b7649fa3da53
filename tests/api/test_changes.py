"""GET /changes/offers and /changes/providers: a copy kept elsewhere stays the same as the site."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries

from maillage.catalog.enums import Publication, Verb
from maillage.catalog.models import Offer, Provider, Revision
from tests.catalog.factories import make_offer, make_provider

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def loaded_long_ago(request: pytest.FixtureRequest, db: None) -> None:
    """The shipped catalogue was loaded days ago, all in one moment."""
    if "real_commits" not in request.fixturenames:
        Offer.objects.update(updated_at=now() - timedelta(days=9))
        Provider.objects.update(updated_at=now() - timedelta(days=9))


def changes(client: Client, what: str = "offers", **asked: Any) -> Any:
    answer = client.get(f"/api/v1/changes/{what}", asked)
    assert answer.status_code == 200, answer.content
    return answer.json()


def whole(client: Client, what: str = "offers", **asked: Any) -> list[dict[str, Any]]:
    """Every change, page after page."""
    found, cursor = [], ""
    while True:
        page = changes(client, what, cursor=cursor, **asked)
        found += page["results"]
        cursor = page["cursor"]
        if page["complete"]:
            return found


def dated(row: Any, **ago: int) -> None:
    type(row).objects.filter(pk=row.pk).update(updated_at=now() - timedelta(**ago))


def kept(copy: dict[str, Any], found: list[dict[str, Any]]) -> dict[str, Any]:
    """What someone who follows the feed holds."""
    for line in found:
        if line["deleted"]:
            copy.pop(line["id"], None)
        else:
            copy[line["id"]] = line["offer"]["title"]
    return copy


def test_following_the_feed_gives_the_catalogue(client: Client) -> None:
    copy = kept({}, whole(client, limit=500))
    assert copy == dict(Offer.objects.published().values_list("slug", "title"))


def test_no_entry_is_given_twice_nor_missed_by_pages_of_any_size(client: Client) -> None:
    ids = [line["id"] for line in whole(client, limit=500)]
    assert len(ids) == len(set(ids))
    assert sorted(ids) == sorted(line["id"] for line in whole(client, limit=499))


def test_a_change_comes_after_the_cursor_and_once(client: Client) -> None:
    cursor = changes(client, limit=500)["cursor"]
    while not (page := changes(client, cursor=cursor, limit=500))["complete"]:
        cursor = page["cursor"]
    cursor = page["cursor"]
    row = Offer.objects.published()[3]
    Offer.objects.filter(pk=row.pk).update(title="Un autre titre")
    dated(row, seconds=2)
    page = changes(client, cursor=cursor)
    assert [(line["id"], line["offer"]["title"]) for line in page["results"]] == [
        (row.slug, "Un autre titre")
    ]
    assert changes(client, cursor=page["cursor"])["results"] == []


@pytest.mark.parametrize(
    "hidden",
    [
        {"withdrawn_at": now()},
        {"set_aside_at": now()},
        {"publication": Publication.SUSPENDED},
        {"publication": Publication.ARCHIVED},
    ],
)
def test_what_has_left_comes_as_a_tombstone(client: Client, hidden: dict[str, Any]) -> None:
    row = make_offer()
    Offer.objects.filter(pk=row.pk).update(**hidden)
    dated(row, minutes=1)
    dated(row.provider, minutes=1)
    line = changes(client, updated_since=(now() - timedelta(minutes=2)).isoformat())["results"][0]
    assert (line["id"], line["deleted"], line["offer"]) == (row.slug, True, None)


def test_an_offer_leaves_with_its_provider(client: Client) -> None:
    row = make_offer()
    dated(row, days=3)
    Provider.objects.filter(pk=row.provider_id).update(withdrawn_at=now())
    dated(row.provider, minutes=1)
    since = (now() - timedelta(minutes=2)).isoformat()
    assert [x["deleted"] for x in changes(client, updated_since=since)["results"]] == [True]
    gone = changes(client, "providers", updated_since=since)["results"]
    assert [(x["id"], x["deleted"], x["provider"]) for x in gone] == [
        (row.provider.slug, True, None)
    ]


def test_a_draft_is_nobody_s_business_until_it_was_published(client: Client) -> None:
    row = make_offer(publication=Publication.DRAFT)
    dated(row, minutes=1)
    dated(row.provider, minutes=1)
    since = (now() - timedelta(minutes=2)).isoformat()
    assert changes(client, updated_since=since)["results"] == []
    Revision.objects.create(provider=row.provider, offer=row, verb=Verb.PUBLISHED)
    assert [x["deleted"] for x in changes(client, updated_since=since)["results"]] == [True]


def test_what_is_still_being_written_waits(
    client: Client, real_commits: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction that began earlier may end later: nothing after its start is given before."""
    monkeypatch.setattr("maillage.catalog.opendata.changes._SETTLED", timedelta(0))
    since = now().isoformat()
    slow, quick = make_provider("offreur-lent"), make_provider("offreur-vif")
    other = connection.copy()
    try:
        with other.cursor() as held:
            held.execute("BEGIN")
            held.execute(
                "UPDATE catalog_provider SET updated_at = %s WHERE id = %s", [now(), slow.pk]
            )
            dated(quick, seconds=0)
            before = changes(client, "providers", updated_since=since)
            assert "offreur-vif" not in {line["id"] for line in before["results"]}
            held.execute("COMMIT")
        after = changes(client, "providers", cursor=before["cursor"], updated_since=since)
        assert {"offreur-lent", "offreur-vif"} <= {line["id"] for line in after["results"]}
    finally:
        other.close()
        Provider.objects.filter(pk__in=[slow.pk, quick.pk]).delete()
        slow.source.delete()


def test_providers_are_followed_too(client: Client) -> None:
    found = whole(client, "providers", limit=500)
    shown = {line["id"] for line in found if not line["deleted"]}
    assert shown == set(Provider.objects.published().values_list("slug", flat=True))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"cursor": "n'importe quoi"}, "n'est pas de ceux que cette API donne"),
        ({"cursor": "W10"}, "n'est pas de ceux"),
        ({"updated_since": "hier"}, "updated_since"),
        ({"limit": 501}, "500 au plus"),
    ],
)
def test_refusals_say_what_to_do(client: Client, asked: dict[str, Any], words: str) -> None:
    answer = client.get("/api/v1/changes/offers", asked)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]


def test_a_page_takes_few_queries(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(5):
        client.get("/api/v1/changes/offers", {"limit": 500})


@pytest.mark.parametrize("path", ["offers", "providers"])
def test_an_unknown_parameter_is_refused(client: Client, path: str) -> None:
    answer = client.get(f"/api/v1/changes/{path}", {"update_since": "2026-01-01"})
    assert answer.status_code == 422
    assert "updated_since" in answer.json()["detail"]
