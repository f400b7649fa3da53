"""Quality of the ranking on the judged needs, look by look. Prints a table, asserts nothing.

``python -m bench.engine_quality [--half tune|test] [--vocab DIR]``

The judged set (``bench/data/needs.jsonl`` and ``judgements-*.jsonl``) was written apart from the
types and the thesaurus. Only its half ``tune`` may be used to choose a constant.
"""

import argparse
import json
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from bench import synthetic
from maillage.engine import measure, ranking, recognition
from maillage.engine.ranking import relevance
from maillage.engine.snapshot import Snapshot, build_snapshot
from maillage.engine.types import Catalogue, Need, Offer
from maillage.engine.vectors import find_package, load
from maillage.engine.vocabulary import Audience, Family, Kind, Level, State

DATA = Path(__file__).resolve().parent / "data"
CATALOG = synthetic.DATA / "catalog"


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


def figures(
    snapshot: Snapshot, needs: Iterable[dict[str, object]], grades: dict[str, dict[str, int]]
) -> tuple[float, float, float, float]:
    """nDCG@10, recall@10 of the grade 2, precision@5 and share without any answer.

    Needs are ranked over the whole catalogue, without a territory: it is how they were judged.
    """
    ndcg, recall, precision, rankings = [], [], [], []
    for need in needs:
        graded = grades[str(need["id"])]
        if not any(graded.values()):
            continue
        ranked = [i for i, _ in relevance(Need(str(need["text"])), snapshot, 10)]
        rankings.append(ranked)
        ndcg.append(measure.ndcg(ranked, graded))
        recall.append(measure.recall(ranked, graded))
        precision.append(measure.precision(ranked, graded))
    return (measure.mean(ndcg), measure.mean(recall), measure.mean(precision),
            measure.empty_rate(rankings))  # fmt: skip


def main() -> None:
    """Print one line by configuration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=("tune", "test"))
    parser.add_argument("--vocab", type=Path, help="vocab directory of the vectors package")
    parser.add_argument("--types", type=Path, help="types as JSON lines")
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
    print(f"{'':44}" + "  nDCG@10 recall@10  P@5" * len(sets))

    def line(name: str, snapshot: Snapshot) -> None:
        cells = ""
        for needs, grades in sets:
            ndcg, recall, precision, _ = figures(snapshot, needs, grades)
            cells += f" {ndcg:8.3f} {recall:9.3f} {precision:5.3f}"
        print(f"{name:44}{cells}", flush=True)

    with patch.object(ranking, "FEEDBACK", 0.0):
        nothing = replace(bare, project_types=(), thesaurus=())
        line("plain BM25, entries without their words", build_snapshot(nothing))
        line("plain BM25", build_snapshot(plain))
        line("BM25 + thesaurus", build_snapshot(replace(plain, thesaurus=thesaurus)))
    with patch.object(recognition, "LOOKS", (0.15, 0.85, 0.0, 0.0)):
        line("+ types (phrases and sheets)", build_snapshot(full))
    line("+ n-grams: the default", snapshot := build_snapshot(full))
    for look in ("WORDS", "VOCABULARY", "LIKENESS", "THEMES_SHARED", "FEEDBACK"):
        with patch.object(ranking, look, 0.0):
            line(f"    default without {look.lower()}", snapshot)
    line("    default, entries without their words", build_snapshot(bare))
    line("    default without thesaurus", build_snapshot(replace(full, thesaurus=())))
    if vectors is not None:
        line("+ word vectors", build_snapshot(full, vectors))
        line("    with vectors, entries without their words", build_snapshot(bare, vectors))


if __name__ == "__main__":
    main()
