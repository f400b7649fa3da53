"""The DETR when the population DGF is not given: the census, which is known, says what it can. The
DPV, whose communes are not known.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from maillage.engine.funding.checks import check_plan
from maillage.engine.funding.types import Bearer, BearerKind, Check, Fund, Verdict
from maillage.funding import planning
from maillage.funding.document import TERRITORY
from maillage.territories.directory import directory
from tests.funding.factories import LAW, money, plan
from tests.funding.papers import plain
from tests.funding.plans import document

HOLDS, FAILS, UNKNOWN = Verdict.HOLDS, Verdict.FAILS, Verdict.UNKNOWN
COMMUNE = Bearer(BearerKind.COMMUNE, "Ici", "24")
EPCI = Bearer(BearerKind.EPCI, "CC d'ici", "24")


def detr(bearer: Bearer, census: int | None) -> Check:
    made = plan(100, money(Fund.DETR, 30), money(Fund.OWN, 70), bearer=bearer, census=census)
    (found,) = (check for check in check_plan(made, LAW) if check.id == "detr")
    return found


@pytest.mark.parametrize(
    ("census", "verdict", "said", "change"),
    [
        (None, UNKNOWN, "Jusqu'à 75 000 habitants", "Donnez la population DGF"),
        (24_310, HOLDS, "24 310 habitants au recensement, bien moins que 75 000", ""),
        (25_000, HOLDS, "elle y a droit", ""),
        (25_001, UNKNOWN, "25 001 habitants au recensement.", "Donnez la population DGF"),
        (120_000, UNKNOWN, "120 000 habitants au recensement.", "Donnez ces trois nombres"),
    ],
)
def test_an_epci_is_judged_by_its_census_when_that_is_enough(
    census: int | None, verdict: Verdict, said: str, change: str
) -> None:
    check = detr(EPCI, census)
    assert check.verdict is verdict
    assert said in plain(check.sentence)
    assert check.change.startswith(change)


def test_what_is_typed_wins_over_the_census() -> None:
    assert "80 000" not in detr(replace(EPCI, population_dgf=80_000), 20_000).sentence
    assert detr(replace(EPCI, population_dgf=80_000), 20_000).verdict is UNKNOWN
    big = replace(EPCI, block=80_000, centre=30_000, density=Decimal(200))
    assert detr(big, 20_000).verdict is FAILS
    assert detr(replace(COMMUNE, population_dgf=1_900), 21_000).verdict is HOLDS


@pytest.mark.parametrize(
    ("bearer", "census", "verdict"),
    [
        (COMMUNE, 140, UNKNOWN),
        (COMMUNE, 20_000, UNKNOWN),
        (COMMUNE, 20_001, FAILS),
        (replace(COMMUNE, department="973"), 20_001, UNKNOWN),
        (replace(COMMUNE, department="973"), 35_001, FAILS),
        (replace(COMMUNE, department=""), 20_001, UNKNOWN),
    ],
)
def test_a_commune_has_at_least_its_census(bearer: Bearer, census: int, verdict: Verdict) -> None:
    assert detr(bearer, census).verdict is verdict


def test_a_small_commune_is_told_its_census_beside_what_is_asked() -> None:
    check = detr(COMMUNE, 140)
    assert "(le recensement dit 140)" in check.sentence
    assert check.change


@pytest.mark.parametrize("bearer", [COMMUNE, EPCI, replace(EPCI, kind=BearerKind.ASSOCIATION)])
def test_who_has_the_dpv_is_asked(bearer: Bearer) -> None:
    made = plan(100, money(Fund.DPV, 30), money(Fund.OWN, 70), bearer=bearer)
    found = {check.id: check for check in check_plan(made, LAW)}
    assert found["dpv"].verdict is UNKNOWN
    assert "préfecture" in found["dpv"].change
    without = plan(100, money(Fund.DETR, 30), money(Fund.OWN, 70), bearer=bearer)
    assert "dpv" not in {check.id for check in check_plan(without, LAW)}


@pytest.mark.django_db
def test_a_document_that_names_its_territory_brings_its_census() -> None:
    siren, record = next((k, r) for k, r in directory().epcis.items() if r.population)

    def seen(**said: Any) -> int | None:
        return planning._plan(replace(document(), **said)).census

    group = Bearer(BearerKind.EPCI, record.name, "24")
    assert seen(bearer=group, notes={TERRITORY: siren}) == record.population
    assert seen(bearer=group, notes={}) is None
    assert seen(bearer=group, notes={TERRITORY: "nulle part"}) is None
    assert seen(bearer=replace(group, kind=BearerKind.SYNDICATE), notes={TERRITORY: siren}) is None
    assert seen(bearer=COMMUNE, notes={TERRITORY: siren}) is None
