"""The national branch: examine, justify, ask, decide, agree by convention, begin.

Source: feuille de route de l'ANCT, 2020, II.c. The délégué keeps the follow-up all along.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F
from django.utils.timezone import localdate, now

from maillage.accounts.enums import OrganisationKind
from maillage.accounts.models import Organisation, User
from maillage.common.documents.checking import check
from maillage.common.transitions import TransitionRefused
from maillage.desk import notifications, people, perms, snapshots
from maillage.desk.enums import (
    Capacity,
    ConventionState,
    Ground,
    State,
    Verb,
    Verdict,
)
from maillage.desk.models import Attachment, Convention, Examination, Justification, Request
from maillage.desk.papers.convention import default_convention
from maillage.desk.services import desks, local
from maillage.desk.services.core import (
    Act,
    Conflict,
    Incomplete,
    NotAllowed,
    begin,
    begin_work,
    finish,
    in_days,
    lock,
    note,
    required,
    told,
)
from maillage.desk.services.exchanges import keep

#: Days that the committee is given before the desk is told that it waits. Not in the 2020 text.
COMMITTEE_DAYS: Final = 20
CONVENTION_FIELDS: Final = frozenset(
    {
        "parties", "object", "starts", "months", "commitments_anct", "commitments_bearer",
        "commitments_delegate", "follow_up",
    }
)  # fmt: skip


@transaction.atomic
def examine(
    *,
    request: Request,
    act: Act,
    offer: str,
    title: str,
    provider: str,
    level: str,
    verdict: str,
    why: str,
) -> Examination:
    """Note what the examination of a local offer concluded, and why; it can be revised."""
    held = begin_work(request, act)
    if held.is_ended:
        raise TransitionRefused("Cette demande est terminée : rouvrez-la avant d'examiner.")
    if verdict not in Verdict.values:
        raise Incomplete({"verdict": "Dites si cette offre répond ou non."})
    why = required(why, "why", "Dites pourquoi : c'est ce que lira le comité.")
    made, _ = Examination.objects.update_or_create(
        request=held, offer=offer,
        defaults={"title": title, "provider": provider, "level": level, "verdict": verdict,
                  "why": why, "by": act.by},
    )  # fmt: skip
    note(held, "examine", act, data={"offer": offer, "title": title, "verdict": verdict,
                                     "why": why})  # fmt: skip
    return made


def to_examine(request: Request, shown: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Adequate local offers proposed for the request (`snapshots.kept`), examined or not.

    Each is told with its ``examination`` (``None`` when nobody has looked at it). `shown` is what
    `snapshots.kept` made for this page already, if it did.
    """
    shown = shown or snapshots.kept(snapshots.answer_for(request, localdate()))
    done = {examination.offer: examination for examination in request.examinations.all()}
    return [
        {**line, "examination": done.get(line["offer"])}
        for line in shown["help"]
        if line["adequate"] and line["level"] != "national"
    ]


def missing_for_national(request: Request, shown: dict[str, Any] | None = None) -> list[str]:
    """What must still be done before the national branch can be opened, in French."""
    unseen = [line for line in to_examine(request, shown) if line["examination"] is None]
    out = []
    if unseen:
        left = (
            f"{len(unseen)} offres locales restent" if len(unseen) > 1 else "Une offre locale reste"
        )
        named = ", ".join(f"{line['title']} ({line['provider']})" for line in unseen[:3])
        out.append(f"{left} à examiner : {named}{'…' if len(unseen) > 3 else ''}.")
    good = [e.title for e in request.examinations.all() if e.verdict == Verdict.ANSWERS]
    if good:
        out.append(
            f"Vous avez noté qu'une offre locale répond ({good[0]}) : désignez plutôt cet "
            "organisme, ou revoyez votre conclusion."
        )
    return out


def lacking_grounds(grounds: Sequence[str]) -> str:
    """Why these grounds do not justify the national branch, in French; "" when they do.

    The 2020 text: fragility of the bearer *and* lack of local means, and/or an innovative or
    particularly complex project; rare engineering and national scale justify it too.
    """
    chosen = set(grounds)
    if not chosen or not chosen <= set(Ground.values):
        return "Choisissez au moins un motif."
    if chosen & {Ground.INNOVATIVE, Ground.COMPLEX, Ground.RARE, Ground.NATIONAL_SCALE}:
        return ""
    if chosen == {Ground.FRAGILITY, Ground.LOCAL_LACK}:
        return ""
    return (
        "La fragilité de la collectivité et l'insuffisance des ressources locales vont ensemble : "
        "cochez les deux, ou un autre motif."
    )


