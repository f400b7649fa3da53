"""Who may pay what: the resources of a plan against its cost lines, read once.

A resource tied to some lines may pay those; one that is tied to none, or only to lines that the
plan has not, may pay any. How it is shared out among them is free: so what a set of lines receives
has a least and a most.
"""

from collections.abc import Iterable, Sequence

from maillage.engine.funding.flow import Pouring
from maillage.engine.funding.linesets import Bits, LineSets
from maillage.engine.funding.types import ZERO, Euros, Fund, Plan, Resource

_ALL = frozenset(Fund)


class Ledger:
    """The counted resources of a plan, by fund and by what they may pay. Sets of lines are `Bits`,
    amounts are euros in the money of the plan.
    """

    def __init__(self, plan: Plan) -> None:
        self._sets = LineSets(line.id for line in plan.costs)
        self._ids = frozenset(line.id for line in plan.costs)
        #: Every line; those that are not running costs.
        self.every = self._sets.every
        self.invested = self._sets.bits(plan.invested)
        self._prices = [(self._sets.bits(frozenset({x.id})), plan.amount(x)) for x in plan.costs]
        self._total = plan.cost
        self._counted = plan.counted
        # Read when they are asked for: most rules look at few funds.
        self._paid: dict[frozenset[str], Bits] = {}
        self._given: dict[frozenset[Fund], list[tuple[Bits, Euros]]] = {}

    def bits(self, ids: Iterable[str]) -> Bits:
        """These lines of the plan."""
        return self._sets.bits(self._ids.intersection(ids))

    def paid_by(self, one: Resource) -> Bits:
        """The lines that a resource may pay."""
        found = self._paid.get(one.lines)
        if found is None:
            found = self._paid[one.lines] = self.bits(one.lines) or self.every
        return found

    def ids(self, lines: Bits) -> frozenset[str]:
        """The identifiers of these lines."""
        return self._sets.lines(lines)

    def cost(self, lines: Bits) -> Euros:
        """What these lines cost."""
        if lines == self.every:
            return self._total
        return sum((price for bit, price in self._prices if bit & lines), ZERO)

    def inside(self, funds: frozenset[Fund], lines: Bits) -> Euros:
        """What these funds bring to `lines` and to nothing else."""
        outside = ~lines
        return sum((amount for bits, amount in self._of(funds) if not bits & outside), ZERO)

    def touching(self, funds: frozenset[Fund], lines: Bits) -> Euros:
        """What these funds bring that may pay some of `lines`: the most that they pay of them."""
        return sum((amount for bits, amount in self._of(funds) if bits & lines), ZERO)

    @property
    def sets(self) -> int:
        """How many different sets of lines its resources may pay: what an exact answer costs."""
        return len(self._of(_ALL))

    def least_on(self, funds: frozenset[Fund], lines: Bits) -> Euros:
        """The least that these funds pay of `lines`, in any way of sharing everything out: exact
        when nothing is paid twice, by one flow.
        """
        return sum(self.squeezed(funds, lines).values(), ZERO)

    def squeezed(self, funds: frozenset[Fund], lines: Bits) -> dict[Bits, Euros]:
        """What `least_on` is made of, by the lines that it may pay."""
        others, pouring = self.every & ~lines, self._pouring(self.every)
        for bits, amount in self._of(_ALL - funds):
            if not self._surplus or not bits & lines:
                pouring.pour(bits, amount)
        found: dict[Bits, Euros] = {}
        # What cannot pay `lines` first: nothing else may take its room.
        for bits, amount in sorted(self._of(funds), key=lambda one: bool(one[0] & lines)):
            left = pouring.pour(bits & others, amount) if bits & others else amount
            if left and bits & lines:
                found[bits] = left
        return found

    def most_on(self, funds: frozenset[Fund], lines: Bits) -> Euros:
        """The most that these funds may pay of `lines`, once the others have found their room."""
        pouring, found = self._pouring(self.every), ZERO
        for bits, amount in self._of(_ALL - funds):
            if not self._surplus or not bits & ~lines:
                pouring.pour(bits, amount)
        for bits, amount in self._of(funds):
            if bits & lines:
                found += amount - pouring.pour(bits & lines, amount)
        return found

    @property
    def _surplus(self) -> bool:
        """Whether more is brought than it costs: nobody knows what of it stays."""
        return sum((amount for _, amount in self._of(_ALL)), ZERO) > self._total

    def _pouring(self, lines: Bits) -> Pouring:
        rooms = ((bit, price) for bit, price in self._prices if bit & lines and price)
        return Pouring({bit.bit_length() - 1: price for bit, price in rooms})

    def surely_on(self, funds: frozenset[Fund], lines: Bits) -> Euros:
        """As `least_on`, or less: read at once, whatever the number of resources."""
        tied, others = self.inside(funds, lines), self.every & ~lines
        room = self.cost(others) - self.inside(_ALL, others) if others else ZERO
        return tied + max(self.touching(funds, lines) - tied - max(room, ZERO), ZERO)

    def _of(self, funds: frozenset[Fund]) -> Sequence[tuple[Bits, Euros]]:
        """What these funds bring, by the lines that it may pay."""
        found = self._given.get(funds)
        if found is None:
            sums: dict[Bits, Euros] = {}
            for one in self._counted:
                if one.fund in funds:
                    bits = self.paid_by(one)
                    sums[bits] = sums.get(bits, ZERO) + one.amount
            found = self._given[funds] = list(sums.items())
        return found
