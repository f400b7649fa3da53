"""What an entry must share with a need to be an answer to it, beyond a good enough score.

Either it resembles a type of project that was recognised, or it holds enough of the need's own
words where an entry says what it is about (title, words of users, summary). A theme in common, a
word of the description or a unit (« HT ») never makes an answer by itself.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from maillage.engine.eligibility import BoolArray
from maillage.engine.index import EntryIndex
from maillage.engine.snapshot import Snapshot
from maillage.engine.understanding import RECOGNISED, ReadNeed

#: Likeness of an entry with a type from which it resembles it (a cosine).
ALIKE: Final = 0.1
#: Below this confidence a type needs one word of the need beside it.
TYPE_ALONE: Final = 0.6
#: Different content words that an entry must hold.
ENOUGH_WORDS: Final = 2
#: Terms of a reading that an entry must hold to hold the reading.
READING_TERMS: Final = 2
#: Words (folded) that are said of any project: they never count, nor are given as a reason.
_EMPTY_LIST: Final = """
    aide aides aider agir ameliorer arriver besoin besoins budget collectivite commune
    communes communal communale communaux communales creer demande demander depense depenses devis
    dossier elu elus euro euros financement financer ht idee mairie mairies maire maires
    montant municipal municipale obtenir plein pleine prix probleme problemes projet projets
    refaire refection renover renovation reparer restaurer souci soucis subvention subventions
    travaux trainent trainer ttc vieille vieilles vieux village villages
"""
#: Names of funds: they count when an entry holds them, but who helps need not hold them.
FUNDS: Final = frozenset(["detr", "dsil", "fctva", "dgf", "dsr", "feder", "leader", "fonds"])
EMPTY_WORDS: Final = frozenset(_EMPTY_LIST.split())


def held_words(read: ReadNeed, core: sparse.csc_matrix) -> tuple[npt.NDArray[np.int32], int]:
    """How many content words of the need each entry holds in ``core`` (entries × terms).

    The second value is how many are needed: two, or one when the need has only one. An expression
    of several words of the thesaurus counts for two; its reading counts as its words do.
    """
    counts = np.zeros(core.shape[0], dtype=np.int32)
    places: dict[str, int] = {}
    terms_of: list[set[int]] = []
    optional: set[str] = set()
    for word in read.words:
        if word.folded in EMPTY_WORDS or word.written.isdigit():
            continue
        key = word.folded if word.term < 0 else str(word.term)
        if word.folded in FUNDS:
            optional.add(key)
        if key not in places:
            places[key] = len(terms_of)
            terms_of.append({word.term} if word.term >= 0 else set())
    if not terms_of:
        return counts, 1
    held = np.zeros((len(terms_of), core.shape[0]), dtype=np.bool_)
    for number, own in enumerate(terms_of):
        for term in own:
            held[number, _holding(core, term)] = True
    for first, last, terms in read.expressions:
        said = {
            places[key]
            for word in read.words[first : last + 1]
            if (key := word.folded if word.term < 0 else str(word.term)) in places
        }
        if said <= {places[key] for key in optional}:
            # A fund is named or it is not: the words of its full name say nothing.
            continue
        found = np.zeros(core.shape[0], dtype=np.int32)
        for term in terms:
            found[_holding(core, term)] += 1
        reads = found >= min(READING_TERMS, max(len(terms), 1))
        for number in said:
            held[number] |= reads
    counts = held.sum(axis=0, dtype=np.int32)
    asked = len(places.keys() - optional)
    return counts, min(ENOUGH_WORDS, max(asked, 1))


def _holding(core: sparse.csc_matrix, term: int) -> npt.NDArray[np.int32]:
    return np.asarray(core.indices[core.indptr[term] : core.indptr[term + 1]], dtype=np.int32)


def alike(
    read: ReadNeed, index: EntryIndex, snapshot: Snapshot, least: float, likeness: float = ALIKE
) -> BoolArray:
    """Entries that resemble (from ``likeness``) a type recognised with at least ``least``."""
    out = np.zeros(index.postings.size, dtype=np.bool_)
    for kind in read.understanding.types:
        number = snapshot.type_number.get(kind.id)
        if number is None or kind.confidence < least:
            continue
        first, last = int(index.types.starts[number]), int(index.types.starts[number + 1])
        near = index.types.weights[first:last] >= likeness
        out[index.types.documents[first:last][near]] = True
    return out


def answers(
    read: ReadNeed,
    index: EntryIndex,
    core: sparse.csc_matrix,
    themes: npt.NDArray[np.floating],
    snapshot: Snapshot,
) -> tuple[BoolArray, BoolArray]:
    """Which entries share enough with the need, and which resemble a recognised type (shapes
    ``(entries,)``); see the module.

    ``themes`` is entries × 16. A theme counts as one word only when the person chose it.
    """
    counts, needed = held_words(read, core)
    if read.chosen_themes:
        counts = counts + (themes @ read.themes > 0)
    resembling = alike(read, index, snapshot, RECOGNISED)
    sure = alike(read, index, snapshot, TYPE_ALONE)
    enough = (counts >= needed) | (resembling & (counts >= 1)) | sure
    return np.asarray(enough, dtype=np.bool_), resembling
