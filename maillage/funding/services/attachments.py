"""Documents of the lines of a plan: attached, removed, copied with their plan."""

from dataclasses import dataclass
from typing import Final

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404
from django.utils.timezone import now

from maillage.accounts.models import User
from maillage.common.documents.checking import Checked
from maillage.common.documents.keeping import Limits
from maillage.common.uploads import MEGABYTE
from maillage.funding.document import Source
from maillage.funding.models import Attachment, Plan, erase_files
from maillage.funding.notifications import PlanNoted
from maillage.funding.services.telling import tell_owner
from maillage.projects import perms
from maillage.projects.services import hold

MOST: Final = Limits("ce plan", files=60, octets=120 * MEGABYTE)


@dataclass(frozen=True, slots=True)
class Piece:
    """A file that was sent, checked on its content, to attach to a line as a `paper`."""

    source: Source
    paper: str
    upload: UploadedFile
    checked: Checked


def hold_plan(plan: Plan) -> Plan:
    """The plan as it is now, its project held until the end of the transaction. Raises ``Http404``
    when it is gone.
    """
    project = hold(plan.project_id)
    held = Plan.objects.filter(pk=plan.pk).first()
    if held is None:
        raise Http404("Ce plan vient d'être supprimé.")
    held.project = project
    return held


@transaction.atomic
def attach(*, plan: Plan, by: User, piece: Piece) -> tuple[Attachment, bool]:
    """Attach a document to its line; the same content on the same line is kept once: then it is
    the one that was there, and ``False``. Raises ``content.Refused`` when there is no more room,
    and as `hold_plan`.
    """
    held = hold_plan(plan)
    kept = held.attachments.held()
    checked, source = piece.checked, piece.source
    known = kept.filter(resource=source.id, sha256=checked.sha256).first()
    if known is not None:
        return known, False
    MOST.room(kept).take(checked)
    made = Attachment(
        plan=held, resource=source.id, line=source.label, paper=piece.paper, name=checked.name,
        kind=checked.kind, size=checked.size, sha256=checked.sha256, added_by=by,
        on_behalf_of=perms.on_behalf_of(by, held.project),
    )  # fmt: skip
    made.file.save(checked.name, piece.upload, save=False)
    made.save()
    if made.on_behalf_of:
        tell_owner(PlanNoted, plan=held, by=by, said=f"{made.name}, jointe à « {made.line} »")
    return made, True


@transaction.atomic
def remove(*, attachment: Attachment, by: User) -> None:
    """Take a document back: its file is erased, who removed it is kept. Raises as `hold_plan`."""
    plan = hold_plan(attachment.plan)
    held = Attachment.objects.get(pk=attachment.pk)
    if held.removed_at is not None:
        return
    name = held.file.name
    held.file = ""
    held.removed_at, held.removed_by = now(), by
    held.removed_for = perms.on_behalf_of(by, plan.project)
    held.save(update_fields=["file", "removed_at", "removed_by", "removed_for"])
    if held.removed_for:
        tell_owner(PlanNoted, plan=plan, by=by, said=f"{held.name}, retirée de « {held.line} »")
    erase_files([name])


def copy_all(*, source: Plan, to: Plan) -> None:
    """Give a copy of a plan the documents of the first: the same files, named by both. Whoever
    copies holds the project: no file is erased meanwhile.
    """
    rows = list(source.attachments.held())
    for row in rows:
        row.pk, row.plan = None, to
    Attachment.objects.bulk_create(rows)
