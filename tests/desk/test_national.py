"""The national branch by its pages: justification, the committee's decisions, the convention."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.timezone import localdate

from maillage.accounts.enums import Role
from maillage.desk.enums import ConventionState, Ground, State, Verb, Verdict
from maillage.desk.models import Convention, Request
from maillage.desk.services import national
from maillage.desk.services.core import Act

from .acts import World, do, examine_all, make_world
from .factories import make_user
from .files import pdf
from .pages import act_on, do_by_page, enter, hidden, text_of

pytestmark = pytest.mark.django_db
WHY = {"grounds": [Ground.INNOVATIVE], "explanation": "Personne ne l'a jamais fait ici."}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def before(world: World, **said: Any) -> Request:
    """A request that is before the committee."""
    demand = world.request(State.QUALIFIED, **said)
    examine_all(demand, world["agent"])
    for verb in (Verb.OPEN_NATIONAL, Verb.SUBMIT):
        demand = do(world, verb, demand, "delegate")
    return demand


# -- Opening


def open_by_page(client: Client, world: World, demand: Request, **typed: Any) -> Any:
    return do_by_page(client, world["delegate"], demand, Verb.OPEN_NATIONAL, **typed)


def test_not_opened_while_local_offers_are_not_examined(client: Client, world: World) -> None:
    demand = world.request(State.QUALIFIED)
    answer = open_by_page(client, world, demand, **WHY, none_found="on")
    assert answer.status_code == 422
    assert "à examiner" in text_of(answer)
    assert WHY["explanation"] in text_of(answer)
    demand.refresh_from_db()
    assert demand.state == State.QUALIFIED


def test_not_opened_while_a_local_offer_answers(client: Client, world: World) -> None:
    demand = world.request(State.QUALIFIED)
    examine_all(demand, world["agent"])
    demand.examinations.filter(pk=demand.examinations.first().pk).update(verdict=Verdict.ANSWERS)
    answer = open_by_page(client, world, demand, **WHY)
    assert answer.status_code == 422
    assert "Vous avez noté qu'une offre locale répond" in text_of(answer)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"explanation": "Rien ici."}, "Choisissez au moins un motif."),
        ({"grounds": ["fragility"], "explanation": "Rien ici."}, "vont ensemble"),
        ({"grounds": ["local_lack"], "explanation": "Rien ici."}, "vont ensemble"),
        ({"grounds": ["innovative"]}, "Expliquez en quelques phrases"),
        ({"grounds": ["invented"], "explanation": "Rien ici."}, "invented"),
    ],
)
def test_not_opened_without_grounds_and_explanation(
    client: Client, world: World, typed: dict[str, Any], said: str
) -> None:
    demand = world.request(State.QUALIFIED)
    examine_all(demand, world["agent"])
    answer = open_by_page(client, world, demand, **typed)
    assert answer.status_code == 422
    assert said in text_of(answer)
    demand.refresh_from_db()
    assert demand.state == State.QUALIFIED


def test_nothing_proposed_must_be_said(client: Client, world: World) -> None:
    demand = world.request(State.QUALIFIED, need="Zzyx qwpt", themes=[], types=[])
    assert national.to_examine(demand) == []
    answer = open_by_page(client, world, demand, **WHY)
    assert answer.status_code == 422
    assert "confirmez-le" in text_of(answer)
    assert open_by_page(client, world, demand, **WHY, none_found="on").status_code == 302
    assert demand.justifications.get().none_found


def test_fragility_and_local_lack_together_are_enough(client: Client, world: World) -> None:
    demand = world.request(State.QUALIFIED)
    examine_all(demand, world["agent"])
    typed = {
        "grounds": ["fragility", "local_lack"],
        "explanation": "Personne.",
        "support": "Dix jours.",
    }
    assert open_by_page(client, world, demand, **typed).status_code == 302
    made = demand.justifications.get()
    assert made.grounds == ["fragility", "local_lack"]
    assert len(made.examined) == demand.examinations.count() > 0
    assert demand.journal.last().shown["help"]


# -- The committee


def test_the_committee_has_its_list_and_nobody_else(client: Client, world: World) -> None:
    demand = before(world)
    text = text_of(enter(client, world["committee"]).get("/comite/"))
    assert demand.number in text
    assert "À décider (1)" in text
    for who in ("agent", "delegate", "mairie", "observer", "lead"):
        assert enter(client, world[who]).get("/comite/").status_code == 403


def test_another_agencys_committee_sees_nothing(client: Client, world: World) -> None:
    demand = before(world)
    other = make_user(Role.COMMITTEE, world.agency)
    assert demand.number not in text_of(enter(client, other).get("/comite/"))
    assert client.get(f"/demandes/{demand.pk}/").status_code == 404


def test_the_committee_sees_a_request_only_once_it_is_before_it(
    client: Client, world: World
) -> None:
    demand = world.request(State.QUALIFIED)
    assert enter(client, world["committee"]).get(f"/demandes/{demand.pk}/").status_code == 404


def test_the_page_of_the_committee_says_why(client: Client, world: World) -> None:
    demand = before(world)
    text = text_of(enter(client, world["committee"]).get(f"/demandes/{demand.pk}/"))
    for words in (
        "Pourquoi l'appui national", "Projet innovant", "Personne ne l'a jamais fait.",
        "Offres locales examinées", "L'organisme n'intervient pas sur ce sujet.",
        "Accepter l'appui national", "Refuser l'appui national", "Indicateurs de fragilité",
        "Interlocuteur unique",
    ):  # fmt: skip
        assert words in text, words
    assert "Tâches du guichet" not in text


def test_a_refusal_is_argued_and_goes_back_to_the_delegate(client: Client, world: World) -> None:
    demand = before(world)
    lacking = do_by_page(client, world["committee"], demand, Verb.REFUSE_NATIONAL)
    assert lacking.status_code == 422
    why = "Une agence locale peut répondre."
    do_by_page(client, world["committee"], demand, Verb.REFUSE_NATIONAL, reason=why)
    demand.refresh_from_db()
    assert demand.state == State.REFUSED
    delegate = text_of(enter(client, world["delegate"]).get(f"/demandes/{demand.pk}/"))
    assert why in delegate
    assert "agir/return_to_local/" in delegate
    do_by_page(client, world["delegate"], demand, Verb.RETURN_TO_LOCAL)
    # The committee goes on finding what it decided.
    text = text_of(enter(client, world["committee"]).get("/comite/?liste=decidees"))
    assert demand.number in text
    assert "Refusé" in text


def test_the_oldest_deadline_comes_first_and_lists_are_searched_and_exported(
    client: Client, world: World
) -> None:
    late, soon = before(world), before(world, need="Un atelier de réparation de vélos")
    Request.objects.filter(pk=soon.pk).update(due_on=localdate().replace(year=2020))
    text = text_of(enter(client, world["committee"]).get("/comite/"))
    assert text.index(soon.number) < text.index(late.number)
    assert "en retard" in text
    found = text_of(client.get("/comite/?q=velos"))
    assert soon.number in found
    assert late.number not in found
    assert "ne contient" in text_of(client.get("/comite/?q=zzz"))
    for kind in ("csv", "ods", "xlsx"):
        assert client.get(f"/comite/?liste=a-decider&export={kind}").status_code == 200
    csv = b"".join(client.get("/comite/?export=csv").streaming_content).decode()
    assert soon.number in csv
    assert "Projet innovant" in csv
    assert client.get("/comite/?export=exe").status_code == 404


def test_the_list_costs_the_same_whatever_its_length(
    client: Client, world: World, django_assert_max_num_queries: Any
) -> None:
    for _ in range(4):
        before(world)
    enter(client, world["committee"])
    client.get("/comite/")
    with django_assert_max_num_queries(8):
        client.get("/comite/")


def test_the_committees_page_costs_few_queries(
    client: Client, world: World, django_assert_max_num_queries: Any
) -> None:
    demand = before(world)
    enter(client, world["committee"])
    client.get(f"/demandes/{demand.pk}/")
    with django_assert_max_num_queries(15):
        client.get(f"/demandes/{demand.pk}/")


# -- The convention


def accepted(world: World) -> Request:
    return do(world, Verb.ACCEPT_NATIONAL, before(world), "committee")


def filled(page: Any) -> dict[str, str]:
    """The text as the page shows it, posted back."""
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in values.items()}


def test_the_convention_is_filled_from_the_request_and_changed(
    client: Client, world: World
) -> None:
    demand = accepted(world)
    address = f"/demandes/{demand.pk}/convention/"
    page = enter(client, world["agent"]).get(address)
    assert "Bourrou" in text_of(page)
    assert not Convention.objects.exists()  # a GET writes nothing
    typed = {**hidden(page), **filled(page), "object": "Dix jours d'un juriste.", "months": "6"}
    assert client.post(address, typed).status_code == 302
    held = Convention.objects.get()
    assert (held.object, held.months, held.version) == ("Dix jours d'un juriste.", 6, 1)
    assert "Dix jours d'un juriste." in text_of(client.get(address))


def test_two_agents_write_the_convention_the_second_loses_nothing(
    client: Client, world: World
) -> None:
    demand = accepted(world)
    address = f"/demandes/{demand.pk}/convention/"
    page = enter(client, world["agent"]).get(address)
    mine = {**hidden(page), **filled(page), "object": "Ma version."}
    client.post(address, {**mine, "object": "Celle d'un collègue."})
    answer = client.post(address, mine)
    text = text_of(answer)
    assert answer.status_code == 409
    assert "La convention a été modifiée" in text
    assert "Ma version." in text
    assert client.post(address, {**mine, **hidden(answer)}).status_code == 302
    assert Convention.objects.get().object == "Ma version."


def test_an_empty_paragraph_or_a_strange_length_is_told(client: Client, world: World) -> None:
    demand = accepted(world)
    address = f"/demandes/{demand.pk}/convention/"
    page = enter(client, world["agent"]).get(address)
    typed = {**hidden(page), **filled(page), "object": " ", "months": "0", "parties": "Eux et nous"}
    answer = client.post(address, typed)
    text = text_of(answer)
    assert answer.status_code == 422
    assert "Ce paragraphe est vide" in text
    assert "au moins un mois" in text
    assert "Eux et nous" in text


def test_the_document_is_taken_away_before_and_after(client: Client, world: World) -> None:
    demand = accepted(world)
    address = f"/demandes/{demand.pk}/convention.odt"
    answer = enter(client, world["agent"]).get(address)
    assert answer.headers["Content-Type"] == "application/vnd.oasis.opendocument.text"
    assert answer.content[:2] == b"PK"
    assert not Convention.objects.exists()
    for who in ("committee", "mairie"):
        assert enter(client, world[who]).get(address).status_code == 200


@pytest.mark.parametrize(("who", "status"), [("committee", 403), ("mairie", 403), ("asked", 403)])
def test_only_the_desk_writes_the_convention(
    client: Client, world: World, who: str, status: int
) -> None:
    demand = accepted(world)
    answer = enter(client, world[who]).post(f"/demandes/{demand.pk}/convention/", {})
    assert answer.status_code == status


def test_no_convention_before_the_support_is_accepted(client: Client, world: World) -> None:
    demand = before(world)
    enter(client, world["agent"])
    for end in ("convention/", "convention.odt"):
        assert client.get(f"/demandes/{demand.pk}/{end}").status_code == 404
    with pytest.raises(Exception, match="appui national est accepté"):
        national.save_convention(request=demand, by=world["agent"], version=None, object="x")


def test_the_signed_convention_is_kept_and_locked(client: Client, world: World) -> None:
    demand = accepted(world)
    file = SimpleUploadedFile("convention.pdf", pdf())
    answer = do_by_page(
        client, world["agent"], demand, Verb.SIGN_CONVENTION, signed_on="2026-01-15", file=file
    )
    assert answer.status_code == 302
    held = Convention.objects.get()
    assert held.state == ConventionState.SIGNED
    assert held.signed_file.name == "convention.pdf"
    assert "Bourrou" in held.parties  # the text that was signed, as the request made it
    address = f"/demandes/{demand.pk}/convention/"
    page = client.get(address)
    assert "Son texte ne se modifie plus." in text_of(page)
    late = client.post(address, {**hidden(page), **filled(page), "object": "Autre chose."})
    assert late.status_code == 409
    held.refresh_from_db()
    assert held.object != "Autre chose."
    text = text_of(enter(client, world["committee"]).get("/comite/?liste=conventions"))
    assert "Signée le 15 janvier 2026" in text


def test_the_whole_way_to_the_support(client: Client, world: World) -> None:
    demand = accepted(world)
    national.sign_with_file(
        request=demand, act=Act(by=world["agent"]), signed_on=localdate(),
        upload=SimpleUploadedFile("convention.pdf", pdf()),
    )  # fmt: skip
    body = f"o:{world.ddt.pk}"
    answer = do_by_page(
        client, world["delegate"], demand, Verb.START_SUPPORT, organisation=body, person="Léa Noir"
    )
    assert answer.status_code == 302
    demand.refresh_from_db()
    assert (demand.state, demand.lead, demand.lead_person) == (
        State.ACCOMPANIED, world.ddt, "Léa Noir",
    )  # fmt: skip
    assert act_on(demand, Verb.CLOSE) in text_of(
        enter(client, world["agent"]).get(f"/demandes/{demand.pk}/")
    )
