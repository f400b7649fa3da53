"""How much each entry of the catalogue speaks of a need, all entries at once.

Four looks, each in [0, 1], summed: the need's own words (and thesaurus readings) by BM25, the
vocabulary of the recognised types by BM25, the likeness of the entry with these types, and the
themes in common.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from maillage.engine.eligibility import covering
from maillage.engine.index import EntryIndex
from maillage.engine.postings import K1, FloatArray, IntArray
from maillage.engine.snapshot import Snapshot
from maillage.engine.types import Need, Territory
from maillage.engine.understanding import ReadNeed, read_need

#: What each look counts: own words, vocabulary of types, likeness with types, themes, stage.
WORDS, VOCABULARY, LIKENESS, THEMES_SHARED, STAGE = 0.38, 0.18, 0.14, 0.27, 0.03
#: Below these values a look is not stretched up to 1: an absolute floor for each.
FLOORS: Final = (0.35, 0.03, 0.08)
#: What a term read by the thesaurus counts beside a term said.
READ_TERM: Final = 0.9
#: Words beyond this number (rarest kept) do not weigh.
MOST_TERMS: Final = 40
#: What pointing the same way among the types counts, and the cosine below which it is weak.
AFFINITY: Final = 0.2
AFFINITY_FLOOR: Final = 0.3
#: The more one entry holds the very words of the need, and the less its subject is recognised,
#: the more its own words count: share at best, coverage from which it starts, weight of sureness.
TRUST: Final = 0.8
TRUST_FROM: Final = 0.2
SURENESS: Final = 0.7
#: What the middle of the best entries counts in the end: entries alike rise together.
FEEDBACK: Final = 0.22
FEEDBACK_ENTRIES: Final = 5
FEEDBACK_TERMS: Final = 80
#: Share of the best score below which an entry does not speak for the subject.
FEEDBACK_SHARE: Final = 0.5
#: Below this score the best entry says nothing of what the need is about.
FEEDBACK_FROM: Final = 0.25
FEEDBACK_FLOOR: Final = 0.25


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of all entries, and what explains them."""

    total: FloatArray
    words: FloatArray
    likeness: FloatArray
    #: The lists gathered for the need's own and read terms: entry, rank in ``terms``, value.
    entries: IntArray
    ranks: IntArray
    values: FloatArray
    terms: tuple[int, ...]


def score_entries(
    read: ReadNeed, index: EntryIndex, themes: npt.NDArray[np.floating], snapshot: Snapshot,
    phases: npt.NDArray[np.int32] | None = None, phase_bit: int = 0,
) -> Scores:  # fmt: skip
    """Score every entry of ``index``; ``themes`` is entries × 16, lines of unit length."""
    size = index.postings.size
    weights: dict[int, float] = {}
    for word in read.words:
        if word.term >= 0:
            weights[word.term] = 1.0
    for term, weight in read.read_terms.items():
        weights[term] = max(weights.get(term, 0.0), READ_TERM * weight)
    terms = list(weights)
    factors = np.fromiter(weights.values(), np.float64, len(weights)) * index.weighing[terms]
    importance = factors * index.idf[terms]
    if len(terms) > MOST_TERMS:
        kept = np.sort(np.argsort(-importance, kind="stable")[:MOST_TERMS])
        terms = [terms[i] for i in kept]
        factors, importance = factors[kept], importance[kept]
    entries, values, ranks = index.postings.gather(terms, factors.tolist())
    words = index.postings.summed(entries, values)
    attainable = float(importance.sum()) * (K1 + 1) * 0.8
    words /= max(attainable, 6.0)

    vocabulary = _vocabulary(read.types, index, snapshot)
    likeness = np.zeros(size)
    share = np.zeros(0)
    if read.types:
        numbers = [n for n, _ in read.types]
        share = np.asarray([w for _, w in read.types])
        likeness = index.types.scores(numbers, (share / max(share.sum(), 1.0)).tolist())
    bearing = index.affinity([n for n, _ in read.bearing], np.asarray([w for _, w in read.bearing]))
    norm = float(np.linalg.norm(read.themes))
    shared = (themes @ (read.themes / norm).astype(np.float32)) if norm else np.zeros(size)

    own = _stretched(words, FLOORS[0])
    total = WORDS * own
    total += VOCABULARY * _stretched(vocabulary, FLOORS[1])
    total += LIKENESS * _stretched(likeness, FLOORS[2])
    related = total > 0.02
    total += THEMES_SHARED * np.where(related, shared, 0.3 * shared)
    if AFFINITY:
        total = (1 - AFFINITY) * total + AFFINITY * _stretched(bearing, AFFINITY_FLOOR)
    trust = _trust(words, read)
    total = (1 - trust) * total + trust * own
    total = (1 - FEEDBACK) * total + FEEDBACK * _feedback(total, index)
    if phases is not None and phase_bit:
        total += STAGE * ((phases & phase_bit) != 0) * related
    return Scores(np.round(total, 9), words, likeness, entries, ranks, values, tuple(terms))


