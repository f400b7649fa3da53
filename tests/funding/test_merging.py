"""Two people change a plan at once: nothing that either of them wrote is lost."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from maillage.accounts.models import User
from maillage.engine.funding.types import Bearer, BearerKind, CostLine, Fund, Status
from maillage.funding.document import Payment, PlanDocument, Source
from maillage.funding.merging import Merged, merge
from maillage.funding.models import Plan
from tests.funding.plans import document, held_by, make_plan, make_project, source
from tests.funding.test_plans_pages import _editor, _url

D = Decimal
DETR = Source("r1", "DETR", Fund.DETR, D(3_000), Status.TO_FILE)
OWN = Source("own", "Commune", Fund.OWN, D(7_000))
BASE = PlanDocument(
    date(2026, 11, 21), Bearer(BearerKind.COMMUNE, "Bourrou", "24"),
    (CostLine("c1", "Travaux", D(10_000), D(12_000)), CostLine("c2", "Étude", D(500), D(600))),
    (DETR, OWN), notes={"territory": "24061"},
)  # fmt: skip
FILED = replace(DETR, status=Status.FILED, amount=D(2_800), filed_on=date(2026, 11, 18))


def both(theirs: PlanDocument, mine: PlanDocument) -> Merged:
    """Both began from `BASE`."""
    return merge(BASE, theirs, mine, BASE)


def costs(*lines: CostLine) -> PlanDocument:
    return replace(BASE, costs=lines)


def resources(*lines: Source) -> PlanDocument:
    return replace(BASE, resources=lines)


def test_what_only_they_changed_stays_and_what_only_i_changed_is_mine() -> None:
    mine = costs(replace(BASE.costs[0], label="Travaux de la salle"), BASE.costs[1])
    made = both(resources(FILED, OWN), mine)
    assert made.document == replace(mine, resources=(FILED, OWN))
    assert made.asked == ()
    assert [said.split(" : ")[0] for said in made.kept] == [
        "« DETR », montant demandé", "« DETR », état", "« DETR », date du dépôt",
    ]  # fmt: skip


def test_what_both_changed_is_mine_and_said_with_both_values() -> None:
    made = both(resources(FILED, OWN), resources(replace(DETR, amount=D(3_500)), OWN))
    assert made.document.resources[0] == replace(FILED, amount=D(3_500))
    (said,) = made.asked
    assert said.startswith("« DETR », montant demandé : 3")
    assert "2\u202f800" in said


def test_the_same_change_twice_is_no_question() -> None:
    made = both(resources(FILED, OWN), resources(FILED, OWN))
    assert (made.asked, made.kept) == ((), ())
    assert made.document.resources == (FILED, OWN)


def test_payments_go_with_their_sum() -> None:
    came = (Payment(date(2026, 11, 20), D(800)),)
    paid = replace(DETR, status=Status.GRANTED, granted=D(2_500), paid=D(800),
                   paid_on=came[0].on, payments=came)  # fmt: skip
    made = both(resources(paid, OWN), resources(replace(DETR, note="Mme Martin"), OWN))
    assert made.document.resources[0] == replace(paid, note="Mme Martin")
    assert any("versements" in said for said in made.kept)


def test_lines_added_by_both_are_both_kept_each_with_its_own_name() -> None:
    theirs = CostLine("c3", "Toiture", D(1), D(1))
    mine = replace(
        costs(*BASE.costs, CostLine("c3", "Chauffage", D(2), D(2))),
        resources=(replace(DETR, lines=("c3",)), OWN),
    )
    made = both(costs(*BASE.costs, theirs), mine)
    assert sorted((c.id, c.label) for c in made.document.costs) == [
        ("c1", "Travaux"), ("c2", "Étude"), ("c3", "Toiture"), ("c4", "Chauffage"),
    ]  # fmt: skip
    assert made.document.resources[0].lines == ("c4",)


def test_a_line_that_one_removes_goes_unless_the_other_changed_it() -> None:
    assert both(BASE, resources(OWN)).document.resources == (OWN,)
    assert both(resources(OWN), BASE).document.resources == (OWN,)
    mine = both(resources(FILED, OWN), resources(OWN))
    assert mine.document.resources == (FILED, OWN)
    assert "retirée" in mine.asked[0]
    theirs = both(resources(OWN), resources(replace(DETR, note="x"), OWN))
    assert {one.id for one in theirs.document.resources} == {"r1", "own"}
    assert "retirée" in theirs.asked[0]


def test_a_resource_never_pays_a_cost_that_is_gone() -> None:
    tied = resources(replace(DETR, lines=("c2",)), OWN)
    made = both(tied, costs(BASE.costs[0]))
    assert made.document.resources[0].lines == ()
    assert any("dépenses qu'elle payait" in said for said in made.asked)


def test_the_place_goes_with_its_code() -> None:
    moved = replace(BASE, bearer=replace(BASE.bearer, name="Vergt"), notes={"territory": "24571"})
    assert both(moved, BASE).document.notes == {"territory": "24571"}
    assert both(BASE, moved).document.notes == {"territory": "24571"}
    elsewhere = replace(BASE, bearer=replace(BASE.bearer, name="Paunat"),
                        notes={"territory": "24318"})  # fmt: skip
    made = both(moved, elsewhere).document
    assert (made.bearer.name, made.notes["territory"]) == ("Paunat", "24318")


def test_without_the_first_version_all_that_differs_is_asked() -> None:
    made = merge(None, resources(FILED, OWN), BASE, BASE)
    assert len(made.asked) == 3
    assert merge(None, resources(FILED, OWN), resources(OWN), BASE).document.resources[0] == FILED


def test_lines_that_i_moved_stay_where_i_put_them() -> None:
    mine = costs(*reversed(BASE.costs))
    theirs = costs(replace(BASE.costs[0], label="Gros œuvre"), BASE.costs[1])
    assert [c.label for c in both(theirs, mine).document.costs] == ["Étude", "Gros œuvre"]


VALUES: dict[str, Any] = {
    "label": ("DETR", "DETR 2027"), "amount": (D(3_000), D(1), D(2)), "note": ("", "a", "b"),
    "filed_on": (None, date(2026, 1, 1), date(2026, 2, 2)), "letter": (False, True),
    "rate": (None, D("0.4"), D("0.5")), "granted": (None, D(9)),
}  # fmt: skip
changes = st.fixed_dictionaries({}, optional={k: st.sampled_from(v) for k, v in VALUES.items()})


@given(changes, changes)
def test_no_field_is_ever_lost(theirs: dict[str, Any], mine: dict[str, Any]) -> None:
    their_one, my_one = replace(DETR, **theirs), replace(DETR, **mine)
    made = both(resources(their_one, OWN), resources(my_one, OWN))
    found = made.document.resources[0]
    asked = 0
    for name in (one.name for one in fields(Source)):
        was, other, own = (getattr(x, name) for x in (DETR, their_one, my_one))
        assert getattr(found, name) == (other if own == was else own)
        asked += other != was and own not in (was, other)
    assert len(made.asked) == asked


# -- On the page


@pytest.fixture
def its(client: Client, mairie: User) -> Client:
    client.force_login(mairie)
    return client


@pytest.fixture
def to_file(mairie: User) -> Plan:
    return make_plan(make_project(mairie), document(
        source("own", Fund.OWN, 97_000),
        source("r1", Fund.DETR, 3_000, status=Status.TO_FILE, label="DETR"),
    ), by=mairie)  # fmt: skip


def _note(its: Client, plan: Plan, verb: str, **said: str) -> None:
    plan.refresh_from_db()
    address = f"{_url('verb', plan, verb=verb)}?ligne=r1"
    assert its.post(address, {"vu": str(plan.version), **said}).status_code == 302


def _shown(answer: Any) -> dict[str, str]:
    """The form of a page, as a browser would send it again."""
    editor = answer.context["editor"]
    sent = {"vu": str(answer.context["version"]), "notes": editor.notes_text, "retires": ""}
    for row in (editor.plan, editor.bearer, *editor.costs, *editor.resources):
        sent |= {f"{row.name}-{field}": value for field, value in row.values.items()}
    return sent | {"faire": "enregistrer"}


@pytest.mark.django_db
def test_saving_again_after_a_conflict_keeps_what_others_noted(its: Client, to_file: Plan) -> None:
    sent = _editor(to_file) | {"c0-label": "Travaux de la salle", "faire": "enregistrer"}
    _note(its, to_file, "file", on="2026-11-18", amount="2 800")
    _note(its, to_file, "receive", on="2026-11-20")
    noted = held_by(to_file).resources[1]
    answer = its.post(_url("edit", to_file), sent)
    assert answer.status_code == 409
    said = answer.content.decode()
    for one in ("date du dépôt", "accusé de réception", "montant demandé"):
        assert one in said
    assert its.post(_url("edit", to_file), _shown(answer)).status_code == 302
    held = held_by(to_file)
    assert held.resources[1] == noted
    assert held.costs[0].label == "Travaux de la salle"


@pytest.mark.django_db
def test_a_grant_and_a_payment_noted_meanwhile_are_kept(its: Client, to_file: Plan) -> None:
    _note(its, to_file, "file", on="2026-11-01", amount="3 000")
    sent = _editor(to_file) | {"c0-label": "Travaux de la salle", "faire": "enregistrer"}
    _note(its, to_file, "grant", on="2026-11-19", amount="2 500")
    _note(its, to_file, "pay", on="2026-11-20", amount="800")
    noted = held_by(to_file).resources[1]
    answer = its.post(_url("edit", to_file), sent)
    assert answer.status_code == 409
    assert its.post(_url("edit", to_file), _shown(answer)).status_code == 302
    assert held_by(to_file).resources[1] == noted
    assert held_by(to_file).resources[1].payments


@pytest.mark.django_db
def test_saving_the_same_thing_twice_is_no_conflict(its: Client, to_file: Plan) -> None:
    sent = _editor(to_file) | {"c0-label": "Travaux de la salle", "faire": "enregistrer"}
    assert its.post(_url("edit", to_file), sent).status_code == 302
    assert its.post(_url("edit", to_file), sent).status_code == 302
    to_file.refresh_from_db()
    assert to_file.version == 2
