"""Character n-grams: « assainisement » still looks like « assainissement »."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from scipy import sparse

from maillage.engine.postings import FloatArray, Postings, idf_of, postings_of

SHORTEST: Final = 3
LONGEST: Final = 5
#: Letters of a word beyond this one are not read.
LONGEST_WORD: Final = 40


def grams(word: str) -> list[str]:
    """The distinct 3- to 5-grams of a folded word between two spaces.

    >>> grams("cafe")[:4]
    [' ca', 'caf', 'afe', 'fe ']
    """
    padded = f" {word} "
    return list(
        dict.fromkeys(
            padded[i : i + n]
            for n in range(SHORTEST, LONGEST + 1)
            for i in range(len(padded) - n + 1)
        )
    )


class GramIndex:
    """Cosine of tf-idf over character n-grams, between a need and short documents."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        """``documents`` are lists of folded words, stop words already left out."""
        self._number: dict[str, int] = {}
        self._of_word: dict[str, list[int]] = {}
        rows: list[int] = []
        columns: list[int] = []
        for row, document in enumerate(documents):
            for word in document:
                known = self._of_word.get(word)
                if known is None:
                    known = self._of_word[word] = [
                        self._number.setdefault(g, len(self._number)) for g in grams(word)
                    ]
                columns.extend(known)
                rows.extend([row] * len(known))
        size = len(documents)
        matrix = sparse.coo_matrix(
            (np.ones(len(rows), np.float32), (rows, columns)), shape=(size, len(self._number))
        ).tocsc()
        matrix.sum_duplicates()
        matrix.data = np.sqrt(matrix.data)
        self._idf = idf_of(np.diff(matrix.indptr).astype(np.int64), size)
        self._rarest = float(self._idf.max()) if len(self._idf) else 1.0
        weighted = matrix @ sparse.diags(self._idf.astype(np.float32))
        norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
        norms[norms == 0] = 1.0
        self._postings: Postings = postings_of(
            (sparse.diags((1 / norms).astype(np.float32)) @ weighted).tocsc()
        )

    def by_word(self, folded_words: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        """What each word adds to the likeness with each document, and its squared norm.

        Shapes ``(words, documents)`` and ``(words,)``: the likeness of any group of words is the
        sum of its lines over the root of the sum of its norms, so a text and its clauses cost one
        reading. Unknown grams count in the norm: they are like nothing.
        """
        chosen: list[int] = []
        owners: list[int] = []
        unknown = np.zeros(len(folded_words))
        for place, word in enumerate(folded_words):
            known = self._of_word.get(word)
            if known is None:
                all_grams = grams(word[:LONGEST_WORD])
                known = [self._number[g] for g in all_grams if g in self._number]
                unknown[place] = len(all_grams) - len(known)
            chosen.extend(known)
            owners.extend([place] * len(known))
        size = self._postings.size
        norms = unknown * self._rarest**2
        if not chosen:
            return np.zeros((len(folded_words), size)), norms
        weights = self._idf[chosen]
        owner = np.asarray(owners, dtype=np.int64)
        norms += np.bincount(owner, weights**2, minlength=len(folded_words))
        documents, values, ranks = self._postings.gather(chosen, weights.tolist())
        flat = np.bincount(
            owner[ranks] * size + documents, values, minlength=len(folded_words) * size
        )
        table = np.asarray(flat, dtype=np.float64).reshape(len(folded_words), size)
        return table, norms

    def similarities(self, folded_words: Iterable[str]) -> FloatArray:
        """Cosine of a group of words with every document, in [0, 1]."""
        added, norms = self.by_word(list(dict.fromkeys(folded_words)))
        total = float(norms.sum())
        return added.sum(axis=0) / np.sqrt(total) if total else np.zeros(self._postings.size)
