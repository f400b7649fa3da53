"""The dossier (JSON) keeps to its schema, and the schema to what it says."""

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from django.utils.timezone import localdate

from maillage.accounts.enums import OrganisationKind, Role
from maillage.accounts.models import Organisation
from maillage.engine.funding.types import Bearer, BearerKind, CostLine, Fund, Status, Verdict
from maillage.funding.document import PlanDocument, Source, read
from maillage.funding.enums import Paper
from maillage.funding.papers.dossier import dossier, dossier_as_json
from maillage.funding.papers.examples import example
from maillage.funding.papers.identity import NOBODY, Identity, identity_of
from maillage.funding.papers.subject import subject_of
from maillage.funding.services import attachments
from maillage.territories.directory import directory
from tests.desk.factories import make_user
from tests.desk.reading import HOSTILE
from tests.funding.papers import DAY, changed, crowded, empty, hostile
from tests.funding.plans import join, make_plan
from tests.funding.schema import problems

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
SCHEMA: dict[str, Any] = json.loads(
    (ROOT / "maillage/data/schemas/dossier.json").read_text("utf-8")
)


def wrong(value: Any) -> list[str]:
    return problems(value, SCHEMA, SCHEMA, "dossier")


@pytest.mark.parametrize("make", [example, empty, crowded, lambda: changed(in_net=False)])
def test_a_dossier_keeps_to_its_schema(make: Any) -> None:
    assert wrong(json.loads(dossier_as_json(make()))) == []


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_is_typed_breaks_no_dossier(typed: str) -> None:
    if "\ud800" in typed:
        typed = typed.replace("\ud800", "")  # the document refuses it before
    assert wrong(json.loads(dossier_as_json(hostile(typed)))) == []


def test_the_schema_refuses_what_it_should() -> None:
    made = dossier(example())
    assert wrong({**made, "name": "x"}) == ["dossier.name is not known"]
    assert wrong({**made, "totals": {**made["totals"], "net": 301000.0}}) != []
    assert wrong({**made, "totals": {**made["totals"], "net": "301000"}}) != []
    assert wrong({**made, "established_on": "21/11/2026"}) != []
    assert wrong({key: made[key] for key in made if key != "plan"}) == ["dossier.plan is missing"]


def test_the_schema_knows_every_word_of_the_engine() -> None:
    defined = SCHEMA["$defs"]["plan"]["properties"]
    for name, kind in (("costs", CostLine), ("resources", Source)):
        assert set(defined[name]["items"]["properties"]) == {f.name for f in fields(kind)}
    assert set(defined["bearer"]["properties"]) == {f.name for f in fields(Bearer)}
    assert set(defined) == {f.name for f in fields(PlanDocument)}
    assert defined["resources"]["items"]["properties"]["fund"]["enum"] == list(Fund)
    assert defined["resources"]["items"]["properties"]["status"]["enum"] == list(Status)
    assert defined["bearer"]["properties"]["kind"]["enum"] == list(BearerKind)
    checks = SCHEMA["properties"]["checks"]["items"]["properties"]
    assert checks["verdict"]["enum"] == list(Verdict)


def test_the_plan_of_a_dossier_is_read_again_as_it_was() -> None:
    for make in (example, crowded, empty):
        made = json.loads(dossier_as_json(make()))
        assert read(made["plan"], DAY) == make().document


def test_a_dossier_says_the_amounts_and_the_dates() -> None:
    made = dossier(example())
    assert made["totals"] == {
        "net": "301000.00", "gross": "357200.00", "money": "net", "cost": "301000.00",
        "public": "188900.25", "private": "12000.00", "own": "100099.75",
        "resources": "301000.00", "vat": "56200.00", "vat_refund": "50649.08",
    }  # fmt: skip
    first = made["requests"][0]
    assert (first["share"], first["filed_on"]) == ("0.4000", "2026-11-02")
    assert [one["status"] for one in made["requests"]].count("refused") == 1
    assert "own" not in {one["fund"] for one in made["requests"]}


def test_a_dossier_lists_its_documents_and_not_where_they_are() -> None:
    plan = make_plan()
    held, gone = join(plan, called="arrêté.pdf"), join(plan, "own", called="retirée.pdf")
    attachments.remove(attachment=gone, by=make_user(Role.APPLICANT))
    text = dossier_as_json(subject_of(plan, localdate())).decode()
    made = json.loads(text)
    assert wrong(made) == []
    assert made["documents"] == [{
        "line": "detr", "line_label": "DETR", "paper": "decision", "name": "arrêté.pdf",
        "media_type": "application/pdf", "size": held.size, "sha256": held.sha256,
        "added_on": localdate().isoformat(),
    }]  # fmt: skip
    assert "retirée.pdf" not in text
    assert held.file.name not in text
    assert str(plan.pk) not in text
    words = SCHEMA["properties"]["documents"]["items"]["properties"]["paper"]["enum"]
    assert words == Paper.values


def test_the_page_about_it_says_each_field_and_a_true_example() -> None:
    page = (ROOT / "docs" / "dossier.md").read_text("utf-8")
    for name in SCHEMA["properties"]:
        assert f"`{name}`" in page
    shown = json.loads(re.search(r"```json\n(.*?)```", page, re.S)[1])  # type: ignore[index]
    made = json.loads(dossier_as_json(example()))
    assert shown["totals"] == made["totals"]
    assert shown["requests"][0] == made["requests"][0]


def test_a_dossier_says_who_the_bearer_is_in_the_registers() -> None:
    row = make_plan()
    bearer = dossier(subject_of(row, localdate()))["bearer"]
    town = directory().communes[bearer["insee"]]
    assert town.key == row.project.owner.territory
    assert (bearer["siren"], bearer["town"]) == (town.siren, town.name)
    assert bearer["postal_codes"] == list(town.postal_codes) != []


def test_another_bearer_does_not_borrow_the_registers_of_the_mairie() -> None:
    row = make_plan()
    content = json.loads(json.dumps(row.content))
    content["bearer"] |= {"kind": "association", "name": "Les amis du bistrot"}
    content["notes"] = {"territory": row.project.owner.territory.partition(":")[2]}
    row.content = content
    bearer = dossier(subject_of(row, localdate()))["bearer"]
    assert (bearer["siren"], bearer["insee"], bearer["town"]) == ("", "", "")
    assert bearer["postal_codes"] == []
    known = directory()
    epci = known.communes[row.project.owner.territory.partition(":")[2]].epci
    content["bearer"] |= {"kind": "epci", "name": "La communauté"}
    content["notes"] = {"territory": epci}
    bearer = dossier(subject_of(row, localdate()))["bearer"]
    assert (bearer["siren"], bearer["insee"]) == (epci, "")


def test_a_syndicate_has_its_siren_when_the_project_is_its_own() -> None:
    owner = Organisation(kind=OrganisationKind.SYNDICATE, name="SIVOS du Vergt", siren="200000001")
    for name, siren in (
        ("", "200000001"),
        ("SIVOS du Vergt", "200000001"),
        ("SIVOS d'Ailleurs", ""),
    ):
        made = PlanDocument(DAY, bearer=Bearer(BearerKind.SYNDICATE, name))
        assert identity_of(made, owner) == Identity(siren)
    assert identity_of(PlanDocument(DAY, bearer=Bearer(BearerKind.COMPANY, "")), owner) == NOBODY
