"""Quality of the ranking on the judged needs, look by look. Prints a table, asserts nothing.

``python -m bench.engine_quality [--half tune|test] [--vocab DIR] [--samples N]``

Two tables: on the whole catalogue, then on random samples of 164 entries of it (judgements kept
to these entries, needs left without a best answer dropped), which is nearer to catalogues where
one body of each kind answers. PostgreSQL full text is measured when ``DATABASE_URL`` is set.

The judged set (``bench/data/needs.jsonl`` and ``judgements-*.jsonl``) was written apart from the
types and the thesaurus. Only its half ``tune`` may be used to choose a constant.
"""

import argparse
import json
import random
import sys
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest.mock import patch

from bench import engine_aids, synthetic
from bench.engine_postgres import PostgresSearch, database_url
from maillage.engine import measure, ranking, recognition
from maillage.engine.ranking import relevance
from maillage.engine.snapshot import Snapshot, build_snapshot
from maillage.engine.types import Catalogue, Need, Offer
from maillage.engine.vectors import WordVectors, find_package, load
from maillage.engine.vocabulary import Audience, Family, Kind, Level, State

DATA = Path(__file__).resolve().parent / "data"
CATALOG = synthetic.DATA / "catalog"
#: Size of the samples of the catalogue, and how many of them.
SAMPLE, SAMPLES = 164, 20
Search = Callable[[str], list[str]]
Rows = Sequence[dict[str, object]]
Grades = dict[str, dict[str, int]]


def offers_of_files(folder: Path = CATALOG) -> tuple[Offer, ...]:
    """The offers of the catalogue files, without a database."""
    documents = [tomllib.loads(p.read_text("utf-8")) for p in sorted(folder.glob("*.toml"))]
    providers = {p["id"]: p for d in documents for p in d.get("providers", [])}
    out: list[Offer] = []
    for row in (o for d in documents for o in d.get("offers", [])):
        provider = providers.get(row["provider"])
        if provider is None:
            continue
        level = row.get("level") or provider["level"]
        out.append(
            Offer(
                id=row["id"],
                title=row["title"],
                provider_id=provider["id"],
                provider_name=provider["name"],
                family=Family(provider["family"]),
                level=Level[level.upper()],
                kind=Kind(row["kind"]),
                perimeter=frozenset(row.get("perimeter") or provider["perimeter"]),
                summary=row.get("summary", ""),
                description=row.get("description", ""),
                themes=frozenset(row.get("themes", ())),
                phases=frozenset(row.get("phases", ())),
                audiences=frozenset(Audience(a) for a in row.get("audiences", ["commune"])),
                population_min=row.get("population_min"),
                population_max=row.get("population_max"),
                population_kind=row.get("population_kind", "municipal"),
                labels_any=frozenset(row.get("labels_any", ())),
                words=tuple(row.get("words", ())),
                state=State(row.get("state") or provider.get("state", "to_confirm")),
            )
        )
    return tuple(out)


def lines(path: Path) -> list[dict[str, object]]:
    """Objects of a JSON-lines file."""
    return [json.loads(row) for row in path.read_text("utf-8").splitlines() if row.strip()]


def judged(half: str | None) -> tuple[list[dict[str, object]], dict[str, dict[str, int]]]:
    """Needs (of one half, or all) and grades by need then offer."""
    needs = [n for n in lines(DATA / "needs.jsonl") if half is None or n["half"] == half]
    grades: dict[str, dict[str, int]] = {str(n["id"]): {} for n in needs}
    for name in ("tune", "test") if half is None else (half,):
        for row in lines(DATA / f"judgements-{name}.jsonl"):
            if str(row["id"]) in grades:
                grades[str(row["id"])][str(row["entry"])] = int(str(row["grade"]))
    return needs, grades


def figures(search: Search, needs: Iterable[dict[str, object]], grades: Grades) -> list[float]:
    """nDCG@10, recall@10 of the grade 2, precision of the first, of the first 5, no answer.

    Needs are ranked over the whole catalogue, without a territory: it is how they were judged.
    """
    columns: list[list[float | None]] = [[], [], [], []]
    rankings = []
    for need in needs:
        graded = grades[str(need["id"])]
        if not any(graded.values()):
            continue
        ranked = search(str(need["text"]))
        rankings.append(ranked)
        columns[0].append(measure.ndcg(ranked, graded))
        columns[1].append(measure.recall(ranked, graded))
        columns[2].append(measure.precision(ranked, graded, 1))
        columns[3].append(measure.precision(ranked, graded))
    return [*map(measure.mean, columns), measure.empty_rate(rankings)]


def by_relevance(snapshot: Snapshot) -> Search:
    """Ids of the ten best entries of a snapshot."""
    return lambda text: [i for i, _ in relevance(Need(text), snapshot, 10)]


def sampled(offers: Sequence[Offer], needs: Rows, grades: Grades, number: int
            ) -> tuple[tuple[Offer, ...], list[dict[str, object]], Grades]:  # fmt: skip
    """The sample ``number``: entries, needs with a best answer among them, their grades."""
    kept = tuple(random.Random(number).sample(list(offers), SAMPLE))
    ids = {o.id for o in kept}
    inside = {n: {e: g for e, g in graded.items() if e in ids} for n, graded in grades.items()}
    asked = [n for n in needs if 2 in inside[str(n["id"])].values()]
    return kept, asked, inside


