"""The settings of a desk, and the accesses that its people open and end. Each change is noted."""

from datetime import date
from typing import Any, Final

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.timezone import now

from maillage.accounts import services as accounts
from maillage.accounts.models import Mandate, Organisation, User
from maillage.common.rights import Allowed, Denied, Right
from maillage.desk import mandates, notifications
from maillage.desk.enums import Capacity, DeskMode
from maillage.desk.models import Desk, Party
from maillage.desk.services.core import Conflict, Incomplete, NotAllowed

#: What an agent may change; the way the desk works is the delegate's (`save_mode`).
FIELDS: Final = (
    "phone", "email", "address", "first_answer_days", "decision_days", "opinion_days",
    "provider_days", "information_days", "silent_days",
)  # fmt: skip
PILOT: Final = "pilote"
INFORMED: Final = "informe"
CIRCUIT: Final = "circuit"
_DECIDER: Final = (
    "C'est au délégué territorial, ou à un adjoint qui a délégation, de choisir le fonctionnement "
    "du guichet et qui décide avec lui."
)
_CHANGED: Final = (
    "Quelqu'un a changé ces réglages pendant que vous écriviez. Votre saisie est ci-dessous : "
    "relisez, puis enregistrez à nouveau."
)


@transaction.atomic
def save_settings(*, desk: Desk, by: User, seen: str | None, **values: Any) -> list[str]:
    """Write the settings of `FIELDS`; return what changed, in words.

    `seen` is the `stamp` of the page they were read on. Raises `Conflict` when they changed since.
    """
    held = _hold(desk, by, seen)
    changed = []
    for name in FIELDS:
        if name in values and values[name] != getattr(held, name):
            label = Desk._meta.get_field(name).verbose_name
            changed.append(f"{label} : {_said(getattr(held, name))} → {_said(values[name])}")
            setattr(held, name, values[name])
    if changed:
        held.save()
        _log(held, by, " ; ".join(changed))
    return changed


@transaction.atomic
def save_mode(*, desk: Desk, by: User, seen: str | None, mode: str, is_open: bool) -> None:
    """Choose how the desk works, and whether it takes requests. The delegate, or a deputy who has a
    delegation. The requests already under way go on as they were.
    """
    held = _hold(desk, by, seen)
    if not mandates.decides(by, held):
        raise NotAllowed(_DECIDER)
    if mode not in DeskMode.values:
        raise Incomplete({"mode": "Choisissez un des deux fonctionnements."})
    if mode == DeskMode.EXISTING_CIRCUIT and held.circuit is None:
        raise Incomplete(
            {"mode": "Dites d'abord, plus bas, quel organisme porte le circuit existant."}
        )
    if (mode, is_open) == (held.mode, held.is_open):
        return
    held.mode, held.is_open = mode, is_open
    held.save()
    opened = "ouvert au dépôt" if is_open else "fermé au dépôt"
    _log(held, by, f"fonctionnement : {held.get_mode_display()}, {opened}")


def may_change(desk: Desk, by: User, what: str) -> Right:
    """May `by` name or take off the bodies of this sort? Who decides with the delegate is theirs to
    choose; an agent says who is informed.
    """
    return Allowed() if what == INFORMED or mandates.decides(by, desk) else Denied(_DECIDER)


@transaction.atomic
def add_body(*, desk: Desk, by: User, body: Organisation, what: str) -> None:
    """Make `body` a pilot, one that is informed of every request, or the bearer of the circuit.

    A pilot works at once on the requests that are under way; the others on those to come.
    """
    held = _hold(desk, by, None)
    right = may_change(held, by, what)
    if not right:
        raise NotAllowed(right.reason)
    if what == CIRCUIT:
        held.circuit = body
    elif body == held.organisation:
        raise Incomplete({"organisation": f"{body} tient déjà ce guichet."})
    elif what == PILOT:
        held.pilots.add(body)
        _pilot(held, body)
    elif what == INFORMED:
        held.informed.add(body)
    else:
        raise Incomplete({"what": "Dites à quel titre."})
    held.save()
    _log(held, by, f"{_WORDS[what]} : {body} ajouté")