@transaction.atomic
def open_national(
    *,
    request: Request,
    act: Act,
    grounds: Sequence[str],
    explanation: str,
    support: str = "",
    none_found: bool = False,
) -> Request:
    """Ask for national support, justified.

    Raises `Incomplete` while an adequate local offer has not been examined, while one answers,
    without a valid ground, or without an explanation. `none_found` must be said when no adequate
    local offer was proposed and none was examined.
    """
    held = begin(request, Verb.OPEN_NATIONAL, act)
    errors = {}
    grounds = list(dict.fromkeys(grounds))
    lacking = missing_for_national(held)
    examined = [
        {"offer": e.offer, "title": e.title, "provider": e.provider, "level": e.level,
         "verdict": e.verdict, "why": e.why}
        for e in held.examinations.all()
    ]  # fmt: skip
    if lacking:
        errors["examined"] = " ".join(lacking)
    elif not examined and not none_found:
        errors["none_found"] = (
            "Aucune offre locale n'est proposée : confirmez-le, ou examinez celles que vous "
            "connaissez."
        )
    reason = lacking_grounds(grounds)
    if reason:
        errors["grounds"] = reason
    if not explanation.strip():
        errors["explanation"] = "Expliquez en quelques phrases : le comité de l'ANCT le lira."
    if errors:
        raise Incomplete(errors)
    Justification.objects.create(
        request=held, grounds=grounds, explanation=explanation.strip(), support=support,
        none_found=not examined, examined=examined, made_by=act.by,
    )  # fmt: skip
    entry = finish(
        held, Verb.OPEN_NATIONAL, act,
        data={"grounds": grounds, "examined": examined, "explanation": explanation,
              "support": support},
        due_on=in_days(held, held.desk.decision_days),
    )  # fmt: skip
    told(held)
    notifications.NationalAsked(held).send(
        to=[*people.applicants(held), *people.deciders(held)],
        emails=people.contact_addresses(held),
        key=str(entry.pk),
    )
    return held


@transaction.atomic
def submit(*, request: Request, act: Act) -> Request:
    """Send the justified request to the ANCT's committee, which reads it from now on."""
    held = begin(request, Verb.SUBMIT, act)
    body = _anct()
    desks.take_part(held, body, Capacity.COMMITTEE)
    entry = finish(held, Verb.SUBMIT, act, due_on=in_days(held, COMMITTEE_DAYS))
    notifications.CommitteeAsked(held).send(
        to=people.committee(held), emails=[body.email] if body.email else [], key=str(entry.pk)
    )
    return held


def _anct() -> Organisation:
    body = Organisation.objects.filter(kind=OrganisationKind.ANCT).order_by("pk").first()
    return body or Organisation.objects.create(
        kind=OrganisationKind.ANCT, name=OrganisationKind.ANCT.label, territory="FR"
    )


@transaction.atomic
def accept_national(*, request: Request, act: Act) -> Request:
    """The committee validates the support; the convention is prepared from the request."""
    return _decide(request, Verb.ACCEPT_NATIONAL, act)


@transaction.atomic
def refuse_national(*, request: Request, act: Act) -> Request:
    """The committee refuses, with a reason: the delegate takes the local search up again."""
    return _decide(request, Verb.REFUSE_NATIONAL, act)


def _decide(request: Request, verb: str, act: Act) -> Request:
    held = begin(request, verb, act)
    refused = verb == Verb.REFUSE_NATIONAL
    if refused:
        required(act.reason, "reason", "Dites pourquoi : le délégué et la mairie le liront.")
    # The last one: those of a search that came back before the committee stay undecided.
    last = held.justifications.order_by("-pk").first()
    held.justifications.filter(pk=last.pk).update(decision=act.reason, decided_at=now())
    if not refused:
        _new_convention(held)
    entry = finish(held, verb, act, due_on=in_days(held, held.desk.decision_days))
    told(held)
    message = notifications.NationalRefused if refused else notifications.NationalAccepted
    message(held, act.reason).send(
        to=[*people.applicants(held), *people.deciders(held), *people.agents(held)],
        emails=people.contact_addresses(held),
        key=str(entry.pk),
    )
    return held


def _new_convention(held: Request) -> None:
    """What was signed for a support that has ended gives way to the one to come."""
    Convention.objects.filter(request=held, state=ConventionState.SIGNED).update(
        state=ConventionState.DRAFT, signed_on=None, signed_file=None, version=F("version") + 1
    )


