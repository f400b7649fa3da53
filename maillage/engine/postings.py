"""Inverted lists in three flat arrays: for each term, the documents that hold it and the weight.

Everything that is searched (offers, phrases of types, character n-grams) is one of these, so a
question costs the length of the few lists that it touches, not the size of the catalogue.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log, log2
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

IntArray = npt.NDArray[np.int32]
FloatArray = npt.NDArray[np.float64]
Float32Array = npt.NDArray[np.float32]

#: Saturation of BM25.
K1: Final = 1.2
#: The number of documents is rounded up to a power of two, never below this floor, and idf is
#: rounded to quarters: one more document about something else then moves no score at all.
SMALLEST_COLLECTION: Final = 256
IDF_STEP: Final = 4.0


@dataclass(frozen=True, slots=True)
class Postings:
    """``documents[starts[t]:starts[t + 1]]`` hold term ``t``, with ``weights`` beside."""

    starts: npt.NDArray[np.int64]
    documents: IntArray
    weights: Float32Array
    size: int

    def frequency(self, term: int) -> int:
        """How many documents hold a term."""
        return int(self.starts[term + 1] - self.starts[term])

    def widened(self, vocabulary: int) -> "Postings":
        """The same lists, with empty ones for the terms numbered up to ``vocabulary``."""
        extra = max(vocabulary + 1 - len(self.starts), 0)
        starts = np.concatenate([self.starts, np.full(extra, self.starts[-1])])
        return Postings(starts, self.documents, self.weights, self.size)

    def scores(self, terms: Sequence[int], factors: Sequence[float]) -> FloatArray:
        """Sum over ``terms`` of factor × weight, for every document (shape ``(size,)``)."""
        documents, values, _ = self.gather(terms, factors)
        return self.summed(documents, values)

    def summed(self, documents: IntArray, values: FloatArray) -> FloatArray:
        """Sum of the values by document (``bincount`` gives integers when it is given nothing)."""
        sums = np.bincount(documents, values, minlength=self.size)
        return np.asarray(sums, dtype=np.float64)

    def by_term(self, terms: Sequence[int], factors: Sequence[float]) -> FloatArray:
        """What each term adds to each document: shape ``(terms, size)``, for short collections."""
        documents, values, ranks = self.gather(terms, factors)
        where = ranks.astype(np.int64) * self.size + documents
        flat = np.bincount(where, values, minlength=len(terms) * self.size)
        return np.asarray(flat, dtype=np.float64).reshape(len(terms), self.size)

    def gather(
        self, terms: Sequence[int], factors: Sequence[float]
    ) -> tuple[IntArray, FloatArray, IntArray]:
        """The lists of ``terms`` end to end: documents, factor × weight, rank of the term."""
        if not len(terms):
            return np.empty(0, np.int32), np.empty(0, np.float64), np.empty(0, np.int32)
        chosen = np.asarray(terms, dtype=np.int64)
        first, last = self.starts[chosen], self.starts[chosen + 1]
        lengths = last - first
        rank = np.repeat(np.arange(len(chosen), dtype=np.int32), lengths)
        where = np.arange(int(lengths.sum()), dtype=np.int64)
        # Repeating is several times faster than looking up by rank.
        where += np.repeat(first - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
        values = np.repeat(np.asarray(factors, dtype=np.float64), lengths)
        values *= self.weights[where]
        return self.documents[where], values, rank


def idf_of(frequencies: npt.NDArray[np.int64], size: int) -> FloatArray:
    """Inverse document frequency, always positive, rounded as said above."""
    rounded = 2 ** ceil(log2(max(size, SMALLEST_COLLECTION)))
    raw = np.log((rounded + 1.0) / (np.minimum(frequencies, rounded) + 0.5))
    steps = np.maximum(np.round(raw * IDF_STEP), 1.0)
    return np.asarray(steps / IDF_STEP, dtype=np.float64)


def largest_idf(size: int) -> float:
    """The idf of a word that no document holds."""
    rounded = 2 ** ceil(log2(max(size, SMALLEST_COLLECTION)))
    return round(log((rounded + 1.0) / 0.5) * IDF_STEP) / IDF_STEP


@dataclass(frozen=True, slots=True)
class Field:
    """One field of all documents: terms end to end (−1 = not indexed), tokens by document.

    ``usual`` is the length that counts as normal: a constant, not the average of the catalogue,
    so that a score does not depend on the other entries. ``shortening`` is BM25's *b*.
    """

    terms: IntArray
    lengths: IntArray
    weight: float
    usual: float
    shortening: float


def saturated(fields: Sequence[Field], size: int, vocabulary: int) -> sparse.csc_matrix:
    """BM25F before idf: documents × terms, in CSC, values in ]0, K1 + 1[."""
    rows: list[IntArray] = []
    columns: list[IntArray] = []
    values: list[Float32Array] = []
    for field in fields:
        document = np.repeat(np.arange(size, dtype=np.int32), field.lengths)
        kept = field.terms >= 0
        document, terms = document[kept], field.terms[kept]
        length = np.bincount(document, minlength=size)
        factor = field.weight / (1 - field.shortening + field.shortening * length / field.usual)
        rows.append(document)
        columns.append(terms)
        values.append(factor.astype(np.float32)[document])
    matrix = sparse.coo_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
        shape=(size, vocabulary),
        dtype=np.float32,
    ).tocsc()
    matrix.sum_duplicates()
    matrix.data *= (K1 + 1) / (K1 + matrix.data)
    return matrix


def postings_of(matrix: sparse.csc_matrix, idf: FloatArray | None = None) -> Postings:
    """Inverted lists of a documents × terms matrix, each term weighted by ``idf`` if given."""
    starts = matrix.indptr.astype(np.int64)
    weights = matrix.data
    if idf is not None:
        weights = weights * np.repeat(idf, np.diff(starts)).astype(np.float32)
    return Postings(starts, matrix.indices.astype(np.int32), weights, int(matrix.shape[0]))
