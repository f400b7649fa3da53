"""A resource of a plan: what the engine looks at, and what only follow-up needs; its payments."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from maillage.engine.funding.candidates import Candidate
from maillage.engine.funding.types import ASKED, HELD, Fund, Resource, Status


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came, on its day."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Source:
    """A resource of the document: what the engine looks at, and what only follow-up needs.

    ``offer`` is the slug of an entry of the catalogue. ``rate`` is a share of 1; ``rate``, ``cap``,
    ``floor`` and ``flat`` say what it could bring; ``chance`` and ``days`` what the user believes.
    ``excludes`` and ``needs`` are ids of other resources: none of the first goes with it, at least
    one of the second must. ``advance`` is the share paid at the start. ``paid`` sums what came,
    ``paid_on`` is its last day, ``payments`` says each when known. Dates: last day to file,
    commission, decision.
    """

    id: str
    label: str
    fund: Fund
    amount: Decimal = Decimal(0)
    status: Status = Status.CONSIDERED
    scheme: str = ""
    offer: str = ""
    lines: tuple[str, ...] = ()
    letter: bool = False
    filed_on: date | None = None
    received_on: date | None = None
    decided_on: date | None = None
    granted: Decimal | None = None
    paid: Decimal | None = None
    paid_on: date | None = None
    closes: date | None = None
    commission_on: date | None = None
    advance: Decimal | None = None
    rate: Decimal | None = None
    cap: Decimal | None = None
    floor: Decimal | None = None
    flat: Decimal | None = None
    chance: Decimal | None = None
    days: int | None = None
    note: str = ""
    payments: tuple[Payment, ...] = ()
    excludes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    def came(self) -> tuple[Payment, ...]:
        """What has been paid, one by one when the payments make up the sum, otherwise the sum on
        its last day; nothing when no day is known.
        """
        over = self.status is Status.PAID
        paid = self.counted if over and self.paid is None else self.paid
        if not paid or sum((one.amount for one in self.payments), Decimal(0)) == paid:
            return self.payments if paid else ()
        day = self.paid_on or self.decided_on
        return (Payment(day, paid),) if day else ()

    def resource(self) -> Resource:
        """As the checks see it."""
        return Resource(
            id=self.id,
            label=self.label,
            fund=self.fund,
            amount=self.counted,
            status=self.status,
            scheme=self.scheme,
            lines=frozenset(self.lines),
            filed_on=self.filed_on,
            received_on=self.received_on,
            letter=self.letter,
            closes=self.closes,
            excludes=frozenset(self.excludes),
            needs=frozenset(self.needs),
        )

    def candidate(self) -> Candidate:
        """As the search of best plans sees it: what is granted, or already asked, is kept as it
        is; the amount written by hand is the most to hope for from an aid whose rate is not known.
        """
        granted = self.amount if self.filed and self.amount else None
        if self.held:
            granted = self.counted
        return Candidate(
            id=self.id,
            label=self.label,
            fund=self.fund,
            scheme=self.scheme,
            rate=self.rate,
            flat=self.flat,
            hoped=self.amount or None,
            cap=self.cap,
            floor=self.floor,
            lines=frozenset(self.lines),
            excludes=frozenset(self.excludes),
            needs=frozenset(self.needs),
            chance=self.chance,
            days=self.days,
            closes=self.closes,
            granted=granted,
            asked=self.filed and granted is not None,
            received_on=self.received_on,
        )

    @property
    def counted(self) -> Decimal:
        """What the plan counts of it: what came, once nothing more will; what was granted, once it
        is; else what is asked.
        """
        if self.status is Status.PAID and self.paid is not None:
            return self.paid
        return self.promised if self.held else self.amount

    @property
    def promised(self) -> Decimal:
        """What its funder promised: what is asked when no other amount was said."""
        return self.amount if self.granted is None else self.granted

    @property
    def held(self) -> bool:
        """Whether its funder has granted it."""
        return self.status in HELD

    @property
    def filed(self) -> bool:
        """Whether its dossier is with the funder, who has not answered yet."""
        return self.status in ASKED


def among(sources: Iterable[Source]) -> tuple[Source, ...]:
    """The same resources, each naming only those that are there: one that is gone excludes, and
    brings, nothing.
    """
    held = tuple(sources)
    known = {one.id for one in held}
    return tuple(
        replace(one, **{
            name: tuple(other for other in getattr(one, name) if other in known)
            for name in ("excludes", "needs")
        })
        if not known.issuperset((*one.excludes, *one.needs))
        else one
        for one in held
    )  # fmt: skip


def renamed(sources: Iterable[Source], names: Mapping[str, str]) -> tuple[Source, ...]:
    """The same resources, those of `names` (former identifier → new one) under their new one."""
    return tuple(
        replace(
            one, id=names.get(one.id, one.id),
            excludes=tuple(names.get(other, other) for other in one.excludes),
            needs=tuple(names.get(other, other) for other in one.needs),
        )
        for one in sources
    )  # fmt: skip


def candidates_of(sources: Iterable[Source]) -> list[Candidate]:
    """The resources of a document as candidates (refused and own ones left out)."""
    return [
        one.candidate()
        for one in sources
        if one.status is not Status.REFUSED and one.fund not in (Fund.OWN, Fund.LOAN)
    ]