def samples(
    full: Catalogue,
    sets: Sequence[tuple[Rows, Grades]],
    vectors: WordVectors | None,
    count: int,
) -> None:
    """Print the means over ``count`` samples, entries with and without their words."""
    print(f"\nMeans over {count} random samples of {SAMPLE} entries")
    bare = {o.id: replace(o, words=()) for o in full.offers}
    rows: dict[str, list[list[list[float]]]] = {}
    for number in range(count):
        for place, (needs, grades) in enumerate(sets):
            kept, asked, inside = sampled(full.offers, needs, grades, number)
            stripped = tuple(bare[o.id] for o in kept)
            nothing = Catalogue(stripped)
            tried = {
                "plain BM25, entries without their words": (nothing, None),
                "default": (replace(full, offers=kept), None),
                "default, entries without their words": (replace(full, offers=stripped), None),
            }
            if vectors is not None:
                tried["word vectors"] = (replace(full, offers=kept), vectors)
                tried["word vectors, without their words"] = (
                    replace(full, offers=stripped), vectors,
                )  # fmt: skip
            for name, (catalogue, used) in tried.items():
                line = rows.setdefault(name, [[] for _ in sets])
                search = by_relevance(build_snapshot(catalogue, used))
                line[place].append(figures(search, asked, inside))
    for name, line in rows.items():
        printed(name, [[measure.mean(c) for c in zip(*one, strict=True)] for one in line])


def heading(sets: int) -> None:
    """Names of the columns."""
    print(f"{'':44}" + " nDCG@10 rec@10  P@1  P@5 empty |" * sets)


def printed(name: str, cells: Iterable[Sequence[float]]) -> None:
    """One line of a table."""
    line = "".join(f"{a:8.3f} {b:6.3f} {c:4.2f} {d:4.2f} {e:5.2f} |" for a, b, c, d, e in cells)
    print(f"{name:44}{line}", flush=True)


def main() -> None:
    """Print one line by configuration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=("tune", "test"))
    parser.add_argument("--vocab", type=Path, help="vocab directory of the vectors package")
    parser.add_argument("--types", type=Path, help="types as JSON lines")
    parser.add_argument("--samples", type=int, default=SAMPLES, help="0 to leave them out")
    parser.add_argument("--aids", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    types, thesaurus = synthetic.project_types(options.types), synthetic.thesaurus()
    # Entries of demonstration were not judged: they are not real.
    offers = tuple(o for o in offers_of_files() if o.state is not State.DEMONSTRATION)
    vocab = options.vocab or find_package()
    vectors = load(vocab) if vocab else None
    full = Catalogue(offers, (), types, thesaurus)
    plain = replace(full, project_types=(), thesaurus=())
    bare = replace(full, offers=tuple(replace(o, words=()) for o in offers))
    halves = (options.half,) if options.half else ("tune", "test")
    sets = [judged(half) for half in halves]
    print(f"{' + '.join(str(len(needs)) for needs, _ in sets)} needs ({' + '.join(halves)}), "
          f"{len(offers)} offers, {len(types)} types, {len(thesaurus)} expressions")  # fmt: skip
    heading(len(sets))

    def line(name: str, snapshot: Snapshot) -> None:
        printed(name, [figures(by_relevance(snapshot), *one) for one in sets])

    url = database_url()
    if url:
        for entries, name in ((bare.offers, ", without their words"), (offers, "")):
            with PostgresSearch(url, entries) as postgres:
                for mode in ("AND", "OR"):
                    search = partial(postgres.ranked, mode=mode)
                    printed(f"PostgreSQL full text, {mode}{name}",
                            [figures(search, *one) for one in sets])  # fmt: skip
    else:
        print("(PostgreSQL left out: DATABASE_URL is not set)", file=sys.stderr)
    with patch.object(ranking, "FEEDBACK", 0.0):
        nothing = replace(bare, project_types=(), thesaurus=())
        line("plain BM25, entries without their words", build_snapshot(nothing))
        line("plain BM25", build_snapshot(plain))
        line("BM25 + thesaurus", build_snapshot(replace(plain, thesaurus=thesaurus)))
    with patch.object(recognition, "LOOKS", (0.15, 0.85, 0.0, 0.0)):
        line("+ types (phrases and sheets)", build_snapshot(full))
    line("+ n-grams: the default", snapshot := build_snapshot(full))
    for look in (
        "WORDS",
        "VOCABULARY",
        "LIKENESS",
        "THEMES_SHARED",
        "AFFINITY",
        "TRUST",
        "FEEDBACK",
    ):
        with patch.object(ranking, look, 0.0):
            line(f"    default without {look.lower()}", snapshot)
    line("    default, entries without their words", build_snapshot(bare))
    line("    default without thesaurus", build_snapshot(replace(full, thesaurus=())))
    if vectors is not None:
        line("+ word vectors", build_snapshot(full, vectors))
        line("    with vectors, entries without their words", build_snapshot(bare, vectors))
    if options.samples:
        samples(full, sets, vectors, options.samples)
    if options.aids:
        print()
        engine_aids.compare(vectors)


if __name__ == "__main__":
    main()
