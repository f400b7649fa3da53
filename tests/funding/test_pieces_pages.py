"""Documents of the lines of a plan: their pages, alone, with a verb, all together."""

import io
import zipfile
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.engine.funding.types import Fund
from maillage.funding import life
from maillage.funding.enums import Paper
from maillage.funding.models import Attachment, Plan
from maillage.funding.services import attachments
from maillage.funding.services import plans as services
from maillage.projects.services import share
from tests.desk import files
from tests.desk.factories import make_prefecture, make_town, make_user
from tests.funding.plans import (
    document,
    held_by,
    join,
    make_plan,
    make_project,
    source,
    without,
)

pytestmark = pytest.mark.django_db
TODAY = localdate()


def _pieces(plan: Plan, name: str = "detr") -> str:
    return f"{reverse('funding:pieces', args=[plan.pk])}?ligne={name}"


def _every(plan: Plan) -> str:
    return reverse("funding:pieces", args=[plan.pk])


def _one(name: str, made: Attachment) -> str:
    return reverse(f"funding:{name}", args=[made.plan_id, made.pk])


def _verb(plan: Plan, verb: str) -> str:
    return f"{reverse('funding:verb', args=[plan.pk, verb])}?ligne=detr"


def _file(body: bytes | None = None, name: str = "arrete.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, files.pdf() if body is None else body)


def _text(answer: HttpResponse) -> str:
    return answer.content.decode().replace("\u00a0", " ").replace("&#x27;", "'")


# -- The page of a line


def test_a_document_is_attached_read_and_removed(its: Client, plan: Plan) -> None:
    sent = {"paper": Paper.RECEIPT, "file": _file(name="Accusé.pdf")}
    answer = its.post(_pieces(plan), sent)
    assert answer["Location"] == _pieces(plan)
    page = _text(its.get(_pieces(plan)))
    assert "Accusé.pdf" in page
    assert "Anne" in page
    made = plan.attachments.get()
    given = its.get(_one("piece", made))
    assert b"".join(given) == files.pdf()
    assert given["Content-Disposition"].startswith("attachment;")
    asked = _text(its.get(_one("piece_remove", made)))
    assert "Retirer « Accusé.pdf » ?" in asked
    assert plan.attachments.held().count() == 1, "it is asked first"
    assert its.post(_one("piece_remove", made))["Location"] == _pieces(plan)
    assert its.get(_one("piece", made)).status_code == 404
    assert its.post(_one("piece_remove", made)).status_code == 404
    plan.refresh_from_db()
    assert plan.version == 1, "nobody who edits the plan is disturbed"


def test_the_same_file_twice_is_said(its: Client, plan: Plan) -> None:
    for _ in range(2):
        its.post(_pieces(plan), {"paper": Paper.DECISION, "file": _file()})
    said = _text(its.get(_pieces(plan)))
    assert "était déjà jointe (Décision du financeur)" in said
    assert plan.attachments.count() == 1


@pytest.mark.parametrize(
    ("body", "why"), [(b"MZ\x90\x00", "n'est pas accepté"), (b"", "vide"), (None, "Choisissez")]
)
def test_a_refused_file_is_said_at_its_field_and_the_kind_survives(
    its: Client, plan: Plan, body: bytes | None, why: str
) -> None:
    sent: dict[str, Any] = {"paper": Paper.PAYMENT}
    if body is not None:
        sent["file"] = _file(body)
    answer = its.post(_pieces(plan), sent)
    assert answer.status_code == 422
    form = answer.context["form"]
    assert why in form.errors["file"][0]
    assert '<option value="payment" selected>' in answer.content.decode()
    assert not plan.attachments.exists()


def test_a_file_lost_for_another_reason_is_said(its: Client, plan: Plan) -> None:
    answer = its.post(_pieces(plan), {"paper": "autre chose", "file": _file()})
    assert answer.status_code == 422
    assert "choisissez-le à nouveau" in answer.context["form"].errors["file"][0]


def test_a_full_plan_says_it_at_the_field(
    its: Client, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "MOST", replace(attachments.MOST, files=0))
    answer = its.post(_pieces(plan), {"paper": Paper.OTHER, "file": _file()})
    assert answer.status_code == 422
    assert "pièces" in answer.context["form"].errors["file"][0]


def test_a_letter_is_noted_in_the_plan_with_one_button(its: Client, mairie: User) -> None:
    plan = make_plan(by=mairie)
    its.post(_pieces(plan), {"paper": Paper.LETTER, "file": _file()})
    assert its.get(_pieces(plan)).context["letter"]
    stale = its.post(_pieces(plan), {"faire": "lettre", "vu": "7"}, follow=True)
    assert "Le plan a changé" in _text(stale)
    its.post(_pieces(plan), {"faire": "lettre", "vu": "1"})
    noted = life.find(held_by(plan), "detr")
    assert noted is not None
    assert noted.letter
    assert plan.revisions.first().said == "DETR : lettre d'intention reçue"  # type: ignore[union-attr]
    assert not its.get(_pieces(plan)).context["letter"]


def test_a_line_that_is_not_there_is_not_found_but_for_its_documents(
    its: Client, plan: Plan, mairie: User
) -> None:
    assert its.get(_pieces(plan, "nulle")).status_code == 404
    made = join(plan, by=mairie)
    without(plan, "detr", mairie)
    page = its.get(_pieces(plan))
    assert page.status_code == 200
    assert page.context["form"] is None
    assert "retirée du plan" in _text(page)
    assert its.post(_pieces(plan), {"paper": Paper.OTHER, "file": _file()}).status_code == 404
    assert "Pièces de lignes retirées" in _text(its.get(plan.get_absolute_url()))
    assert its.post(_one("piece_remove", made))["Location"] == _every(plan)


# -- With a verb


def test_a_decision_comes_with_its_verb(its: Client, plan: Plan) -> None:
    sent = {"vu": "1", "on": TODAY.isoformat(), "amount": "40 000", "file": _file()}
    assert its.post(_verb(plan, "grant"), sent).status_code == 302
    made = plan.attachments.get()
    assert (made.resource, made.paper, made.name) == ("detr", Paper.DECISION, "arrete.pdf")
    assert held_by(plan).resources[1].granted == Decimal(40_000)


@pytest.mark.parametrize(
    ("changed", "status"),
    [({"vu": "9"}, 409), ({"on": ""}, 422), ({"on": "2001-01-01"}, 422), ({"amount": "rien"}, 422)],
)
def test_a_refused_verb_keeps_nothing_and_says_that_the_file_is_lost(
    its: Client, plan: Plan, changed: dict[str, str], status: int
) -> None:
    sent = {"vu": "1", "on": TODAY.isoformat(), "amount": "40 000", "note": "Dossier 12"}
    answer = its.post(_verb(plan, "grant"), {**sent, **changed, "file": _file()})
    assert answer.status_code == status
    assert "choisissez-le à nouveau" in answer.context["form"].errors["file"][0]
    assert "Dossier 12" in _text(answer)
    assert not plan.attachments.exists()


@pytest.mark.parametrize("full", [True, False])
def test_a_refused_file_leaves_the_plan_as_it_was(
    its: Client, plan: Plan, monkeypatch: pytest.MonkeyPatch, full: bool
) -> None:
    if full:
        monkeypatch.setattr(attachments, "MOST", replace(attachments.MOST, files=0))
    body = files.pdf() if full else b"MZ"
    sent = {"vu": "1", "on": TODAY.isoformat(), "note": "Dossier 12", "file": _file(body)}
    answer = its.post(_verb(plan, "receive"), sent)
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"file"}
    assert "Dossier 12" in _text(answer)
    plan.refresh_from_db()
    assert (plan.version, plan.attachments.count()) == (1, 0)


