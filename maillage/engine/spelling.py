"""Spelling: an unknown word is read as the close known one, and it is said.

Never touched: known words (even by their stem), short words, names (a capital inside a sentence),
conjugated verbs that the lexicon happens not to hold.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from maillage.engine.text import STOP_WORDS, Lexicon

#: Shorter words are taken for others too easily (« sucre », « sûre »); only a glued article is
#: taken off them (« leau »).
SHORTEST_CORRECTED: Final = 6
SHORTEST_UNGLUED: Final = 5
SHORTEST_KNOWN: Final = 4
#: From this length two faults are forgiven instead of one.
TWO_FAULTS_FROM: Final = 9
_ELIDED: Final = ("l", "d", "qu", "j", "n", "s", "m", "c", "jusqu")
#: Endings of conjugated verbs: « aimerait » is not a misspelt « aimerais ».
_VERBAL: Final = ("rait", "rais", "raient", "rions", "riez", "erons", "irons", "aient", "asse",
                  "issent", "ssons", "ssez", "erez", "irez", "eront", "iront", "antes")  # fmt: skip


class Speller:
    """Words known of the lexicon, by first letter and length."""

    def __init__(self, lexicon: Lexicon, tokens: Iterable[str]) -> None:
        """``tokens`` are the folded words that a correction may give."""
        self._lexicon = lexicon
        self._shelves: dict[tuple[str, int], list[str]] = defaultdict(list)
        for token in sorted(set(tokens)):
            if len(token) >= SHORTEST_KNOWN and token.isalpha() and token not in STOP_WORDS:
                self._shelves[token[0], len(token)].append(token)

    def correct(self, written: str, folded: str, starts_sentence: bool) -> str | None:
        """The known folded word that was probably meant, or ``None``.

        ``written`` is the word as typed, ``folded`` the same folded.
        """
        length = len(folded)
        if length < SHORTEST_UNGLUED or length > 30 or not folded.isalpha():
            return None
        if written[:1].isupper() and not written.isupper() and not starts_sentence:
            return None
        if folded in self._lexicon or folded in STOP_WORDS or self._lexicon.term(folded) >= 0:
            return None
        glued = self._unglued(folded)
        if glued is not None:
            return glued
        if length < SHORTEST_CORRECTED or folded.endswith(_VERBAL):
            return None
        allowed = 2 if length >= TWO_FAULTS_FROM else 1
        shelf = [w for n in range(length - allowed, length + allowed + 1)
                 for w in self._shelves.get((folded[0], n), ())]  # fmt: skip
        found = process.extract(folded, shelf, scorer=OSA.distance, score_cutoff=allowed, limit=12)
        if not found:
            return None
        # The nearest; among equals the one that shares most of its beginning, then alphabetical.
        word = min(found, key=lambda f: (f[1], -_shared(folded, f[0]), f[0]))[0]
        # One inside the other is another form of the word (« longueur », « longue »), not a fault.
        return None if folded.startswith(word) or word.startswith(folded) else word

    def _unglued(self, folded: str) -> str | None:
        for prefix in _ELIDED:
            rest = folded[len(prefix) :]
            if (
                folded.startswith(prefix)
                and len(rest) >= SHORTEST_KNOWN
                and rest[0] in "aeiouyh"
                and rest in self._lexicon
                and self._lexicon.term(rest) >= 0
            ):
                return rest
        return None


def _shared(one: str, other: str) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
