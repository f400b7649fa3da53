"""Plans as living things: versions, undo, conflicts, the life of a resource, after a refusal."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.timezone import localdate, now

from maillage.accounts.enums import Role
from maillage.common.transitions import TransitionRefused
from maillage.engine.funding.types import Fund, Status, Verdict
from maillage.funding import life
from maillage.funding.document import BadDocument, read
from maillage.funding.enums import LIFE
from maillage.funding.models import Plan, PlanRevision
from maillage.funding.nextbest import next_plans
from maillage.funding.planning import checks
from maillage.funding.services import plans as services
from maillage.projects.models import Project
from maillage.projects.services import share
from tests.desk.factories import make_prefecture, make_user
from tests.funding.plans import document, held_by, make_plan, make_project, source

pytestmark = pytest.mark.django_db
TODAY = localdate()


def _save(plan: Plan, changed, by, said="Changé") -> Plan:
    return services.save(plan=plan, by=by, document=changed, seen=plan.version, said=said)


def test_a_plan_keeps_every_version_and_who_wrote_it() -> None:
    mairie = make_user(Role.APPLICANT)
    plan = make_plan(by=mairie)
    _save(plan, document(net=120_000), mairie, "Devis reçu")
    plan.refresh_from_db()
    assert plan.version == 2
    said = plan.revisions.values_list("number", "said", "by", "on_behalf_of")
    assert list(said) == [(2, "Devis reçu", mairie.pk, ""), (1, "Le plan est créé", mairie.pk, "")]


def test_who_types_for_the_mairie_is_said_to_do_so() -> None:
    agent = make_user(Role.AGENT)
    project = make_project()
    share(project=project, body=make_prefecture())
    plan = make_plan(project)
    _save(plan, document(net=120_000), agent)
    last = plan.revisions.first()
    assert last is not None
    assert (last.by, last.on_behalf_of) == (agent, project.owner.name)


def test_what_changes_nothing_writes_nothing() -> None:
    plan = make_plan()
    _save(plan, held_by(plan), make_user(Role.APPLICANT))
    plan.refresh_from_db()
    assert (plan.version, plan.revisions.count()) == (1, 1)


def test_two_people_at_once_the_second_is_told_who_and_loses_nothing() -> None:
    first, second = make_user(Role.APPLICANT, name="Anne"), make_user(Role.APPLICANT, name="Bob")
    plan = make_plan(by=first)
    _save(plan, document(net=120_000), first, "Devis reçu")
    with pytest.raises(services.Conflict, match=r"Anne.*Devis reçu"):
        _save(plan, document(net=90_000), second)
    assert held_by(plan).plan().cost == 120_000


def test_undo_is_a_version_of_its_own_and_can_be_undone() -> None:
    mairie = make_user(Role.APPLICANT)
    plan = make_plan(by=mairie)
    _save(plan, document(net=120_000), mairie)
    for expected in (100_000, 120_000, 100_000):
        plan.refresh_from_db()
        former = plan.revisions.get(number=plan.version - 1)
        services.restore(
            plan=plan, by=mairie, former=former, seen=plan.version,
            document=read(former.content, TODAY),
        )  # fmt: skip
        assert held_by(plan).plan().cost == expected
    assert plan.revisions.count() == 5


def test_one_plan_of_a_project_is_the_chosen_one() -> None:
    project = make_project()
    first, second = make_plan(project), make_plan(project, name="Plan B")
    assert (first.chosen, second.chosen) == (True, False)
    services.choose(plan=second, by=make_user(Role.APPLICANT))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.chosen, second.chosen) == (False, True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.filter(project=project).update(chosen=True)


def test_a_copy_leaves_the_first_alone() -> None:
    plan, mairie = make_plan(), make_user(Role.APPLICANT)
    copy = services.duplicate(plan=plan, by=mairie, document=held_by(plan))
    _save(copy, document(net=1_000), mairie)
    assert held_by(plan).plan().cost == 100_000
    assert copy.name == "Plan A (copie)"


def test_a_project_has_so_many_plans_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_PLANS", 1)
    project = make_project()
    make_plan(project)
    with pytest.raises(services.TooMany, match="supprimez"):
        make_plan(project)


def test_erasing_a_project_erases_its_plans_and_versions() -> None:
    plan = make_plan()
    plan.project.delete()
    assert not PlanRevision.objects.exists()


# -- The life of a resource


def _moved(held, verb, name="detr", **said):
    found = life.find(held, name)
    assert found is not None
    changed, sentence = life.moved(held, found, verb, {"on": TODAY, **said})
    after = life.find(changed, name)
    assert after is not None
    return changed, after, sentence


def test_from_the_receipt_to_the_last_payment() -> None:
    held = document()
    held, one, said = _moved(held, "receive")
    assert (one.status, one.received_on, said) == (
        Status.RECEIVED,
        TODAY,
        f"DETR : accusé de réception le {TODAY:%d/%m/%Y}",
    )
    held, one, said = _moved(held, "grant", amount=Decimal(40_000))
    assert (one.status, one.granted, one.letter) == (Status.GRANTED, 40_000, True)
    held, one, said = _moved(held, "pay", amount=Decimal(12_000))
    assert (one.status, one.paid) == (Status.GRANTED, 12_000)
    assert "reste 28" in said
    held, one, said = _moved(held, "pay", amount=Decimal(28_000))
    assert (one.status, one.paid) == (Status.PAID, 40_000)
    # What counts in the plan is what was granted, not what was asked.
    assert one.resource().amount == 40_000


def test_a_last_payment_may_be_less_than_was_granted() -> None:
    held, _, _ = _moved(document(), "grant", amount=Decimal(40_000))
    _, one, _ = _moved(held, "pay", amount=Decimal(35_000), last=True)
    assert (one.status, one.paid) == (Status.PAID, 35_000)


@pytest.mark.parametrize(
    ("verb", "said", "field"),
    [
        ("receive", {"on": TODAY - timedelta(days=30)}, "on"),
        ("grant", {"on": TODAY - timedelta(days=30), "amount": Decimal(1)}, "on"),
        ("refuse", {"on": TODAY - timedelta(days=30)}, "on"),
    ],
)  # fmt: skip
def test_dates_follow_one_another(verb: str, said: dict, field: str) -> None:
    with pytest.raises(life.NotPossible) as refused:
        _moved(document(), verb, **said)
    assert refused.value.field == field


def test_a_payment_does_not_come_before_the_decision() -> None:
    held, _, _ = _moved(document(), "grant", amount=Decimal(40_000))
    with pytest.raises(life.NotPossible, match="vient avant la décision") as refused:
        _moved(held, "pay", on=TODAY - timedelta(days=1), amount=Decimal(1_000))
    assert refused.value.field == "on"
    _, one, _ = _moved(held, "pay", amount=Decimal(1_000))
    assert one.paid == 1_000, "the same day is possible"


def test_what_is_considered_again_keeps_nothing_of_its_former_life() -> None:
    held, _, _ = _moved(document(), "receive")
    held, _, _ = _moved(held, "grant", amount=Decimal(40_000))
    _, one, _ = _moved(held, "reconsider")
    assert one.status is Status.CONSIDERED
    assert (one.filed_on, one.received_on, one.decided_on, one.granted) == (None,) * 4
    assert not one.letter, "the letter was that of the grant"
    assert one.amount == 50_000


def test_more_is_not_paid_than_was_granted() -> None:
    held, _, _ = _moved(document(), "grant", amount=Decimal(40_000))
    with pytest.raises(life.NotPossible, match="versés pour"):
        _moved(held, "pay", amount=Decimal("40000.01"))


def test_what_was_paid_is_not_considered_again() -> None:
    held, _, _ = _moved(document(), "grant", amount=Decimal(40_000))
    held, _, _ = _moved(held, "pay", amount=Decimal(1_000))
    with pytest.raises(life.NotPossible):
        _moved(held, "reconsider")


@pytest.mark.parametrize("status", list(Status))
def test_every_verb_follows_the_table_of_lives(status: Status) -> None:
    one = source("r", Fund.REGION, 1_000, status=status, granted=Decimal(1_000))
    possible = set(life.verbs_of(one))
    assert possible == LIFE.possible(status)
    for verb in set(life.VERBS) - possible:
        with pytest.raises(TransitionRefused):
            life.moved(document(one), one, verb, {"on": TODAY, "amount": Decimal(1)})


def test_own_money_has_no_dossier() -> None:
    assert life.verbs_of(source("own", Fund.OWN, 1_000)) == []


# -- After a refusal


def _refused_plan():
    return document(
        source("own", Fund.OWN, 25_000),
        source("departement", Fund.DEPARTMENT, 20_000, status=Status.GRANTED,
               granted=Decimal("18000.50"), rate=Decimal("0.2")),
        source("detr", Fund.DETR, 40_000, status=Status.REFUSED, rate=Decimal("0.4")),
        source("region", Fund.REGION, 15_000, status=Status.FILED, label="Région",
               letter=True),
    )  # fmt: skip


def test_after_a_refusal_every_plan_keeps_what_was_granted_and_holds() -> None:
    held = _refused_plan()
    found = next_plans(held, make_project(), TODAY)
    assert found.plans
    for one in found.plans:
        kept = {r.id: r for r in one.document.resources}
        assert kept["departement"].resource().amount == Decimal("18000.50")
        assert kept["departement"].status is Status.GRANTED
        assert kept["detr"].status is Status.REFUSED
        plan = one.document.plan()
        assert sum(r.amount for r in plan.counted) == plan.cost
        assert [c.sentence for c in checks(one.document) if c.verdict is Verdict.FAILS] == []


def test_what_is_already_asked_stays_as_it_was_sent() -> None:
    before = life.find(_refused_plan(), "region")
    found = next_plans(_refused_plan(), make_project(), TODAY)
    assert found.plans
    for one in found.plans:
        assert life.find(one.document, "region") == before
        assert one.first == ()


def test_a_plan_that_would_rewrite_a_filed_dossier_says_so_and_changes_no_line_of_it() -> None:
    sent = source("region", Fund.REGION, 95_000, status=Status.FILED, label="Région")
    held = document(source("detr", Fund.DETR, 40_000, status=Status.REFUSED), sent)
    found = next_plans(held, make_project(), TODAY)
    assert "déjà accordé ou demandé" in found.answer.conflict.sentence
    (one,) = found.plans
    assert one.first == ("Région : 80\u202f000\xa0€ au lieu de 95\u202f000\xa0€",)
    assert life.find(one.document, "region") == sent


def test_the_same_plan_stands_once_with_all_that_it_is_the_best_at() -> None:
    found = next_plans(document(source("own", Fund.OWN, 100_000)), make_project(), TODAY)
    titles = [title for one in found.plans for title in one.titles]
    assert len(titles) == 3
    assert len(found.plans) == len({str(one.document.as_json()) for one in found.plans})


def test_an_envelope_of_the_state_is_not_asked_under_another_name() -> None:
    project = make_project(name="Le toit", need="Refaire le toit de l'école")
    without = next_plans(document(source("own", Fund.OWN, 100_000)), project, TODAY)
    assert any("DETR" in one.candidate.label for one in without.answer.set_aside)
    refused = source("detr", Fund.DETR, 40_000, status=Status.REFUSED)
    found = next_plans(document(source("own", Fund.OWN, 100_000), refused), project, TODAY)
    assert not any("DETR" in one.candidate.label for one in found.answer.set_aside)


def test_the_least_own_money_comes_first() -> None:
    found = next_plans(_refused_plan(), make_project(), TODAY)
    owns = [one.found.own for one in found.plans]
    assert owns[0] == min(owns)


def test_a_loan_stays_as_far_as_it_is_needed() -> None:
    held = replace(
        _refused_plan(),
        resources=(*_refused_plan().resources, source("pret", Fund.LOAN, 10_000_000)),
    )
    for one in next_plans(held, make_project(), TODAY).plans:
        loan = life.find(one.document, "pret")
        assert loan is not None
        assert loan.amount == one.found.own


# -- Pressed twice, gone meanwhile


def test_what_is_pressed_twice_is_made_once() -> None:
    person = make_user(Role.APPLICANT)
    project = make_project(person)
    assert make_project(person) == project
    first = services.create_plan(project=project, by=person, document=document())
    assert services.create_plan(project=project, by=person, document=document()) == first
    copy = services.duplicate(plan=first, by=person, document=document())
    assert services.duplicate(plan=first, by=person, document=document()) == copy
    assert project.plans.count() == 2
    Plan.objects.update(created_at=now() - timedelta(minutes=1))
    Project.objects.update(created_at=now() - timedelta(minutes=1))
    assert services.create_plan(project=project, by=person, document=document()) != first
    assert make_project(person) != project


def test_after_the_chosen_plan_another_is_chosen() -> None:
    project, mairie = make_project(), make_user(Role.APPLICANT)
    first, second = make_plan(project, name="Un"), make_plan(project, name="Deux")
    assert services.delete(plan=first, by=mairie) == second
    second.refresh_from_db()
    assert second.chosen
    assert "parce que « Un » est supprimé" in second.events.get().said
    third = make_plan(project, name="Trois")
    assert services.delete(plan=third, by=mairie) is None
    assert services.delete(plan=second, by=mairie) is None


def test_what_is_gone_is_said_to_be_so() -> None:
    person = make_user(Role.APPLICANT)
    plan = make_plan()
    project = plan.project
    Plan.objects.filter(pk=plan.pk).delete()
    with pytest.raises(Http404, match="supprimé"):
        services.save(plan=plan, by=person, document=document(), seen=1, said="")
    with pytest.raises(Http404, match="supprimé"):
        services.choose(plan=plan, by=person)
    Project.objects.filter(pk=project.pk).delete()
    with pytest.raises(Http404, match="supprimé"):
        services.create_plan(project=project, by=person, document=document())


def test_what_could_not_be_read_again_is_not_kept() -> None:
    old = replace(document(), costs=(replace(document().costs[0], year=1926),))
    with pytest.raises(BadDocument):
        services.create_plan(project=make_project(), by=None, document=old)
    assert not Plan.objects.exists()


def test_a_last_payment_is_all_that_the_plan_counts() -> None:
    held, _, _ = _moved(document(), "grant", amount=Decimal(50_000))
    held, _, _ = _moved(held, "pay", amount=Decimal(15_000), last=True)
    detr = life.find(held, "detr")
    assert detr is not None
    assert detr.resource().amount == Decimal(15_000)
    assert detr.candidate().granted == Decimal(15_000)
    failing = [c.id for c in checks(held) if c.verdict is Verdict.FAILS]
    assert "balance" in failing
