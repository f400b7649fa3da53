"""Documents of the lines of a plan: attached, removed, copied, erased."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.common.documents.content import Refused
from maillage.engine.funding.types import Fund, Status
from maillage.funding.demonstration import load_demo_projects, retire_demo_projects
from maillage.funding.document import read
from maillage.funding.enums import Paper
from maillage.funding.models import Attachment, Plan
from maillage.funding.pieces import letter_to_note, pieces_of
from maillage.funding.services import attachments
from maillage.funding.services import plans as services
from maillage.projects.services import erase_project, share
from tests.desk import files
from tests.desk.factories import make_prefecture, make_user
from tests.funding.plans import held_by, join, piece, source, without

pytestmark = pytest.mark.django_db
TODAY = localdate()
Commits = Callable[..., Any]


@pytest.fixture
def commits(django_capture_on_commit_callbacks: Commits) -> Commits:
    """What is done once a transaction is over is done in the block that this opens."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_a_document_says_what_it_is_who_attached_it_and_for_whom(mairie: User, plan: Plan) -> None:
    agent = make_user(Role.AGENT)
    share(project=plan.project, body=make_prefecture())
    mine = join(plan, by=mairie, called="Arrêté.pdf")
    theirs = join(plan, by=agent, paper=Paper.RECEIPT, body=files.png(), called="ar.exe")
    assert (mine.name, mine.paper, mine.line, mine.on_behalf_of) == (
        "Arrêté.pdf", Paper.DECISION, "DETR", "")  # fmt: skip
    assert (theirs.name, theirs.on_behalf_of) == ("ar.png", plan.project.owner.name)
    assert "rr" not in mine.file.name, "the disk says nothing of it"


def test_attaching_holds_the_project_first_as_every_write_of_a_plan_does(
    mairie: User, plan: Plan
) -> None:
    """In another order, attaching and saving at once would each wait for what the other has."""
    with CaptureQueriesContext(connection) as asked:
        attachments.remove(attachment=join(plan, by=mairie), by=mairie)
    held = [one["sql"] for one in asked if "FOR UPDATE" in one["sql"]]
    assert len(held) == 2
    assert all('FROM "projects_project"' in sql and sql.endswith('OF "projects_project"')
               for sql in held)  # fmt: skip


def test_the_same_content_is_kept_once_by_line(mairie: User, plan: Plan) -> None:
    first = join(plan, by=mairie)
    again, new = attachments.attach(plan=plan, by=mairie, piece=piece(plan, called="autre.pdf"))
    assert (again, new) == (first, False)
    assert join(plan, "own", by=mairie) != first
    # Once removed, it may come back.
    attachments.remove(attachment=first, by=mairie)
    assert join(plan, by=mairie) != first
    assert plan.attachments.held().count() == 2


def test_a_plan_has_so_many_documents_and_no_more(
    mairie: User, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "MOST", replace(attachments.MOST, files=1))
    first = join(plan, by=mairie)
    with pytest.raises(Refused, match="ce plan a déjà 1 pièces"):
        join(plan, "own", by=mairie)
    attachments.remove(attachment=first, by=mairie)
    assert join(plan, "own", by=mairie).pk
    monkeypatch.setattr(attachments, "MOST", replace(attachments.MOST, files=9, octets=100))
    with pytest.raises(Refused, match="de ce plan"):
        join(plan, by=mairie)


def test_what_is_removed_leaves_the_disk_and_a_trace(
    mairie: User, plan: Plan, commits: Commits
) -> None:
    made = join(plan, by=mairie)
    name = made.file.name
    with commits():
        attachments.remove(attachment=made, by=mairie)
    assert not default_storage.exists(name)
    made.refresh_from_db()
    assert (made.file.name, made.removed_by, made.added_by) == ("", mairie, mairie)
    when = made.removed_at
    attachments.remove(attachment=made, by=make_user(Role.APPLICANT))
    made.refresh_from_db()
    assert (made.removed_by, made.removed_at) == (mairie, when), "the first who did it stays"


