"""The local branch: one interlocuteur unique, designated by the delegate, who accepts or declines.

Source: feuille de route de l'ANCT, 2020, II.c.
"""

from collections.abc import Iterable

from django.db import transaction
from django.utils.timezone import now

from maillage.accounts.models import Organisation, User
from maillage.desk import notifications, people
from maillage.desk.enums import (
    Capacity,
    ConsultationKind,
    ConsultationState,
    LeadKind,
    Verb,
)
from maillage.desk.models import Consultation, Request
from maillage.desk.services import desks
from maillage.desk.services.core import Act, Incomplete, begin, finish, in_days, required, told

_OPEN = (ConsultationState.WAITING, ConsultationState.DATE_PROPOSED)


@transaction.atomic
def designate(
    *,
    request: Request,
    act: Act,
    organisation: Organisation,
    lead_kind: str,
    person: str = "",
    phone: str = "",
    email: str = "",
    offer: str = "",
) -> Request:
    """Designate the interlocuteur unique: `organisation`, as `lead_kind`; `person` if known.

    The body is asked to take the request; a former one that had not answered is released. The
    designation is told to the CLCT by its next agenda.
    """
    held = begin(request, Verb.DESIGNATE, act)
    name_lead(held, organisation, lead_kind, person, phone, email)
    former = _release(held)
    desks.give_lead(held, organisation)
    entry = finish(
        held, Verb.DESIGNATE, act,
        data=lead_data(held, organisation, lead_kind, offer),
        due_on=in_days(held, held.desk.provider_days),
    )  # fmt: skip
    Consultation.objects.update_or_create(
        request=held, organisation=organisation, kind=ConsultationKind.HELP,
        state__in=_OPEN,
        defaults={
            "as_lead": True, "lead_kind": lead_kind, "due_on": held.due_on,
            "with_documents": True, "reminded_on": None, "escalated_on": None,
        },
        create_defaults={
            "request": held, "organisation": organisation, "kind": ConsultationKind.HELP,
            "as_lead": True, "lead_kind": lead_kind, "offer": offer, "asked_by": act.by,
            "due_on": held.due_on, "question": act.reason, "with_documents": True,
        },
    )  # fmt: skip
    told(held)
    notifications.LeadAsked(held).send(
        to=people.lead_people(held), emails=_addresses(held), key=str(entry.pk)
    )
    notifications.LeadDesignated(held).send(
        to=people.applicants(held), emails=people.contact_addresses(held), key=str(entry.pk)
    )
    if former is not None and former != organisation:
        notifications.LeadReleased(held).send(to=people.members([former]), key=str(entry.pk))
    return held


def hand_over(held: Request, act: Act, *, also: Iterable[User] = ()) -> None:
    """Give the locked request to the circuit of its desk, and tell the mairie, the circuit and
    `also`: by an agent's act, or by the rule at the filing.
    """
    circuit = held.desk.circuit
    data: dict[str, object] = {}
    if circuit is not None:
        desks.give_lead(held, circuit)
        data = {"lead": circuit.pk, "organisation_name": circuit.name}
    entry = finish(held, Verb.ENTRUST, act, data=data)
    told(held)
    notifications.EntrustedToCircuit(held).send(
        to=[*people.applicants(held), *people.lead_people(held), *also],
        emails=[*people.contact_addresses(held), *filter(None, [circuit and circuit.email])],
        key=str(entry.pk),
    )


@transaction.atomic
def replace_lead(
    *,
    request: Request,
    act: Act,
    organisation: Organisation,
    lead_kind: str,
    person: str = "",
    phone: str = "",
    email: str = "",
) -> Request:
    """Change who follows a request under way; the reason is said. The support goes on."""
    held = begin(request, Verb.REPLACE_LEAD, act)
    required(act.reason, "reason", "Dites pourquoi l'interlocuteur change.")
    former = held.lead
    name_lead(held, organisation, lead_kind, person, phone, email)
    desks.give_lead(held, organisation)
    entry = finish(held, Verb.REPLACE_LEAD, act, data=lead_data(held, organisation, lead_kind))
    told(held)
    tell_lead(held, str(entry.pk))
    if former is not None and former != organisation:
        notifications.LeadReleased(held).send(to=people.members([former]), key=str(entry.pk))
    return held


