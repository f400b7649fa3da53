"""What a need says: words, corrections, readings, types of project, themes, stage, figures."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from maillage.engine import figures
from maillage.engine.phases import phase_said
from maillage.engine.postings import FloatArray
from maillage.engine.preamble import without_preamble
from maillage.engine.recognition import Clause
from maillage.engine.snapshot import Snapshot
from maillage.engine.text import STOP_WORDS, fold
from maillage.engine.text import words as folded_words
from maillage.engine.types import (
    Correction,
    Need,
    Reading,
    RecognisedType,
    Understanding,
)
from maillage.engine.vocabulary import THEMES, Audience

LONGEST_TEXT: Final = 20_000
MOST_WORDS: Final = 500
MOST_CLAUSES: Final = 10
#: Words of the whole text that are compared with the types; clauses carry the rest.
MOST_WORDS_COMPARED: Final = 80
MOST_CORRECTIONS: Final = 12
LONGEST_QUOTE: Final = 60
#: Characters on either side of a word in which its small companions are looked for.
NEARBY: Final = 24
#: A type is said to be recognised from this confidence; the next ones are suggested.
RECOGNISED: Final = 0.4
SUGGESTED: Final = 0.15
MOST_RECOGNISED: Final = 4
MOST_SUGGESTED: Final = 5
#: A type found in one clause only counts a little less than one found in the whole text.
CLAUSE_FACTOR: Final = 0.92
PIECE_FACTOR: Final = 0.8
MOST_PIECES: Final = 6
#: Content words from which a sentence is also read piece by piece.
LONG_SENTENCE: Final = 6
#: Types that weigh in the ranking, recognised or not, and how fast their weight falls.
RANKING_TYPES: Final = 8
RANKING_SHARPNESS: Final = 4.0
#: Types that tell in what direction a need points.
BEARING_TYPES: Final = 30
#: Types about help itself: what is proposed, behind, when the subject is not understood.
GENERAL_TYPES: Final = ("savoir-par-ou-commencer", "ingenierie-partagee")
GENERAL_WEIGHT: Final = 0.3
#: Share of known words from which a confidence is left as it is.
KNOWN_ENOUGH: Final = 0.67
KNOWN_BY_VECTORS: Final = 0.5
#: A theme is shown when it has this share of the first one's weight.
THEME_SHARE: Final = 0.55
MOST_THEMES: Final = 3

_CHUNK: Final = re.compile(r"[^\W_]+|[.!?;\n]|[,:()]")
#: Words after which a long sentence may speak of something else.
_JOINTS: Final = frozenset(["et", "puis", "aussi", "mais", "ainsi", "ou", "egalement"])
_NOT_FOLDED: Final = re.compile(r"[^a-z0-9]+")
_MARKUP: Final = re.compile(r"<[^<>]{0,300}>|https?://\S{0,300}")


@dataclass(frozen=True, slots=True)
class Word:
    """A content word: as typed, folded (after correction), its term (−1 = unknown)."""

    written: str
    folded: str
    term: int
    clause: int
    #: Piece of the clause, between commas and joints (« et », « puis », « aussi »).
    piece: int = 0
    #: Where it stands in the text, to quote what surrounds it.
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class ReadNeed:
    """A need ready to be compared with the catalogue."""

    understanding: Understanding
    words: tuple[Word, ...]
    #: Thesaurus terms and their weights; ``read_by`` gives the expression said for each.
    read_terms: dict[int, float]
    read_by: dict[int, str]
    #: Expressions read: first and last word (included), and the terms that they are read as.
    expressions: tuple[tuple[int, int, tuple[int, ...]], ...]
    #: Types that weigh in the ranking: (number, weight in [0, 1]).
    types: tuple[tuple[int, float], ...]
    #: The same over many more types, as a direction: weights of unit length.
    bearing: tuple[tuple[int, float], ...]
    themes: FloatArray
    phase: str | None
    #: Confidence of the best type, in [0, 1]; 1 when the person chose.
    sureness: float = 0.0
    audience: Audience = Audience.COMMUNE
    #: Whether the person chose the themes.
    chosen_themes: bool = False


def understand(need: Need, snapshot: Snapshot) -> Understanding:
    """What is shown as « Nous avons compris »."""
    return read_need(need, snapshot).understanding


def read_need(need: Need, snapshot: Snapshot, general: bool = False) -> ReadNeed:
    """Read a need; never raises, whatever the text is.

    With ``general``, a text that is not understood points to those who help with anything.
    """
    text = _MARKUP.sub(" ", need.text[:LONGEST_TEXT].replace("\x00", " "))
    words, corrections = _words(without_preamble(text), snapshot)
    readings, read_terms, read_by, read_themes, expressions = _read_thesaurus(text, words, snapshot)
    scores, confidences = _types(text, words, snapshot)
    refused = [snapshot.type_number[t] for t in need.refused_types if t in snapshot.type_number]
    confidences[refused] = 0.0
    scores[refused] = 0.0
    recognised, suggestions = _shown(need, words, confidences, snapshot)
    types = _ranking_types(need, scores, confidences, snapshot)
    phase = need.phase if need.phase is not None else phase_said(text)
    best = max((t.confidence for t in recognised), default=0.0)
    known = sum(w.term >= 0 for w in words)
    if not known and snapshot.vectors is None and need.types is None:
        # Likeness of letters alone is no understanding.
        recognised, suggestions, types, best = (), (), (), 0.0
    bearing = _bearing(need, scores, types)
    if general and need.types is None and best < RECOGNISED and not readings:
        types, bearing = _with_general(types, bearing, best, snapshot)
    themes = _themes(need, words, types, read_themes, snapshot)
    shown_themes = need.themes if need.themes is not None else _shown_themes(themes)
    chosen = bool(need.types or need.themes)
    confident = chosen or (2 * known >= len(words) and (best >= RECOGNISED or bool(readings)))
    empty = not words and not chosen
    understanding = Understanding(
        types=recognised,
        suggestions=suggestions,
        themes=shown_themes if chosen or known else (),
        phase=phase,
        readings=readings,
        corrections=corrections,
        amounts=figures.amounts(text),
        years=figures.years(text),
        confident=confident and not empty,
        empty=empty,
    )
    return ReadNeed(
        understanding=understanding,
        words=words,
        read_terms=read_terms,
        read_by=read_by,
        expressions=expressions,
        types=types,
        bearing=bearing,
        themes=themes,
        phase=phase,
        sureness=best,
        audience=need.audience,
        chosen_themes=bool(need.themes),
    )


def _words(text: str, snapshot: Snapshot) -> tuple[tuple[Word, ...], tuple[Correction, ...]]:
    """Content words with their clause number, and the corrections made."""
    lexicon, speller = snapshot.lexicon, snapshot.speller
    out: list[Word] = []
    corrections: dict[str, Correction] = {}
    tried: dict[str, str | None] = {}
    clause, piece, opening = 0, 0, True
    for match in _CHUNK.finditer(text):
        written = match.group()
        folded = _NOT_FOLDED.sub("", fold(written)) if not written.isascii() else written.lower()
        if not folded or not written[0].isalnum():
            piece += 1
            if written not in ",:()":
                clause, opening = clause + 1, True
            continue
        if folded in _JOINTS:
            piece += 1
        if len(folded) > 1 and folded not in STOP_WORDS and not folded.isdigit():
            term = lexicon.term(folded)
            if term < 0 and len(tried) < 60:
                if folded not in tried:
                    tried[folded] = speller.correct(written, folded, opening)
                better = tried[folded]
                if better is not None:
                    if len(corrections) < MOST_CORRECTIONS:
                        shown = snapshot.accents.get(better, better)
                        corrections.setdefault(folded, Correction(written, shown))
                    folded, term = better, lexicon.term(better)
            place = match.span()
            out.append(Word(written[:60], folded[:60], term, clause, piece, *place))
            if len(out) >= MOST_WORDS:
                break
        opening = False
    return tuple(out), tuple(corrections.values())


def _read_thesaurus(
    text: str, words: Sequence[Word], snapshot: Snapshot
) -> tuple[
    tuple[Reading, ...],
    dict[int, float],
    dict[int, str],
    tuple[str, ...],
    tuple[tuple[int, int, tuple[int, ...]], ...],
]:
    readings: dict[str, Reading] = {}
    terms: dict[int, float] = {}
    read_by: dict[int, str] = {}
    themes: list[str] = []

    def around(place: int) -> frozenset[str]:
        word = words[place]
        near = text[max(word.start - NEARBY, 0) : word.end + NEARBY]
        return frozenset(folded_words(near))

    found_all = snapshot.thesaurus.read([w.term for w in words], [w.written for w in words], around)
    for found in found_all:
        said = text[words[found.first].start : words[found.last].end].lower()
        if len(said) > LONGEST_QUOTE:
            said = " ".join(w.written for w in words[found.first : found.last + 1]).lower()
        said = snapshot.cased(" ".join(said.split()))
        readings.setdefault(said, Reading(said, found.entry.terms))
        themes.extend(found.entry.themes)
        weight = 1.0 / max(1.0, len(found.terms)) ** 0.5
        for term in found.terms:
            terms[term] = max(terms.get(term, 0.0), weight)
            read_by.setdefault(term, said)
    expressions = tuple((f.first, f.last, f.terms) for f in found_all)
    return tuple(readings.values()), terms, read_by, tuple(themes), expressions


def _clause(words: Sequence[Word]) -> Clause:
    return Clause(
        " ".join(w.written if w.term < 0 else w.folded for w in words),
        tuple(w.term for w in words if w.term >= 0),
        tuple(w.folded for w in words),
        sum(w.term < 0 for w in words),
    )


def _types(text: str, words: Sequence[Word], snapshot: Snapshot) -> tuple[FloatArray, FloatArray]:
    """Scores and confidences of every type: the whole text, and each of its sentences."""
    recogniser = snapshot.recogniser
    count = len(recogniser.types)
    if not words or not count:
        return np.zeros(count), np.zeros(count)
    groups: dict[int, list[Word]] = {}
    for word in words:
        groups.setdefault(word.clause, []).append(word)
    clauses = [_clause(words[:MOST_WORDS_COMPARED])]
    factors = [1.0]
    if len(groups) > 1:
        sentences = sorted((g for g in groups.values() if len(g) > 1), key=len, reverse=True)
        clauses.extend(_clause(g[:40]) for g in sentences[:MOST_CLAUSES])
    factors.extend([CLAUSE_FACTOR] * (len(clauses) - 1))
    pieces = _pieces(words)
    clauses.extend(map(_clause, pieces))
    factors.extend([PIECE_FACTOR] * len(pieces))
    whole = len(factors) - len(pieces)
    weights = np.asarray(factors)[:, None]
    by_clause = recogniser.scores(clauses)
    sure = weights * recogniser.confidences(by_clause)
    # A text half made of words that nobody ever said about a project is about something else.
    known = np.asarray([1 - c.unknown / max(len(c.words), 1) for c in clauses])[:, None]
    if recogniser.vectors is not None:
        # Vectors may understand a word by its neighbours.
        known = np.maximum(known, KNOWN_BY_VECTORS)
    sure *= np.minimum(known / KNOWN_ENOUGH, 1.0)
    by_clause = weights * by_clause
    # Pieces show what else is spoken of; they are too short to rank with.
    scores, confidences = by_clause[:whole].max(axis=0), sure.max(axis=0)
    return scores, confidences


def _pieces(words: Sequence[Word]) -> list[list[Word]]:
    """Pieces of long sentences that may each be a need: two content words at least."""
    lengths: dict[int, int] = {}
    by_piece: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        lengths[word.clause] = lengths.get(word.clause, 0) + 1
        by_piece.setdefault((word.clause, word.piece), []).append(word)
    kept = [
        piece
        for (clause, _), piece in by_piece.items()
        if 2 <= len(piece) < lengths[clause] and lengths[clause] >= LONG_SENTENCE
    ]
    return sorted(kept, key=len, reverse=True)[:MOST_PIECES]


def _shown(
    need: Need, words: Sequence[Word], confidences: FloatArray, snapshot: Snapshot
) -> tuple[tuple[RecognisedType, ...], tuple[RecognisedType, ...]]:
    order = np.argsort(-confidences, kind="stable")[: MOST_RECOGNISED + MOST_SUGGESTED]

    def made(number: int, confidence: float) -> RecognisedType:
        kind = snapshot.recogniser.types[number]
        said = snapshot.recogniser.words_of(number, [(w.written, w.term) for w in words])
        said = tuple(map(snapshot.cased, said))
        return RecognisedType(kind.id, kind.label, round(confidence, 3), said, kind.first_step)

    if need.types is not None:
        chosen = [snapshot.type_number[t] for t in need.types if t in snapshot.type_number]
        recognised = [made(n, 1.0) for n in chosen]
    else:
        chosen = [int(n) for n in order[:MOST_RECOGNISED] if float(confidences[n]) >= RECOGNISED]
        recognised = [made(n, float(confidences[n])) for n in chosen]
    suggestions = [
        made(int(n), float(confidences[n]))
        for n in order
        if int(n) not in chosen and float(confidences[n]) >= SUGGESTED
    ]
    return tuple(recognised), tuple(suggestions[:MOST_SUGGESTED])


def _ranking_types(
    need: Need, scores: FloatArray, confidences: FloatArray, snapshot: Snapshot
) -> tuple[tuple[int, float], ...]:
    """Types that weigh in the ranking: even an unsure one says something."""
    if need.types is not None:
        return tuple((snapshot.type_number[t], 1.0) for t in need.types
                     if t in snapshot.type_number)  # fmt: skip
    if not len(scores) or float(scores.max()) <= 0:
        return ()
    order = np.argsort(-scores, kind="stable")[:RANKING_TYPES]
    relative = (scores[order] / scores[order[0]]) ** RANKING_SHARPNESS
    weights = np.maximum(relative, confidences[order])
    return tuple((int(n), float(w)) for n, w in zip(order, weights, strict=True) if w > 0.05)


def _bearing(
    need: Need, scores: FloatArray, types: Sequence[tuple[int, float]]
) -> tuple[tuple[int, float], ...]:
    """What the need speaks of, as a direction among the types (weights of unit length)."""
    if not types:
        return ()
    if need.types is not None:
        return tuple((number, len(types) ** -0.5) for number, _ in types)
    order = np.argsort(-scores, kind="stable")[:BEARING_TYPES]
    weights = scores[order] ** 2
    weights /= float(np.linalg.norm(weights)) or 1.0
    return tuple((int(n), float(w)) for n, w in zip(order, weights, strict=True) if w > 0)


def _with_general(
    types: tuple[tuple[int, float], ...],
    bearing: tuple[tuple[int, float], ...],
    best: float,
    snapshot: Snapshot,
) -> tuple[tuple[tuple[int, float], ...], tuple[tuple[int, float], ...]]:
    """The less a need is understood, the more those who help with anything are near it."""
    general = [snapshot.type_number[t] for t in GENERAL_TYPES if t in snapshot.type_number]
    weight = GENERAL_WEIGHT * (1 - best)
    if weight <= 0:
        return types, bearing
    both = dict(types)
    for number in general:
        both[number] = max(both.get(number, 0.0), weight)
    direction = dict(bearing)
    for number in general:
        direction[number] = direction.get(number, 0.0) + weight
    norm = sum(w * w for w in direction.values()) ** 0.5 or 1.0
    return tuple(both.items()), tuple((n, w / norm) for n, w in direction.items())


def _themes(
    need: Need,
    words: Sequence[Word],
    types: Sequence[tuple[int, float]],
    read_themes: Sequence[str],
    snapshot: Snapshot,
) -> FloatArray:
    """Weight of the sixteen themes, the largest being 1 (all 0 when nothing is known)."""
    places = {t: i for i, t in enumerate(THEMES)}
    out = np.zeros(len(THEMES))
    if need.themes is not None:
        for theme in need.themes:
            if theme in places:
                out[places[theme]] = 1.0
        return out
    for number, weight in types:
        out += weight * snapshot.type_themes[number]
    for theme in read_themes:
        if theme in places:
            out[places[theme]] += 0.7
    terms = [w.term for w in words if w.term >= 0]
    if terms:
        telling = np.minimum(snapshot.recogniser.spoken_idf[terms] / 8.0, 1.0)
        said = telling @ snapshot.term_themes[terms]
        out += 0.8 * np.maximum(said, 0.0)
    top = float(out.max())
    return out / top if top > 0 else out


def _shown_themes(themes: FloatArray) -> tuple[str, ...]:
    order = np.argsort(-themes, kind="stable")[:MOST_THEMES]
    names = list(THEMES)
    return tuple(names[i] for i in order if themes[i] > 0 and themes[i] >= THEME_SHARE)
