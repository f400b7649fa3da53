"""The agent's queue with five thousand requests in one département: time and queries by page.

``python -m bench.queue``

Requests, parties, journals and what is asked of bodies are written in a scratch database, dropped
at the end; needs are those of bench/data. Each page is answered in this process, middlewares and
template included, forty times after two to warm up; nothing is cached from one to the next.
« dont Python » is the processor's time of this process alone, the database left out: on a machine
that does something else meanwhile, it is the steadier figure.
"""

import json
import random
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.scratch import scratch_database

REQUESTS = 5_000
TIMES, WARM = 40, 2
PEOPLE = ("Inès Roy", "Paul Faure", "Maïlys Blanc", "Hugo Garcia", "Anne Mercier", "Samir Benali")
CONTACTS = ("Hélène Dupuy", "Gérard Lafon", "Noémie Castan", "Éric Pradel", "Zoé Œuvrard")
BODIES = (
    "Agence technique départementale", "CAUE de la Dordogne", "DDT de la Dordogne",
    "Sous-préfecture de Nontron", "Syndicat départemental d'énergies", "Cerema Sud-Ouest",
)  # fmt: skip
PAGES = (
    ("la file", "/guichet/"),
    ("toutes les demandes", "/guichet/?file=toutes"),
    ("dernière page, par commune", "/guichet/?file=toutes&tri=commune&page=100"),
    ("recherche de deux mots", "/guichet/?file=toutes&q=ecole+perigueux"),
    ("thème, intercommunalité, agent",
     "/guichet/?file=toutes&theme=eau&epci=200040392&agent=moi"),
    ("en retard", "/guichet/?file=en-retard"),
    ("silencieuses, avec les appels", "/guichet/?file=silencieuses"),
    ("la carte", "/guichet/carte/?file=toutes"),
    ("le calendrier", "/guichet/calendrier/"),
    ("le calendrier, filtré", "/guichet/calendrier/?file=toutes&theme=eau"),
    ("export CSV", "/guichet/?file=toutes&export=csv"),
)  # fmt: skip


def main() -> None:
    """Print one table."""
    with scratch_database():
        _measure()


def _measure() -> None:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from maillage.catalog.services.loading import load_catalogue
    from maillage.territories.services import load_reference

    load_reference()
    load_catalogue()
    agent, seconds = _timed(fill)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(agent, backend="allauth.account.auth_backends.AuthenticationBackend")
    print(f"{REQUESTS} demandes écrites en {seconds:.0f} s.\n")
    print("| Page | Requêtes SQL | Médiane | 95 % sous | dont Python | Poids |")
    print("|---|---|---|---|---|---|")
    for label, path in PAGES:
        with CaptureQueriesContext(connection) as queries:
            body = _body(client, path)
            count = len(queries)
        for _ in range(WARM):
            _body(client, path)
        rounds = 5 if "export" in path else TIMES
        before = time.process_time()
        times = sorted(_timed(lambda path=path: _body(client, path))[1] for _ in range(rounds))
        python = (time.process_time() - before) / rounds
        late = times[int(len(times) * 0.95)]
        print(
            f"| {label} | {count} | {statistics.median(times) * 1000:.0f} ms "
            f"| {late * 1000:.0f} ms | {python * 1000:.0f} ms | {len(body) / 1000:.0f} ko |"
        )


def _body(client: Any, path: str) -> bytes:
    answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{answer.status_code} {path}")
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def _timed(action: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    result = action()
    return result, time.perf_counter() - started


def fill(count: int = REQUESTS, *, agent: Any = None, seed: int = 24) -> Any:
    """Write `count` plausible requests at the desk of the Dordogne; return the agent (`agent`, or
    the first of six new ones). The same for the same seed, dates apart.
    """
    from django.utils.timezone import now

    from maillage.accounts.enums import OrganisationKind
    from maillage.accounts.models import Organisation
    from maillage.desk.enums import OPEN_STATES, Branch, Channel, State, Verb
    from maillage.desk.models import Request
    from maillage.engine.vocabulary import THEMES
    from maillage.territories.directory import directory
    from tests.desk import factories

    chance = random.Random(seed)
    desk = factories.DeskFactory()
    agents = [factories.make_user(name=name) for name in PEOPLE]
    agents[0] = agent or agents[0]
    bodies = [factories.make_provider(name) for name in BODIES]
    anct = factories.make_anct()
    known = directory()
    communes = [one for one in known.communes.values() if one.department == "24"]
    chance.shuffle(communes)
    there = dict(Organisation.objects.values_list("territory", "pk"))
    Organisation.objects.bulk_create(
        Organisation(kind=OrganisationKind.COMMUNE, name=one.label, territory=one.key)
        for one in communes
        if one.key not in there
    )
    towns = {one.territory: one for one in Organisation.objects.all()}
    states = [state for state in State if state != State.DRAFT]
    weights = [12 if s in (State.RECEIVED, State.QUALIFIED, State.ACCOMPANIED) else
               40 if s == State.CLOSED else 5 for s in states]  # fmt: skip
    texts = [
        json.loads(line)["text"]
        for line in (Path(__file__).parent / "data/needs.jsonl").read_text("utf-8").splitlines()
    ]
    moment, built, first = now(), [], Request.objects.count() + 1
    for number in range(count):
        # Some communes ask much more than others.
        commune = communes[int(chance.expovariate(1 / 90)) % len(communes)]
        state = chance.choices(states, weights)[0]
        ended = state not in OPEN_STATES
        filed = moment - timedelta(days=chance.randint(0, 540 if ended else 75), minutes=number)
        told = filed + (moment - filed) * chance.random()
        seen = chance.choice([None, filed, told, told])
        theme = chance.choice(list(THEMES))
        national = ended and chance.random() < 0.1
        one = factories.build_request(
            state, commune.code, desk, applicant=towns[commune.key],
            lead=chance.choice(bodies), anct=anct, author=agents[0],
            number=f"24-{filed.year}-{first + number:05d}", need=chance.choice(texts),
            branch=Branch.NATIONAL if national else "", filed_at=filed,
            news_at=told, seen_at=seen, contact_name=chance.choice(CONTACTS),
            assigned_to=None if state == State.RECEIVED else chance.choice(agents),
            channel=chance.choices(list(Channel), [6, 2, 1, 2, 1])[0],
            due_on=None if ended else (moment + timedelta(days=chance.randint(-9, 30))).date(),
        )  # fmt: skip
        if any(entry.verb == Verb.QUALIFY for entry in one.journal):
            one.request.themes = [theme]
        built.append(one)
    factories.save_all(built)
    return agents[0]


if __name__ == "__main__":
    main()
