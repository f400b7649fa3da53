"""The mairie's pages: its list, the five steps, the one next thing to do, what it does not see."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import make_aware, now

from maillage.accounts.enums import Role
from maillage.desk import history, perms
from maillage.desk.enums import Audience, Capacity, Hand, State, Verb
from maillage.desk.models import JournalEntry, Message, Request
from maillage.desk.nextsteps import NextStep, has_news, is_unopened, next_step, telephone
from maillage.desk.perms import Standing
from maillage.desk.views.applicant import steps_of

from .factories import (
    PERIGUEUX,
    DeskFactory,
    build_request,
    give_mandate,
    make_provider,
    make_request,
    make_town,
    make_user,
)

TODAY = date(2026, 11, 21)


# -- The one next thing to do (nothing is read from the database)


def demand(state: str, **said: Any) -> Request:
    request = build_request(
        state, "24061", DeskFactory(), applicant=make_town(),
        lead=make_provider("CAUE de la Dordogne"),
        filed_at=make_aware(datetime(2026, 11, 10, 9)), due_on=date(2026, 11, 27),
        **{"branch": "", **said},
    ).request  # fmt: skip
    request.number = "24-2026-00012"
    return request


def step(request: Request, today: date = TODAY, **who: bool) -> NextStep:
    return next_step(request, Standing(user=None, request=request, **who), today)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "sentence", "label"),
    [
        (State.DRAFT, "pas encore partie", "Reprendre ma demande"),
        (State.RECEIVED, "Rien à faire : le guichet vous répond avant le 27 novembre 2026.", ""),
        (State.INFORMATION_WANTED, "attend une précision", "Répondre à la question"),
        (State.QUALIFIED, "cherche qui peut vous suivre", ""),
        (State.LOCAL, "CAUE de la Dordogne confirme avant le 27 novembre 2026", ""),
        (State.NATIONAL, "délégué territorial", ""),
        (State.COMMITTEE, "comité de l'ANCT se prononce avant le 27 novembre 2026", ""),
        (State.ACCEPTED, "convention d'appui", ""),
        (State.REFUSED, "près de chez vous", ""),
        (State.CONVENTION, "qui vous accompagne", ""),
        (State.ACCOMPANIED, "vous accompagne", "Écrire à mon interlocuteur"),
        (State.EXISTING_CIRCUIT, "suivie par CAUE de la Dordogne", ""),
        (State.CLOSED, "rouvrez", "Rouvrir ma demande"),
        (State.WITHDRAWN, "retiré", "Rouvrir ma demande"),
        (State.REORIENTED, "Adressez-vous à : Le Département", "Rouvrir ma demande"),
    ],
)
def test_what_the_mairie_may_do_next(state: str, sentence: str, label: str) -> None:
    found = step(demand(state), applicant=True)
    assert sentence in found.sentence
    assert found.label == label
    assert bool(found.address) == bool(label)


@pytest.mark.django_db
def test_news_come_first_but_not_before_a_question() -> None:
    later = make_aware(datetime(2026, 11, 18, 9))
    news = step(demand(State.QUALIFIED, news_at=later), applicant=True)
    assert news.label == "Lire les nouvelles"
    asked = step(demand(State.INFORMATION_WANTED, news_at=later), applicant=True)
    assert asked.label == "Répondre à la question"


@pytest.mark.django_db
def test_a_late_answer_gives_the_telephone_of_the_desk() -> None:
    late = step(demand(State.RECEIVED), date(2026, 12, 1), applicant=True)
    assert late.address == "tel:0553000000"
    assert "elle tarde" in late.sentence
    assert telephone("+33 5 53.00 00 00") == "tel:+33553000000"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "who", "label"),
    [
        (State.LOCAL, {"lead": True}, "Répondre"),
        (State.ACCOMPANIED, {"lead": True}, "Terminer l'accompagnement"),
        (State.EXISTING_CIRCUIT, {"lead": True}, "Terminer l'accompagnement"),
        (State.CLOSED, {"lead": True}, ""),
        (State.QUALIFIED, {"asked": True}, "Lire et répondre"),
        (State.QUALIFIED, {"informed": True}, ""),
        (State.QUALIFIED, {"observer": True}, ""),
    ],
)
def test_what_the_others_may_do_next(state: str, who: dict[str, bool], label: str) -> None:
    assert step(demand(state), **who).label == label


@pytest.mark.django_db
def test_news_and_what_is_unopened() -> None:
    filed = make_aware(datetime(2026, 11, 10, 9))
    fresh = demand(State.RECEIVED, seen_at=None, news_at=filed)
    assert (has_news(fresh), is_unopened(fresh)) == (False, True)
    told = demand(State.QUALIFIED, seen_at=filed, news_at=filed + timedelta(days=1))
    assert (has_news(told), is_unopened(told)) == (True, True)
    assert not is_unopened(demand(State.QUALIFIED, seen_at=filed, news_at=filed))


# -- The five steps


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "states"),
    [
        (State.RECEIVED, ["en cours", "à venir", "à venir", "à venir", "à venir"]),
        (State.COMMITTEE, ["fait", "fait", "en cours", "à venir", "à venir"]),
        (State.EXISTING_CIRCUIT, ["fait", "sans objet", "sans objet", "en cours", "à venir"]),
        (State.CLOSED, ["fait", "fait", "fait", "fait", "fait"]),
        (State.WITHDRAWN, ["fait", "sans objet", "sans objet", "sans objet", "fait"]),
    ],
)
def test_the_steps_say_what_really_happened(state: str, states: list[str]) -> None:
    request = make_request(state)
    steps = steps_of(request, request.journal.all())
    assert [one.state for one in steps] == states
    assert sum(one.current for one in steps) == 1
    if state == State.WITHDRAWN:
        assert steps[-1].label == "Retirée"


# -- The journal in words

_OTHER_WORDS = (
    "ask", "ask_cancelled", "help_accepted", "help_declined", "date_proposed", "opinion_given",
    "examine", "assign", "group", "ungroup", "confirm_author", "document_added",
    "document_removed", "committee_decision", "task_added", "task_done", "task_undone",
)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("word", [*Verb.values, *_OTHER_WORDS])
def test_every_word_of_the_journal_has_its_sentences(word: str) -> None:
    request = make_request()
    entry = JournalEntry(request=request, verb=word, data={}, reason="")
    for who in (Standing(None, request, applicant=True), Standing(None, request, agent=True)):
        said = history.sentence(entry, who)
        assert said.endswith(".")
        assert "{" not in said
        assert said != "Le guichet a fait avancer la demande."


@pytest.mark.django_db
def test_the_mairie_does_not_read_what_the_desk_and_a_body_say_to_each_other() -> None:
    request = make_request()
    entry = JournalEntry(
        request=request, verb=Verb.DECLINE_LEAD, reason="Trop petit pour nous",
        data={"organisation_name": "CAUE"},
    )  # fmt: skip
    mairie = Standing(None, request, applicant=True)
    agent = Standing(None, request, agent=True)
    assert history.sentence(entry, mairie).startswith("CAUE ne peut pas vous suivre")
    assert history.quote(entry, mairie) == ""
    assert history.quote(entry, Standing(None, request, lead=True)) == ""
    assert history.quote(entry, agent) == "Trop petit pour nous"


# -- The pages


def page(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    text = response.content.decode().replace("&#x27;", "'")
    return text.replace("\u00a0", " ")


@pytest.fixture
def mairie(client: Client, db: None) -> Client:
    client.force_login(make_user(Role.APPLICANT))
    return client


def test_an_empty_list_says_how_to_start(mairie: Client) -> None:
    assert "Vous n'avez pas encore déposé de demande" in page(mairie, "/demandes/")


def test_the_list_shows_ones_own_requests_only(mairie: Client) -> None:
    make_request(need="Réparer le clocher")
    make_request(commune=PERIGUEUX, need="Agrandir le gymnase")
    html = page(mairie, "/demandes/")
    assert "Réparer le clocher" in html
    assert "Agrandir le gymnase" not in html


def test_several_mairies_one_list(db: None, client: Client) -> None:
    user = make_user(Role.APPLICANT)
    give_mandate(user, Role.APPLICANT, make_town(PERIGUEUX))
    client.force_login(user)
    make_request(need="Réparer le clocher")
    make_request(commune=PERIGUEUX, need="Agrandir le gymnase")
    html = page(client, "/demandes/")
    assert "Réparer le clocher" in html
    assert "Agrandir le gymnase" in html
    found = page(client, "/demandes/?q=gymnáse")
    assert "Réparer le clocher" not in found
    assert "Agrandir le gymnase" in found


def test_what_awaits_the_mairie_comes_first_and_drafts_above(mairie: Client) -> None:
    make_request(State.CLOSED, need="Finie")
    make_request(State.INFORMATION_WANTED, need="Question posée")
    make_request(State.RECEIVED, need="Toute neuve")
    make_request(State.DRAFT, need="Brouillon en cours")
    html = page(mairie, "/demandes/")
    order = [html.index(f">{need}") for need in
             ("Brouillon en cours", "Question posée", "Toute neuve", "Finie")]  # fmt: skip
    assert order == sorted(order)
    assert "Finie" not in page(mairie, "/demandes/?montrer=en-cours")
    assert "Toute neuve" not in page(mairie, "/demandes/?montrer=terminees")


@pytest.mark.parametrize("kind", ["csv", "ods", "xlsx"])
def test_the_list_can_be_taken_away(mairie: Client, kind: str) -> None:
    make_request(State.ACCOMPANIED)
    response = mairie.get(f"/demandes/?export={kind}")
    content = b"".join(response) if response.streaming else response.content
    assert response.status_code == 200
    assert content


def test_the_list_costs_few_queries(mairie: Client, django_assert_max_num_queries: Any) -> None:
    for state in (State.RECEIVED, State.LOCAL, State.ACCOMPANIED, State.CLOSED, State.DRAFT):
        make_request(state)
    with django_assert_max_num_queries(12):
        mairie.get("/demandes/")


@pytest.mark.parametrize("state", [s for s in State.values if s != State.DRAFT])
def test_the_page_of_every_state(
    mairie: Client, state: str, django_assert_max_num_queries: Any
) -> None:
    request = make_request(state)
    with django_assert_max_num_queries(15):
        html = page(mairie, f"/demandes/{request.pk}/")
    assert 'aria-current="step"' in html
    assert request.number in html
    assert html.count("d-nextstep__text") == 1
    assert "{#" not in html
    assert JournalEntry.objects.filter(request=request).count() == request.version


def test_what_the_desk_asks_is_at_the_top(mairie: Client) -> None:
    request = make_request(State.INFORMATION_WANTED)
    asked = request.journal.filter(verb=Verb.ASK_INFORMATION)
    asked.update(data={"question": "Le mur est-il à vous ?"})
    html = page(mairie, f"/demandes/{request.pk}/")
    assert html.index("Le mur est-il à vous ?") < html.index("Qui vous suivra")
    assert f'href="/demandes/{request.pk}/agir/give_information/"' in html


def test_the_interlocuteur_is_at_the_top_with_a_telephone(mairie: Client) -> None:
    request = make_request(State.ACCOMPANIED, lead_email="d.petit@exemple.test")
    html = page(mairie, f"/demandes/{request.pk}/")
    assert "Dominique Petit" in html
    assert 'href="tel:0553000002"' in html
    assert "mailto:d.petit@exemple.test" in html
    waiting = make_request(State.QUALIFIED)
    assert "une seule personne" in page(mairie, f"/demandes/{waiting.pk}/")


def test_the_national_branch_and_the_circuit_in_plain_words(mairie: Client) -> None:
    committee = page(mairie, f"/demandes/{make_request(State.COMMITTEE).pk}/")
    assert "Agence nationale de la cohésion des territoires" in committee
    circuit = make_request(State.EXISTING_CIRCUIT, hand=Hand.CIRCUIT)
    html = page(mairie, f"/demandes/{circuit.pk}/")
    assert "suivie par Agence technique départementale" in html


def test_the_mairie_does_not_see_what_is_not_for_it(mairie: Client) -> None:
    agent = make_user()
    request = make_request(State.QUALIFIED, agent_note="Maire difficile à joindre")
    request.prepared = {"branch": "local", "organisation_name": "Organisme secret", "text": "Chut"}
    request.save(update_fields=["prepared"])
    body = make_provider("Partenaire discret")
    for audience, partner in ((Audience.INTERNAL, None), (Audience.PARTNER, body)):
        Message.objects.create(
            request=request, audience=audience, partner=partner, author=agent,
            author_label="Agent", body=f"Secret {audience}",
        )  # fmt: skip
    request.tasks.create(label="Tâche secrète")
    JournalEntry.objects.create(
        request=request, rank=99, verb="examine", from_state=request.state,
        to_state=request.state, by=agent, by_label="Agent", internal=True,
        data={"title": "Offre secrète", "why": "Examen secret"},
    )  # fmt: skip
    html = page(mairie, f"/demandes/{request.pk}/").lower()
    for secret in ("difficile à joindre", "organisme secret", "chut", "secret internal",
                   "secret partner", "tâche secrète", "offre secrète", "examen secret",
                   "partenaire discret"):  # fmt: skip
        assert secret not in html


def test_another_mairie_finds_nothing(mairie: Client) -> None:
    page(mairie, f"/demandes/{make_request(commune=PERIGUEUX).pk}/", 404)


def test_a_get_writes_nothing(mairie: Client) -> None:
    request = make_request(State.ACCOMPANIED, seen_at=None, news_at=now())
    before = Request.objects.filter(pk=request.pk).values().get()
    for address in ("/demandes/", f"/demandes/{request.pk}/", "/demandes/?export=csv"):
        mairie.get(address)
    assert Request.objects.filter(pk=request.pk).values().get() == before


def test_who_is_no_mairie_is_shown_the_way(client: Client, db: None) -> None:
    client.force_login(make_user())
    assert "la file du guichet" in page(client, "/demandes/")
    client.force_login(make_user(Role.PROVIDER))
    assert "ce qui vous est demandé" in page(client, "/demandes/")


def test_the_author_whose_address_is_not_checked_reads_it(client: Client, db: None) -> None:
    author = make_user(None)
    client.force_login(author)
    request = make_request(author=author, address_checked=False, need="Un lavoir")
    request.parties.filter(capacity=Capacity.APPLICANT).delete()
    Request.objects.update(applicant=None)
    assert "Un lavoir" in page(client, "/demandes/")
    assert "Un lavoir" in page(client, f"/demandes/{request.pk}/")


def test_perms_of_the_page_are_those_of_the_thread(mairie: Client) -> None:
    request = make_request()
    who = perms.standing(make_user(Role.APPLICANT), request)
    assert [entry.verb for entry in perms.journal(who)] == [Verb.FILE]
