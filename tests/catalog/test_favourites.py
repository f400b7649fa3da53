"""Favourites: a visitor's cookie, an account's rows, and how the first joins the second."""

import csv
import io
import re

import pytest
from django.conf import settings
from django.test import Client
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.catalog import favourites
from maillage.catalog.models import Favourite, Offer
from tests.catalog.factories import make_offer
from tests.desk.factories import make_user

pytestmark = pytest.mark.django_db
#: Three of the shipped catalogue, by identifier.
ONE, TWO, THREE = "cerema-ponts-travaux", "cerema-programme-ponts", "guichet-24"
LIST, CHANGE, CLEAR = (
    "/catalogue/favoris/",
    "/catalogue/favoris/changer/",
    "/catalogue/favoris/effacer/",
)


@pytest.fixture
def person() -> User:
    return make_user(Role.APPLICANT)


@pytest.fixture
def offers() -> list[Offer]:
    found = {row.slug: row for row in Offer.objects.filter(slug__in=(ONE, TWO, THREE))}
    return [found[slug] for slug in (ONE, TWO, THREE)]


def sign_in(client: Client, user: User) -> None:
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])


def shown(client: Client) -> list[str]:
    """Identifiers of the offers of the list, in order."""
    text = client.get(LIST).content.decode()
    return re.findall(r'class="m-card c-offer" id="offre-([\w-]+)"', text)


