"""Forms of those who keep pages, sent twice, by two people, or after the session has ended."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils.timezone import localdate

from maillage.catalog.models import Offer, Revision
from maillage.catalog.services import entries
from tests.catalog.keepers import (
    keeper,
    local_offer,
    local_page,
    offer_form,
    page_form,
    signed_in,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def test_a_form_sent_twice_makes_one_offer() -> None:
    page = local_page()
    client, address = signed_in(keeper(page)), reverse("keeping:offer_new", args=[page.slug])
    form = offer_form(
        **{"taux-TOTAL_FORMS": "2", "taux-0-kind": "rate_max", "taux-0-value": "80",
           "taux-0-unit": "%", "taux-1-kind": "cap", "taux-1-value": "9000", "taux-1-unit": "€",
           "conditions-epci_note": "Sur devis"}
    )  # fmt: skip
    first, again = client.post(address, form), client.post(address, form)
    assert first["Location"] == again["Location"]
    assert Offer.objects.filter(provider=page).count() == 1
    other = client.post(address, {**form, "taux-0-value": "70"})
    assert other["Location"] != first["Location"]
    assert Offer.objects.filter(provider=page).count() == 2


def test_a_date_that_was_there_and_is_over_does_not_stop_another_correction() -> None:
    over = localdate() - timedelta(days=3)
    page = local_page(available=4, available_until=over)
    client, address = signed_in(keeper(page)), reverse("keeping:provider_edit", args=[page.slug])
    form = page_form(page, available="4", available_until=over.isoformat(), contact="Ailleurs")
    assert client.post(address, form).status_code == 302
    capacity = reverse("keeping:capacity", args=[page.slug])
    assert client.post(capacity, form).status_code == 422


def test_a_session_that_ended_loses_nothing() -> None:
    page = local_page()
    offer = local_offer(page)
    person = keeper(page)
    forms = (
        ("keeping:offer_new", page, offer_form(summary="Tapé longtemps")),
        ("keeping:offer_edit", offer, offer_form(summary="Tapé longtemps")),
        ("keeping:provider_edit", page, page_form(page, summary="Tapé longtemps")),
    )
    for name, entry, form in forms:
        client, address = signed_in(), reverse(name, args=[entry.slug])
        before = Revision.objects.count()
        answer = client.post(address, form)
        assert answer["Location"] == f"{reverse('account_login')}?next={address}"
        assert "ce que vous venez de taper est gardé" in text_of(client.get(answer["Location"]))
        assert Revision.objects.count() == before
        client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
        shown = text_of(client.get(address))
        assert "Tapé longtemps" in shown
        assert "avant de vous reconnecter" in shown
        assert client.post(address, form).status_code == 302
        assert Revision.objects.count() == before + 1
        assert "avant de vous reconnecter" not in text_of(client.get(address))


# -- Two people at once


def test_a_capacity_said_in_two_tabs_loses_neither() -> None:
    page = local_page(available=9, available_unit="days")
    offer = local_offer(page)
    person = keeper(page)
    client = signed_in(person)
    pages = (
        (page, "keeping:provider", "keeping:capacity"), (offer, "keeping:offer", "keeping:offer"),
    )  # fmt: skip
    for entry, shown, address in pages:
        opened = client.get(reverse(shown, args=[entry.slug])).context["opened"]
        entries.edit(entry=entry, values={"summary": "Autre"}, by=person)
        said = {"available": "5", "available_unit": "days", "available_until": "",
                "waiting_weeks": "", "vu": opened.seen, "depuis": opened.line}  # fmt: skip
        # What changed elsewhere in the entry does not matter; sent twice, it is done once.
        assert client.post(reverse(address, args=[entry.slug]), said).status_code == 302
        assert client.post(reverse(address, args=[entry.slug]), said).status_code == 302
        entries.edit(entry=entry, values={"available": 2, "waiting_weeks": 4}, by=person)
        answer = client.post(reverse(address, args=[entry.slug]), {**said, "available": "7"})
        text = text_of(answer)
        assert answer.status_code == 409
        assert "votre saisie est gardée" in text
        assert 'value="7"' in text
        assert 'value="4"' in text, "what I did not touch is theirs"
        entry.refresh_from_db()
        assert (entry.available, entry.waiting_weeks) == (2, 4)
        again = answer.context["opened"]
        data = {**said, "available": "7", "waiting_weeks": "4", "vu": again.seen,
                "depuis": again.line}  # fmt: skip
        assert client.post(reverse(address, args=[entry.slug]), data).status_code == 302
        entry.refresh_from_db()
        assert entry.available == 7


def test_a_form_opened_before_a_change_loses_nothing_of_either() -> None:
    page = local_page()
    offer = local_offer(page)
    one, two = keeper(page), keeper(page, name="Dominique")
    client, address = signed_in(one), reverse("keeping:offer_edit", args=[offer.slug])
    opened = client.get(address).context["opened"]
    entries.edit(
        entry=offer, values={"closes": localdate() + timedelta(days=30), "summary": "Leur résumé"},
        by=two, body=page.name,
    )  # fmt: skip
    form = offer_form(vu=opened.seen, depuis=opened.line, summary="Mon résumé")
    answer = client.post(address, form)
    text = text_of(answer)
    assert answer.status_code == 409
    assert "Quelqu'un a changé cette page" in text
    assert "Dominique" in text
    assert "Mon résumé" in text
    assert "votre saisie est gardée" in text
    assert f'value="{localdate() + timedelta(days=30)}"' in text, "what I did not touch is theirs"
    offer.refresh_from_db()
    assert offer.summary == "Leur résumé"
    again = answer.context["opened"]
    data = answer.context["form"].data.copy()
    data["vu"], data["depuis"] = again.seen, again.line
    assert client.post(address, data).status_code == 302
    offer.refresh_from_db()
    assert (offer.summary, offer.closes) == ("Mon résumé", localdate() + timedelta(days=30))


def test_a_page_opened_before_a_change_loses_nothing() -> None:
    page = local_page()
    client, address = signed_in(keeper(page)), reverse("keeping:provider_edit", args=[page.slug])
    opened = client.get(address).context["opened"]
    entries.edit(entry=page, values={"perimeter": ["dep:24", "dep:46"]}, by=None, body="Import")
    form = page_form(page, vu=opened.seen, depuis=opened.line, contact="Ailleurs")
    answer = client.post(address, form)
    assert answer.status_code == 409
    assert "Département : Lot (46)" in text_of(answer)
    assert "Ailleurs" in text_of(answer)
