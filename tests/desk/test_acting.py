"""Every act by its page: who may, who may not, what is typed, twice, at once, too late."""

import html
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from maillage.accounts.models import Organisation
from maillage.desk.enums import (
    ConsultationKind,
    DeskMode,
    LeadKind,
    NeedLevel,
    Outcome,
    State,
    Verb,
)
from maillage.desk.models import Consultation, Desk, Request, Task

from .acts import World, do, examine_all, make_world
from .files import pdf
from .pages import act_on, do_by_page, enter, hidden, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def body(organisation: Organisation) -> str:
    return f"o:{organisation.pk}"


def typed_for(world: World, verb: str) -> dict[str, Any]:
    """What a person types on the page of each verb, at least."""
    why = {"reason": "Parce que c'est mieux ainsi."}
    received = {"channel": "phone", "on_behalf_of": "Mme Martin, secrétaire"}
    return {
        Verb.QUALIFY: {
            "themes": ["commerce"], "phase": "faisabilite", "level": NeedLevel.METHOD,
            "staff": "Une secrétaire à mi-temps",
        },
        Verb.ASK_INFORMATION: {"question": "Le bâtiment est-il à la commune ?"},
        Verb.GIVE_INFORMATION: {"text": "Oui, depuis 1987.", **received},
        Verb.PREPARE: {"branch": "local", "organisation": body(world.agency)},
        Verb.DESIGNATE: {"organisation": body(world.agency), "person": "Dominique Petit"},
        Verb.REPLACE_LEAD: {"organisation": body(world.caue), **why},
        Verb.ACCEPT_LEAD: received,
        Verb.DECLINE_LEAD: {**why, **received},
        Verb.OPEN_NATIONAL: {
            "grounds": ["innovative"], "explanation": "Personne ne l'a jamais fait.",
            "none_found": "on",
        },
        Verb.SUBMIT: {},
        Verb.ACCEPT_NATIONAL: {},
        Verb.REFUSE_NATIONAL: why,
        Verb.RETURN_TO_LOCAL: {},
        Verb.SIGN_CONVENTION: {"signed_on": "2026-01-15"},
        Verb.START_SUPPORT: {"organisation": body(world.ddt), "lead_kind": LeadKind.DDT},
        Verb.ENTRUST: {"organisation": body(world.agency)},
        Verb.CLOSE: {"outcome": Outcome.SUPPORTED, "text": "Le bistrot a rouvert."},
        Verb.WITHDRAW: received,
        Verb.REORIENT: {"to": "Le Département", **why},
        Verb.REOPEN: why,
    }[Verb(verb)]  # fmt: skip


#: Verb → (state it is tried from, who may, who sees the request but may not, state it leads to).
BY_PAGE = {
    Verb.QUALIFY: (State.RECEIVED, "agent", "mairie", State.QUALIFIED),
    Verb.ASK_INFORMATION: (State.RECEIVED, "pilot", "asked", State.INFORMATION_WANTED),
    Verb.GIVE_INFORMATION: (State.INFORMATION_WANTED, "agent", "informed", State.RECEIVED),
    Verb.PREPARE: (State.QUALIFIED, "agent", "mairie", State.QUALIFIED),
    Verb.DESIGNATE: (State.QUALIFIED, "deputy", "assistant", State.LOCAL),
    Verb.REPLACE_LEAD: (State.ACCOMPANIED, "delegate", "agent", State.ACCOMPANIED),
    Verb.ACCEPT_LEAD: (State.LOCAL, "agent", "mairie", State.ACCOMPANIED),
    Verb.DECLINE_LEAD: (State.LOCAL, "agent", "asked", State.QUALIFIED),
    Verb.OPEN_NATIONAL: (State.QUALIFIED, "delegate", "agent", State.NATIONAL),
    Verb.SUBMIT: (State.NATIONAL, "delegate", "agent", State.COMMITTEE),
    Verb.ACCEPT_NATIONAL: (State.COMMITTEE, "committee", "delegate", State.ACCEPTED),
    Verb.REFUSE_NATIONAL: (State.COMMITTEE, "committee", "agent", State.REFUSED),
    Verb.RETURN_TO_LOCAL: (State.REFUSED, "delegate", "committee", State.QUALIFIED),
    Verb.SIGN_CONVENTION: (State.ACCEPTED, "agent", "committee", State.CONVENTION),
    Verb.START_SUPPORT: (State.CONVENTION, "delegate", "agent", State.ACCOMPANIED),
    Verb.ENTRUST: (State.RECEIVED, "agent", "mairie", State.EXISTING_CIRCUIT),
    Verb.CLOSE: (State.ACCOMPANIED, "agent", "mairie", State.CLOSED),
    Verb.WITHDRAW: (State.RECEIVED, "agent", "asked", State.WITHDRAWN),
    Verb.REORIENT: (State.RECEIVED, "agent", "observer", State.REORIENTED),
    Verb.REOPEN: (State.CLOSED, "agent", "lead", State.RECEIVED),
}


