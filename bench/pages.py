"""The answer page, served: time for one client, throughput for eight, weight of a first visit.

The real server (two processes) answers varied needs of bench/data from varied communes; nothing is
cached. The clients share the two cores with the server, as in any figure measured on one machine.
"""

import gzip
import http.client
import json
import random
import re
import statistics
import tempfile
import threading
import time
import zlib
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.browser.site import running_site

DATA = Path(__file__).parent / "data" / "needs.jsonl"
LONGEST = 1_500
ALONE = 300
CLIENTS, SECONDS = 8, 12.0


def main() -> None:
    """Print one table."""
    questions = _questions()
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder), workers=2) as site:
        host = urlsplit(site).netloc
        for question in questions[:40]:
            _get(http.client.HTTPConnection(host), question)
        alone = _alone(host, questions)
        print("| Mesure | Valeur |")
        print("|---|---|")
        print(f"| Un client : médiane | {statistics.median(alone) * 1000:.1f} ms |")
        print(f"| Un client : 95 % sous | {sorted(alone)[int(len(alone) * 0.95)] * 1000:.1f} ms |")
        count, seconds, late = _together(host, questions)
        print(f"| {CLIENTS} clients, 2 processus | {count / seconds:.0f} réponses par seconde |")
        print(f"| {CLIENTS} clients : 95 % sous | {late * 1000:.0f} ms |")
        page, assets = _first_visit(host, questions[0])
        label = f"Première visite (page {page / 1000:.0f} ko + le reste)"
        print(f"| {label} | {(page + assets) / 1000:.0f} ko |")


def _questions() -> list[str]:
    needs = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    paths = [
        "/orientation/?" + urlencode({"commune": need["commune"], "besoin": need["text"]})
        for need in needs
    ]
    paths = [path for path in paths if len(path) < LONGEST]
    random.Random(1).shuffle(paths)
    return paths


def _get(connection: http.client.HTTPConnection, path: str, encoding: str = "gzip") -> bytes:
    connection.request("GET", path, headers={"Accept-Encoding": encoding})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status} {path[:100]}")
    return body


def _alone(host: str, questions: list[str]) -> list[float]:
    connection = http.client.HTTPConnection(host)
    times = []
    for number in range(ALONE):
        started = time.perf_counter()
        _get(connection, questions[number % len(questions)])
        times.append(time.perf_counter() - started)
    return times


def _together(host: str, questions: list[str]) -> tuple[int, float, float]:
    times: list[float] = []
    end = time.perf_counter() + SECONDS

    def client(seed: int) -> None:
        chance, connection = random.Random(seed), http.client.HTTPConnection(host)
        mine = []
        while (started := time.perf_counter()) < end:
            _get(connection, chance.choice(questions))
            mine.append(time.perf_counter() - started)
        times.extend(mine)

    started = time.perf_counter()
    threads = [threading.Thread(target=client, args=(seed,)) for seed in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    return len(times), seconds, sorted(times)[int(len(times) * 0.95)]


def _first_visit(host: str, path: str) -> tuple[int, int]:
    """Bytes on the wire: the page, then what it asks for (compressed as a browser asks)."""
    connection = http.client.HTTPConnection(host)
    sent = _get(connection, path, "br, gzip")
    html = _plain(sent).decode()
    links = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', html))
    return len(sent), sum(len(_get(connection, link, "br, gzip")) for link in sorted(links))


def _plain(body: bytes) -> bytes:
    try:
        return gzip.decompress(body)
    except (gzip.BadGzipFile, zlib.error):
        return body


if __name__ == "__main__":
    main()
