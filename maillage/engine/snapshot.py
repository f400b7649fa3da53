"""The catalogue made ready to answer: immutable, held by each process, rebuilt when it changes."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from maillage.engine.eligibility import Facts, facts_of
from maillage.engine.index import (
    EntryIndex,
    ReadTexts,
    index_of,
    texts_of_experiences,
    texts_of_offers,
)
from maillage.engine.postings import FloatArray
from maillage.engine.recognition import TypeRecogniser
from maillage.engine.spelling import Speller
from maillage.engine.text import Lexicon, fold
from maillage.engine.thesaurus import Thesaurus
from maillage.engine.types import Catalogue, Experience, Offer
from maillage.engine.vectors import WordVectors
from maillage.engine.vocabulary import THEMES

#: Weight in themes of the first, second, third… theme of a type.
THEME_RANKS: Final = (1.0, 0.6, 0.4, 0.3)
#: How much a word that people use to say anything (« projet », « commune ») loses of its weight.
SPOKEN_EXPONENT: Final = 0.5
#: What a guessed theme counts beside one that the entry says.
GUESSED_THEME: Final = 0.8
#: Terms kept of a type's vocabulary when it is added to a question.
EXPANSION_TERMS: Final = 60
_ACRONYM: Final = re.compile(r"\b[A-Z]{3,6}i?\b")
_PLAIN: Final = re.compile(r"\b[a-z]{3,7}\b")
#: Acronyms in capitals even when the knowledge has a word alike (« il a plu »).
_USUAL_ACRONYMS: Final = ("DETR", "DSIL", "PLU", "PLUi", "EPCI", "ANCT", "FCTVA", "DGF", "CAUE")
_ACCENTED: Final = re.compile(r"\w*[^\W\d_a-zA-Z]\w*")


@dataclass(frozen=True, slots=True)
class Expansion:
    """Vocabulary of a type as terms and weights (which sum to 1), heaviest first."""

    terms: npt.NDArray[np.int32]
    weights: FloatArray


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything an answer needs. ``offers`` are in the order of their ids, whatever came in."""

    offers: tuple[Offer, ...]
    experiences: tuple[Experience, ...]
    version: str
    lexicon: Lexicon
    recogniser: TypeRecogniser
    expansions: tuple[Expansion, ...]
    type_themes: FloatArray
    term_themes: FloatArray
    thesaurus: Thesaurus
    speller: Speller
    accents: dict[str, str]
    #: Known acronyms: folded, as they are written (« DETR »).
    acronyms: dict[str, str]
    index: EntryIndex
    #: Terms of the entries' titles, words and summaries (entries × terms).
    core: sparse.csc_matrix
    experience_core: sparse.csc_matrix
    experience_index: EntryIndex
    experience_themes: FloatArray
    facts: Facts
    number_of: dict[str, int]
    type_number: dict[str, int]
    vectors: WordVectors | None = None

    def cased(self, said: str) -> str:
        """What was said, in lower case, known acronyms in capitals."""
        return _PLAIN.sub(lambda m: self.acronyms.get(m.group(), m.group()), said.lower())


def build_snapshot(catalogue: Catalogue, vectors: WordVectors | None = None) -> Snapshot:
    """Index a catalogue; ``vectors`` sharpens the recognition of types when it is given."""
    offers = tuple(sorted(catalogue.offers, key=lambda o: o.id))
    experiences = tuple(sorted(catalogue.experiences, key=lambda e: e.id))
    types = tuple(sorted(catalogue.project_types, key=lambda t: t.id))
    lexicon = Lexicon()
    # Knowledge is read first: its terms then have the same numbers whatever the catalogue holds.
    lexicon.read([x for e in catalogue.thesaurus for x in (e.expression, *e.terms)])
    recogniser = TypeRecogniser(types, lexicon, vectors)
    offer_texts = ReadTexts(texts_of_offers(offers), lexicon)
    experience_texts = ReadTexts(texts_of_experiences(experiences), lexicon)
    lexicon.freeze()
    recogniser.widen(len(lexicon))
    telling = recogniser.telling()
    sheets = recogniser.unit_sheets()
    type_themes = _type_themes([t.themes for t in types])
    weighing = np.minimum(recogniser.spoken_idf / recogniser.unknown_idf, 1.0) ** SPOKEN_EXPONENT
    index = index_of(offer_texts.matrix(lexicon), sheets, telling, weighing)
    facts = facts_of(offers)
    _guess_themes(facts, index, type_themes)
    return Snapshot(
        offers=offers,
        experiences=experiences,
        version=catalogue.version,
        lexicon=lexicon,
        recogniser=recogniser,
        expansions=_expansions(recogniser),
        type_themes=type_themes,
        term_themes=_term_themes(recogniser, type_themes),
        thesaurus=Thesaurus(catalogue.thesaurus, lexicon),
        speller=Speller(lexicon, lexicon.tokens),
        accents=_accents(catalogue),
        acronyms=_acronyms(catalogue),
        index=index,
        core=offer_texts.core(lexicon),
        experience_core=experience_texts.core(lexicon),
        experience_index=index_of(experience_texts.matrix(lexicon), sheets, telling, weighing),
        experience_themes=_type_themes([tuple(sorted(e.themes)) for e in experiences], flat=True),
        facts=facts,
        number_of={o.id: i for i, o in enumerate(offers)},
        type_number={t.id: i for i, t in enumerate(types)},
        vectors=vectors,
    )


