"""Pages of plans: what a person does, from the project to the paper, and what a bad input gives."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from maillage.accounts.models import User
from maillage.engine.funding.types import Fund, Status
from maillage.funding import life
from maillage.funding.forms.editor import Editor
from maillage.funding.models import Plan
from maillage.funding.services import plans as services
from maillage.projects.models import Project
from tests.desk import files
from tests.funding.plans import document, held_by, join, make_plan, make_project, source
from tests.pages import text_of

pytestmark = pytest.mark.django_db
TODAY = localdate()


def _url(name: str, plan: Plan, **more: Any) -> str:
    return reverse(f"funding:{name}", kwargs={"pk": plan.pk, **more})


def _verb(plan: Plan, verb: str, name: str = "detr") -> str:
    return f"{_url('verb', plan, verb=verb)}?ligne={name}"


def _editor(plan: Plan) -> dict[str, str]:
    """The editor's form as the page sends it."""
    editor = Editor.of(held_by(plan)).ready()
    sent = {"vu": str(plan.version), "notes": editor.notes_text, "retires": ""}
    for row in (editor.plan, editor.bearer, *editor.costs, *editor.resources):
        sent |= {f"{row.name}-{field}": value for field, value in row.values.items()}
    return sent


def test_from_a_project_to_a_plan_with_its_budget_and_aids(its: Client, mairie: User) -> None:
    project = make_project(mairie, budget=Decimal(80_000), phase="travaux")
    page = its.get(reverse("funding:new", args=[project.pk]))
    aids = [aid.offer for aid in page.context["aids"]]
    assert aids
    answer = its.post(reverse("funding:new", args=[project.pk]), {"aide": aids[:2]})
    plan = Plan.objects.get()
    assert answer["Location"] == _url("edit", plan)
    held = held_by(plan)
    assert held.plan().cost == 80_000
    assert (held.bearer.name, held.bearer.department) == ("Bourrou", "24")
    assert [one.offer for one in held.resources] == ["", *aids[:2]]
    assert its.get(answer["Location"]).status_code == 200


def test_the_page_says_whether_it_holds_and_what_to_do(its: Client, plan: Plan) -> None:
    page = its.get(plan.get_absolute_url())
    text = page.content.decode()
    assert page.context["report"].headline in text.replace("\u00a0", " ") or page.context["report"]
    assert "100\u202f000" in text
    assert page.context["next"].sentence


def test_the_editor_saves_a_version_with_what_was_said(its: Client, plan: Plan) -> None:
    sent = _editor(plan) | {"c0-net": "120 000", "faire": "enregistrer", "dire": "Devis reçu"}
    answer = its.post(_url("edit", plan), sent)
    assert answer.status_code == 302
    assert held_by(plan).plan().cost == 120_000
    assert plan.revisions.first().said == "Devis reçu"  # type: ignore[union-attr]
    # Dates and statuses that the editor does not show are still there.
    detr = life.find(held_by(plan), "detr")
    assert detr is not None
    assert (detr.status, detr.filed_on) == (Status.FILED, TODAY - timedelta(days=9))


def test_aids_of_the_catalogue_are_found_and_added_in_the_editor(its: Client, plan: Plan) -> None:
    sent = _editor(plan) | {"besoin": "changer la chaudière de l'école", "faire": "chercher-aides"}
    found = its.post(_url("edit", plan), sent)
    assert found.status_code == 200
    assert "cochez celles à étudier" in found.content.decode()
    offers = [aid.offer for aid, *_ in found.context["aids"]][:2]
    added = its.post(_url("edit", plan), sent | {"faire": "ajouter-aides", "aide": offers})
    assert added.status_code == 200
    labels = {row.values["offer"] for row in added.context["editor"].resources}
    assert set(offers) <= labels


def test_a_check_in_the_editor_writes_nothing(its: Client, plan: Plan) -> None:
    answer = its.post(_url("edit", plan), _editor(plan) | {"c0-net": "1", "faire": "verifier"})
    assert answer.status_code == 200
    plan.refresh_from_db()
    assert plan.version == 1


def test_a_bad_amount_is_said_at_its_place_and_stays(its: Client, plan: Plan) -> None:
    answer = its.post(
        _url("edit", plan), _editor(plan) | {"c0-net": "douze", "faire": "enregistrer"}
    )
    assert answer.status_code == 422
    assert "douze" in answer.content.decode()
    plan.refresh_from_db()
    assert plan.version == 1


def test_a_conflict_loses_nothing_and_may_then_be_saved(
    its: Client, plan: Plan, mairie: User
) -> None:
    sent = _editor(plan) | {"c0-net": "120 000", "faire": "enregistrer"}
    services.save(plan=plan, by=mairie, document=document(net=90_000), seen=1, said="Autre")
    answer = its.post(_url("edit", plan), sent)
    assert answer.status_code == 409
    assert answer.context["editor"].costs[0].values["net"].replace("\u202f", " ") == "120 000"
    assert "Autre" in answer.content.decode()
    assert held_by(plan).plan().cost == 90_000
    again = its.post(_url("edit", plan), sent | {"vu": answer.context["version"]})
    assert again.status_code == 302
    assert held_by(plan).plan().cost == 120_000


