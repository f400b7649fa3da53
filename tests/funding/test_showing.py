"""What a page says of a plan as a whole: never a yes while something cannot be told."""

from decimal import Decimal

import pytest
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.engine.funding.cashflow import CashFlow, Quarter
from maillage.engine.funding.checks import check_plan
from maillage.engine.funding.types import Bearer, BearerKind, Fund, Plan, Status, Verdict
from maillage.funding import cash
from maillage.funding.curve import curve_of
from maillage.funding.models import Plan as Row
from maillage.funding.numbers import numbers_of
from maillage.funding.showing import Report, report
from tests.funding.factories import LAW, RULES, money, plan
from tests.funding.plans import document, make_plan, make_project, source

ASSOCIATION = Bearer(BearerKind.ASSOCIATION, "Foyer rural", "24", recovers_vat=False)
OWN, REGION = money(Fund.OWN, 50), money(Fund.REGION, 70, status=Status.GRANTED)


def told(one: Plan) -> Report:
    return report(check_plan(one, LAW), LAW)


def test_a_plan_that_holds_without_a_doubt() -> None:
    found = told(plan(100, OWN, REGION, bearer=ASSOCIATION, in_net=False, economic=False))
    assert (found.headline, found.style, found.holds) == ("Ce plan tient.", "holds", True)
    assert found.kept
    assert not found.failing
    assert not found.asking


@pytest.mark.parametrize(
    ("bearer", "said"),
    [
        (ASSOCIATION, "il reste un point à préciser."),
        (Bearer(BearerKind.ASSOCIATION, "Foyer rural", "24"), "points à préciser."),
    ],
)
def test_what_cannot_be_told_is_not_a_yes(bearer: Bearer, said: str) -> None:
    found = told(plan(100, OWN, REGION, bearer=bearer, economic=None, in_net=False))
    assert found.headline.startswith("Rien ne s'oppose à ce plan")
    assert found.headline.endswith(said)
    assert found.style == "unknown"
    assert {line.check.verdict for line in found.asking} == {Verdict.UNKNOWN}


def test_what_fails_comes_first_and_the_sum_before_all() -> None:
    found = told(plan(100, money(Fund.OWN, 5), money(Fund.DETR, 90)))
    assert (found.style, found.holds) == ("fails", False)
    assert found.headline.startswith("Il manque 5")
    assert len(found.failing) > 1
    assert "à corriger" in found.more


def test_an_empty_plan_does_not_hold() -> None:
    found = told(plan([]))
    assert (found.style, found.holds) == ("unknown", False)
    assert "pas encore de dépense" in found.headline


def test_the_numbers_of_a_rule_are_words() -> None:
    rules = {rule.id: dict(numbers_of(rule)) for rule in RULES}
    assert rules["own-share"]["Part"] == "20\u00a0%"
    assert "Fonds vert et DETR" in rules["pairs"]["Couples permis"]
    assert "|" not in str(list(rules.values()))


# -- On the pages


def _page(client: Client, row: Row, name: str = "plan") -> str:
    return client.get(reverse(f"funding:{name}", kwargs={"pk": row.pk})).content.decode()


@pytest.mark.django_db
def test_the_verdict_is_said_once_and_the_totals_stand_under_their_columns(
    client: Client, mairie: User
) -> None:
    client.force_login(mairie)
    row = make_plan(by=mairie, held=document(net=100_000))
    page = _page(client, row)
    assert page.count('id="verdict"') == 1
    assert page.count("p-verdict__title") == 1
    foot = page[page.index("<tfoot>") : page.index("</tfoot>")]
    assert "colspan" not in foot
    net, gross = foot.index("100\u202f000"), foot.index("120\u202f000")
    assert foot.index('data-label="HT"') < net < foot.index('data-label="TTC"') < gross


@pytest.mark.django_db
def test_what_makes_it_hold_is_said_with_the_verdict(client: Client, mairie: User) -> None:
    client.force_login(mairie)
    row = make_plan(by=mairie, held=document(source("own", Fund.OWN, 90_000)))
    for name in ("plan", "edit"):
        page = _page(client, row, name)
        assert "Pour qu'il tienne" in page
        assert "Trouvez 10\u202f000" in page


@pytest.mark.django_db
def test_a_plan_that_cannot_be_read_does_not_break_its_project(mairie: User) -> None:
    project = make_project(by=mairie)
    row = make_plan(project, by=mairie)
    Row.objects.filter(pk=row.pk).update(content={"costs": [{"net": "1", "year": 1926}]})
    shown = Template("{% load funding %}{% plans_of project %}").render(
        Context({"project": project})
    )
    assert "ne peut plus être lu" in shown


@pytest.mark.django_db
@pytest.mark.parametrize(("count", "said"), [(1, "son plan de financement"), (2, "ses 2 plans")])
def test_what_is_erased_with_a_project(client: Client, mairie: User, count: int, said: str) -> None:
    client.force_login(mairie)
    project = make_project(by=mairie, owner=mairie.bodies(Role.APPLICANT)[0])
    for number in range(count):
        make_plan(project, document(net=1_000 + number), by=mairie, name=f"Plan {number}")
    page = client.get(reverse("projects:erase", kwargs={"pk": project.pk})).content.decode()
    assert f"Cela efface aussi {said}" in page


@pytest.mark.django_db
def test_an_undo_that_comes_too_late_says_what_happened(client: Client, mairie: User) -> None:
    client.force_login(mairie)
    row = make_plan(by=mairie)
    address = reverse("funding:undo", kwargs={"pk": row.pk})
    page = client.post(address, {"vu": "7", "version": "1"}, follow=True).content.decode()
    assert "rien n&#x27;a été fait" in page
    assert "votre saisie" not in page


# -- The curve


def _flow(net: float) -> CashFlow:
    return cash.flow(document(net=net), cash.Choices(Quarter(2027, 1)), localdate())


@pytest.mark.django_db
@pytest.mark.parametrize("net", [1, 100_000, 98_765_432])
def test_the_curve_stays_in_its_boxes_and_its_words_too(net: float) -> None:
    curve = curve_of(_flow(net))
    assert curve is not None
    assert [one.name for one in curve.drawings] == ["wide", "narrow"]
    for one in curve.drawings:
        assert all(0 < int(mark.at) < int(one.height) for mark in one.scale)
        assert all(int(one.left) < int(mark.at) < int(one.width) for mark in one.names)
        assert one.low is not None
        assert int(one.left) < int(one.low.text_x) < int(one.right)
        assert 0 < int(one.low.text_y) < int(one.names_at)
        assert len({mark.label for mark in one.names}) == len(one.names)


def test_the_sum_of_a_table_has_its_cents() -> None:
    rows = [type("Row", (), {"line": type("Line", (), {"net": Decimal(v)})}) for v in ("0.1", "2")]
    shown = Template("{% load funding %}{{ rows|sum_of:'net' }}").render(Context({"rows": rows}))
    assert shown in ("2.1", "2,1")
