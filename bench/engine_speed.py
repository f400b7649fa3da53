"""Speed of the engine on one core, by size of catalogue. Prints tables, asserts nothing.

Times are of the processor (``time.thread_time``), so that neighbours on the machine do not count;
``wall p95`` is what the clock on the wall said meanwhile. Start it with
``OPENBLAS_NUM_THREADS=1`` to be sure of one core.

``python -m bench.engine_speed [--types FILE.jsonl] [--sizes 200,5000,20000,50000]``
"""

import argparse
import gc
import resource
import statistics
import time
from datetime import date
from pathlib import Path

from bench import synthetic
from maillage.engine.coverage import coverage
from maillage.engine.orientation import orient
from maillage.engine.ranking import relevance
from maillage.engine.snapshot import build_snapshot
from maillage.engine.types import Need
from maillage.engine.understanding import understand
from maillage.engine.vectors import find_package, load


def resident() -> float:
    """Resident memory of this process now, in MB (0 where the system does not say)."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * resource.getpagesize() / 1e6


def milliseconds(values: list[float], share: float) -> float:
    """A quantile, in milliseconds."""
    return statistics.quantiles(values, n=100)[round(share * 100) - 1] * 1000


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--types", type=Path)
    parser.add_argument("--sizes", default="200,5000,20000,50000")
    parser.add_argument("--needs", type=int, default=400)
    parser.add_argument("--vectors", action="store_true", help="with word vectors if installed")
    parser.add_argument("--vocab", type=Path, help="vocab directory of the vectors package")
    options = parser.parse_args()
    types = synthetic.project_types(options.types)
    vocab = options.vocab or (find_package() if options.vectors else None)
    vectors = load(vocab) if vocab else None
    places = synthetic.territories(1000)
    texts = synthetic.needs(types, options.needs)
    print(f"{len(types)} types, vectors: {'yes' if vectors else 'no'}")
    print(
        f"{'entries':>8} {'build s':>8} {'MB':>6} {'process':>8} {'understand p50':>15} "
        f"{'orient p50':>11} "
        f"{'orient p95':>11} {'orient max':>11} {'wall p95':>9} {'relevance p95':>14}"
    )
    for size in map(int, options.sizes.split(",")):
        catalogue = synthetic.catalogue(size, types)
        gc.collect()
        before = resident()
        start = time.process_time()
        snapshot = build_snapshot(catalogue, vectors)
        built = time.process_time() - start
        gc.collect()
        added = resident() - before
        understood, oriented, ranked, wall = [], [], [], []
        for number, text in enumerate(texts):
            need, place = Need(text), places[number * 37 % len(places)]
            t0 = time.thread_time()
            understand(need, snapshot)
            t1, w1 = time.thread_time(), time.perf_counter()
            orient(need, snapshot, place, date(2026, 11, 21))
            t2, w2 = time.thread_time(), time.perf_counter()
            relevance(need, snapshot, 10)
            t3 = time.thread_time()
            wall.append(w2 - w1)
            understood.append(t1 - t0)
            oriented.append(t2 - t1)
            ranked.append(t3 - t2)
        print(f"{size:8d} {built:8.2f} {added:6.0f} {resident():8.0f} "
              f"{milliseconds(understood, 0.5):15.2f} "
              f"{milliseconds(oriented, 0.5):11.2f} {milliseconds(oriented, 0.95):11.2f} "
              f"{max(oriented) * 1000:11.2f} {milliseconds(wall, 0.95):9.2f} "
              f"{milliseconds(ranked, 0.95):14.2f}")  # fmt: skip
    country = synthetic.territories()
    offers = synthetic.offers(20_000, types)
    start = time.perf_counter()
    covered = coverage(offers, country)
    print(f"coverage: {covered.local.shape[0]} communes × {covered.local.shape[1]} cells, "
          f"{len(offers)} entries: {time.perf_counter() - start:.2f} s; "
          f"whole process {resident():.0f} MB")  # fmt: skip


if __name__ == "__main__":
    main()
