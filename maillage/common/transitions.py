"""Life cycles as tables: a verb, from which states, to which state."""

from dataclasses import dataclass, field


class TransitionRefused(Exception):
    """The verb cannot be used now; the message says why, in French, to the person."""


@dataclass(frozen=True)
class Transitions:
    """A life cycle: ``table`` maps a verb to (states it may start from, state it leads to).

    >>> draft = Transitions({"publish": ({"draft", "suspended"}, "published")})
    >>> draft.after("publish", "draft")
    'published'
    >>> sorted(draft.possible("draft"))
    ['publish']
    """

    table: dict[str, tuple[frozenset[str] | set[str], str]]
    labels: dict[str, str] = field(default_factory=dict)

    def after(self, verb: str, state: str) -> str:
        """State in which `verb` leaves what is in `state`. Raises `TransitionRefused`."""
        sources, target = self.table[verb]
        if state not in sources:
            name = self.labels.get(verb, verb)
            now = self.labels.get(state, state)
            raise TransitionRefused(f"« {name} » n'est pas possible : l'état actuel est « {now} ».")
        return target

    def possible(self, state: str) -> set[str]:
        """Verbs that can be used on what is in `state`."""
        return {verb for verb, (sources, _) in self.table.items() if state in sources}
