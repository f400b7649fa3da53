"""The quality score of an entry, 0 to 100: what it says, what is missing, and what each is worth.

Pure. The score is a sum of points, so that saying one more thing never lowers it. What does not
apply to an entry is not asked of it: its points go to what does (`_points`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

#: Characters of a sentence that says something.
LONG_ENOUGH: Final = 60


@dataclass(frozen=True, slots=True)
class Facts:
    """What the score looks at. The last fields are those of an offer alone.

    ``summary`` is a number of characters; ``link_broken`` that its address no longer answers;
    ``fresh`` that it is neither to confirm nor set aside; ``confirmed`` that somebody said so;
    ``dates`` that its bounds are said and not past; ``gives_help`` and ``gives_money`` its kind.
    """

    provider: bool = False
    contact: bool = False
    link: bool = False
    link_broken: bool = False
    summary: int = 0
    perimeter: bool = False
    source_detail: bool = False
    fresh: bool = False
    confirmed: bool = False
    capacity: bool = False
    themes: bool = False
    phases: bool = False
    audiences: bool = False
    cost: bool = False
    rates: bool = False
    dates: bool = False
    gives_help: bool = True
    gives_money: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A criterion: what it asks, in words, the points it gives, and those it could give."""

    code: str
    label: str
    points: int
    worth: int

    @property
    def lacks(self) -> int:
        """Points that it would bring."""
        return self.worth - self.points


@dataclass(frozen=True, slots=True)
class Score:
    """A score out of 100 and its lines, in the order of the entry's page."""

    lines: tuple[Line, ...]

    @property
    def value(self) -> int:
        """0 to 100."""
        return sum(line.points for line in self.lines)

    @property
    def missing(self) -> tuple[Line, ...]:
        """What is missing, what brings most first."""
        lines = [line for line in self.lines if line.lacks]
        return tuple(sorted(lines, key=lambda line: -line.lacks))


@dataclass(frozen=True, slots=True)
class Criterion:
    """What is asked: its worth for an offer, for a provider's page (0: not asked), how it is said,
    and the part of its worth that the facts deserve, from 0 to 1.
    """

    code: str
    offer: int
    provider: int
    label: str
    share: Callable[[Facts], float]


def _link(facts: Facts) -> float:
    return (0.5 if facts.link_broken else 1) if facts.link else 0


def _summary(facts: Facts) -> float:
    return 1 if facts.summary >= LONG_ENOUGH else (0.5 if facts.summary else 0)


def _confirmed(facts: Facts) -> float:
    return (1 if facts.confirmed else 0.5) if facts.fresh else 0


#: Each column makes 100 points, figures and capacity sharing the same ten.
CRITERIA: Final = (
    Criterion("contact", 14, 26, "dire comment joindre", lambda f: f.contact),
    Criterion("link", 10, 18, "donner une adresse de page qui répond", _link),
    Criterion("summary", 8, 16, f"une phrase d'au moins {LONG_ENOUGH} caractères", _summary),
    Criterion("themes", 8, 0, "choisir au moins un thème", lambda f: f.themes),
    Criterion("phases", 6, 0, "choisir au moins une étape du projet", lambda f: f.phases),
    Criterion("audiences", 6, 0, "dire à qui elle s'adresse", lambda f: f.audiences),
    Criterion("perimeter", 8, 12, "dire où elle vaut", lambda f: f.perimeter),
    Criterion("cost", 8, 0, "dire ce qu'elle coûte à la commune", lambda f: f.cost),
    Criterion("rates", 10, 0, "donner le taux ou le montant, avec sa source", lambda f: f.rates),
    Criterion(
        "capacity", 10, 4, "dire l'attente, ou ce qui reste disponible", lambda f: f.capacity
    ),
    Criterion("dates", 4, 0, "dire jusqu'à quand elle est ouverte", lambda f: f.dates),
    Criterion("confirmed", 14, 20, "la confirmer", _confirmed),
    Criterion("source", 4, 4, "préciser d'où vient l'information", lambda f: f.source_detail),
)


def score(facts: Facts) -> Score:
    """Count the points of `facts`; a line for each criterion that applies."""
    lines = []
    for criterion in CRITERIA:
        worth = _worth(criterion, facts)
        if worth:
            points = int(worth * criterion.share(facts))
            lines.append(Line(criterion.code, criterion.label, points, worth))
    return Score(tuple(lines))


def _worth(criterion: Criterion, facts: Facts) -> int:
    """Points at stake: figures are asked of money, capacity of help, half each of both."""
    if facts.provider:
        return criterion.provider
    if criterion.code not in ("rates", "capacity"):
        return criterion.offer
    if facts.gives_help and facts.gives_money:
        return criterion.offer // 2
    asked = facts.gives_money if criterion.code == "rates" else facts.gives_help
    return criterion.offer if asked else 0
