"""The design of works (« maîtrise d'œuvre »): an investment with them, a study without; and what
the FCTVA leaves out, said.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from maillage.engine.funding.types import (
    Bearer,
    BearerKind,
    CostLine,
    Fund,
    Nature,
    Spending,
)
from maillage.funding import cash
from maillage.funding.document import PlanDocument, Source
from maillage.funding.pasting import Around, from_text
from maillage.funding.vat import Usual
from tests.funding.test_editor import DAY

AROUND = Around(Usual("20", "20 %", ("20", "10", "5.5", "2.1", "0"), ("20", "8.5")))
TABLE = "Dépense;HT\nTravaux école;420 000\n{};60 000\n"


@pytest.mark.parametrize(
    ("label", "spending"),
    [
        ("Maîtrise d'œuvre (10%)", Spending.INVESTMENT), ("MOE", Spending.INVESTMENT),
        ("Honoraires de l'architecte", Spending.INVESTMENT),
        ("Études et maîtrise d'œuvre", Spending.INVESTMENT),
        ("Étude de faisabilité", Spending.ENGINEERING), ("Diagnostic", Spending.ENGINEERING),
        ("Ingénierie", Spending.ENGINEERING),
    ],
)  # fmt: skip
def test_the_design_of_works_goes_with_them(label: str, spending: Spending) -> None:
    found = from_text(TABLE.format(label), AROUND)
    assert found.problems == []
    line = found.costs[1]
    assert (line.spending, line.nature) == (spending, Nature.STUDY)
    said = " ".join(found.assumed)
    assert ("lu en investissement" in said) is (spending is Spending.INVESTMENT)


def test_without_works_it_is_a_study_and_it_is_said() -> None:
    alone = "Dépense;HT\nMaîtrise d'œuvre;60 000\n"
    found = from_text(alone, AROUND)
    assert found.costs[0].spending is Spending.ENGINEERING
    assert "sans travaux au plan" in " ".join(found.assumed)
    assert from_text(alone, replace(AROUND, works=True)).costs[0].spending is Spending.INVESTMENT


def test_its_own_column_decides() -> None:
    text = "Dépense;HT;Section\nTravaux;9 000;Investissement\nMOE;900;Ingénierie, études\n"
    found = from_text(text, AROUND)
    assert found.costs[1].spending is Spending.ENGINEERING
    assert not any("investissement" in said for said in found.assumed)


def test_the_refund_of_vat_counts_it() -> None:
    """480 000 € without VAT, 576 000 € with it: 16,404 % of the whole come back."""
    found = from_text(TABLE.format("Maîtrise d'œuvre (10%)"), AROUND)
    held = document(tuple(found.costs))
    flow = cash.flow(held, cash.kept({}, held, DAY), DAY)
    back = sum(one.amount for one in flow.flows if one.kind == "vat")
    assert back == Decimal("94487.04")
    assert cash.left_out(held) == ""


@pytest.mark.parametrize(
    ("bearer", "left"),
    [
        (Bearer(BearerKind.COMMUNE, recovers_vat=True), True),
        (Bearer(BearerKind.COMMUNE), True),  # it most often has it
        (Bearer(BearerKind.COMMUNE, recovers_vat=False), False),
        (Bearer(BearerKind.ASSOCIATION, recovers_vat=True), False),  # the FCTVA is not for it
    ],
)
def test_what_the_fctva_leaves_out_is_named(bearer: Bearer, left: bool) -> None:
    lines = [
        CostLine("c1", "Travaux", Decimal(100), Decimal(120)),
        CostLine("c2", "Étude de sol", Decimal(10), Decimal(12), Spending.ENGINEERING),
        CostLine("c3", "Animation", Decimal(10), Decimal(12), Spending.OPERATION),
        CostLine("c4", "Étude sans TVA", Decimal(10), Decimal(10), Spending.ENGINEERING),
    ]
    said = cash.left_out(replace(document(tuple(lines)), bearer=bearer))
    assert ("« Étude de sol »" in said, "« Animation »" in said) == (left, left)
    assert "Travaux" not in said
    assert "sans TVA" not in said


def document(costs: tuple[CostLine, ...]) -> PlanDocument:
    """A plan of a commune that pays all by itself."""
    paid = Source("r1", "Commune", Fund.OWN, sum((one.net for one in costs), Decimal(0)))
    return PlanDocument(
        DAY, Bearer(BearerKind.COMMUNE, "Fouleix", "24", recovers_vat=True), costs, (paid,)
    )
