"""Who is told of what is done with a plan, once a day for each kind; nobody of their own acts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.funding.models import Plan
from maillage.funding.notifications import AboutPlan
from maillage.funding.services import attachments
from maillage.funding.services import plans as services
from maillage.notifications.enums import Frequency
from maillage.notifications.messages import REGISTRY
from maillage.notifications.models import Mail, Notification
from maillage.notifications.services import choose_frequency
from maillage.projects.services import unshare
from tests.desk.factories import make_prefecture, make_user
from tests.funding.plans import document, held_by, join, make_plan, without

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent() -> User:
    return make_user(Role.AGENT, name="Zoé")


def _told(user: User) -> list[str]:
    rows = Notification.objects.filter(user=user).order_by("pk")
    return list(rows.values_list("slug", flat=True))


def _last(user: User) -> Notification:
    found = Notification.objects.filter(user=user).latest("pk")
    assert isinstance(found, Notification)
    return found


def _change(plan: Plan, by: User, net: int) -> Plan:
    plan.refresh_from_db()
    return services.save(
        plan=plan, by=by, document=document(net=net), seen=plan.version, said=f"Devis de {net} €"
    )


def test_the_mairie_is_told_once_a_day_that_a_desk_changed_its_plan(
    shared: Plan, mairie: User, agent: User
) -> None:
    for net in (110_000, 120_000, 130_000):
        _change(shared, agent, net)
    services.rename(plan=shared, by=agent, name="Plan B")
    assert _told(mairie) == ["plan-changed"]
    assert _told(agent) == []
    row = _last(mairie)
    assert f"Zoé ({make_prefecture()}) a modifié « Plan A » pour {shared.project.owner}" in row.text
    assert "Devis de 110000 €." in row.text
    assert row.action_path == reverse("funding:versions", args=[shared.pk])
    mail = Mail.objects.get(slug="plan-changed")
    assert mail.to == mairie.email
    assert "Choisir quand recevoir les courriels" in mail.text


def test_the_next_day_it_is_told_again(
    shared: Plan, mairie: User, agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    _change(shared, agent, 110_000)
    tomorrow = localdate() + timedelta(days=1)
    monkeypatch.setattr("maillage.funding.services.telling.localdate", lambda: tomorrow)
    _change(shared, agent, 120_000)
    assert _told(mairie) == ["plan-changed"] * 2


def test_two_plans_changed_the_same_day_are_two_messages(
    shared: Plan, mairie: User, agent: User
) -> None:
    other = make_plan(shared.project, document(net=90_000), mairie)
    _change(shared, agent, 110_000)
    _change(other, agent, 95_000)
    assert _told(mairie) == ["plan-changed"] * 2


def test_what_a_desk_notes_is_told_by_the_page_of_the_verb(
    shared: Plan, mairie: User, desk: Client
) -> None:
    where = f"{reverse('funding:verb', args=[shared.pk, 'receive'])}?ligne=detr"
    desk.post(where, {"vu": "1", "on": f"{localdate():%Y-%m-%d}"})
    assert _told(mairie) == ["plan-noted"]
    assert "DETR : accusé de réception le" in _last(mairie).subject


def test_documents_of_a_desk_are_told_once_with_what_it_notes(
    shared: Plan, mairie: User, agent: User
) -> None:
    added = join(shared, by=agent)
    assert _told(mairie) == ["plan-noted"]
    assert "arrete.pdf, jointe à « DETR »" in _last(mairie).subject
    attachments.remove(attachment=added, by=agent)
    assert _told(mairie) == ["plan-noted"]


def test_a_document_that_a_desk_removes_is_told(shared: Plan, mairie: User, agent: User) -> None:
    attachments.remove(attachment=join(shared, by=mairie), by=agent)
    assert "retirée de « DETR »" in _last(mairie).subject


def test_what_the_mairie_does_is_told_to_nobody(shared: Plan, mairie: User, agent: User) -> None:
    _change(shared, mairie, 110_000)
    without(shared, "detr", mairie)
    services.rename(plan=shared, by=mairie, name="Autre")
    services.duplicate(plan=shared, by=mairie, document=held_by(shared))
    assert not Notification.objects.exists()


def test_proposals_of_a_day_are_one_message_that_leads_to_the_project(
    shared: Plan, mairie: User, agent: User
) -> None:
    make_plan(shared.project, document(net=90_000), agent, name="Plan du guichet")
    services.duplicate(plan=shared, by=agent, document=held_by(shared))
    assert _told(mairie) == ["plan-proposed"]
    row = _last(mairie)
    assert "« Plan du guichet »" in row.text
    assert "que si vous le retenez" in row.text
    assert row.action_path == shared.project.get_absolute_url()


def test_the_desk_that_worked_on_it_is_told_what_the_mairie_chose(
    shared: Plan, mairie: User, agent: User
) -> None:
    idle = make_user(Role.AGENT, name="Max")
    made = make_plan(shared.project, document(net=90_000), agent, name="Plan du guichet")
    services.choose(plan=made, by=mairie)
    assert _told(agent) == ["plan-chosen"]
    assert _last(agent).subject == f"{shared.project.owner} a retenu « Plan du guichet »"
    assert _told(idle) == [], "who wrote nothing there is not told"
    assert "plan-chosen" not in _told(mairie)
    services.choose(plan=shared, by=mairie)
    assert _last(agent).subject.endswith("« Plan A »"), "the other plan, the same day"


def test_a_desk_that_sees_the_project_no_more_is_told_nothing(
    shared: Plan, mairie: User, agent: User
) -> None:
    made = make_plan(shared.project, document(net=90_000), agent)
    unshare(project=shared.project, body=make_prefecture())
    services.choose(plan=made, by=mairie)
    assert _told(agent) == []


def test_a_choice_noted_by_a_desk_is_told_to_the_mairie(
    shared: Plan, mairie: User, agent: User
) -> None:
    made = make_plan(shared.project, document(net=90_000), agent, name="Plan du guichet")
    services.choose(plan=made, by=agent, told="Mme Martin, au téléphone")
    assert _told(mairie) == ["plan-proposed", "plan-chosen-for"]
    assert "dit par Mme Martin, au téléphone" in _last(mairie).text
    assert _told(agent) == []


def test_who_wants_the_essential_only_has_it_in_the_application_alone(
    shared: Plan, mairie: User, agent: User
) -> None:
    choose_frequency(user=mairie, frequency=Frequency.ESSENTIAL)
    _change(shared, agent, 110_000)
    assert _told(mairie) == ["plan-changed"]
    assert not Mail.objects.filter(to=mairie.email).exists()


def test_what_is_undone_is_not_told(shared: Plan, mairie: User, agent: User) -> None:
    with transaction.atomic():
        _change(shared, agent, 110_000)
        assert _told(mairie) == ["plan-changed"]
        transaction.set_rollback(True)
    assert _told(mairie) == []


def test_someone_of_another_mairie_is_told_nothing(shared: Plan, mairie: User, agent: User) -> None:
    other = make_user(Role.APPLICANT, organisation=make_prefecture())
    _change(shared, agent, 110_000)
    assert _told(other) == []


@pytest.mark.parametrize(
    "slug", ["plan-changed", "plan-noted", "plan-proposed", "plan-chosen-for", "plan-chosen"]
)
def test_each_has_its_example_and_may_be_refused(slug: str) -> None:
    kind = REGISTRY[slug]
    assert issubclass(kind, AboutPlan)
    assert not kind.essential, "one may refuse it"
    letter = kind.sample().letter()
    assert "Rouvrir le café" in letter.text()
    assert ".." not in letter.text()


def test_a_text_that_ends_with_a_full_stop_has_one(shared: Plan, mairie: User, agent: User) -> None:
    services.save(
        plan=shared, by=agent, document=replace(held_by(shared), in_net=False), seen=1,
        said="Le devis est arrivé.",
    )  # fmt: skip
    assert "arrivé.." not in _last(mairie).text


def test_telling_asks_as_many_questions_for_ten_people_as_for_one(
    shared: Plan, agent: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(9):
        make_user(Role.APPLICANT)
    agent = User.objects.get(pk=agent.pk)
    with django_assert_max_num_queries(24):
        _change(shared, agent, 110_000)
    assert Notification.objects.filter(slug="plan-changed").count() == 10
    made = make_plan(shared.project, document(net=90_000), agent)
    mairie = User.objects.get(name="Anne")
    with django_assert_max_num_queries(24):
        services.choose(plan=made, by=mairie)
