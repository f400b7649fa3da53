"""A financing plan as the engine sees it: frozen values. Amounts are euros, as ``Decimal``.

Net is without VAT (HT), gross with it (TTC). A plan is established in one of the two: net when the
bearer recovers VAT by the FCTVA or otherwise, gross when it does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

Euros = Decimal
ZERO: Final = Decimal(0)
CENT: Final = Decimal("0.01")


class Spending(StrEnum):
    """What a cost line pays (guide Smart village, 3.2)."""

    INVESTMENT = "investment"
    ENGINEERING = "engineering"
    OPERATION = "operation"


class Nature(StrEnum):
    """What a cost line is, for the rule of the start: a study or a land is not one."""

    WORKS = "works"
    STUDY = "study"
    LAND = "land"
    OTHER = "other"


class BearerKind(StrEnum):
    """Who carries the project."""

    COMMUNE = "commune"
    EPCI = "epci"
    SYNDICATE = "syndicate"
    DEPARTMENT = "department"
    REGION = "region"
    ASSOCIATION = "association"
    COMPANY = "company"


#: « Collectivités territoriales et leurs groupements », to whom the CGCT speaks.
LOCAL_AUTHORITIES: Final = frozenset(
    {BearerKind.COMMUNE, BearerKind.EPCI, BearerKind.SYNDICATE, BearerKind.DEPARTMENT,
     BearerKind.REGION}
)  # fmt: skip


class Fund(StrEnum):
    """Where a resource comes from. The rules speak of these groups, never of a scheme's name."""

    OWN = "own"
    LOAN = "loan"
    DETR = "detr"
    DSIL = "dsil"
    DSID = "dsid"
    DPV = "dpv"
    STATE = "state"
    OPERATOR = "operator"
    REGION = "region"
    DEPARTMENT = "department"
    GROUP = "group"
    LEADER = "leader"
    EUROPE = "europe"
    OTHER_PUBLIC = "other_public"
    GIFT = "gift"
    CROWD = "crowd"
    OTHER_PRIVATE = "other_private"


FUND_LABELS: Final[dict[Fund, str]] = {
    Fund.OWN: "Fonds propres",
    Fund.LOAN: "Emprunt",
    Fund.DETR: "État : DETR",
    Fund.DSIL: "État : DSIL",
    Fund.DSID: "État : DSID",
    Fund.DPV: "État : DPV",
    Fund.STATE: "État : autre subvention (FNADT, Fonds vert…)",
    Fund.OPERATOR: "Opérateur ou établissement public",
    Fund.REGION: "Région",
    Fund.DEPARTMENT: "Département",
    Fund.GROUP: "Fonds de concours (intercommunalité et communes)",
    Fund.LEADER: "Europe : LEADER (FEADER)",
    Fund.EUROPE: "Europe : autre fonds",
    Fund.OTHER_PUBLIC: "Autre financeur public",
    Fund.GIFT: "Mécénat, dons",
    Fund.CROWD: "Financement participatif",
    Fund.OTHER_PRIVATE: "Autre financeur privé",
}
#: What the bearer brings, a loan included: it will repay it.
OWN: Final = frozenset({Fund.OWN, Fund.LOAN})
#: State grants governed by the CGCT, capped together (F8).
STATE_CGCT: Final = frozenset({Fund.DETR, Fund.DSIL, Fund.DSID, Fund.DPV})
#: State grants governed by the decree of 2018 (F16).
STATE_OTHER: Final = frozenset({Fund.STATE})
PRIVATE: Final = frozenset({Fund.GIFT, Fund.CROWD, Fund.OTHER_PRIVATE})
#: Public money given by others (F1, F16).
PUBLIC: Final = frozenset(Fund) - OWN - PRIVATE
#: Public money of the nation, that calls the European one (F21).
NATIONAL_PUBLIC: Final = PUBLIC - {Fund.LEADER, Fund.EUROPE}


class Status(StrEnum):
    """Where a resource stands."""

    CONSIDERED = "considered"
    TO_FILE = "to_file"
    FILED = "filed"
    RECEIVED = "received"
    GRANTED = "granted"
    REFUSED = "refused"
    PAID = "paid"


#: Not filed yet; filed and not answered; granted.
TO_FILE: Final = frozenset({Status.CONSIDERED, Status.TO_FILE})
ASKED: Final = frozenset({Status.FILED, Status.RECEIVED})
HELD: Final = frozenset({Status.GRANTED, Status.PAID})
#: Those at which the funder has written that it has the request.
WRITTEN: Final = HELD | {Status.RECEIVED}


