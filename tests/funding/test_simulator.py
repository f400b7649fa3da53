"""The simulator: without an account, nothing kept, nothing typed lost, and best plans to take."""

import html
import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from maillage.funding import planning
from maillage.funding.examples import known
from maillage.funding.papers.dossier import dossier_as_json
from tests.funding.papers import subject

pytestmark = pytest.mark.django_db
HOME, CHECK, BEST = "/financement/", "/financement/verifier/", "/financement/mieux/"
PLAN: dict[str, Any] = {
    "p-date": "2026-11-21", "p-in_net": "ht", "p-economic": "non", "b-kind": "commune",
    "b-place": "Bourrou", "b-population_dgf": "140",
    "c0-id": "c1", "c0-label": "Travaux", "c0-net": "100 000", "c0-vat": "20",
    "r0-id": "r1", "r0-label": "Commune", "r0-fund": "own", "r0-amount": "20 000",
    "r1-id": "r2", "r1-label": "DETR", "r1-fund": "detr", "r1-amount": "40 000", "r1-rate": "40",
    "r2-id": "r3", "r2-label": "Département", "r2-fund": "department", "r2-amount": "40 000",
    "r2-rate": "50",
}  # fmt: skip


def text(answer: Any) -> str:
    found = html.unescape(answer.content.decode())
    return found.replace("\u202f", " ").replace("\u00a0", " ")


def post(client: Client, address: str = CHECK, **changes: Any) -> Any:
    data = {**PLAN, **{name.replace("__", "-"): value for name, value in changes.items()}}
    return client.post(address, data)


def test_an_empty_plan_is_offered_to_anyone(client: Client) -> None:
    page = text(client.get(HOME))
    assert "Mon plan de financement tient-il" in page
    assert "Fonds propres" in page


def test_a_plan_that_holds(client: Client) -> None:
    answer = post(client)
    assert answer.status_code == 200
    assert answer.context["report"].style == "unknown"  # a point remains to be told
    assert "Rien ne s'oppose à ce plan" in text(answer)
    assert "La collectivité garde 20 %" in text(answer)
    assert 'value="120 000"' in text(answer)


def test_the_sentence_says_what_is_missing(client: Client) -> None:
    page = text(client.get(HOME, {"exemple": "le-juch"}))
    assert "Il manque 2 000 € : 27 300 € + 9 700 € = 37 000 € pour 39 000 €." in page
    assert "Erreur du document" in page


@pytest.mark.parametrize("name", [n for n, one in known().items() if one.plan])
def test_every_example_opens(client: Client, name: str) -> None:
    assert client.get(HOME, {"exemple": name}).status_code == 200


@pytest.mark.parametrize("name", ["redon", "nulle-part"])
def test_an_example_without_plan_is_not_found(client: Client, name: str) -> None:
    assert client.get(HOME, {"exemple": name}).status_code == 404


def test_words_and_signs_say_each_check(client: Client) -> None:
    page = text(post(client, r0__amount="10 000", r2__amount="50 000"))
    for word in ("À corriger", "Respecté", "Le plus petit changement", "L1111-10"):
        assert word in page


def test_a_wrong_cell_keeps_everything(client: Client) -> None:
    answer = post(client, c0__net="cent mille", besoin="le bistrot", **{"coller-texte": "a;b"})
    assert answer.status_code == 422
    page = text(answer)
    assert "n'est pas un montant" in page
    assert 'href="#c0-net"' in page
    for kept in ('value="cent mille"', 'value="DETR"', 'value="le bistrot"', "a;b</textarea>"):
        assert kept in page


def test_the_page_again_is_what_is_being_typed(client: Client) -> None:
    """What the browser asks when it comes back: nothing is said of what is half typed."""
    answer = post(client, c0__net="cent mille", r0__amount="10", faire="revoir")
    assert answer.status_code == 200
    assert answer.context["report"] is None
    assert answer.context["editor"].problems == []
    assert 'value="cent mille"' in text(answer)
    # Back and Forward show what the browser holds, shared with nobody.
    assert answer["Cache-Control"] == "private, no-cache"
    assert client.get(HOME)["Cache-Control"] == "private, no-cache"


def test_a_loan_stands_apart_in_a_best_plan(client: Client) -> None:
    loan = {"r3-label": "Prêt relais", "r3-fund": "loan", "r3-amount": "7 000"}
    answer = client.post(BEST, {**PLAN, **loan})
    column = answer.context["found"].columns[0]
    shown = {one.label: one.amount for one in column.document.plan().counted}
    assert (column.loan, shown["Prêt relais"]) == (7_000, 7_000)
    assert shown["Commune"] == column.best.own - 7_000
    page = text(answer)
    best = page[page.index('id="mieux"') :]
    assert "dont 7 000 € d'emprunt" in best
    assert re.search(r'<th scope="row">Prêt relais</th><td class="p-number">7\s000', best)
    assert sum(shown.values()) == column.best.plan.cost


