"""What the desk asks of bodies: to help, to give an opinion, or to know of it."""

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate, now

from maillage.accounts.models import Organisation
from maillage.common.transitions import TransitionRefused
from maillage.desk import notifications, people, perms
from maillage.desk.enums import Capacity, ConsultationKind, ConsultationState, State
from maillage.desk.models import Consultation, Request
from maillage.desk.services import desks, local
from maillage.desk.services.core import (
    Act,
    AlreadyDone,
    Incomplete,
    NotAllowed,
    begin_work,
    in_days,
    lock,
    note,
    required,
    speaks_for_itself,
    told,
)

_KINDS = ConsultationKind
#: A date farther than this is a way to say no without saying it.
FARTHEST = timedelta(days=92)


@transaction.atomic
def ask(
    *,
    request: Request,
    act: Act,
    organisation: Organisation,
    kind: str,
    question: str = "",
    due_on: date | None = None,
    offer: str = "",
    with_documents: bool = False,
) -> Consultation:
    """Ask `organisation` for help or for an opinion by `due_on`, or inform it (no answer is due).

    It reads the need, its own question and, if `with_documents`, the mairie's documents. Raises
    `Incomplete` when the same is already asked of it.
    """
    held = begin_work(request, act)
    if held.is_ended:
        raise TransitionRefused("Cette demande est terminée : rouvrez-la avant de solliciter.")
    if kind not in _KINDS.values:
        raise Incomplete({"kind": "Dites ce que vous demandez : prendre en charge, avis, info."})
    informed = kind == _KINDS.INFORMATION
    if informed and _is_informed(held, organisation):
        raise Incomplete({"organisation": f"{organisation} est déjà informé de cette demande."})
    if not informed:
        question = required(question, "question", "Dites à cet organisme ce que vous attendez.")
        if due_on is not None and due_on < localdate():
            raise Incomplete({"due_on": "Cette date est passée : donnez un délai à venir."})
        days = held.desk.opinion_days if kind == _KINDS.OPINION else held.desk.provider_days
        due_on = due_on or in_days(held, days)
    try:
        with transaction.atomic():
            made = Consultation.objects.create(
                request=held, organisation=organisation, kind=kind, question=question,
                due_on=None if informed else due_on, offer=offer, asked_by=act.by,
                with_documents=with_documents,
                state=ConsultationState.INFORMED if informed else ConsultationState.WAITING,
            )  # fmt: skip
    except IntegrityError:
        raise Incomplete(
            {"organisation": f"{organisation} a déjà cette question : attendez sa réponse."}
        ) from None
    desks.take_part(held, organisation, Capacity.INFORMED if informed else Capacity.ASKED)
    note(
        held, "ask", act,
        data={"organisation": organisation.pk, "organisation_name": organisation.name,
              "kind": kind, "question": question, "consultation": made.pk},
    )  # fmt: skip
    message = notifications.ForInformation(held) if informed else notifications.HelpAsked(made)
    message.send(
        to=people.members([organisation]),
        emails=[organisation.email] if organisation.email else [],
        key=f"consultation-{made.pk}",
    )
    return made


@transaction.atomic
def answer_help(*, consultation: Consultation, act: Act, accept: bool, text: str = "") -> None:
    """Accept or decline (with a reason) to help. For the designated lead, the request moves."""
    held, made = _open(consultation, act, _KINDS.HELP)
    if not accept:
        text = required(text, "text", "Dites pourquoi : le guichet cherchera ailleurs.")
    if made.as_lead and held.state == State.LOCAL and held.lead_id == made.organisation_id:
        verb = local.accept_lead if accept else local.decline_lead
        moved = Act(
            by=act.by, once=act.once, channel=act.channel, on_behalf_of=act.on_behalf_of,
            reason=text,
        )  # fmt: skip
        verb(request=held, act=moved, **({"text": text} if accept else {}))
        return
    state = ConsultationState.ACCEPTED if accept else ConsultationState.DECLINED
    _answer(held, made, act, state, text, "help_accepted" if accept else "help_declined")
    notifications.HelpAnswered(made).send(to=people.agents(held), key=_key(made))


