"""The look at the links: against a server of ours, and never towards a private network."""

import ipaddress
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import localdate, now
from hypothesis import given
from hypothesis import strategies as st

from maillage.accounts.enums import Role
from maillage.catalog.enums import LinkState
from maillage.catalog.models import LinkCheck, Offer, Provider
from maillage.catalog.quality import checking, link_note
from maillage.catalog.quality.links import MOST_REDIRECTS, Found, Looker, is_public
from maillage.notifications.models import Notification
from tests.catalog.factories import make_offer, make_provider
from tests.desk.factories import make_provider as make_body
from tests.desk.factories import make_user

TODAY = date(2026, 11, 21)


class _Site(BaseHTTPRequestHandler):
    """Answers by its path; `asked` keeps what was asked of it."""

    asked: list[tuple[str, str, str]] = []

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.asked.append((self.command, self.path, self.headers["User-Agent"]))
        what = self.path.strip("/").split("/")
        if what[0] == "vers":
            self.send_response(302)
            self.send_header("Location", self.path[len("/vers") :])
        elif what[0] == "boucle":
            self.send_response(301)
            self.send_header("Location", f"/boucle/{int(what[1]) + 1}")
        elif what[0] == "sans-head" and self.command == "HEAD":
            self.send_response(405)
        elif what[0] == "prive":
            self.send_response(302)
            self.send_header("Location", "http://192.168.1.1/admin")
        else:
            self.send_response(int(what[0]) if what[0].isdigit() else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    _Site.asked = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def _loopback(address: Any) -> bool:
    return address.is_loopback


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def looker(waits: list[float]) -> Looker:
    """Goes to this machine only, and notes its waits instead of waiting."""
    return Looker(
        agent="Essai", allowed=_loopback, ports=None, sleep=waits.append, clock=lambda: 0.0, read=2
    )


# -- One address


@pytest.mark.parametrize(
    ("path", "ok", "status"),
    [
        ("/", True, 200), ("/204", True, 204), ("/sans-head", True, 200), ("/403", True, 403),
        ("/429", True, 429), ("/404", False, 404), ("/410", False, 410), ("/500", False, 500),
        ("/vers/page", True, 200), ("/vers/vers/404", False, 404), ("/400", False, 400),
    ],
)  # fmt: skip
def test_an_address_answers_or_not(
    site: str, looker: Looker, path: str, ok: bool, status: int
) -> None:
    found = looker.look(site + path)
    assert (found.ok, found.status, found.unreachable) == (ok, status, False)


def test_it_asks_by_head_then_get_and_says_who_it_is(site: str, looker: Looker) -> None:
    looker.look(f"{site}/page")
    looker.look(f"{site}/404")
    assert _Site.asked == [("HEAD", "/page", "Essai"), ("HEAD", "/404", "Essai"),
                           ("GET", "/404", "Essai")]  # fmt: skip


def test_it_waits_between_two_looks_at_one_host(
    site: str, looker: Looker, waits: list[float]
) -> None:
    looker.look(f"{site}/un")
    assert waits == []
    looker.look(f"{site}/deux")
    assert waits == [looker.pause]


def test_it_follows_five_redirects_and_no_more(site: str, looker: Looker) -> None:
    far = "/vers" * MOST_REDIRECTS
    assert looker.look(f"{site}{far}/page").final_url == f"{site}/page"
    found = looker.look(f"{site}/boucle/0")
    assert not found.ok
    assert found.detail == "trop de redirections"
    asked = [path for _, path, _ in _Site.asked if path.startswith("/boucle")]
    assert len(asked) == MOST_REDIRECTS + 1


def test_a_site_that_is_not_there_is_unreachable(looker: Looker) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = looker.look(f"http://127.0.0.1:{port}/")
    assert (found.ok, found.unreachable) == (False, True)


def test_a_site_that_says_nothing_is_not_waited_for(looker: Looker) -> None:
    looker.read = 0.05
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        found = looker.look(f"http://127.0.0.1:{deaf.getsockname()[1]}/")
    assert (found.ok, found.unreachable) == (False, True)
    assert found.detail == "le site n'a pas répondu à temps"


# -- Never towards a private network


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.4.4", "192.168.1.1", "169.254.169.254", "0.0.0.0",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:192.168.0.1", "2002:7f00:1::", "64:ff9b::7f00:1",
        "2001:db8::1", "64:ff9b::5db8:d822", "64:ff9b:1::5db8:d822", "::5db8:d822", "::7f00:1",
        "::ffff:0:7f00:1", "::ffff:0:5db8:d822", "fec0::1", "192.88.99.1", "2002:c058:6301::1",
        "198.18.0.1", "240.0.0.1", "100::1",
    ],
)  # fmt: skip
def test_private_addresses_are_told_apart(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "2002:5db8:d822::"])
def test_addresses_of_the_internet_are_looked_at(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@given(st.ip_addresses(v=4))
def test_hiding_an_address_in_another_changes_nothing(address: ipaddress.IPv4Address) -> None:
    assert is_public(ipaddress.ip_address(f"::ffff:{address}")) == is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://2130706433/",
        "http://0x7f.1/", "http://169.254.169.254/latest/meta-data/",
    ],
)  # fmt: skip
def test_nobody_knocks_at_this_machine(url: str) -> None:
    found = Looker(agent="Essai").look(url)
    assert (found.ok, found.detail) == (False, "cette adresse mène à un réseau privé")