def test_a_line_is_added_without_complaint(client: Client) -> None:
    answer = post(client, c0__net="cent", faire="ajouter-c")
    assert answer.status_code == 200
    assert 'name="c1-label"' in text(answer)
    assert 'value="cent"' in text(answer)
    assert "n'est pas un montant" not in text(answer)


@pytest.mark.parametrize("address", [CHECK, BEST])
def test_what_is_ticked_is_taken_whatever_the_button(client: Client, address: str) -> None:
    found = post(client, faire="chercher-aides", besoin="rouvrir le bistrot du village")
    slugs = [aid.offer for aid, *_ in found.context["aids"]][:2]
    answer = post(client, address, faire="verifier", aide=slugs)
    assert [row.values["offer"] for row in answer.context["editor"].resources[-2:]] == slugs
    assert "2 aides cochées sont ajoutées au plan" in text(answer)
    # Once: they are in the plan now.
    kept = {f"r{n}-offer": slug for n, slug in enumerate(slugs)}
    again = post(client, address, faire="verifier", aide=slugs, **kept)
    assert len(again.context["editor"].resources) == 3


def test_a_removed_line_is_put_back(client: Client) -> None:
    answer = post(client, faire="retirer-r2")
    editor = answer.context["editor"]
    assert len(editor.resources) == 2
    answer = post(client, faire="remettre", retires=editor.removed_text)
    assert [row.values["label"] for row in answer.context["editor"].resources][-2:] == [
        "Département", "Département",
    ]  # fmt: skip


def test_best_plans_side_by_side_then_taken(client: Client) -> None:
    answer = post(client, BEST)
    found = answer.context["found"]
    assert found.columns
    assert found.columns[0].best.own == 20_000
    before = answer.context["plan_json"]
    answer = client.post(
        "/financement/reprendre/", {"plan": found.columns[0].json, "avant": before}
    )
    assert "Rien ne s'oppose à ce plan" in text(answer)
    editor = answer.context["editor"]
    assert "remettre" in text(answer)
    back = client.post(CHECK, {"faire": "remettre", "retires": editor.removed_text})
    assert json.loads(back.context["plan_json"]) == json.loads(before)


def test_aids_without_rates_are_questions(client: Client) -> None:
    page = text(post(client, BEST, r2__rate="", r2__amount=""))
    assert "Questions à poser" in page
    assert "ni son taux ni son montant ne sont connus" in page


def test_an_amount_written_without_a_rate_is_taken_as_a_ceiling_and_said(client: Client) -> None:
    page = text(post(client, BEST, r2__rate="", r2__amount="30 000"))
    assert "Questions à poser" not in page
    assert "« Département » : 30 000 €, le montant que vous avez écrit" in page


def test_an_impossible_plan_says_the_conflict_and_the_nearest(client: Client) -> None:
    page = text(post(client, BEST, p__own_most="1 000"))
    assert "aucun plan ne tient" in page
    assert "Le plan le plus proche" in page


def test_aids_of_the_catalogue_are_found_and_added(client: Client) -> None:
    answer = post(client, faire="chercher-aides", besoin="rouvrir le bistrot du village")
    aids = answer.context["aids"]
    assert aids
    slugs = [aid.offer for aid, *_ in aids[:2]]
    answer = post(client, faire="ajouter-aides", aide=slugs)
    offers = [row.values["offer"] for row in answer.context["editor"].resources]
    assert offers[-len(slugs) :] == slugs
    # Already in the plan: not proposed again, not added twice.
    row = {"r3-id": "r9", "r3-label": "x", "r3-fund": "state", "r3-offer": slugs[0]}
    again = client.post(CHECK, {**PLAN, **row, "faire": "chercher-aides",
                                "besoin": "rouvrir le bistrot du village"})  # fmt: skip
    assert slugs[0] not in [aid.offer for aid, *_ in again.context["aids"]]


def test_pasted_lines_are_added_or_refused_whole(client: Client) -> None:
    answer = post(client, faire="coller", **{"coller-texte": "Dépense\tHT\nToit\t5 000\n"})
    assert [r.values["label"] for r in answer.context["editor"].costs] == ["Travaux", "Toit"]
    answer = post(client, faire="coller", **{"coller-texte": "Dépense\tHT\nToit\tcinq\n"})
    assert answer.status_code == 422
    assert "Ligne 2" in text(answer)
    assert len(answer.context["editor"].costs) == 1
    assert "Toit\tcinq" in text(answer)


