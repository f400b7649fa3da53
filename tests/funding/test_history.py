"""The history of a plan: versions, documents and choices in one order; two versions compared."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from maillage.accounts.models import User
from maillage.engine.funding.types import Fund, Status
from maillage.funding import history
from maillage.funding.changes import between, side_by_side
from maillage.funding.models import Plan
from maillage.funding.services import attachments
from maillage.funding.services import plans as services
from tests.funding.plans import document, held_by, join, source
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def _url(name: str, plan: Plan, *more: Any) -> str:
    return reverse(f"funding:{name}", args=[plan.pk, *more])


def _said(plan: Plan, text: str = "") -> list[str]:
    return [one.said for one in history.told(history.passages(plan, text))]


@pytest.fixture
def lived(plan: Plan, mairie: User) -> Plan:
    """A plan to which something of each kind happened."""
    made = join(plan, by=mairie, called="arrêté.pdf")
    services.save(plan=plan, by=mairie, document=document(net=120_000), seen=1, said="Devis reçu")
    services.rename(plan=plan, by=mairie, name="Le bon plan")
    attachments.remove(attachment=made, by=mairie)
    join(plan, by=mairie, called="accusé.pdf", paper="receipt")
    plan.refresh_from_db()
    return plan


def test_everything_is_told_in_order_with_who_did_it(lived: Plan, mairie: User) -> None:
    assert _said(lived) == [
        "Pièce jointe à « DETR » : accusé.pdf (accusé de réception)",
        "Pièce retirée de « DETR » : arrêté.pdf (décision du financeur)",
        "« Plan A » s'appelle maintenant « Le bon plan »",
        "Devis reçu",
        "Pièce jointe à « DETR » : arrêté.pdf (décision du financeur)",
        "Le plan est créé",
    ]
    told = history.told(history.passages(lived))
    assert {one.by for one in told} == {mairie}
    assert [one.version for one in told] == [0, 0, 0, 2, 0, 1]
    kept = lived.attachments.held().get()
    assert [one.document for one in told] == [kept.pk, 0, 0, 0, 0, 0], "what is gone is not opened"


@pytest.mark.parametrize(
    ("text", "count"), [("devis", 1), ("arrêté", 2), ("réception", 1), ("DETR", 3), ("rien", 0),
                        ("décision du", 2), ("s'appelle", 1)],
)  # fmt: skip
def test_it_is_searched_in_its_words(lived: Plan, text: str, count: int) -> None:
    assert len(_said(lived, text)) == count


def test_the_page_shows_it_and_gives_it_as_a_file(
    its: Client, lived: Plan, django_assert_max_num_queries: Any
) -> None:
    its.get(_url("versions", lived))
    with django_assert_max_num_queries(9):
        page = text_of(its.get(_url("versions", lived)))
    assert "6 faits" in page
    assert "accusé.pdf" in page
    assert reverse("funding:piece", args=[lived.pk, lived.attachments.held().get().pk]) in page
    file = its.get(_url("versions", lived), {"export": "csv", "q": "DETR"}).getvalue().decode()
    assert len(file.splitlines()) == 4
    assert "Pièce retirée" in file
    plan = text_of(its.get(_url("plan", lived)))
    assert "Pièce retirée de « DETR »" in plan


def test_two_versions_are_shown_side_by_side(its: Client, plan: Plan, mairie: User) -> None:
    own, _ = document().resources
    after = replace(document(net=120_000), resources=(
        replace(own, label="Notre part"), source("r", Fund.REGION, 20_000)))  # fmt: skip
    services.save(plan=plan, by=mairie, document=after, seen=1, said="Sans la DETR")
    services.save(plan=plan, by=mairie, document=document(net=90_000), seen=2, said="Retour")
    sides = side_by_side(document(), after)
    assert [(one.label, one.before, one.after) for one in sides.resources.changed] == [
        ("Notre part (avant : OWN)", 50_000, 50_000), ("R", None, 20_000), ("DETR", 50_000, None),
    ]  # fmt: skip
    assert (sides.resources.before, sides.resources.after) == (100_000, 70_000)
    assert (len(sides.costs.changed), sides.costs.same) == (1, 0)
    page = text_of(its.get(_url("version", plan, 1)))
    assert "100 000 €" in page
    assert "90 000 €" in page
    page = text_of(its.get(_url("version", plan, 1), {"avec": "2"}))
    assert "120 000 €" in page
    assert "retirée" in page
    assert "ajoutée" in page
    assert "Rien ne diffère" in text_of(its.get(_url("version", plan, 3)))
    assert "Revenir à la version 1" in page
    for wrong in (9, 0):
        assert its.get(_url("version", plan, wrong)).status_code == 404
    assert its.get(_url("version", plan, 1), {"avec": "x"}).status_code == 404
    its.post(_url("undo", plan), {"version": "1", "vu": "3"})
    assert held_by(plan).plan().cost == 100_000


def test_only_the_treasury_may_differ(its: Client, plan: Plan, mairie: User) -> None:
    services.save(
        plan=plan, by=mairie, document=held_by(plan), seen=1, said="Échéancier",
        cash={"start": [2028, 1], "lag": 1, "spread": {}, "terms": {}},
    )  # fmt: skip
    page = text_of(its.get(_url("version", plan, 1)))
    assert "l'échéancier de trésorerie" in page
    assert "Rien ne diffère" not in page


def test_where_a_dossier_stands_is_told() -> None:
    before = document()
    own, detr = before.resources
    moved = replace(before, resources=(own, replace(detr, status=Status.RECEIVED)))
    assert between(before, moved) == ["« DETR » : accusé de réception au lieu de déposé"]
    found = side_by_side(before, moved).resources
    (side,) = found.changed
    assert (side.stood, side.stands, found.same) == ("Déposé", "Accusé de réception", 1)
    refused = replace(before, resources=(own, replace(detr, status=Status.REFUSED)))
    found = side_by_side(before, refused).resources
    assert (found.changed[0].after, found.after) == (0, 50_000), "what is refused counts no more"


def test_a_copy_keeps_the_documents_in_its_history(lived: Plan, mairie: User) -> None:
    lived.attachments.update(added_at=lived.created_at - timedelta(days=3))
    copy = services.duplicate(plan=lived, by=mairie, document=held_by(lived))
    assert _said(copy)[0] == "Copie de « Le bon plan », version 2"
    assert len(_said(copy)) == 2
