"""From a first word to a filed request: drafts, then the filing itself (links: `links`)."""

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate, now

from maillage.accounts.enums import Role
from maillage.accounts.models import Mandate, Organisation, User
from maillage.catalog.snapshot import snapshot
from maillage.common.workdays import add_working_days
from maillage.desk import notifications, people, perms
from maillage.desk.enums import Capacity, Channel, DeskMode, Hand, State, Verb
from maillage.desk.models import Desk, FilingLink, Request
from maillage.desk.services import desks, local
from maillage.desk.services.core import (
    Act,
    AlreadyDone,
    Conflict,
    Incomplete,
    NotAllowed,
    begin,
    begin_work,
    finish,
    lock,
    note,
)
from maillage.engine.types import Need
from maillage.engine.understanding import understand
from maillage.engine.vocabulary import Audience
from maillage.territories.directory import directory

#: What a person writes in a draft, step by step. Commune, SIREN, population, EPCI and labels are
#: never asked: they come from the code.
DRAFT_FIELDS: Final = frozenset(
    {
        "need", "types", "stage", "tried", "calendar", "budget", "staff", "bearer", "bearer_kind",
        "body_name", "contact_name", "contact_role", "contact_email", "contact_phone", "channel",
    }
)  # fmt: skip

#: Requests that one whose address is not checked may file in a day.
MOST_UNCHECKED: Final = 3


@transaction.atomic
def start_draft(
    *,
    by: User,
    need: str = "",
    code: str = "",
    types: Iterable[str] = (),
    stage: str = "",
    bearer_kind: str = Audience.COMMUNE,
    on_behalf: bool = False,
    channel: str = Channel.ONLINE,
    once: UUID | None = None,
    link: FilingLink | None = None,
) -> Request:
    """Open a draft. The same `once` gives the same draft: a double click does not make two.

    `on_behalf`: an agent types for the mairie what came by `channel`. `link`: it was opened by a
    link; when the mairie asked for it alone, the desk will check that they act for it. Raises
    ``KeyError`` for an unknown `code`, `NotAllowed` for who types for a mairie without working for
    a desk, `Incomplete` for a mairie of another desk.
    """
    if once is not None:
        held = Request.objects.filter(once=once, created_by=by).first()
        if held is not None:
            return held
    request = Request(
        created_by=by, need=need, types=list(types), stage=stage, bearer_kind=bearer_kind,
        on_behalf=on_behalf, channel=channel, once=once, hand=Hand.APPLICANT,
        address_checked=link is None or link.sent_by_id is not None,
        contact_email="" if on_behalf else by.email,
        contact_name="" if on_behalf else by.name,
    )  # fmt: skip
    if on_behalf and not Desk.objects.worked_by(by).exists():
        raise NotAllowed("Seul un agent du guichet saisit une demande pour une mairie.")
    if code:
        _place(request, code)
    try:
        with transaction.atomic():
            request.save()
    except IntegrityError:
        return Request.objects.get(once=once, created_by=by)
    _bear(request)
    return request


def _place(request: Request, code: str) -> None:
    """Fill what official data know of the territory `code`. Raises ``KeyError``, or `Incomplete`
    when an agent types for a mairie of another desk.
    """
    territory = directory().engine_territory(code)
    request.bearer = territory.code
    request.bearer_name = territory.name
    request.population = territory.population
    request.keys = sorted(territory.keys)
    request.desk = desks.desk_for(territory.code)
    if territory.code in directory().epcis and request.bearer_kind == Audience.COMMUNE:
        request.bearer_kind = Audience.EPCI
    if request.on_behalf and not _types_for(request):
        raise Incomplete({"bearer": "Cette commune relève d'un autre guichet que le vôtre."})


def _types_for(request: Request) -> bool:
    mine = Desk.objects.worked_by(request.created_by)
    return mine.filter(pk=request.desk_id).exists()


def _bear(request: Request) -> None:
    """Tie the draft to the body of its commune or EPCI, when its author acts for it."""
    if not request.bearer:
        return
    body = desks.body_for_territory(request.bearer)
    author = request.created_by
    acts = author is not None and body in author.bodies(Role.APPLICANT)
    vouched = request.on_behalf or acts
    request.applicant = body if vouched else None
    if not request.on_behalf:
        request.address_checked = acts
    request.save(update_fields=["applicant", "address_checked"])
    desks.leave(request, Capacity.APPLICANT)
    if vouched:
        desks.take_part(request, body, Capacity.APPLICANT)


