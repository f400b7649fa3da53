"""« Maintenant » is what is to be done now: a date of next month is a date."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from maillage.accounts.models import User
from maillage.engine.funding.types import Fund, Status
from maillage.funding.document import PlanDocument, Source
from maillage.funding.dossiers import dates
from maillage.funding.nextstep import Step, next_step, to_replace
from maillage.funding.services import plans as services
from tests.funding.plans import document, make_plan, source
from tests.pages import text_of

pytestmark = pytest.mark.django_db
TODAY = localdate()
OWN = source("own", Fund.OWN, 50_000)


def _in(days: int) -> dict[str, object]:
    return {"closes": TODAY + timedelta(days=days)}


def _step(held: PlanDocument, *, holds: bool = True) -> Step:
    return next_step(held, dates(held, TODAY), TODAY, holds=holds)


def _after(*resources: Source) -> str:
    return _step(document(OWN, *resources)).sentence


def _filed(days: int, name: str = "detr", **said: object) -> Source:
    return source(name, Fund.DETR, 50_000, status=Status.FILED,
                  filed_on=TODAY - timedelta(days=days), **said)  # fmt: skip


def test_a_call_is_due_a_month_after_the_filing_and_not_before() -> None:
    assert _after(_filed(0)) == "Attendez l'accusé de réception de « DETR » avant de signer."
    assert _after(_filed(29)).startswith("Attendez")
    assert _after(_filed(30)).startswith("Relancez « DETR »")
    assert _after(_filed(45)).startswith("Relancez « DETR »")


def test_a_dossier_to_file_comes_before_an_answer_that_is_awaited() -> None:
    region = source("region", Fund.REGION, 10_000, label="Région")
    assert _after(_filed(1), region).startswith("Déposez le dossier de « Région »")


def test_an_amount_that_is_not_known_is_asked_before_the_dossier_is_filed() -> None:
    unknown = source("cc", Fund.GROUP, 0, label="Fonds de concours")
    assert _after(_filed(1), unknown) == (
        "Demandez combien « Fonds de concours » peut payer : son montant n'est pas connu. Écrivez-"
        "le au plan avant de préparer le dossier."
    )
    region = source("region", Fund.REGION, 10_000, label="Région")
    assert "Région" in _after(unknown, region), "what is known comes first"
    closing = replace(unknown, closes=TODAY + timedelta(days=40))
    said = _after(closing)
    assert said.startswith("Demandez combien")
    assert f"se ferme le {closing.closes:%d/%m/%Y}" in said


def test_the_dossier_that_closes_soon_is_the_thing_to_do() -> None:
    soon = source("region", Fund.REGION, 10_000, label="Région", **_in(45))
    later = source("detr", Fund.DETR, 10_000, **_in(200))
    undated = source("dep", Fund.DEPARTMENT, 10_000, label="Département")
    vote = TODAY + timedelta(days=24)
    said = f"Délibération à prendre : Région, avant le {vote:%d/%m/%Y}."
    assert _after(undated, soon, later) == said
    assert _after(undated, later).startswith("Déposez le dossier de « Département »")
    assert _after(later).startswith("Délibération à prendre : DETR"), "nothing else is to be done"


def test_what_is_late_says_so() -> None:
    late = source("region", Fund.REGION, 10_000, label="Région", **_in(10))
    assert _after(late).startswith("Délibération à prendre sans attendre : Région, dont le dossier")
    missed = source("region", Fund.REGION, 0, label="Région", **_in(-1))
    assert _after(missed).startswith("Le dernier jour pour déposer « Région » est passé")
    met = _filed(20, commission_on=TODAY - timedelta(days=1))
    assert _after(met).endswith("notez sa décision.")


def test_after_the_filings_come_the_decision_then_the_money() -> None:
    received = replace(_filed(40), status=Status.RECEIVED, received_on=TODAY - timedelta(days=20))
    assert _after(received).startswith("Attendez la décision pour « DETR »")
    granted = replace(received, status=Status.GRANTED, granted=Decimal(50_000))
    assert "demandez l'avance" in _after(granted)
    paid = replace(granted, status=Status.PAID, paid=Decimal(50_000), paid_on=TODAY)
    assert _after(paid) == "Tout ce qui devait l'être est fait."
    assert "que sur votre argent" in _after()


def test_a_refusal_is_told_until_others_have_taken_its_place() -> None:
    refused = source("detr", Fund.DETR, 50_000, status=Status.REFUSED)
    short = document(OWN, refused)
    assert to_replace(short) == [refused]
    assert "« DETR » est refusée" in _step(short, holds=False).sentence
    region = source("region", Fund.REGION, 50_000, label="Région")
    mended = document(OWN, region, refused)
    assert to_replace(mended) == []
    said = _step(mended, holds=False).sentence
    assert said.startswith("Ce plan ne tient pas encore"), "another rule fails: not the refusal"
    assert _step(replace(short, costs=())).name == "funding:edit"


def test_the_page_of_possible_plans_speaks_of_the_refusal_as_long_as_money_lacks(
    its: Client, mairie: User
) -> None:
    refused = source("detr", Fund.DETR, 50_000, status=Status.REFUSED)
    plan = make_plan(held=document(OWN, refused), by=mairie)
    where = reverse("funding:next", args=[plan.pk])
    assert "Après le refus : ce qui reste possible" in text_of(its.get(where))
    region = source("region", Fund.REGION, 50_000, label="Région", status=Status.FILED)
    services.save(plan=plan, by=mairie, document=document(OWN, region, refused), seen=1, said="")
    page = text_of(its.get(where))
    assert "Les meilleurs plans possibles" in page
    assert "Après le refus" not in page
