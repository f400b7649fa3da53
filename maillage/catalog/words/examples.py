"""The example phrases of all the types: would a change of one make others be read otherwise?

Each phrase is compared with the types in bulk, before and after; those whose first type differs are
then read in full, as the page would, to be sure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from maillage.engine.recognition import Clause
from maillage.engine.snapshot import Snapshot
from maillage.engine.text import STOP_WORDS, words
from maillage.engine.types import Need, ProjectType
from maillage.engine.understanding import understand

_BLOCK: Final = 50
#: Phrases read in full at most.
_MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Shift:
    """A phrase of the type `owner` whose first type changes; labels, "" for none."""

    phrase: str
    owner: str
    now: str
    then: str


def shifts(changed: Sequence[ProjectType], now: Snapshot, then: Snapshot) -> tuple[Shift, ...]:
    """The phrases of the types other than `changed` whose first recognised type would change.

    Only those that share a word with what was added or taken away can: the others are not read.
    """
    if not changed:
        return ()
    own = {kind.id for kind in changed}
    touched = _touched(changed)
    asked = [
        (phrase, kind)
        for kind in then.recogniser.types
        if kind.id not in own
        for phrase in kind.phrases
        if touched & _content(phrase)
    ]
    phrases = [phrase for phrase, _ in asked]
    differing = [
        one
        for one, before, after in zip(
            asked, _firsts(phrases, now), _firsts(phrases, then), strict=True
        )
        if before != after
    ]
    found = []
    for phrase, kind in differing[:_MOST]:
        before, after = _first(phrase, now), _first(phrase, then)
        if before != after:
            found.append(Shift(phrase, kind.label, before, after))
    return tuple(found)


def _touched(changed: Sequence[ProjectType]) -> frozenset[str]:
    """The words of what differs between the type as it is and as it would be."""
    texts = [{kind.label, *kind.vocabulary, *kind.phrases} for kind in changed]
    differing = texts[0] ^ texts[1] if len(texts) == 2 else texts[0]
    return frozenset(word for text in differing for word in _content(text))


def _content(text: str) -> set[str]:
    return {w for w in words(text) if len(w) > 1 and w not in STOP_WORDS and not w.isdigit()}


def _firsts(phrases: Sequence[str], held: Snapshot) -> Iterable[str]:
    """The type that scores best for each phrase, by its id."""
    known = held.recogniser.types
    for start in range(0, len(phrases), _BLOCK):
        clauses = [_clause(phrase, held) for phrase in phrases[start : start + _BLOCK]]
        for best in held.recogniser.scores(clauses).argmax(axis=1):
            yield known[int(best)].id


def _clause(phrase: str, held: Snapshot) -> Clause:
    said = tuple(w for w in words(phrase) if w in _content(phrase))
    terms = [held.lexicon.term(word) for word in said]
    kept = tuple(term for term in terms if term >= 0)
    return Clause(" ".join(said), kept, said, sum(term < 0 for term in terms))


def _first(phrase: str, held: Snapshot) -> str:
    kinds = understand(Need(phrase), held).types
    return kinds[0].label if kinds else ""
