"""What changed between two versions, in words; and what two people at once are told of it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from maillage.accounts.enums import Role
from maillage.engine.funding.types import Fund
from maillage.funding.changes import between, in_a_line
from maillage.funding.services import plans as services
from tests.desk.factories import make_user
from tests.funding.plans import document, make_plan, make_project, source
from tests.pages import text_of


def test_each_change_is_said_and_nothing_else() -> None:
    before = document()
    assert between(before, before) == []
    assert in_a_line([]) == "Le plan est modifié"
    own, detr = before.resources
    after = replace(
        before, in_net=False,
        costs=(replace(before.costs[0], label="Toiture"),),
        resources=(replace(own, amount=Decimal(20_000)), source("r", Fund.REGION, 30_000)),
    )  # fmt: skip
    assert [one.replace("\u202f", " ").replace("\xa0", " ") for one in between(before, after)] == [
        "« Travaux » devient « Toiture »",
        "« OWN » : 20 000 € au lieu de 50 000 €",
        "« R » ajoutée, 30 000 €",
        "« DETR » retirée, 50 000 €",
        "le plan passe en TTC",
    ]
    dated = replace(before, resources=(own, replace(detr, note="Appelé")))
    assert between(before, dated) == ["« DETR » : ses détails"]


def test_many_changes_are_counted() -> None:
    lines = [source(f"r{n}", Fund.REGION, n + 1) for n in range(30)]
    said = between(document(*lines[:1]), document(*lines))
    assert len(said) == 9
    assert said[-1] == "et 21 autres changements"


@pytest.mark.django_db
def test_who_saves_second_reads_what_the_first_changed(client: Client) -> None:
    person = make_user(Role.APPLICANT)
    plan = make_plan(make_project(person))
    client.force_login(person)
    address = reverse("funding:edit", args=[plan.pk])
    form = _form(client.get(address))
    first = replace(document(), costs=(replace(document().costs[0], label="Toiture ardoise"),))
    services.save(plan=plan, by=person, document=first, seen=1, said="Changé")
    mine = {**form, "c0-year": "2028", "vu": "1", "faire": "enregistrer"}
    answer = client.post(address, mine)
    assert answer.status_code == 409
    assert "« Travaux », nom : Toiture ardoise (avant : Travaux)" in text_of(answer)


def _form(answer: Any) -> dict[str, str]:
    """The fields of the editor, as a browser would send them."""
    editor = answer.context["editor"]
    return {
        f"{row.name}-{name}": value
        for row in (editor.plan, editor.bearer, *editor.costs, *editor.resources)
        for name, value in row.values.items()
    }
