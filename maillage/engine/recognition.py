"""Which kinds of project a text speaks of, by comparison with the ways in which people say them.

Four looks at each type: the share of the weight of the need's words that one of its phrases covers
(BM25 by phrase), the same over its whole sheet (label, vocabulary, all phrases), the likeness by
character n-grams, and, when word vectors are installed, a linear reading of the sentence vector
learnt from all phrases.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from maillage.engine.ngrams import GramIndex
from maillage.engine.postings import (
    Field,
    Float32Array,
    FloatArray,
    IntArray,
    Postings,
    idf_of,
    largest_idf,
    postings_of,
    saturated,
)
from maillage.engine.text import STOP_WORDS, Lexicon, words
from maillage.engine.types import ProjectType
from maillage.engine.vectors import WordVectors

LongArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

#: What each look counts: phrases, sheet, n-grams, reading of the vector.
LOOKS: Final = (0.15, 0.25, 0.60, 0.0)
LOOKS_WITH_VECTORS: Final = (0.10, 0.10, 0.40, 0.40)
#: Types of a clause that get a confidence; kin of a type, and how alike kin must be (cosine).
CONSIDERED: Final = 10
KIN: Final = 5
LEAST_KINSHIP: Final = 0.12
#: Saturated weight of a word in the sheet of a type, at best.
SHEET_SCALE: Final = 2.2
#: Ridge of the learnt reading, and what brings its values to the scale of the others.
RIDGE: Final = 5.0
READING_SCALE: Final = 2.0
#: logit(confidence) = bias + slope × score + margin × (score − best other score)
CALIBRATION: Final = (-1.6, 4.3, 12.7)
CALIBRATION_WITH_VECTORS: Final = (-1.6, 5.2, 14.7)


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of a need, ready for comparison: its terms and folded words (without stop words).

    ``unknown`` counts the content words that no text of the knowledge holds.
    """

    text: str
    terms: tuple[int, ...]
    words: tuple[str, ...]
    unknown: int = 0


