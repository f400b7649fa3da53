"""The editor of a plan that is kept: what is typed survives, statuses are told on its page."""

import pytest
from django.test import Client

from maillage.accounts.models import User
from maillage.engine.funding.types import Status
from maillage.funding.models import Plan
from tests.funding.plans import held_by
from tests.funding.test_plans_pages import _editor, _url

pytestmark = pytest.mark.django_db


@pytest.fixture
def strict(mairie: User) -> Client:
    """A browser of which the proofs are checked, signed in."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(mairie)
    return client


def test_an_expired_session_loses_nothing(mairie: User, plan: Plan) -> None:
    sent = _editor(plan) | {"c0-label": "Toiture neuve", "c0-net": "12x", "faire": "enregistrer"}
    client = Client()
    answer = client.post(_url("edit", plan), sent)
    assert answer.status_code == 302
    assert "login" in answer["Location"]
    client.force_login(mairie)
    page = client.get(_url("edit", plan))
    assert page.status_code == 200
    said = page.content.decode()
    assert 'value="Toiture neuve"' in said
    assert 'value="12x"' in said
    assert "ce que vous aviez tapé" in said
    assert held_by(plan).costs[0].label == "Travaux"
    # Once saved, it is forgotten.
    client.post(_url("edit", plan), sent | {"c0-net": "90 000"})
    assert held_by(plan).costs[0].label == "Toiture neuve"
    assert "ce que vous aviez tapé" not in client.get(_url("edit", plan)).content.decode()


def test_a_long_plan_typed_after_the_end_of_the_session_is_kept_too(
    mairie: User, plan: Plan
) -> None:
    sent = _editor(plan) | {"faire": "enregistrer"}
    for n in range(1, 180):
        sent |= {f"c{n}-label": f"Dépense numéro {n}, avec des mots", f"c{n}-net": "1 000",
                 f"c{n}-vat": "20", f"c{n}-id": f"k{n}"}  # fmt: skip
    client = Client()
    client.post(_url("edit", plan), sent)
    client.force_login(mairie)
    assert "Dépense numéro 179" in client.get(_url("edit", plan)).content.decode()


def test_a_form_without_proof_is_shown_again_and_writes_nothing(strict: Client, plan: Plan) -> None:
    sent = _editor(plan) | {"c0-label": "Toiture neuve", "faire": "enregistrer"}
    answer = strict.post(_url("edit", plan), sent)
    assert answer.status_code == 403
    assert 'value="Toiture neuve"' in answer.content.decode()
    assert held_by(plan).costs[0].label == "Travaux"


def test_a_status_sent_by_hand_changes_nothing(client: Client, mairie: User, plan: Plan) -> None:
    client.force_login(mairie)
    page = client.get(_url("edit", plan)).content.decode()
    assert '<select class="fr-select" id="r1-status"' not in page
    client.post(_url("edit", plan), _editor(plan) | {"r1-status": "paid", "faire": "enregistrer"})
    assert held_by(plan).resources[1].status is Status.FILED


def test_a_removed_line_comes_back_with_its_status(
    client: Client, mairie: User, plan: Plan
) -> None:
    client.force_login(mairie)
    answer = client.post(_url("edit", plan), _editor(plan) | {"faire": "retirer-r1"})
    editor = answer.context["editor"]
    sent = {f"{row.name}-{field}": value
            for row in (editor.plan, editor.bearer, *editor.costs, *editor.resources)
            for field, value in row.values.items()}  # fmt: skip
    sent |= {"retires": editor.removed_text, "notes": editor.notes_text, "vu": "1"}
    client.post(_url("edit", plan), sent | {"faire": "remettre"})
    answer = client.post(_url("edit", plan), sent | {"faire": "remettre"})
    assert [row.values["status"] for row in answer.context["editor"].resources][1] == "filed"