def send(client: Client, world: World, demand: Request, verb: str, by: str, **more: Any) -> Any:
    typed = {**typed_for(world, verb), **more}
    if verb == Verb.SIGN_CONVENTION:
        typed["file"] = SimpleUploadedFile("convention.pdf", pdf())
    return do_by_page(client, world[by], demand, verb, **typed)


def test_every_verb_of_the_life_cycle_has_its_page() -> None:
    assert {*BY_PAGE, Verb.FILE} == set(Verb)


@pytest.mark.parametrize("verb", BY_PAGE)
def test_a_verb_by_its_page(client: Client, world: World, verb: str) -> None:
    start, allowed, _, end = BY_PAGE[verb]
    demand = world.request(start)
    if verb == Verb.OPEN_NATIONAL:
        examine_all(demand, world["agent"])
    if verb == Verb.ENTRUST:
        Desk.objects.update(mode=DeskMode.EXISTING_CIRCUIT, circuit=world.agency)
    answer = send(client, world, demand, verb, allowed)
    assert answer.status_code == 302, text_of(answer)
    demand.refresh_from_db()
    assert demand.state == end
    entry = demand.journal.last()
    assert (entry.verb, entry.by) == (verb, world[allowed])


@pytest.mark.parametrize("verb", BY_PAGE)
def test_a_verb_is_refused_by_its_page_with_the_reason(
    client: Client, world: World, verb: str
) -> None:
    start, _, refused, _ = BY_PAGE[verb]
    demand = world.request(start)
    before = demand.version
    enter(client, world[refused])
    for answer in (
        client.get(act_on(demand, verb)),
        client.post(act_on(demand, verb), {"version": before, **typed_for(world, verb)}),
    ):
        assert answer.status_code == 403
        assert re.search(r"C'est |Cette décision|La décision", text_of(answer))
    demand.refresh_from_db()
    assert demand.version == before


@pytest.mark.parametrize("verb", BY_PAGE)
def test_the_page_of_a_verb_that_comes_too_late_says_so(
    client: Client, world: World, verb: str
) -> None:
    allowed = BY_PAGE[verb][1]
    late = State.ACCEPTED if verb == Verb.REOPEN else State.WITHDRAWN
    demand = world.request(late, parties=[(world.anct, "committee")])
    answer = enter(client, world[allowed]).get(act_on(demand, verb))
    assert answer.status_code == 409
    assert "Ce n'est pas possible maintenant" in text_of(answer)


def test_who_may_not_read_the_request_finds_nothing(client: Client, world: World) -> None:
    demand = world.request()
    assert enter(client, world["stranger"]).get(act_on(demand, "qualify")).status_code == 404
    assert enter(client, world["agent"]).get(act_on(demand, "rien")).status_code == 404
    assert client.get(act_on(demand, Verb.FILE)).status_code == 404


