"""Accesses that the people of a desk open and end."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape
from django.utils.timezone import localdate

from maillage.accounts import services as accounts
from maillage.accounts.enums import Role
from maillage.accounts.models import Mandate, Organisation, User
from maillage.accounts.perms import GIVES, may_give
from maillage.desk import mandates
from maillage.desk.models import Desk, Request
from maillage.desk.services import settings as services
from maillage.desk.services.core import NotAllowed
from maillage.notifications.models import Notification
from tests.desk.conftest import enter, page
from tests.desk.factories import (
    FIGEAC,
    PERIGUEUX,
    DeskFactory,
    OrganisationFactory,
    give_mandate,
    make_prefecture,
    make_provider,
    make_request,
    make_town,
    make_user,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def desk(agent: User) -> Desk:
    """The desk of the Dordogne."""
    return Desk.objects.get(territory="dep:24")


# -- Who gives what


def test_the_table_of_roles() -> None:
    """Nobody gives a role above their own; only a delegate gives a delegation."""
    cases = {
        Role.AGENT: {Role.APPLICANT, Role.AGENT, Role.PROVIDER, Role.OBSERVER},
        Role.DEPUTY: {Role.APPLICANT, Role.AGENT, Role.PROVIDER, Role.OBSERVER},
        Role.DELEGATE: {
            Role.APPLICANT, Role.AGENT, Role.PROVIDER, Role.OBSERVER, Role.DEPUTY
        },
        Role.ADMINISTRATOR: set(Role.values),
        Role.APPLICANT: set(), Role.PROVIDER: set(), Role.COMMITTEE: set(), Role.OBSERVER: set(),
    }  # fmt: skip
    found = {
        giver: {role for role in Role.values if may_give({giver}, role)} for giver in Role.values
    }
    assert found == cases
    signing = {giver for giver in GIVES if may_give({giver}, Role.DEPUTY, signs=True)}
    assert signing == {Role.DELEGATE, Role.ADMINISTRATOR}
    assert not may_give({Role.DELEGATE}, Role.AGENT, signs=True)


def opened(client: Client, body: str, role: str, **said: Any) -> Any:
    return client.post(
        "/guichet/personnes/ouvrir/",
        {"name": "Zoé Lac", "email": "Zoe.Lac@exemple.test", "role": role, "organisation": body,
         "search": said.pop("search", ""), **said},
    )  # fmt: skip


def test_an_access_is_opened_for_a_mairie(signed_in: Client, desk: Desk) -> None:
    looked = opened(signed_in, "", Role.APPLICANT, search="Bourrou", faire="chercher")
    text = looked.content.decode()
    assert '<option value="t:24061">' in text
    assert 'value="Zoé Lac"' in text
    assert not User.objects.filter(name="Zoé Lac").exists()

    answer = opened(signed_in, "t:24061", Role.APPLICANT, search="Bourrou")
    assert answer.status_code == 302
    user = User.objects.get(email="zoe.lac@exemple.test")
    assert not user.has_usable_password()
    (mandate,) = user.acting
    assert (mandate.role, mandate.organisation.territory) == (Role.APPLICANT, "com:24061")
    assert Notification.objects.get(user=user).slug == "access-opened"
    # The same form sent again makes nothing more.
    again = opened(signed_in, "t:24061", Role.APPLICANT, search="Bourrou")
    assert again.status_code == 422
    assert "a déjà ce rôle" in again.content.decode()
    assert Mandate.objects.filter(user=user).count() == 1


@pytest.mark.parametrize("role", [Role.DELEGATE, Role.DEPUTY, Role.COMMITTEE, Role.ADMINISTRATOR])
def test_an_agent_gives_no_role_above_their_own(
    signed_in: Client, desk: Desk, agent: User, role: str
) -> None:
    body = f"o:{desk.organisation_id}"
    assert opened(signed_in, body, role).status_code == 422
    with pytest.raises(NotAllowed):
        services.open_access(
            desk=desk, by=agent, email="zoe@exemple.test", name="Zoé", body=body, role=role
        )
    assert not User.objects.filter(name__startswith="Zoé").exists()


def test_only_the_delegate_gives_a_delegation(client: Client, desk: Desk) -> None:
    body = f"o:{desk.organisation_id}"
    enter(client, make_user(Role.DELEGATE))
    assert opened(client, body, Role.DEPUTY, signs="on").status_code == 302
    mandate = Mandate.objects.get(user__name="Zoé Lac")
    assert mandate.signs
    assert mandates.decides(mandate.user, desk)


@pytest.mark.parametrize(
    ("role", "body"),
    [
        (Role.APPLICANT, lambda: make_town(FIGEAC)),
        (Role.APPLICANT, lambda: make_provider()),
        (Role.AGENT, lambda: make_provider()),
        (Role.AGENT, lambda: make_town(PERIGUEUX)),
        (Role.PROVIDER, lambda: OrganisationFactory(name="Cerema", territory="FR")),
        (Role.PROVIDER, lambda: OrganisationFactory(name="Sans territoire")),
        (Role.OBSERVER, lambda: OrganisationFactory(name="Élus du Lot", territory="dep:46")),
    ],
)
def test_an_access_opens_only_what_is_of_the_desk(
    signed_in: Client, desk: Desk, agent: User, role: str, body: Any
) -> None:
    made: Organisation = body()
    right = mandates.may_open(agent, desk, made, role)
    assert not right
    with pytest.raises(NotAllowed, match=re.escape(right.reason[:30])):
        services.open_access(
            desk=desk, by=agent, email="zoe@exemple.test", name="Zoé", body=f"o:{made.pk}",
            role=role,
        )  # fmt: skip
    assert not User.objects.filter(name="Zoé").exists()


def test_a_refusal_is_said_beside_the_field(signed_in: Client, desk: Desk) -> None:
    made = OrganisationFactory(name="Cerema", territory="FR")
    answer = opened(signed_in, f"o:{made.pk}", Role.PROVIDER, search="cerema")
    assert answer.status_code == 403
    text = answer.content.decode()
    assert "agit aussi ailleurs" in text
    assert 'value="Zoé Lac"' in text


def test_an_access_is_ended_at_once_after_asking(
    signed_in: Client, client: Client, desk: Desk
) -> None:
    mayor = make_user(Role.APPLICANT)
    row = make_request()
    browser = enter(Client(), mayor)
    assert Request.objects.visible_to(mayor).get() == row
    mandate = mayor.mandates.get()
    address = f"/guichet/personnes/{mandate.pk}/terminer/"
    page(signed_in, address)
    assert mayor.mandates.in_force(localdate()).exists()
    assert signed_in.post(address).status_code == 302
    assert not Request.objects.visible_to(User.objects.get(pk=mayor.pk)).exists()
    assert browser.get(f"/demandes/{row.pk}/").status_code == 404


@pytest.mark.parametrize("starts", [None, 0, 5, -5])
def test_a_mandate_ended_is_over_whenever_it_began(agent: User, starts: int | None) -> None:
    first = None if starts is None else localdate() + starts * DAY
    mandate = make_user(Role.APPLICANT, starts=first).mandates.get()
    accounts.end_mandate(mandate=mandate)
    accounts.end_mandate(mandate=mandate)
    for day in range(-1, 10):
        now_in_force = Mandate.objects.in_force(localdate() + day * DAY)
        if day >= 0:
            assert not now_in_force.filter(pk=mandate.pk).exists()


def test_an_ended_mandate_is_taken_up_again(desk: Desk, agent: User) -> None:
    mayor = make_user(Role.APPLICANT, email="zoe@exemple.test")
    accounts.end_mandate(mandate=mayor.mandates.get())
    services.open_access(
        desk=desk, by=agent, email="ZOE@exemple.test", name="Zoé",
        body=f"o:{make_town().pk}", role=Role.APPLICANT,
    )  # fmt: skip
    assert mayor.mandates.in_force(localdate()).count() == 1
    assert mayor.mandates.count() == 1


def test_one_does_not_end_ones_own_nor_a_higher_role(
    signed_in: Client, agent: User, desk: Desk
) -> None:
    own = agent.mandates.get()
    higher = make_user(Role.DELEGATE).mandates.get()
    for mandate in (own, higher):
        assert signed_in.get(f"/guichet/personnes/{mandate.pk}/terminer/").status_code == 403
        assert signed_in.post(f"/guichet/personnes/{mandate.pk}/terminer/").status_code == 403
    assert Mandate.objects.in_force(localdate()).filter(pk__in=[own.pk, higher.pk]).count() == 2


def test_people_of_elsewhere_are_not_listed(signed_in: Client, desk: Desk) -> None:
    here = make_user(Role.APPLICANT, name="Mairie de Bourrou")
    there = make_user(Role.APPLICANT, make_town(FIGEAC), name="Mairie de Figeac")
    text = page(signed_in, "/guichet/personnes/")
    assert here.email in text
    assert there.email not in text
    mandate = there.mandates.get()
    assert signed_in.get(f"/guichet/personnes/{mandate.pk}/terminer/").status_code == 404


def test_people_are_searched_paged_and_carried_away(
    signed_in: Client, desk: Desk, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        make_user(Role.APPLICANT, name=f"Secrétaire {number}")
    over = make_user(Role.APPLICANT, name="Partie", ends=localdate() - DAY)
    with django_assert_max_num_queries(16):
        text = page(signed_in, "/guichet/personnes/")
    assert "page 1 sur 2" in text
    assert over.email not in text
    assert over.email in page(signed_in, "/guichet/personnes/?etat=finis")
    assert "Secrétaire 59" in page(signed_in, "/guichet/personnes/?q=secrétaire+59")
    assert "Personne ne correspond" in page(signed_in, "/guichet/personnes/?q=zzz")
    lines = signed_in.get("/guichet/personnes/?export=csv&role=applicant").getvalue().decode()
    assert len(lines.splitlines()) == 61


def test_who_works_for_two_desks_chooses(client: Client, desk: Desk) -> None:
    lot = DeskFactory(territory="dep:46")
    service = make_provider("DDT des deux", territory="")
    desk.pilots.add(service)
    lot.pilots.add(service)
    user = make_user(Role.AGENT, service)
    give_mandate(user, Role.AGENT, make_prefecture())
    enter(client, user)
    assert escape(lot.name) in page(client, "/guichet/reglages/?guichet=46")
    page(client, "/guichet/personnes/ouvrir/?guichet=46")
    page(client, "/guichet/absences/")
