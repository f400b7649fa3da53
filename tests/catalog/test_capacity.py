"""What is left to give: said by the offer, else by its provider, wherever a mairie reads it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate
from hypothesis import given
from hypothesis import strategies as st

from maillage.catalog.capacity import capacity_of
from maillage.catalog.comparison import compare
from maillage.catalog.models import Offer, Provider
from maillage.catalog.snapshot import held, shelf
from maillage.desk import orientation
from maillage.desk.pdf import _card as on_paper
from maillage.engine.types import Need
from tests.catalog.factories import make_offer, make_provider

TODAY = localdate()
SAID = st.fixed_dictionaries(
    {
        "available": st.none() | st.integers(0, 40),
        "available_until": st.none() | st.integers(-9, 9).map(lambda n: TODAY + timedelta(n)),
        "waiting_weeks": st.none() | st.integers(0, 9),
        "capacity": st.sampled_from(["", "40 études par an"]),
    }
)


@given(own=SAID, theirs=SAID)
def test_what_an_offer_does_not_say_its_provider_says(
    own: dict[str, Any], theirs: dict[str, Any]
) -> None:
    row = Offer(provider=Provider(**theirs), **own)
    found, page = capacity_of(row), capacity_of(row.provider)
    holds = own["available_until"] is None or own["available_until"] >= TODAY
    if own["available"] is not None and holds:
        assert found.in_words(TODAY) == capacity_of(Offer(provider=Provider(), **own)).in_words(
            TODAY
        )
    else:
        assert found.in_words(TODAY) == page.in_words(TODAY)
    own_wait = own["waiting_weeks"]
    assert found.waiting_weeks == (page.waiting_weeks if own_wait is None else own_wait)
    assert found.text == (own["capacity"] or page.text)
    full = found.full_in_words(TODAY)
    assert full in ("", found.in_words(TODAY))
    assert bool(full) == found.in_words(TODAY).startswith("Plus de place")


def _page(**said: Any) -> Provider:
    return make_provider("pleine", name="Atelier zxq", **said)


def _offer(page: Provider, slug: str = "pont-zxq", **said: Any) -> Offer:
    plain: dict[str, Any] = {
        "title": "Réparer un pont zxq", "summary": "Réparer le pont du village.",
        "themes": ["mobilites"], "words": ["réparer le pont"],
    }  # fmt: skip
    made = make_offer(slug, page, **{**plain, **said})
    held.forget()
    return made


@pytest.mark.django_db
def test_the_capacity_of_the_page_counts_for_its_offers(client: Client) -> None:
    page = _page(available=3, available_unit="days", waiting_weeks=7, capacity="Deux équipes")
    offer = _offer(page)
    text = client.get(offer.get_absolute_url()).content.decode()
    assert "Il reste 3" in text
    assert "Environ 7" in text
    assert "Deux équipes" in text
    said = {one.label: one.answers[0] for one in compare([offer], TODAY)}
    assert said["Attente"].startswith("Environ 7")
    assert said["Capacité"].startswith("Il reste 3")
    assert said["Capacité"].endswith("Deux équipes")
    details = shelf().details[offer.slug]
    assert details.capacity == "Deux équipes"
    assert details.room.in_words(TODAY).startswith("Il reste 3")
    found = client.get(f"/api/v1/offers/{offer.slug}").json()
    assert (found["waiting_weeks"], found["capacity"]) == (7, "Deux équipes")


@pytest.mark.django_db
def test_no_room_is_seen_in_the_list_the_answer_and_on_paper(client: Client) -> None:
    tomorrow, yesterday = TODAY + timedelta(1), TODAY - timedelta(1)
    page = _page(available=0, available_until=tomorrow)
    _offer(page)
    _offer(_page_of_its_own(), "pont-libre-zxq", available=0, available_until=yesterday)
    lines = client.get("/catalogue/", {"q": "zxq"}).context["lines"]
    full = {line.offer.id: line.full for line in lines}
    assert full["pont-zxq"].startswith("Plus de place pour le moment, jusqu'au")
    assert full["pont-libre-zxq"] == ""
    answer = orientation.answer(Need("réparer un pont zxq"), "24061", TODAY)
    cards = [card for ring in answer.rings for card in ring.cards]
    (card,) = [one for one in cards if one.id == "pont-zxq"]
    assert card.full == full["pont-zxq"]
    assert card.full in on_paper(card)["meta"]
    shown = client.get("/orientation/", {"commune": "24061", "besoin": "réparer un pont zxq"})
    assert shown.content.decode().count("Plus de place pour le moment") == 1


def _page_of_its_own() -> Provider:
    return make_provider("libre", name="Autre atelier zxq")
