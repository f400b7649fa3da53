"""What a best plan says of itself: on which base, what it leaves out, what stays to be asked."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.template.loader import render_to_string

from maillage.engine.funding import finished, limits
from maillage.engine.funding.candidates import sort_out
from maillage.engine.funding.optimise import _doubt, best_plans
from maillage.engine.funding.types import Bearer, BearerKind, Fund, Nature, Spending, Verdict
from maillage.funding.document import PlanDocument, Source, candidates_of, read
from maillage.funding.taking import taken
from tests.funding.factories import COMMUNE, DAY, LAW, line, plan
from tests.funding.test_optimise import aid, failures

D = Decimal
SIGNED = date(2026, 10, 1)
GUYANE = Bearer(BearerKind.COMMUNE, "Maripasoula", "973", population_dgf=3_000)
ASSOCIATION = Bearer(BearerKind.ASSOCIATION)


# -- The base of a rate


@pytest.mark.parametrize("fund", [Fund.DETR, Fund.DSIL])
def test_a_rate_is_of_what_the_rule_pays_and_says_so(fund: Fund) -> None:
    costs = [line(1_850_000, "Gymnase"), line(185_000, "Étude", spending=Spending.ENGINEERING),
             line(30_000, "Première année", spending=Spending.OPERATION)]  # fmt: skip
    best = best_plans(plan(costs), [aid("État", fund, "0.2")], LAW).plans[0]
    assert best.plan.resources[0].amount == 407_000
    said = " ".join(best.reasons)
    assert "407\u202f000\u00a0€, 20\u00a0% de 2\u202f035\u202f000\u00a0€" in said
    assert "« État » ne paie pas « Première année », du fonctionnement." in said


def test_a_line_that_is_left_out_of_a_grant_is_said() -> None:
    costs = [line(300_000, "Gros œuvre", signed_on=SIGNED), line(200_000, "Charpente")]
    best = best_plans(plan(costs), [aid("DETR", Fund.DETR, "0.4")], LAW).plans[0]
    assert best.plan.resources[0].amount == 80_000
    assert any("ne paie pas « Gros œuvre », signé le 01/10/2026" in one for one in best.reasons)


def test_what_pays_nothing_says_the_true_reason() -> None:
    signed = best_plans(plan([line(1_000, signed_on=SIGNED)]), [aid("a", Fund.DETR, "0.4")], LAW)
    assert "« Travaux », signé le 01/10/2026" in signed.set_aside[0].reason
    run = best_plans(plan([line(1_000, "Fête", spending=Spending.OPERATION)]),
                     [aid("a", Fund.DSIL, "0.4")], LAW)  # fmt: skip
    assert "elle ne paie pas « Fête », du fonctionnement" in run.set_aside[0].reason


def test_a_name_keeps_its_capitals_and_a_gift_has_no_rate() -> None:
    large = plan(1_000, bearer=replace(COMMUNE, population_dgf=30_000))
    aids = [aid("a", Fund.DETR, "0.4"), aid("Mécénat", Fund.GIFT, hoped=100)]
    found = best_plans(large, aids, LAW)
    assert "(population DGF)" in found.set_aside[0].reason
    assert any("demandez-lui de l'écrire" in one for one in found.plans[0].reasons)
    assert not any("son taux" in one for one in found.plans[0].reasons)


def test_a_town_that_the_census_says_too_large_is_offered_no_detr() -> None:
    town = plan(1_000, bearer=Bearer(BearerKind.COMMUNE, "Bergerac", "24"), census=27_110)
    found = best_plans(town, [aid("a", Fund.DETR, "0.4")], LAW)
    assert len(found.set_aside) == 1


# -- The usual least of a DETR


def test_the_surest_plan_does_not_ask_a_detr_that_is_not_given() -> None:
    """28 000 of DETR for 640 000 would be under the fifth that the law gives."""
    aids = [aid("DETR", Fund.DETR, "0.5"), aid("CTG", Fund.REGION, flat=100_000),
            aid("FEDER", Fund.EUROPE, "0.6")]  # fmt: skip
    for best in best_plans(plan(640_000, bearer=GUYANE), aids, LAW).plans:
        amounts = {r.id: r.amount for r in best.plan.resources}
        assert amounts.get("DETR", D(128_000)) >= 128_000
        assert not any(c.id == "detr-rate" for c in best.checks)
        assert best.own == 128_000


def test_a_detr_under_its_usual_least_is_better_than_no_plan_or_more_own_money() -> None:
    """The law has it so, to stay under the cap of public aid; the check then asks."""
    aids = [aid("DETR", Fund.DETR, "0.4"), aid("Région", Fund.REGION, granted=70_000)]
    best = best_plans(plan(100_000), aids, LAW).plans[0]
    assert (best.own, best.plan.resources[0].amount) == (20_000, 10_000)
    assert [c.verdict for c in best.checks if c.id == "detr-rate"] == [Verdict.UNKNOWN]
    assert best_plans(plan(100_000), aids, LAW, D(20_000)).plans


def test_a_detr_whose_own_ceiling_is_low_has_no_other_least() -> None:
    usable, _ = sort_out(plan(100_000), [aid("a", Fund.DETR, "0.4", cap=5_000)], LAW)
    assert usable[0].usual == 0
    usable, _ = sort_out(plan(100_000), [aid("a", Fund.DETR, "0.4")], LAW)
    assert usable[0].usual == 20_000


# -- What stays to be asked


def test_a_plan_names_what_cannot_be_told() -> None:
    unknown = plan(1_000, bearer=replace(COMMUNE, population_dgf=None))
    best = best_plans(unknown, [aid("a", Fund.DETR, "0.4")], LAW).plans[0]
    assert {"detr", "letters"} <= {check.id for check in best.asking}
    assert all(check.verdict is Verdict.UNKNOWN for check in best.asking)


# -- What was granted or asked, and cannot stay


def test_what_is_granted_to_another_bearer_is_given_up_by_the_nearest_plan() -> None:
    aids = [aid("CC", Fund.GROUP, granted=4_000), aid("Région", Fund.REGION, "0.5")]
    found = best_plans(plan(100_000, bearer=ASSOCIATION), aids, LAW).conflict
    assert found is not None
    assert found.nearest is not None
    assert (found.nearest.own, failures(found.nearest.plan)) == (50_000, [])
    assert "renonce à « CC » (4\u202f000\u00a0€)" in found.sentence
    assert found.enough == (("group-half",),)


def test_what_was_asked_too_late_is_kept_for_the_other_lines() -> None:
    costs = [line(268_000, "Pont"), line(42_000, "Déviation", signed_on=date(2026, 10, 15))]
    late = date(2026, 11, 2)
    aids = [aid("DETR", Fund.DETR, granted=93_000, received_on=late, asked=True),
            aid("Région", Fund.REGION, "0.2")]  # fmt: skip
    found = best_plans(plan(costs), aids, LAW).conflict
    assert found is not None
    assert found.nearest is not None
    detr = found.nearest.plan.resources[0]
    assert (detr.amount, detr.lines) == (93_000, {"Pont"})
    assert failures(found.nearest.plan) == []
    assert "garde « DETR » pour les autres dépenses" in found.sentence
    alone = best_plans(plan([costs[1]]), [replace(aids[0], granted=D(9_000))], LAW).conflict
    assert alone is not None
    assert alone.nearest is not None
    assert "renonce à « DETR »" in alone.sentence


# -- To the cent, and in time


def test_own_money_never_passes_what_was_said_by_a_cent() -> None:
    """A third of each: rounding alone leaves a cent too much to own money, asked of an aid."""
    aids = [aid(n, Fund.REGION, "0.266667") for n in "abc"]
    for cents in range(40):
        made = plan(D("1000.00") + D(cents) / 100)
        least = best_plans(made, aids, LAW).plans[0].own
        found = best_plans(made, aids, LAW, least)
        assert found.plans
        assert all(best.own <= least for best in found.plans)


def test_a_flat_amount_is_no_ceiling() -> None:
    best = best_plans(plan(10_000), [aid("a", Fund.REGION, flat=2_000)], LAW).plans[0]
    assert best.limits == ()


def test_what_is_decided_is_not_doubted() -> None:
    held = aid("a", Fund.REGION, granted=10, days=0)
    assert _doubt(held) == 0
    assert _doubt(replace(held, asked=True)) == D("0.5")


def test_public_aid_that_only_has_a_grants_lines_stays_under_its_cap_there() -> None:
    """55 000 of the region has no other room than the line of the DETR."""
    costs = [line(100_000, "a"), line(100_000, "b", nature=Nature.OTHER)]
    aids = [aid("DETR", Fund.DETR, "0.4", lines=frozenset("a")),
            aid("Mécénat", Fund.GIFT, lines=frozenset("b"), granted=80_000),
            aid("Région", Fund.REGION, "0.5")]  # fmt: skip
    best = best_plans(plan(costs, bearer=GUYANE), aids, LAW).plans[0]
    assert failures(best.plan) == []
    assert best.own == 20_000
    assert sum(r.amount for r in best.plan.resources if r.fund is not Fund.GIFT) == 120_000


def test_when_time_is_over_a_plan_says_what_was_not_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "_SECONDS", -1.0)
    best = best_plans(plan(1_000), [aid("a", Fund.DETR, "0.9")], LAW).plans[0]
    assert best.limits == ()
    assert any("n'a pas été cherché jusqu'au bout" in one for one in best.reasons)


def test_a_plan_that_is_not_settled_in_time_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finished, "_SECONDS", -1.0)
    found = best_plans(plan(1_000), [aid("a", Fund.REGION, "0.5")], LAW)
    assert found.conflict is not None
    assert "dans le temps prévu" in found.conflict.sentence


# -- As a document, and on the page


def mixed_document() -> PlanDocument:
    return PlanDocument(
        DAY, COMMUNE,
        (line(100_000, "Travaux"), line(100_000, "Animation", spending=Spending.OPERATION)),
        (Source("r1", "Région", Fund.REGION, rate=D("0.9"), chance=D("0.5")),),
    )  # fmt: skip


def test_an_aid_in_two_lines_is_taken_as_two_whose_amounts_are_known() -> None:
    document = mixed_document()
    best = best_plans(document.plan(), candidates_of(document.resources), LAW).plans[0]
    made = taken(document, best)
    assert [(x.id, x.amount, x.lines, x.rate, x.chance) for x in made.resources] == [
        ("r1", 80_000, ("Travaux",), None, D("0.5")),
        ("r1-fonctionnement", 100_000, ("Animation",), None, D("0.5")),
        ("own", 20_000, (), None, None),
    ]
    assert read(made.as_json(), DAY) == made
    again = best_plans(made.plan(), candidates_of(made.resources), LAW).plans[0]
    assert again.own == best.own
    assert failures(made.plan()) == []


def test_the_page_counts_what_stays_to_be_asked_and_else_says_that_all_is_kept() -> None:
    best = best_plans(plan(1_000), [aid("a", Fund.REGION, "0.4")], LAW).plans[0]
    page = render_to_string("funding/_best_asking.html", {"best": best, "title": "x"})
    assert f"{len(best.asking)}\u00a0points à préciser" in page
    assert "Toutes les règles" not in page
    kept = replace(best, checks=())
    page = render_to_string("funding/_best_asking.html", {"best": kept, "title": "x"})
    assert "Toutes les règles sont respectées" in page
