"""Administration: what is saved there is kept, and every process is told."""

from typing import Any

import pytest
from django.test import Client

from maillage.accounts.models import User
from maillage.catalog.models import Offer, ProjectType, Provider, ThesaurusEntry
from maillage.common.models import DataVersion, Source
from maillage.experiences.models import Experience
from tests.catalog.factories import make_offer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory")]


@pytest.fixture
def agent(client: Client) -> Client:
    user = User.objects.create_superuser("admin@exemple.test")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def fields(response: Any) -> dict[str, Any]:
    """What the form of an administration page would send unchanged."""
    forms = [response.context["adminform"].form]
    for formset in response.context["inline_admin_formsets"]:
        forms += [formset.formset.management_form, *formset.formset.forms]
    sent: dict[str, Any] = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is not None:
                sent[bound.html_name] = value
    return sent


@pytest.mark.parametrize(
    "model", [Provider, Offer, ProjectType, ThesaurusEntry, Source, Experience]
)
def test_lists_and_forms_open(agent: Client, model: Any) -> None:
    base = f"/administration/{model._meta.app_label}/{model._meta.model_name}/"
    row = model._default_manager.first()
    for address in (base, f"{base}?q=eau", f"{base}add/", f"{base}{row.pk}/change/"):
        assert agent.get(address).status_code == 200


def test_nobody_else_enters(client: Client) -> None:
    assert client.get("/administration/catalog/offer/").status_code == 302


def test_a_saved_offer_is_marked_as_edited_and_told(agent: Client) -> None:
    offer = make_offer(words=["le puits", "la source"], origin="file")
    before = DataVersion.objects.number("catalogue")
    address = f"/administration/catalog/offer/{offer.pk}/change/"
    sent = fields(agent.get(address))
    assert sent["words"] == "le puits\nla source"
    sent |= {
        "title": "Titre corrigé",
        "words": "le puits\n\n la  fontaine ",
        "themes": ["eau", "sante"],
    }
    sent |= {"rates-TOTAL_FORMS": "1", "rates-0-kind": "rate", "rates-0-value": "30",
             "rates-0-unit": "%", "rates-0-source": "cgct", "rates-0-state": "to_confirm",
             "rates-0-offer": offer.pk}  # fmt: skip
    response = agent.post(address, sent)
    assert response.status_code == 302, response.context["errors"]
    offer.refresh_from_db()
    assert (offer.title, offer.origin) == ("Titre corrigé", "edited")
    assert (offer.words, offer.themes) == (["le puits", "la fontaine"], ["eau", "sante"])
    assert [rate.in_words() for rate in offer.rates.all()] == ["Taux : 30\u202f%"]
    assert DataVersion.objects.number("catalogue") > before


def test_an_offer_is_withdrawn_not_deleted(agent: Client) -> None:
    offer = make_offer()
    address = "/administration/catalog/offer/"
    for action in ("withdraw", "put_back"):
        before = DataVersion.objects.number("catalogue")
        agent.post(address, {"action": action, "_selected_action": [offer.pk]})
        offer.refresh_from_db()
        assert (offer.withdrawn_at is not None) == (action == "withdraw")
        assert DataVersion.objects.number("catalogue") == before + 1
    told = offer.revisions.order_by("id")
    assert [one.verb for one in told] == ["withdrawn", "put_back"]
    assert all(one.by is not None for one in told)
    assert agent.post(f"{address}{offer.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_type_and_a_word_can_be_added_and_deleted(agent: Client) -> None:
    before = DataVersion.objects.number("catalogue")
    sent = {"expression": "la flotte", "terms": "eau potable\nréseau d'eau", "themes": ["eau"]}
    assert agent.post("/administration/catalog/thesaurusentry/add/", sent).status_code == 302
    entry = ThesaurusEntry.objects.get(expression="la flotte")
    assert (entry.terms, entry.origin) == (["eau potable", "réseau d'eau"], "edited")
    agent.post(f"/administration/catalog/thesaurusentry/{entry.pk}/delete/", {"post": "yes"})
    assert not ThesaurusEntry.objects.filter(pk=entry.pk).exists()
    assert DataVersion.objects.number("catalogue") == before + 2


def test_a_saved_experience_keeps_its_principles(agent: Client) -> None:
    row = Experience.objects.get(slug="bourrou-cafe-lib")
    before = DataVersion.objects.number("experiences")
    address = f"/administration/experiences/experience/{row.pk}/change/"
    sent = fields(agent.get(address))
    sent["principle_communs"] = "certain"
    response = agent.post(address, sent)
    assert response.status_code == 302, response.context["errors"]
    saved = Experience.objects.get(pk=row.pk)
    assert saved.principles == {**row.principles, "communs": "certain"}
    assert (saved.origin, saved.words) == ("edited", row.words)
    assert DataVersion.objects.number("experiences") == before + 1
