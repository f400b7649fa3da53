"""The named lead of a cell: who may name it, what is kept, what is shown."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils.timezone import localdate

from maillage.accounts.enums import OrganisationKind, Role
from maillage.accounts.models import User
from maillage.catalog.matrix import leads
from maillage.catalog.matrix.places import Place, france, place_of
from maillage.catalog.models import CellLead, Provider
from maillage.territories.directory import directory
from tests.desk.factories import OrganisationFactory, make_prefecture, make_user

pytestmark = pytest.mark.django_db
CELL = "/qui-fait-quoi/departement/24/eau/travaux/"
FORM = f"{CELL}chef-de-file/"
SPOT = ("eau", "travaux")


def dordogne() -> Place:
    return place_of("departement", "24", directory())


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def said(**more: Any) -> dict[str, Any]:
    return {
        "provider": "cerema", "decided_by": "CLCT de la Dordogne", "decided_on": "2026-03-12",
        "note": "", "vu": "0", **more,
    }  # fmt: skip


def named(
    provider: str = "cerema", on: date = date(2026, 3, 12), where: str = "dep:24"
) -> CellLead:
    return CellLead.objects.create(
        territory=where, theme="eau", phase="travaux", decided_by="CLCT", decided_on=on,
        provider=Provider.objects.get(slug=provider),
    )  # fmt: skip


# -- Who may


def test_the_people_of_the_desk_name_it_and_no_other() -> None:
    ddt = OrganisationFactory(name="DDT", kind=OrganisationKind.STATE, territory="dep:24")
    elsewhere = make_prefecture("dep:46")
    for role, body, may in [
        (Role.AGENT, None, True), (Role.DELEGATE, None, True), (Role.DEPUTY, ddt, True),
        (Role.AGENT, elsewhere, False), (Role.APPLICANT, None, False), (Role.PROVIDER, None, False),
        (Role.OBSERVER, None, False), (Role.COMMITTEE, None, False),
        (Role.ADMINISTRATOR, None, False),
    ]:  # fmt: skip
        user = make_user(role, body) if body else make_user(role)
        assert bool(leads.may_name(user, dordogne())) is may, role
        assert bool(leads.may_name(user, france())) is (role == Role.COMMITTEE), role


def test_there_is_none_to_name_for_a_commune_or_a_region() -> None:
    agent = make_user(Role.AGENT)
    for kind, code in (("commune", "24061"), ("region", "75"), ("epci", "200040392")):
        assert not leads.may_name(agent, place_of(kind, code, directory()))


def test_the_refusal_says_why() -> None:
    text = signed_in(make_user(Role.APPLICANT)).get(FORM).content.decode()
    assert "nommé par son CLCT" in text


# -- The form


def test_an_agent_notes_the_choice_of_the_committee_and_everyone_sees_it(client: Client) -> None:
    agent = make_user(Role.AGENT)
    response = signed_in(agent).post(FORM, said(note="Les ponts aussi."))
    assert response["Location"] == CELL
    lead = CellLead.objects.get()
    assert (lead.territory, lead.provider.slug, lead.written_by) == ("dep:24", "cerema", agent)
    for address in (CELL, "/qui-fait-quoi/commune/24061/eau/travaux/"):
        text = client.get(address).content.decode()
        assert "Cerema" in text
        assert "12 mars 2026" in text
        assert agent.name not in text
    assert "Chef de file : Cerema" in client.get("/qui-fait-quoi/departement/24/").content.decode()
    assert "Chef de file : " not in client.get("/qui-fait-quoi/departement/46/").content.decode()


def test_the_national_lead_is_shown_below_as_national(client: Client) -> None:
    named(where="FR")
    text = client.get("/qui-fait-quoi/departement/46/").content.decode()
    assert "Chef de file national : Cerema" in text


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"provider": ""}, "Choisissez l&#x27;organisme"),
        ({"provider": "nulle-part"}, "Cet organisme n&#x27;est plus au catalogue"),
        ({"decided_by": ""}, "Dites quel comité"),
        ({"decided_on": ""}, "Dites la date"),
        ({"decided_on": "hier"}, "est pas une date"),
        ({"decided_on": (date.today() + timedelta(days=40)).isoformat()}, "pas encore arrivée"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(wrong: dict[str, str], text: str) -> None:
    response = signed_in(make_user(Role.AGENT)).post(FORM, said(note="À garder", **wrong))
    assert response.status_code == 422
    assert text in response.content.decode()
    assert "À garder" in response.content.decode()
    assert not CellLead.objects.exists()


def test_another_replaces_it_and_the_first_stays_in_the_history(client: Client) -> None:
    first = named()
    answer = signed_in(make_user(Role.AGENT)).post(
        FORM, said(provider="ademe", decided_on="2026-09-01", vu=str(first.pk))
    )
    assert answer.status_code == 302
    first.refresh_from_db()
    assert first.ended_on == date(2026, 9, 1)
    assert [lead.provider.slug for lead in leads.leads_of(dordogne())[SPOT]] == ["ademe"]
    text = client.get(CELL).content.decode()
    assert "du 12 mars 2026 au 1er septembre 2026" in text


def test_a_choice_older_than_the_present_one_is_a_slip() -> None:
    first = named(on=date(2026, 9, 1))
    answer = signed_in(make_user(Role.AGENT)).post(FORM, said(vu=str(first.pk)))
    assert answer.status_code == 422
    assert "après cette date" in answer.content.decode()
    assert CellLead.objects.count() == 1


def test_two_agents_at_once_do_not_undo_each_other() -> None:
    client = signed_in(make_user(Role.AGENT))
    named()  # by a colleague, since the form was opened
    answer = client.post(FORM, said(provider="ademe"))
    assert answer.status_code == 409
    assert "vient de changer" in answer.content.decode()
    assert CellLead.objects.get().provider.slug == "cerema"


def test_the_database_itself_holds_one_lead_by_cell() -> None:
    named()
    with pytest.raises(IntegrityError), transaction.atomic():
        named("ademe")


def test_ending_it_asks_first_and_keeps_it() -> None:
    lead, client = named(), signed_in(make_user(Role.AGENT))
    asked = client.get(f"{FORM}terminer/")
    assert "Le garder" in asked.content.decode()
    lead.refresh_from_db()
    assert lead.ended_on is None
    before = {"ended_on": "2026-03-01", "vu": str(lead.pk)}
    assert client.post(f"{FORM}terminer/", before).status_code == 422
    after = {"ended_on": localdate().isoformat(), "vu": str(lead.pk)}
    assert client.post(f"{FORM}terminer/", after)["Location"] == CELL
    lead.refresh_from_db()
    assert lead.ended_on == localdate()
    assert not leads.leads_of(dordogne())


def test_a_cell_without_a_lead_has_none_to_end() -> None:
    assert signed_in(make_user(Role.AGENT)).get(f"{FORM}terminer/").status_code == 404


def test_a_lead_that_left_the_catalogue_is_shown_as_such(client: Client) -> None:
    lead = named()
    Provider.objects.filter(pk=lead.provider_id).update(withdrawn_at="2026-10-01T00:00:00Z")
    assert "n'est plus au catalogue" in client.get(CELL).content.decode()


def test_what_fills_the_list_is_what_covers_the_territory() -> None:
    text = signed_in(make_user(Role.AGENT)).get(FORM).content.decode()
    assert "Disent agir dans cette case" in text
    assert 'value="prefecture-24"' in text
    assert 'value="prefecture-46"' not in text
