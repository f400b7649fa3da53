"""Messages: who may write where, who reads, once only, nothing lost; answers of bodies; what the
mairie has opened.
"""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils.timezone import localdate, now

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.common.transitions import TransitionRefused
from maillage.desk import perms, threads
from maillage.desk.enums import (
    Audience,
    Capacity,
    ConsultationKind,
    ConsultationState,
    State,
)
from maillage.desk.models import Consultation, Message, Request
from maillage.desk.services import consultations, exchanges
from maillage.desk.services.core import Act, AlreadyDone, Incomplete, NotAllowed

from .factories import make_provider, make_request, make_user

pytestmark = pytest.mark.django_db

CAUE = "CAUE de la Dordogne"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ask(demand: Request, kind: str = ConsultationKind.HELP, **said: Any) -> Consultation:
    return consultations.ask(
        request=demand, act=Act(by=make_user()), organisation=make_provider(CAUE), kind=kind,
        question="Pouvez-vous passer voir le bâtiment ?", **said,
    )  # fmt: skip


def posted(user: User, demand: Request, to: str, body: str = "Bonjour", **more: Any) -> Any:
    data = {"vers": to, "body": body, "version": demand.version, "once": uuid4(), **more}
    return signed_in(user).post(f"/demandes/{demand.pk}/messages/", data)


# -- Where one may write


def keys(user: User, demand: Request) -> list[str]:
    return [place.key for place in threads.places(perms.standing(user, demand))]


def test_each_standing_writes_where_it_should() -> None:
    demand = make_request(State.ACCOMPANIED)
    asked = ask(demand)
    elu, neighbour = make_user(Role.OBSERVER), make_provider("Guichet voisin")
    demand.parties.create(organisation=neighbour, capacity=Capacity.INFORMED)
    lead, caue = f"organisme-{demand.lead_id}", f"organisme-{asked.organisation_id}"
    assert keys(make_user(), demand) == ["mairie", lead, caue, "interne", "recu"]
    assert keys(make_user(Role.APPLICANT), demand) == ["mairie"]
    assert keys(make_user(Role.PROVIDER, demand.lead), demand) == ["mairie", lead]
    assert keys(make_user(Role.PROVIDER, asked.organisation), demand) == [caue]
    assert keys(make_user(Role.PROVIDER, neighbour), demand) == ["remarque"]
    assert keys(elu, demand) == ["remarque"]
    assert keys(make_user(Role.ADMINISTRATOR), demand) == []


def test_nobody_writes_on_a_draft() -> None:
    demand = make_request(State.DRAFT)
    mairie = make_user(Role.APPLICANT)
    assert keys(mairie, demand) == []
    with pytest.raises(TransitionRefused):
        exchanges.post_message(
            request=demand, act=Act(by=mairie), audience=Audience.APPLICANT, body="Bonjour"
        )


def test_who_reads_is_said_above_the_button_and_on_it() -> None:
    demand = make_request(State.ACCOMPANIED)
    ask(demand)
    agent = {place.key: place for place in threads.places(perms.standing(make_user(), demand))}
    assert agent["mairie"].button == "Envoyer à la mairie"
    assert agent["mairie"].readers == f"Lu par la mairie, le guichet et {demand.lead}"
    assert agent["interne"].readers == "Interne : la mairie ne le voit pas"
    caue = agent[f"organisme-{make_provider(CAUE).pk}"]
    assert (caue.button, caue.readers) == (f"Envoyer à {CAUE}", f"Lu par {CAUE} et le guichet")


def test_who_reads_what() -> None:
    demand = make_request(State.ACCOMPANIED)
    caue = ask(demand).organisation
    agent = make_user()
    for to in ("mairie", f"organisme-{caue.pk}", "interne"):
        assert posted(agent, demand, to, f"Pour {to}").status_code == 302
    elu = make_user(Role.OBSERVER)
    assert posted(elu, demand, "remarque", "Remarque d'élue").status_code == 302
    readers = {
        make_user(Role.APPLICANT): ["Pour mairie"],
        make_user(Role.PROVIDER, demand.lead): ["Pour mairie"],
        make_user(Role.PROVIDER, caue): [f"Pour organisme-{caue.pk}"],
        elu: ["Remarque d'élue"],
        make_user(Role.OBSERVER): [],
        make_user(Role.ADMINISTRATOR): [],
    }
    for user, read in readers.items():
        found = threads.thread_of(perms.standing(user, demand)).posts
        assert [post.message.body for post in found] == read
    who = perms.standing(agent, demand)
    assert len(threads.thread_of(who).posts) == 4
    internal = threads.thread_of(who, only="interne").posts
    assert [post.message.body for post in internal] == ["Pour interne"]


