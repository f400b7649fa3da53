"""« Qui fait quoi » by size of catalogue: time of a matrix that is in no memory, of a kept day.

``python -m bench.matrix [--sizes 500,5000,20000]``

The offers are synthetic (`bench.synthetic`), placed in the real territories, which must be loaded
(``maillage run`` once): nothing is written. Times are of the processor, the median of five; a
matrix that was already asked is answered from memory, and costs nothing.
"""

import argparse
import json
import os
import statistics
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from bench import synthetic

PLACES = (
    ("France", "", ""), ("Nouvelle-Aquitaine", "region", "75"), ("Dordogne", "departement", "24"),
    ("Grand Périgueux", "epci", "200040392"), ("Bourrou", "commune", "24061"),
)  # fmt: skip
TODAY = date(2026, 11, 21)


def _time(work: Callable[[], Any]) -> float:
    """Milliseconds of the processor, the median of five."""
    times = []
    for _ in range(5):
        started = time.thread_time()
        work()
        times.append(time.thread_time() - started)
    return statistics.median(times) * 1000


def main() -> None:
    """Print two tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="500,5000,20000")
    sizes = [int(text) for text in parser.parse_args().sizes.split(",")]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maillage.config.settings.dev")
    from maillage.config import database

    database.ensure()
    import django

    django.setup()
    from maillage.catalog.matrix import days
    from maillage.catalog.matrix.places import france, place_of
    from maillage.catalog.matrix.reading import matrix_from
    from maillage.territories.directory import directory

    known, types = directory(), synthetic.project_types()
    epcis, departments, regions = list(known.epcis), list(known.departments), list(known.regions)
    real = {"epci": epcis, "dep": departments, "reg": regions}

    def placed(offer: Any) -> Any:
        kind, _, number = next(iter(offer.perimeter)).partition(":")
        codes = real.get(kind, [])
        key = f"{kind}:{codes[int(number) % len(codes)]}" if codes else "FR"
        return replace(offer, perimeter=frozenset({key}))

    print("| Offres |", " | ".join(name for name, _, _ in PLACES), "|")
    print("|---|" + "---|" * len(PLACES))
    kept = []
    for size in sizes:
        offers = [placed(offer) for offer in synthetic.offers(size, types)]
        times = []
        for _, kind, code in PLACES:
            place = place_of(kind, code, known) if kind else france()
            times.append(
                _time(lambda p=place, o=offers: matrix_from(o, p, "ingenierie", TODAY, known))
            )
        print(f"| {size} |", " | ".join(f"{ms:.0f} ms" for ms in times), "|")
        content = json.dumps([_row(offer) for offer in offers], separators=(",", ":")).encode()
        packed = zlib.compress(content, 9)
        kept.append((size, len(packed), _time(lambda p=packed: days.read(p))))
    print("\n| Offres d'un jour gardé | Poids | Lecture |\n|---|---|---|")
    for size, weight, ms in kept:
        print(f"| {size} | {weight / 1000:.0f} ko | {ms:.0f} ms |")


def _row(offer: Any) -> list[Any]:
    """As `days.facts` keeps it."""
    return [
        offer.id, offer.title, offer.provider_id, offer.provider_name, offer.family,
        offer.level.code, offer.kind, offer.state, sorted(offer.perimeter), sorted(offer.themes),
        sorted(offer.phases), sorted(offer.audiences), offer.population_min, offer.population_max,
        offer.population_kind, sorted(offer.labels_any), None, None,
    ]  # fmt: skip


if __name__ == "__main__":
    main()
