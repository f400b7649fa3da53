"""Autocomplete of communes and EPCI: time by kind of query, and whether the right one is found.

``python -m bench.autocomplete``

Queries are made from the real names of France, seed fixed: as one types them (prefixes), without
accents or hyphens, with one letter wrong, by code. « Trouvée » counts the queries whose commune is
among the ten proposed; « en tête » those where a commune of that name comes first.
"""

import os
import random
import statistics
import time
from collections.abc import Callable, Iterator

EACH = 2_000


def main() -> None:
    """Print one table."""
    from maillage.config import database

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maillage.config.settings.prod")
    database.ensure()
    import django

    django.setup()
    from maillage.config import prepare

    prepare.migrate(print)
    from maillage.territories.services import load_reference

    load_reference()
    from maillage.territories.directory import directory
    from maillage.territories.search import Index

    known, build_directory = _timed(directory)
    index, build_index = _timed(lambda: Index(known))
    communes = list(known.communes.values())
    random.Random(7).shuffle(communes)
    print("| Requêtes | Nombre | Médiane | 95 % sous | Maximum | Trouvée | En tête |")
    print("|---|---|---|---|---|---|---|")
    everything: list[float] = []
    for label, make in _kinds().items():
        chance = random.Random(label)
        times, found, first, count = [], 0, 0, 0
        for commune in communes[:EACH]:
            query = make(commune, chance)
            if not query:
                continue
            results, seconds = _timed(lambda query=query: index.find(query))
            times.append(seconds * 1000)
            codes = [one.code for one in results]
            count += 1
            found += commune.code in codes
            first += bool(codes) and known.communes[codes[0]].sort_key == commune.sort_key
        everything += times
        print(f"| {label} | {count} | {_row(times)} | {found / count:.0%} | {first / count:.0%} |")
    times = []
    for epci in known.epcis.values():
        times.append(_timed(lambda epci=epci: index.find(epci.name, kind="epci"))[1] * 1000)
    everything += times
    print(f"| intercommunalité, nom entier | {len(times)} | {_row(times)} | | |")
    print(f"| **ensemble** | {len(everything)} | {_row(everything)} | | |")
    print(
        f"\nAnnuaire construit en {build_directory:.2f} s ({len(communes)} communes), "
        f"index en {build_index:.2f} s."
    )


def _timed(action: Callable[[], object]) -> tuple:
    started = time.perf_counter()
    result = action()
    return result, time.perf_counter() - started


def _row(times: list[float]) -> str:
    ordered = sorted(times)
    late = ordered[int(len(ordered) * 0.95)]
    return f"{statistics.median(times):.2f} ms | {late:.2f} ms | {ordered[-1]:.2f} ms"


def _kinds() -> dict[str, Callable]:
    return {
        "nom entier": lambda c, _: c.name,
        "nom et département": lambda c, _: f"{c.name} {c.department}",
        "sans accent ni trait d'union": lambda c, _: c.sort_key,
        "« st » pour « saint »": lambda c, _: (
            c.sort_key.replace("saint", "st") if "saint" in c.sort_key else ""
        ),
        "début du nom (3 lettres)": lambda c, _: c.sort_key[:3],
        "début du nom (6 lettres)": lambda c, _: c.sort_key[:6],
        "une lettre oubliée": lambda c, r: _wrong(c.sort_key, r, 0),
        "une lettre de trop": lambda c, r: _wrong(c.sort_key, r, 1),
        "une lettre pour une autre": lambda c, r: _wrong(c.sort_key, r, 2),
        "deux lettres inversées": lambda c, r: _wrong(c.sort_key, r, 3),
        "une lettre fausse et le département": lambda c, r: (
            f"{_wrong(c.sort_key, r, 2)} {c.department}" if len(c.sort_key) > 4 else ""
        ),
        "code postal": lambda c, _: c.postal_codes[0] if c.postal_codes else "",
        "code COG": lambda c, _: c.code,
        "rien qui existe": lambda c, r: "".join(r.sample(c.sort_key, len(c.sort_key))),
    }


def _wrong(name: str, chance: random.Random, how: int) -> str:
    """Spoil a letter after the first; names of four letters or fewer are left out."""
    places = [i for i in range(1, len(name) - 1) if name[i] != " " and name[i + 1] != " "]
    if len(name) < 5 or not places:
        return ""
    i = chance.choice(places)
    letter = chance.choice("aeinorstu")
    return next(_spoilt(name, i, letter, how))


def _spoilt(name: str, i: int, letter: str, how: int) -> Iterator[str]:
    if how == 0:
        yield name[:i] + name[i + 1 :]
    elif how == 1:
        yield name[:i] + letter + name[i:]
    elif how == 2:
        yield name[:i] + letter + name[i + 1 :]
    else:
        yield name[:i] + name[i + 1] + name[i] + name[i + 2 :]


if __name__ == "__main__":
    main()
