"""The queue in a calendar: a month of next dates, day by day."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from maillage.common.workdays import holidays_of
from maillage.desk import queue
from maillage.desk.forms.queue import QueueFilters
from maillage.desk.models import Request
from maillage.desk.views.queue.shared import changed, for_desk, shared

#: Requests named on a day; the others are behind a link.
NAMED: Final = 4
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar: its requests, how many more, and what it is for offices."""

    day: date
    requests: tuple[Request, ...]
    count: int
    address: str
    inside: bool
    today: bool
    past: bool
    holiday: str

    @property
    def more(self) -> int:
        """How many requests are not named."""
        return self.count - len(self.requests)


@require_safe
@for_desk
def in_calendar(request: HttpRequest, scope: queue.Scope) -> HttpResponseBase:
    """The same list as `listing`, by next date, a month at a time (``mois=2026-11``)."""
    filters = QueueFilters.read(request.GET)
    first = _month(request.GET.get("mois", ""), scope.today)
    after = (first + 31 * _DAY).replace(day=1)
    before = (first - _DAY).replace(day=1)
    dated = queue.chosen(scope, filters).filter(due_on__isnull=False, due_on__lt=after)
    counts = dict(
        dated.filter(due_on__gte=first).order_by().values_list("due_on").annotate(n=Count("pk"))
    )
    earlier = (
        dated.filter(due_on__lt=first).filter(queue.late(scope.today)).aggregate(n=Count("pk"))
    )
    context = {
        **shared(request, scope, filters),
        "month": first,
        "before": changed(request.GET, mois=f"{before:%Y-%m}"),
        "after": changed(request.GET, mois=f"{after:%Y-%m}"),
        "this_month": "" if first == scope.today.replace(day=1) else changed(request.GET),
        "weeks": _weeks(request, scope, first, _named(dated, first), counts),
        "dated": sum(counts.values()),
        "earlier": earlier["n"],
        "earlier_address": changed(request.GET, file="en-retard"),
    }
    return render(request, "desk/queue/calendar.html", context)


def _month(text: str, today: date) -> date:
    """The first day of the month « 2026-11 »; of this month for anything else."""
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return month if abs(month.year - today.year) <= 20 else today.replace(day=1)


def _named(dated: Any, first: date) -> Mapping[date, list[Request]]:
    """The first requests of each day of the month, in the order of the communes."""
    rank = Window(RowNumber(), partition_by=F("due_on"), order_by=[F("folded").asc()])
    rows = (
        dated.filter(Q(due_on__gte=first))
        .annotate(rank=rank)
        .filter(rank__lte=NAMED)
        .order_by("due_on", "rank")
        .only("number", "bearer_name", "body_name", "need", "state", "due_on")
    )
    found: dict[date, list[Request]] = defaultdict(list)
    for row in rows:
        found[row.due_on].append(row)
    return found


def _weeks(
    request: HttpRequest,
    scope: queue.Scope,
    first: date,
    named: Mapping[date, list[Request]],
    counts: Mapping[date, int],
) -> list[list[Day]]:
    """Weeks from Monday that cover the month."""
    department = scope.desks[0].department
    day = first - first.weekday() * _DAY
    weeks = []
    while day < first or day.month == first.month:
        week = []
        for _ in range(7):
            week.append(
                Day(
                    day=day,
                    requests=tuple(named.get(day, ())),
                    count=counts.get(day, 0),
                    address=changed(request.GET, echeance=day.isoformat()),
                    inside=day.month == first.month,
                    today=day == scope.today,
                    past=day < scope.today,
                    holiday=holidays_of(department, day.year).get(day, ""),
                )
            )
            day += _DAY
        weeks.append(week)
    return weeks