def _trust(words: FloatArray, read: ReadNeed) -> float:
    """What the words themselves count beside what was recognised, in [0, TRUST]."""
    known = sum(w.term >= 0 for w in read.words) / max(len(read.words), 1)
    covered = known * float(words.max()) if len(words) else 0.0
    share = min(max((covered - TRUST_FROM) / (1 - TRUST_FROM), 0.0), 1.0)
    return TRUST * share * (1 - SURENESS * read.sureness)


def _feedback(total: FloatArray, index: EntryIndex) -> FloatArray:
    """How alike each entry is to the best ones, in [0, 1]: what they share is the subject."""
    if not len(total) or float(total.max()) < FEEDBACK_FROM:
        return np.zeros(len(total))
    best = best_first(total, total >= FEEDBACK_SHARE * total.max(), FEEDBACK_ENTRIES)
    shares = total[best] ** 2
    terms, weights = index.middle(best, shares / shares.sum(), FEEDBACK_TERMS)
    factors = weights * index.weighing[terms]
    alike = index.postings.scores(terms.tolist(), factors.tolist()) / index.norms
    return _stretched(alike, FEEDBACK_FLOOR)


def _vocabulary(
    types: Sequence[tuple[int, float]], index: EntryIndex, snapshot: Snapshot
) -> FloatArray:
    if not types:
        return np.zeros(index.postings.size)
    total = sum(w for _, w in types)
    weights = np.zeros(len(snapshot.lexicon))
    for number, weight in types:
        expansion = snapshot.expansions[number]
        weights[expansion.terms] += expansion.weights * (weight / total)
    terms = np.flatnonzero(weights)
    kept = terms[np.argsort(-weights[terms], kind="stable")[:90]]
    best = 8.0 * (K1 + 1)
    return index.postings.scores(kept.tolist(), (weights[kept] / best).tolist())


def _stretched(values: FloatArray, floor: float) -> FloatArray:
    top = float(values.max()) if len(values) else 0.0
    return values / max(top, floor)


def relevance(
    need: Need, snapshot: Snapshot, limit: int = 10, territory: Territory | None = None
) -> list[tuple[str, float]]:
    """Ids and scores in the order of pure relevance, without rings (for measures and lists).

    With a territory, only the offers that cover it. Ties are broken by id.
    """
    read = read_need(need, snapshot, general=True)
    scores = score_entries(read, snapshot.index, snapshot.facts.themes, snapshot).total
    inside = scores > 0
    if territory is not None:
        inside &= covering(snapshot.facts, territory)
    return [(snapshot.offers[i].id, float(scores[i])) for i in best_first(scores, inside, limit)]


def best_first(scores: FloatArray, kept: npt.NDArray[np.bool_], limit: int) -> list[int]:
    """Numbers of the best entries among ``kept``, ties by number (offers are in order of id)."""
    numbers = np.flatnonzero(kept)
    if len(numbers) > 4 * limit:
        # Only what reaches the score of the last one kept needs sorting; ties all included.
        cut = np.partition(scores[numbers], len(numbers) - limit)[len(numbers) - limit]
        numbers = numbers[scores[numbers] >= cut]
    order = np.lexsort((numbers, -scores[numbers]))[:limit]
    return [int(n) for n in numbers[order]]


def search(query: str, snapshot: Snapshot, limit: int | None = None) -> list[tuple[str, float]]:
    """Text search of the catalogue page: ids and scores. A blank query gives all, by id.

    A query of which no word is known finds nothing: here nobody asks to be helped with anything.
    """
    if not query.strip():
        return [(o.id, 0.0) for o in snapshot.offers[:limit]]
    if not any(word.term >= 0 for word in read_need(Need(query), snapshot).words):
        return []
    return relevance(Need(query), snapshot, limit or max(len(snapshot.offers), 1))
