"""The weighted-field BM25 index of the catalogue, and how near each entry is to each project type.

Texts are analysed once, in bulk. A question touches only the lists of its own words; which fields
a word was found in is looked up afterwards, for the few entries that are shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from maillage.engine.postings import (
    Field,
    FloatArray,
    Postings,
    idf_of,
    postings_of,
    saturated,
)
from maillage.engine.text import Lexicon, fold, words
from maillage.engine.types import Experience, Offer

#: field: weight, usual length in words, how much a longer one weakens each word.
FIELDS: Final[dict[str, tuple[float, float, float]]] = {
    "title": (3.0, 9.0, 0.3),
    "words": (2.5, 30.0, 0.4),
    "summary": (1.5, 20.0, 0.4),
    "provider": (0.8, 4.0, 0.2),
    "description": (0.5, 70.0, 0.5),
}
#: The fields in which an entry says what it is about.
CORE_FIELDS: Final = ("title", "words", "summary")
#: Types kept by entry, and the likeness below which a type is not kept.
TYPES_BY_ENTRY: Final = 20
LEAST_LIKENESS: Final = 0.04


@dataclass(frozen=True, slots=True)
class EntryTexts:
    """The fields of every entry, each a list of texts in the order of the entries."""

    fields: dict[str, list[str]]
    size: int


def texts_of_offers(offers: Sequence[Offer]) -> EntryTexts:
    """What is searched of the offers."""
    return EntryTexts(
        {
            "title": [o.title for o in offers],
            "words": [" . ".join(o.words) for o in offers],
            "summary": [o.summary for o in offers],
            "provider": [o.provider_name for o in offers],
            "description": [o.description for o in offers],
        },
        len(offers),
    )


def texts_of_experiences(experiences: Sequence[Experience]) -> EntryTexts:
    """What is searched of the experiences."""
    return EntryTexts(
        {
            "title": [e.title for e in experiences],
            "words": [" . ".join(e.words) for e in experiences],
            "summary": [e.summary for e in experiences],
            "provider": [e.territory_name for e in experiences],
        },
        len(experiences),
    )


class ReadTexts:
    """Entries cut into tokens, waiting for the lexicon to be frozen."""

    def __init__(self, texts: EntryTexts, lexicon: Lexicon) -> None:
        """Reads every field of ``texts`` into ``lexicon``."""
        self.size = texts.size
        self.cut = {name: lexicon.read(values) for name, values in texts.fields.items()}

    def matrix(self, lexicon: Lexicon) -> sparse.csc_matrix:
        """Saturated weights, entries × terms."""
        return saturated(
            [
                Field(lexicon.terms_of(tokens), lengths, *FIELDS[name])
                for name, (tokens, lengths) in self.cut.items()
            ],
            self.size,
            len(lexicon),
        )

    def core(self, lexicon: Lexicon) -> sparse.csc_matrix:
        """Which terms each entry holds where it says what it is about (entries × terms)."""
        columns: list[npt.NDArray[np.int32]] = []
        rows: list[npt.NDArray[np.int32]] = []
        for name in CORE_FIELDS:
            tokens, lengths = self.cut[name]
            terms = lexicon.terms_of(tokens)
            entries = np.repeat(np.arange(self.size, dtype=np.int32), lengths)
            columns.append(terms[terms >= 0])
            rows.append(entries[terms >= 0])
        column, row = np.concatenate(columns), np.concatenate(rows)
        held = sparse.coo_matrix(
            (np.ones(len(row), dtype=np.int32), (row, column)), shape=(self.size, len(lexicon))
        )
        return held.tocsc()


@dataclass(frozen=True, slots=True)
class EntryIndex:
    """Inverted lists of the entries (weights include idf), and of the types they resemble.

    ``weighing`` (by term) is what a term keeps of its weight, words said of anything keeping
    less; ``row_*`` are the same lists read by entry, ``norms`` the length of each entry.
    """

    postings: Postings
    idf: FloatArray
    types: Postings
    affinity_scale: FloatArray
    weighing: FloatArray
    row_starts: npt.NDArray[np.int64]
    row_terms: npt.NDArray[np.int32]
    row_weights: npt.NDArray[np.float32]
    norms: FloatArray

    def affinity(self, types: Sequence[int], weights: FloatArray) -> FloatArray:
        """Cosine, over the types, between each entry and a need that speaks of ``types``.

        Likenesses are squared first: an entry is about what it resembles most.
        """
        entries, values, ranks = self.types.gather(types, np.ones(len(types)).tolist())
        values = values**2 * weights[ranks]
        return self.types.summed(entries, values) * self.affinity_scale

    def middle(
        self, entries: Sequence[int], shares: FloatArray, most: int
    ) -> tuple[npt.NDArray[np.int64], FloatArray]:
        """The heaviest terms of the weighted mean of some entries, and their weights."""
        sums = np.zeros(len(self.idf))
        for entry, share in zip(entries, shares.tolist(), strict=True):
            first, last = self.row_starts[entry], self.row_starts[entry + 1]
            sums[self.row_terms[first:last]] += self.row_weights[first:last] * (
                share / self.norms[entry]
            )
        terms = np.flatnonzero(sums)
        terms = terms[np.argsort(-sums[terms], kind="stable")[:most]]
        return terms, sums[terms]


def index_of(
    matrix: sparse.csc_matrix,
    sheets: sparse.csr_matrix,
    spoken_weight: FloatArray,
    weighing: FloatArray,
) -> EntryIndex:
    """Index entries × terms; ``sheets`` is terms × types with columns of unit length.

    ``spoken_weight`` (by term) is how telling a term is among the types; ``weighing`` as in
    :class:`EntryIndex`.
    """
    size = int(matrix.shape[0])
    idf = idf_of(np.diff(matrix.indptr).astype(np.int64), size)
    rows = (matrix @ sparse.diags((idf * weighing).astype(np.float32))).tocsr()
    norms = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1), dtype=np.float64).ravel())
    norms[norms == 0] = 1.0
    types = _likeness(matrix, sheets, spoken_weight)
    squares = types.summed(types.documents, types.weights.astype(np.float64) ** 4)
    return EntryIndex(
        postings_of(matrix, idf),
        idf,
        types,
        1 / np.sqrt(np.where(squares > 0, squares, 1.0)),
        weighing,
        rows.indptr.astype(np.int64),
        rows.indices.astype(np.int32),
        rows.data.astype(np.float32),
        norms,
    )


def _likeness(
    matrix: sparse.csc_matrix, sheets: sparse.csr_matrix, telling: FloatArray
) -> Postings:
    """Cosine of each entry with each type, the best few kept: inverted lists by type."""
    size, kinds = int(matrix.shape[0]), int(sheets.shape[1])
    rows: list[np.ndarray[tuple[int], np.dtype[np.int32]]] = []
    columns: list[np.ndarray[tuple[int], np.dtype[np.int32]]] = []
    values: list[np.ndarray[tuple[int], np.dtype[np.float32]]] = []
    if size and kinds:
        entries = (matrix @ sparse.diags(telling.astype(np.float32))).tocsr()
        norms = np.sqrt(np.asarray(entries.multiply(entries).sum(axis=1)).ravel())
        norms[norms == 0] = 1.0
        dense = np.ascontiguousarray(sheets.toarray(), dtype=np.float32)
        keep = min(TYPES_BY_ENTRY, kinds)
        for start in range(0, size, 2000):
            likeness = np.asarray(entries[start : start + 2000] @ dense)
            likeness /= norms[start : start + 2000, None]
            best = np.argpartition(-likeness, keep - 1, axis=1)[:, :keep]
            kept = np.take_along_axis(likeness, best, axis=1)
            row, column = np.nonzero(kept > LEAST_LIKENESS)
            rows.append((row + start).astype(np.int32))
            columns.append(best[row, column].astype(np.int32))
            values.append(kept[row, column].astype(np.float32))
    joined = (
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
        if rows
        else ([], ([], []))
    )
    return postings_of(sparse.coo_matrix(joined, shape=(size, kinds), dtype=np.float32).tocsc())


def fields_of(offer: Offer, stem: str, lexicon: Lexicon) -> tuple[str, ...]:
    """The fields of an offer in which a stem is found, in the order of ``FIELDS``."""
    texts = texts_of_offers([offer]).fields
    return tuple(
        name for name in FIELDS if any(lexicon.stem(w) == stem for w in words(fold(texts[name][0])))
    )