def test_missing_fields_are_told_and_what_is_typed_is_kept(client: Client, world: World) -> None:
    demand = world.request()
    answer = do_by_page(
        client, world["agent"], demand, Verb.QUALIFY, phase="travaux", note="Voir le maire d'abord."
    )
    text = text_of(answer)
    assert answer.status_code == 422
    assert "Choisissez de un à quatre thèmes." in text
    assert "Choisissez le niveau du besoin." in text
    assert "Voir le maire d'abord." in text
    assert re.search(r'value="travaux"[^>]*checked', text)
    demand.refresh_from_db()
    assert demand.state == State.RECEIVED


def test_two_agents_at_once_the_second_is_told_and_loses_nothing(
    client: Client, world: World
) -> None:
    demand = world.request()
    page = enter(client, world["agent"]).get(act_on(demand, Verb.REORIENT))
    do(world, Verb.QUALIFY, demand, "pilot")
    typed = {"to": "Le Département", "reason": "C'est sa compétence."}
    answer = client.post(act_on(demand, Verb.REORIENT), {**hidden(page), **typed})
    text = text_of(answer)
    assert answer.status_code == 409
    assert "Pilot" in text
    assert "pendant que vous écriviez" in text
    assert "Le Département" in text
    assert "C'est sa compétence." in text
    # Read again, sent again: it is done.
    again = client.post(act_on(demand, Verb.REORIENT), {**hidden(answer), **typed})
    assert again.status_code == 302
    demand.refresh_from_db()
    assert demand.state == State.REORIENTED


def test_a_mistake_does_not_hide_that_someone_acted(client: Client, world: World) -> None:
    demand = world.request()
    page = enter(client, world["agent"]).get(act_on(demand, Verb.REORIENT))
    do(world, Verb.QUALIFY, demand, "pilot")
    lacking = client.post(act_on(demand, Verb.REORIENT), {**hidden(page), "to": "Le Département"})
    assert lacking.status_code == 422
    typed = {"to": "Le Département", "reason": "C'est sa compétence."}
    answer = client.post(act_on(demand, Verb.REORIENT), {**hidden(lacking), **typed})
    assert answer.status_code == 409


def test_the_same_form_twice_is_done_once(client: Client, world: World) -> None:
    demand = world.request(State.QUALIFIED)
    page = enter(client, world["delegate"]).get(act_on(demand, Verb.DESIGNATE))
    typed = {**hidden(page), **typed_for(world, Verb.DESIGNATE)}
    first = client.post(act_on(demand, Verb.DESIGNATE), typed)
    second = client.post(act_on(demand, Verb.DESIGNATE), typed, follow=True)
    assert (first.status_code, second.status_code) == (302, 200)
    assert "déjà fait" in text_of(second)
    assert demand.journal.filter(verb=Verb.DESIGNATE).count() == 1
    assert demand.consultations.count() == 1


def test_what_an_agent_types_for_another_says_of_whom_and_how(client: Client, world: World) -> None:
    demand = world.request(State.INFORMATION_WANTED)
    lacking = do_by_page(
        client, world["agent"], demand, Verb.GIVE_INFORMATION, text="Oui, depuis 1987."
    )
    assert lacking.status_code == 422
    assert "Dites qui vous a donné cette réponse." in text_of(lacking)
    send(client, world, demand, Verb.GIVE_INFORMATION, "agent")
    entry = demand.journal.last()
    assert (entry.channel, entry.on_behalf_of) == ("phone", "Mme Martin, secrétaire")
    mairie = world.request(State.INFORMATION_WANTED)
    page = enter(client, world["mairie"]).get(act_on(mairie, Verb.GIVE_INFORMATION))
    assert "De qui ?" not in text_of(page)


def test_the_proposals_on_screen_are_kept(client: Client, world: World) -> None:
    demand = world.request()
    send(client, world, demand, Verb.QUALIFY, "agent")
    shown = demand.journal.last().shown
    assert shown["help"]
    assert shown["sentence"]
    assert "changed" not in shown
    assert [line["rank"] for line in shown["help"]] == [*range(1, len(shown["help"]) + 1)]


