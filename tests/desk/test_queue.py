"""The queue: piles and their counts, silence, search, filters, who sees what, how many queries."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils.timezone import localdate, now

from maillage.accounts.enums import Role
from maillage.accounts.models import Absence, User
from maillage.desk import queue
from maillage.desk.enums import (
    OPEN_STATES,
    Branch,
    Capacity,
    Channel,
    ConsultationKind,
    Hand,
    State,
)
from maillage.desk.forms.queue import SORTS, QueueFilters
from maillage.desk.models import Consultation, Desk, Request
from tests.desk.conftest import enter, page
from tests.desk.factories import (
    BOURROU,
    FIGEAC,
    GRAND_FIGEAC,
    GRAND_PERIGUEUX,
    PERIGUEUX,
    DeskFactory,
    OrganisationFactory,
    give_mandate,
    make_prefecture,
    make_provider,
    make_request,
    make_user,
)

pytestmark = pytest.mark.django_db
Count = Callable[..., Any]
DAY = timedelta(days=1)
FILED = [state for state in State.values if state != State.DRAFT]


def found(user: User, query: str = "") -> list[str]:
    """Numbers that the queue lists for an address, in order."""
    filters = QueueFilters.read(QueryDict(query))
    rows = queue.rows(filters, queue.ordered(queue.scope_of(user), filters))
    return [row.number for row in rows]


def in_pile(user: User, code: str) -> set[str]:
    return set(found(user, f"file={code}"))


# -- Piles


def test_a_count_announces_its_own_rows_whatever_the_filters(agent: User) -> None:
    for number, state in enumerate(FILED):
        make_request(
            state,
            commune=(BOURROU, PERIGUEUX)[number % 2],
            filed_at=now() - 4 * number * DAY,
            due_on=localdate() + (number - 7) * DAY,
            assigned_to=(agent, None)[number % 2],
        )
    scope = queue.scope_of(agent)
    for query in ("", "commune=24061", "agent=moi", "q=bistrot", "theme=commerce", "q=rien"):
        filters = QueueFilters.read(QueryDict(query))
        held = queue.counts(scope, filters)
        for pile in queue.PILES:
            rows = found(agent, f"{query}&file={pile.code}")
            assert held[pile.code] == len(rows) == len(set(rows)), (query, pile.code)


def test_each_state_is_in_its_piles(agent: User) -> None:
    by_state = {make_request(state).number: state for state in FILED}

    def states(code: str) -> set[str]:
        return {by_state[number] for number in in_pile(agent, code)}

    assert states("en-cours") == OPEN_STATES
    assert states("terminees") == {State.CLOSED, State.WITHDRAWN, State.REORIENTED}
    assert states("toutes") == set(FILED)
    assert states("a-qualifier") == {State.RECEIVED}
    assert states("a-decider") == {
        State.QUALIFIED, State.NATIONAL, State.REFUSED, State.ACCEPTED, State.CONVENTION,
    }  # fmt: skip
    assert states("en-attente") == {State.INFORMATION_WANTED, State.LOCAL, State.COMMITTEE}
    assert states("partenaire") == {State.LOCAL, State.ACCOMPANIED, State.EXISTING_CIRCUIT}


def test_a_body_that_is_asked_is_waited_for_and_an_informed_one_is_not(agent: User) -> None:
    asked, informed = make_request(State.QUALIFIED), make_request(State.QUALIFIED)
    for request, kind in ((asked, ConsultationKind.OPINION), (informed, "information")):
        Consultation.objects.create(request=request, organisation=make_provider(), kind=kind)
    assert in_pile(agent, "en-attente") == in_pile(agent, "partenaire") == {asked.number}


def test_late_is_past_and_open(agent: User) -> None:
    today = localdate()
    late = make_request(due_on=today - DAY)
    make_request(due_on=today)
    make_request(due_on=None)
    make_request(State.CLOSED, due_on=today - DAY)
    assert in_pile(agent, "en-retard") == {late.number}


def test_mine_are_those_of_whom_i_relay_from_relay_to_relay(agent: User) -> None:
    away, further, other = (make_user(name=name) for name in ("Paul", "Anne", "Hugo"))
    for one in (agent, away, further, other):
        make_request(State.QUALIFIED, assigned_to=one)
    make_request(State.CLOSED, assigned_to=agent)
    assert len(in_pile(agent, "les-miennes")) == 1
    today = localdate()
    Absence.objects.create(user=away, relay=agent, starts=today, ends=today)
    Absence.objects.create(user=further, relay=away, starts=today - DAY, ends=today + DAY)
    Absence.objects.create(user=other, relay=agent, starts=today + DAY, ends=today + DAY)
    assert queue.scope_of(agent).relayed == {away.pk, further.pk}
    assert len(in_pile(agent, "les-miennes")) == len(found(agent, "agent=moi")) == 3


def test_relays_in_a_circle_end(agent: User) -> None:
    other, today = make_user(), localdate()
    Absence.objects.create(user=agent, relay=other, starts=today, ends=today)
    Absence.objects.create(user=other, relay=agent, starts=today, ends=today)
    assert queue.relayed_by(agent, today) == {other.pk}


# -- Silence


def moments() -> list[datetime | None]:
    return [None, now() - 40 * DAY, now() - 22 * DAY, now() - 20 * DAY, now() - DAY]


@pytest.mark.parametrize("state", [State.RECEIVED, State.ACCOMPANIED, State.CLOSED,
                                   State.EXISTING_CIRCUIT])  # fmt: skip
def test_silence_is_the_same_in_the_database_and_in_words(agent: User, state: str) -> None:
    for told, seen in product(moments(), moments()):
        for filed in (now() - 60 * DAY, now() - 2 * DAY):
            make_request(state, filed_at=filed, news_at=told, seen_at=seen)
    moment = now()
    said = {r.number for r in Request.objects.select_related("desk") if queue.silence(r, moment)}
    assert in_pile(agent, "silencieuses") == said
    assert bool(said) == (state in (State.RECEIVED, State.ACCOMPANIED))


def test_silence_says_since_when_and_why(agent: User) -> None:
    old, recent = now() - 30 * DAY, now() - 2 * DAY
    quiet = make_request(filed_at=now() - 60 * DAY, news_at=old, seen_at=recent)
    unopened = make_request(filed_at=old, news_at=recent, seen_at=None)
    both = make_request(filed_at=now() - 60 * DAY, news_at=old, seen_at=now() - 50 * DAY)
    moment = now()

    def said(request: Request) -> queue.Silence:
        found_silence = queue.silence(request, moment)
        assert found_silence is not None
        return found_silence

    assert said(quiet).since == localdate(old)
    assert "aucune nouvelle" in said(quiet).reasons[0]
    assert "La mairie n'a jamais ouvert sa demande" in said(unopened).reasons[0]
    assert said(both).since == localdate(now() - 50 * DAY)
    assert len(said(both).reasons) == 2


def test_each_desk_has_its_own_delay(agent: User) -> None:
    request = make_request(filed_at=now() - 10 * DAY)
    assert in_pile(agent, "silencieuses") == set()
    Desk.objects.update(silent_days=7)
    assert in_pile(agent, "silencieuses") == {request.number}


def test_the_silent_pile_gives_a_telephone_and_words(signed_in: Client) -> None:
    make_request(State.LOCAL, filed_at=now() - 40 * DAY)
    text = page(signed_in, "/guichet/?file=silencieuses")
    for said in ("Silencieuse depuis le", 'href="tel:0553000001"', "Camille Martin",
                 "est désigné\u00a0: Agence technique départementale", "Inès Roy"):  # fmt: skip
        assert said in text
    assert "Vous a-t-on appelés" not in page(signed_in, "/guichet/")


# -- Search, filters, order


@pytest.mark.parametrize(
    "text",
    ["PÉRIGUEUX", "perigueux", "œuvre", "oeuvre", "Ecole forestiere", "école", "noemie",
     "Noémie OEUVRARD", "00001", "24-2026-00001", "l’école"],
)  # fmt: skip
def test_search_folds_accents_case_and_ligatures(agent: User, text: str) -> None:
    year = 2026
    wanted = make_request(
        commune=PERIGUEUX, number=f"24-{year}-00001", contact_name="Noémie Œuvrard",
        need="Mettre en œuvre l'École forestière",
    )  # fmt: skip
    make_request(number=f"24-{year}-77777", need="Rouvrir le bistrot", contact_name="Paul")
    assert found(agent, QueryDict(mutable=True).urlencode() + f"q={text}") == [wanted.number]


def test_what_is_searched_follows_what_is_written(agent: User) -> None:
    request = make_request(need="Un pont")
    request.need = "Une forêt"
    request.save(update_fields=["need"])
    assert found(agent, "q=foret") == [request.number]
    assert found(agent, "q=pont") == []


def test_filters(agent: User) -> None:
    colleague = make_user(name="Paul Faure")
    one = make_request(
        State.QUALIFIED, themes=["eau"], phase="travaux", channel=Channel.PHONE,
        assigned_to=colleague, filed_at=now() - 30 * DAY, due_on=date(2026, 12, 3),
    )  # fmt: skip
    other = make_request(State.COMMITTEE, commune="24520", stage="travaux", phase="")
    expected = {
        "etat=qualified": one, "theme=eau": one, "arrivee=phone": one, "echeance=2026-12-03": one,
        f"agent={colleague.pk}": one, "agent=personne": other, "commune=24520": other,
        f"epci={GRAND_PERIGUEUX}": one, "main=committee": other, "branche=national": other,
        f"jusqua={localdate() - DAY}": one, f"depuis={localdate() - DAY}": other,
    }  # fmt: skip
    for query, wanted in expected.items():
        assert found(agent, query) == [wanted.number], query
    assert set(found(agent, "etape=travaux")) == {one.number, other.number}
    assert len(found(agent, "departement=24")) == 2
    assert found(agent, "departement=46") == []


@pytest.mark.parametrize(
    "query",
    ["etat=draft", "etat=%00", "depuis=2026-02-31", "depuis=x", "agent=-1", "agent=²", "theme='",
     "file=%00", "page=9999", "page=x", "tri=folded", "q=%00%25_", "epci=%00",
     f"agent={'9' * 30}", "commune=" + "9" * 200],
)  # fmt: skip
def test_whatever_the_address_the_page_answers(signed_in: Client, query: str) -> None:
    make_request()
    for path in ("/guichet/", "/guichet/carte/", "/guichet/calendrier/"):
        page(signed_in, f"{path}?{query}")


def test_orders(agent: User) -> None:
    today = localdate()
    places = {"24164": "Église-Neuve", "24161": "Échourgnac", "24172": "Les Eyzies"}
    for number, code in enumerate(places):
        make_request(commune=code, due_on=today + (2 - number) * DAY,
                     filed_at=now() - number * DAY)  # fmt: skip
    make_request(commune=BOURROU, due_on=None, filed_at=now() - 9 * DAY)

    def codes(sort: str) -> list[str]:
        filters = QueueFilters.read(QueryDict(f"tri={sort}"))
        return [row.bearer for row in queue.ordered(queue.scope_of(agent), filters)]

    assert codes("echeance")[0] == "24172"
    assert codes("echeance")[-1] == BOURROU
    assert codes("anciennes")[0] == BOURROU == codes("recentes")[-1] == codes("silence")[0]
    # Bourrou, Échourgnac, Église-Neuve, Les Eyzies: « É » comes after « B », not after « Z ».
    assert codes("commune") == [BOURROU, "24161", "24164", "24172"]
    for sort in SORTS:
        assert len(codes(sort)) == 4


# -- The page


def test_a_late_date_is_said_in_words(signed_in: Client) -> None:
    make_request(due_on=localdate() - 3 * DAY)
    text = page(signed_in, "/guichet/")
    assert "En retard de 3\u00a0jours" in text
    assert "Bourrou" in text
    assert "24-" in text


def test_the_page_is_linked_to_its_filters(signed_in: Client) -> None:
    make_request(State.QUALIFIED, themes=["eau"])
    text = page(signed_in, "/guichet/?theme=eau&file=toutes&tri=commune&page=1")
    assert (
        'href="?theme=eau&amp;file=en-retard&amp;tri=commune"'
        in text.replace("file=en-retard&amp;theme=eau", "theme=eau&amp;file=en-retard")
        or "file=en-retard" in text
    )
    assert "/guichet/carte/?theme=eau&amp;file=toutes&amp;tri=commune" in text
    assert "Retirer le filtre" in text
    assert 'aria-sort="ascending"' in text


def test_pages_of_fifty(signed_in: Client) -> None:
    for _ in range(51):
        make_request()
    assert page(signed_in, "/guichet/").count("data-row") == 50
    assert page(signed_in, "/guichet/?page=2").count("data-row") == 1


def test_an_empty_desk_says_how_to_start(signed_in: Client) -> None:
    for path in ("/guichet/", "/guichet/carte/"):
        assert "encore reçu aucune demande" in page(signed_in, path)
    make_request()
    assert "Aucune date n&#x27;est passée" in page(signed_in, "/guichet/?file=en-retard")
    assert "Aucune demande ne correspond" in page(signed_in, "/guichet/?q=introuvable")


@pytest.mark.parametrize(
    "address",
    ["/guichet/?file=toutes", "/guichet/?file=silencieuses", "/guichet/?file=toutes&q=bistrot",
     "/guichet/?file=toutes&theme=commerce&agent=moi&epci=200040392&tri=commune",
     "/guichet/carte/?file=toutes", "/guichet/calendrier/?file=toutes",
     "/guichet/calendrier/?file=toutes&theme=commerce"],
)  # fmt: skip
def test_the_number_of_queries_does_not_grow(
    signed_in: Client, agent: User, django_assert_max_num_queries: Count, address: str
) -> None:
    colleague = make_user()
    Absence.objects.create(user=colleague, relay=agent, starts=localdate(), ends=localdate() + DAY)
    for number, state in enumerate(FILED * 3):
        request = make_request(
            state, filed_at=now() - 2 * number * DAY, commune=(BOURROU, PERIGUEUX)[number % 2],
            assigned_to=(agent, colleague)[number % 2],
            lead=make_provider(f"Organisme {number}"),
        )  # fmt: skip
        Consultation.objects.create(
            request=request, organisation=make_provider(f"Service {number}"), kind="opinion"
        )
    with django_assert_max_num_queries(15):
        page(signed_in, address)


# -- Who sees what


@pytest.mark.parametrize(
    "role", [None, Role.APPLICANT, Role.PROVIDER, Role.COMMITTEE, Role.OBSERVER,
             Role.ADMINISTRATOR]
)  # fmt: skip
def test_the_queue_is_for_desks(client: Client, role: str | None) -> None:
    request = make_request()
    enter(client, make_user(role))
    for path in ("/guichet/", "/guichet/carte/", "/guichet/calendrier/", "/guichet/vues/",
                 "/guichet/?export=csv"):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 403
        text = answer.content.decode()
        assert "mandat" in text
        assert "VARIABLE-INCONNUE" not in text
    answer = client.post("/guichet/affecter/", {"demande": [str(request.pk)], "agent": "personne"})
    assert answer.status_code == 403


def test_one_must_sign_in(client: Client) -> None:
    assert client.get("/guichet/").status_code == 302


def test_a_mandate_that_has_ended_opens_nothing(client: Client) -> None:
    make_request()
    enter(client, make_user(ends=localdate() - DAY))
    assert client.get("/guichet/").status_code == 403


def test_a_neighbour_sees_nothing_a_pilot_sees_all(client: Client) -> None:
    desk = DeskFactory()
    ddt = OrganisationFactory(name="DDT de la Dordogne", kind="state", territory="dep:24")
    desk.pilots.add(ddt)
    request = make_request()
    DeskFactory(territory="dep:46")
    neighbour = make_user(organisation=make_prefecture("dep:46"))
    assert found(neighbour, "file=toutes") == []
    assert found(make_user(organisation=ddt), "file=toutes") == [request.number]
    for role in (Role.DELEGATE, Role.DEPUTY):
        assert found(make_user(role), "file=toutes") == [request.number]


def test_a_draft_is_in_no_queue(agent: User) -> None:
    make_request(State.DRAFT, author=agent)
    assert found(agent, "file=toutes") == []


def test_two_desks_are_told_apart(client: Client, agent: User) -> None:
    lot = DeskFactory(territory="dep:46")
    give_mandate(agent, Role.AGENT, make_prefecture("dep:46"))
    there = make_request(commune=FIGEAC, desk=lot)
    here = make_request()
    assert set(found(agent)) == {there.number, here.number}
    assert found(agent, "departement=46") == [there.number]
    text = page(enter(client, agent), "/guichet/")
    assert 'name="departement"' in text


def test_another_desk_asked_to_inform_does_not_bring_work(agent: User) -> None:
    lot = DeskFactory(territory="dep:46")
    make_request(commune=GRAND_FIGEAC, desk=lot,
                 parties=[(make_prefecture(), Capacity.INFORMED)])  # fmt: skip
    assert found(agent, "file=toutes") == []
    assert Request.objects.visible_to(agent).count() == 1


def test_hand_and_branch_are_shown(signed_in: Client) -> None:
    make_request(State.ACCOMPANIED, branch=Branch.NATIONAL, hand=Hand.LEAD)
    assert "Agence technique départementale" in page(signed_in, "/guichet/")