class TypeRecogniser:
    """The project types of a catalogue, indexed; built once, then read only."""

    def __init__(self, types: Sequence[ProjectType], lexicon: Lexicon,
                 vectors: WordVectors | None = None) -> None:  # fmt: skip
        """``lexicon`` must have read nothing from elsewhere that it cannot read again here."""
        self.types = tuple(types)
        self.vectors = vectors
        phrases = [p for t in types for p in (t.label, *t.phrases)]
        sheets = [" . ".join((t.label, *t.vocabulary)) for t in types]
        said, said_lengths = lexicon.read(phrases)
        written, written_lengths = lexicon.read(sheets)
        lexicon.freeze()
        self._counts = np.array([1 + len(t.phrases) for t in types], dtype=np.int64)
        self._width = int(self._counts.max()) if len(types) else 1
        size = len(types) * self._width
        # Phrases are laid out in a rectangle types × width, so that a type's best are one sort.
        place = np.concatenate(
            [np.arange(c) + i * self._width for i, c in enumerate(self._counts)]
        ).astype(np.int64) if len(types) else np.empty(0, np.int64)  # fmt: skip
        lengths = np.zeros(size, dtype=np.int32)
        lengths[place] = said_lengths
        vocabulary = len(lexicon)
        said_terms = lexicon.terms_of(said)
        matrix = saturated([Field(said_terms, lengths, 1.0, 9.0, 0.35)], size, vocabulary)
        frequency = np.diff(matrix.indptr).astype(np.int64)
        #: idf of a term in what people say: it tells "voudrait" from "assainissement".
        self.spoken_idf: FloatArray = idf_of(frequency, len(phrases))
        self.unknown_idf = largest_idf(len(phrases))
        self._phrases: Postings = postings_of(matrix, self.spoken_idf)
        sheet = saturated(
            [Field(lexicon.terms_of(written), written_lengths, 1.6, 30.0, 0.4),
             Field(said_terms, _sums(said_lengths, self._counts), 0.35, 120.0, 0.4)],
            len(types), vocabulary,
        )  # fmt: skip
        #: Types × terms: label and vocabulary (``written``), and phrases with them (``sheet``).
        self.sheet: sparse.csc_matrix = sheet
        self.sheet_rows: sparse.csr_matrix = sheet.tocsr()
        self.written: sparse.csc_matrix = saturated(
            [Field(lexicon.terms_of(written), written_lengths, 1.6, 30.0, 0.4)],
            len(types), vocabulary,
        )  # fmt: skip
        self.sheet_idf: FloatArray = idf_of(np.diff(sheet.indptr).astype(np.int64), len(types))
        self._sheets: Postings = postings_of(sheet, self.sheet_idf)
        self._grams = GramIndex(
            [
                [w for x in (t.label, t.label, *t.phrases, *t.vocabulary) for w in _content(x)]
                for t in types
            ]
        )
        self._akin = _akin(self.unit_sheets())
        self._accents: dict[str, str] = {}
        self._weights: dict[str, float] = {}
        self._reading: Float32Array = np.zeros((0, 0), dtype=np.float32)
        if vectors is not None and types:
            self._learn_vectors(vectors, phrases, lexicon)

    def _learn_vectors(self, vectors: WordVectors, phrases: list[str], lexicon: Lexicon) -> None:
        knowledge = [*phrases, *(x for t in self.types for x in t.vocabulary)]
        for phrase in knowledge:
            for word in phrase.lower().replace("’", "'").replace("'", " ").split():
                for folded in words(word):
                    if folded not in self._weights:
                        term = lexicon.term(folded)
                        self._weights[folded] = float(self.spoken_idf[term]) if term >= 0 else 0.0
                    if word != folded and folded not in self._accents:
                        stripped = word.strip('.,;:!?()«»"…')
                        if words(stripped) == [folded]:
                            self._accents[folded] = stripped
        owners = np.repeat(np.arange(len(self.types)), self._counts).tolist()
        owners += [number for number, t in enumerate(self.types) for _ in t.vocabulary]
        self._learn_reading(
            np.stack([vectors.sentence(x, self._weights, self.unknown_idf) for x in knowledge]),
            np.asarray(owners),
        )

    def _learn_reading(self, sentences: Float32Array, owner: LongArray) -> None:
        """Ridge regression from sentence vectors to types, over phrases and vocabulary."""
        table = np.hstack([sentences.astype(np.float64), np.ones((len(sentences), 1))])
        wanted = sparse.csr_matrix(
            (np.ones(len(owner)), (np.arange(len(owner)), owner)),
            shape=(len(owner), len(self.types)),
        )
        gram = table.T @ table + RIDGE * np.eye(table.shape[1])
        solved = np.linalg.solve(gram, np.asarray((wanted.T @ table).T))
        self._reading = solved.astype(np.float32)

    def widen(self, vocabulary: int) -> None:
        """Take account of the terms that the catalogue added to the lexicon: no type has them."""
        extra = vocabulary - len(self.spoken_idf)
        if extra > 0:
            self.spoken_idf = np.concatenate([self.spoken_idf, np.full(extra, self.unknown_idf)])
            top = largest_idf(len(self.types))
            self.sheet_idf = np.concatenate([self.sheet_idf, np.full(extra, top)])
            for matrix in (self.sheet, self.written):
                matrix.resize((len(self.types), vocabulary))
            self._phrases = self._phrases.widened(vocabulary)
            self._sheets = self._sheets.widened(vocabulary)

    def telling(self) -> FloatArray:
        """How telling each term is among the types: its idf; next to nothing for unseen ones."""
        seen = np.diff(self.sheet.indptr) > 0
        return np.where(seen, self.sheet_idf, 0.5)

    def unit_sheets(self) -> sparse.csr_matrix:
        """Terms × types, weighted by idf, columns of unit length."""
        weighted = self.sheet @ sparse.diags(self.sheet_idf)
        norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
        norms[norms == 0] = 1.0
        return (sparse.diags(1 / norms) @ weighted).T.tocsr().astype(np.float32)

    def looks(self, clauses: Sequence[Clause]) -> FloatArray:
        """The looks of every clause at every type: ``(clauses, looks, types)``, as in ``LOOKS``."""
        out = np.zeros((len(clauses), len(LOOKS), len(self.types)))
        if not self.types or not clauses:
            return out
        terms = list(dict.fromkeys(t for c in clauses for t in c.terms))
        said = list(dict.fromkeys(w for c in clauses for w in c.words))
        term_place = {t: i for i, t in enumerate(terms)}
        word_place = {w: i for i, w in enumerate(said)}
        spoken = self.spoken_idf[terms]
        # A word is worth, in a sheet, no more than it is worth in speech.
        written = np.minimum(self.sheet_idf[terms], spoken)
        sheet = self._sheets.by_term(
            terms, (written / np.maximum(self.sheet_idf[terms], 1e-9)).tolist()
        )
        phrases = self._phrases.by_term(terms, [1.0] * len(terms))
        grams, norms = self._grams.by_word(said)
        for number, clause in enumerate(clauses):
            places = list(dict.fromkeys(term_place[t] for t in clause.terms))
            doubt = 0.5 * clause.unknown * self.unknown_idf
            if places:
                phrase = phrases[places].sum(axis=0).reshape(len(self.types), self._width)
                nearest = phrase.max(axis=1)
                out[number, 0] = nearest / max(float(spoken[places].sum()) + doubt, 8.0)
                best = max(float(written[places].sum()) + doubt, 4.0)
                out[number, 1] = sheet[places].sum(axis=0) / (SHEET_SCALE * best)
            places = list(dict.fromkeys(word_place[w] for w in clause.words))
            norm = float(norms[places].sum())
            if norm:
                out[number, 2] = grams[places].sum(axis=0) / norm**0.5
            if self.vectors is not None:
                out[number, 3] = self._read_vector(clause, self.vectors)
        return out

    def _read_vector(self, clause: Clause, vectors: WordVectors) -> FloatArray:
        need = vectors.sentence(clause.text, self._weights, self.unknown_idf, self._accents)
        if not need.any():
            return np.zeros(len(self.types))
        reading = need @ self._reading[:-1] + self._reading[-1]
        return np.asarray(np.maximum(reading * READING_SCALE, 0.0), dtype=np.float64)

    def scores(self, clauses: Sequence[Clause]) -> FloatArray:
        """One score by clause and type, in [0, 1]: shape ``(clauses, types)``."""
        weights = LOOKS if self.vectors is None else LOOKS_WITH_VECTORS
        return np.asarray(np.einsum("l,clt->ct", np.asarray(weights), self.looks(clauses)))

    def words_of(self, number: int, said: Sequence[tuple[str, int]]) -> tuple[str, ...]:
        """Words of the need (as written) that the type's texts hold, most telling first, six."""
        first, last = self.sheet_rows.indptr[number], self.sheet_rows.indptr[number + 1]
        held = set(self.sheet_rows.indices[first:last].tolist())
        found: dict[int, str] = {}
        for written, term in said:
            if term in held:
                found.setdefault(term, written.lower())
        order = sorted(found, key=lambda t: -float(self.spoken_idf[t]))[:6]
        return tuple(found[t] for t in found if t in order)

    def confidences(self, scores: FloatArray) -> FloatArray:
        """Calibrated confidence, in [0, 1], from scores by clause and type (same shape).

        Only the best types of each clause get one. A type is compared with the best of those that
        are not akin to it: « réparer un pont » and « surveiller les ponts » are not rivals.
        """
        out = np.zeros_like(scores)
        if not scores.size:
            return out
        bias, slope, margin = CALIBRATION if self.vectors is None else CALIBRATION_WITH_VECTORS
        for line, best in enumerate(np.argsort(-scores, axis=1, kind="stable")[:, :CONSIDERED]):
            own = scores[line, best]
            rivals = np.where(self._akin[best], 0.0, scores[line]).max(axis=1)
            logit = bias + slope * own + margin * (own - rivals)
            out[line, best] = np.where(own > 0, 1 / (1 + np.exp(-logit)), 0.0)
        return out


def _akin(sheets: sparse.csr_matrix) -> BoolArray:
    """Types × types: the type itself, and the few that share most of its vocabulary."""
    likeness = np.asarray((sheets.T @ sheets).toarray())
    count = len(likeness)
    if not count:
        return np.zeros((0, 0), dtype=np.bool_)
    near = np.argsort(-likeness, axis=1, kind="stable")[:, : KIN + 1]
    akin = np.zeros((count, count), dtype=np.bool_)
    np.put_along_axis(akin, near, True, axis=1)
    akin &= likeness >= LEAST_KINSHIP
    akin |= akin.T
    np.fill_diagonal(akin, True)
    return akin


def _content(text: str) -> list[str]:
    return [w for w in words(text) if len(w) > 1 and w not in STOP_WORDS and not w.isdigit()]


def _sums(lengths: IntArray, counts: LongArray) -> IntArray:
    ends = np.cumsum(counts)
    total = np.concatenate(([0], np.cumsum(lengths)))
    sums: LongArray = total[ends] - total[ends - counts]
    return sums.astype(np.int32)
