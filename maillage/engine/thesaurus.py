"""The thesaurus: colloquial expressions of a need, read as administrative words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from maillage.engine.text import Lexicon, fold
from maillage.engine.types import ThesaurusEntry

_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class FoundExpression:
    """An expression found: the places (first, last included) it covers, and what it reads as."""

    first: int
    last: int
    entry: ThesaurusEntry
    terms: tuple[int, ...]


class _Line(NamedTuple):
    key: tuple[int, ...]
    words: tuple[str, ...]
    entry: ThesaurusEntry
    terms: tuple[int, ...]


class Thesaurus:
    """Expressions by their first stem; the longest wins, and places are read once."""

    def __init__(self, entries: Sequence[ThesaurusEntry], lexicon: Lexicon) -> None:
        """``lexicon`` must have read the texts of the entries already."""
        self._by_first: dict[int, list[_Line]] = {}
        for entry in sorted(entries, key=lambda e: e.expression):
            said = _content(entry.expression, lexicon)
            if said:
                key = tuple(term for _, term in said)
                terms = tuple(dict.fromkeys(t for x in entry.terms for t in lexicon.terms(x)))
                line = _Line(key, tuple(word for word, _ in said), entry, terms)
                self._by_first.setdefault(key[0], []).append(line)
        for lines in self._by_first.values():
            lines.sort(key=lambda line: -len(line.key))

    def read(self, terms: Sequence[int], written: Sequence[str]) -> list[FoundExpression]:
        """Expressions in a sequence of terms (stop words left out), left to right.

        ``written`` are the words as typed: an accent that is typed is believed, so « fermé » is
        not read as « ferme »; a missing accent says nothing.
        """
        found: list[FoundExpression] = []
        at, count = 0, len(terms)
        while at < count:
            step = 1
            for line in self._by_first.get(terms[at], ()):
                end = at + len(line.key)
                if (
                    end <= count
                    and tuple(terms[at:end]) == line.key
                    and all(map(_accents_agree, written[at:end], line.words))
                ):
                    found.append(FoundExpression(at, end - 1, line.entry, line.terms))
                    step = len(line.key)
                    break
            at += step
        return found


def _content(expression: str, lexicon: Lexicon) -> list[tuple[str, int]]:
    """Content words of an expression, as written, with their terms."""
    pairs = [(w, lexicon.term(fold(w))) for w in _WORD.findall(expression.lower())]
    return [(word, term) for word, term in pairs if term >= 0]


def _accents_agree(written: str, known: str) -> bool:
    """Whether the accents typed are those of the known word, as far as both go.

    >>> _accents_agree("fermé", "ferme"), _accents_agree("ferme", "fermé")
    (False, True)
    >>> _accents_agree("rénovés", "rénovation")
    True
    """
    if written.isascii():
        return True
    for one, other in zip(written.lower(), known, strict=False):
        if one != other:
            return one.isascii() or fold(one) != fold(other)
    return True
