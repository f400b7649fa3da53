"""The plan editor: plans that are kept, the VAT of a place, plans of hundreds of lines."""

import gzip
from decimal import Decimal
from typing import Any

import pytest
from django.template.loader import render_to_string

from maillage.engine.funding.types import CostLine, Fund, Status
from maillage.funding.document import PlanDocument, Source
from maillage.funding.forms.editor import Editor
from tests.funding.test_editor import DAY, again, plan, sent, shown

pytestmark = pytest.mark.django_db

# -- A plan that is kept


def test_in_a_kept_plan_a_status_is_told_on_its_page() -> None:
    held = plan(resources=(Source("r1", "DETR", Fund.DETR, Decimal(5), Status.FILED),))
    editor = again(sent(Editor.of(held), r0_status="paid"))
    editor.keep_statuses(held)
    found = editor.document(DAY)
    assert found is not None
    assert found.resources[0].status is Status.FILED


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        ({"r0_granted": ""}, "r0-granted"),
        ({"r0_granted": "3", "r0_paid": "4"}, "r0-paid"),
        ({"r0_granted": "4", "r0_paid": "4"}, ""),
    ],
)
def test_what_was_granted_may_be_corrected_not_taken_away(
    cells: dict[str, str], wrong: str
) -> None:
    one = Source("r1", "DETR", Fund.DETR, Decimal(5), Status.GRANTED, granted=Decimal(4))
    held = plan(resources=(one,))
    editor = again(sent(Editor.of(held), **cells))
    editor.keep_statuses(held)
    editor.document(DAY)
    assert [place for place, _ in editor.problems] == ([wrong] if wrong else [])


@pytest.mark.parametrize(
    ("said", "counted"),
    [({}, 40), ({"granted": 35}, 35), ({"granted": 35, "paid": 20, "status": Status.PAID}, 20)],
)
def test_the_total_of_the_page_is_that_of_the_checks(said: dict[str, Any], counted: int) -> None:
    one = {"status": Status.GRANTED, **said}
    money = {k: Decimal(v) for k, v in one.items() if k != "status"}
    source = Source("r1", "DETR", Fund.DETR, Decimal(40), one["status"], **money)
    held = plan(resources=(source,))
    assert Editor.of(held).ready().resource_total == counted
    assert sum(r.amount for r in held.plan().counted) == counted


# -- VAT by place


@pytest.mark.parametrize(
    ("place", "rate", "gross"),
    [("Bourrou", "20", 1200), ("Saint-Denis (974)", "8.5", 1085), ("Kourou", "0", 1000)],
)
def test_the_vat_proposed_is_that_of_the_place(place: str, rate: str, gross: int) -> None:
    new = Editor.new(DAY)
    code = {"Saint-Denis (974)": "97411"}.get(place, "")
    changes = {"b_code": code, "b_held": f"{code}|{place}"} if code else {}
    editor = again(sent(new, b_place=place, **changes))
    editor.document(DAY)
    assert editor.ready().costs[0].values["vat"] == rate
    editor = again(sent(editor, c0_label="Mur", c0_net="1000", r0_amount="5"))
    found = editor.document(DAY)
    assert found is not None
    assert found.costs[0].gross == gross
    assert editor.ready().remarks == []


def test_a_rate_that_does_not_apply_there_is_said_and_kept() -> None:
    editor = again(sent(Editor.of(plan()), b_place="Kourou"))
    found = editor.document(DAY)
    assert found is not None
    assert found.costs[0].gross == 1200
    assert [place for place, _ in editor.ready().remarks] == ["c0-vat"]


# -- Long plans


def long_plan(costs: int = 30, resources: int = 15) -> PlanDocument:
    lines = tuple(CostLine(f"c{n}", f"L{n}", Decimal(n), Decimal(n), year=2027)
                  for n in range(1, costs + 1))  # fmt: skip
    paid = tuple(
        Source(f"r{n}", f"A{n}", Fund.REGION, Decimal(n), rate=Decimal("0.5"), letter=True,
               lines=("c1", "c2", "c3", f"c{n + 5}"), note="à rappeler")
        for n in range(1, resources + 1)
    )  # fmt: skip
    return plan(costs=lines, resources=paid)


@pytest.mark.parametrize("document", [plan(), long_plan(9, 3), long_plan()])
def test_a_plan_goes_through_the_page_unchanged(document: PlanDocument) -> None:
    """Folded or not, whatever is not in sight goes on."""
    editor = Editor.of(document)
    for _ in range(2):
        editor = again(shown(editor))
        assert editor.document(DAY) == document


def test_the_details_of_a_long_plan_are_opened_one_by_one() -> None:
    editor = again(shown(Editor.of(long_plan())))
    assert editor.ready().folded
    editor.act("ouvrir-r3")
    editor = again(shown(editor))
    assert [row.name for row in editor.ready().resources if row.extra["whole"]] == ["r3"]
    assert editor.resources[3].values["numbers"] == "1-3, 9"
    data = shown(editor)
    data["r3-numbers"] = "2 à 4 et 30"
    editor = again(data)
    found = editor.document(DAY)
    assert found is not None
    assert found.resources[3].lines == ("c2", "c3", "c4", "c30")
    editor.act("fermer-r3")
    assert not any(row.extra["whole"] for row in again(shown(editor)).ready().resources)


@pytest.mark.parametrize("typed", ["31", "0", "3-1", "x", "1-"])
def test_a_number_that_no_cost_has_is_said_and_nothing_is_lost(typed: str) -> None:
    editor = again(shown(Editor.of(long_plan())))
    editor.act("ouvrir-r3")
    data = shown(editor)
    data["r3-numbers"] = typed
    editor = again(data)
    assert editor.document(DAY) is None
    assert [place for place, _ in editor.problems] == ["r3-numbers"]
    assert f'value="{typed}"' in render_to_string(
        "funding/editor/editor.html", {"editor": editor.ready()}
    )


def test_a_plan_of_two_hundred_lines_on_each_side_is_a_light_page() -> None:
    page = render_to_string(
        "funding/editor/editor.html", {"editor": Editor.of(long_plan(200, 190)).ready()}
    )
    assert len(gzip.compress(page.encode(), 6)) < 100_000


def test_what_may_be_taken_back_is_not_heavier_than_the_page() -> None:
    editor = Editor.of(long_plan(200, 190))
    for _ in range(8):
        editor.remember_whole(long_plan(200, 190))
    assert editor.removed
    assert len(editor.ready().removed_text) < 200_000
    again(shown(editor)).act("remettre")