def _type_themes(themes: list[tuple[str, ...]], flat: bool = False) -> FloatArray:
    """Things × 16, lines of unit length; earlier themes count more unless ``flat``."""
    places = {t: i for i, t in enumerate(THEMES)}
    out = np.zeros((len(themes), len(THEMES)))
    for number, listed in enumerate(themes):
        for rank, theme in enumerate(listed):
            if theme in places:
                weight = 1.0 if flat else THEME_RANKS[min(rank, len(THEME_RANKS) - 1)]
                out[number, places[theme]] = max(out[number, places[theme]], weight)
    norms = np.linalg.norm(out, axis=1, keepdims=True)
    return out / np.where(norms == 0, 1, norms)


def _guess_themes(facts: Facts, index: EntryIndex, type_themes: FloatArray) -> None:
    """Entries that say no theme get, for the ranking only, those of the types they resemble."""
    silent = np.asarray(~facts.themes.any(axis=1), dtype=np.bool_)
    if not silent.any() or not len(type_themes):
        return
    kinds = np.repeat(np.arange(len(type_themes)), np.diff(index.types.starts))
    kept = silent[index.types.documents]
    entries = index.types.documents[kept]
    guessed = np.zeros((facts.size, len(THEMES)))
    weights = index.types.weights[kept].astype(np.float64)
    np.add.at(guessed, entries, weights[:, None] * type_themes[kinds[kept]])
    norms = np.linalg.norm(guessed, axis=1, keepdims=True)
    guessed *= GUESSED_THEME / np.where(norms == 0, 1, norms)
    facts.themes[silent] = guessed[silent]


def _expansions(recogniser: TypeRecogniser) -> tuple[Expansion, ...]:
    written = recogniser.written.tocsr()
    out: list[Expansion] = []
    for number in range(written.shape[0]):
        first, last = written.indptr[number], written.indptr[number + 1]
        terms = written.indices[first:last].astype(np.int32)
        weights = written.data[first:last] * recogniser.sheet_idf[terms]
        order = np.lexsort((terms, -weights))[:EXPANSION_TERMS]
        total = float(weights[order].sum()) or 1.0
        out.append(Expansion(terms[order], weights[order].astype(np.float64) / total))
    return tuple(out)


def _term_themes(recogniser: TypeRecogniser, type_themes: FloatArray) -> FloatArray:
    """What each term says of the themes (terms × 16), from the types that use it."""
    sheet: sparse.csc_matrix = recogniser.sheet
    by_theme = np.asarray(sheet.T @ type_themes)
    usual = by_theme.sum(axis=0, keepdims=True)
    total = by_theme.sum(axis=1, keepdims=True)
    share = (by_theme + 0.5 * usual / max(float(usual.sum()), 1e-9)) / (total + 0.5)
    prior = usual / max(float(usual.sum()), 1e-9)
    return np.asarray(np.where(total > 0, share - prior, 0.0))


def _accents(catalogue: Catalogue) -> dict[str, str]:
    """Folded word → how it is written, from the knowledge texts (« ecole » → « école »)."""
    text = " ".join(
        [x for t in catalogue.project_types for x in (t.label, *t.phrases, *t.vocabulary)]
        + [x for e in catalogue.thesaurus for x in (e.expression, *e.terms)]
    ).lower()
    counts: dict[str, int] = {}
    for word in _ACCENTED.findall(text):
        counts[word] = counts.get(word, 0) + 1
    out: dict[str, str] = {}
    for word in sorted(counts, key=lambda w: (-counts[w], w)):
        out.setdefault(fold(word), word)
    return out


def _acronyms(catalogue: Catalogue) -> dict[str, str]:
    """Folded → as written, of the acronyms that are never written in small letters."""
    text = " ".join(
        [x for t in catalogue.project_types for x in (t.label, *t.phrases, *t.vocabulary)]
        + [x for e in catalogue.thesaurus for x in (e.expression, *e.terms)]
    )
    small = set(re.findall(r"\b[a-zà-ÿ]+\b", text))
    found = {*_ACRONYM.findall(text), *_USUAL_ACRONYMS}
    usual = {a.lower() for a in _USUAL_ACRONYMS}
    return {a.lower(): a for a in sorted(found) if a.lower() in usual or a.lower() not in small}