@transaction.atomic
def propose_date(*, consultation: Consultation, act: Act, day: date, text: str = "") -> None:
    """Propose a date: the answer stays awaited, until that day."""
    held, made = _open(consultation, act, _KINDS.HELP)
    if day < localdate():
        raise Incomplete({"day": "Cette date est passée : proposez-en une à venir."})
    if day > localdate() + FARTHEST:
        raise Incomplete(
            {"day": "C'est trop loin : proposez une date dans les trois mois, ou déclinez."}
        )
    made.proposed_on, made.due_on = day, max(day, made.due_on or day)
    made.reminded_on = made.escalated_on = None  # a new deadline, reminded once too
    recipients = people.agents(held)
    if made.as_lead:
        held.due_on = made.due_on
        told(held)
        recipients = [*recipients, *people.applicants(held)]
    _answer(held, made, act, ConsultationState.DATE_PROPOSED, text, "date_proposed",
            {"day": day.isoformat()})  # fmt: skip
    notifications.DateProposed(made).send(to=recipients, key=f"{_key(made)}-{day}")


@transaction.atomic
def give_opinion(*, consultation: Consultation, act: Act, text: str) -> None:
    """Give the opinion that was asked."""
    held, made = _open(consultation, act, _KINDS.OPINION)
    text = required(text, "text", "Écrivez votre avis.")
    _answer(held, made, act, ConsultationState.GIVEN, text, "opinion_given")
    notifications.HelpAnswered(made).send(to=people.agents(held), key=_key(made))


@transaction.atomic
def cancel(*, consultation: Consultation, act: Act) -> None:
    """Take back what was asked; the body is told."""
    held = begin_work(consultation.request, act)
    made = Consultation.objects.select_for_update().get(pk=consultation.pk)
    if not made.is_open:
        raise AlreadyDone
    if made.as_lead and held.lead_id == made.organisation_id and held.state == State.LOCAL:
        raise TransitionRefused("C'est l'interlocuteur désigné : désignez-en un autre.")
    made.state = ConsultationState.CANCELLED
    made.save(update_fields=["state", "updated_at"])
    others = held.consultations.filter(organisation=made.organisation)
    if not others.exclude(state=ConsultationState.CANCELLED).exists():
        desks.leave(held, Capacity.ASKED, made.organisation)
    data = {"consultation": made.pk, "organisation_name": made.organisation.name}
    note(held, "ask_cancelled", act, data=data)
    notifications.HelpCancelled(made).send(to=people.members([made.organisation]), key=_key(made))


def _is_informed(held: Request, organisation: Organisation) -> bool:
    parts = held.parties.filter(organisation=organisation, ended_at=None)
    return parts.filter(capacity=Capacity.INFORMED).exists()


def _open(consultation: Consultation, act: Act, kind: str) -> tuple[Request, Consultation]:
    """The request and the question, locked, if `act.by` may answer it as a question of this `kind`
    and it is still open.
    """
    held = lock(consultation.request)
    made = Consultation.objects.select_for_update(of=("self",)).get(pk=consultation.pk)
    if act.once and held.journal.filter(once=act.once).exists():
        raise AlreadyDone
    who = perms.standing(act.by, held)
    if not (who.agent or made.organisation_id in who.bodies):
        raise NotAllowed("Seul l'organisme sollicité répond, ou le guichet en son nom.")
    speaks_for_itself(act, who)
    if made.kind == _KINDS.INFORMATION:
        raise TransitionRefused("Votre service est informé : aucun avis n'est à rendre.")
    if made.kind != kind:
        raise TransitionRefused(
            f"Ce qui est demandé est autre : {made.get_kind_display().lower()}."
        )
    if not made.is_open:
        raise TransitionRefused(
            f"Il n'y a plus rien à répondre : {made.get_state_display().lower()}."
        )
    return held, made


def _answer(
    held: Request,
    made: Consultation,
    act: Act,
    state: str,
    text: str,
    word: str,
    data: dict[str, object] | None = None,
) -> None:
    made.state, made.answer, made.answered_at = state, text, now()
    made.answered_by = act.on_behalf_of or str(act.by)
    made.channel = act.channel
    made.save()
    note(
        held, word, act,
        data={"organisation": made.organisation_id, "organisation_name": made.organisation.name,
              "consultation": made.pk, "text": text, **(data or {})},
        # The mairie is told the date that its interlocuteur proposes.
        internal=not (made.as_lead and state == ConsultationState.DATE_PROPOSED),
    )  # fmt: skip


def _key(made: Consultation) -> str:
    return f"consultation-{made.pk}-{made.state}"
