"""What every paper of a plan is made from, read once; and the plan as its tables show it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from maillage.catalog.snapshot import snapshot
from maillage.engine.funding.cashflow import fctva, recovers
from maillage.engine.funding.rules import Law
from maillage.engine.funding.types import (
    FUND_LABELS,
    OWN,
    PRIVATE,
    ZERO,
    Bearer,
    BearerKind,
    Check,
    Fund,
    Plan,
    Status,
    Verdict,
)
from maillage.engine.funding.words import euros
from maillage.engine.vocabulary import PHASES
from maillage.funding.document import PlanDocument, Source, read
from maillage.funding.law import law_on
from maillage.funding.models import Attachment
from maillage.funding.models import Plan as PlanRow
from maillage.funding.papers.identity import NOBODY, Identity, identity_of
from maillage.funding.papers.naming import Called, called
from maillage.funding.planning import checks
from maillage.funding.showing import unopposed

#: Who speaks for a bearer: who signs, the assembly that votes, the name of its meeting.
_VOICES: Final[dict[BearerKind, tuple[str, str]]] = {
    BearerKind.COMMUNE: ("le ou la maire", "conseil municipal"),
    BearerKind.EPCI: ("le président ou la présidente", "conseil communautaire"),
    BearerKind.SYNDICATE: ("le président ou la présidente", "comité syndical"),
    BearerKind.DEPARTMENT: ("le président ou la présidente", "conseil départemental"),
    BearerKind.REGION: ("le président ou la présidente", "conseil régional"),
    BearerKind.ASSOCIATION: ("le président ou la présidente", "conseil d'administration"),
    BearerKind.COMPANY: ("la direction", "conseil d'administration"),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """A plan and what its papers say around it. `project` is its name, `body` who owns it,
    `today` the day on which the paper is established. `checks` and `law` are those of the plan's
    own date. `payers` is who gives the aids of the catalogue, by the slug of their entry.
    """

    project: str
    document: PlanDocument
    checks: tuple[Check, ...]
    law: Law
    today: date
    body: str = ""
    email: str = ""
    phone: str = ""
    need: str = ""
    phase: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    #: What the official registers say of the bearer.
    identity: Identity = NOBODY
    payers: Mapping[str, str] = field(default_factory=dict)
    #: The choices of the treasury that the plan keeps (`maillage.funding.cash`).
    cash: Mapping[str, Any] = field(default_factory=dict)
    #: The documents attached to the lines; read only by the paper that lists them.
    attachments: Iterable[Attachment] = ()

    @property
    def plan(self) -> Plan:
        """As the engine sees it."""
        return self.document.plan()

    @property
    def bearer(self) -> Bearer:
        """Who carries the project."""
        return self.document.bearer

    @property
    def name(self) -> str:
        """Name of the bearer; that of the project's owner when the plan does not say."""
        return self.bearer.name or self.body

    @property
    def called(self) -> Called:
        """How the papers name the bearer: « Commune des Eyzies », « la commune des Eyzies »…"""
        return called(self.bearer.kind, self.name)

    def payer(self, source: Source) -> str:
        """Who gives an aid of the catalogue; "" for what was typed."""
        return self.payers.get(source.offer, "")

    @property
    def head(self) -> str:
        """Who signs: « le ou la maire »."""
        return _VOICES[self.bearer.kind][0]

    @property
    def assembly(self) -> str:
        """Who votes: « conseil municipal »."""
        if self.bearer.kind is BearerKind.EPCI and "étropole" in self.name:
            return "conseil métropolitain"
        return _VOICES[self.bearer.kind][1]

    @property
    def money(self) -> str:
        """In which money the plan is: HT or TTC."""
        return "HT" if self.document.in_net else "TTC"

    @property
    def failing(self) -> list[Check]:
        """The checks that do not hold."""
        return [check for check in self.checks if check.verdict is Verdict.FAILS]

    @property
    def unsettled(self) -> list[Check]:
        """The checks about which something is not known."""
        return [check for check in self.checks if check.verdict is Verdict.UNKNOWN]

    @property
    def holding(self) -> list[Check]:
        """The checks that hold."""
        return [check for check in self.checks if check.verdict is Verdict.HOLDS]


def subject_of(row: PlanRow, today: date) -> Subject:
    """What the papers of a plan of the database are made from (its `project__owner` is read).
    Raises `BadDocument` when what is kept cannot be read.
    """
    project = row.project
    document = read(row.content, today)
    return Subject(
        project=project.name,
        document=document,
        checks=checks(document),
        law=law_on(document.date),
        today=today,
        body=project.owner.name,
        email=project.owner.email,
        phone=project.owner.phone,
        need=project.need,
        phase=PHASES.get(project.phase, ""),
        starts_on=project.starts_on,
        ends_on=project.ends_on,
        identity=identity_of(document, project.owner),
        payers=_payers(document),
        cash=row.cash,
        attachments=row.attachments.held(),
    )


def _payers(document: PlanDocument) -> dict[str, str]:
    """Provider of each entry of the catalogue that the plan names (read in memory)."""
    wanted = {one.offer for one in document.resources if one.offer}
    if not wanted:
        return {}
    now = snapshot()
    places = {slug: now.number_of[slug] for slug in wanted if slug in now.number_of}
    return {slug: now.offers[place].provider_name for slug, place in places.items()}


