"""The thread of messages, the documents, the tasks, and what the mairie has opened."""

from datetime import date

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from maillage.accounts.models import Organisation, User
from maillage.common.documents.checking import Checked, check, digest
from maillage.common.transitions import TransitionRefused
from maillage.desk import notifications, people, perms, storage
from maillage.desk.enums import Audience
from maillage.desk.models import Attachment, Message, Request, Task
from maillage.desk.services.core import (
    Act,
    AlreadyDone,
    Incomplete,
    NotAllowed,
    begin_work,
    label_of,
    lock,
    note,
    required,
    speaks_for_itself,
    told,
)


@transaction.atomic
def post_message(
    *,
    request: Request,
    act: Act,
    audience: str,
    body: str,
    partner: Organisation | None = None,
) -> Message:
    """Write to an audience: the mairie, one partner, the desk alone, or a remark to the desk.

    Who reads it is told. Raises `NotAllowed`, `Incomplete`, ``TransitionRefused`` on a draft, or
    `AlreadyDone` for a form sent twice.
    """
    held = lock(request)
    if act.once and Message.objects.filter(once=act.once).exists():
        raise AlreadyDone
    if audience not in Audience.values:
        raise Incomplete({"audience": "Choisissez qui lira ce message."})
    if (audience == Audience.PARTNER) != (partner is not None):
        raise Incomplete({"partner": "Choisissez à quel organisme vous écrivez."})
    who = perms.standing(act.by, held)
    right = perms.may_post(audience, who, partner.pk if partner else None)
    if not right:
        raise NotAllowed(right.reason)
    if held.is_draft:
        raise TransitionRefused("Cette demande n'est pas encore déposée : personne ne la lit.")
    if partner is not None and not perms.takes_part(partner, held):
        raise Incomplete({"partner": "Cet organisme ne prend pas part à cette demande."})
    speaks_for_itself(act, who)
    body = required(body, "body", "Écrivez votre message.")
    from_applicant = audience == Audience.APPLICANT and (
        (who.applicant and not who.agent) or bool(act.on_behalf_of)
    )
    made = Message.objects.create(
        request=held, audience=audience, partner=partner, author=act.by, body=body,
        author_label=label_of(act.by, held), on_behalf_of=act.on_behalf_of, channel=act.channel,
        from_applicant=from_applicant, once=act.once,
    )  # fmt: skip
    if audience == Audience.APPLICANT and not from_applicant:
        told(held)
    _tell(held, made, act.by)
    return made


def _tell(held: Request, made: Message, author: User) -> None:
    readers = list(people.agents(held))
    emails: list[str] = []
    if made.audience == Audience.APPLICANT:
        readers += [*people.applicants(held), *people.lead_people(held)]
        emails = [] if made.from_applicant else people.contact_addresses(held)
    elif made.partner is not None:
        readers += people.readers(held, made.partner)
        emails = [made.partner.email] if made.partner.email else []
    others = [reader for reader in readers if reader != author]
    notifications.NewMessage(made).send(
        to=others, emails=[e for e in emails if e != author.email], key=str(made.pk)
    )


@transaction.atomic
def mark_seen(*, request: Request, by: User) -> None:
    """Remember that the mairie has opened its page now (asked by the page, never by a GET)."""
    held = lock(request)
    if perms.standing(by, held).applicant:
        held.seen_at = now()
        held.save(update_fields=["seen_at"])


def add_attachment(
    *,
    request: Request,
    by: User,
    upload: UploadedFile,
    audience: str = Audience.APPLICANT,
    partner: Organisation | None = None,
) -> Attachment:
    """Keep a document, checked on its content; the same one twice is kept once.

    Raises ``content.Refused`` with what to do, or `NotAllowed`.
    """
    _check_may_join(perms.standing(by, request), audience, partner)
    same = request.attachments.filter(sha256=digest(upload), audience=audience, partner=partner)
    known = same.first()
    if known is not None:
        return known
    # Reading what a file holds may be long: nobody waits for it.
    checked = check(upload)
    return keep(
        request=request, by=by, upload=upload, checked=checked, audience=audience, partner=partner
    )


def _check_may_join(who: perms.Standing, audience: str, partner: Organisation | None) -> None:
    if who.reader or audience == Audience.REMARK:
        raise NotAllowed(
            "Vous lisez cette demande : les documents sont joints par la mairie, le guichet et "
            "ceux à qui elle est confiée."
        )
    right = perms.may_post(audience, who, partner.pk if partner else None)
    if not right:
        raise NotAllowed(right.reason)


@transaction.atomic
def keep(
    *,
    request: Request,
    by: User,
    upload: UploadedFile,
    checked: Checked,
    audience: str = Audience.APPLICANT,
    partner: Organisation | None = None,
) -> Attachment:
    """Keep a document whose content is `checked` already (see `add_attachment`)."""
    held = lock(request)
    who = perms.standing(by, held)
    _check_may_join(who, audience, partner)
    same = held.attachments.filter(sha256=checked.sha256, audience=audience, partner=partner)
    known = same.first()
    if known is not None:
        return known
    theirs = partner is not None and partner.pk in who.bodies
    storage.room_left(held, partner if theirs else None).take(checked)
    made = Attachment(
        request=held, name=checked.name, kind=checked.kind, size=checked.size,
        sha256=checked.sha256, audience=audience, partner=partner, added_by=by,
    )  # fmt: skip
    made.file.save(checked.name, upload, save=False)
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        return same.get()
    if not held.is_draft:
        note(held, "document_added", Act(by=by), data={"name": made.name, "attachment": made.pk},
             internal=audience != Audience.APPLICANT)  # fmt: skip
    return made


@transaction.atomic
def remove_attachment(*, attachment: Attachment, by: User) -> None:
    """Take a document back: its author, or the desk. A signed convention stays."""
    held = lock(attachment.request)
    who = perms.standing(by, held)
    if not (who.agent or attachment.added_by_id == by.pk):
        raise NotAllowed("Seul celui qui l'a ajouté, ou le guichet, retire un document.")
    if getattr(held, "convention", None) and held.convention.signed_file_id == attachment.pk:
        raise NotAllowed("C'est la convention signée : elle est conservée.")
    name, place, label = attachment.file.name, attachment.file.storage, attachment.name
    internal = attachment.audience != Audience.APPLICANT
    attachment.delete()
    if not held.is_draft:
        note(held, "document_removed", Act(by=by), data={"name": label}, internal=internal)
    if not Attachment.objects.filter(file=name).exists():
        transaction.on_commit(lambda: place.delete(name))


@transaction.atomic
def add_task(
    *, request: Request, act: Act, label: str, to: User | None = None, due_on: date | None = None
) -> Task:
    """Note something to do; `to` must work for the desk."""
    held = begin_work(request, act)
    label = required(label, "label", "Dites ce qu'il y a à faire.")[:250]
    if to is not None and not perms.standing(to, held).agent:
        raise Incomplete({"to": "Cette personne ne travaille pas pour ce guichet."})
    made = Task.objects.create(request=held, label=label, assigned_to=to, due_on=due_on)
    note(held, "task_added", act, data={"label": label, "task": made.pk})
    return made


@transaction.atomic
def do_task(*, task: Task, act: Act, done: bool = True) -> None:
    """Say that a task is done (or is not, after all)."""
    held = begin_work(task.request, act)
    made = Task.objects.select_for_update().get(pk=task.pk)
    if bool(made.done_at) == done:
        raise AlreadyDone
    made.done_at = now() if done else None
    made.save(update_fields=["done_at", "updated_at"])
    note(held, "task_done" if done else "task_undone", act, data={"label": made.label})
