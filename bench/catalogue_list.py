"""The list of offers with twenty thousand entries: time, queries and weight by page.

``python -m bench.catalogue_list``

Twenty thousand invented offers of 997 providers (`bench.synthetic`, real territories, dates,
figures, long perimeters) are written in a scratch database, dropped at the end, beside the shipped
catalogue. Each page is answered in this process, middlewares and template included, after a first
passage to warm up; nothing is cached from one to the next. « dont Python » is the processor's time
of this process alone, the database left out: on a machine that does something else meanwhile, it is
the steadier figure. The last line is that of all the answers of the list together.
"""

import gzip
import random
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from bench.scratch import scratch_database

OFFERS = 20_000
TIMES = 5
VARIED = 240
OTHERS = (
    ("la carte de France", "/catalogue/carte/"),
    ("la carte, filtrée", "/catalogue/carte/?theme=eau&theme=energie&cout=free"),
    ("la carte d'un département", "/catalogue/carte/?departement=24"),
    ("les échéances", "/catalogue/echeances/"),
    ("le calendrier (.ics)", "/catalogue/echeances.ics"),
    ("le flux Atom", "/catalogue/flux/"),
    ("quatre offres comparées",
     "/catalogue/comparer/?" + "&".join(f"offre=offre-{n:05d}" for n in (7, 70, 700, 7000))),
)  # fmt: skip


def main() -> None:
    """Print one table."""
    with scratch_database():
        _measure()


def _measure() -> None:
    from maillage.catalog.services.loading import load_catalogue
    from maillage.catalog.snapshot import shelf
    from maillage.experiences.services import load_experiences
    from maillage.territories.services import load_reference

    load_reference()
    load_catalogue()
    load_experiences()
    fill()
    started = time.perf_counter()
    held = shelf()
    print(
        f"{len(held.snapshot.offers):,} offres en mémoire en {time.perf_counter() - started:.1f} s"
    )
    print("\n| Page | Médiane | 95 % sous | dont Python (médiane) | Requêtes | Page compressée |")
    print("|---|---|---|---|---|---|")
    pages = list(queries())
    everything: list[tuple[float, float]] = []
    asked = weight = 0
    _answer(pages[0])
    for page in pages:
        seconds, processor, count, body = _answer(page)
        everything.append((seconds, processor))
        asked, weight = max(asked, count), max(weight, len(gzip.compress(body)))
    for label, page in OTHERS:
        _answer(page)
        measured = [_answer(page) for _ in range(TIMES)]
        _line(
            label,
            [(m[0], m[1]) for m in measured],
            measured[0][2],
            len(gzip.compress(measured[0][3])),
        )
    _line(f"**la liste, {len(pages)} recherches variées**", everything, asked, weight)


def _line(label: str, times: list[tuple[float, float]], count: int, weight: int) -> None:
    whole = sorted(seconds for seconds, _ in times)
    late = whole[min(int(len(whole) * 0.95), len(whole) - 1)]
    middle = statistics.median(processor for _, processor in times)
    print(
        f"| {label} | {statistics.median(whole) * 1000:.0f} ms | {late * 1000:.0f} ms "
        f"| {middle * 1000:.0f} ms | {count} | {weight / 1000:.0f} ko |"
    )