def test_a_list_that_changed_since_the_page_is_kept_as_it_is_now(
    client: Client, world: World
) -> None:
    demand = world.request()
    page = enter(client, world["agent"]).get(act_on(demand, Verb.QUALIFY))
    typed = {**hidden(page), **typed_for(world, Verb.QUALIFY), "shown": "0123456789abcdef"}
    client.post(act_on(demand, Verb.QUALIFY), typed)
    assert demand.journal.last().shown["changed"] is True


def test_looking_for_a_body_keeps_what_is_typed_and_does_nothing(
    client: Client, world: World
) -> None:
    demand = world.request(State.QUALIFIED)
    enter(client, world["delegate"])
    page = client.get(act_on(demand, Verb.DESIGNATE))
    answer = client.post(
        act_on(demand, Verb.DESIGNATE),
        {**hidden(page), "look": "1", "search": "caue dordogne", "reason": "Merci d'avance."},
    )
    text = text_of(answer)
    assert answer.status_code == 200
    assert "Merci d'avance." in text
    assert "CAUE de la Dordogne" in text
    assert "Trouvés pour « caue dordogne »" in text
    demand.refresh_from_db()
    assert demand.state == State.QUALIFIED


def test_a_body_of_the_catalogue_is_prefilled_and_designated(client: Client, world: World) -> None:
    demand = world.request(State.QUALIFIED)
    enter(client, world["delegate"])
    page = client.get(f"{act_on(demand, Verb.DESIGNATE)}?organisme=p:ddt-24")
    text = text_of(page)
    assert re.search(r'value="p:ddt-24" selected', text)
    assert re.search(r'value="ddt"[^>]*checked', text)
    client.post(act_on(demand, Verb.DESIGNATE), {**hidden(page), "organisation": "p:ddt-24"})
    demand.refresh_from_db()
    assert demand.lead.provider == "ddt-24"
    assert demand.lead_kind == LeadKind.DDT


def test_a_body_that_does_not_exist_is_refused(client: Client, world: World) -> None:
    demand = world.request(State.QUALIFIED)
    for choice in ("o:999999", "p:rien-du-tout", "o:un", "", "x"):
        answer = do_by_page(client, world["delegate"], demand, Verb.DESIGNATE, organisation=choice)
        assert answer.status_code == 422
    assert demand.journal.filter(verb=Verb.DESIGNATE).count() == 0


def test_the_delegate_finds_the_prepared_decision_filled_in(client: Client, world: World) -> None:
    demand = world.request(State.QUALIFIED)
    send(client, world, demand, Verb.PREPARE, "agent", text="L'agence connaît le village.")
    page = text_of(enter(client, world["delegate"]).get(act_on(demand, Verb.DESIGNATE)))
    assert re.search(rf'value="o:{world.agency.pk}" selected', page)
    assert "L'agence connaît le village." in page


def test_asking_for_help_an_opinion_or_informing(client: Client, world: World) -> None:
    demand = world.request(State.QUALIFIED)
    address = f"/demandes/{demand.pk}/solliciter/"
    enter(client, world["agent"])
    for kind in ConsultationKind.values:
        page = client.get(f"{address}?organisme={body(world.agency)}&quoi={kind}")
        typed = {"kind": kind, "organisation": body(world.agency), "question": "Qu'en dites-vous ?"}
        assert client.post(address, {**hidden(page), **typed}).status_code == 302
    made = Consultation.objects.filter(request=demand, organisation=world.agency)
    assert sorted(made.values_list("kind", flat=True)) == sorted(ConsultationKind.values)
    assert enter(client, world["mairie"]).get(address).status_code == 403