def test_a_file_of_lines(client: Client) -> None:
    sent = SimpleUploadedFile("plan.csv", "Dépense;HT\nToit;5 000\n".encode())
    answer = client.post(CHECK, {**PLAN, "faire": "coller", "coller-fichier": sent})
    assert len(answer.context["editor"].costs) == 2


def test_a_plan_is_taken_away_and_opened_again(client: Client) -> None:
    file = post(client, "/financement/emporter/")
    assert file["Content-Disposition"].startswith("attachment")
    sent = SimpleUploadedFile("plan.json", file.content)
    answer = client.post("/financement/reprendre/", {"fichier": sent})
    assert json.loads(answer.context["plan_json"]) == json.loads(file.content)
    assert answer.context["editor"].bearer.values["code"] == "24061"


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b'{"costs": [{"net": "x"}]}'])
def test_a_file_that_is_no_plan_is_refused(client: Client, content: bytes) -> None:
    sent = SimpleUploadedFile("plan.json", content or b" ")
    answer = client.post("/financement/reprendre/", {"fichier": sent})
    assert answer.status_code == 422
    assert "pas un plan enregistré" in text(answer)


def test_save_refuses_what_cannot_be_read(client: Client) -> None:
    assert post(client, "/financement/emporter/", c0__net="x").status_code == 422


@pytest.mark.parametrize(
    "address", [CHECK, BEST, "/financement/reprendre/", "/financement/emporter/"]
)
def test_these_are_posted_only(client: Client, address: str) -> None:
    assert client.get(address).status_code == 405


def test_nothing_is_written_and_little_is_asked(client: Client) -> None:
    post(client, faire="chercher-aides", besoin="un bistrot")  # the catalogue is then held
    for address, more, most in (
        (CHECK, {}, 0), (BEST, {}, 0), (CHECK, {"faire": "ajouter-c"}, 0),
        (CHECK, {"faire": "chercher-aides", "besoin": "un bistrot"}, 2),
    ):  # fmt: skip
        with CaptureQueriesContext(connection) as seen:
            post(client, address, **more)
        asked = [q["sql"] for q in seen.captured_queries if "dataversion" not in q["sql"].lower()]
        assert len(asked) <= most, asked
        assert not any(q.startswith(("INSERT", "UPDATE", "DELETE")) for q in asked)


def test_a_first_visit_is_light(client: Client) -> None:
    assert len(client.get(HOME).content) < 60_000


# -- A plan that was carried away


def test_a_wrong_file_says_so_and_loses_nothing(client: Client) -> None:
    for sent in ({"fichier": SimpleUploadedFile("plan.json", b"%PDF-1.7")}, {}):
        answer = client.post("/financement/reprendre/", {**PLAN, **sent})
        assert answer.status_code == 422
        page = text(answer)
        assert 'value="100 000"' in page
        assert 'value="Département"' in page
        assert 'id="refus"' in page


def test_what_is_no_plan_is_refused_though_it_is_json(client: Client) -> None:
    sent = SimpleUploadedFile("autre.json", b'{"format": "autre", "totals": {}}')
    answer = client.post("/financement/reprendre/", {"fichier": sent})
    assert answer.status_code == 422
    assert "Ce fichier n'est pas un plan" in text(answer)


def test_the_data_of_a_dossier_are_opened(client: Client) -> None:
    sent = SimpleUploadedFile("dossier.json", dossier_as_json(subject()))
    answer = client.post("/financement/reprendre/", {**PLAN, "fichier": sent})
    assert answer.status_code == 200
    assert answer.context["document"].costs
    # What was typed before may be taken back.
    editor = answer.context["editor"]
    back = client.post(CHECK, {"faire": "remettre", "retires": editor.removed_text})
    assert [c.label for c in back.context["document"].costs] == ["Travaux"]


def test_a_huge_number_is_refused_at_once(client: Client) -> None:
    """It would be written with a billion zeros."""
    plan = '{"bearer":{"wealth":"1e999999999"},"costs":[{"net":"1"}]}'
    answer = client.post("/financement/reprendre/", {"plan": plan, "avant": plan})
    assert answer.status_code == 422
    assert len(answer.content) < 200_000


def test_searches_wait_for_their_turn_then_say_so(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "_PATIENCE", 0.01)
    with planning._one_at_a_time, planning._places:
        answer = post(client, BEST)
        api = client.post("/api/v1/plans/best", {"costs": []}, content_type="application/json")
    assert answer.status_code == api.status_code == 503
    assert "réessayez dans un instant" in text(answer)
    assert 'value="100 000"' in text(answer)
    assert post(client, BEST).status_code == 200