# -- Verbs


def test_a_receipt_is_noted_and_told_in_the_versions(its: Client, plan: Plan) -> None:
    assert its.get(_verb(plan, "receive")).status_code == 200
    sent = {"vu": "1", "on": TODAY.isoformat(), "note": "Dossier 12"}
    assert its.post(_verb(plan, "receive"), sent).status_code == 302
    one = life.find(held_by(plan), "detr")
    assert one is not None
    assert (one.status, one.received_on, one.note) == (Status.RECEIVED, TODAY, "Dossier 12")
    assert "accusé de réception" in its.get(_url("versions", plan)).content.decode()


def test_what_is_to_come_is_not_noted_as_done(its: Client, plan: Plan) -> None:
    tomorrow = TODAY + timedelta(days=1)
    answer = its.post(_verb(plan, "receive"), {"vu": "1", "on": tomorrow.isoformat()})
    assert answer.status_code == 422
    assert tomorrow.isoformat() in answer.content.decode()
    assert "à venir" in answer.content.decode()


def test_a_verb_that_does_not_follow_is_refused_in_words(its: Client, plan: Plan) -> None:
    assert its.get(_verb(plan, "pay")).status_code == 409
    sent = {"vu": "1", "on": TODAY.isoformat(), "amount": "10"}
    answer = its.post(_verb(plan, "pay"), sent)
    assert answer.status_code == 409
    assert "n'est pas possible" in answer.context["form"].non_field_errors()[0]
    plan.refresh_from_db()
    assert plan.version == 1


def test_a_verb_on_a_plan_that_changed_says_so(its: Client, plan: Plan, mairie: User) -> None:
    services.save(plan=plan, by=mairie, document=document(net=90_000), seen=1, said="Autre")
    answer = its.post(_verb(plan, "receive"), {"vu": "1", "on": TODAY.isoformat()})
    assert answer.status_code == 409
    assert str(answer.context["vu"]) == "2"


@pytest.mark.parametrize("address", ["inconnu", "receive?ligne=nulle", "receive"])
def test_a_line_or_verb_that_is_not_there_is_not_found(
    its: Client, plan: Plan, address: str
) -> None:
    verb, _, query = address.partition("?")
    assert its.get(f"{_url('verb', plan, verb=verb)}?{query}").status_code == 404


def test_a_refusal_leads_to_what_remains_and_one_button_takes_it(its: Client, mairie: User) -> None:
    plan = make_plan(held=document(
        source("own", Fund.OWN, 25_000),
        source("dep", Fund.DEPARTMENT, 30_000, status=Status.GRANTED, granted=Decimal(28_000)),
        source("detr", Fund.DETR, 45_000, status=Status.FILED, rate=Decimal("0.5"), letter=True),
    ), by=mairie)  # fmt: skip
    answer = its.post(_verb(plan, "refuse"), {"vu": "1", "on": TODAY.isoformat()})
    assert answer["Location"] == _url("next", plan)
    page = its.get(answer["Location"])
    assert [one.id for one in page.context["granted"]] == ["dep"]
    best = page.context["plans"][0][0]
    taken = its.post(_url("next", plan), {"vu": "2", "plan": best.kind})
    assert taken.status_code == 302
    held = held_by(plan)
    assert plan.version == 3
    kept = life.find(held, "dep")
    assert kept is not None
    assert kept.granted == 28_000
    assert sum(r.amount for r in held.plan().counted) == held.plan().cost
    refused = life.find(held, "detr")
    assert refused is not None
    assert refused.status is Status.REFUSED


def test_a_plan_that_is_not_proposed_is_not_taken(its: Client, plan: Plan) -> None:
    answer = its.post(_url("next", plan), {"vu": "1", "plan": "autre"})
    assert answer["Location"] == _url("next", plan)
    plan.refresh_from_db()
    assert plan.version == 1


# -- The plan as a whole


def test_undo_from_the_page(its: Client, plan: Plan, mairie: User) -> None:
    services.save(plan=plan, by=mairie, document=document(net=90_000), seen=1, said="Autre")
    assert its.post(_url("undo", plan), {"vu": "2", "version": "1"}).status_code == 302
    assert held_by(plan).plan().cost == 100_000
    # From an old page: nothing is written.
    its.post(_url("undo", plan), {"vu": "2", "version": "2"})
    assert held_by(plan).plan().cost == 100_000
    assert its.post(_url("undo", plan), {"vu": "3", "version": "99"}).status_code == 404


def test_copy_choose_rename_delete(its: Client, plan: Plan) -> None:
    copy = Plan.objects.get(pk=its.post(_url("duplicate", plan))["Location"].split("/")[2])
    its.post(_url("choose", copy))
    copy.refresh_from_db()
    assert copy.chosen
    assert its.post(_url("rename", copy), {"name": " "}).status_code == 422
    its.post(_url("rename", copy), {"name": "Sans la DETR"})
    copy.refresh_from_db()
    assert copy.name == "Sans la DETR"
    assert "revenir en arrière" in its.get(_url("delete", copy)).content.decode()
    assert Plan.objects.count() == 2
    its.post(_url("delete", copy))
    assert list(Plan.objects.all()) == [plan]