@dataclass(frozen=True, slots=True)
class Row:
    """A resource as the tables show it. `origin` is its fund in words, `giver` who gives it
    (« État »), "" when the label says it; `state` where it stands, `day` since when, `event` what
    happened on that day.
    """

    label: str
    origin: str
    giver: str
    amount: Decimal
    state: str
    event: str
    day: date | None
    status: Status = Status.CONSIDERED


@dataclass(frozen=True, slots=True)
class Group:
    """Resources of the same nature, with their sub-total; are they `public` aids? All public aids
    together are told after the `last` group of them.
    """

    title: str
    rows: tuple[Row, ...]
    public: bool = False
    last: bool = False
    #: The only group of public aids has no sub-total of its own: it is the total of public aids.
    summed: bool = True

    @property
    def alone(self) -> bool:
        """Whether its only line says what its sub-total would say again."""
        return [row.label.strip().casefold() for row in self.rows] == [self.title.casefold()]

    @property
    def total(self) -> Decimal:
        """Sum of its rows."""
        return sum((row.amount for row in self.rows), ZERO)


def groups(subject: Subject) -> list[Group]:
    """The resources in the order of a DETR or DSIL file; refused ones are left out, and so are the
    groups where there is nothing, but that of the bearer's own money: that there is none is told.
    """
    counted = [s for s in subject.document.resources if s.status is not Status.REFUSED]
    public = [s for s in counted if s.fund not in OWN | PRIVATE]
    own = sorted((s for s in counted if s.fund in OWN), key=_own_first)
    parted = [
        ("Aides publiques acquises", [s for s in public if s.held]),
        ("Aides publiques sollicitées", [s for s in public if not s.held]),
    ]
    aids = [(title, some) for title, some in parted if some]
    found = [
        Group(title, _rows(some), public=True, last=(title, some) == aids[-1],
              summed=len(aids) > 1)
        for title, some in aids
    ]  # fmt: skip
    private = [s for s in counted if s.fund in PRIVATE]
    if private:
        found.append(Group("Financements privés", _rows(private)))
    return [*found, Group("Autofinancement", _rows(own))]


def refused(subject: Subject) -> list[Row]:
    """What was refused, for the record."""
    return [_row(s) for s in subject.document.resources if s.status is Status.REFUSED]


def asked(subject: Subject) -> list[Source]:
    """What is still to be obtained from others."""
    return [
        s
        for s in subject.document.resources
        if s.fund not in OWN and not s.held and s.status is not Status.REFUSED
    ]


def held(subject: Subject) -> list[Source]:
    """What others have granted."""
    return [s for s in subject.document.resources if s.fund not in OWN and s.held]


def origin(source: Source) -> str:
    """The fund in words, "" when the label already says it."""
    label = FUND_LABELS[source.fund]
    return "" if label.split(" (")[0].casefold() in source.label.casefold() else label


def giver(source: Source) -> str:
    """Who gives: « État », « Europe », « Région »…; "" when the label already says it."""
    label = FUND_LABELS[source.fund].split(" (")[0].split(" : ")[0]
    return "" if label.casefold() in source.label.casefold() else label


def gap(subject: Subject) -> Decimal:
    """What is still to be found (positive), or is found twice (negative)."""
    return subject.plan.cost - sum((one.amount for one in subject.plan.counted), ZERO)


def vat(subject: Subject) -> tuple[Decimal, Decimal | None]:
    """The VAT of the plan, and what the FCTVA would refund of it (``None``: not concerned, or not
    known).
    """
    costs = subject.document.costs
    total = sum((line.gross - line.net for line in costs), ZERO)
    if not recovers(subject.bearer) or "fctva" not in subject.law:
        return total, None
    return total, fctva(costs, subject.law)


def verdict(subject: Subject) -> str:
    """What the checks say as a whole, in a sentence."""
    if not subject.document.costs:
        return "Ce plan n'a pas encore de dépenses."
    wrong = len(subject.failing)
    if wrong:
        points = "Un point ne tient pas" if wrong == 1 else f"{wrong} points ne tiennent pas"
        return f"Ce plan ne tient pas encore. {points} : voir plus bas."
    return unopposed(len(subject.unsettled))


def amount_or_ask(amount: Decimal) -> str:
    """An amount in a sentence; an aid whose amount is not known yet is said so."""
    return euros(amount) if amount else "à demander"


def _rows(sources: Iterable[Source]) -> tuple[Row, ...]:
    return tuple(_row(source) for source in sources)


def _own_first(source: Source) -> bool:
    return source.fund is Fund.LOAN


def _row(source: Source) -> Row:
    state, event, day = _standing(source)
    return Row(
        source.label, origin(source), giver(source), source.counted, state, event, day,
        source.status,
    )  # fmt: skip


def _standing(source: Source) -> tuple[str, str, date | None]:
    """Where a resource stands, what happened last and on which day."""
    if source.status is Status.REFUSED:
        return "Refusé", *_dated(("refus", source.decided_on))
    if source.fund in OWN:
        return "", "", None
    decision, receipt = ("décision", source.decided_on), ("accusé de réception", source.received_on)
    if source.held:
        return "Acquis", *_dated(decision, receipt)
    if source.filed:
        return "Sollicité", *_dated(receipt, ("dépôt", source.filed_on))
    return "À solliciter", "", None


def _dated(*events: tuple[str, date | None]) -> tuple[str, date | None]:
    """The first of these events whose day is known."""
    return next(((what, day) for what, day in events if day), ("", None))
