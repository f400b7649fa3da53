"""The page of the treasury: choices tried, then kept, by pages of lines; long plans stay light."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from maillage.accounts.models import User
from maillage.engine.funding.cashflow import Quarter, Terms
from maillage.engine.funding.types import CostLine, Fund
from maillage.funding import cash
from maillage.funding.document import PlanDocument
from maillage.funding.forms.cash import PER_PAGE
from maillage.funding.models import Plan, PlanRevision
from maillage.funding.services import plans as services
from tests.browsing import form_with
from tests.funding.plans import document, held_by, make_plan, source
from tests.pages import text_of

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 21)


def _url(plan: Plan) -> str:
    return reverse("funding:cash", args=[plan.pk])


def long_document(costs: int = 200, funders: int = 60) -> PlanDocument:
    """A plan of many lines, as a market with many lots is."""
    lines = tuple(
        CostLine(f"c{n}", f"Lot {n}, {'maçonnerie ' * 3}", Decimal(1_000 + n),
                 Decimal(1_200 + n), year=2027 + n % 3)
        for n in range(1, costs + 1)
    )  # fmt: skip
    aids = [
        source(f"r{n}", Fund.REGION, 1_500 + n, label=f"Aide régionale numéro {n}", rate=None)
        for n in range(1, funders + 1)
    ]
    return replace(document(source("own", Fund.OWN, 60_000), *aids), costs=lines)


def test_choices_are_tried_then_kept_then_undone(its: Client, plan: Plan, mairie: User) -> None:
    sent = form_with(its.get(_url(plan)), "depuis")
    assert form_with(its.get(_url(plan), sent), "depuis") == sent, "left as it was"
    tried = its.get(_url(plan), sent | {"debut": "2028-2", "c0-de": "2028-2"})
    assert str(tried.context["found"].lines[0].quarter) == "2e trimestre 2028"
    plan.refresh_from_db()
    assert (plan.version, plan.cash) == (1, {})
    assert "Vous regardez d'autres choix" in text_of(tried)
    assert its.post(_url(plan), form_with(tried, "vu")).status_code == 302
    again = its.get(_url(plan))
    assert again.context["found"] == tried.context["found"]
    assert not again.context["tried"]
    file = its.get(_url(plan), {"export": "csv"}).getvalue().decode()
    assert "2e trimestre 2028" in file
    plan.refresh_from_db()
    assert (plan.version, "cash" in held_by(plan).notes) == (2, False)
    its.post(reverse("funding:undo", args=[plan.pk]), {"version": "1", "vu": "2"})
    plan.refresh_from_db()
    assert (plan.version, plan.cash) == (3, {}), "a version holds the choices too"


def test_what_is_typed_is_kept_without_being_calculated_first(its: Client, plan: Plan) -> None:
    sent = form_with(its.get(_url(plan)), "depuis")
    answer = its.post(_url(plan), sent | {"debut": "2028-2", "c0-de": "2029-1", "r0-avance": "25"})
    assert answer.status_code == 302
    plan.refresh_from_db()
    kept = cash.kept(plan.cash, held_by(plan), localdate())
    assert (kept.start, kept.spread["c1"]) == (Quarter(2028, 2), (Quarter(2029, 1), 4))
    assert kept.terms["detr"].advance == Decimal("0.25")


def test_what_is_typed_after_a_calculation_is_kept_too(its: Client, plan: Plan) -> None:
    sent = form_with(its.get(_url(plan)), "depuis")
    tried = form_with(its.get(_url(plan), sent | {"c0-de": "2028-2"}), "depuis")
    its.post(_url(plan), tried | {"c0-sur": "2"})
    plan.refresh_from_db()
    kept = cash.kept(plan.cash, held_by(plan), localdate())
    assert kept.spread["c1"] == (Quarter(2028, 2), 2)


def test_the_proof_goes_with_the_button_that_keeps_alone(plan: Plan, mairie: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(mairie)
    page = strict.get(_url(plan))
    sent = form_with(page, "depuis")
    assert "csrfmiddlewaretoken" not in sent, "what is calculated is sent in an address"
    assert strict.post(_url(plan), sent | {"debut": "2028-2"}).status_code == 403
    proof = str(page.context["csrf_token"])
    assert f'formmethod="post" class="fr-btn" name="csrfmiddlewaretoken" value="{proof}"' in (
        page.content.decode()
    )
    done = strict.post(_url(plan), sent | {"debut": "2028-2", "csrfmiddlewaretoken": proof})
    assert done.status_code == 302
    assert strict.get(_url(plan)).context["form"].initial["debut"] == "2028-2"


def test_choices_survive_someone_who_changed_the_plan_meanwhile(
    its: Client, plan: Plan, mairie: User
) -> None:
    sent = form_with(its.get(_url(plan)), "depuis") | {"debut": "2028-2", "c0-sur": "2"}
    held = held_by(plan)
    dearer = replace(held, costs=(replace(held.costs[0], net=Decimal(120_000)),))
    services.save(plan=plan, by=mairie, document=dearer, seen=1, said="")
    answer = its.post(_url(plan), sent)
    assert answer.status_code == 409
    assert "ils ne sont pas encore gardés" in text_of(answer)
    again = form_with(answer, "depuis")
    assert (again["debut"], again["c0-sur"], again["vu"]) == ("2028-2", "2", "2")
    assert its.post(_url(plan), again).status_code == 302
    plan.refresh_from_db()
    assert (plan.version, plan.cash["start"]) == (3, [2028, 2])
    more = replace(dearer, costs=(replace(held.costs[0], id="c9"), *dearer.costs))
    services.save(plan=plan, by=mairie, document=more, seen=3, said="")
    moved = its.post(_url(plan), again | {"vu": "3", "debut": "2029-1"}, follow=True)
    assert "rien n'a été fait" in text_of(moved), "the places of the lines have changed"
    looked = its.get(_url(plan), again | {"vu": "3"}, follow=True)
    assert "rien n'a été fait" in text_of(looked)
    plan.refresh_from_db()
    assert plan.version == 4


def test_a_bad_share_is_said_and_stays(its: Client, plan: Plan) -> None:
    sent = form_with(its.get(_url(plan)), "depuis")
    answer = its.get(_url(plan), sent | {"r0-avance": "250 %"})
    assert answer.status_code == 422
    assert 'value="250 %"' in answer.content.decode()
    assert its.post(_url(plan), sent | {"r0-avance": "250 %", "vu": "1"}).status_code == 422


def test_lines_of_several_pages_are_changed_before_anything_is_kept(
    its: Client, mairie: User
) -> None:
    plan = make_plan(held=long_document(), by=mairie)
    first = form_with(its.get(_url(plan)), "depuis")
    assert "c19-de" in first
    assert "c20-de" not in first
    turned = its.get(_url(plan), first | {"c3-de": "2029-1", "r2-avance": "50", "voir": "c2"})
    second = form_with(turned, "depuis")
    assert "c20-de" in second
    assert "c3-de" not in second
    assert "r2-avance" in second
    tried = its.get(_url(plan), second | {"c20-sur": "2", "voir": "r3"})
    its.post(_url(plan), form_with(tried, "vu"))
    plan.refresh_from_db()
    kept = cash.kept(plan.cash, held_by(plan), localdate())
    assert kept.spread["c4"] == (Quarter(2029, 1), 4)
    assert kept.spread["c21"][1] == 2
    assert len(kept.spread) == 2
    assert kept.terms == {"r3": Terms(Decimal("0.5"), Decimal(0), 1, 2)}
    back = form_with(its.get(_url(plan), {"voir": "c1"}), "depuis")
    assert (back["c3-de"], back["r2-avance"]) == ("2029-1", "50 %")


def test_a_line_put_back_as_usual_on_another_page_is_no_longer_kept(
    its: Client, mairie: User
) -> None:
    held = long_document(45, 1)
    plan = make_plan(held=held, by=mairie)
    sent = form_with(its.get(_url(plan)), "depuis")
    usual = sent["c3-de"]
    its.post(_url(plan), form_with(its.get(_url(plan), sent | {"c3-de": "2030-1"}), "vu"))
    sent = form_with(its.get(_url(plan)), "depuis")
    turned = its.get(_url(plan), sent | {"c3-de": usual, "voir": "c2"})
    its.post(_url(plan), form_with(turned, "vu"))
    plan.refresh_from_db()
    assert plan.cash["spread"] == {}


@pytest.mark.parametrize(
    "text", ["", "x", "c", "c9999-2027-1-4", "c0-2027-9-4", "c0-2027-1-99", "r0-2-0-1-1", "c-1-x",
             "r0-NaN-0-1-1", "c0-a-b-c", "r0-x-y", "_" * 900, "c0-" + "9" * 5_000 + "-1-1"],
)  # fmt: skip
def test_an_address_that_was_meddled_with_changes_nothing(its: Client, plan: Plan, text: str) -> (
    None
):  # fmt: skip
    sent = form_with(its.get(_url(plan)), "depuis")
    answer = its.get(_url(plan), sent | {"choix": text, "depuis": text, "voir": f"c{text}"[:9]})
    assert answer.status_code == 200
    assert not answer.context["tried"]


def test_choices_in_an_address_are_read_back() -> None:
    held = long_document(3, 3)
    kept = cash.Choices(Quarter(2027, 1), 1, {"c1": (Quarter(2027, 2), 3)}, {"r2": Terms()})
    other = cash.Choices(
        Quarter(2027, 1), 1, {"c3": (Quarter(2028, 4), 16)},
        {"r1": Terms(Decimal("0.3333"), Decimal("0.8"), 0, 12)},
    )  # fmt: skip
    text = cash.changed_text(other, kept, held)
    assert text == "c0-x_c2-2028-4-16_r0-0.3333-0.8-0-12_r1-x"
    assert cash.with_text(kept, text, held) == other
    assert cash.changed_text(other, kept, held, but={"c1", "r1", "r2"}) == "c2-2028-4-16"


def test_the_choices_go_away_with_a_plan_and_come_back_with_it(
    its: Client, client: Client, plan: Plan, mairie: User
) -> None:
    choices = cash.Choices(
        Quarter(2028, 2), 2, {"c1": (Quarter(2028, 4), 3)}, {"detr": Terms(Decimal("0.30"))}
    ).as_json()
    services.save(plan=plan, by=mairie, document=held_by(plan), seen=1, said="", cash=choices)
    where = reverse("funding:paper", args=[plan.pk, "dossier", "json"])
    file = SimpleUploadedFile("dossier.json", its.get(where).content)
    assert json.loads(file.read())["cash"] == choices
    file.seek(0)
    anyone = Client()
    opened = form_with(anyone.post(reverse("simulator:open"), {"fichier": file}), "tresorerie")
    checked = form_with(anyone.post(reverse("simulator:check"), opened), "tresorerie")
    taken = anyone.post(reverse("simulator:save"), checked)
    assert json.loads(taken.content)["cash"] == choices
    again = SimpleUploadedFile("plan.json", taken.content)
    reopened = form_with(anyone.post(reverse("simulator:open"), {"fichier": again}), "tresorerie")
    asked = form_with(its.post(reverse("funding:keep"), reopened), "plan")
    its.post(reverse("funding:keep"), asked | {"project": str(plan.project_id), "demande": "oui"})
    copy = Plan.objects.exclude(pk=plan.pk).get()
    assert copy.cash == choices
    assert [one.cash for one in copy.revisions.all()] == [choices]


def test_a_file_without_choices_does_not_take_those_of_the_plan_before(
    its: Client, plan: Plan
) -> None:
    before = {"tresorerie": json.dumps(cash.Choices(Quarter(2028, 2)).as_json())}
    file = SimpleUploadedFile("plan.json", json.dumps(held_by(plan).as_json()).encode())
    answer = its.post(reverse("simulator:open"), before | {"fichier": file})
    assert 'name="tresorerie"' not in answer.content.decode()


@pytest.mark.parametrize(
    "changed",
    [{"lag": 3}, {"lag": True}, {"start": [1999, 1]}, {"start": "2028-2"}, {"spread": []},
     {"spread": {"c1": [2028, 4, 99]}}, {"spread": {"c1": [2028.0, 4, 3]}}, {"more": 1},
     {"terms": {"detr": ["1e-9999999", "0", 1, 2]}}, {"terms": {"detr": ["NaN", "0", 1, 2]}},
     {"terms": {"detr": [0.3, "0", 1, 2]}}, {"terms": {"detr": ["0." + "0" * 99, "0", 1, 2]}}],
)  # fmt: skip
def test_choices_that_are_not_exact_are_left(changed: dict[str, Any]) -> None:
    good = cash.Choices(
        Quarter(2028, 2), 1, {"c1": (Quarter(2028, 4), 3), "zz": (Quarter(2028, 4), 3)}
    ).as_json()
    held = document()
    assert cash.carried(good, held) == good | {"spread": {"c1": [2028, 4, 3]}}
    assert cash.carried(good | changed, held) == {}
    assert "cash" not in cash.whole(held, good | changed)
    for nothing in (None, [], "x", 3):
        assert cash.carried(nothing, held) == {}


def test_a_line_that_goes_takes_its_choices_with_it(mairie: User) -> None:
    held = long_document(3, 2)
    plan = make_plan(held=held, by=mairie)
    choices = cash.Choices(Quarter(2027, 1), 1, {"c3": (Quarter(2028, 4), 2)}, {"r2": Terms()})
    plan = services.save(
        plan=plan, by=mairie, document=held, seen=1, said="", cash=choices.as_json()
    )
    less = replace(held, costs=held.costs[:2], resources=held.resources[:2])
    plan = services.save(plan=plan, by=mairie, document=less, seen=2, said="")
    assert (plan.cash["spread"], plan.cash["terms"]) == ({}, {})
    former = plan.revisions.get(number=2)
    plan = services.restore(plan=plan, by=mairie, former=former, document=held, seen=3)
    assert cash.kept(plan.cash, held, DAY) == choices, "and brings them back"
    copy = services.duplicate(plan=plan, by=mairie, document=held)
    assert copy.cash == plan.cash


def test_a_page_of_a_long_plan_is_light_and_asks_few_questions(
    its: Client, mairie: User, django_assert_max_num_queries: Any
) -> None:
    plan = make_plan(held=long_document(), by=mairie)
    its.get(_url(plan))
    with django_assert_max_num_queries(8):
        answer = its.get(_url(plan), headers={"accept-encoding": "identity"})
    assert len(answer.content) < 150_000
    assert len(answer.context["form"].cost_rows) == PER_PAGE
    assert "choisissez un trimestre" in text_of(answer)
    line = answer.context["found"].lines[2]
    moved = its.get(_url(plan), {"trimestre": cash.written_quarter(line.quarter)})
    assert len(moved.content) < 160_000
    shown = moved.context["moves"]
    assert {one.quarter for one in shown.flows} == {line.quarter}
    assert shown.more == len([
        one for one in moved.context["found"].flows if one.quarter == line.quarter
    ]) - len(shown.flows) > 0  # fmt: skip
    assert f"Et {shown.more} autres" in text_of(moved)
    assert cash.shown_moves(moved.context["found"], "1789-3").flows == ()


def test_the_choices_of_former_plans_are_carried_over(plan: Plan, mairie: User) -> None:
    migration = import_module("maillage.funding.migrations.0003_life_of_plans")
    choices = cash.Choices(Quarter(2027, 3), 2, {"c1": (Quarter(2027, 4), 6)})
    note = json.dumps(choices.as_json())
    content = plan.content | {"notes": {"cash": note, "territory": "24061"}}
    Plan.objects.filter(pk=plan.pk).update(content=content)
    PlanRevision.objects.filter(plan=plan).update(
        content=content | {"notes": {"cash": "{"}}, on_behalf_of="Bourrou"
    )
    migration.carry_over(apps, None)
    held = held_by(plan)
    assert held.notes == {"territory": "24061"}
    assert cash.kept(plan.cash, held, DAY) == choices
    revision = plan.revisions.get()
    assert (revision.cash, revision.content["notes"]) == ({}, {}), "what cannot be read goes"
    assert not plan.proposed, "a plan that is chosen stays so"
    Plan.objects.filter(pk=plan.pk).update(chosen=False)
    migration.carry_over(apps, None)
    plan.refresh_from_db()
    assert plan.proposed
    migration.carry_back(apps, None)
    assert json.loads(held_by(plan).notes["cash"]) == choices.as_json()
