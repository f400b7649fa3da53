"""The pages of the bodies that are asked, of the neighbours that are informed, of the élus."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate

from maillage.accounts.enums import Role
from maillage.accounts.models import Organisation
from maillage.desk.enums import Audience, Capacity, ConsultationKind, ConsultationState, State
from maillage.desk.models import Attachment, Consultation, Message, Request

from .factories import GRAND_FIGEAC, PERIGUEUX, DeskFactory, make_provider, make_request, make_user

pytestmark = pytest.mark.django_db

CONTACT = {
    "contact_name": "Camille Martin", "contact_phone": "05 53 00 00 01",
    "contact_email": "mairie.secrete@exemple.test",
}  # fmt: skip
SECRETS = ("Camille Martin", "05 53 00 00 01", "0553000001", "mairie.secrete@exemple.test")


def page(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    text = response.content.decode().replace("&#x27;", "'")
    return text.replace("\u00a0", " ")


def asked_of(
    demand: Request, body: Organisation, kind: str = ConsultationKind.HELP, **said: Any
) -> Consultation:
    """A question as `services.consultations.ask` leaves it."""
    informed = kind == ConsultationKind.INFORMATION
    capacity = Capacity.INFORMED if informed else Capacity.ASKED
    demand.parties.get_or_create(organisation=body, capacity=capacity)
    state = ConsultationState.INFORMED if informed else ConsultationState.WAITING
    return Consultation.objects.create(
        request=demand, organisation=body, kind=kind,
        **{"state": state, "question": "Pouvez-vous aider ?",
           "due_on": localdate() + timedelta(days=7), **said},
    )  # fmt: skip


def document(demand: Request, name: str) -> Attachment:
    return Attachment.objects.create(
        request=demand, name=name, kind="pdf", size=10, sha256="0" * 64, file="demandes/x"
    )


def message(demand: Request, audience: str, body: str, partner: Any = None) -> None:
    Message.objects.create(
        request=demand, audience=audience, partner=partner, author_label="Quelqu'un", body=body
    )


@pytest.fixture
def caue() -> Organisation:
    return make_provider("CAUE de la Dordogne")


@pytest.fixture
def partner(client: Client, caue: Organisation) -> Client:
    client.force_login(make_user(Role.PROVIDER, caue))
    return client


# -- The list


def test_the_list_by_tab_late_ones_first(partner: Client, caue: Organisation) -> None:
    soon = make_request(State.QUALIFIED, need="Pas pressé")
    asked_of(soon, caue)
    late = make_request(State.QUALIFIED, need="Déjà en retard")
    asked_of(late, caue, due_on=localdate() - timedelta(days=3))
    told = make_request(State.QUALIFIED, need="Pour savoir")
    asked_of(told, caue, ConsultationKind.INFORMATION)
    done = make_request(State.QUALIFIED, need="Déjà répondu")
    asked_of(done, caue, state=ConsultationState.DECLINED, answer="Non")
    make_request(State.ACCOMPANIED, lead=caue, need="Que nous suivons")
    make_request(State.QUALIFIED, need="Chez les autres")
    html = page(partner, "/sollicitations/")
    assert html.index("Déjà en retard") < html.index("Pas pressé")
    assert "En retard" in html
    assert "Pour savoir" not in html
    tabs = {"information": "Pour savoir", "repondu": "Déjà répondu", "suivies": "Que nous suivons"}
    for tab, need in tabs.items():
        found = page(partner, f"/sollicitations/?voir={tab}")
        others = {*tabs.values(), "Pas pressé", "Chez les autres"} - {need}
        assert need in found
        assert not any(other in found for other in others)
    assert "vous n'avez pas d'avis à rendre" in page(partner, "/sollicitations/?voir=information")


def test_what_one_may_not_read_is_not_searched_either(partner: Client, caue: Organisation) -> None:
    asked_of(make_request(State.QUALIFIED, need="Un préau", **CONTACT), caue)
    assert "Un préau" in page(partner, "/sollicitations/?q=preau")
    assert "Un préau" in page(partner, "/sollicitations/?q=Bourrou")
    assert "Un préau" not in page(partner, "/sollicitations/?voir=a-repondre&q=Camille")
    exported = b"".join(partner.get("/sollicitations/?export=csv")).decode()
    assert "Un préau" in exported
    assert not any(secret in exported for secret in SECRETS)


def test_the_list_costs_few_queries(
    partner: Client, caue: Organisation, django_assert_max_num_queries: Any
) -> None:
    for _ in range(8):
        asked_of(make_request(State.QUALIFIED), caue)
    with django_assert_max_num_queries(10):
        partner.get("/sollicitations/")


def test_who_is_asked_nothing_is_told_so(client: Client) -> None:
    client.force_login(make_user(Role.APPLICANT))
    assert "n'agit pour aucun organisme" in page(client, "/sollicitations/")
    client.force_login(make_user(Role.PROVIDER))
    assert "Aucune demande" in page(client, "/sollicitations/?voir=information")


# -- Who is asked


def test_a_body_reads_what_it_is_asked_and_no_more(partner: Client, caue: Organisation) -> None:
    demand = make_request(
        State.QUALIFIED, need="Un préau pour l'école", tried="Refus de la banque",
        agent_note="Note d'agent", **CONTACT,
    )  # fmt: skip
    asked_of(demand, caue, question="Le mur tient-il ?")
    other = make_provider("Autre organisme sollicité")
    asked_of(demand, other, question="Question à un autre")
    document(demand, "plan-secret.pdf")
    message(demand, Audience.APPLICANT, "Message à la mairie")
    message(demand, Audience.INTERNAL, "Note interne")
    message(demand, Audience.PARTNER, "Pour un autre", other)
    message(demand, Audience.PARTNER, "Pour le CAUE", caue)
    html = page(partner, f"/demandes/{demand.pk}/")
    for said in ("Un préau pour l'école", "Le mur tient-il ?", "Pour le CAUE", "Bourrou",
                 "CA Le Grand Périgueux", "réponse attendue avant le"):  # fmt: skip
        assert said in html
    for secret in (*SECRETS, "Refus de la banque", "Note d'agent", "plan-secret.pdf",
                   "Message à la mairie", "Note interne", "Pour un autre",
                   "Question à un autre", "Autre organisme sollicité"):  # fmt: skip
        assert secret not in html


def test_documents_are_shown_to_a_body_only_when_shared(
    partner: Client, caue: Organisation
) -> None:
    demand = make_request(State.QUALIFIED)
    document(demand, "plan-partage.pdf")
    asked_of(demand, caue, with_documents=True)
    assert "plan-partage.pdf" in page(partner, f"/demandes/{demand.pk}/")


def test_what_a_body_joins_is_read_by_the_desk_only(partner: Client, caue: Organisation) -> None:
    demand = make_request(State.QUALIFIED)
    asked_of(demand, caue)
    html = page(partner, f"/demandes/{demand.pk}/")
    assert 'name="audience" value="partner"' in html
    assert f'name="partner" value="{caue.pk}"' in html


def test_the_page_costs_few_queries(
    partner: Client, caue: Organisation, django_assert_max_num_queries: Any
) -> None:
    demand = make_request(State.ACCOMPANIED, lead=caue)
    asked_of(demand, caue, ConsultationKind.OPINION)
    with django_assert_max_num_queries(15):
        page(partner, f"/demandes/{demand.pk}/")


def test_the_lead_reads_how_to_reach_the_mairie_and_may_finish(
    partner: Client, caue: Organisation
) -> None:
    demand = make_request(State.ACCOMPANIED, lead=caue, tried="Refus de la banque", **CONTACT)
    message(demand, Audience.APPLICANT, "Message à la mairie")
    message(demand, Audience.INTERNAL, "Note interne")
    html = page(partner, f"/demandes/{demand.pk}/")
    for said in (*SECRETS, "Refus de la banque", "Message à la mairie",
                 f"/demandes/{demand.pk}/agir/close/"):  # fmt: skip
        assert said in html
    assert "Note interne" not in html


def test_a_designated_lead_answers_on_the_page(partner: Client, caue: Organisation) -> None:
    demand = make_request(State.LOCAL, lead=caue)
    question = demand.consultations.get()
    html = page(partner, f"/demandes/{demand.pk}/")
    assert f"/demandes/{demand.pk}/sollicitations/{question.pk}/" in html
    assert all(f'value="{choice}"' in html for choice in ("accepter", "date", "decliner"))


# -- Who only reads


@pytest.fixture
def elu(client: Client) -> Client:
    client.force_login(make_user(Role.OBSERVER))
    return client


def test_an_elu_reads_without_names_and_remarks(elu: Client) -> None:
    demand = make_request(State.ACCOMPANIED, need="Un préau", tried="Refus de la banque", **CONTACT)
    document(demand, "plan-secret.pdf")
    message(demand, Audience.APPLICANT, "Message à la mairie")
    message(demand, Audience.REMARK, "Remarque d'un autre")
    html = page(elu, f"/demandes/{demand.pk}/")
    for said in ("Un préau", "Accompagnement en cours", "Agence technique départementale",
                 "Remarque à l'attention du guichet"):  # fmt: skip
        assert said in html
    for secret in (*SECRETS, "Dominique Petit", "05 53 00 00 02", "Refus de la banque",
                   "plan-secret.pdf", "Message à la mairie", "Remarque d'un autre",
                   "d-answer"):  # fmt: skip
        assert secret not in html


def test_an_elu_has_the_list_of_the_territory(elu: Client) -> None:
    make_request(need="Un préau")
    lot = DeskFactory(territory="dep:46")
    make_request(commune=GRAND_FIGEAC, desk=lot, need="Un autre département")
    html = page(elu, "/sollicitations/")
    assert "Demandes de votre territoire" in html
    assert "Un préau" in html
    assert "Un autre département" not in html


def test_a_neighbour_is_informed_only(client: Client) -> None:
    aveyron = DeskFactory(territory="dep:12")
    lot = DeskFactory(territory="dep:46")
    demand = make_request(
        commune=GRAND_FIGEAC, desk=lot, need="Une navette",
        parties=[(aveyron.organisation, Capacity.INFORMED)], **CONTACT,
    )  # fmt: skip
    client.force_login(make_user(Role.AGENT, aveyron.organisation))
    html = page(client, f"/demandes/{demand.pk}/")
    assert "vous n'avez pas d'avis à rendre" in html
    assert "Une navette" in html
    assert not any(secret in html for secret in SECRETS)
    assert "Une navette" in page(client, "/sollicitations/")
    other = make_request(commune=PERIGUEUX)
    page(client, f"/demandes/{other.pk}/", 404)


def test_a_get_writes_nothing(partner: Client, caue: Organisation) -> None:
    demand = make_request(State.LOCAL, lead=caue, seen_at=None)
    before = Request.objects.filter(pk=demand.pk).values().get()
    question = demand.consultations.get()
    for address in ("/sollicitations/", f"/demandes/{demand.pk}/",
                    f"/demandes/{demand.pk}/sollicitations/{question.pk}/"):  # fmt: skip
        assert partner.get(address).status_code == 200
    assert Request.objects.filter(pk=demand.pk).values().get() == before
    assert Consultation.objects.filter(pk=question.pk, state=ConsultationState.WAITING).exists()