@transaction.atomic
def accept_lead(*, request: Request, act: Act, text: str = "") -> Request:
    """The designated body takes the request: the support begins."""
    held = begin(request, Verb.ACCEPT_LEAD, act)
    question = _question(held)
    entry = finish(held, Verb.ACCEPT_LEAD, act, data={"text": text})
    _answered(question, held, act, ConsultationState.ACCEPTED, text)
    told(held)
    notifications.LeadAccepted(held, text).send(
        to=[*people.applicants(held), *people.agents(held)],
        emails=people.contact_addresses(held),
        key=str(entry.pk),
    )
    return held


@transaction.atomic
def decline_lead(*, request: Request, act: Act) -> Request:
    """The designated body declines, with a reason: the request comes back to the desk, which is
    shown the next adequate proposals.
    """
    held = begin(request, Verb.DECLINE_LEAD, act)
    reason = required(act.reason, "reason", "Dites pourquoi : le guichet cherchera ailleurs.")
    body = held.lead
    question = _question(held)
    desks.leave(held, Capacity.LEAD)
    desks.take_part(held, body, Capacity.ASKED)  # it goes on reading what it answered
    entry = finish(
        held, Verb.DECLINE_LEAD, act,
        data={"organisation": body.pk, "organisation_name": body.name},
        due_on=in_days(held, held.desk.decision_days),
    )  # fmt: skip
    _answered(question, held, act, ConsultationState.DECLINED, reason)
    notifications.LeadDeclined(held, body.name, reason).send(
        to=[*people.agents(held), *people.deciders(held)], key=str(entry.pk)
    )
    return held


def tell_lead(held: Request, key: str) -> None:
    """Tell the mairie who follows its request, and them that they do, without asking them."""
    notifications.LeadDesignated(held).send(
        to=people.applicants(held), emails=people.contact_addresses(held), key=key
    )
    notifications.LeadEntrusted(held).send(
        to=people.lead_people(held), emails=_addresses(held), key=key
    )


def name_lead(
    held: Request, organisation: Organisation, kind: str, person: str, phone: str, email: str
) -> None:
    """Write in `held` how to reach its interlocuteur. Raises `Incomplete` for an unknown kind."""
    if kind not in LeadKind.values:
        raise Incomplete({"lead_kind": "Dites à quel titre : sous-préfet, DDT, opérateur, local."})
    held.lead_kind = kind
    held.lead_person = person.strip()
    held.lead_phone = phone.strip() or organisation.phone
    held.lead_email = email.strip() or organisation.email


def lead_data(
    held: Request, organisation: Organisation, lead_kind: str, offer: str = ""
) -> dict[str, object]:
    """What the journal keeps of a designation; ``lead`` is read again by `lifecycle.replay`."""
    return {
        "lead": organisation.pk,
        "organisation_name": organisation.name,
        "lead_kind": lead_kind,
        "person": held.lead_person,
        "offer": offer,
    }


def _release(held: Request) -> Organisation | None:
    """End what was asked of a former body that had not answered; return that body."""
    former = held.lead
    if former is not None:
        held.consultations.filter(organisation=former, as_lead=True, state__in=_OPEN).update(
            state=ConsultationState.CANCELLED, updated_at=now()
        )
    return former


def _question(held: Request) -> Consultation | None:
    return held.consultations.filter(
        organisation=held.lead, kind=ConsultationKind.HELP, as_lead=True, state__in=_OPEN
    ).first()


def _answered(
    question: Consultation | None, held: Request, act: Act, state: str, text: str
) -> None:
    if question is None:
        return
    question.state, question.answer, question.answered_at = state, text, now()
    question.channel = act.channel
    question.answered_by = act.on_behalf_of or str(act.by)
    question.save()


def _addresses(held: Request) -> list[str]:
    return [held.lead_email] if held.lead_email else []