def test_a_copy_shares_the_files_which_go_with_the_last_plan(
    mairie: User, plan: Plan, commits: Commits
) -> None:
    first, gone = join(plan, by=mairie), join(plan, "own", by=mairie)
    attachments.remove(attachment=gone, by=mairie)
    copy = services.duplicate(plan=plan, by=mairie, document=held_by(plan))
    held = copy.attachments.get()
    assert (held.file.name, held.added_at, held.resource) == (
        first.file.name, first.added_at, "detr")  # fmt: skip
    with commits():
        attachments.remove(attachment=first, by=mairie)
    assert default_storage.exists(held.file.name), "the copy still names it"
    with commits():
        services.delete(plan=copy, by=mairie)
    assert not default_storage.exists(held.file.name)


def test_a_copy_pressed_twice_has_the_documents_once_and_keeps_what_was_removed(
    plan: Plan, mairie: User
) -> None:
    attachments.attach(plan=plan, by=mairie, piece=piece(plan))
    copy = services.duplicate(plan=plan, by=mairie, document=held_by(plan))
    assert services.duplicate(plan=plan, by=mairie, document=held_by(plan)) == copy
    assert copy.attachments.held().count() == 1
    attachments.remove(attachment=copy.attachments.get(), by=mairie)
    services.duplicate(plan=plan, by=mairie, document=held_by(plan))
    assert not copy.attachments.held().exists()


def test_a_plan_is_erased_with_its_files_but_those_of_its_copy(
    mairie: User, plan: Plan, commits: Commits
) -> None:
    shared = join(plan, by=mairie)
    copy = services.duplicate(plan=plan, by=mairie, document=held_by(plan))
    alone = join(plan, "own", by=mairie, body=files.png())
    with commits():
        services.delete(plan=plan, by=mairie)
    assert default_storage.exists(shared.file.name)
    assert not default_storage.exists(alone.file.name)
    with commits():
        erase_project(project=copy.project)
    assert not default_storage.exists(shared.file.name)
    assert not Attachment.objects.exists()


def test_the_demonstration_shows_invented_papers_and_takes_them_away(
    commits: Commits, settings: Any
) -> None:
    make_user(Role.APPLICANT, email="mairie@exemple.test")
    load_demo_projects()
    names = list(Attachment.objects.values_list("file", flat=True))
    assert len(names) == 2
    with commits():
        retire_demo_projects()
    assert not any(default_storage.exists(name) for name in names)


def test_a_new_line_never_takes_the_documents_of_one_that_was_removed(
    mairie: User, plan: Plan
) -> None:
    made = join(plan, by=mairie)
    without(plan, "detr", mairie)
    held = held_by(plan)
    other = source("detr", Fund.REGION, 9_000, label="Région")
    services.save(plan=plan, by=mairie, document=replace(held, resources=(*held.resources, other)),
                  seen=plan.version, said="Région ajoutée")  # fmt: skip
    found = pieces_of(plan, held_by(plan))
    assert found.by_line == {}
    assert [(name, label) for name, label, _ in found.removed] == [("detr", "DETR")]
    # Back to the version that had it: the line finds its documents again.
    former = plan.revisions.get(number=1)
    services.restore(
        plan=plan, by=mairie, former=former, seen=plan.version,
        document=read(former.content, TODAY),
    )  # fmt: skip
    assert pieces_of(plan, held_by(plan)).by_line == {"detr": [made]}


@pytest.mark.parametrize(
    ("said", "offered"),
    [
        ({"status": Status.CONSIDERED}, True),
        ({"status": Status.FILED}, True),
        ({"status": Status.FILED, "letter": True}, False),
        ({"status": Status.RECEIVED}, False),
        ({"status": Status.REFUSED}, False),
    ],
)
def test_a_letter_is_to_note_when_it_says_something_new(said: dict, offered: bool) -> None:
    one = source("detr", Fund.DETR, 1_000, **said)
    letter, other = Attachment(paper=Paper.LETTER), Attachment(paper=Paper.OTHER)
    assert letter_to_note(one, [other, letter]) is offered
    assert not letter_to_note(one, [other])