def test_only_the_last_messages_are_shown_first() -> None:
    demand = make_request()
    agent = make_user()
    Message.objects.bulk_create(
        Message(request=demand, audience=Audience.INTERNAL, author=agent, author_label="Moi",
                body=f"Note {n}") for n in range(threads.SHOWN + 5)
    )  # fmt: skip
    who = perms.standing(agent, demand)
    thread = threads.thread_of(who)
    assert (thread.earlier, thread.posts[-1].message.body) == (5, f"Note {threads.SHOWN + 4}")
    assert threads.thread_of(who, whole=True).earlier == 0


# -- Sending


def test_the_same_form_sent_twice_posts_once() -> None:
    demand, mairie, once = make_request(), make_user(Role.APPLICANT), uuid4()
    for _ in range(2):
        assert posted(mairie, demand, "mairie", once=once).status_code == 302
    message = Message.objects.get()
    assert message.from_applicant
    with pytest.raises(AlreadyDone):
        exchanges.post_message(
            request=demand, act=Act(by=mairie, once=once), audience=Audience.APPLICANT, body="x"
        )


def test_what_was_typed_survives_a_refusal() -> None:
    demand, mairie = make_request(), make_user(Role.APPLICANT)
    empty = posted(mairie, demand, "mairie", "  ")
    assert empty.status_code == 422
    assert "Écrivez votre message" in empty.content.decode()
    closed = posted(mairie, demand, "interne", "Un long texte")
    assert closed.status_code == 403
    assert "Un long texte" in closed.content.decode()
    agent = make_user()
    half = posted(agent, demand, "recu", "Elle rappelle lundi")
    assert half.status_code == 422
    assert "Elle rappelle lundi" in half.content.decode()
    assert "Dites comment" in half.content.decode()
    assert not Message.objects.exists()


def test_an_agent_notes_what_the_mairie_said_by_telephone() -> None:
    demand = make_request()
    said = {"channel": "phone", "on_behalf_of": "Mme Martin, secrétaire"}
    assert posted(make_user(), demand, "recu", "Le toit est fait", **said).status_code == 302
    message = Message.objects.get()
    assert (message.from_applicant, message.channel) == (True, "phone")
    page = signed_in(make_user(Role.APPLICANT)).get(f"/demandes/{demand.pk}/").content.decode()
    assert "<strong>Mme Martin, secrétaire</strong>, noté par" in page


def test_nobody_else_speaks_in_the_name_of_another() -> None:
    demand = make_request(State.ACCOMPANIED)
    lead = make_user(Role.PROVIDER, demand.lead)
    refused = posted(lead, demand, "mairie", "Je renonce", on_behalf_of="Le maire")
    assert refused.status_code == 403
    assert "Je renonce" in refused.content.decode()
    assert not Message.objects.exists()
    asked = ask(demand)
    with pytest.raises(NotAllowed):
        consultations.answer_help(
            consultation=asked, accept=True,
            act=Act(by=make_user(Role.PROVIDER, asked.organisation), on_behalf_of="Le maire"),
        )  # fmt: skip


def test_a_message_is_news_for_the_mairie_only_when_it_comes_to_it() -> None:
    demand = make_request(news_at=now() - timedelta(days=3))
    before = Request.objects.get(pk=demand.pk).news_at
    posted(make_user(Role.APPLICANT), demand, "mairie")
    posted(make_user(), demand, "interne")
    assert Request.objects.get(pk=demand.pk).news_at == before
    posted(make_user(), demand, "mairie")
    assert Request.objects.get(pk=demand.pk).news_at > before


def test_strangers_find_nothing_and_a_get_sends_nothing() -> None:
    demand = make_request()
    assert posted(make_user(Role.PROVIDER), demand, "mairie").status_code == 404
    client = signed_in(make_user(Role.APPLICANT))
    assert client.get(f"/demandes/{demand.pk}/messages/").status_code == 405
    assert client.get(f"/demandes/{demand.pk}/vu/").status_code == 405
    assert not Message.objects.exists()


# -- What the mairie has opened


def test_the_page_says_that_it_was_opened_and_a_get_does_not() -> None:
    demand = make_request(seen_at=None)
    mairie = signed_in(make_user(Role.APPLICANT))
    address = f"/demandes/{demand.pk}/"
    assert "J'ai lu" in mairie.get(address).content.decode().replace("&#x27;", "'")
    assert Request.objects.get(pk=demand.pk).seen_at is None
    assert mairie.post(f"{address}vu/").status_code == 302
    assert Request.objects.get(pk=demand.pk).seen_at is not None
    assert "J'ai lu" not in mairie.get(address).content.decode().replace("&#x27;", "'")
    assert mairie.post(f"{address}vu/", headers={"HX-Request": "true"}).status_code == 200
    assert signed_in(make_user()).post(f"{address}vu/").status_code == 403


# -- Answers of bodies


def answered(user: User, asked: Consultation, **data: Any) -> Any:
    version = Request.objects.get(pk=asked.request_id).version
    form = {"version": version, "once": uuid4(), **data}
    address = f"/demandes/{asked.request_id}/sollicitations/{asked.pk}/"
    return signed_in(user).post(address, form)