@dataclass(frozen=True, slots=True)
class CostLine:
    """A cost. ``signed_on``: day of the first legal act (quote accepted, order, contract)."""

    id: str
    label: str
    net: Euros
    gross: Euros
    spending: Spending = Spending.INVESTMENT
    nature: Nature = Nature.WORKS
    year: int | None = None
    signed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """What pays. ``lines`` are the cost lines that it pays, all of them when empty.

    ``received_on`` is the date on which the funder received the request (accusé de réception).
    ``letter`` says whether a letter of intent or a decision is held. ``scheme`` names the aid.
    ``closes`` is the last day on which it may be asked.
    ``excludes`` and ``needs`` are ids of other resources, as its funder says: none of the first
    goes with it, at least one of the second must.
    """

    id: str
    label: str
    fund: Fund
    amount: Euros
    status: Status = Status.CONSIDERED
    scheme: str = ""
    lines: frozenset[str] = frozenset()
    filed_on: date | None = None
    received_on: date | None = None
    letter: bool = False
    closes: date | None = None
    excludes: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who carries the project, as the rules need to know it; ``None`` is « not known ».

    ``department`` is its code. ``population_dgf`` is the one of the article L2334-2. ``wealth`` is
    its potentiel financier per inhabitant over the mean that the rule names. For an EPCI with own
    tax: ``block`` the largest set in one piece without enclave (inhabitants), ``centre`` its
    largest centre commune, ``density`` in inhabitants per km².
    """

    kind: BearerKind
    name: str = ""
    department: str = ""
    population_dgf: int | None = None
    wealth: Decimal | None = None
    recovers_vat: bool | None = None
    block: int | None = None
    centre: int | None = None
    density: Decimal | None = None

    @property
    def local_authority(self) -> bool:
        """A collectivité or a grouping of them."""
        return self.kind in LOCAL_AUTHORITIES


@dataclass(frozen=True, slots=True)
class Plan:
    """A financing plan. ``date`` says of which day the law is; ``in_net`` in which money it is.

    ``economic``: does an enterprise benefit (shop, bar, workshop…)? ``total`` is the total that
    the document states, when it states one. ``census`` is the population of the bearer at the
    census, when its territory is known: never more than its population DGF.
    """

    bearer: Bearer
    costs: tuple[CostLine, ...]
    resources: tuple[Resource, ...]
    date: date
    in_net: bool = True
    economic: bool | None = None
    total: Euros | None = None
    census: int | None = None

    def amount(self, line: CostLine) -> Euros:
        """What a line costs, in the money of the plan."""
        return line.net if self.in_net else line.gross

    @property
    def cost(self) -> Euros:
        """Sum of the lines, in the money of the plan."""
        return sum((self.amount(line) for line in self.costs), ZERO)

    @property
    def counted(self) -> tuple[Resource, ...]:
        """The resources that are still hoped for or held: all but those refused."""
        return tuple(r for r in self.resources if r.status is not Status.REFUSED)

    def brought(self, funds: frozenset[Fund]) -> Euros:
        """Sum of what these funds bring."""
        return sum((r.amount for r in self.counted if r.fund in funds), ZERO)

    @property
    def invested(self) -> frozenset[str]:
        """The lines that are not running costs: investment and its studies."""
        return frozenset(x.id for x in self.costs if x.spending is not Spending.OPERATION)

    def cost_of(self, lines: frozenset[str]) -> Euros:
        """What these lines cost, in the money of the plan."""
        return sum((self.amount(line) for line in self.costs if line.id in lines), ZERO)

    def spent_on(self, *spendings: Spending) -> Euros:
        """Sum of the lines of these kinds, in the money of the plan."""
        return sum((self.amount(x) for x in self.costs if x.spending in spendings), ZERO)


class Verdict(StrEnum):
    """What a check says."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"
    OUT = "out"  # the rule does not apply here


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of a check: « Autofinancement : 9 700 € »."""

    label: str
    value: Decimal
    unit: str = "€"


@dataclass(frozen=True, slots=True)
class Check:
    """What a rule says of a plan: the sentence, the numbers, and the smallest change that makes it
    pass ("" when there is nothing to change). ``gap`` is that change in euros, when it is one.
    """

    id: str
    rule: str
    verdict: Verdict
    sentence: str
    figures: tuple[Figure, ...] = ()
    change: str = ""
    gap: Euros | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of law, dated. ``parameters`` are numbers (rates as shares of 1) or lists of codes."""

    id: str
    title: str
    sentence: str
    parameters: Mapping[str, Decimal | tuple[str, ...]] = field(default_factory=dict)
    scope: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    reference: str = ""
    source: str = ""
    confirmed: bool = False
    active: bool = True
