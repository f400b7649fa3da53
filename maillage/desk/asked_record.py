"""What the desk asked of a body and how fast it answered: figures, from the questions themselves.

Days are calendar days, from the question to the answer. A question that was taken back, or only for
information, is not counted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.timezone import localtime

from maillage.accounts.models import User
from maillage.desk.enums import ConsultationKind, ConsultationState
from maillage.desk.models import Consultation, Request

OPEN: Final = (ConsultationState.WAITING, ConsultationState.DATE_PROPOSED)
_NOT_COUNTED: Final = (ConsultationState.CANCELLED, ConsultationState.INFORMED)


@dataclass(frozen=True, slots=True)
class Question:
    """A question, as it is counted. ``days`` is ``None`` until it is answered."""

    as_lead: bool
    kind: str
    state: str
    asked_on: date
    answered_on: date | None
    due_on: date | None

    @property
    def days(self) -> int | None:
        """Days from the question to the answer."""
        return (self.answered_on - self.asked_on).days if self.answered_on else None


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of what was asked and answered; days are ``None`` when nothing was answered.

    ``in_time`` of ``judged`` were answered by their date; ``judged`` leaves out those whose date is
    to come. ``asked`` = ``accepted`` + ``declined`` + ``given`` + ``waiting``.
    """

    asked: int
    designated: int
    opinions: int
    accepted: int
    declined: int
    given: int
    waiting: int
    late: int
    median_days: float | None
    longest_days: int | None
    in_time: int
    judged: int

    @property
    def share(self) -> int | None:
        """Share answered in time, in whole percents; ``None`` when none can be judged."""
        return round(100 * self.in_time / self.judged) if self.judged else None


def figures(questions: Iterable[Question], today: date) -> Figures:
    """Count questions, on `today`."""
    rows = list(questions)
    states = [row.state for row in rows]
    days = [row.days for row in rows if row.days is not None]
    answered = [row for row in rows if row.answered_on is not None]
    late = [row for row in rows if row.state in OPEN and row.due_on and row.due_on < today]
    dated = [row for row in answered if row.due_on is not None]
    in_time = sum(row.answered_on <= row.due_on for row in dated)  # type: ignore[operator]
    return Figures(
        asked=len(rows),
        designated=sum(row.as_lead for row in rows),
        opinions=sum(row.kind == ConsultationKind.OPINION for row in rows),
        accepted=states.count(ConsultationState.ACCEPTED),
        declined=states.count(ConsultationState.DECLINED),
        given=states.count(ConsultationState.GIVEN),
        waiting=sum(state in OPEN for state in states),
        late=len(late),
        median_days=median(days) if days else None,
        longest_days=max(days, default=None),
        in_time=in_time,
        judged=len(dated) + len(late),
    )


def counted(user: User) -> QuerySet[Consultation]:
    """Questions that are counted, of the requests that `user` may read."""
    readable = Request.objects.visible_to(user).filter(pk=OuterRef("request"))
    return (
        Consultation.objects.filter(Exists(readable))
        .exclude(kind=ConsultationKind.INFORMATION)
        .exclude(state__in=_NOT_COUNTED)
    )


#: Columns that a question is counted from.
COLUMNS: Final = ("as_lead", "kind", "state", "created_at", "answered_at", "due_on")


def question(row: Mapping[str, Any]) -> Question:
    """A question from its columns (see `COLUMNS`). A date that is proposed is not yet an answer."""
    opened = row["state"] in OPEN
    return Question(
        as_lead=row["as_lead"],
        kind=row["kind"],
        state=row["state"],
        asked_on=_day(row["created_at"]),
        answered_on=_day(row["answered_at"]) if row["answered_at"] and not opened else None,
        due_on=row["due_on"],
    )


def of_row(one: Consultation) -> Question:
    """The same, of a row that is held."""
    return question({name: getattr(one, name) for name in COLUMNS})


def _day(moment: datetime) -> date:
    return localtime(moment).date()
