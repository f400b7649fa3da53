"""What is read of a table of a plan, and what the plan says that the table does not (`pasting`)."""

from collections.abc import Set
from dataclasses import dataclass, field, replace

from maillage.engine.funding.types import CostLine, Nature, Spending
from maillage.engine.funding.words import named
from maillage.funding.document import Source
from maillage.funding.vat import Usual


@dataclass(slots=True)
class Pasted:
    """What was read: lines of both sides, or the problems (line by line) and nothing.

    ``left_out`` says what was understood as a title or a total, ``assumed`` what was not said and
    was taken as usual, ``read_as`` how columns were read.
    """

    costs: list[CostLine] = field(default_factory=list)
    resources: list[Source] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)
    read_as: str = ""

    @property
    def count(self) -> int:
        """How many lines were read."""
        return len(self.costs) + len(self.resources)


@dataclass(frozen=True, slots=True)
class Around:
    """What the plan says of what a table does not: the usual rate, whether it is in net amounts,
    and the side that was chosen: ``c`` (costs), ``r`` (resources), or "" to tell by the words;
    whether it holds ``works`` already.
    """

    usual: Usual
    in_net: bool = True
    side: str = ""
    works: bool = False


def settle_designs(made: Pasted, designs: Set[str], around: Around) -> None:
    """The design of works (`designs`: identifiers of costs) is an investment as they are; without
    any works, it is a study. Which one is said.
    """
    if not designs:
        return
    works = around.works or any(
        one.nature is Nature.WORKS and one.spending is Spending.INVESTMENT for one in made.costs
    )
    said = named([one.label for one in made.costs if one.id in designs])
    if works:
        made.assumed.append(
            f"{said} : lu en investissement, comme les travaux qui suivent (le FCTVA les compte)."
        )
        return
    made.costs = [
        replace(one, spending=Spending.ENGINEERING) if one.id in designs else one
        for one in made.costs
    ]
    made.assumed.append(
        f"{said} : lu en études, sans travaux au plan. Si des travaux suivent, dites "
        "« Investissement » dans ses détails : le FCTVA le compte alors."
    )
