"""The thesaurus: colloquial expressions of a need, read as administrative words."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from maillage.engine.text import STOP_WORDS, Lexicon, fold, words
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
    #: Small words without which the expression says nothing (« *plus de* médecin »).
    needed: frozenset[str]


#: Small words that an expression can do without.
_ARTICLES: Final = frozenset(["l", "d", "le", "la", "les", "un", "une", "de", "du", "des", "a",
                              "au", "aux", "on", "se", "s", "en"])  # fmt: skip


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
                needed = _needed(entry.expression) if len(key) == 1 else frozenset()
                line = _Line(key, tuple(word for word, _ in said), entry, terms, needed)
                self._by_first.setdefault(key[0], []).append(line)
        for lines in self._by_first.values():
            lines.sort(key=lambda line: -len(line.key))

    def read(self, terms: Sequence[int], written: Sequence[str],
             around: Callable[[int], frozenset[str]]) -> list[FoundExpression]:  # fmt: skip
        """Expressions in a sequence of terms (stop words left out), left to right.

        ``written`` are the words as typed: an accent that is typed is believed, so « fermé » is
        not read as « ferme »; a missing accent says nothing. ``around`` gives the folded words,
        small ones included, that stand around a place.
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
                    and all(map(_same_word, written[at:end], line.words))
                    and (not line.needed or line.needed <= around(at))
                ):
                    found.append(FoundExpression(at, end - 1, line.entry, line.terms))
                    step = len(line.key)
                    break
            at += step
        return found


def _needed(expression: str) -> frozenset[str]:
    """The small words of an expression of which only one content word is left."""
    return frozenset(w for w in words(expression) if w in STOP_WORDS and w not in _ARTICLES)


def _content(expression: str, lexicon: Lexicon) -> list[tuple[str, int]]:
    """Content words of an expression, as written, with their terms."""
    pairs = [(w, lexicon.term(fold(w))) for w in _WORD.findall(expression.lower())]
    return [(word, term) for word, term in pairs if term >= 0]


#: What may follow the common beginning of two forms of one word (« chauffer », « chauffe »).
_ENDING_LIST: Final = """
    e s x es er ee ees r ent ez ons ait ais aient ant ants al aux ale ales l ux if ive ifs ives
    eur euse eurs euses i is it ir issent ie ies ise ises le les ne nes nt se re
"""
_ENDINGS: Final = frozenset(_ENDING_LIST.split()) | {""}
#: The same for words so short that their stem says little (« MAM » is not « mamies »).
_SHORT_ENDINGS: Final = frozenset(["", "s", "x", "e", "es"])
_SHORT_WORD: Final = 4
#: Things whose name is near that of people (« retraités », « réfugiés »).
_NOT_PEOPLE: Final = frozenset(["retraite", "refuge"])
#: And for acronyms (« CAF » is not « café »).
_ACRONYM_ENDINGS: Final = frozenset(["", "s", "x"])
_ACRONYM: Final = 3
_NOUNS_IN_ANT: Final = ("ant", "ants")


def _same_word(written: str, known: str) -> bool:
    """Whether two words of one stem are forms of one word, accents typed being believed.

    >>> _same_word("fermé", "ferme"), _same_word("ferme", "fermé"), _same_word("gelés", "gèle")
    (False, True, False)
    >>> _same_word("devant", "devanture"), _same_word("chauffe", "chauffer")
    (False, True)
    >>> _same_word("mamies", "MAM"), _same_word("cafés", "café")
    (False, True)
    >>> _same_word("café", "caf"), _same_word("eaux", "eau")
    (False, True)
    >>> _same_word("retraite", "retraités"), _same_word("restaurer", "restaurant")
    (False, False)
    """
    written = written.lower()
    one, other = fold(written), fold(known)
    # A noun is not the people named after it, nor a verb what its participle names.
    if known.endswith("és") and written in _NOT_PEOPLE:
        return False
    if one.endswith(_NOUNS_IN_ANT) != other.endswith(_NOUNS_IN_ANT):
        return False
    common = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        common += 1
    shortest = min(len(one), len(other))
    endings = _SHORT_ENDINGS if shortest <= _SHORT_WORD else _ENDINGS
    if shortest <= _ACRONYM:
        endings = _ACRONYM_ENDINGS
    if one[common:] not in endings or other[common:] not in endings:
        return False
    return written.isascii() or written[:common] == known[:common]
