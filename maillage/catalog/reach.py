"""In which départements each offer is of use: for the map, and to filter the list by one."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from maillage.catalog.owners import departments_of
from maillage.engine.eligibility import EVERYWHERE, Facts
from maillage.territories.directory import Directory

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Reach:
    """``numbers`` gives the line of ``inside`` (départements × offers) of each département;
    ``tied`` says which offers are of use in a part of France only; ``regions`` which are of use in
    at least a part of each région.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    inside: BoolArray = field(default_factory=lambda: np.zeros((0, 0), dtype=np.bool_))
    tied: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    regions: dict[str, BoolArray] = field(default_factory=dict)

    def of(self, department: str) -> BoolArray:
        """Offers of use in at least a part of `department`. Raises ``KeyError``."""
        found: BoolArray = self.inside[self.numbers[department]]
        return found


#: Of a catalogue that was read without its territories.
NOWHERE: Final = Reach()


def reach_of(facts: Facts, known: Directory) -> Reach:
    """Read the territory keys of all the offers; those that this installation does not know are
    nowhere.
    """
    numbers = {code: number for number, code in enumerate(sorted(known.departments))}
    inside = np.zeros((len(numbers), facts.size), dtype=np.bool_)
    for key, offers in facts.by_key.items():
        lines = [numbers[code] for code in departments_of([key], known)]
        inside[np.ix_(lines, offers)] = True
    tied = np.ones(facts.size, dtype=np.bool_)
    for key in EVERYWHERE:
        tied[facts.by_key.get(key, [])] = False
    regions: dict[str, BoolArray] = {}
    for code, number in numbers.items():
        region = known.departments[code].region
        regions[region] = regions.get(region, inside[number]) | inside[number]
    return Reach(numbers, inside, tied, regions)