def test_a_body_accepts_once() -> None:
    demand = make_request(State.QUALIFIED)
    asked = ask(demand)
    user, once = make_user(Role.PROVIDER, asked.organisation), uuid4()
    for _ in range(2):
        response = answered(user, asked, choice="accepter", text="Avec plaisir", once=once)
        assert response.status_code == 302
    asked.refresh_from_db()
    assert (asked.state, asked.answer) == (ConsultationState.ACCEPTED, "Avec plaisir")
    assert demand.journal.filter(verb="help_accepted").count() == 1


def test_declining_needs_a_reason_and_keeps_what_was_chosen() -> None:
    asked = ask(make_request(State.QUALIFIED))
    user = make_user(Role.PROVIDER, asked.organisation)
    refused = answered(user, asked, choice="decliner")
    assert refused.status_code == 422
    assert 'value="decliner"' in refused.content.decode()
    assert "Dites pourquoi vous déclinez" in refused.content.decode()
    assert answered(user, asked, choice="decliner", text="Hors de notre sujet").status_code == 302
    asked.refresh_from_db()
    assert asked.state == ConsultationState.DECLINED


def test_the_date_of_a_designated_lead_is_told_to_the_mairie() -> None:
    demand = make_request(State.LOCAL)
    asked = demand.consultations.get()
    user = make_user(Role.PROVIDER, demand.lead)
    day = localdate() + timedelta(days=30)
    assert answered(user, asked, choice="date").status_code == 422
    late = localdate() - timedelta(days=1)
    assert answered(user, asked, choice="date", day=late.isoformat()).status_code == 422
    assert answered(user, asked, choice="date", day=day.isoformat()).status_code == 302
    demand.refresh_from_db()
    asked.refresh_from_db()
    assert (asked.state, demand.due_on) == (ConsultationState.DATE_PROPOSED, day)
    mairie = make_user(Role.APPLICANT)
    told = perms.journal(perms.standing(mairie, demand)).filter(verb="date_proposed")
    assert told.count() == 1
    assert answered(user, asked, choice="accepter").status_code == 302
    demand.refresh_from_db()
    assert demand.state == State.ACCOMPANIED


def test_an_opinion_is_given_as_an_opinion() -> None:
    asked = ask(make_request(State.QUALIFIED), ConsultationKind.OPINION)
    user = make_user(Role.PROVIDER, asked.organisation)
    with pytest.raises(TransitionRefused):
        consultations.answer_help(consultation=asked, act=Act(by=user), accept=True)
    assert answered(user, asked, text="").status_code == 422
    assert answered(user, asked, text="Avis favorable").status_code == 302
    asked.refresh_from_db()
    assert asked.state == ConsultationState.GIVEN


def test_an_agent_answers_for_a_body_and_says_from_whom() -> None:
    asked = ask(make_request(State.QUALIFIED))
    agent = make_user()
    lacking = answered(agent, asked, choice="accepter")
    assert lacking.status_code == 422
    assert "Dites qui vous a donné cette réponse" in lacking.content.decode()
    said = {"choice": "accepter", "channel": "phone", "on_behalf_of": "M. Roux, directeur"}
    assert answered(agent, asked, **said).status_code == 302
    asked.refresh_from_db()
    assert (asked.answered_by, asked.channel) == ("M. Roux, directeur", "phone")


def test_an_answer_that_comes_too_late_is_shown_again() -> None:
    asked = ask(make_request(State.QUALIFIED))
    user = make_user(Role.PROVIDER, asked.organisation)
    consultations.cancel(consultation=asked, act=Act(by=make_user()))
    # The body has no part in the request any more: it does not see it at all.
    assert answered(user, asked, choice="accepter").status_code == 404
    other = ask(make_request(State.QUALIFIED))
    consultations.answer_help(consultation=other, act=Act(by=make_user()), accept=True)
    late = answered(user, other, choice="decliner", text="Plus de place cette année")
    assert late.status_code == 409
    assert "Plus de place cette année" in late.content.decode()


def test_who_is_not_asked_finds_no_question() -> None:
    demand = make_request(State.ACCOMPANIED)
    asked = ask(demand)
    address = f"/demandes/{demand.pk}/sollicitations/{asked.pk}/"
    for user in (make_user(Role.APPLICANT), make_user(Role.PROVIDER, demand.lead)):
        assert signed_in(user).get(address).status_code == 404
    assert signed_in(make_user(Role.PROVIDER, asked.organisation)).get(address).status_code == 200
    assert signed_in(make_user()).get(address).status_code == 200


def test_who_is_informed_is_told_once() -> None:
    demand = make_request()
    ask(demand, ConsultationKind.INFORMATION)
    with pytest.raises(Incomplete):
        ask(demand, ConsultationKind.INFORMATION)
