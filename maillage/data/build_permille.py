"""Rebuild the invented accounts of `maillage/data/permille/exemple.csv.gz`.

    python -m maillage.data.build_permille

The study of a fund at 1 ‰ needs what each local body invests. No true accounts are shipped: they
are imported (``maillage importer comptes``). Until then the pages work on this sample, which is
INVENTED: real bodies and populations (COG), amounts drawn by lot around orders of magnitude by
inhabitant that are ours, not taken from any document. Standard library only; the same reference
files always give the same lines.
"""

import csv
import gzip
import io
import math
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final

HERE: Final = Path(__file__).parent
OUT: Final = HERE / "permille" / "exemple.csv.gz"
HEADER: Final = ("nature", "code", "investissement", "potentiel_financier")
SEED: Final = 1789
#: Invented: euros by inhabitant and year, then the spread of the lot.
BY_HEAD: Final = {
    "commune": (350, 0.7), "epci": (130, 0.4), "departement": (100, 0.25), "region": (80, 0.2),
}  # fmt: skip
#: Invented: potentiel financier by inhabitant of a commune of one, then for ten times more people.
WEALTH: Final = (450, 150, 0.25)
_ROUND: Final = 500

Row = tuple[str, str, int, int | str]


def _read(name: str) -> list[dict[str, str]]:
    with gzip.open(HERE / "cog" / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rows() -> Iterator[Row]:
    """The lines of the sample, in the order of `HEADER`."""
    lot = Random(SEED)  # noqa: S311 (a sample, not a secret)
    people: dict[tuple[str, str], int] = defaultdict(int)

    def spent(kind: str, population: int) -> int:
        mean, spread = BY_HEAD[kind]
        drawn = population * mean * lot.lognormvariate(-spread * spread / 2, spread)
        return round(drawn / _ROUND) * _ROUND

    for commune in _read("communes"):
        population = int(commune["population"] or 0)
        people["departement", commune["dep"]] += population
        people["region", commune["reg"]] += population
        first, more, spread = WEALTH
        wealth = (first + more * math.log10(max(population, 1))) * lot.lognormvariate(0, spread)
        yield "commune", commune["code"], spent("commune", population), int(round(wealth, -1))
    for epci in _read("epci"):
        yield "epci", epci["siren"], spent("epci", int(epci["population"] or 0)), ""
    for kind, name in (("departement", "departements"), ("region", "regions")):
        for body in _read(name):
            if body["zone"] != "com":
                yield kind, body["code"], spent(kind, people[kind, body["code"]]), ""


def content() -> str:
    """The sample as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(rows())
    return text.getvalue()


def main() -> None:
    """Write the file."""
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_bytes(gzip.compress(content().encode(), 9, mtime=0))
    sys.stdout.write(f"{OUT.name} : {OUT.stat().st_size // 1024} ko\n")


if __name__ == "__main__":
    main()