def test_verbswithout_a_paper_ask_for_none(its: Client, mairie: User) -> None:
    plan = make_plan(held=document(source("own", Fund.OWN, 1), source("detr", Fund.DETR, 1)),
                     by=mairie)  # fmt: skip
    assert "file" not in its.get(_verb(plan, "prepare")).context["form"].fields
    assert "file" in its.get(_verb(plan, "file")).context["form"].fields


# -- All the documents


def test_every_document_is_listed_found_and_exported(its: Client, plan: Plan, mairie: User) -> None:
    join(plan, by=mairie, called="Notification.pdf")
    gone = join(plan, "own", by=mairie, paper=Paper.OTHER, called="=Délibération.pdf")
    attachments.remove(attachment=gone, by=mairie)
    page = its.get(_every(plan))
    assert [one.name for one, *_ in page.context["rows"]] == ["Notification.pdf"]
    assert "Voir aussi 1 pièce retirée" in _text(page)
    every = its.get(_every(plan), {"retirees": "1"})
    assert len(every.context["rows"]) == 2
    assert "retirée le" in _text(every)
    for text, count in (("decision", 0), ("décision", 1), ("DETR", 1), ("notif", 1), ("zzz", 0)):
        assert len(its.get(_every(plan), {"q": text}).context["rows"]) == count, text
    csv = b"".join(its.get(_every(plan), {"retirees": "1", "export": "csv"})).decode()
    assert "DETR;Notification.pdf;Décision du financeur;PDF;" in csv
    assert ";'=Délibération.pdf;" in csv, "no formula is exported"
    for kind in ("ods", "xlsx"):
        assert its.get(_every(plan), {"export": kind}).status_code == 200
    assert its.get(_every(plan), {"export": "doc"}).status_code == 404


