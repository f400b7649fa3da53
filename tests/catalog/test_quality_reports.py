"""« Signaler une erreur »: without account, to who keeps the entry, answered, forgotten."""

import html
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.catalog.enums import Publication, ReportState
from maillage.catalog.models import ErrorReport, Offer
from maillage.catalog.quality import board, reports
from maillage.notifications.models import Mail, Notification
from tests.catalog.factories import make_offer, make_provider
from tests.desk.conftest import enter, page
from tests.desk.factories import make_prefecture, make_user
from tests.desk.factories import make_provider as make_body

pytestmark = pytest.mark.usefixtures("memory")
WORDS = "Le téléphone n'est plus attribué."


@pytest.fixture(autouse=True)
def _empty_counters() -> None:
    cache.clear()


@pytest.fixture
def offer() -> Offer:
    provider = make_provider("atd", name="Agence", perimeter=["dep:24"], level="department")
    return make_offer("conseil", provider, title="Conseil aux communes", perimeter=["dep:24"])


@pytest.fixture
def owner(offer: Offer) -> User:
    return make_user(Role.PROVIDER, make_body("Agence", provider="atd"))


def _address(offer: Offer, kind: str = "offre") -> str:
    slug = offer.slug if kind == "offre" else offer.provider.slug
    return reverse("quality:report", args=[kind, slug])


def _report(offer: Offer, **said: Any) -> ErrorReport:
    return reports.report_error(entry=offer, **{"message": WORDS, **said})


# -- The form


def test_anyone_reports_an_error_without_an_account(client: Client, offer: Offer) -> None:
    agent = make_user(Role.AGENT, make_prefecture("dep:24"))
    assert "Conseil aux communes" in page(client, _address(offer))
    answer = client.post(_address(offer), {"message": WORDS, "email": ""}, follow=True)
    assert "Merci, votre message est parti" in answer.content.decode()
    made = ErrorReport.objects.get()
    assert (made.offer, made.provider, made.message) == (offer, offer.provider, WORDS)
    assert Notification.objects.filter(user=agent, slug="error-reported").count() == 1


def test_of_a_provider_too(client: Client, offer: Offer) -> None:
    client.post(_address(offer, "offreur"), {"message": WORDS})
    assert ErrorReport.objects.get().offer is None


def test_it_goes_to_the_owner_and_the_desk_else_to_the_administrator(
    offer: Offer, owner: User
) -> None:
    agent = make_user(Role.AGENT, make_prefecture("dep:24"))
    far = make_user(Role.AGENT, make_prefecture("dep:46"))
    chief = make_user(Role.ADMINISTRATOR)
    _report(offer)
    told = Notification.objects.filter(slug="error-reported")
    assert {row.user for row in told.all()} == {owner, agent}
    wide = make_offer("large", make_provider("national"))
    _report(wide)
    assert {row.user for row in told} == {owner, agent, chief}
    assert far not in {row.user for row in told}


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"message": ""}, "Dites en quelques mots"),
        ({"message": "oh"}, "Dites-en un peu plus"),
        ({"message": WORDS, "email": "moi"}, "Écrivez l'adresse comme ceci"),
        ({"message": "a" * 2001}, "Ce texte est trop long"),
    ],
)
def test_what_is_badly_typed_is_said_and_kept(
    client: Client, offer: Offer, said: dict[str, str], sentence: str
) -> None:
    answer = client.post(_address(offer), said)
    text = answer.content.decode().replace("&#x27;", "'")
    assert answer.status_code == 422
    assert sentence in text
    assert said["message"].replace("'", "&#x27;") in answer.content.decode()
    assert not ErrorReport.objects.exists()


def test_a_machine_that_fills_everything_writes_nothing(client: Client, offer: Offer) -> None:
    said = {"message": WORDS, "website": "http://exemple.test"}
    answer = client.post(_address(offer), said)
    assert answer.status_code == 302
    assert not ErrorReport.objects.exists()


def test_a_button_pressed_twice_makes_one_report(client: Client, offer: Offer) -> None:
    for _ in range(2):
        client.post(_address(offer), {"message": WORDS})
    assert ErrorReport.objects.count() == 1


def test_beyond_a_number_in_an_hour_nothing_is_taken(client: Client, offer: Offer) -> None:
    for number in range(reports.HOURLY_BY_ENTRY):
        assert client.post(_address(offer), {"message": f"{WORDS} {number}"}).status_code == 302
    answer = client.post(_address(offer), {"message": "Encore une erreur"})
    assert answer.status_code == 429
    assert "Encore une erreur" in answer.content.decode()
    assert ErrorReport.objects.count() == reports.HOURLY_BY_ENTRY
    ErrorReport.objects.update(created_at=now() - timedelta(hours=1, minutes=1))
    assert client.post(_address(offer), {"message": "Encore une erreur"}).status_code == 302


@pytest.mark.parametrize(
    "said",
    [{"publication": Publication.DRAFT}, {"withdrawn_at": now()}],
)
def test_what_has_no_page_cannot_be_reported(
    client: Client, offer: Offer, said: dict[str, Any]
) -> None:
    Offer.objects.filter(pk=offer.pk).update(**said)
    assert client.get(_address(offer)).status_code == 404
    assert client.get(reverse("quality:report", args=["autre", "conseil"])).status_code == 404


