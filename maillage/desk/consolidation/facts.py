"""What the journal says of each request at the end of a year: the ground of the consolidation.

Only the journal dates a fact. What is done after the year changes nothing of that year: the same
figures come out on 31 December and ten years later.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.timezone import get_current_timezone, localdate, now

from maillage.desk.enums import ENDED_STATES, Outcome, State, Verb
from maillage.desk.models import Desk, JournalEntry, Request
from maillage.desk.services.core import FIRST_ANSWERS

V = Verb
LOCAL: Final = "local"
NATIONAL: Final = "national"
UNANSWERED: Final = "unanswered"
ENDED: Final = "ended"
CIRCUIT: Final = "circuit"
OPEN: Final = "open"
#: What became of a request, in words, in the order of the page.
FATES: Final = {
    LOCAL: "Réponse locale",
    NATIONAL: "Appui national",
    UNANSWERED: "Aucune réponse trouvée",
    ENDED: "Terminée autrement (retirée, réorientée, abandonnée, doublon)",
    CIRCUIT: "Suivie par le circuit existant (comptée à part)",
    OPEN: "En cours",
}
_ANSWERED: Final = frozenset({Outcome.ANSWERED, Outcome.SUPPORTED, Outcome.STARTED})
#: Verbs that undo a solution.
_UNDONE: Final = frozenset({V.DECLINE_LEAD, V.RETURN_TO_LOCAL, V.REOPEN})
_DATA: Final = ("themes", "phase", "level", "outcome", "lead_kind", "organisation_name", "grounds")


@dataclass(frozen=True, slots=True)
class Period:
    """A civil year in France; ``end`` is its last moment, or the present one while it runs."""

    year: int
    start: datetime
    end: datetime

    @property
    def last_day(self) -> date:
        """The day at which things are counted: 31 December, or today."""
        return min(date(self.year, 12, 31), localdate(self.end))

    @property
    def over(self) -> bool:
        """True when nothing more can happen in it."""
        return localdate() > self.last_day


def period_of(year: int) -> Period:
    """The civil year `year`."""
    zone = get_current_timezone()
    start, after = (datetime.combine(date(y, 1, 1), time(), tzinfo=zone) for y in (year, year + 1))
    return Period(year, start, min(after, now()))


@dataclass(frozen=True, slots=True)
class Passage:
    """An act of the year: its verb, its day, and what it says (no person)."""

    request: UUID
    verb: str
    day: date
    reason: str
    data: dict[str, Any]


@dataclass(slots=True)
class Facts:
    """A request as its journal says that it was at the end of the period.

    ``solution`` is `LOCAL`, `NATIONAL`, `UNANSWERED` or ""; ``solved_on`` the day it was found,
    which says in which year the request is counted as decided, once.
    """

    pk: UUID
    desk: int
    number: str
    received_on: date
    code: str
    name: str
    population: int | None
    keys: frozenset[str]
    channel: str
    due: date | None
    themes: list[str]
    phase: str
    level: str
    received_in_year: bool
    state: str = State.RECEIVED
    outcome: str = ""
    lead: str = ""
    lead_kind: str = ""
    first_answer: date | None = None
    solution: str = ""
    solved_on: date | None = None
    circuit: bool = False
    passages: list[Passage] = field(default_factory=list)

    @property
    def fate(self) -> str:
        """What became of it, a key of `FATES`."""
        if self.circuit:
            return CIRCUIT
        if self.solution:
            return self.solution
        return ENDED if self.state in ENDED_STATES else OPEN

    def decided_in(self, year: int) -> bool:
        """True when its solution counts for `year`."""
        return bool(
            not self.circuit and self.solution and self.solved_on and self.solved_on.year == year
        )

    def told(self, passage: Passage, to_state: str) -> None:
        """Take a passage of the journal into account."""
        verb, data = passage.verb, passage.data
        self.state = to_state
        if self.first_answer is None and verb in FIRST_ANSWERS:
            self.first_answer = passage.day
        if verb == V.QUALIFY and data["themes"]:
            self.themes, self.phase, self.level = data["themes"], data["phase"], data["level"]
        if verb in {V.DESIGNATE, V.REPLACE_LEAD, V.START_SUPPORT}:
            self.lead, self.lead_kind = data["organisation_name"] or "", data["lead_kind"] or ""
        if verb == V.ENTRUST:
            self.circuit = True
        if verb in _UNDONE:
            self.lead, self.lead_kind, self.outcome = "", "", ""
            self.circuit = False
            self._solved("", passage.day)
        elif verb == V.ACCEPT_LEAD:
            self._solved(LOCAL, passage.day)
        elif verb == V.ACCEPT_NATIONAL:
            self._solved(NATIONAL, passage.day)
        elif verb == V.CLOSE:
            self.outcome = data["outcome"] or ""
            if self.outcome == Outcome.UNANSWERED:
                self._solved(UNANSWERED, passage.day)
            elif self.outcome in _ANSWERED and not self.solution:
                self._solved(LOCAL, passage.day)

    def _solved(self, solution: str, day: date) -> None:
        """A request counts once: in the year of its first solution that held to the year's end."""
        held = self.solved_on is not None and self.solved_on.year < day.year
        self.solution = solution
        if not held:
            self.solved_on = self.solved_on or day if solution else None


def facts_of(desks: Iterable[Desk], period: Period) -> list[Facts]:
    """Facts of the requests received in the period, or of which something was done in it.

    Two queries, whatever the number of desks.
    """
    in_year = JournalEntry.objects.filter(
        request=OuterRef("pk"), at__gte=period.start, at__lt=period.end, verb__in=Verb.values
    )
    received = Q(received_on__year=period.year)
    rows = Request.objects.filed().filter(
        received | Exists(in_year), desk__in=[desk.pk for desk in desks],
        received_on__lte=period.last_day,
    )  # fmt: skip
    found = {
        row["pk"]: _facts(row, period)
        for row in rows.order_by("number").values(
            "pk", "desk_id", "number", "received_on", "bearer", "bearer_name", "body_name",
            "population", "keys", "channel", "first_answer_due", "themes", "phase", "level",
        )
    }  # fmt: skip
    entries = JournalEntry.objects.filter(
        request__in=rows.values("pk"), at__lt=period.end, verb__in=Verb.values
    ).order_by("request", "rank")
    columns = [f"data__{name}" for name in _DATA]
    for pk, verb, to_state, at, reason, *data in entries.values_list(
        "request_id", "verb", "to_state", "at", "reason", *columns
    ).iterator(chunk_size=5000):
        if pk not in found:
            continue
        said = dict(zip(_DATA, data, strict=True))
        passage = Passage(pk, verb, localdate(at), reason, said)
        found[pk].told(passage, to_state)
        if at >= period.start:
            found[pk].passages.append(passage)
    return list(found.values())


def _facts(row: dict[str, Any], period: Period) -> Facts:
    name = f"{row['body_name']} ({row['bearer_name']})" if row["body_name"] else row["bearer_name"]
    return Facts(
        pk=row["pk"], desk=row["desk_id"], number=row["number"], received_on=row["received_on"],
        code=row["bearer"], name=name, population=row["population"],
        keys=frozenset(row["keys"]), channel=row["channel"], due=row["first_answer_due"],
        themes=[], phase="", level="", received_in_year=row["received_on"].year == period.year,
    )  # fmt: skip


def fates(facts: Iterable[Facts]) -> Counter[str]:
    """How many requests had each fate."""
    return Counter(one.fate for one in facts)
