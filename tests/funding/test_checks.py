"""Checks that explain: the worked cases of the guide, each rule, and the smallest change."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.engine.funding.checks import check_plan
from maillage.engine.funding.types import (
    Bearer,
    BearerKind,
    Check,
    Fund,
    Nature,
    Plan,
    Spending,
    Status,
    Verdict,
)
from tests.funding.factories import COMMUNE, DAY, LAW, line, money, plan, verdicts

HOLDS, FAILS, UNKNOWN, OUT = Verdict.HOLDS, Verdict.FAILS, Verdict.UNKNOWN, Verdict.OUT
GUYANE = Bearer(BearerKind.ASSOCIATION, "Association", "973")


def checks(made: Plan) -> dict[str, Check]:
    return {check.id: check for check in check_plan(made, LAW)}


# -- The worked cases


def test_bourrou_passes() -> None:
    found = checks(plan(301_000, money(Fund.OWN, 100_300), money(Fund.DETR, 200_700)))
    assert found["balance"].verdict is HOLDS
    assert found["own-share"].verdict is HOLDS
    assert "33,32" in found["own-share"].sentence


def test_le_juch_misses_two_thousand() -> None:
    found = checks(plan(39_000, money(Fund.REGION, 27_300), money(Fund.OWN, 9_700)))
    assert found["balance"].verdict is FAILS
    assert found["balance"].gap == 2_000
    said = found["balance"].sentence.replace("\u202f", " ").replace("\u00a0", " ")
    assert said == "Il manque 2 000 € : 27 300 € + 9 700 € = 37 000 € pour 39 000 €."
    assert "26,22" in found["own-share"].sentence


def test_muttersholtz_has_twenty_five_thousand_too_much() -> None:
    made = plan(
        5_300_000, money(Fund.STATE, 500_000), money(Fund.OPERATOR, 1_700_000),
        money(Fund.DEPARTMENT, 310_000), money(Fund.LOAN, 1_430_000), money(Fund.OWN, 1_010_000),
        money(Fund.DSIL, 375_000),
    )  # fmt: skip
    found = checks(made)
    assert (found["balance"].verdict, found["balance"].gap) == (FAILS, Decimal(25_000))
    assert found["own-share"].verdict is HOLDS
    assert "45,82" in found["own-share"].sentence


def test_petr_has_seventy_six_euros_of_difference_with_what_is_stated() -> None:
    lozere = Bearer(BearerKind.SYNDICATE, "PETR", "48", population_dgf=12_589)
    parts = [money(Fund.EUROPE, "88255.50"), money(Fund.REGION, "8825.55", label="Région"),
             money(Fund.DEPARTMENT, "8825.55"), money(Fund.OWN, 70_640)]  # fmt: skip
    found = checks(plan(176_511, *parts, bearer=lozere))
    assert (found["balance"].verdict, found["balance"].gap) == (FAILS, Decimal("35.60"))
    right = [*parts[:3], money(Fund.OWN, "70604.40")]
    assert checks(plan(176_511, *right, bearer=lozere))["balance"].verdict is HOLDS


def test_lormes_is_exactly_at_twenty_percent() -> None:
    study = line(31_500, "Étude", spending=Spending.ENGINEERING, nature=Nature.STUDY)
    found = checks(plan([study], money(Fund.STATE, 25_200), money(Fund.OWN, 6_300)))
    assert found["own-share"].verdict is HOLDS
    assert found["balance"].verdict is HOLDS


def test_kourou_is_out_of_the_own_share() -> None:
    made = plan(
        3_000_000, money(Fund.EUROPE, 2_352_000), money(Fund.OPERATOR, 400_000),
        money(Fund.OTHER_PUBLIC, 70_000), bearer=GUYANE, economic=None,
    )  # fmt: skip
    found = checks(made)
    assert found["own-share"].verdict is OUT
    assert found["state-aid"].verdict is UNKNOWN
    assert found["balance"].gap == 178_000
    commune = replace(made, bearer=Bearer(BearerKind.COMMUNE, "Kourou", "973"))
    assert checks(commune)["own-share"].verdict is OUT


# -- Each rule


def test_gifts_are_outside_the_own_share() -> None:
    found = checks(plan(100, money(Fund.GIFT, 20), money(Fund.OWN, 16), money(Fund.REGION, 64)))
    assert found["own-share"].verdict is HOLDS
    found = checks(plan(100, money(Fund.GIFT, 20), money(Fund.OWN, 15), money(Fund.REGION, 65)))
    assert (found["own-share"].verdict, found["own-share"].gap) == (FAILS, Decimal(1))


def test_running_costs_alone_are_out_of_the_own_share() -> None:
    running = line(100, spending=Spending.OPERATION)
    assert checks(plan([running], money(Fund.REGION, 100)))["own-share"].verdict is OUT


def test_the_state_s_cap_counts_all_public_money() -> None:
    made = plan(100, money(Fund.DETR, 60), money(Fund.REGION, 25), money(Fund.OWN, 15))
    assert (checks(made)["state-cap"].verdict, checks(made)["state-cap"].gap) == (FAILS, 5)
    without = plan(100, money(Fund.REGION, 85), money(Fund.OWN, 15))
    assert checks(without)["state-cap"].verdict is OUT


def test_another_state_grant_may_go_to_all_the_cost() -> None:
    made = plan(100, money(Fund.STATE, 80), money(Fund.REGION, 30))
    assert (checks(made)["public-cap"].verdict, checks(made)["public-cap"].gap) == (FAILS, 10)


@pytest.mark.parametrize(
    ("bearer", "verdict"),
    [
        ({"population_dgf": 2_000}, HOLDS),
        ({"population_dgf": 2_001}, UNKNOWN),
        ({"population_dgf": 2_001, "wealth": Decimal("1.29")}, HOLDS),
        ({"population_dgf": 2_001, "wealth": Decimal("1.3")}, FAILS),
        ({"population_dgf": 20_001}, FAILS),
        ({"population_dgf": None}, UNKNOWN),
        ({"population_dgf": 3_500, "department": "974"}, HOLDS),
        ({"population_dgf": 35_001, "department": "974"}, FAILS),
        ({"kind": BearerKind.SYNDICATE, "population_dgf": 60_000}, HOLDS),
        ({"kind": BearerKind.SYNDICATE, "population_dgf": 60_001}, FAILS),
        ({"kind": BearerKind.SYNDICATE}, UNKNOWN),
        ({"kind": BearerKind.EPCI, "block": 75_001, "centre": 20_001, "density": Decimal(150)},
         FAILS),
        ({"kind": BearerKind.EPCI, "block": 75_001, "centre": 20_001, "density": Decimal(149)},
         HOLDS),
        ({"kind": BearerKind.EPCI, "block": 75_000}, HOLDS),
        ({"kind": BearerKind.EPCI, "block": 80_000}, UNKNOWN),
        ({"kind": BearerKind.ASSOCIATION}, FAILS),
    ],
)  # fmt: skip
def test_who_has_the_detr(bearer: dict[str, Any], verdict: Verdict) -> None:
    who = Bearer(**{"kind": BearerKind.COMMUNE, "department": "24", **bearer})
    made = plan(100, money(Fund.DETR, 40), money(Fund.OWN, 60), bearer=who)
    assert checks(made)["detr"].verdict is verdict


def test_the_dsid_never_goes_to_a_commune() -> None:
    made = plan(100, money(Fund.DSID, 40), money(Fund.OWN, 60))
    assert checks(made)["dsid"].verdict is FAILS


@pytest.mark.parametrize(
    ("signed", "received", "nature", "verdict"),
    [
        (None, None, Nature.WORKS, HOLDS),
        (date(2026, 3, 1), date(2026, 3, 1), Nature.WORKS, HOLDS),
        (date(2026, 2, 28), date(2026, 3, 1), Nature.WORKS, FAILS),
        (date(2026, 2, 28), None, Nature.WORKS, FAILS),
        (date(2026, 2, 28), None, Nature.STUDY, HOLDS),
        (date(2026, 2, 28), None, Nature.LAND, HOLDS),
    ],
)
def test_nothing_is_begun_before_the_receipt(
    signed: date | None, received: date | None, nature: Nature, verdict: Verdict
) -> None:
    works = line(100, signed_on=signed, nature=nature)
    made = plan([works], money(Fund.DETR, 40, received_on=received), money(Fund.OWN, 60))
    assert checks(made)["no-start"].verdict is verdict


@pytest.mark.parametrize(
    ("said", "grant", "verdict"),
    [
        ({}, {}, UNKNOWN),
        ({}, {"received_on": date(2026, 1, 1)}, HOLDS),
        ({}, {"received_on": date(2026, 1, 2)}, UNKNOWN),
        ({}, {"fund": Fund.LEADER}, UNKNOWN),
        # Each of the others has its own rule, for what it pays.
        ({}, {"fund": Fund.REGION}, OUT),
        ({"nature": Nature.STUDY}, {}, HOLDS),
        ({"nature": Nature.LAND}, {}, HOLDS),
    ],
)
def test_a_signed_line_that_a_grant_does_not_pay_may_be_of_its_operation(
    said: dict[str, Any], grant: dict[str, Any], verdict: Verdict
) -> None:
    begun = line(100, "Gros œuvre", signed_on=date(2026, 1, 1), **said)
    grant = {"fund": Fund.DETR, "lines": frozenset({"Charpente"}), **grant}
    made = plan([begun, line(100, "Charpente")], money(grant.pop("fund"), 40, **grant),
                money(Fund.OWN, 160))  # fmt: skip
    check = checks(made)["no-start"]
    assert check.verdict is verdict
    if verdict is UNKNOWN:
        assert "on ne peut pas dire si c'est la même opération" in check.sentence
        assert "préfecture" in check.change


def test_a_line_signed_too_early_is_told_before_one_that_may_be_apart() -> None:
    early, apart = date(2026, 1, 1), frozenset({"Toit"})
    lines = [line(100, "Mur", signed_on=early), line(100, "Toit", signed_on=early)]
    found = [c for c in check_plan(plan(lines, money(Fund.DETR, 40, lines=apart)), LAW)
             if c.id == "no-start"]  # fmt: skip
    assert [c.verdict for c in found] == [FAILS, UNKNOWN]
    assert "« Toit »" in found[0].sentence


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ({"closes": DAY}, HOLDS),
        ({"closes": DAY - timedelta(1)}, FAILS),
        ({"closes": DAY - timedelta(1), "status": Status.TO_FILE}, FAILS),
        ({"closes": DAY - timedelta(9), "status": Status.FILED,
          "filed_on": DAY - timedelta(9)}, HOLDS),
        ({"closes": DAY - timedelta(9), "status": Status.RECEIVED,
          "filed_on": DAY - timedelta(8)}, UNKNOWN),
        ({"closes": DAY - timedelta(9), "status": Status.FILED}, HOLDS),
        ({"closes": DAY - timedelta(9), "status": Status.GRANTED}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_the_last_day_of_an_aid(said: dict[str, Any], verdict: Verdict | None) -> None:
    found = checks(plan(100, money(Fund.DETR, 30, **said), money(Fund.OWN, 70)))
    assert (found["last-day"].verdict if "last-day" in found else None) is verdict
    if verdict is FAILS:
        assert f"{DAY - timedelta(1):%d/%m/%Y}" in found["last-day"].sentence


@pytest.mark.parametrize(("amount", "verdict"), [(30, HOLDS), ("30.01", FAILS)])
def test_a_fonds_de_concours_is_at_most_half_of_the_rest(
    amount: float | str, verdict: Verdict
) -> None:
    made = plan(100, money(Fund.REGION, 40), money(Fund.GROUP, amount), money(Fund.OWN, 30))
    assert checks(made)["group-half"].verdict is verdict


def test_gifts_are_taken_off_what_remains_for_a_fonds_de_concours() -> None:
    """100 of which 40 of the region and 20 of gifts: half of the 40 that remain."""
    for amount, verdict in ((20, HOLDS), ("20.01", FAILS)):
        made = plan(100, money(Fund.REGION, 40), money(Fund.GIFT, 20), money(Fund.GROUP, amount))
        check = checks(made)["group-half"]
        assert check.verdict is verdict
        assert check.figures[1].value == 40


def test_in_gross_the_refund_of_vat_is_taken_off_the_rest() -> None:
    cost = line(100, gross=120)
    refunds = replace(COMMUNE, recovers_vat=True)
    limit = (Decimal(120) - Decimal("19.68")) / 2
    for amount, verdict in ((limit, HOLDS), (limit + Decimal("0.01"), FAILS)):
        made = plan([cost], money(Fund.GROUP, str(amount)), in_net=False, bearer=refunds)
        assert checks(made)["group-half"].verdict is verdict
    # Whether VAT comes back is not known: it matters between the two limits only.
    for amount, verdict in ((limit, HOLDS), (limit + 1, UNKNOWN), (Decimal(61), FAILS)):
        made = plan([cost], money(Fund.GROUP, str(amount)), in_net=False)
        assert checks(made)["group-half"].verdict is verdict
    # A land bought without VAT has none to be given back.
    land = line(100, "Terrain", gross=100)
    for amount, verdict in ((limit + 50, HOLDS), (limit + Decimal("50.01"), FAILS)):
        made = plan([cost, land], money(Fund.GROUP, str(amount)), in_net=False, bearer=refunds)
        assert checks(made)["group-half"].verdict is verdict


def test_leader_needs_national_money() -> None:
    """The example of the rule: 10 000 = 2 000 own + 1 600 public + 6 400 FEADER."""
    private = Bearer(BearerKind.ASSOCIATION, "Association", "34")
    parts = money(Fund.OWN, 2_000), money(Fund.REGION, 1_600), money(Fund.LEADER, 6_400)
    found = checks(plan(10_000, *parts, bearer=private))
    assert (found["leader"].verdict, found["leader-own"].verdict) == (HOLDS, HOLDS)
    found = checks(plan(10_000, parts[0], money(Fund.REGION, 1_500), parts[2], bearer=private))
    # A hundred is missing in the plan too.
    assert (found["leader"].verdict, found["leader"].gap) == (FAILS, 100)
    alone = checks(plan(10_000, money(Fund.OWN, 2_000), money(Fund.LEADER, 8_000), bearer=private))
    assert (alone["leader"].gap, alone["leader-own"].verdict) == (1_600, HOLDS)
    assert "fonds propres" not in alone["leader"].change
    town = checks(plan(10_000, money(Fund.OWN, 1_500), money(Fund.LEADER, 8_500)))
    assert (town["leader"].gap, town["leader-own"].gap) == (500, 500)


def test_the_own_money_of_a_commune_calls_leader() -> None:
    made = plan(10_000, money(Fund.OWN, 2_000), money(Fund.LEADER, 8_000))
    assert checks(made)["leader"].verdict is HOLDS


def test_no_line_is_paid_twice() -> None:
    lines = [line(100, "Toit"), line(100, "Mur")]
    roof = frozenset({"Toit"})
    made = plan(lines, money(Fund.REGION, 70, lines=roof), money(Fund.OPERATOR, 40, lines=roof))
    assert (checks(made)["no-double"].verdict, checks(made)["no-double"].gap) == (FAILS, 10)


def test_overlapping_sets_of_lines_are_seen_together() -> None:
    lines = [line(100, "Toit"), line(100, "Mur")]
    made = plan(
        lines, money(Fund.REGION, 90, lines=frozenset({"Toit"})),
        money(Fund.OPERATOR, 90, lines=frozenset({"Mur"})),
        money(Fund.EUROPE, 30, lines=frozenset({"Toit", "Mur"})),
    )  # fmt: skip
    assert checks(made)["no-double"].gap == 10


def test_the_same_aid_twice_for_the_same_thing() -> None:
    made = plan(100, money(Fund.STATE, 20, scheme="fonds-vert", id="1"),
                money(Fund.STATE, 20, scheme="fonds-vert", id="2"))  # fmt: skip
    assert checks(made)["no-double"].verdict is FAILS


def test_a_pair_that_a_departement_forbids() -> None:
    law = replace(LAW, rules={**LAW.rules, "pairs": replace(
        LAW["pairs"], parameters={"forbidden": ("detr|fnadt",)})})  # fmt: skip
    made = plan(100, money(Fund.DETR, 20), money(Fund.STATE, 20, scheme="fnadt"))
    assert {c.id: c.verdict for c in check_plan(made, law)}["pairs"] is FAILS
    assert checks(made)["pairs"].verdict is UNKNOWN


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ({"scheme": "fonds-vert-biodiversite"}, HOLDS), ({"label": "Fonds vert"}, HOLDS),
        ({"label": "FNADT"}, UNKNOWN), ({"label": "Fonds"}, UNKNOWN),
    ],
)  # fmt: skip
def test_the_fonds_vert_goes_with_the_detr_the_rest_is_to_be_asked(
    said: dict[str, str], verdict: Verdict
) -> None:
    made = plan(100, money(Fund.DETR, 20), money(Fund.STATE, 20, **said), money(Fund.OWN, 60))
    assert checks(made)["pairs"].verdict is verdict


def test_fctva_is_cash_not_a_grant() -> None:
    made = plan(100, money(Fund.STATE, 16, label="FCTVA"), money(Fund.OWN, 84))
    assert checks(made)["fctva"].gap == 16


def test_who_does_not_recover_vat_plans_in_gross() -> None:
    body = Bearer(BearerKind.ASSOCIATION, "Association", "24", recovers_vat=False)
    found = checks(plan(100, money(Fund.OWN, 100), bearer=body))
    assert (found["vat"].verdict, found["vat"].gap) == (FAILS, 20)
    assert (
        checks(plan(100, money(Fund.OWN, 120), bearer=body, in_net=False))["vat"].verdict is HOLDS
    )


def test_letters_that_are_missing() -> None:
    filed = money(Fund.REGION, 30, letter=False, status=Status.FILED)
    check = checks(plan(100, filed, money(Fund.OWN, 70)))["letters"]
    assert check.verdict is UNKNOWN
    assert check.sentence == "On attend l'accusé de réception de « region »."
    hoped = money(Fund.REGION, 30, letter=False)
    assert checks(plan(100, hoped, money(Fund.OWN, 70)))["letters"].verdict is UNKNOWN
    held = money(Fund.REGION, 30, letter=False, status=Status.GRANTED)
    assert checks(plan(100, held, money(Fund.OWN, 70)))["letters"].verdict is HOLDS


def test_what_was_refused_does_not_count() -> None:
    made = plan(100, money(Fund.REGION, 30, status=Status.REFUSED), money(Fund.OWN, 70))
    assert checks(made)["balance"].gap == 30


def test_a_stated_total_that_the_lines_do_not_make() -> None:
    made = plan([line(60), line(30, "Études")], total=Decimal(100))
    assert checks(made)["total"].gap == 10


# -- Properties

amounts = st.decimals(0, 1_000_000, places=2, allow_nan=False)
funds = st.sampled_from([f for f in Fund if f is not Fund.LEADER])


@st.composite
def plans(draw: Any) -> Plan:
    resources = [
        money(draw(st.sampled_from(list(Fund))), str(draw(amounts)), id=str(n), label=f"R{n}")
        for n in range(draw(st.integers(0, 6)))
    ]
    lines = [
        line(str(draw(amounts)), f"L{n}", spending=draw(st.sampled_from(list(Spending))))
        for n in range(draw(st.integers(0, 4)))
    ]
    return plan(lines, *resources, economic=draw(st.sampled_from([None, True, False])),
                in_net=draw(st.booleans()))  # fmt: skip


@given(plans())
def test_every_plan_gets_an_answer_to_everything(made: Plan) -> None:
    found = check_plan(made, LAW)
    assert {"balance", "own-share", "state-cap", "letters"} <= verdicts(found).keys()
    for check in found:
        assert check.sentence
        assert check.rule in LAW
        assert (check.verdict is FAILS) <= bool(check.change)
        assert check.gap is None or check.gap > 0


@given(amounts, amounts, st.sampled_from([Fund.REGION, Fund.DETR, Fund.OTHER_PUBLIC]))
def test_the_smallest_change_of_own_money_is_the_smallest(
    own: Decimal, public: Decimal, fund: Fund
) -> None:
    made = plan(own + public, money(Fund.OWN, own), money(fund, public))
    check = checks(made)["own-share"]
    if check.verdict is FAILS:
        gap = check.gap or Decimal(0)

        def after(moved: Decimal) -> Verdict:
            changed = plan(own + public, money(Fund.OWN, own + moved), money(fund, public - moved))
            return checks(changed)["own-share"].verdict

        assert after(gap) is HOLDS
        assert after(gap - Decimal("0.01")) is FAILS


@given(amounts.filter(bool), amounts, amounts)
def test_the_smallest_change_of_a_fonds_de_concours(
    cost: Decimal, region: Decimal, group: Decimal
) -> None:
    made = plan(cost, money(Fund.REGION, region), money(Fund.GROUP, group))
    check = checks(made)["group-half"]
    if check.verdict is FAILS and check.gap:
        less = plan(cost, money(Fund.REGION, region), money(Fund.GROUP, group - check.gap))
        assert checks(less)["group-half"].verdict in (HOLDS, OUT)


@given(amounts, amounts, amounts)
def test_the_smallest_change_of_leader(own: Decimal, region: Decimal, asked: Decimal) -> None:
    """The same money, moved from LEADER to the region: its amount is enough, a cent less is not."""
    body = Bearer(BearerKind.ASSOCIATION, "Association", "34")

    def moved(amount: Decimal) -> Check:
        parts = (money(Fund.OWN, own), money(Fund.REGION, region + amount),
                 money(Fund.LEADER, asked - amount))  # fmt: skip
        return checks(plan(own + region + asked, *parts, bearer=body))["leader"]

    check = moved(Decimal(0))
    if check.verdict is FAILS and check.gap:
        assert moved(check.gap).verdict is HOLDS
        assert moved(check.gap - Decimal("0.01")).verdict is FAILS


def test_the_law_of_a_plan_is_that_of_its_day() -> None:
    assert plan(1).date == DAY
