"""The steps of a draft: saved all along, and nothing that was typed is ever lost."""

import re
from decimal import Decimal
from itertools import pairwise

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.desk.enums import State
from maillage.desk.forms.filing import LONGEST_NEED
from maillage.desk.models import Request
from maillage.desk.services import filing
from maillage.notifications.models import Mail
from tests.desk.factories import (
    BOURROU,
    GRAND_PERIGUEUX,
    PERIGUEUX,
    DeskFactory,
    make_town,
    make_user,
)
from tests.desk.filing import BISTROT, STEPS, base_of, file_it, save, step, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def mairie() -> User:
    DeskFactory()
    return make_user(Role.APPLICANT, make_town(BOURROU), name="Camille Martin")


@pytest.fixture
def draft(mairie: User) -> Request:
    return filing.start_draft(by=mairie, need=BISTROT, code=BOURROU)


def test_the_whole_path_of_a_mairie(
    client: Client, mairie: User, draft: Request, django_capture_on_commit_callbacks
) -> None:
    client.force_login(mairie)
    said = {
        "besoin": {"need": BISTROT, "bearer_kind": "commune"},
        "projet": {"stage": "faisabilite", "tried": "Le Département", "budget": "150 k€"},
        "contact": {"contact_name": "Camille Martin", "contact_phone": "05 53 00 00 01",
                    "contact_email": "mairie@bourrou.test"},
        "pieces": {},
    }  # fmt: skip
    for name, following in pairwise(STEPS):
        assert save_or_post(client, draft, name, said[name]).url == step(draft, following)
    review = text_of(client.get(step(draft, "relire")))
    for part in (BISTROT, "150 000 €", "Faisabilité", "05 53 00 00 01"):
        assert part in review
    draft.refresh_from_db()
    answer = file_it(client, draft)
    assert answer.url == reverse("requests:receipt", args=[draft.pk])
    draft.refresh_from_db()
    assert draft.state == State.RECEIVED
    assert draft.budget == Decimal("150000")
    assert draft.types != []
    assert Mail.objects.filter(to="mairie@bourrou.test").count() == 1
    assert mail.outbox == []


def save_or_post(client: Client, draft: Request, name: str, fields: dict[str, str]):
    if name == "pieces":
        return client.post(step(draft, name), fields)
    return save(client, draft, name, **fields)


