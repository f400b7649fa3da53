"""The page of a request for the desk: what it shows, to whom, at what cost."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate

from maillage.desk.enums import (
    Audience,
    Capacity,
    ConsultationKind,
    ConsultationState,
    State,
    Verb,
)
from maillage.desk.models import Consultation, Message, Request
from maillage.desk.services import exchanges, qualifying
from maillage.desk.services.core import Act
from maillage.desk.snapshots import answer_for

from .acts import BISTRO, World, do, examine_all, make_world
from .factories import GRAND_PERIGUEUX, PERIGUEUX
from .pages import enter, hidden, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def seen(client: Client, world: World, demand: Request, by: str = "agent") -> str:
    answer = enter(client, world[by]).get(f"/demandes/{demand.pk}/")
    assert answer.status_code == 200
    return text_of(answer)


def proposed(demand: Request) -> list[Any]:
    """Adequate local proposals of a request."""
    rings = answer_for(demand, localdate()).rings
    return [card for ring in rings for card in ring.adequate if ring.level.code != "national"]


def test_the_page_has_all_that_an_agent_needs(client: Client, world: World) -> None:
    demand = world.request(tried="Une réunion publique", staff="Une secrétaire à mi-temps")
    text = seen(client, world, demand)
    for words in (
        "Interlocuteur unique", "Pas encore désigné", BISTRO, "Camille Martin", "05 53 00 00 01",
        "Une réunion publique", "Une secrétaire à mi-temps", "Le Grand Périgueux", "Bourrou",
        "Indicateurs de fragilité", "Qui peut répondre", "Organismes sollicités",
        "Tâches du guichet", "Échanges", "Journal", "Qualifier", "C'est sa première demande.",
    ):  # fmt: skip
        assert words in text, words


def test_the_lead_stands_at_the_very_top(client: Client, world: World) -> None:
    text = seen(client, world, world.request(State.LOCAL))
    assert text.index("Agence technique départementale") < text.index('id="besoin"')
    assert "pas encore confirmé" in text


@pytest.mark.parametrize("who", ["agent", "pilot", "delegate", "deputy", "assistant"])
def test_all_who_work_for_the_desk_see_the_same_page(
    client: Client, world: World, who: str
) -> None:
    assert "Tâches du guichet" in seen(client, world, world.request(), who)


@pytest.mark.parametrize("who", ["mairie", "asked", "informed", "observer", "administrator"])
def test_the_others_never_see_the_desks_page(client: Client, world: World, who: str) -> None:
    demand = world.request()
    Message.objects.create(
        request=demand, audience=Audience.INTERNAL, author_label="Agent", body="Note secrète."
    )
    text = seen(client, world, demand, who)
    assert "Tâches du guichet" not in text
    assert "Note secrète." not in text


def test_headings_come_in_order(client: Client, world: World) -> None:
    for state in (State.RECEIVED, State.QUALIFIED, State.COMMITTEE, State.CLOSED):
        levels = [
            int(n) for n in re.findall(r"<h([1-6])", seen(client, world, world.request(state)))
        ]
        assert levels.count(1) == 1
        before = levels[0]
        for level in levels[1:]:
            assert level <= before + 1, (state, levels)
            before = level


@pytest.mark.parametrize("state", [s for s in State if s != State.DRAFT])
def test_the_page_costs_few_queries(
    client: Client, world: World, state: str, django_assert_max_num_queries: Any
) -> None:
    demand = world.request(state, assigned_to=world["agent"])
    for name in ("Une réunion", "Un devis"):
        exchanges.add_task(request=demand, act=Act(by=world["agent"]), label=name)
    world.request(State.ACCOMPANIED)
    enter(client, world["agent"])
    client.get(f"/demandes/{demand.pk}/")
    with django_assert_max_num_queries(15):
        client.get(f"/demandes/{demand.pk}/")


def test_an_agent_proposes_a_decider_designates(client: Client, world: World) -> None:
    demand = world.request(State.QUALIFIED)
    agent, delegate = seen(client, world, demand), seen(client, world, demand, "delegate")
    assert "Proposer au délégué…" in agent
    assert "appartient au délégué territorial" in agent
    assert "agir/designate/" not in agent
    assert "Désigner…" in delegate
    assert "agir/designate/" in delegate


def test_the_national_button_says_what_is_missing(client: Client, world: World) -> None:
    demand = world.request(State.QUALIFIED)
    count = len(proposed(demand))
    assert count > 1
    text = seen(client, world, demand, "delegate")
    assert f"{count} offres locales restent à examiner" in text
    assert "agir/open_national/" not in text
    examine_all(demand, world["agent"])
    text = seen(client, world, demand, "delegate")
    assert "agir/open_national/" in text
    assert "à examiner :" not in text


def test_an_offer_is_examined_from_its_card(client: Client, world: World) -> None:
    demand = world.request(State.QUALIFIED)
    offer = proposed(demand)[0]
    address = f"/demandes/{demand.pk}/offres/"
    page = enter(client, world["agent"]).get(f"/demandes/{demand.pk}/")
    lacking = client.post(address, {**hidden(page), "offre": offer.id, "verdict": "does_not"})
    assert lacking.status_code == 422
    assert "Dites pourquoi : c'est ce que lira le comité." in text_of(lacking)
    typed = {"offre": offer.id, "verdict": "does_not", "why": "Pas avant deux ans."}
    done = client.post(address, {**hidden(page), **typed})
    assert done.headers["Location"].endswith(f"#offre-{offer.id}")
    examination = demand.examinations.get()
    assert (examination.title, examination.provider) == (offer.title, offer.provider)
    assert "Pas avant deux ans." in seen(client, world, demand)


def test_only_what_is_proposed_is_examined_and_by_the_desk(client: Client, world: World) -> None:
    demand = world.request(State.QUALIFIED)
    address = f"/demandes/{demand.pk}/offres/"
    assert enter(client, world["agent"]).get(f"{address}?offre=inconnue").status_code == 404
    offer = proposed(demand)[0].id
    assert client.get(f"{address}?offre={offer}").status_code == 200
    assert enter(client, world["mairie"]).get(f"{address}?offre={offer}").status_code == 403


def test_who_declined_comes_last_marked_with_the_reason(client: Client, world: World) -> None:
    demand = world.request(State.QUALIFIED)
    card = proposed(demand)[0]
    world.caue.provider = card.proposal.offer.provider_id
    world.caue.save()
    Consultation.objects.create(
        request=demand, organisation=world.caue, kind=ConsultationKind.HELP,
        state=ConsultationState.DECLINED, answer="Nous n'avons plus personne.",
    )  # fmt: skip
    text = seen(client, world, demand)
    assert "A décliné." in text
    assert "Nous n'avons plus personne." in text
    ring = next(
        ring
        for ring in answer_for(demand, localdate()).rings
        if ring.level == card.proposal.offer.level
    )
    others = [
        one.id for one in ring.adequate
        if one.proposal.offer.provider_id != card.proposal.offer.provider_id
    ]  # fmt: skip
    for other in others:
        assert text.index(f'id="offre-{other}"') < text.index(f'id="offre-{card.id}"')
    do(world, Verb.QUALIFY, demand, "agent")


def test_likely_duplicates_of_the_same_commune_and_epci_are_shown(
    client: Client, world: World
) -> None:
    demand = world.request(need="Rouvrir le bistrot dans l'ancienne école")
    same = world.request(need="Le bistrot du village est fermé, et l'école aussi")
    near = world.request(commune=PERIGUEUX, need="Une école et un bistrot à rouvrir")
    other = world.request(commune=PERIGUEUX, need="Le pont est fermé aux camions")
    text = seen(client, world, demand)
    assert "Peut-être le même besoin" in text
    assert f"?avec={same.number}" in text
    assert f"?avec={near.number}" in text
    assert other.number not in text


def test_the_journal_keeps_what_was_on_screen(client: Client, world: World) -> None:
    demand = world.request()
    page = enter(client, world["agent"]).get(f"/demandes/{demand.pk}/agir/qualify/")
    client.post(
        f"/demandes/{demand.pk}/agir/qualify/",
        {**hidden(page), "themes": ["commerce"], "phase": "faisabilite", "level": "method"},
    )
    text = seen(client, world, demand)
    assert "Ce qui était à l'écran" in text


def test_the_whole_journal_is_searched_and_taken_away(client: Client, world: World) -> None:
    demand = world.request(State.CLOSED)
    address = f"/demandes/{demand.pk}/journal/"
    text = text_of(enter(client, world["agent"]).get(address))
    assert "La mairie dépose sa demande." in text
    found = text_of(client.get(f"{address}?q=depose"))
    assert "La mairie dépose sa demande." in found
    assert "interlocuteur unique accepte" not in found
    for kind in ("csv", "ods", "xlsx"):
        assert client.get(f"{address}?export={kind}").status_code == 200
    assert enter(client, world["mairie"]).get(address).status_code == 403
    assert enter(client, world["stranger"]).get(address).status_code == 404


def test_an_existing_circuit_is_followed_elsewhere(client: Client, world: World) -> None:
    text = seen(client, world, world.request(State.EXISTING_CIRCUIT))
    assert "Cette demande est suivie ailleurs" in text
    assert "Qui peut répondre" not in text
    verbs = set(re.findall(r"agir/([a-z_]+)/", text))
    assert {"close", "withdraw"} <= verbs
    assert not verbs & {"qualify", "designate", "prepare", "open_national", "reorient"}


def test_late_answers_and_deadlines_are_seen(client: Client, world: World) -> None:
    yesterday = localdate() - timedelta(days=1)
    demand = world.request(State.QUALIFIED, due_on=yesterday)
    Consultation.objects.create(
        request=demand, organisation=world.caue, kind=ConsultationKind.OPINION, due_on=yesterday,
        question="Le bâtiment peut-il recevoir du public ?",
    )  # fmt: skip
    text = seen(client, world, demand)
    assert "en retard : c'était pour le" in text
    assert "en retard, attendu avant le" in text


def test_a_draft_is_opened_again_where_it_was_written(client: Client, world: World) -> None:
    demand = world.request(State.DRAFT)
    answer = enter(client, world["mairie"]).get(f"/demandes/{demand.pk}/")
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("/deposer/besoin/")
    assert enter(client, world["agent"]).get(f"/demandes/{demand.pk}/").status_code == 404


def test_an_epci_has_its_page_too(client: Client, world: World) -> None:
    demand = world.request(commune=GRAND_PERIGUEUX)
    text = seen(client, world, demand)
    assert "Communes membres" in text


def test_a_reopened_request_may_be_qualified_again(client: Client, world: World) -> None:
    demand = world.request(State.CLOSED)
    qualifying.reopen(request=demand, act=Act(by=world["agent"], reason="Le gérant est parti."))
    text = seen(client, world, Request.objects.get(pk=demand.pk))
    assert "agir/qualify/" in text
    assert demand.parties.filter(capacity=Capacity.LEAD, ended_at=None).count() == 0


def test_what_people_type_is_never_run(client: Client, world: World) -> None:
    demand = world.request(need="<script>alert(1)</script> {{ secret }}", tried="<b>gras</b>")
    raw = enter(client, world["agent"]).get(f"/demandes/{demand.pk}/").content.decode()
    assert "<script>alert" not in raw
    assert "<b>gras" not in raw