def seen(request: Request, names: Iterable[str]) -> str:
    """What a page keeps of the fields it showed, to know later whether another tab changed them."""
    shown = {name: str(getattr(request, name)) for name in sorted(names)}
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:20]


@transaction.atomic
def save_draft(
    *,
    request: Request,
    by: User,
    base: str | None = None,
    shown: Iterable[str] = (),
    **fields: Any,
) -> Request:
    """Keep what was typed, complete or not; return the draft as it is now.

    Only `DRAFT_FIELDS` are written. `base` is what `seen` said of the fields `shown` when the page
    was made: raises `Conflict` when another tab changed them since to something else than `fields`.
    An unknown commune raises ``KeyError``, one of another desk than the agent's `Incomplete`.
    """
    held = lock(request)
    right = perms.may_edit_draft(perms.standing(by, held))
    if not right:
        raise NotAllowed(right.reason)
    changed = {
        name: value
        for name, value in fields.items()
        if name in DRAFT_FIELDS and getattr(held, name) != value
    }
    if not changed:
        return held
    if base is not None and base != seen(held, shown):
        raise Conflict(
            "Ce brouillon a été modifié dans une autre fenêtre. Rien n'est perdu : votre saisie "
            "est ci-dessous, avec ce que dit l'autre. Choisissez."
        )
    code = changed.pop("bearer", None)
    for name, value in changed.items():
        setattr(held, name, value)
    if code is not None:
        _place(held, code)
    held.version += 1
    held.save()
    if code is not None:
        _bear(held)
    return held


@transaction.atomic
def discard_draft(*, request: Request, by: User) -> None:
    """Erase a draft and its documents."""
    held = lock(request)
    right = perms.may_edit_draft(perms.standing(by, held))
    if not right:
        raise NotAllowed(right.reason)
    _erase(held)


def _erase(held: Request) -> None:
    """Erase a draft; its documents leave the disk once that is done for good."""
    kept = [(piece.file.storage, piece.file.name) for piece in held.attachments.all()]
    held.delete()
    transaction.on_commit(lambda: [place.delete(name) for place, name in kept])


def missing(request: Request) -> dict[str, str]:
    """What a draft lacks to be filed, by field, in French; empty when nothing is."""
    out = {}
    if len(re.findall(r"\w{2,}", request.need)) < 2:
        out["need"] = "Dites en une phrase ce que vous voulez faire."
    if not request.bearer:
        out["bearer"] = "Indiquez la commune ou l'intercommunalité qui demande."
    elif request.desk is None:
        out["bearer"] = (
            "Le guichet de ce département ne reçoit pas encore de demandes ici. Votre texte est "
            "gardé : imprimez-le et appelez votre préfecture."
        )
    if not request.body_name and request.bearer_kind == Audience.SYNDICATE:
        out["body_name"] = "Indiquez le nom du syndicat, du PETR ou du pôle."
    if not request.body_name and request.bearer_kind == Audience.ASSOCIATION:
        out["body_name"] = "Indiquez le nom de l'association que la commune présente."
    if not request.contact_name:
        out["contact_name"] = "Indiquez qui le guichet peut appeler."
    if not (request.contact_phone or request.contact_email):
        out["contact_phone"] = "Donnez au moins un téléphone ou un courriel."
    return out


@transaction.atomic
def file_request(*, request: Request, act: Act) -> Request:
    """File the draft: number, date of receipt, first deadline; who must know is told.

    Raises `Incomplete`. Where a circuit already works, the request goes to it at once: the desk
    is informed and counts (Sénat, rapport n° 126, 2024-2025, 2.E).
    """
    held = begin(request, Verb.FILE, act)
    if held.bearer:
        held.desk = desks.desk_for(held.bearer)  # it may have opened or closed since the draft
    lacking = missing(held)
    if lacking:
        raise Incomplete(lacking)
    desk = held.desk
    _check_author(held, act.by)
    held.keys = sorted(directory().engine_territory(held.bearer).keys)
    held.types = held.types or _types_read(held)
    held.number = _next_number(desk)
    held.filed_at = now()
    held.received_on = localdate()
    held.first_answer_due = add_working_days(
        held.received_on, desk.first_answer_days, desk.department
    )
    held.news_at = held.filed_at
    _invite_parties(held, desk)
    entry = finish(held, Verb.FILE, act, due_on=held.first_answer_due)
    notifications.RequestReceived(held).send(
        to=people.applicants(held), emails=people.contact_addresses(held), key=str(entry.pk)
    )
    if desk.mode == DeskMode.EXISTING_CIRCUIT:
        _entrust(held)
    else:
        notifications.RequestToQualify(held).send(to=people.agents(held), key=str(entry.pk))
    return held


