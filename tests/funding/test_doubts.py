"""Never a false yes, never a false no: what cannot be told is said to be so; and dated law."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.engine.funding.cashflow import Quarter, cash_flow
from maillage.engine.funding.checks import check_plan
from maillage.engine.funding.optimise import best_plans
from maillage.engine.funding.rules import law_of
from maillage.engine.funding.types import (
    Bearer,
    BearerKind,
    Check,
    Fund,
    Nature,
    Plan,
    Rule,
    Spending,
    Status,
    Verdict,
)
from tests.funding.factories import COMMUNE, DAY, LAW, RULES, line, money, plan
from tests.funding.test_checks import plans
from tests.funding.test_optimise import aid, failures

HOLDS, FAILS, UNKNOWN, OUT = Verdict.HOLDS, Verdict.FAILS, Verdict.UNKNOWN, Verdict.OUT
ROOF, WALL, RUN = frozenset({"Toit"}), frozenset({"Mur"}), frozenset({"Animation"})
EPCI = Bearer(BearerKind.EPCI, department="2A")
ASSOCIATION = Bearer(BearerKind.ASSOCIATION, department="24")


def checks(made: Plan, day: date = DAY) -> dict[str, Check]:
    return {c.id: c for c in check_plan(replace(made, date=day), law_of(RULES, day))}


def mixed(*resources: Any, **said: Any) -> Plan:
    """A roof of 100 and its animation of 100."""
    running = line(100, "Animation", spending=Spending.OPERATION)
    return plan([line(100, "Toit"), running], *resources, **said)


# -- Investment and running costs in one plan


@pytest.mark.parametrize(
    ("resources", "own", "cap"),
    [
        # Nothing is tied: the region may pay all the animation, and only 60 of the roof.
        ((money(Fund.REGION, 160), money(Fund.OWN, 40)), HOLDS, OUT),
        ((money(Fund.REGION, 170), money(Fund.OWN, 30)), UNKNOWN, OUT),
        ((money(Fund.REGION, 190), money(Fund.OWN, 10)), FAILS, OUT),
        # What pays only the animation does not count.
        ((money(Fund.REGION, 100, lines=RUN), money(Fund.DETR, 80, lines=ROOF),
          money(Fund.OWN, 20)), HOLDS, HOLDS),
        # The bearer's own money runs the place: the roof is paid by others.
        ((money(Fund.REGION, 95, lines=ROOF), money(Fund.OWN, 105)), FAILS, OUT),
        ((money(Fund.DETR, 60, lines=ROOF), money(Fund.REGION, 40), money(Fund.OWN, 100)),
         HOLDS, UNKNOWN),
        ((money(Fund.DETR, 60), money(Fund.REGION, 80), money(Fund.OWN, 60)), HOLDS, UNKNOWN),
    ],
)  # fmt: skip
def test_what_pays_only_running_costs_is_outside(
    resources: tuple[Any, ...], own: Verdict, cap: Verdict
) -> None:
    found = checks(mixed(*resources))
    assert (found["own-share"].verdict, found["state-cap"].verdict) == (own, cap)


def test_the_cap_is_that_of_what_the_state_pays() -> None:
    """The whole is at 70 %, but the roof that the DETR pays is paid in full by public money."""
    made = plan(
        [line(100, "Toit"), line(100, "Mur")], money(Fund.DETR, 60, lines=ROOF),
        money(Fund.REGION, 40, lines=ROOF), money(Fund.OPERATOR, 40, lines=WALL),
        money(Fund.OWN, 60),
    )  # fmt: skip
    check = checks(made)["state-cap"]
    assert (check.verdict, check.gap) == (FAILS, 20)
    less = replace(made, resources=tuple(
        replace(r, amount=Decimal(20)) if r.fund is Fund.REGION else r for r in made.resources
    ))  # fmt: skip
    assert checks(less)["state-cap"].verdict is HOLDS


def test_a_state_grant_of_running_costs_has_no_cap() -> None:
    made = plan([line(100, spending=Spending.OPERATION)], money(Fund.STATE, 100))
    assert checks(made)["public-cap"].verdict is OUT


def test_the_smallest_change_of_a_cap_is_the_smallest() -> None:
    def with_region(amount: str) -> Check:
        parts = money(Fund.DETR, 50), money(Fund.REGION, amount), money(Fund.OWN, 15)
        return checks(plan(100, *parts))["state-cap"]

    gap = with_region("35.55").gap or Decimal(0)
    assert with_region(str(Decimal("35.55") - gap)).verdict is HOLDS
    assert with_region(str(Decimal("35.55") - gap + Decimal("0.01"))).verdict is FAILS


def test_the_best_plan_of_a_mixed_project_keeps_its_part_of_the_roof() -> None:
    made = mixed()
    aids = [aid("a", Fund.REGION, "1", lines=ROOF), aid("b", Fund.OPERATOR, "1", lines=RUN)]
    best = best_plans(made, aids, LAW).plans[0]
    assert (best.own, failures(best.plan)) == (20, [])
    assert "own-share" in {limit.rule for limit in best.limits}


# -- Exceptions to the participation


@pytest.mark.parametrize(
    ("own", "bearer", "label", "verdict", "rule"),
    [
        (10, EPCI, "Région", UNKNOWN, "own-share-corsica"),
        (9, EPCI, "Région", FAILS, "own-share"),
        (10, replace(EPCI, kind=BearerKind.COMMUNE), "Région", UNKNOWN, "own-share-corsica"),
        (10, replace(EPCI, kind=BearerKind.SYNDICATE), "Région", FAILS, "own-share"),
        (10, replace(EPCI, department="24"), "Région", FAILS, "own-share"),
        (5, COMMUNE, "Convention ANRU", UNKNOWN, "own-share-renewal"),
        (15, COMMUNE, "Interreg France-Suisse", UNKNOWN, "own-share-cooperation"),
        (14, COMMUNE, "Interreg France-Suisse", FAILS, "own-share"),
        (0, replace(COMMUNE, department="973"), "Région", OUT, "own-share-overseas"),
    ],
)
def test_exceptions_are_asked_never_taken_for_granted(
    own: int, bearer: Bearer, label: str, verdict: Verdict, rule: str
) -> None:
    made = plan(100, money(Fund.REGION, 100 - own, label=label), money(Fund.OWN, own),
                bearer=bearer)  # fmt: skip
    check = checks(made)["own-share"]
    assert (check.verdict, check.rule) == (verdict, rule)


def test_a_field_with_a_leader_is_recalled_under_its_share() -> None:
    found = checks(plan(100, money(Fund.REGION, 80), money(Fund.OWN, 20)))["own-share"]
    assert found.sentence.endswith("Dans un domaine à chef de file, ce serait 30\u00a0%.")
    found = checks(plan(100, money(Fund.REGION, 70), money(Fund.OWN, 30)))["own-share"]
    assert "chef de file" not in found.sentence


def test_where_the_bearer_is_matters_and_is_asked() -> None:
    nowhere = Bearer(BearerKind.COMMUNE, population_dgf=20_001)
    made = plan(100, money(Fund.DETR, 85), money(Fund.OWN, 15), bearer=nowhere)
    found = checks(made)
    assert found["detr"].verdict is UNKNOWN
    assert "sauf outre-mer" in found["own-share"].sentence
    bigger = replace(made, bearer=replace(nowhere, population_dgf=35_001))
    assert checks(bigger)["detr"].verdict is FAILS


# -- Who has what


@pytest.mark.parametrize(
    ("fund", "kind", "check", "verdict"),
    [
        (Fund.DSIL, BearerKind.COMMUNE, "dsil", HOLDS),
        (Fund.DSIL, BearerKind.ASSOCIATION, "dsil", UNKNOWN),
        (Fund.DSID, BearerKind.DEPARTMENT, "dsid", None),
        (Fund.DSID, BearerKind.REGION, "dsid", UNKNOWN),
        (Fund.DSID, BearerKind.EPCI, "dsid", FAILS),
        (Fund.GROUP, BearerKind.SYNDICATE, "group-half", UNKNOWN),
        (Fund.GROUP, BearerKind.ASSOCIATION, "group-half", FAILS),
        (Fund.CROWD, BearerKind.COMMUNE, "crowdfunding", UNKNOWN),
        (Fund.CROWD, BearerKind.ASSOCIATION, "crowdfunding", None),
    ],
)
def test_who_may_receive(fund: Fund, kind: BearerKind, check: str, verdict: Verdict | None) -> None:
    bearer = Bearer(kind, department="24")
    found = checks(plan(100, money(fund, 40), money(Fund.OWN, 60), bearer=bearer))
    assert (found[check].verdict if check in found else None) is verdict


@pytest.mark.parametrize(("amount", "said"), [(20, False), ("19.99", True)])
def test_a_small_detr_asks_what_is_retained(amount: float | str, said: bool) -> None:
    """20 % of 100 without VAT, even when the plan is in gross."""
    made = plan([line(100)], money(Fund.DETR, amount), in_net=False)
    assert ("detr-rate" in checks(made)) is said


def test_the_detr_pays_no_current_running_costs_but_maybe_a_first_help() -> None:
    made = mixed(money(Fund.DETR, 40, lines=RUN), money(Fund.OWN, 160))
    assert checks(made)["running-costs"].verdict is UNKNOWN
    made = mixed(money(Fund.DETR, 40, lines=ROOF), money(Fund.OWN, 160))
    assert checks(made)["running-costs"].verdict is HOLDS


def test_a_fonds_de_concours_is_for_a_building_not_a_service() -> None:
    study = line(100, spending=Spending.ENGINEERING)
    made = plan([study], money(Fund.GROUP, 40), money(Fund.OWN, 60))
    assert checks(made)["group-half"].verdict is UNKNOWN
    assert checks(mixed(money(Fund.GROUP, 40), money(Fund.OWN, 160)))["group-half"].verdict is HOLDS


def test_leader_looks_at_the_same_spending() -> None:
    lines = [line(100, "Toit"), line(100, "Mur")]
    parts = money(Fund.LEADER, 64, lines=ROOF), money(Fund.OWN, 100)
    near = plan(lines, *parts, money(Fund.REGION, 16, lines=ROOF), bearer=ASSOCIATION)
    assert checks(near)["leader"].verdict is HOLDS
    far = plan(lines, *parts, money(Fund.REGION, 16, lines=WALL), bearer=ASSOCIATION)
    assert checks(far)["leader"].verdict is UNKNOWN


@pytest.mark.parametrize(
    ("own", "gift", "lines", "verdict"),
    [(40, 0, ROOF, HOLDS), (20, 0, ROOF, UNKNOWN), (19, 0, ROOF, FAILS), (19, 1, ROOF, UNKNOWN),
     (39, 0, frozenset(), FAILS)],
)  # fmt: skip
def test_what_the_bearer_keeps_with_leader(
    own: int, gift: int, lines: frozenset[str], verdict: Verdict
) -> None:
    made = plan(
        [line(100, "Toit"), line(100, "Mur")], money(Fund.LEADER, 50, lines=lines),
        money(Fund.GIFT, gift), money(Fund.OWN, own), bearer=ASSOCIATION,
    )  # fmt: skip
    assert checks(made)["leader-own"].verdict is verdict


def test_an_enterprise_that_carries_the_project_benefits_from_it() -> None:
    company = Bearer(BearerKind.COMPANY)
    made = plan(100, money(Fund.REGION, 20), money(Fund.OWN, 80), bearer=company, economic=False)
    assert checks(made)["state-aid"].verdict is UNKNOWN
    assert checks(plan(100, money(Fund.OWN, 100), bearer=company))["state-aid"].verdict is OUT


@pytest.mark.parametrize(
    ("recovers", "spending", "verdict"),
    [
        (True, Spending.INVESTMENT, HOLDS), (True, Spending.OPERATION, UNKNOWN),
        (None, Spending.INVESTMENT, UNKNOWN), (False, Spending.INVESTMENT, FAILS),
    ],
)  # fmt: skip
def test_vat_is_never_supposed_to_come_back(
    recovers: bool | None, spending: Spending, verdict: Verdict
) -> None:
    town = replace(COMMUNE, recovers_vat=recovers)
    made = plan([line(100, spending=spending)], money(Fund.OWN, 100), bearer=town)
    assert checks(made)["vat"].verdict is verdict


@pytest.mark.parametrize(
    ("kind", "people", "verdict"),
    [
        (BearerKind.EPCI, 18_912, HOLDS), (BearerKind.EPCI, 75_001, UNKNOWN),
        (BearerKind.EPCI, None, UNKNOWN), (BearerKind.COMMUNE, None, UNKNOWN),
    ],
)  # fmt: skip
def test_a_small_epci_has_the_detr_by_its_population(
    kind: BearerKind, people: int | None, verdict: Verdict
) -> None:
    bearer = Bearer(kind, department="24", population_dgf=people)
    check = checks(plan(100, money(Fund.DETR, 40), money(Fund.OWN, 60), bearer=bearer))["detr"]
    assert check.verdict is verdict
    assert people or "sauf si sa population DGF dépasse" in check.sentence


# -- Words


def test_a_share_that_is_nearly_the_limit_is_not_written_as_the_limit() -> None:
    check = checks(plan(31_500, money(Fund.REGION, "25200.01"), money(Fund.OWN, "6299.99")))
    assert "un peu moins de 20\u00a0%" in check["own-share"].sentence
    check = checks(plan(100_000, money(Fund.DETR, "80000.01"), money(Fund.OWN, "19999.99")))
    assert "un peu plus de 80\u00a0% de la dépense" in check["state-cap"].sentence


def test_an_empty_plan_is_told_as_such() -> None:
    found = checks(plan([]))
    assert found["own-share"].sentence == "Il n'y a pas encore de dépense."
    missing = checks(plan(120_000))["balance"].sentence.replace("\u202f", " ")
    assert missing.replace("\u00a0", " ") == "Il manque 120 000 € : 0 € pour 120 000 €."


@pytest.mark.parametrize(
    ("fund", "label", "seen"),
    [
        (Fund.STATE, "FCTVA", True), (Fund.OTHER_PUBLIC, "Remboursement de la TVA", True),
        (Fund.OWN, "Autofinancement (hors FCTVA)", False), (Fund.LOAN, "Relais FCTVA", False),
        (Fund.STATE, "Fonds vert", False),
    ],
)  # fmt: skip
def test_the_refund_of_vat_is_known_by_its_names(fund: Fund, label: str, seen: bool) -> None:
    found = checks(plan(100, money(fund, 16, label=label, letter=False), money(Fund.OWN, 84)))
    assert ("fctva" in found) is seen
    # No letter is asked for a refund.
    assert (found["letters"].verdict is UNKNOWN) is (fund is Fund.STATE and not seen)


# -- The start

SIGNED = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("fund", "said", "verdict"),
    [
        (Fund.DETR, {"status": Status.GRANTED}, UNKNOWN),
        (Fund.DETR, {"status": Status.FILED}, UNKNOWN),
        (Fund.DETR, {"status": Status.FILED, "filed_on": date(2026, 2, 1)}, UNKNOWN),
        (Fund.DETR, {"status": Status.FILED, "filed_on": date(2026, 3, 2)}, FAILS),
        (Fund.DETR, {"status": Status.TO_FILE}, FAILS),
        (Fund.STATE, {}, FAILS),
        (Fund.REGION, {}, UNKNOWN),
        (Fund.REGION, {"received_on": date(2026, 2, 1)}, OUT),
        (Fund.GIFT, {}, OUT),
    ],
)
def test_a_start_is_judged_with_what_is_known(
    fund: Fund, said: Mapping[str, Any], verdict: Verdict
) -> None:
    made = plan([line(100, signed_on=SIGNED)], money(fund, 40, **said), money(Fund.OWN, 60))
    assert checks(made)["no-start"].verdict is verdict


def test_with_europe_the_decree_has_an_exception() -> None:
    made = plan([line(100, signed_on=SIGNED)], money(Fund.STATE, 40), money(Fund.EUROPE, 20))
    assert checks(made)["no-start"].verdict is UNKNOWN


# -- The law of a plan is that of its day


@pytest.mark.parametrize(
    ("day", "start", "cap"), [(date(2017, 6, 1), UNKNOWN, FAILS), (date(2019, 6, 1), HOLDS, HOLDS)]
)
def test_the_decree_of_2018_changed_the_start_and_the_cap(
    day: date, start: Verdict, cap: Verdict
) -> None:
    """A request received before the signature; public aids of 90 % with a grant of the State."""
    study = line(10, "Étude", nature=Nature.STUDY)
    works = line(90, "Travaux", signed_on=day)
    state = money(Fund.STATE, 90, received_on=day.replace(month=5))
    found = checks(plan([study, works], state, money(Fund.OWN, 10), bearer=ASSOCIATION), day)
    assert (found["no-start"].verdict, found["public-cap"].verdict) == (start, cap)
    assert ("complet" in found["no-start"].change) is (start is UNKNOWN)


@pytest.mark.parametrize(
    ("rule", "parameter", "before", "change", "after"),
    [
        ("public-cap", "share", "0.80", date(2018, 10, 1), "1.00"),
        ("state-payment", "advance", "0.05", date(2018, 10, 1), "0.30"),
        ("leader", "own", "0.00", date(2023, 1, 1), "0.20"),
        ("state-aid", "de_minimis", "200000", date(2024, 1, 1), "300000"),
        ("fctva", "rate", "0.15761", date(2015, 1, 1), "0.16404"),
    ],
)
def test_numbers_change_on_their_day(
    rule: str, parameter: str, before: str, change: date, after: str
) -> None:
    eve = date.fromordinal(change.toordinal() - 1)
    assert law_of(RULES, eve).number(rule, parameter) == Decimal(before)
    assert law_of(RULES, change).number(rule, parameter) == Decimal(after)


@given(plans(), st.dates(date(1990, 1, 1), date(2060, 1, 1)))
def test_every_day_has_a_law_for_every_check(made: Plan, day: date) -> None:
    law = law_of(RULES, day)
    for check in check_plan(replace(made, date=day), law):
        assert check.rule in law


def test_a_rule_that_is_ended_checks_nothing_and_breaks_nothing() -> None:
    made = mixed(money(Fund.DETR, 40), money(Fund.GROUP, 20), money(Fund.LEADER, 20),
                 money(Fund.OWN, 120), in_net=False)  # fmt: skip
    aids = [aid(fund.value, fund, "0.3") for fund in (Fund.DETR, Fund.GROUP, Fund.LEADER)]
    for name in {rule.id for rule in RULES}:
        ended = Rule(name, "Abrogée", "", valid_from=DAY, active=False)
        law = law_of([ended, *RULES], DAY)
        assert name not in law
        assert all(check.rule in law for check in check_plan(made, law))
        assert best_plans(made, aids, law).plans
        cash_flow(made, law, Quarter(2026, 1))