# -- The list, and the closing


def test_each_sees_the_reports_of_what_they_keep(
    client: Client, offer: Offer, owner: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(40):
        ErrorReport.objects.create(
            provider=offer.provider, offer=offer, message=f"Erreur {number}", email="a@exemple.test"
        )
    board.held.get()
    enter(client, owner)
    with django_assert_max_num_queries(12):
        text = page(client, reverse("quality:reports"))
    assert "40\u00a0messages attendent" in text
    assert "a@exemple.test" not in text
    assert "page=2" in text
    far = make_user(Role.AGENT, make_prefecture("dep:46"))
    assert "Aucun signalement" in page(enter(client, far), reverse("quality:reports"))
    near = make_user(Role.AGENT, make_prefecture("dep:24"))
    assert "Erreur 39" in page(enter(client, near), reverse("quality:reports"))


def test_they_are_searched_by_entry_without_accents_and_by_words(
    client: Client, offer: Offer, owner: User
) -> None:
    Offer.objects.filter(pk=offer.pk).update(title="Été à l'école")
    _report(offer, message="Le lien est mort")
    address = reverse("quality:reports")
    enter(client, owner)
    assert "1\u00a0signalement" in page(client, f"{address}?q=ecole")
    assert "1\u00a0signalement" in page(client, f"{address}?q=mort")
    assert "Aucun signalement" in page(client, f"{address}?q=piscine")
    assert "Aucun signalement" in page(client, f"{address}?etat=traites")


def test_the_export_never_holds_an_address(client: Client, offer: Offer, owner: User) -> None:
    _report(offer, email="secret@exemple.test")
    answer = enter(client, owner).get(reverse("quality:reports"), {"export": "csv"})
    text = b"".join(answer.streaming_content).decode()
    assert WORDS in text
    assert "secret@" not in text


def test_closing_answers_who_left_an_address_then_forgets_it(
    client: Client, offer: Offer, owner: User
) -> None:
    row = _report(offer, email="mairie@exemple.test")
    address = reverse("quality:report_close", args=[row.pk])
    text = page(enter(client, owner), address)
    assert WORDS.replace("'", "&#x27;") in text
    assert "mairie@exemple.test" not in text
    client.post(address, {"state": "corrected", "answer": "Merci, le bon numéro y est."})
    row.refresh_from_db()
    assert (row.state, row.email, row.closed_by) == (ReportState.CORRECTED, "", owner)
    mail = Mail.objects.get(slug="report-answered")
    assert mail.to == "mairie@exemple.test"
    assert "Merci, le bon numéro y est." in mail.text


def test_what_someone_else_has_closed_is_not_closed_twice(
    client: Client, offer: Offer, owner: User
) -> None:
    row = _report(offer)
    reports.close_report(report=row, by=owner, corrected=True)
    address = reverse("quality:report_close", args=[row.pk])
    answer = enter(client, owner).post(address, {"state": "dismissed"})
    assert answer.status_code == 422
    assert ErrorReport.objects.get().state == ReportState.CORRECTED


def test_closing_asks_what_was_done(client: Client, offer: Offer, owner: User) -> None:
    row = _report(offer)
    address = reverse("quality:report_close", args=[row.pk])
    answer = enter(client, owner).post(address, {"answer": "Rien"})
    assert answer.status_code == 422
    assert "Dites si la fiche est corrigée" in answer.content.decode()


def test_a_report_of_another_département_does_not_exist(client: Client, offer: Offer) -> None:
    row = _report(offer)
    far = make_user(Role.AGENT, make_prefecture("dep:46"))
    address = reverse("quality:report_close", args=[row.pk])
    assert enter(client, far).get(address).status_code == 404
    assert client.post(address, {"state": "dismissed"}).status_code == 404


def test_old_reports_and_the_addresses_they_kept_are_erased(offer: Offer, owner: User) -> None:
    old, forgotten, recent = (
        _report(offer, message=f"{WORDS} {n}", email="a@exemple.test") for n in range(3)
    )
    reports.close_report(report=old, by=owner, corrected=True)
    past = now() - timedelta(days=reports.KEPT_DAYS + 1)
    ErrorReport.objects.filter(pk=old.pk).update(closed_at=past)
    ErrorReport.objects.filter(pk=forgotten.pk).update(created_at=past)
    assert reports.erase_old_reports() == 1
    assert dict(ErrorReport.objects.values_list("pk", "email")) == {
        forgotten.pk: "", recent.pk: "a@exemple.test",
    }  # fmt: skip


def test_one_origin_does_not_close_the_form_to_all(client: Client, offer: Offer) -> None:
    others = [make_offer(f"autre-{n}", offer.provider) for n in range(3)]
    rows = [offer, *others]
    for number in range(reports.HOURLY_BY_ORIGIN):
        row = rows[number % len(rows)]
        assert client.post(_address(row), {"message": f"{WORDS} {number}"}).status_code == 302
    answer = client.post(_address(offer), {"message": "Une de trop"})
    assert answer.status_code == 429
    assert "Merci de votre aide" in html.unescape(answer.content.decode())
    elsewhere = client.post(_address(offer), {"message": "D'ailleurs"}, REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 302
    assert reports.HOURLY > 10 * reports.HOURLY_BY_ORIGIN
