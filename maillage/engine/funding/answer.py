"""What the search for the best plans answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from maillage.engine.funding.candidates import SetAside
from maillage.engine.funding.types import ZERO, Check, Euros, Plan, Verdict
from maillage.engine.funding.words import euros


@dataclass(frozen=True, slots=True)
class Limit:
    """What holds a plan where it is: not one cent more of an aid passes it.

    ``change`` says a step in words (« un point de plus »), ``saved`` the own money that this step
    alone saves with the same dossiers: nothing when something else holds the plan too.
    """

    rule: str
    label: str
    change: str
    saved: Euros

    @property
    def sentence(self) -> str:
        """The limit and what a step changes, as people read it."""
        if not self.saved:
            return (
                f"{self.label} : même avec {self.change}, rien ne changerait, une autre limite "
                "bloque aussi."
            )
        return f"{self.label} : {self.change}, c'est {euros(self.saved)} de fonds propres en moins."


@dataclass(frozen=True, slots=True)
class BestPlan:
    """A plan found: its resources, its own money, its reasons, and what limits it.

    ``together`` is the own money that all the steps of ``limits`` save at once. ``proved`` is false
    when the search was stopped before its end, or had to suppose something: a better plan may
    exist, and ``reasons`` say so. ``second`` are the lines that are the second of an aid, for what
    it pays of running costs (their id → the id of the aid).
    """

    kind: str
    label: str
    plan: Plan
    own: Euros
    dossiers: int
    reasons: tuple[str, ...]
    limits: tuple[Limit, ...]
    checks: tuple[Check, ...]
    together: Euros = ZERO
    proved: bool = True
    second: Mapping[str, str] = field(default_factory=dict)

    @property
    def asking(self) -> tuple[Check, ...]:
        """What cannot be told of this plan yet, and has to be asked or said."""
        return tuple(one for one in self.checks if one.verdict is Verdict.UNKNOWN)

    @property
    def together_sentence(self) -> str:
        """What all the steps change at once; empty when there are not several."""
        if len(self.limits) < 2:
            return ""
        if not self.together:
            return "Même si toutes ces limites bougeaient à la fois, rien ne changerait."
        return (
            f"Si toutes ces limites bougeaient à la fois, vous paieriez {euros(self.together)} de "
            "moins."
        )


@dataclass(frozen=True, slots=True)
class Conflict:
    """No plan is possible as asked: which rules are in the way, and the nearest plan.

    ``enough`` are sets of rules: without one of these sets, a plan would be possible.
    """

    sentence: str
    rules: tuple[str, ...]
    nearest: BestPlan | None
    enough: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The three plans (the same one may stand twice), what was set aside, or why there is none."""

    plans: tuple[BestPlan, ...]
    set_aside: tuple[SetAside, ...]
    conflict: Conflict | None = None

    @property
    def proved(self) -> bool:
        """Whether every plan is surely the best of its kind."""
        return all(one.proved for one in self.plans)