def _check_author(held: Request, by: User) -> None:
    """Look again, at the filing, at who acts for whom: mandates may have ended since the draft.

    Raises `NotAllowed` for one who types for a mairie of another desk, or whose address the desk
    has still to check and who has filed enough for today.
    """
    if held.on_behalf:
        if not Desk.objects.worked_by(by).filter(pk=held.desk.pk).exists():
            raise NotAllowed("Pour saisir à la place d'une mairie, il faut être de son guichet.")
        return
    _bear(held)
    if held.address_checked:
        return
    today = Request.objects.filter(
        created_by=held.created_by, address_checked=False, filed_at__gt=now() - timedelta(days=1)
    )
    if today.count() >= MOST_UNCHECKED:
        raise NotAllowed(
            f"Vous avez déposé {MOST_UNCHECKED} demandes aujourd'hui, et le guichet n'a pas encore "
            "vérifié votre adresse. Appelez-le : votre brouillon est gardé."
        )


def _types_read(held: Request) -> list[str]:
    """Kinds of project that the engine is sure to read in the need, when nobody chose them."""
    found = understand(Need(text=held.need), snapshot())
    return [one.id for one in found.types] if found.confident else []


def _next_number(desk: Desk) -> str:
    """« 24-2026-00012 »: the next of the desk this year. The desk's row is the queue's ticket."""
    # "No key": rows that refer to the desk can be written meanwhile.
    Desk.objects.select_for_update(no_key=True).get(pk=desk.pk)
    prefix = f"{desk.department}-{localdate().year}-"
    last = (
        Request.objects.filter(number__startswith=prefix)
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
    )
    return f"{prefix}{int(last.rsplit('-', 1)[1]) + 1 if last else 1:05d}"


def _invite_parties(held: Request, desk: Desk) -> None:
    desks.take_part(held, desk.organisation, Capacity.DESK)
    for body in desk.pilots.all():
        desks.take_part(held, body, Capacity.PILOT)
    informed: set[Organisation] = set(desk.informed.all())
    informed |= {other.organisation for other in desks.other_desks(held.bearer)}
    for body in informed - {desk.organisation}:
        desks.take_part(held, body, Capacity.INFORMED)
        notifications.ForInformation(held).send(
            to=people.members([body]), key=f"{held.pk}-{body.pk}"
        )


def _entrust(held: Request) -> None:
    """Hand the request over to the circuit that the desk has declared: done by the rule."""
    act = Act(
        by=held.created_by, by_label="Règle du guichet",
        reason="Le département a déclaré un circuit existant.",
    )  # fmt: skip
    local.hand_over(held, act, also=people.agents(held))


def act_for(user: User, code: str) -> None:
    """Give `user` the mandate of applicant for the territory `code`, from today."""
    Mandate.objects.update_or_create(
        user=user, organisation=desks.body_for_territory(code), role=Role.APPLICANT,
        defaults={"ends": None},
        create_defaults={"starts": localdate()},
    )  # fmt: skip
    user.__dict__.pop("acting", None)


@transaction.atomic
def confirm_author(*, request: Request, act: Act) -> Request:
    """Say that who filed does act for the mairie: they get its mandate, and see its requests."""
    held = begin_work(request, act)
    if held.address_checked:
        raise AlreadyDone
    body = desks.body_for_territory(held.bearer)
    if held.created_by is not None:
        act_for(held.created_by, held.bearer)
    held.applicant, held.address_checked = body, True
    desks.take_part(held, body, Capacity.APPLICANT)
    note(held, "confirm_author", act)
    return held


def erase_old_drafts(days: int = 180) -> int:
    """Erase drafts untouched for `days` days, with their documents; return how many."""
    old = Request.objects.filter(state=State.DRAFT, updated_at__lt=now() - timedelta(days=days))
    count = 0
    for request in old.prefetch_related("attachments"):
        with transaction.atomic():
            _erase(request)
        count += 1
    return count
