"""The search under the caps of what each grant pays, not of the whole only."""

from dataclasses import replace
from decimal import Decimal

import pytest

from maillage.engine.funding.optimise import best_plans
from maillage.engine.funding.types import PUBLIC, Fund
from tests.funding.factories import COMMUNE, LAW, line, money, plan
from tests.funding.test_optimise import aid, failures

KOUROU = replace(COMMUNE, department="973")
ROOF, WALL = frozenset({"Toit"}), frozenset({"Mur"})


@pytest.mark.parametrize("rate", ["0.3", "0.6"])
def test_the_cap_of_a_grant_binds_on_the_lines_that_it_pays(rate: str) -> None:
    """Without a share of its own to keep (Guyane), 80 % of the roof is all that public aids bring
    there, whatever the region could add: 120 of 200 are left to pay.
    """
    made = plan([line(100_000, "Toit"), line(100_000, "Mur")], bearer=KOUROU)
    aids = [aid("a", Fund.DETR, "0.6", lines=ROOF), aid("b", Fund.REGION, rate, lines=ROOF)]
    best = best_plans(made, aids, LAW).plans[0]
    assert (best.own, failures(best.plan), best.proved) == (Decimal(120_000), [], True)
    assert best.plan.brought(PUBLIC) == 80_000


def test_an_aid_on_other_lines_is_not_held_back_by_that_cap() -> None:
    made = plan([line(100_000, "Toit"), line(100_000, "Mur")], money(Fund.OWN, 0), bearer=KOUROU)
    aids = [aid("a", Fund.DETR, "0.8", lines=ROOF), aid("b", Fund.REGION, "0.8", lines=WALL)]
    best = best_plans(made, aids, LAW).plans[0]
    assert (best.own, failures(best.plan)) == (Decimal(40_000), [])
