"""Four thousand generated aids: how many of the first five are on the subject.

``python -m bench.engine_aids``

The material is split so that no question holds a string that the recogniser has learnt:

* keyword questions are made of half of the vocabulary of a type: for them the recogniser knows
  the other half only, and two thirds of its phrases;
* sentence questions are a third of its phrases: for them the recogniser knows the vocabulary and
  the other phrases;
* aids are written from the whole vocabulary (as real aids use both words that the tools of a
  mairie know and others), with financers, places, publics and sentences that say nothing.

An aid is right when it was generated from the type of the question; also printed with the types
that share most of its vocabulary (« reprendre le café » and « un café associatif »). Its limits:
aids and questions come from the same hand and the same file, texts are shorter and cleaner than
real ones, and each aid has one subject. It compares ways of searching; it does not tell how real
aids would be found.
"""

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np

from bench import synthetic
from bench.engine_postgres import PostgresSearch, database_url
from maillage.engine import measure, ranking
from maillage.engine.recognition import TypeRecogniser
from maillage.engine.snapshot import Snapshot, build_snapshot
from maillage.engine.text import Lexicon
from maillage.engine.types import Catalogue, Need, Offer, ProjectType
from maillage.engine.vectors import WordVectors, find_package, load
from maillage.engine.vocabulary import Audience, Family, Kind, Level

Search = Callable[[str], list[str]]

AIDS, QUESTIONS = 4_000, 40
PLACES = ("Ain", "Allier", "Ardèche", "Cantal", "Charente", "Corrèze", "Creuse", "Dordogne",
          "Gers", "Indre", "Jura", "Landes", "Lot", "Lozère", "Marne", "Nièvre", "Oise", "Orne",
          "Somme", "Vosges")  # fmt: skip
FINANCERS = (
    ("Conseil départemental : {}", Level.DEPARTMENT), ("Région, antenne {}", Level.REGION),
    ("Communauté de communes, {}", Level.MUNICIPAL), ("Préfecture : {}", Level.DEPARTMENT),
    ("Fondation nationale", Level.NATIONAL), ("Agence nationale", Level.NATIONAL),
    ("Syndicat départemental : {}", Level.DEPARTMENT),
)  # fmt: skip
OPENINGS = ("Soutien aux projets : {}", "Aide à l'investissement. {}", "Appel à projets « {} »",
            "{} : accompagnement des collectivités", "Fonds de soutien, {}", "{}")  # fmt: skip
EMPTY = (
    "Le dossier complet est déposé avant tout commencement d'exécution des travaux.",
    "Les communes et leurs groupements sont éligibles, sous réserve des crédits disponibles.",
    "Le montant de l'aide est fixé par l'assemblée, dans la limite d'un plafond annuel.",
    "Les dépenses de personnel et de fonctionnement courant ne sont pas retenues.",
    "Une délibération, un plan de financement et des devis sont demandés.",
    "L'instruction du dossier dure environ trois mois ; le solde est versé sur factures.",
    "Les projets exemplaires pour la transition écologique sont examinés en priorité.",
)


@dataclass(frozen=True)
class Material:
    """Aids, their type by id, the questions, and what the recogniser knows for each kind."""

    for_keywords: tuple[ProjectType, ...]
    for_sentences: tuple[ProjectType, ...]
    aids: tuple[Offer, ...]
    subject: dict[str, str]
    keywords: list[tuple[str, str]]
    sentences: list[tuple[str, str]]


def material(all_types: Sequence[ProjectType], count: int = AIDS, seed: int = 7) -> Material:
    """Split the types and write aids and questions; the same for the same seed."""
    rnd = random.Random(seed)
    known: list[ProjectType] = []
    aside: dict[str, tuple[list[str], list[str]]] = {}
    for kind in sorted(all_types, key=lambda t: t.id):
        words, phrases = list(kind.vocabulary), list(kind.phrases)
        rnd.shuffle(words)
        rnd.shuffle(phrases)
        half, third = len(words) // 2, len(phrases) // 3
        known.append(replace(kind, vocabulary=tuple(words[half:]), phrases=tuple(phrases[third:])))
        aside[kind.id] = (words[:half], phrases[:third])
    by_id = {t.id: t for t in all_types}
    aids: list[Offer] = []
    subject: dict[str, str] = {}
    for number in range(count):
        kind = known[number % len(known)]
        aid = _aid(number, by_id[kind.id], rnd)
        aids.append(aid)
        subject[aid.id] = kind.id
    asked = rnd.sample([i for i, (w, p) in aside.items() if len(w) >= 3 and p], 2 * QUESTIONS)
    return Material(
        tuple(known),
        tuple(replace(k, vocabulary=by_id[k.id].vocabulary) for k in known),
        tuple(aids), subject,
        [(" ".join(rnd.sample(aside[i][0], 2)), i) for i in asked[:QUESTIONS]],
        [(rnd.choice(aside[i][1]), i) for i in asked[QUESTIONS:]],
    )  # fmt: skip


