"""What time does: one reminder of a late opinion, then the agent is told; late requests are shown.

Run by the worker every hour of working days; running it twice tells nothing twice.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate, localtime

from maillage.common.workdays import add_working_days, is_working_day
from maillage.desk import notifications, people
from maillage.desk.enums import OPEN_STATES, ConsultationState, Hand
from maillage.desk.models import Consultation, Request

_log = logging.getLogger(__name__)
#: Working days between the reminder of a late answer and the word to the agent.
GRACE_DAYS = 3
_WAITING = (ConsultationState.WAITING, ConsultationState.DATE_PROPOSED)


def run(moment: datetime) -> dict[str, int]:
    """Do what is due at `moment`; return how many of each were told."""
    today = localdate(moment)
    if not 7 <= localtime(moment).hour < 20:
        return {"reminded": 0, "escalated": 0, "late": 0}
    return {
        "reminded": _remind(today),
        "escalated": _escalate(today),
        "late": _late(today),
    }


def _remind(today: date) -> int:
    """Remind once each body whose answer is late."""
    late = Consultation.objects.filter(
        state__in=_WAITING, due_on__lt=today, reminded_on=None, request__state__in=OPEN_STATES
    )
    return _each(lambda pk: _one(pk, today, "reminded_on"), late.values_list("pk", flat=True))


def _escalate(today: date) -> int:
    """Tell the agent, and nobody else, of answers still awaited after the reminder."""
    late = Consultation.objects.filter(
        state__in=_WAITING, reminded_on__lt=today, escalated_on=None, due_on__lt=today,
        request__state__in=OPEN_STATES,
    ).select_related("request__desk")  # fmt: skip
    due = [
        made.pk
        for made in late
        if add_working_days(made.reminded_on, GRACE_DAYS, made.request.desk.department) <= today
    ]
    return _each(lambda pk: _one(pk, today, "escalated_on"), due)


@transaction.atomic
def _one(pk: int, today: date, field: str) -> int:
    made = (
        Consultation.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("request__desk", "organisation")
        .filter(
            pk=pk,
            state__in=_WAITING,
            due_on__lt=today,
            request__state__in=OPEN_STATES,
            **{field: None},
        )
        .first()
    )
    if made is None or not is_working_day(today, made.request.desk.department):
        return 0
    setattr(made, field, today)
    made.save(update_fields=[field, "updated_at"])
    if field == "reminded_on":
        message, to = notifications.AnswerLate(made), people.members([made.organisation])
        emails = [made.organisation.email] if made.organisation.email else []
    else:
        message, to, emails = notifications.StillNoAnswer(made), people.agents(made.request), []
    message.send(to=to, emails=emails, key=f"{field}-{made.pk}-{made.due_on}")
    return 1


def _late(today: date) -> int:
    """Tell who has the hand, once by deadline, that a request is late."""
    late = Request.objects.filter(
        state__in=OPEN_STATES, due_on__lt=today, late_notified_on=None
    ).values_list("pk", flat=True)
    return _each(lambda pk: _late_one(pk, today), late)


def _each(tell: Callable[[Any], int], keys: Iterable[Any]) -> int:
    """Tell each in a transaction of its own: what fails is noted and tried at the next hour, and
    does not keep the others from being told.
    """
    count = 0
    for key in keys:
        try:
            count += tell(key)
        except Exception:
            _log.exception("Rappel impossible : %s", key)
    return count


@transaction.atomic
def _late_one(pk: object, today: date) -> int:
    held = (
        Request.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("desk", "lead", "assigned_to", "created_by")
        .filter(pk=pk, due_on__lt=today, late_notified_on=None)
        .first()
    )
    if held is None or not is_working_day(today, held.desk.department):
        return 0
    held.late_notified_on = today
    held.save(update_fields=["late_notified_on"])
    key = f"{held.pk}-{held.due_on}"
    if held.hand == Hand.APPLICANT:
        notifications.YourTurn(held).send(
            to=people.applicants(held), emails=people.contact_addresses(held), key=key
        )
    elif held.hand == Hand.DELEGATE:
        notifications.RequestLate(held).send(to=people.deciders(held), key=key)
    elif held.hand != Hand.LEAD:  # the lead's own question is reminded as a consultation
        notifications.RequestLate(held).send(to=people.agents(held), key=key)
    return 1
