"""Imports of 1 000 and 20 000 offers: seconds, lines a second, and the peak of memory.

``python -m bench.imports [csv|ods|xlsx|jsonl …]``

Each file is made here (texts of a real length, every column of the model filled as people fill it),
prepared and written as ``maillage importer offres`` does, in a process of its own; then imported
again, unchanged. « mémoire » is the most that the process held while it did so beyond what it held
before (Django and the territories: « socle »), looked at every five hundred lines. « dont Python »
is the processor's time of this process alone, the database left out: on a machine that does
something else meanwhile, it is the steadier figure. Catalogue and files are scratch, dropped at the
end.
"""

import csv
import gc
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from bench.scratch import scratch_database

SIZES = (1_000, 20_000)
FORMATS = ("csv", "jsonl", "ods", "xlsx")
HEADER = (
    "id", "titre", "offreur", "themes", "etapes", "publics", "perimetre", "population_max", "cout",
    "resume", "description", "mots", "contact", "lien", "date_cloture", "taux_max", "plafond",
    "assiette", "date_maj",
)  # fmt: skip
WORDS = """
    rénovation école salle mairie église toiture chauffage isolation voirie pont assainissement
    captage eau potable commerce logement vacant friche médiathèque jardin mobilité vélo
    numérique fibre santé maison aînés jeunes sport patrimoine tourisme forêt agriculture
""".split()  # noqa: SIM905


def line(number: int, rnd: random.Random) -> list[Any]:
    """An offer as a département would write it."""
    text = " ".join(rnd.choices(WORDS, k=90))
    return [
        f"o-{number}", f"{rnd.choice(WORDS).capitalize()} et {rnd.choice(WORDS)} {number}",
        "Organisme de mesure",
        rnd.choice(("Énergie et bâtiments publics", "eau ; habitat", "Bourg")),
        "Stratégie et diagnostic ; travaux", "Commune ; Intercommunalité",
        rnd.choice(("Dordogne", "24", "dep:46 dep:47", "Région Bretagne", "200040392", "24061")),
        rnd.choice(("", "3 500")), rnd.choice(("Gratuit", "Payant")), text[:120], text,
        "toiture qui fuit ; chauffage trop cher", "05 00 00 00 00",
        f"https://www.exemple.test/{number}", "31/12/2027", "80 %", "50 000 €", "dépense HT",
        "01/03/2026",
    ]  # fmt: skip


def make(kind: str, count: int, target: Path) -> None:
    """Write a file of `count` offers."""
    from maillage.common.tables import export

    rnd = random.Random(count)
    rows = (line(number, rnd) for number in range(count))
    if kind == "csv":
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(HEADER)
            writer.writerows(rows)
    elif kind == "jsonl":
        with target.open("w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps(dict(zip(HEADER, row, strict=True))) + "\n")
    else:
        target.write_bytes(export("mesure", HEADER, rows, kind).getvalue())


class Watch:
    """Progress that says nothing, and looks at the memory of the process, in megabytes."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self.base = self.peak = self._now()

    def __call__(self, what: str, done: int, total: int) -> None:
        """Look."""
        self.peak = max(self.peak, self._now())

    def _now(self) -> float:
        return self._process.memory_info().rss / 1024**2


def one(path: Path) -> dict[str, float]:
    """Import a file twice in this process; what it cost."""
    import django

    django.setup()
    from maillage.catalog.enums import ImportState
    from maillage.catalog.imports import pipeline
    from maillage.territories.directory import directory

    directory()
    gc.collect()
    watch = Watch()
    slug = f"mesure-{path.stem}-{path.suffix[1:]}"
    feed = pipeline.dataset(slug, "Mesure")
    told: dict[str, float] = {}
    worked = time.process_time()
    for again in ("", "again_"):
        started = time.monotonic()
        parent = pipeline.prepare(
            kind="offres", path=path, name=path.name, dataset=feed, progress=watch
        )
        told[f"{again}prepare"] = time.monotonic() - started
        if parent.state != ImportState.READY:
            raise SystemExit(f"{path.name}: {parent.problems or parent.lines.first().problems}")
        started = time.monotonic()
        pipeline.write(parent, progress=watch)
        told[f"{again}write"] = time.monotonic() - started
        if not again:
            told["worked"] = time.process_time() - worked
    return {**told, "base": watch.base, "peak": watch.peak - watch.base}


def main() -> None:
    """Print one table."""
    if len(sys.argv) == 3 and sys.argv[1] == "--one":
        print(json.dumps(one(Path(sys.argv[2]))))
        return
    with scratch_database():
        _measure(sys.argv[1:] or FORMATS)


def _measure(formats: Any) -> None:
    from django.db import connection

    from maillage.catalog.models import Provider
    from maillage.common.models import Source
    from maillage.territories.services import load_reference

    load_reference()
    source = Source.objects.create(slug="mesure", title="Mesure", publisher="Mesure", year=2026)
    Provider.objects.create(
        slug="organisme-de-mesure", name="Organisme de mesure", family="department",
        level="department", perimeter=["dep:24"], source=source,
    )  # fmt: skip
    connection.close()
    url = _address(connection.settings_dict)
    print("| format | fiches | préparer | écrire | dont Python | fiches/s | de nouveau | mémoire | "
          "socle |")  # fmt: skip
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for kind in formats:
            for count in SIZES:
                path = Path(folder) / f"{count}.{kind}"
                make(kind, count, path)
                told = _apart(path, url)
                total = told["prepare"] + told["write"]
                again = told["again_prepare"] + told["again_write"]
                print(
                    f"| {kind} | {count} | {told['prepare']:.1f} s | {told['write']:.1f} s "
                    f"| {told['worked']:.1f} s | {count / total:.0f} | {again:.1f} s "
                    f"| {told['peak']:.0f} Mo "
                    f"| {told['base']:.0f} Mo |",
                    flush=True,
                )


def _address(settings: dict[str, Any]) -> str:
    place = f"{settings['HOST'] or '127.0.0.1'}:{settings['PORT'] or 5432}"
    secret = f":{settings['PASSWORD']}" if settings["PASSWORD"] else ""
    return f"postgresql://{settings['USER']}{secret}@{place}/{settings['NAME']}"


def _apart(path: Path, url: str) -> dict[str, float]:
    """Import a file in a new process."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.imports", "--one", str(path)],
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