@pytest.mark.parametrize("name", STEPS)
def test_a_step_reads_little_and_writes_nothing(
    client: Client, mairie: User, draft: Request, name: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    client.force_login(mairie)
    client.get(step(draft, name))
    before = (Request.objects.values().get(), Session.objects.values().get())
    with django_assert_max_num_queries(12) as counted:
        assert client.get(step(draft, name)).status_code == 200
    assert not [q for q in counted if not q["sql"].startswith(("SELECT", "SAVEPOINT", "RELEASE"))]
    assert (Request.objects.values().get(), Session.objects.values().get()) == before


@pytest.mark.parametrize("name", STEPS)
def test_the_draft_of_another_is_not_found(client: Client, draft: Request, name: str) -> None:
    for other in (
        make_user(Role.APPLICANT, make_town(PERIGUEUX)), make_user(Role.AGENT),
        make_user(Role.OBSERVER), make_user(Role.PROVIDER),
    ):  # fmt: skip
        client.force_login(other)
        assert client.get(step(draft, name)).status_code == 404
        assert client.post(step(draft, name), {"need": "Volé"}).status_code == 404
    draft.refresh_from_db()
    assert draft.need == BISTROT


def test_an_unknown_step_is_not_found(client: Client, mairie: User, draft: Request) -> None:
    client.force_login(mairie)
    assert client.get(step(draft, "autre")).status_code == 404


def test_what_is_known_is_never_asked(client: Client, mairie: User, draft: Request) -> None:
    client.force_login(mairie)
    page = client.get(step(draft, "besoin"))
    assert {"Commune", "SIREN", "Population", "Intercommunalité"} <= dict(
        page.context["facts"]
    ).keys()
    for name in ("lieu", "commune", "siren", "population"):
        assert f'name="{name}"' not in page.content.decode()


def test_saving_and_leaving(client: Client, mairie: User, draft: Request) -> None:
    client.force_login(mairie)
    answer = save(client, draft, "projet", tried="Une étude", quitter="1")
    assert answer.url == reverse("requests:mine")
    draft.refresh_from_db()
    assert draft.tried == "Une étude"


def test_what_is_typed_is_saved_at_pauses(client: Client, mairie: User, draft: Request) -> None:
    client.force_login(mairie)
    base = base_of(client, draft, "projet")
    htmx = {"HTTP_HX_REQUEST": "true"}
    answer = client.post(step(draft, "projet"), {"base": base, "tried": "Un cour"}, **htmx)
    assert "Brouillon enregistré à" in text_of(answer)
    draft.refresh_from_db()
    assert draft.tried == "Un cour"
    base = answer.content.decode().split('value="')[1].split('"')[0]
    client.post(step(draft, "projet"), {"base": base, "tried": "Un courrier"}, **htmx)
    draft.refresh_from_db()
    assert draft.tried == "Un courrier"


def test_a_wrong_field_does_not_lose_the_others(
    client: Client, mairie: User, draft: Request
) -> None:
    client.force_login(mairie)
    answer = save(client, draft, "projet", tried="Une étude", budget="beaucoup, je crois")
    assert answer.status_code == 422
    page = text_of(answer)
    assert "Nous n'avons pas compris ce montant" in page
    assert 'value="beaucoup, je crois"' in page
    draft.refresh_from_db()
    assert draft.tried == "Une étude"
    answer = save(client, draft, "contact", contact_name="Camille", contact_email="mairie@")
    assert answer.status_code == 422
    draft.refresh_from_db()
    assert draft.contact_name == "Camille"


def test_a_text_too_long_is_refused_clearly_and_kept_on_the_page(
    client: Client, mairie: User, draft: Request
) -> None:
    client.force_login(mairie)
    long = "bistrot " * (LONGEST_NEED // 4)
    answer = save(
        client, draft, "besoin", need=long, bearer_kind="association", body_name="Le Coin"
    )
    assert answer.status_code == 422
    assert "est trop long : 15" in text_of(answer)
    assert long.strip()[:500] in answer.content.decode()
    draft.refresh_from_db()
    assert (draft.need, draft.body_name) == (BISTROT, "Le Coin")


def test_two_megabytes_of_text_are_refused_clearly(
    client: Client, mairie: User, draft: Request
) -> None:
    client.force_login(mairie)
    answer = client.post(step(draft, "besoin"), {"need": "é" * 2_000_000})
    assert answer.status_code == 413
    assert "beaucoup trop long" in text_of(answer)
    assert "Revenez en arrière" in text_of(answer)


def test_two_tabs_show_both_texts(client: Client, mairie: User, draft: Request) -> None:
    client.force_login(mairie)
    base = base_of(client, draft, "projet")
    client.post(step(draft, "projet"), {"base": base, "tried": "Premier onglet"})
    answer = client.post(step(draft, "projet"), {"base": base, "tried": "Second onglet"})
    assert answer.status_code == 409
    page = text_of(answer)
    assert "Second onglet" in page
    assert "Dans l'autre fenêtre : <span>Premier onglet</span>" in page
    draft.refresh_from_db()
    assert draft.tried == "Premier onglet"
    # « Continuer » then keeps what this tab says.
    again = {"base": answer.context["base"], "tried": "Second onglet"}
    assert client.post(step(draft, "projet"), again).status_code == 302
    draft.refresh_from_db()
    assert draft.tried == "Second onglet"


def test_two_tabs_on_two_steps_do_not_disturb_each_other(
    client: Client, mairie: User, draft: Request
) -> None:
    client.force_login(mairie)
    project, contact = base_of(client, draft, "projet"), base_of(client, draft, "contact")
    client.post(step(draft, "projet"), {"base": project, "tried": "Une étude"})
    said = {"base": contact, "contact_name": "Le maire", "contact_phone": "05 53 00 00 01"}
    assert client.post(step(draft, "contact"), said).status_code == 302


def test_the_same_text_sent_twice_is_no_conflict(
    client: Client, mairie: User, draft: Request
) -> None:
    client.force_login(mairie)
    said = {"base": base_of(client, draft, "projet"), "tried": "Une étude", "budget": "150 000 €"}
    assert [client.post(step(draft, "projet"), said).status_code for _ in range(2)] == [302, 302]


def test_a_session_that_ended_loses_nothing(client: Client, mairie: User, draft: Request) -> None:
    client.force_login(mairie)
    base = base_of(client, draft, "projet")
    Session.objects.all().delete()
    answer = client.post(step(draft, "projet"), {"base": base, "tried": "Une étude de 2024"})
    assert answer.url == f"{reverse('account_login')}?next={step(draft, 'projet')}"
    assert "ce que vous venez de taper est gardé" in text_of(client.get(answer.url))
    client.force_login(mairie)
    page = client.get(step(draft, "projet"))
    assert "Voici ce que vous aviez tapé" in text_of(page)
    assert "Une étude de 2024" in text_of(page)
    draft.refresh_from_db()
    assert draft.tried == ""
    said = {"base": page.context["base"], "tried": "Une étude de 2024"}
    assert client.post(step(draft, "projet"), said).url == step(draft, "contact")
    draft.refresh_from_db()
    assert draft.tried == "Une étude de 2024"
    assert "Voici ce que vous aviez tapé" not in text_of(client.get(step(draft, "projet")))


def test_a_code_by_mail_leads_back_to_the_step(
    client: Client, mairie: User, draft: Request
) -> None:
    answer = client.post(step(draft, "projet"), {"tried": "Une étude de 2024"})
    onward = step(draft, "projet")
    ask = client.get(f"{reverse('account_request_login_code')}?next={onward}")
    assert f'name="next" value="{onward}"' in ask.content.decode()
    sent = {"email": mairie.email, "next": onward}
    answer = client.post(reverse("account_request_login_code"), sent)
    page = client.get(answer.url)
    assert f'name="next" value="{onward}"' in page.content.decode()
    code = re.search(r"dix minutes :\s+(\S+)", mail.outbox[0].body)[1]
    answer = client.post(
        reverse("account_confirm_login_code"), {"code": code, "next": onward}, follow=True
    )
    assert "Une étude de 2024" in text_of(answer)
    assert "Voici ce que vous aviez tapé" in text_of(answer)


def test_a_page_left_open_while_signing_in_elsewhere_loses_nothing(
    mairie: User, draft: Request
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(mairie)
    client.get(step(draft, "projet"))
    answer = client.post(step(draft, "projet"), {"tried": "Une étude", "csrfmiddlewaretoken": "x"})
    assert answer.status_code == 403
    assert "Votre saisie est ci-dessous, pas encore enregistrée" in text_of(answer)
    assert "Une étude" in text_of(answer)
    draft.refresh_from_db()
    assert draft.tried == ""
    token = answer.context["csrf_token"]
    said = {"tried": "Une étude", "base": base_of(client, draft, "projet")}
    client.post(step(draft, "projet"), {**said, "csrfmiddlewaretoken": str(token)})
    draft.refresh_from_db()
    assert draft.tried == "Une étude"


@pytest.mark.parametrize("name", STEPS)
def test_nothing_is_done_without_proof_of_origin(mairie: User, draft: Request, name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.post(step(draft, name), {"need": "Autre", "version": draft.version})
    assert "typed" not in client.session
    client.force_login(mairie)
    before = Request.objects.values().get()
    client.post(step(draft, name), {"need": "Autre", "version": draft.version})
    assert Request.objects.values().get() == before


def test_what_was_kept_is_for_its_owner_only(client: Client, mairie: User, draft: Request) -> None:
    client.post(step(draft, "projet"), {"tried": "Secret"})
    client.force_login(make_user(Role.APPLICANT, make_town(PERIGUEUX)))
    assert client.get(step(draft, "projet")).status_code == 404


def test_htmx_of_an_ended_session_says_so(client: Client, draft: Request) -> None:
    answer = client.post(step(draft, "projet"), {"tried": "x"}, HTTP_HX_REQUEST="true")
    assert "Pas encore enregistré" in text_of(answer)


def test_a_commune_is_changed_by_its_name(client: Client, mairie: User, draft: Request) -> None:
    client.force_login(mairie)
    assert 'name="lieu"' in client.get(step(draft, "besoin"), {"commune": "1"}).content.decode()
    said = {"need": BISTROT, "lieu": "Périgueux", "commune": BOURROU, "bearer_kind": "commune"}
    assert save(client, draft, "besoin", **said).status_code == 302
    draft.refresh_from_db()
    assert draft.bearer == PERIGUEUX
    # They have no mandate for it: the desk will check.
    assert draft.applicant is None
    assert not draft.address_checked


def test_several_communes_of_a_name_are_offered(client: Client, draft: Request) -> None:
    client.force_login(draft.created_by)
    said = {"need": BISTROT, "lieu": "Saint-Germain", "bearer_kind": "commune"}
    answer = save(client, draft, "besoin", **said)
    assert answer.status_code == 422
    chosen = answer.context["form"].choices[1].code
    assert f'value="{chosen}"' in answer.content.decode()
    assert save(client, draft, "besoin", choix_commune=chosen, **said).status_code == 302
    draft.refresh_from_db()
    assert draft.bearer == chosen


def test_the_intercommunalite_of_a_commune_asks(client: Client, draft: Request) -> None:
    client.force_login(draft.created_by)
    filing.save_draft(request=draft, by=draft.created_by, bearer=PERIGUEUX)
    save(client, draft, "besoin", need=BISTROT, bearer_kind="epci")
    draft.refresh_from_db()
    assert (draft.bearer, draft.bearer_kind) == (GRAND_PERIGUEUX, "epci")


def test_chips_left_as_they_are_follow_the_text(client: Client, draft: Request) -> None:
    client.force_login(draft.created_by)
    page = client.get(step(draft, "besoin"))
    chosen = page.context["chosen"]
    ticked = chosen.split(",")
    said = {"need": BISTROT, "bearer_kind": "commune", "choix": chosen}
    save(client, draft, "besoin", type=ticked, **said)
    draft.refresh_from_db()
    assert draft.types == []
    other = page.context["understanding"].suggestions[0].id
    save(client, draft, "besoin", type=[*ticked, other], **said)
    draft.refresh_from_db()
    assert draft.types == [*ticked, other]