def test_a_long_list_has_pages(its: Client, plan: Plan, mairie: User) -> None:
    for number in range(23):
        join(plan, by=mairie, body=files.pdf(b"%d" % number))
    assert len(its.get(_every(plan)).context["rows"]) == 20
    assert len(its.get(_every(plan), {"page": "2"}).context["rows"]) == 3


def test_everything_in_one_file_with_names_of_their_own(
    its: Client, mairie: User, plan: Plan
) -> None:
    address = reverse("funding:pieces_zip", args=[plan.pk])
    assert its.get(address).status_code == 404
    held = held_by(plan)
    region = source("r9", Fund.REGION, 1, label="../Région : FRAT")
    services.save(plan=plan, by=mairie, document=replace(held, resources=(*held.resources, region)),
                  seen=1, said="Région")  # fmt: skip
    bodies = [files.pdf(b"%d" % number) for number in range(4)]
    join(plan, by=mairie, body=bodies[0], called="Arrêté.pdf")
    join(plan, by=mairie, body=bodies[1], called="arrêté.PDF")
    join(plan, "r9", by=mairie, body=bodies[2], called="Arrêté.pdf")
    join(plan, "own", by=mairie, body=bodies[3], called="Arrêté.pdf")
    plan.refresh_from_db()
    without(plan, "own", mairie)
    answer = its.get(address)
    assert answer["Cache-Control"] == "private, no-store"
    with zipfile.ZipFile(io.BytesIO(b"".join(answer))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "DETR/Arrêté.pdf": bodies[0],
            "DETR/arrêté (2).PDF": bodies[1],
            "-Région - FRAT/Arrêté.pdf": bodies[2],
            "OWN (ligne retirée)/Arrêté.pdf": bodies[3],
        }


def test_a_file_that_is_gone_is_named_beside_the_others(
    its: Client, mairie: User, plan: Plan
) -> None:
    made = join(plan, by=mairie)
    join(plan, "own", by=mairie)
    default_storage.delete(made.file.name)
    assert its.get(_one("piece", made)).status_code == 404
    answer = its.get(reverse("funding:pieces_zip", args=[plan.pk]))
    with zipfile.ZipFile(io.BytesIO(b"".join(answer))) as archive:
        assert archive.namelist() == ["OWN/arrete.pdf", "Fichiers introuvables.txt"]
        assert "DETR/arrete.pdf" in archive.read("Fichiers introuvables.txt").decode()


# -- Who reads them, at what cost


def test_who_does_not_see_the_project_sees_none_of_its_documents(
    client: Client, mairie: User, plan: Plan
) -> None:
    made = join(plan, by=mairie)
    other = make_plan(make_project(owner=make_town("24322")))
    theirs = make_user(Role.APPLICANT, make_town("24322"))
    client.force_login(theirs)
    for address in (_pieces(plan), _every(plan), _one("piece", made), _one("piece_remove", made),
                    reverse("funding:pieces_zip", args=[plan.pk]),
                    reverse("funding:piece", args=[other.pk, made.pk]),
                    reverse("funding:piece_remove", args=[other.pk, made.pk])):  # fmt: skip
        assert client.get(address).status_code == 404, address
    sent = {"paper": Paper.OTHER, "file": _file(files.png())}
    assert client.post(_pieces(plan), sent).status_code == 404
    assert client.post(reverse("funding:piece_remove", args=[other.pk, made.pk])).status_code == 404
    assert plan.attachments.held().get() == made


def test_a_desk_removes_what_it_attached_and_nothing_else(
    client: Client, mairie: User, plan: Plan
) -> None:
    agent = make_user(Role.AGENT)
    share(project=plan.project, body=make_prefecture())
    theirs, own = join(plan, by=mairie), join(plan, by=agent, body=files.png())
    client.force_login(agent)
    for address in (_pieces(plan), _every(plan)):
        page = client.get(address).content.decode()
        assert _one("piece_remove", own) in page
        assert _one("piece_remove", theirs) not in page
    refused = client.post(_one("piece_remove", theirs))
    assert refused.status_code == 403
    assert "la collectivité qui porte le projet" in _text(refused)
    assert client.post(_one("piece_remove", own)).status_code == 302
    own.refresh_from_db()
    assert (own.removed_by, own.removed_for) == (agent, plan.project.owner.name)
    client.force_login(mairie)
    assert client.post(_one("piece_remove", theirs)).status_code == 302
    assert not plan.attachments.held().exists()


def test_the_pages_ask_as_many_questions_for_many_documents(
    its: Client, mairie: User, plan: Plan, django_assert_max_num_queries: Any
) -> None:
    for number in range(9):
        join(plan, "own" if number % 2 else "detr", by=make_user(Role.APPLICANT),
             body=files.pdf(b"%d" % number))  # fmt: skip
    for address in (plan.get_absolute_url(), _pieces(plan), _every(plan)):
        its.get(address)
        with django_assert_max_num_queries(14):
            assert its.get(address).status_code == 200