def test_a_visitor_keeps_offers_in_a_cookie_the_last_on_top(
    client: Client, offers: list[Offer]
) -> None:
    for offer in offers[:2]:
        answer = client.post(CHANGE, {"ajouter": offer.slug, "suite": "/catalogue/?q=pont"})
        assert answer["Location"] == f"/catalogue/?q=pont#offre-{offer.slug}"
    assert shown(client) == [TWO, ONE]
    cookie = client.cookies[favourites.COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not Favourite.objects.exists()


def test_one_is_taken_away_then_all_once_asked(client: Client, offers: list[Offer]) -> None:
    client.post(CHANGE, {"ajouter": [o.slug for o in offers]})
    client.post(CHANGE, {"retirer": TWO})
    assert shown(client) == [ONE, THREE]
    assert "Oui, tout retirer" in client.get(CLEAR).content.decode()
    assert shown(client) == [ONE, THREE]
    client.post(CLEAR)
    assert shown(client) == []
    assert favourites.COOKIE not in client.cookies or not client.cookies[favourites.COOKIE].value


def test_a_cookie_that_was_changed_holds_nothing(client: Client, offers: list[Offer]) -> None:
    client.post(CHANGE, {"ajouter": ONE})
    client.cookies[favourites.COOKIE] = f"{offers[1].pk}:faux:signature"
    assert shown(client) == []
    assert client.get("/catalogue/").status_code == 200


def test_a_visitor_keeps_fifty_at_most(
    client: Client, offers: list[Offer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(favourites, "MOST_IN_COOKIE", 2)
    for offer in offers:
        client.post(CHANGE, {"ajouter": offer.slug})
    assert shown(client) == [TWO, ONE]


def test_fifty_offers_fit_in_a_cookie() -> None:
    worst = ".".join(["99999999"] * favourites.MOST_IN_COOKIE)
    assert len(worst) < 3_000


def test_an_account_keeps_rows_and_only_its_own(
    client: Client, person: User, offers: list[Offer]
) -> None:
    sign_in(client, person)
    client.post(CHANGE, {"ajouter": ONE})
    client.post(CHANGE, {"ajouter": [TWO, ONE]})
    assert list(person.favourites.values_list("offer__slug", flat=True)) == [TWO, ONE]
    other = Client()
    sign_in(other, make_user(Role.AGENT))
    assert shown(other) == []
    other.post(CHANGE, {"retirer": ONE})
    assert shown(client) == [TWO, ONE]


def test_what_a_visitor_kept_joins_the_account_at_sign_in(
    client: Client, person: User, offers: list[Offer]
) -> None:
    Favourite.objects.create(user=person, offer=offers[0])
    client.post(CHANGE, {"ajouter": [TWO, ONE]})
    sign_in(client, person)
    assert shown(client) == [TWO, ONE]  # read together
    assert person.favourites.count() == 1  # but a GET has not written
    client.post("/messages/lus/")  # any POST: signing in is one
    assert {f.offer.slug for f in person.favourites.all()} == {ONE, TWO}
    assert not client.cookies[favourites.COOKIE].value
    assert shown(client) == [TWO, ONE]


def test_signing_in_by_code_is_such_a_post(
    client: Client, person: User, offers: list[Offer], mailoutbox: list[object]
) -> None:
    client.post(CHANGE, {"ajouter": THREE})
    client.post("/compte/login/code/", {"email": person.email})
    body = str(getattr(mailoutbox[-1], "body", ""))
    code = next(
        word for word in re.findall(r"\b[A-Z0-9-]{6,9}\b", body) if "-" in word or word.isalnum()
    )
    client.post("/compte/login/code/confirm/", {"code": code})
    assert client.session.get("_auth_user_id") == str(person.pk)
    assert [f.offer.slug for f in person.favourites.all()] == [THREE]


def test_one_that_is_no_longer_proposed_is_said_and_can_go(
    client: Client, offers: list[Offer]
) -> None:
    client.post(CHANGE, {"ajouter": [o.slug for o in offers]})
    Offer.objects.filter(slug=TWO).update(withdrawn_at=now())
    text = client.get(LIST).content.decode()
    assert "n&#x27;est plus proposée" in text or "n'est plus proposée" in text
    client.post(CHANGE, {"retirer": TWO})
    assert "plus proposée" not in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    "suite", ["//ailleurs.test/", "https://ailleurs.test/", "/compte/logout/", "\\\\ailleurs", ""]
)
def test_one_never_goes_back_to_another_site(
    client: Client, offers: list[Offer], suite: str
) -> None:
    answer = client.post(CHANGE, {"ajouter": ONE, "suite": suite})
    assert answer["Location"] == LIST


@pytest.mark.parametrize("slug", ["inconnue", "", "a b", "'\"><script>"])
def test_an_unknown_offer_changes_nothing(client: Client, slug: str) -> None:
    answer = client.post(CHANGE, {"ajouter": slug}, follow=True)
    assert answer.status_code == 200
    assert shown(client) == []


def test_a_draft_cannot_be_kept(client: Client) -> None:
    make_offer("brouillon", publication="draft")
    client.post(CHANGE, {"ajouter": "brouillon"})
    assert favourites.COOKIE not in client.cookies or not client.cookies[favourites.COOKIE].value


def test_a_forged_post_is_refused(offers: list[Offer]) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(CHANGE, {"ajouter": ONE}).status_code == 403


def test_the_button_says_what_it_would_do(client: Client, offers: list[Offer]) -> None:
    address = offers[0].get_absolute_url()
    assert "Ajouter à mes favoris" in client.get(address).content.decode()
    client.post(CHANGE, {"ajouter": ONE})
    text = client.get(address).content.decode()
    assert "Retirer de mes favoris" in text
    assert "Ajouter à mes favoris" not in text


def test_the_list_is_exported_and_compared(client: Client, offers: list[Offer]) -> None:
    client.post(CHANGE, {"ajouter": [o.slug for o in offers]})
    content = client.get(LIST, {"export": "csv"}).getvalue().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content), delimiter=";"))
    assert [row[0] for row in rows[1:]] == [ONE, TWO, THREE]
    text = client.get(LIST).content.decode()
    assert f"?offre={ONE}&amp;offre={TWO}&amp;offre={THREE}" in text


def test_few_queries(
    client: Client, person: User, offers: list[Offer],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    sign_in(client, person)
    client.post(CHANGE, {"ajouter": [o.slug for o in offers]})
    client.get(LIST)
    with django_assert_max_num_queries(10):
        client.get(LIST)
    with django_assert_max_num_queries(9):
        client.get("/catalogue/")