def test_versions_are_searched_paginated_and_exported(
    its: Client, plan: Plan, mairie: User
) -> None:
    for number in range(1, 24):
        services.save(plan=plan, by=mairie, document=document(net=100_000 + number),
                      seen=number, said=f"Étape {number}")  # fmt: skip
    assert its.get(_url("versions", plan)).context["page"].paginator.num_pages == 2
    found = its.get(_url("versions", plan), {"q": "Étape 23"}).context["rows"]
    assert [one.said for one in found] == ["Étape 23"]
    file = its.get(_url("versions", plan), {"export": "csv"})
    assert len(file.getvalue().decode().splitlines()) == 25


@pytest.mark.parametrize("kind", ["csv", "ods", "xlsx"])
def test_the_table_is_exported(its: Client, plan: Plan, kind: str) -> None:
    assert its.get(_url("export", plan), {"export": kind}).status_code == 200
    assert its.get(_url("export", plan), {"export": "doc"}).status_code == 404


def test_papers_are_made_and_others_do_not_exist(its: Client, plan: Plan) -> None:
    made = its.get(_url("paper", plan, what="dossier", kind="json"))
    assert json.loads(made.content)
    assert "attachment" in made["Content-Disposition"]
    assert its.get(_url("paper", plan, what="dossier", kind="pdf")).status_code == 404
    assert its.get(_url("paper", plan, what="roman", kind="pdf")).status_code == 404


@pytest.mark.parametrize("name", ["plan", "versions", "cash", "calendar", "edit", "next"])
def test_a_page_asks_few_questions(
    its: Client, mairie: User, name: str, django_assert_max_num_queries: Any
) -> None:
    project: Project = make_project(mairie)
    plan = make_plan(project, by=mairie)
    for number in range(8):
        make_plan(project, by=mairie, name=f"Plan {number}")
    its.get(_url(name, plan))  # the snapshots are held from the first time
    with django_assert_max_num_queries(14):
        assert its.get(_url(name, plan)).status_code == 200


def test_more_than_was_asked_is_granted_only_knowingly(its: Client, plan: Plan) -> None:
    address = _url("verb", plan, verb="grant") + "?ligne=detr"
    sent = {"on": TODAY.isoformat(), "amount": "500 000", "vu": "1"}
    answer = its.post(address, sent)
    assert answer.status_code == 422
    assert "C'est plus que les 50 000 € demandés" in text_of(answer)
    plan.refresh_from_db()
    assert plan.version == 1
    assert its.post(address, {**sent, "amount": "60 000", "more": "on"}).status_code == 302
    plan.refresh_from_db()
    pay = _url("verb", plan, verb="pay") + "?ligne=detr"
    its.post(pay, {"on": TODAY.isoformat(), "amount": "12 000", "vu": plan.version})
    assert "accordé 60 000 €, déjà versé 12 000 €, reste 48 000 €" in text_of(its.get(pay))


def test_a_project_named_after_its_need_is_given_a_name(its: Client, mairie: User) -> None:
    project = make_project(mairie, name="Nous voudrions rouvrir le bistrot dans…")
    address = reverse("funding:new", args=[project.pk])
    aid = its.get(address).context["aids"][0].offer
    for name, said in (("  ", "Donnez un nom au projet"), ("x" * 121, "120 caractères")):
        answer = its.post(address, {"nom": name, "aide": [aid]})
        assert answer.status_code == 422
        assert text_of(answer).count(said) == 2  # at the top and at the field
        page = answer.content.decode()
        assert f'name="aide" value="{aid}" checked' in page
        assert page.count(" checked>") == 1
        assert f'value="{name.strip()}"' in page
    assert not Plan.objects.exists()
    assert its.post(address, {"nom": " Rouvrir  le café ", "aide": [aid]}).status_code == 302
    project.refresh_from_db()
    assert project.name == "Rouvrir le café"
    assert Plan.objects.get().project == project


def test_a_file_that_was_there_is_said_when_a_verb_gives_it_again(
    its: Client, plan: Plan, mairie: User
) -> None:
    join(plan, by=mairie, body=files.pdf())
    sent = {"vu": "1", "on": TODAY.isoformat(), "amount": "40 000"}
    upload = SimpleUploadedFile("decision.pdf", files.pdf())
    page = its.post(_verb(plan, "grant"), {**sent, "file": upload}, follow=True)
    assert "« arrete.pdf » était déjà jointe (Décision du financeur)" in text_of(page)
    assert plan.attachments.count() == 1
    other = SimpleUploadedFile("solde.pdf", files.pdf(b"2"))
    sent = {"vu": "2", "on": TODAY.isoformat(), "amount": "10 000", "file": other}
    assert "déjà jointe" not in text_of(its.post(_verb(plan, "pay"), sent, follow=True))
    assert plan.attachments.count() == 2
