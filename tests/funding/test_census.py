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
    ("census", "said", "change"),
    [
        (None, "Elle y a droit, sauf si sa population DGF dépasse 75 000", "Vérifiez"),
        (18_912, "18 912 habitants au recensement : elle y a droit, sauf si", "Vérifiez"),
        (75_000, "75 000 habitants au recensement : elle y a droit, sauf si", "Vérifiez"),
        (75_001, "75 001 habitants au recensement : au-delà de 75 000", "Donnez ces trois nombres"),
    ],
)
def test_the_census_of_an_epci_is_a_least(census: int | None, said: str, change: str) -> None:
    check = detr(EPCI, census)
    assert check.verdict is UNKNOWN
    assert plain(check.sentence).startswith(said)
    assert check.change.startswith(change)


@pytest.mark.parametrize(
    ("bearer", "census", "verdict"),
    [
        (replace(EPCI, population_dgf=75_000), 20_000, HOLDS),
        (replace(EPCI, population_dgf=75_001), 20_000, UNKNOWN),
        (replace(EPCI, block=80_000, centre=30_000, density=Decimal(200)), 20_000, FAILS),
        (replace(EPCI, block=75_000), 120_000, HOLDS),
        (replace(COMMUNE, population_dgf=1_900), 277, HOLDS),
        (replace(COMMUNE, population_dgf=1_900), 1_900, HOLDS),
        # What is typed is under the census, which cannot be: neither is believed.
        (replace(COMMUNE, population_dgf=1_900), 21_000, UNKNOWN),
        (replace(COMMUNE, population_dgf=1_900), 1_950, HOLDS),
        (replace(EPCI, population_dgf=70_000), 80_000, UNKNOWN),
    ],
)
def test_what_is_typed_wins_over_the_census_unless_it_is_less(
    bearer: Bearer, census: int, verdict: Verdict
) -> None:
    check = detr(bearer, census)
    assert check.verdict is verdict
    if verdict is UNKNOWN and bearer.population_dgf and bearer.population_dgf < census:
        assert "n'est pas plus petite que celle du recensement" in check.change


@pytest.mark.parametrize(
    ("bearer", "census", "verdict"),
    [
        (COMMUNE, 277, UNKNOWN),
        (COMMUNE, 20_000, UNKNOWN),
        (COMMUNE, 20_001, FAILS),
        (replace(COMMUNE, department="973"), 20_001, UNKNOWN),
        (replace(COMMUNE, department="973"), 35_001, FAILS),
        (replace(COMMUNE, department=""), 20_001, UNKNOWN),
        (replace(COMMUNE, wealth=Decimal("1.3")), 2_001, FAILS),
        (replace(COMMUNE, wealth=Decimal("1.3")), 2_000, UNKNOWN),
        (replace(COMMUNE, wealth=Decimal("1.29")), 2_001, UNKNOWN),
        (replace(COMMUNE, kind=BearerKind.SYNDICATE), 60_001, FAILS),
        (replace(COMMUNE, kind=BearerKind.SYNDICATE), 60_000, UNKNOWN),
    ],
)
def test_a_commune_has_at_least_its_census(bearer: Bearer, census: int, verdict: Verdict) -> None:
    assert detr(bearer, census).verdict is verdict


def test_the_sentence_says_what_the_census_tells() -> None:
    town = detr(COMMUNE, 27_110)
    assert "27 110 habitants au recensement" in plain(town.sentence)
    assert "population DGF" in town.sentence
    village = detr(COMMUNE, 277)
    assert plain(village.sentence).startswith(
        "277 habitants au recensement : la commune y a droit, sauf si sa population DGF dépasse "
        "2 000 à cause des résidences secondaires"
    )
    between = detr(COMMUNE, 5_000)
    assert "plus de 2 000, cela dépend du potentiel financier" in plain(between.sentence)
    assert "population DGF" in between.change


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