@transaction.atomic
def return_to_local(*, request: Request, act: Act) -> Request:
    """Take the local search up again, after a refusal or before the committee has been asked.

    The committee goes on reading what it has decided.
    """
    held = begin(request, Verb.RETURN_TO_LOCAL, act)
    entry = finish(held, Verb.RETURN_TO_LOCAL, act, due_on=in_days(held, held.desk.decision_days))
    told(held)
    notifications.BackToLocal(held, act.reason).send(
        to=[*people.agents(held), *people.applicants(held)],
        emails=people.contact_addresses(held),
        key=str(entry.pk),
    )
    return held


@transaction.atomic
def save_convention(
    *, request: Request, by: User, version: int | None, **fields: Any
) -> Convention:
    """Keep the text of the convention (`CONVENTION_FIELDS`).

    Raises `Conflict` when it changed, ``TransitionRefused`` before the support is accepted and once
    it is signed.
    """
    held = lock(request)
    right = perms.may_work(perms.standing(by, held))
    if not right:
        raise NotAllowed(right.reason)
    if held.state != State.ACCEPTED and not Convention.objects.filter(request=held).exists():
        raise TransitionRefused("La convention se prépare quand l'appui national est accepté.")
    convention, _ = Convention.objects.get_or_create(request=held)
    if convention.state == ConventionState.SIGNED:
        raise TransitionRefused("La convention est signée : elle ne se modifie plus.")
    if version is not None and version != convention.version:
        raise Conflict(
            "La convention a été modifiée pendant que vous écriviez. Votre saisie est ci-dessous : "
            "relisez, puis enregistrez à nouveau."
        )
    for name in CONVENTION_FIELDS & set(fields):
        setattr(convention, name, fields[name])
    convention.version += 1
    convention.save()
    return convention


@transaction.atomic
def sign_convention(
    *, request: Request, act: Act, signed_on: date, attachment: Attachment
) -> Request:
    """Record the signed convention: its date, and the signed file, which is kept."""
    held = begin(request, Verb.SIGN_CONVENTION, act)
    if signed_on > localdate():
        raise Incomplete({"signed_on": "La date de signature est à venir."})
    if attachment.request_id != held.pk:
        raise Incomplete({"file": "Ce document n'est pas de cette demande."})
    convention, _ = Convention.objects.get_or_create(request=held)
    if not convention.version:  # signed as it was made from the request
        for name, value in default_convention(held).items():
            setattr(convention, name, value)
        convention.version = 1
    convention.state = ConventionState.SIGNED
    convention.signed_on, convention.signed_file = signed_on, attachment
    convention.save()
    entry = finish(
        held, Verb.SIGN_CONVENTION, act,
        data={"signed_on": signed_on.isoformat(), "attachment": attachment.pk},
        due_on=in_days(held, held.desk.decision_days),
    )  # fmt: skip
    told(held)
    notifications.ConventionSigned(held).send(
        to=[*people.applicants(held), *people.committee(held), *people.deciders(held)],
        emails=people.contact_addresses(held),
        key=str(entry.pk),
    )
    return held


def sign_with_file(*, request: Request, act: Act, signed_on: date, upload: UploadedFile) -> Request:
    """Keep the signed file, and record the convention. Raises ``content.Refused`` too."""
    checked = check(upload)  # it may be long: before the request is locked
    with transaction.atomic():
        begin(request, Verb.SIGN_CONVENTION, act)  # refused before a document is kept
        attachment = keep(request=request, by=act.by, upload=upload, checked=checked)
        # The document grew the version, under the same lock.
        act = replace(act, version=None)
        return sign_convention(request=request, act=act, signed_on=signed_on, attachment=attachment)


@transaction.atomic
def start_support(
    *,
    request: Request,
    act: Act,
    organisation: Organisation,
    lead_kind: str,
    person: str = "",
    phone: str = "",
    email: str = "",
) -> Request:
    """Begin the support agreed by the convention, with who follows it for the delegate."""
    held = begin(request, Verb.START_SUPPORT, act)
    local.name_lead(held, organisation, lead_kind, person, phone, email)
    desks.give_lead(held, organisation)
    entry = finish(
        held, Verb.START_SUPPORT, act,
        data=local.lead_data(held, organisation, lead_kind),
    )  # fmt: skip
    told(held)
    local.tell_lead(held, str(entry.pk))
    return held
