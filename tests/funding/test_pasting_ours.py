"""Our own sheet of a plan, pasted or imported back: its lines, and where each aid stands."""

from decimal import Decimal

import pytest

from maillage.engine.funding.types import Fund, Status
from maillage.funding.document import Source
from maillage.funding.papers.plansheet import plan_as_ods
from maillage.funding.pastedcells import status_of
from maillage.funding.pasting import Around, from_file
from maillage.funding.vat import Usual
from tests.funding.papers import changed, subject

MAINLAND = Around(Usual("20", "20 %", ("20", "10", "5.5", "2.1", "0"), ("20", "8.5")))
D = Decimal


@pytest.mark.django_db
def test_our_own_plan_of_financing_is_read_again() -> None:
    """Titles above, two tables side by side, subtotals, cash under the totals."""
    made = subject()
    found = from_file(plan_as_ods(made), "plan.ods", MAINLAND)
    assert found.problems == []
    assert [(c.label, c.net, c.gross, c.spending) for c in found.costs] == [
        (c.label, c.net, c.gross, c.spending) for c in made.document.costs
    ]
    told = made.document.resources
    assert {(one.label, one.fund, one.resource().amount) for one in found.resources} == {
        (one.label, one.fund, one.resource().amount) for one in told
    }
    assert any("après le total" in said for said in found.left_out)


@pytest.mark.django_db
def test_our_own_sheet_says_where_each_aid_stands() -> None:
    told = tuple(
        Source(f"r{n}", f"Aide {status.value}", Fund.REGION, D(1_000 + n), status)
        for n, status in enumerate(Status)
    )
    sheet = plan_as_ods(changed(resources=(*told, Source("o", "Commune", Fund.OWN, D(50)))))
    found = from_file(sheet, "plan.ods", MAINLAND)
    assert found.problems == []
    assert {one.label: (one.status, one.amount) for one in found.resources} == {
        "Commune": (Status.CONSIDERED, 50), **{one.label: (one.status, one.amount) for one in told}
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Sollicité (accusé de réception)", Status.RECEIVED), ("Acquis (versé)", Status.PAID),
        ("À solliciter (envisagé)", Status.CONSIDERED), ("À solliciter", Status.TO_FILE),
        ("Acquis (délibération du 3 mars)", Status.GRANTED), ("Refusé, non compté", Status.REFUSED),
        ("(versé)", Status.PAID), ("on verra", None), ("", None),
    ],
)  # fmt: skip
def test_the_words_of_a_state(said: str, status: Status | None) -> None:
    assert status_of(said) is status
