"""Pages of those who keep pages: lists, dashboard, forms that lose nothing, history."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from maillage.accounts.enums import Role
from maillage.catalog.enums import Origin, Publication, Verb
from maillage.catalog.models import Condition, Offer, Rate, Revision
from maillage.catalog.services import entries, keeping
from tests.catalog.keepers import (
    agent,
    keeper,
    local_offer,
    local_page,
    offer_form,
    page_form,
    signed_in,
)
from tests.desk.factories import give_mandate, make_prefecture, make_user
from tests.pages import text_of

pytestmark = pytest.mark.django_db


# -- The list


def test_someone_with_one_page_goes_straight_to_it() -> None:
    page = local_page()
    answer = signed_in(keeper(page)).get(reverse("keeping:list"))
    assert answer["Location"] == reverse("keeping:provider", args=[page.slug])


def test_someone_with_two_pages_chooses() -> None:
    page, other = local_page(), local_page("autre", name="Autre bureau")
    person = keeper(page)
    give_mandate(person, Role.PROVIDER, keeping.body_of(other))
    text = text_of(signed_in(person).get(reverse("keeping:list")))
    assert "Agence d'essai" in text
    assert "Autre bureau" in text
    assert "Nouvelle fiche" not in text


def test_who_keeps_nothing_is_told_how_to() -> None:
    answer = signed_in(make_user(Role.APPLICANT)).get(reverse("keeping:list"))
    assert answer.status_code == 403
    assert "C'est notre organisme" in text_of(answer)


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("offreur", {"a-tenue"}), ("nous", {"a-nous"}), ("personne", {"a-libre", "a-douteuse"}),
        ("a-confirmer", {"a-douteuse"}), ("brouillons", {"a-libre"}),
    ],
)  # fmt: skip
def test_the_list_of_an_agent_is_filtered(code: str, shown: set[str]) -> None:
    keeper(local_page("a-tenue", name="Zxq tenue"))
    local_page("a-nous", name="Zxq nous", held_by=make_prefecture())
    local_offer(local_page("a-libre", name="Zxq libre"), publication=Publication.DRAFT)
    local_page("a-douteuse", name="Zxq douteuse", state="to_confirm")
    answer = signed_in(agent()).get(reverse("keeping:list"), {"voir": code, "q": "zxq"})
    found = {line["provider"].slug for line in answer.context["lines"]}
    assert found == shown
    counts = {one: count for one, _, count in answer.context["filters"]}
    assert counts[code] == len(shown)
    assert counts[""] == 4


def test_the_list_is_a_file_too() -> None:
    local_page(name="=Zxq piège")
    client = signed_in(agent())
    for kind in ("csv", "ods", "xlsx"):
        answer = client.get(reverse("keeping:list"), {"q": "zxq", "export": kind})
        assert f".{kind}" in answer["Content-Disposition"]
    rows = b"".join(client.get(reverse("keeping:list"), {"q": "zxq", "export": "csv"}))
    assert "'=Zxq piège" in rows.decode()


def test_lists_cost_the_same_for_one_and_for_many(django_assert_max_num_queries: Any) -> None:
    page = local_page()
    for number in range(25):
        offer = local_offer(page, f"offre-{number}")
        entries.confirm(entry=offer, by=None)
    near, person = signed_in(agent()), signed_in(keeper(page))
    near.get(reverse("keeping:list"))
    with django_assert_max_num_queries(12):
        near.get(reverse("keeping:list"))
    with django_assert_max_num_queries(15):
        person.get(reverse("keeping:provider", args=[page.slug]))
    with django_assert_max_num_queries(10):
        person.get(reverse("keeping:history", args=[page.slug]))
    with django_assert_max_num_queries(12):
        b"".join(near.get(reverse("keeping:list"), {"export": "csv"}))


# -- The dashboard


def test_the_dashboard_says_what_is_missing_and_what_to_do() -> None:
    page = local_page(website="", state="to_confirm")
    local_offer(page, publication=Publication.DRAFT, themes=[])
    text = text_of(signed_in(keeper(page)).get(reverse("keeping:provider", args=[page.slug])))
    assert "Il manque son site" in text
    assert "Personne ne l'a encore confirmée" in text
    assert "Il manque au moins un sujet" in text


def test_an_agent_reads_the_dashboard_and_writes_only_what_they_hold() -> None:
    page, client = local_page(), signed_in(agent())
    address = reverse("keeping:provider", args=[page.slug])
    text = text_of(client.get(address))
    assert "Tout est à jour" not in text
    assert "La tenir à sa place" in text
    edit = reverse("keeping:provider_edit", args=[page.slug])
    assert client.get(edit).status_code == 403
    assert client.post(reverse("keeping:hold", args=[page.slug])).status_code == 302
    assert client.get(edit).status_code == 200
    assert "Tout est à jour" in text_of(client.get(address))
    client.post(reverse("keeping:hold", args=[page.slug]))
    assert client.get(edit).status_code == 403


@pytest.mark.parametrize("what", ["tout", "fiche"])
def test_one_button_says_that_all_is_right(what: str) -> None:
    page = local_page()
    offer = local_offer(page)
    client = signed_in(keeper(page))
    assert client.get(reverse("keeping:confirm", args=[page.slug])).status_code == 405
    client.post(reverse("keeping:confirm", args=[page.slug]), {"quoi": what})
    page.refresh_from_db()
    offer.refresh_from_db()
    assert page.checked_on == localdate()
    assert offer.checked_on == (localdate() if what == "tout" else None)


def test_capacity_is_said_in_one_move_and_a_slip_loses_nothing() -> None:
    page = local_page()
    client, address = signed_in(keeper(page)), reverse("keeping:capacity", args=[page.slug])
    said = {"available": "12", "available_unit": "days", "available_until": "31/12/2032",
            "waiting_weeks": "douze"}  # fmt: skip
    wrong = client.post(address, said)
    assert wrong.status_code == 422
    assert 'value="12"' in text_of(wrong)
    assert "nombre entier de semaines" in text_of(wrong)
    assert client.post(address, {**said, "waiting_weeks": "3"}).status_code == 302
    page.refresh_from_db()
    assert (page.available, page.available_unit, page.waiting_weeks) == (12, "days", 3)
    assert page.available_until is not None
    [line] = Revision.objects.filter(provider=page)
    assert {one["field"] for one in line.changes} == {
        "available", "available_unit", "available_until", "waiting_weeks",
    }  # fmt: skip


def test_a_day_to_look_again_that_is_past_is_said_in_the_past() -> None:
    page = local_page(next_check=localdate() - timedelta(days=1))
    offer = local_offer(page, next_check=localdate() + timedelta(days=1))
    client = signed_in(keeper(page))
    was = client.get(reverse("keeping:provider", args=[page.slug]))
    assert "était à revoir le" in text_of(was)
    still = text_of(client.get(reverse("keeping:offer", args=[offer.slug])))
    assert "· à revoir le" in still


# -- Forms


def test_a_page_is_corrected_and_only_what_changed_is_told() -> None:
    page = local_page(origin=Origin.FILE, summary="Aide  les communes.\n")
    client = signed_in(keeper(page))
    form = page_form(page, contact="Au 05 53 00 00 00")
    answer = client.post(reverse("keeping:provider_edit", args=[page.slug]), form)
    assert answer.status_code == 302
    page.refresh_from_db()
    [line] = Revision.objects.filter(provider=page)
    assert [one["field"] for one in line.changes] == ["contact"]
    assert page.curated == ["contact"]
    assert line.body == page.name


def test_a_place_that_is_not_sure_is_asked_and_nothing_typed_is_lost() -> None:
    page = local_page()
    client, address = signed_in(keeper(page)), reverse("keeping:provider_edit", args=[page.slug])
    form = page_form(page, perimeter="24\nParis", summary="Un résumé tout neuf")
    asked = client.post(address, form)
    text = text_of(asked)
    assert asked.status_code == 422
    assert "désigne plusieurs lieux" in text
    assert "Un résumé tout neuf" in text
    assert "Département : Dordogne (24)\nParis" in text
    assert 'value="dep:75|Paris"' in text
    answer = client.post(address, {**form, "choix-0": "dep:75|Paris"})
    assert answer.status_code == 302
    page.refresh_from_db()
    assert page.perimeter == ["dep:24", "dep:75"]


def test_an_agent_who_holds_a_page_stays_in_their_departement() -> None:
    page = local_page(held_by=make_prefecture())
    client, address = signed_in(agent()), reverse("keeping:provider_edit", args=[page.slug])
    answer = client.post(address, page_form(page, perimeter="Dordogne\nLot"))
    assert answer.status_code == 422
    assert "couvre plus que votre département" in text_of(answer)
    page.refresh_from_db()
    assert page.perimeter == ["dep:24"]


def test_a_draft_needs_a_title_alone() -> None:
    page = local_page()
    client, address = signed_in(keeper(page)), reverse("keeping:offer_new", args=[page.slug])
    assert client.post(address, offer_form(title="")).status_code == 422
    empty = {"title": "Un essai", "summary": "", "themes": [], "phases": [], "perimeter": ""}
    assert client.post(address, offer_form(**empty)).status_code == 302
    made = Offer.objects.get(title="Un essai")
    assert (made.publication, made.provider, made.origin) == ("draft", page, Origin.EDITED)


def test_an_offer_is_written_whole() -> None:
    page = local_page()
    client = signed_in(keeper(page))
    form = offer_form(
        **{
            "words": "l'école est une passoire\n\n trouver un architecte ", "cost": "member",
            "conditions-epci_cost": "paid", "conditions-epci_note": "Sur devis",
            "conditions-commune_note": "Être adhérente", "population_max": "3500",
            "taux-TOTAL_FORMS": "2", "taux-0-kind": "rate_max", "taux-0-value": "37,5",
            "taux-0-unit": "%", "taux-0-base": "dépense HT", "taux-0-valid_from": "2026-01-01",
            "taux-0-valid_to": "", "taux-1-kind": "", "taux-1-value": "", "taux-1-unit": "%",
        }
    )  # fmt: skip
    answer = client.post(reverse("keeping:offer_new", args=[page.slug]), form)
    made = Offer.objects.get(title="Aider à rénover")
    assert answer["Location"] == reverse("keeping:offer", args=[made.slug])
    assert made.words == ["l'école est une passoire", "trouver un architecte"]
    assert made.population_max == 3500
    rows = [(c.audience, c.cost, c.note) for c in Condition.objects.filter(offer=made)]
    assert rows == [("commune", "member", "Être adhérente"), ("epci", "paid", "Sur devis")]
    rate = Rate.objects.get(offer=made)
    assert rate.in_words().startswith("Taux maximum : 37,5")
    assert rate.source_id == entries.HERE
    # Opened and saved again as it is: nothing is said to have changed.
    before = Revision.objects.count()
    shown = client.get(reverse("keeping:offer_edit", args=[made.slug]))
    same = {**form, "taux-INITIAL_FORMS": "1", "vu": shown.context["opened"].seen}
    assert client.post(reverse("keeping:offer_edit", args=[made.slug]), same).status_code == 302
    assert Revision.objects.count() == before + 1
    assert Revision.objects.first().verb == Verb.CONFIRMED


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"population_min": "5000", "population_max": "100"}, "limite haute est sous"),
        ({"opens": "2026-05-01", "closes": "2026-04-01"}, "vient avant l'ouverture"),
        ({"link": "pas une adresse"}, "commence par « https:// »"),
        ({"perimeter": "Nulle-Part-les-Bains"}, "n'est pas"),
        ({"taux-TOTAL_FORMS": "1", "taux-0-kind": "rate", "taux-0-value": "120",
          "taux-0-unit": "%"}, "ne dépasse pas 100"),
        ({"taux-TOTAL_FORMS": "1", "taux-0-kind": "", "taux-0-value": "12",
          "taux-0-unit": "€"}, "Dites quel chiffre"),
        ({"themes": ["inconnu"]}, "inconnu"),
        ({"available_until": "2020-01-31"}, "le 31 janvier 2020 est déjà passé"),
        ({"conditions-epci_note": "x" * 600}, "pas plus de 500 caractères"),
        ({"available": "-3"}, "« Reste » : pas moins de 0"),
        ({"title": "x" * 300}, "« Titre » : pas plus de 250 caractères (il y en a 300)"),
        ({"summary": "zéro\x00"}, "« En une phrase » : un caractère nul"),
    ],
)  # fmt: skip
def test_a_slip_is_said_and_nothing_typed_is_lost(wrong: dict[str, Any], said: str) -> None:
    page = local_page()
    client = signed_in(keeper(page))
    form = offer_form(**{"description": "Une longue description", **wrong})
    answer = client.post(reverse("keeping:offer_new", args=[page.slug]), form)
    text = text_of(answer).replace("\u00a0", " ")
    assert answer.status_code == 422
    assert said in text
    assert "Une longue description" in text
    assert "checked" in text
    assert not Offer.objects.filter(provider=page).exists()


def test_one_more_row_of_figures_saves_nothing() -> None:
    page = local_page()
    client = signed_in(keeper(page))
    form = offer_form(**{"faire": "ligne", "taux-TOTAL_FORMS": "3", "title": ""})
    answer = client.post(reverse("keeping:offer_new", args=[page.slug]), form)
    assert answer.status_code == 200
    assert 'name="taux-3-kind"' in text_of(answer)
    assert not Offer.objects.filter(provider=page).exists()


def test_what_mairies_see_stays_complete() -> None:
    page = local_page()
    offer = local_offer(page)
    client, address = signed_in(keeper(page)), reverse("keeping:offer_edit", args=[offer.slug])
    answer = client.post(address, offer_form(themes=[]))
    assert answer.status_code == 422
    assert "il lui faut au moins un sujet" in text_of(answer)


# -- The life of an offer, by its pages


def test_an_offer_goes_through_its_life_by_its_pages() -> None:
    page = local_page()
    offer = local_offer(page, publication=Publication.DRAFT)
    client = signed_in(keeper(page))

    def do(verb: str, **said: str) -> int:
        address = reverse("keeping:offer_verb", args=[offer.slug, verb])
        return client.post(address, said).status_code

    def state() -> str:
        offer.refresh_from_db()
        return offer.publication

    assert client.get(reverse("keeping:preview", args=[offer.slug])).status_code == 200
    assert signed_in().get(offer.get_absolute_url()).status_code == 404
    assert (do("publish"), state()) == (302, "published")
    assert signed_in().get(offer.get_absolute_url()).status_code == 200
    asks = client.get(reverse("keeping:offer_verb", args=[offer.slug, "suspend"]))
    assert "Pourquoi" in text_of(asks)
    assert (do("suspend"), state()) == (422, "published")
    assert (do("suspend", reason="Congés"), state()) == (302, "suspended")
    assert (do("archive", reason="Fini"), state()) == (302, "archived")
    assert (do("publish"), state()) == (302, "archived")
    assert (do("restore"), state()) == (302, "draft")
    assert do("detruire") == 404
    assert (
        client.get(reverse("keeping:offer_verb", args=[offer.slug, "publish"])).status_code == 302
    )


def test_what_cannot_be_published_says_what_is_missing() -> None:
    page = local_page()
    offer = local_offer(page, publication=Publication.DRAFT, phases=[])
    client = signed_in(keeper(page))
    shown = text_of(client.get(reverse("keeping:offer", args=[offer.slug])))
    assert "au moins une étape de projet" in shown
    assert ">Publier<" not in shown
    answer = client.post(reverse("keeping:offer_verb", args=[offer.slug, "publish"]), follow=True)
    assert "Il manque au moins une étape de projet" in text_of(answer)


# -- History


def test_the_history_says_who_when_and_what_in_words() -> None:
    page = local_page()
    offer = local_offer(page)
    person = keeper(page, name="Camille")
    entries.edit(
        entry=offer, by=person, body=page.name,
        values={"themes": ["energie", "eau"], "cost": "paid", "closes": localdate(),
                "perimeter": ["com:24061"], "population_max": None},
    )  # fmt: skip
    client = signed_in(person)
    text = text_of(client.get(reverse("keeping:history", args=[page.slug])))
    for said in (
        "Camille", "Énergie et bâtiments publics", "Payant", "Bourrou (24061)", "Dernier jour",
        "Aider à rénover",
    ):  # fmt: skip
        assert said in text
    assert "com:24061" not in text
    rows = b"".join(client.get(reverse("keeping:history", args=[page.slug]), {"export": "csv"}))
    assert "Payant" in rows.decode()
    only = client.get(reverse("keeping:history", args=[page.slug]), {"offre": "fiche"})
    assert only.context["lines"] == []


def test_a_published_offer_that_lacks_something_is_still_corrected() -> None:
    """Offers of a file are published as they come: what they lacked is advice, not a wall."""
    page = local_page()
    row = local_offer(page, summary="", phases=[], publication=Publication.PUBLISHED)
    browser, address = signed_in(keeper(page)), reverse("keeping:offer_edit", args=[row.slug])
    assert "Il serait bon de la compléter" in text_of(browser.get(address))
    lacking = offer_form(title="Titre corrigé", summary="", phases=[])
    assert browser.post(address, lacking).status_code == 302
    row.refresh_from_db()
    assert row.title == "Titre corrigé"
    emptied = browser.post(address, {**lacking, "themes": []})
    assert emptied.status_code == 422
    assert "il lui faut au moins un sujet" in text_of(emptied)