@transaction.atomic
def remove_body(*, desk: Desk, by: User, body: Organisation, what: str) -> None:
    """Take `body` off. A pilot reads and does nothing more of the desk's requests, at once."""
    held = _hold(desk, by, None)
    right = may_change(held, by, what)
    if not right:
        raise NotAllowed(right.reason)
    if what == PILOT:
        held.pilots.remove(body)
        Party.objects.filter(
            request__desk=held, organisation=body, capacity=Capacity.PILOT, ended_at=None
        ).update(ended_at=now())
    elif what == INFORMED:
        held.informed.remove(body)
    else:
        if held.mode == DeskMode.EXISTING_CIRCUIT:
            raise NotAllowed("Le guichet s'appuie sur ce circuit : changez d'abord de mode.")
        held.circuit = None
    held.save()
    _log(held, by, f"{_WORDS[what]} : {body} retiré")


_WORDS: Final = {PILOT: "services qui pilotent", INFORMED: "organismes informés",
                 CIRCUIT: "circuit existant"}  # fmt: skip


def _pilot(desk: Desk, body: Organisation) -> None:
    Party.objects.bulk_create(
        [
            Party(request=request, organisation=body, capacity=Capacity.PILOT)
            for request in desk.requests.open().only("pk")
        ],
        update_conflicts=True,
        unique_fields=["request", "organisation", "capacity"],
        update_fields=["ended_at"],
    )


def stamp(desk: Desk) -> str:
    """What tells whether the settings changed since a page was shown."""
    return desk.updated_at.isoformat()


def _hold(desk: Desk, by: User, seen: str | None) -> Desk:
    held = Desk.objects.select_for_update(of=("self",)).select_related("circuit").get(pk=desk.pk)
    if not mandates.roles_at(by, held):
        raise NotAllowed("Seules les personnes de ce guichet changent ses réglages.")
    if seen is not None and seen != stamp(held):
        raise Conflict(_CHANGED)
    return held


def _said(value: Any) -> str:
    return str(value) or "vide"


def _log(desk: Desk, by: User, text: str) -> None:
    LogEntry.objects.create(
        user=by, content_type=ContentType.objects.get_for_model(Desk), object_id=str(desk.pk),
        object_repr=desk.name[:200], action_flag=CHANGE, change_message=text,
    )  # fmt: skip


def changes_of(desk: Desk, count: int = 10) -> list[LogEntry]:
    """The last changes of the settings, with who made them."""
    found = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Desk), object_id=str(desk.pk)
    )
    return list(found.select_related("user").order_by("-action_time")[:count])


# -- Accesses


@transaction.atomic
def open_access(
    *,
    desk: Desk,
    by: User,
    email: str,
    name: str,
    body: str,
    role: str,
    starts: date | None = None,
    ends: date | None = None,
    signs: bool = False,
) -> Mandate:
    """Open an access for someone, and tell them by mail. `body` is one of `mandates.choices`.

    Raises `NotAllowed` with the reason, or `Incomplete`.
    """
    if ends is not None and starts is not None and ends < starts:
        raise Incomplete({"ends": "La fin vient avant le début : corrigez une des deux dates."})
    organisation = mandates.body_of(body)
    right = mandates.may_open(by, desk, organisation, role, signs=signs)
    if not right:
        raise NotAllowed(right.reason)
    try:
        mandate = accounts.open_mandate(
            email=email, name=name, organisation=organisation, role=role, starts=starts,
            ends=ends, signs=signs,
        )  # fmt: skip
    except accounts.Refused as refusal:
        raise Incomplete({refusal.field: str(refusal)}) from refusal
    _log(desk, by, f"accès ouvert : {mandate}")
    notifications.AccessOpened(mandate, by).send(
        to=[mandate.user], key=f"{mandate.pk}-{mandate.updated_at.isoformat()}"
    )
    return mandate


@transaction.atomic
def end_access(*, desk: Desk, by: User, mandate: Mandate) -> None:
    """End someone's access, at once."""
    right = mandates.may_end(by, desk, mandate)
    if not right:
        raise NotAllowed(right.reason)
    accounts.end_mandate(mandate=mandate)
    _log(desk, by, f"accès terminé : {mandate}")
