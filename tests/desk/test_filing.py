"""A mairie files a request: the door, what may make it needless, the filing, the receipt."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.common.forms import euros_of
from maillage.desk.enums import Channel, DeskMode, Outcome, State, Verb
from maillage.desk.models import Request
from maillage.desk.services import filing
from tests.desk.factories import (
    BOURROU,
    FIGEAC,
    PERIGUEUX,
    DeskFactory,
    make_request,
    make_town,
    make_user,
)
from tests.desk.filing import BISTROT, STEPS, file_it, step, text_of, types_read

pytestmark = pytest.mark.django_db

MANZAC = "24251"


@pytest.fixture
def mairie() -> User:
    DeskFactory()
    return make_user(Role.APPLICANT, make_town(BOURROU), name="Camille Martin")


@pytest.fixture
def agent() -> User:
    DeskFactory()
    return make_user(Role.AGENT, name="Claire Agent")


@pytest.fixture
def draft(mairie: User) -> Request:
    return filing.start_draft(by=mairie, need=BISTROT, code=BOURROU)


# -- The door


def test_the_answer_leads_to_the_filing(client: Client) -> None:
    DeskFactory()
    page = client.get("/orientation/", {"besoin": BISTROT, "commune": BOURROU})
    assert "Déposer ma demande au guichet" in text_of(page)
    assert "pas encore ouvert" not in text_of(page)
    assert 'action="/demandes/deposer/" method="get"' in page.content.decode()
    assert not page.cookies


def test_the_door_shows_three_ways_to_who_has_no_account(client: Client) -> None:
    DeskFactory(phone="05 53 11 22 33")
    page = text_of(client.get("/demandes/deposer/", {"besoin": BISTROT, "commune": BOURROU}))
    for way in ("Recevoir un lien par courriel", "Me connecter", "05 53 11 22 33"):
        assert way in page
    assert BISTROT in page
    assert Request.objects.count() == 0


def test_a_long_need_comes_to_the_door_too(client: Client) -> None:
    DeskFactory()
    long = "Réparer le pont du village. " * 150
    page = client.post("/demandes/deposer/", {"besoin": long, "commune": BOURROU})
    assert page.status_code == 200
    assert page.context["question"].text == long.strip()


def test_where_no_desk_is_open_the_door_says_what_to_do(client: Client) -> None:
    page = text_of(client.get("/demandes/deposer/", {"besoin": BISTROT, "commune": FIGEAC}))
    assert "ne reçoit pas encore de demandes en ligne" in page
    assert "standard de votre préfecture" in page
    assert "Recevoir un lien" not in page


def test_who_is_signed_in_opens_a_draft_in_one_click(client: Client, mairie: User) -> None:
    client.force_login(mairie)
    page = client.get("/orientation/", {"besoin": BISTROT, "commune": BOURROU})
    assert 'action="/demandes/deposer/ouvrir/" method="post"' in page.content.decode()
    once = str(page.context["once"])
    said = {"besoin": BISTROT, "commune": BOURROU, "phase": "faisabilite", "once": once}
    for _ in range(2):  # a double click
        answer = client.post("/demandes/deposer/ouvrir/", said)
    made = Request.objects.get()
    assert answer.url == step(made, "besoin")
    assert (made.need, made.bearer, made.stage) == (BISTROT, BOURROU, "faisabilite")
    assert made.applicant == make_town(BOURROU)
    assert (made.contact_name, made.contact_email) == ("Camille Martin", mairie.email)


def test_what_was_ticked_goes_to_the_draft_and_nonsense_does_not(
    client: Client, mairie: User
) -> None:
    client.force_login(mairie)
    kind = types_read(client, BOURROU)[0]
    client.post(
        "/demandes/deposer/ouvrir/",
        {"besoin": BISTROT, "commune": BOURROU, "choix": "1", "type": [kind, "inconnu"]},
    )
    assert Request.objects.get().types == [kind]


def test_the_commune_of_who_has_one_is_not_asked(client: Client, mairie: User) -> None:
    client.force_login(mairie)
    page = client.get("/demandes/deposer/")
    assert page.context["code"] == BOURROU


def test_signing_in_at_the_door_loses_nothing(client: Client, mairie: User) -> None:
    said = {"besoin": BISTROT, "commune": BOURROU, "lieu": "Bourrou (24)", "phase": "travaux"}
    answer = client.post("/demandes/deposer/ouvrir/", said)
    assert answer.url.startswith(reverse("account_login") + "?next=/demandes/deposer/")
    client.force_login(mairie)
    page = client.get("/demandes/deposer/")
    assert page.context["question"].text == BISTROT
    assert ("phase", "travaux") in page.context["hidden"]
    assert Request.objects.count() == 0


def test_what_was_typed_is_forgotten_at_sign_out(client: Client, mairie: User) -> None:
    client.post("/demandes/deposer/ouvrir/", {"besoin": BISTROT, "commune": BOURROU})
    assert BISTROT in text_of(client.get("/demandes/deposer/"))
    client.force_login(mairie)
    client.post(reverse("account_logout"))
    assert BISTROT not in text_of(client.get("/demandes/deposer/"))


def test_what_is_typed_at_the_door_is_kept_by_no_cache(client: Client) -> None:
    for answer in (
        client.get("/demandes/deposer/"),
        client.post("/demandes/deposer/ouvrir/", {"besoin": BISTROT}),
        client.get("/demandes/deposer/lien/"),
    ):
        assert {"private", "no-store"} <= set(answer.headers["Cache-Control"].split(", "))


def test_a_long_need_waits_for_who_signs_in_but_not_a_book(client: Client) -> None:
    long = "é" * 8_000
    client.post("/demandes/deposer/ouvrir/", {"besoin": long})
    assert client.get("/demandes/deposer/").context["question"].text == long
    client.session.flush()
    client.cookies.clear()
    client.post("/demandes/deposer/ouvrir/", {"besoin": "a" * 60_001})
    assert client.get("/demandes/deposer/").context["question"].text == ""


def test_an_agent_types_for_a_mairie(client: Client, agent: User) -> None:
    client.force_login(agent)
    # From the answer page, the agent is first asked for whom.
    page = client.post("/demandes/deposer/ouvrir/", {"besoin": BISTROT, "commune": BOURROU})
    assert "Saisir une demande pour une mairie" in text_of(page)
    assert Request.objects.count() == 0
    said = {"besoin": BISTROT, "behalf": "1", "lieu": "Bourrou (24)", "commune": BOURROU}
    refused = client.post("/demandes/deposer/ouvrir/", said)
    assert refused.status_code == 422
    assert "Dites comment la demande vous est arrivée" in text_of(refused)
    client.post("/demandes/deposer/ouvrir/", {**said, "channel": "phone"})
    made = Request.objects.get()
    assert made.on_behalf
    assert made.channel == Channel.PHONE
    assert made.contact_email == ""
    for name in STEPS:
        page = text_of(client.get(step(made, name)))
        assert "Vous saisissez pour le compte de la mairie (Bourrou)" in page
        assert "par téléphone" in page
        assert "Claire Agent" in page
    filing.save_draft(request=made, by=agent, contact_name="Le maire", contact_phone="0553000000")
    receipt = client.get(file_it(client, Request.objects.get()).url)
    assert "Saisie pour le compte de Bourrou</strong> par Claire Agent" in text_of(receipt)
    entry = Request.objects.get().journal.get(verb=Verb.FILE)
    assert (entry.channel, entry.on_behalf_of, entry.by) == (Channel.PHONE, "Bourrou", agent)


def test_communes_of_the_desk_are_looked_for_first(client: Client, agent: User) -> None:
    client.force_login(agent)
    said = {"besoin": BISTROT, "behalf": "1", "lieu": "Saint-Germain", "channel": "phone"}
    answer = client.post("/demandes/deposer/ouvrir/", said)
    found = answer.context["behalf"].choices
    assert len(found) > 1
    assert {one.code[:2] for one in found} == {"24"}


def test_an_agent_does_not_type_for_another_desk(client: Client, agent: User) -> None:
    DeskFactory(territory="dep:46")
    client.force_login(agent)
    said = {"besoin": BISTROT, "behalf": "1", "lieu": "Figeac (46)", "commune": FIGEAC}
    answer = client.post("/demandes/deposer/ouvrir/", {**said, "channel": "phone"})
    assert answer.status_code == 422
    assert "relève d'un autre guichet" in text_of(answer)
    assert Request.objects.count() == 0


def test_a_mairie_cannot_say_that_it_types_for_another(client: Client, mairie: User) -> None:
    client.force_login(mairie)
    said = {"besoin": BISTROT, "behalf": "1", "lieu": "Bourrou (24)", "commune": BOURROU}
    answer = client.post("/demandes/deposer/ouvrir/", {**said, "channel": "phone"})
    assert answer.status_code == 403
    assert Request.objects.count() == 0


# -- What may make it needless


def test_what_neighbours_asked_is_told_without_their_words(client: Client, draft: Request) -> None:
    client.force_login(draft.created_by)
    types = types_read(client, BOURROU)
    make_request(
        State.CLOSED, MANZAC, types=types[:1], contact_name="Mme Durand", outcome=Outcome.STARTED,
        need="Le bar de Mme Durand", outcome_text="Chez Mme Durand",
    )  # fmt: skip
    make_request(State.RECEIVED, "24421", types=["autre"])
    make_request(State.DRAFT, "24312", types=types[:1])
    make_request(State.RECEIVED, "59350", types=types[:1])  # far
    page = client.get(step(draft, "besoin"))
    assert [one.became for one in page.context["similar"]] == ["Le projet est lancé."]
    assert "Une commune près de chez vous a demandé quelque chose de semblable" in text_of(page)
    assert "Durand" not in text_of(page)


def test_answers_that_need_no_desk_are_offered(client: Client, draft: Request) -> None:
    client.force_login(draft.created_by)
    page = client.get(step(draft, "besoin"))
    quick = page.context["quick"]
    assert 1 <= len(quick) <= 3
    assert all(card.proposal.adequate for card in quick)
    assert "Cela me suffit" in text_of(page)
    ask = client.get(reverse("requests:discard", args=[draft.pk]), {"cela-suffit": "1"})
    assert "Garder le brouillon" in text_of(ask)
    assert Request.objects.count() == 1


def test_a_draft_is_erased_after_asking(client: Client, draft: Request) -> None:
    client.force_login(draft.created_by)
    address = reverse("requests:discard", args=[draft.pk])
    assert "Effacer ce brouillon ?" in text_of(client.get(address))
    assert Request.objects.count() == 1
    client.post(address)
    assert Request.objects.count() == 0


# -- Filing


def test_what_is_missing_is_said_with_a_link(client: Client, mairie: User) -> None:
    client.force_login(mairie)
    draft = filing.start_draft(by=mairie)
    filing.save_draft(request=draft, by=mairie, contact_name="", contact_email="")
    draft.refresh_from_db()
    page = client.get(step(draft, "relire"))
    addresses = [address for _, address in page.context["missing"]]
    assert f"{step(draft, 'besoin')}#id_need" in addresses
    assert f"{step(draft, 'besoin')}?commune=1#id_lieu" in addresses
    assert f"{step(draft, 'contact')}#id_contact_name" in addresses
    assert "Déposer ma demande" not in text_of(page)
    answer = file_it(client, draft)
    assert answer.status_code == 422
    draft.refresh_from_db()
    assert draft.is_draft


def test_a_double_click_files_once(client: Client, draft: Request) -> None:
    client.force_login(draft.created_by)
    filing.save_draft(
        request=draft, by=draft.created_by, contact_name="C", contact_phone="0553000000"
    )
    draft.refresh_from_db()
    said = {"version": draft.version, "once": str(uuid4())}
    answers = [client.post(step(draft, "relire"), said) for _ in range(2)]
    receipt = reverse("requests:receipt", args=[draft.pk])
    assert answers[0].url == receipt
    assert answers[1].url in {receipt, draft.get_absolute_url()}
    assert draft.journal.count() == 1


def test_a_draft_changed_in_another_tab_is_read_again(client: Client, draft: Request) -> None:
    client.force_login(draft.created_by)
    version = draft.version
    filing.save_draft(
        request=draft, by=draft.created_by, need="Un autre besoin", contact_name="C",
        contact_phone="0553000000",
    )  # fmt: skip
    answer = client.post(step(draft, "relire"), {"version": version, "once": str(uuid4())})
    assert answer.status_code == 409
    assert "a changé dans une autre fenêtre" in text_of(answer)
    assert "Un autre besoin" in text_of(answer)
    draft.refresh_from_db()
    assert draft.is_draft


def test_the_steps_of_a_filed_request_lead_to_its_page(client: Client, mairie: User) -> None:
    client.force_login(mairie)
    filed = make_request(State.RECEIVED, author=mairie)
    for name in STEPS:
        assert client.get(step(filed, name)).url == filed.get_absolute_url()
        onward = client.post(step(filed, name), {"need": "x"}).url
        # A second « Déposer » reads what the first has done.
        receipt = name == "relire"
        assert onward == filed.get_absolute_url() + ("recu/" if receipt else "")


def test_the_receipt_says_what_happens_next(client: Client, mairie: User) -> None:
    client.force_login(mairie)
    filed = make_request(
        State.RECEIVED, received_on=date(2026, 11, 20), first_answer_due=date(2026, 11, 27)
    )
    page = text_of(client.get(reverse("requests:receipt", args=[filed.pk])))
    assert filed.number in page
    assert "Reçue le 20 novembre 2026" in page
    assert "Au plus tard le 27 novembre 2026" in page
    assert "Un interlocuteur vous est désigné" in page
    paper = client.get(reverse("requests:receipt_pdf", args=[filed.pk]))
    assert paper.content.startswith(b"%PDF")


def test_the_receipt_of_an_existing_circuit_names_it(client: Client, mairie: User) -> None:
    desk = DeskFactory()
    desk.mode, desk.circuit = DeskMode.EXISTING_CIRCUIT, make_town(PERIGUEUX)
    desk.save()
    client.force_login(mairie)
    filed = make_request(State.EXISTING_CIRCUIT, desk=desk, lead=desk.circuit)
    page = text_of(client.get(reverse("requests:receipt", args=[filed.pk])))
    assert f"{desk.circuit.name} la suit" in page


def test_the_receipt_is_for_the_mairie_and_the_desk(client: Client) -> None:
    filed = make_request(State.ACCOMPANIED)
    for role, status in (
        (Role.APPLICANT, 200), (Role.AGENT, 200), (Role.OBSERVER, 403), (Role.PROVIDER, 403),
    ):  # fmt: skip
        client.force_login(make_user(role))
        assert client.get(reverse("requests:receipt", args=[filed.pk])).status_code == status
        paper = client.get(reverse("requests:receipt_pdf", args=[filed.pk]))
        assert paper.status_code == status


def test_a_draft_has_no_receipt(client: Client, draft: Request) -> None:
    client.force_login(draft.created_by)
    for name in ("receipt", "receipt_pdf"):
        answer = client.get(reverse(f"requests:{name}", args=[draft.pk]))
        assert answer.url == step(draft, "relire")


@pytest.mark.parametrize(
    ("said", "euros"),
    [
        ("150 000 €", "150000"), ("150\u202f000\u202f€", "150000"), ("150k", "150000"),
        ("150 k€", "150000"), ("1,5 M€", "1500000"), ("1.5M", "1500000"), ("2 millions", "2000000"),
        ("2 millions d'euros", "2000000"), ("environ 80000 euros HT", "80000"),
        ("150.000", "150000"), ("1 250,50 €", "1250.50"), ("80 mille", "80000"),
        ("  ", None),
    ],
)  # fmt: skip
def test_a_budget_as_people_write_it(said: str, euros: str | None) -> None:
    assert euros_of(said) == (Decimal(euros) if euros else None)


@pytest.mark.parametrize(
    "said", ["beaucoup", "-5", "0", "entre 100 et 150 k€", "1e9", "9" * 40, "€", "١٢٣ abc"]
)
def test_a_budget_that_cannot_be_read(said: str) -> None:
    with pytest.raises(ValueError, match=r"montant|no amount"):
        euros_of(said)