def test_a_redirect_to_a_private_network_is_not_followed(site: str, looker: Looker) -> None:
    found = looker.look(f"{site}/prive")
    assert (found.ok, found.detail) == (False, "cette adresse mène à un réseau privé")


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("ftp://exemple.fr/", "ce n'est pas une adresse de page (http ou https)"),
        ("file:///etc/passwd", "ce n'est pas une adresse de page (http ou https)"),
        ("http://moi:secret@exemple.fr/", "l'adresse contient un identifiant"),
        ("http://exemple.fr:22/", "ce port n'est pas celui d'un site public"),
        ("http://exemple.fr:99999/", "cette adresse est mal écrite"),
        ("http://[exemple/", "cette adresse est mal écrite"),
    ],
)
def test_what_is_not_the_address_of_a_page_is_not_asked(url: str, detail: str) -> None:
    assert Looker(agent="Essai").look(url) == Found(ok=False, detail=detail)


def test_every_address_of_a_name_must_be_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers one public and one private address leads to a private network."""

    def two(*args: Any, **kwargs: Any) -> list[Any]:
        rows = ["93.184.216.34", "10.0.0.1"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (row, 80)) for row in rows]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    assert Looker(agent="Essai").look("http://piege.exemple/").detail.endswith("réseau privé")


# -- The night


class _Told(Looker):
    """Answers what it was told; the rest is fine."""

    def __init__(self, **answers: Found) -> None:
        super().__init__(agent="Essai")
        self.answers, self.looked = answers, []

    def look(self, url: str) -> Found:
        self.looked.append(url)
        return self.answers.get(url.rsplit("/", 1)[-1], Found(ok=True, status=200))


DEAD = Found(ok=False, status=404, detail="page introuvable (404)")
AWAY = Found(ok=False, detail="le site ne répond pas", unreachable=True)


@pytest.fixture
def offer(memory: None) -> Offer:
    """The only entry with a link."""
    Offer.objects.update(link="")
    Provider.objects.update(website="")
    return make_offer(link="https://exemple.test/mort", provider=make_provider(slug="essai"))


def _night(day: int, **answers: Found) -> _Told:
    looker = _Told(**answers)
    checking.check_links(today=TODAY + timedelta(days=day), looker=looker)
    # The row says the real moment; the test says the day.
    LinkCheck.objects.update(
        checked_at=datetime(2026, 11, 21, 12, tzinfo=UTC) + timedelta(days=day)
    )
    return looker


def _state() -> tuple[str, int]:
    row = LinkCheck.objects.get(url="https://exemple.test/mort")
    return row.state, row.failures


def test_three_nights_make_a_broken_link_and_its_owner_is_told_once(offer: Offer) -> None:
    owner = make_user(Role.PROVIDER, make_body("Essai", provider="essai"))
    told = Notification.objects.filter(user=owner, slug="links-broken")
    for day, expected in enumerate([("doubt", 1), ("doubt", 2), ("broken", 3)]):
        assert not told.exists()
        _night(day, mort=DEAD)
        assert _state() == expected
    assert LinkCheck.objects.get().failing_since == TODAY
    assert told.count() == 1
    assert "page introuvable (404)" in told.get().text
    for day in (10, 20):
        _night(day, mort=DEAD)
    assert told.count() == 1


def test_two_looks_of_one_day_are_one_night(offer: Offer) -> None:
    _night(0, mort=DEAD)
    LinkCheck.objects.update(checked_at=now())
    today = localdate()
    for _ in range(3):
        checking.check_links(today=today, looker=_Told(mort=DEAD), everything=True)
    assert _state() == ("doubt", 1)


def test_one_good_answer_forgets_the_failures(offer: Offer) -> None:
    _night(0, mort=DEAD)
    _night(1, mort=DEAD)
    _night(2)
    row = LinkCheck.objects.get()
    assert (row.state, row.failures, row.failing_since) == (LinkState.OK, 0, None)


def test_doubts_come_first_then_the_new_then_the_oldest(offer: Offer) -> None:
    for number, (state, days) in enumerate([("ok", 30), ("ok", 90), ("doubt", 1), ("ok", 1)]):
        url = f"https://site{number}.test/page"
        make_offer(slug=f"autre-{number}", provider=offer.provider, link=url)
        seen = now() - timedelta(days=days)
        LinkCheck.objects.create(url=url, state=state, checked_at=seen)
    looker = _Told()
    checking.check_links(today=localdate(), looker=looker)
    assert looker.looked == [
        "https://site2.test/page", "https://exemple.test/mort", "https://site1.test/page",
        "https://site0.test/page",
    ]  # fmt: skip


def test_hosts_take_turns_and_a_night_has_an_end(offer: Offer) -> None:
    for number in range(6):
        url = f"https://site{number % 2}.test/{number}"
        make_offer(slug=f"autre-{number}", provider=offer.provider, link=url)
    looker = _Told()
    tally = checking.check_links(today=TODAY, looker=looker, most=5)
    assert tally.looked == len(looker.looked) == 5
    hosts = [url.split("/")[2] for url in looker.looked]
    assert len(set(hosts)) == 3, "site0, site1, and the first entry's own"
    assert all(one != other for one, other in pairwise(hosts[:3]))


def test_when_nothing_answers_our_own_network_is_doubted(offer: Offer) -> None:
    for number in range(12):
        make_offer(slug=f"autre-{number}", provider=offer.provider,
                   link=f"https://site{number}.test/mort")  # fmt: skip
    looker = _Told(mort=AWAY)
    tally = checking.check_links(today=TODAY, looker=looker)
    assert tally.away
    assert not LinkCheck.objects.exists()


def test_an_address_that_left_the_catalogue_is_forgotten(offer: Offer) -> None:
    LinkCheck.objects.create(url="https://ancien.test/")
    _night(0)
    assert list(LinkCheck.objects.values_list("url", flat=True)) == [offer.link]


def test_pages_read_the_result_from_memory(offer: Offer, django_assert_num_queries: Any) -> None:
    LinkCheck.objects.create(
        url=offer.link, state=LinkState.BROKEN, failures=3, failing_since=TODAY, checked_at=now()
    )
    LinkCheck.objects.create(url="https://doute.test/", state=LinkState.DOUBT, failures=1)
    assert link_note(offer.link) == "Cette adresse ne répond plus depuis le 21 novembre 2026"
    with django_assert_num_queries(0):
        assert [link_note(url) for url in ("https://doute.test/", "https://autre.test/", "")] == [
            "", "", "",
        ]  # fmt: skip


def test_the_command_looks_and_tells(
    offer: Offer, site: str, looker: Looker, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    Offer.objects.filter(pk=offer.pk).update(link=f"{site}/404")
    make_offer(slug="vive", provider=offer.provider, link=f"{site}/page")
    command = "maillage.catalog.management.commands.verifier_liens.default_looker"
    monkeypatch.setattr(command, lambda: looker)
    call_command("verifier_liens")
    assert "2\u00a0adresses vérifiées : 1 répondent, 1 non." in capsys.readouterr().out
    with pytest.raises(CommandError, match="à partir de 1"):
        call_command("verifier_liens", "--au-plus", "0")
