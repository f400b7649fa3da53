"""The life of a request, as one table, and what is read of it: who has the hand, which step.

Source of the protocol: feuille de route de l'ANCT, 2020, II.c (subsidiarity, interlocuteur unique,
comité de suivi des projets, convention d'appui opérationnel).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from maillage.common.transitions import Transitions
from maillage.desk.enums import ENDED_STATES, OPEN_STATES, Branch, Hand, State, Verb

S, V = State, Verb

#: Verb → (states it starts from, state it leads to).
LIFE: Final = Transitions(
    {
        V.FILE: ({S.DRAFT}, S.RECEIVED),
        V.ASK_INFORMATION: ({S.RECEIVED, S.QUALIFIED}, S.INFORMATION_WANTED),
        V.GIVE_INFORMATION: ({S.INFORMATION_WANTED}, S.RECEIVED),
        V.QUALIFY: ({S.RECEIVED, S.QUALIFIED}, S.QUALIFIED),
        V.PREPARE: ({S.QUALIFIED}, S.QUALIFIED),
        V.DESIGNATE: ({S.QUALIFIED, S.LOCAL}, S.LOCAL),
        V.REPLACE_LEAD: ({S.ACCOMPANIED}, S.ACCOMPANIED),
        V.ACCEPT_LEAD: ({S.LOCAL}, S.ACCOMPANIED),
        V.DECLINE_LEAD: ({S.LOCAL}, S.QUALIFIED),
        V.OPEN_NATIONAL: ({S.QUALIFIED}, S.NATIONAL),
        V.SUBMIT: ({S.NATIONAL}, S.COMMITTEE),
        V.ACCEPT_NATIONAL: ({S.COMMITTEE}, S.ACCEPTED),
        V.REFUSE_NATIONAL: ({S.COMMITTEE}, S.REFUSED),
        V.RETURN_TO_LOCAL: ({S.REFUSED, S.NATIONAL}, S.QUALIFIED),
        V.SIGN_CONVENTION: ({S.ACCEPTED}, S.CONVENTION),
        V.START_SUPPORT: ({S.CONVENTION}, S.ACCOMPANIED),
        V.ENTRUST: ({S.RECEIVED}, S.EXISTING_CIRCUIT),
        V.CLOSE: (
            {S.RECEIVED, S.QUALIFIED, S.LOCAL, S.REFUSED, S.ACCOMPANIED, S.EXISTING_CIRCUIT},
            S.CLOSED,
        ),
        V.WITHDRAW: (OPEN_STATES, S.WITHDRAWN),
        V.REORIENT: ({S.RECEIVED, S.INFORMATION_WANTED, S.QUALIFIED}, S.REORIENTED),
        V.REOPEN: (ENDED_STATES, S.RECEIVED),
    },
    labels={**dict(State.choices), **dict(Verb.choices)},
)

#: Who must act, by state. A decision prepared for the delegate gives them the hand (see `hand`).
_HANDS: Final = {
    S.DRAFT: Hand.APPLICANT,
    S.RECEIVED: Hand.DESK,
    S.INFORMATION_WANTED: Hand.APPLICANT,
    S.QUALIFIED: Hand.DESK,
    S.LOCAL: Hand.LEAD,
    S.NATIONAL: Hand.DELEGATE,
    S.COMMITTEE: Hand.COMMITTEE,
    S.ACCEPTED: Hand.DESK,
    S.REFUSED: Hand.DELEGATE,
    S.CONVENTION: Hand.DESK,
    S.ACCOMPANIED: Hand.LEAD,
    S.EXISTING_CIRCUIT: Hand.CIRCUIT,
}

#: The five steps that the mairie sees, in plain words, and the states of each.
STEPS: Final = (
    ("Reçue", frozenset({S.RECEIVED, S.INFORMATION_WANTED})),
    ("Comprise", frozenset({S.QUALIFIED})),
    ("Un interlocuteur vous est désigné", frozenset(
        {S.LOCAL, S.NATIONAL, S.COMMITTEE, S.ACCEPTED, S.REFUSED, S.CONVENTION}
    )),
    ("Accompagnement", frozenset({S.ACCOMPANIED, S.EXISTING_CIRCUIT})),
    ("Terminée", ENDED_STATES),
)  # fmt: skip


def hand(state: str, *, prepared: bool = False) -> Hand:
    """Who must act on a request in `state`; `prepared`: a decision awaits the delegate."""
    if state == State.QUALIFIED and prepared:
        return Hand.DELEGATE
    return _HANDS.get(State(state), Hand.NOBODY)


def step_of(state: str) -> int:
    """Number (0 to 4) of the step, among `STEPS`, of a filed request; -1 for a draft."""
    return next((n for n, (_, states) in enumerate(STEPS) if state in states), -1)


class Passage(Protocol):
    """What `replay` reads of a row of the journal."""

    verb: str
    to_state: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Position:
    """Where the journal says that a request is. ``lead`` is the key of the body, or ``None``."""

    state: str = State.DRAFT
    branch: str = ""
    lead: int | None = None
    justified: bool = False


#: What each verb does to the branch and to the lead (absent: nothing).
_BRANCHES: Final = {
    V.DESIGNATE: Branch.LOCAL,
    V.OPEN_NATIONAL: Branch.NATIONAL,
    V.RETURN_TO_LOCAL: "",
    V.DECLINE_LEAD: "",
    V.REOPEN: "",
}

#: Verbs whose data name the interlocuteur unique (key ``lead``: the body's primary key).
_LEAD_NAMED: Final = frozenset({V.DESIGNATE, V.REPLACE_LEAD, V.START_SUPPORT, V.ENTRUST})


def after(position: Position, verb: str, data: dict[str, Any]) -> Position:
    """Where `verb` leaves what was at `position`. Raises ``TransitionRefused``.

    Used when a verb is done and when the journal is read again: one rule for both.
    """
    state = LIFE.after(verb, position.state)
    branch = _BRANCHES.get(Verb(verb), position.branch)
    lead = position.lead
    justified = position.justified
    if verb in _LEAD_NAMED:
        lead = data.get("lead", lead)
    if verb in {V.DECLINE_LEAD, V.REOPEN}:
        lead = None
    if verb == V.OPEN_NATIONAL:
        justified = bool(data.get("grounds")) and "examined" in data
    if verb in {V.RETURN_TO_LOCAL, V.REOPEN}:
        justified = False
    return Position(state=state, branch=str(branch), lead=lead, justified=justified)


def replay(journal: Iterable[Passage]) -> Position:
    """Where a request is, from its journal alone (passages that change nothing are skipped)."""
    position = Position()
    for passage in journal:
        if passage.verb in Verb.values:
            position = after(position, passage.verb, passage.data)
    return position