def _answer(page: str) -> tuple[float, float, int, bytes]:
    """Seconds, seconds of this process, queries and body of one answer."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        client, started, before = Client(), time.perf_counter(), time.process_time()
        answer = client.get(page)
        body = answer.getvalue()
        seconds, processor = time.perf_counter() - started, time.process_time() - before
    if answer.status_code != 200:
        raise RuntimeError(f"{answer.status_code} {page}")
    return seconds, processor, len(seen), body


def queries() -> Iterator[str]:
    """Addresses of the list as people make them: words, a commune, facets, an order, a page."""
    from bench.synthetic import needs, project_types
    from maillage.engine.vocabulary import COST_LABELS, PHASES, THEMES, Audience, Family, Level
    from maillage.territories.directory import directory

    chance = random.Random(4)
    communes = sorted(directory().communes)
    texts = ["", "", *(text[:290] for text in needs(project_types(), 60))]
    themes, phases, costs = list(THEMES), list(PHASES), [c.value for c in COST_LABELS]
    for _ in range(VARIED):
        said: list[tuple[str, str]] = []
        if text := chance.choice(texts) if chance.random() < 0.6 else "":
            said.append(("q", text))
        if chance.random() < 0.4:
            said.append(("commune", chance.choice(communes)))
        said += [("theme", theme) for theme in chance.sample(themes, chance.choice((0, 0, 1, 3)))]
        for name, values in (
            ("phase", phases), ("cout", costs), ("echelon", [level.code for level in Level]),
            ("famille", list(Family)), ("public", list(Audience)),
        ):  # fmt: skip
            if chance.random() < 0.2:
                said.append((name, str(chance.choice(values))))
        if chance.random() < 0.3:
            said.append(("ouvertes", "1"))
        if chance.random() < 0.3:
            said.append(("tri", chance.choice(("titre", "date"))))
        if chance.random() < 0.3:
            said.append(("page", str(chance.randint(1, 50))))
        yield f"/catalogue/?{urlencode(said)}"


def fill() -> None:
    """Write the offers, their providers and figures."""
    from django.utils.timezone import localdate

    from bench import synthetic
    from maillage.catalog.models import Offer, Provider, Rate
    from maillage.common.models import DataVersion, Source
    from maillage.territories.directory import directory

    chance, known, today = random.Random(5), directory(), localdate()
    source = Source.objects.order_by("slug")[0]
    epcis, departments, regions = (
        sorted(known.epcis),
        sorted(known.departments),
        sorted(known.regions),
    )
    communes = sorted(known.communes)

    def place(level: str) -> list[str]:
        if level == "national":
            return ["FR"]
        if level == "region":
            return [f"reg:{chance.choice(regions)}"]
        if level == "department":
            return [f"dep:{chance.choice(departments)}"]
        if chance.random() < 0.3:
            return [f"com:{code}" for code in chance.sample(communes, chance.randint(1, 40))]
        return [f"epci:{chance.choice(epcis)}"]

    made = synthetic.offers(OFFERS, synthetic.project_types())
    bodies: dict[str, Any] = {}
    for one in made:
        bodies.setdefault(
            one.provider_id,
            Provider(
                slug=one.provider_id, name=one.provider_name, family=one.family.value,
                level=one.level.code, perimeter=["FR"], source=source,
            ),
        )  # fmt: skip
    Provider.objects.bulk_create(bodies.values())
    rows = []
    for one in made:
        closes = today + timedelta(chance.randint(-60, 400)) if chance.random() < 0.4 else None
        rows.append(
            Offer(
                slug=one.id,
                provider=bodies[one.provider_id],
                title=one.title[:250],
                summary=one.summary,
                description=one.description,
                kind=one.kind.value,
                level=one.level.code,
                perimeter=place(one.level.code),
                themes=sorted(one.themes),
                phases=sorted(one.phases),
                audiences=sorted(a.value for a in one.audiences),
                population_max=one.population_max,
                labels_any=sorted(one.labels_any),
                words=list(one.words),
                cost=chance.choice(("free", "member", "paid", "cofinanced")),
                closes=closes,
                source=source,
                apply="Écrire à l'organisme.",
            )
        )
    Offer.objects.bulk_create(rows, batch_size=2000)
    Rate.objects.bulk_create(
        [
            Rate(offer=row, kind="rate_max", value=80, unit="%", source=source)
            for row in rows if row.kind != "engineering"
        ],
        batch_size=2000,
    )  # fmt: skip
    DataVersion.objects.bump("catalogue")


if __name__ == "__main__":
    main()