def _aid(number: int, kind: ProjectType, rnd: random.Random) -> Offer:
    words = rnd.sample(kind.vocabulary, min(6, len(kind.vocabulary)))
    words += [words[0]] * (6 - len(words))
    financer, level = rnd.choice(FINANCERS)
    place = rnd.choice(PLACES)
    return Offer(
        id=f"aide-{number:04d}",
        title=rnd.choice(OPENINGS).format(words[0]),
        provider_id=f"financeur-{number % 97}",
        provider_name=financer.format(place),
        family=Family.DEPARTMENT if level is Level.DEPARTMENT else Family.STATE,
        level=level,
        kind=Kind.FUNDING,
        perimeter=frozenset({"FR"}),
        summary=f"{words[1]}, {words[2]} ({place}).",
        description=" ".join(
            [f"Sont aidés : {words[3]}, {words[4]}, {words[5]}.", *rnd.sample(EMPTY, 3)]
        ),
        audiences=frozenset({Audience.COMMUNE}),
    )


def cousins(types: Sequence[ProjectType]) -> dict[str, set[str]]:
    """For each type, itself and those that share most of its vocabulary (from the full file)."""
    ordered = sorted(types, key=lambda t: t.id)
    sheets = TypeRecogniser(ordered, Lexicon()).unit_sheets()
    likeness = np.asarray((sheets.T @ sheets).toarray())
    return {
        kind.id: {ordered[j].id for j in np.argsort(-likeness[i], kind="stable")[:6]
                  if likeness[i, j] >= 0.12} | {kind.id}
        for i, kind in enumerate(ordered)
    }  # fmt: skip


def by_relevance(snapshot: Snapshot) -> Search:
    """Ids of the first five entries of a snapshot."""
    return lambda text: [i for i, _ in ranking.relevance(Need(text), snapshot, 5)]


def compare(vectors: WordVectors | None) -> None:
    """Print P@5 by way of searching, keyword and sentence questions apart."""
    types = synthetic.project_types()
    made = material(types)
    kin = cousins(types)
    print(
        f"{len(made.aids)} generated aids, {QUESTIONS} keyword and {QUESTIONS} sentence questions"
    )
    print(f"{'':36}{'keywords':>24}{'sentences':>24}")
    print(f"{'':36}" + f"{'P@5':>8}{'kin':>7}{'empty':>9}" * 2)

    def line(name: str, *searches: Search) -> None:
        cells = ""
        for search, questions in zip(searches, (made.keywords, made.sentences), strict=True):
            found = [(search(text), kind) for text, kind in questions]
            strict = [
                measure.precision(r, {a: int(made.subject[a] == k) for a in r}) for r, k in found
            ]
            near = [
                measure.precision(r, {a: int(made.subject[a] in kin[k]) for a in r})
                for r, k in found
            ]
            empty = measure.empty_rate([r for r, _ in found])
            cells += f"{measure.mean(strict):8.2f}{measure.mean(near):7.2f}{empty:9.2f}"
        print(f"{name:36}{cells}", flush=True)

    def maillage(used: WordVectors | None, *known: tuple[ProjectType, ...]) -> list[Search]:
        words = synthetic.thesaurus() if known[0] else ()
        return [
            by_relevance(build_snapshot(Catalogue(made.aids, (), k, words), used)) for k in known
        ]

    url = database_url()
    if url:
        with PostgresSearch(url, made.aids) as postgres:
            for mode in ("AND", "OR"):
                search = partial(postgres.ranked, mode=mode, limit=5)
                line(f"PostgreSQL full text, {mode}", search, search)
    else:
        print("(PostgreSQL left out: DATABASE_URL is not set)", file=sys.stderr)
    with patch.object(ranking, "FEEDBACK", 0.0):
        line("plain BM25", *maillage(None, (), ()))
    line("Maillage", *maillage(None, made.for_keywords, made.for_sentences))
    if vectors is not None:
        line("Maillage, word vectors", *maillage(vectors, made.for_keywords, made.for_sentences))


def main() -> None:
    """Compare, with word vectors where they are installed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vocab", type=Path, help="vocab directory of the vectors package")
    vocab = parser.parse_args().vocab or find_package()
    compare(load(vocab) if vocab else None)


if __name__ == "__main__":
    main()
