"""Who keeps a page, by its pages: a new one, an invitation, an access that ends."""

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from maillage.catalog.models import Provider
from maillage.catalog.services import keeping
from maillage.desk.enums import Capacity
from tests.catalog.keepers import agent, keeper, local_page, page_form, signed_in
from tests.desk.factories import make_prefecture, make_request
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def test_an_agent_makes_the_page_of_a_body_that_has_none(memory: None) -> None:
    client, address = signed_in(agent()), reverse("keeping:new_provider")
    blank = local_page()  # for its form only
    form = page_form(blank, name="Bureau d'essai zxq", family="network", level="department")
    assert client.post(address, {**form, "family": ""}).status_code == 422
    far = client.post(address, {**form, "perimeter": "Lot"})
    assert far.status_code == 422
    assert "autre département" in text_of(far)
    assert client.post(address, {**form, "held": "on"}).status_code == 302
    made = Provider.objects.get(name="Bureau d'essai zxq")
    assert made.held_by == make_prefecture()
    assert made.perimeter == ["dep:24"]
    twice = client.post(address, form)
    assert twice.status_code == 422
    assert made.get_absolute_url() in text_of(twice)
    assert client.post(address, {**form, "distinct": "on"}).status_code == 302
    assert Provider.objects.filter(name="Bureau d'essai zxq", held_by=None).count() == 1


def test_an_agent_invites_and_ends(memory: None) -> None:
    page, client = local_page(), signed_in(agent())
    address = reverse("keeping:invite", args=[page.slug])
    assert client.post(address, {"name": "Camille", "email": "x"}).status_code == 422
    said = {"name": "Camille", "email": "camille@atd.exemple.test"}
    assert client.post(address, said).status_code == 302
    again = client.post(address, said)
    assert again.status_code == 422
    assert "déjà ce rôle" in text_of(again)
    text = text_of(client.get(reverse("keeping:provider", args=[page.slug])))
    assert "jamais venu(e)" in text
    mandate = keeping.body_of(page).mandates.get()
    end = reverse("keeping:end_access", args=[page.slug, mandate.pk])
    assert "Terminer l'accès" in text_of(client.get(end))
    assert client.post(end).status_code == 302
    mandate.refresh_from_db()
    assert mandate.ends is not None
    assert mandate.ends < localdate()


def test_the_access_of_another_page_is_not_ended_from_here() -> None:
    page, other = local_page(), local_page("autre")
    mandate = keeper(other).mandates.get()
    client = signed_in(agent())
    address = reverse("keeping:end_access", args=[page.slug, mandate.pk])
    assert client.post(address).status_code == 404


def test_who_keeps_a_page_and_is_asked_nothing_lands_on_it() -> None:
    person = keeper(local_page())
    client, address = signed_in(person), reverse("workspace")
    assert client.get(address)["Location"] == reverse("keeping:list")
    body = person.mandates.get().organisation
    make_request(parties=[(body, Capacity.LEAD)])
    assert signed_in(person).get(address)["Location"] == reverse("asked:list")
