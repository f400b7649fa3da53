"""The fifteen experiences of the guide through the checks: its errors are found, not corrected."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from maillage.engine.funding.checks import check_plan
from maillage.engine.funding.types import Check, Verdict
from maillage.experiences.models import Experience
from maillage.funding.examples import known
from tests.funding.factories import LAW

DAY = date(2026, 11, 21)
H, F, OUT = Verdict.HOLDS, Verdict.FAILS, Verdict.OUT
#: Experience → balance, own share, and the gap in euros when the document has one.
FOUND = {
    "arvieu": (H, OUT, None),
    "ayen": (H, OUT, None),
    "bourrou": (H, H, None),
    "dieuze": (H, H, None),
    "kourou": (F, OUT, 178_000),
    "le-juch": (F, H, 2_000),
    "lormes": (H, H, None),
    "lourmarin": (H, H, None),
    "muttersholtz": (F, H, 25_000),
    "sud-lozere": (F, H, 34),
    "villeneuve-sur-allier": (H, H, None),
}
NONE = {"alpes-provence-verdon", "montauban-sur-l-ouveze", "redon", "salles-sur-l-hers"}


def checks(name: str) -> dict[str, Check]:
    plan = known()[name].document(DAY).plan()
    return {check.id: check for check in check_plan(plan, LAW)}


def test_the_fifteen_are_there() -> None:
    assert len(known()) == 15
    assert FOUND.keys() | NONE == known().keys()


@pytest.mark.parametrize("name", FOUND)
def test_what_the_checks_find(name: str) -> None:
    balance, own, gap = FOUND[name]
    found = checks(name)
    assert (found["balance"].verdict, found["own-share"].verdict) == (balance, own)
    assert found["balance"].gap == (None if gap is None else Decimal(gap))
    # What does not add up is said with the document: never corrected in silence.
    assert not gap or known()[name].errors


@pytest.mark.parametrize("name", sorted(NONE))
def test_without_figures_it_is_said(name: str) -> None:
    assert known()[name].plan is None
    assert known()[name].none
    with pytest.raises(ValueError, match="guide"):
        known()[name].document(DAY)


def test_lormes_is_exactly_at_twenty_percent() -> None:
    assert "garde 20\u00a0% à sa charge" in checks("lormes")["own-share"].sentence


def test_the_digits_of_the_petr_and_the_share_of_arvieu_are_said() -> None:
    assert "70 604" in known()["sud-lozere"].errors[0]
    assert "84,6" in known()["arvieu"].errors[0]


def test_kourou_is_out_of_the_rule_of_twenty_percent() -> None:
    assert checks("kourou")["own-share"].verdict is OUT


@pytest.mark.django_db
def test_each_one_leads_to_its_experience() -> None:
    slugs = set(Experience.objects.values_list("slug", flat=True))
    assert {one.experience for one in known().values()} == slugs


@pytest.mark.django_db
def test_the_page_shows_the_fifteen(client: Client) -> None:
    page = client.get("/financement/experiences/").content.decode()
    assert page.count("<article") == 15
    assert page.count("Pas de plan à vérifier") == len(NONE)
    assert "Il manque 178" in page