def test_a_question_may_be_taken_back(client: Client, world: World) -> None:
    demand = world.request(State.QUALIFIED)
    asked = Consultation.objects.create(
        request=demand, organisation=world.caue, kind=ConsultationKind.HELP
    )
    address = f"/demandes/{demand.pk}/sollicitations/{asked.pk}/annuler/"
    assert enter(client, world["asked"]).post(address).status_code == 403
    assert enter(client, world["agent"]).get(address).status_code == 405
    assert client.post(address).status_code == 302
    asked.refresh_from_db()
    assert asked.state == "cancelled"


def test_tasks_are_noted_and_done(client: Client, world: World) -> None:
    demand = world.request()
    answer = do_by_page(
        client, world["agent"], demand, "task", label="Appeler le maire",
        to=str(world["pilot"].pk), due_on="2026-12-04",
    )  # fmt: skip
    assert answer.status_code == 302
    task = Task.objects.get()
    assert (task.label, task.assigned_to) == ("Appeler le maire", world["pilot"])
    address = f"/demandes/{demand.pk}/taches/{task.pk}/"
    assert client.post(address, {"done": "1"}).status_code == 302
    task.refresh_from_db()
    assert task.done_at
    assert enter(client, world["mairie"]).post(address, {"done": "0"}).status_code == 404


def test_a_request_is_given_to_a_colleague_only(client: Client, world: World) -> None:
    demand = world.request()
    do_by_page(client, world["agent"], demand, "assign", to=str(world["pilot"].pk))
    demand.refresh_from_db()
    assert demand.assigned_to == world["pilot"]
    stranger = str(world["stranger"].pk)
    answer = do_by_page(client, world["agent"], demand, "assign", to=stranger)
    assert answer.status_code == 422


def test_duplicates_are_grouped_and_taken_apart(client: Client, world: World) -> None:
    first, second = world.request(), world.request()
    do_by_page(client, world["agent"], second, "group", number=first.number)
    second.refresh_from_db()
    assert second.duplicate_of == first
    do_by_page(client, world["agent"], second, "ungroup")
    second.refresh_from_db()
    assert second.duplicate_of is None
    lacking = do_by_page(client, world["agent"], second, "group", number="24-1999-00001")
    assert lacking.status_code == 422
    assert "Aucune demande de vos guichets n'a ce numéro." in text_of(lacking)


def test_the_author_of_a_link_is_confirmed(client: Client, world: World) -> None:
    demand = world.request(address_checked=False, author=world["stranger"])
    page = text_of(enter(client, world["agent"]).get(f"/demandes/{demand.pk}/"))
    assert "Adresse à vérifier" in page
    do_by_page(client, world["agent"], demand, "confirm_author")
    demand.refresh_from_db()
    assert demand.address_checked


def test_a_refusal_of_the_storage_is_told_beside_the_file(client: Client, world: World) -> None:
    demand = world.request(State.ACCEPTED)
    wrong = SimpleUploadedFile("convention.pdf", b"MZ this is a program")
    answer = do_by_page(
        client, world["agent"], demand, Verb.SIGN_CONVENTION, signed_on="2026-01-15", file=wrong
    )
    assert answer.status_code == 422
    assert "convention.pdf" in text_of(answer)
    demand.refresh_from_db()
    assert (demand.state, demand.attachments.count()) == (State.ACCEPTED, 0)


def test_a_get_makes_no_body(client: Client, world: World) -> None:
    demand = world.request(State.QUALIFIED)
    before = Organisation.objects.count()
    enter(client, world["delegate"]).get(
        f"{act_on(demand, Verb.DESIGNATE)}?organisme=p:caue-24&search=conseil"
    )
    assert Organisation.objects.count() == before


def test_a_body_that_could_not_be_told_is_said(client: Client, world: World) -> None:
    demand = world.request(State.QUALIFIED)
    world.agency.mandates.all().delete()
    type(world.agency).objects.filter(pk=world.agency.pk).update(email="")
    answer = send(client, world, demand, Verb.DESIGNATE, "delegate")
    assert answer.status_code == 302
    page = client.get(demand.get_absolute_url()).content.decode()
    assert "rien ne lui a été envoyé" in html.unescape(page)
