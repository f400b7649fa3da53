"""The HTTP side of the connector, against a site of ours that speaks the documented contract."""

from collections.abc import Callable, Iterator
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3
from django.conf import LazySettings

from maillage.catalog.aides_territoires.client import Address, Client, Failed, Page, configured
from tests.catalog.aides_territoires.acts import say
from tests.catalog.aides_territoires_server import TOKEN, Site, aid, modern_aid, serving

Make = Callable[..., Client]


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site(aids=[aid(n) for n in range(1, 121)])) as made:
        yield made


@pytest.fixture
def modern() -> Iterator[Site]:
    made = Site(version="1.8", aids=[modern_aid(n) for n in range(1, 121)])
    with serving(made):
        yield made


@pytest.fixture
def naps() -> list[float]:
    """Seconds that the client would have slept."""
    return []


def client_of(site: Site, naps: list[float], **said: Any) -> Client:
    address = Address(site.address, site.version, TOKEN if site.version == "1.8" else "")
    return Client(address, sleep=naps.append, clock=lambda: 1_800_000_000.0, **said)


def pages_of(client: Client) -> list[Page]:
    found, number = [], 1
    while number:
        found.append(client.page(number))
        number = found[-1].following or 0
    return found


def ids(pages: list[Page]) -> list[int]:
    return [one["id"] for page in pages for one in page.results]


def test_it_reads_every_page_of_the_open_version(site: Site, naps: list[float]) -> None:
    pages = pages_of(client_of(site, naps))
    assert ids(pages) == list(range(1, 121))
    assert [page.count for page in pages] == [120, 120, 120]
    assert site.pages == [1, 2, 3]
    assert naps == [1.0, 1.0], "a pause between pages, none before the first"


def test_it_says_who_it_is_and_asks_no_size(site: Site, naps: list[float]) -> None:
    pages_of(client_of(site, naps))
    for _, path, headers in site.seen:
        assert headers["User-Agent"].startswith("Maillage (+http")
        assert "version=1.6" in path
        assert "size" not in path
        assert "itemsPerPage" not in path
        assert "Authorization" not in headers


def test_the_live_version_signs_in_once(modern: Site, naps: list[float]) -> None:
    pages = pages_of(client_of(modern, naps))
    assert ids(pages) == list(range(1, 121))
    assert modern.signed_in == 1
    sent = [headers for method, _, headers in modern.seen if method == "GET"]
    assert {headers["Authorization"] for headers in sent} == {"Bearer jwt-1"}
    assert not any("X-AUTH-TOKEN" in headers for headers in sent), (
        "the token is only for signing in"
    )


def test_the_cache_of_the_live_version_does_not_hide_aids(modern: Site, naps: list[float]) -> None:
    """A page that someone asked for with another size would be served again: with ours, no."""
    assert ids(pages_of(client_of(modern, naps))) == list(range(1, 121))
    modern.forget()
    modern.page({"page": ["2"], "itemsPerPage": ["100"]})  # someone else, today
    assert ids(pages_of(client_of(modern, naps))) != list(range(1, 121)), "the trap is real"


def test_a_token_that_ends_on_the_way_is_renewed_once(modern: Site, naps: list[float]) -> None:
    modern.before = lambda number: modern.expire() if number == 2 else None
    assert ids(pages_of(client_of(modern, naps))) == list(range(1, 121))
    assert modern.signed_in == 2


def test_a_token_that_is_refused_is_said(modern: Site, naps: list[float]) -> None:
    client = Client(Address(modern.address, "1.8", "faux"), sleep=naps.append)
    with pytest.raises(Failed, match="refuse le jeton") as caught:
        client.page(1)
    assert not caught.value.resumable
    assert naps == []


def test_a_site_that_never_accepts_its_own_token_is_left(modern: Site, naps: list[float]) -> None:
    modern.lets_in = lambda headers: False  # type: ignore[method-assign]
    with pytest.raises(Failed, match="demande de se connecter"):
        client_of(modern, naps).page(1)
    assert modern.signed_in == 2


def test_a_page_that_fails_twice_then_answers(site: Site, naps: list[float]) -> None:
    site.trouble[2] = [503, "cut"]
    client = client_of(site, naps)
    assert ids(pages_of(client)) == list(range(1, 121))
    assert naps == [1.0, 2.0, 8.0, 1.0]
    assert client.retries == 2


@pytest.mark.parametrize(
    ("asked", "waited"),
    [("7", 7.0), (formatdate(1_800_000_020, usegmt=True), 20.0), ("bientôt", 2.0), ("", 2.0),
     (formatdate(1_700_000_000, usegmt=True), 0.0)],
)  # fmt: skip
def test_it_waits_as_it_is_asked(site: Site, naps: list[float], asked: str, waited: float) -> None:
    site.trouble[1] = [("429", asked.encode("ascii", "ignore").decode())]
    client_of(site, naps).page(1)
    assert naps == [waited]


def test_a_site_that_asks_to_wait_an_hour_is_left_until_later(
    site: Site, naps: list[float]
) -> None:
    site.trouble[1] = [("429", "3600")]
    with pytest.raises(Failed, match="attendre 3600 secondes") as caught:
        client_of(site, naps).page(1)
    assert caught.value.resumable
    assert naps == []


@pytest.mark.parametrize("what", ["garbage", "html", "cut", 500, 502, ("429", "")])
def test_what_goes_on_failing_is_given_up(site: Site, naps: list[float], what: Any) -> None:
    site.trouble[2] = [what] * 9
    client = client_of(site, naps)
    client.page(1)
    with pytest.raises(Failed, match="La page 2 n'a pas pu être lue après 4 essais") as caught:
        client.page(2)
    assert caught.value.resumable
    assert naps == [1.0, 2.0, 8.0, 30.0]


@pytest.mark.parametrize(
    ("what", "said"),
    [("redirect", "vers une autre adresse"), (404, "vérifiez l'adresse"), (403, "refuse"),
     (400, "ne comprend pas"), ("huge", "beaucoup trop grosse")],
)  # fmt: skip
def test_what_no_attempt_would_change_is_said_at_once(
    site: Site, naps: list[float], what: Any, said: str
) -> None:
    site.trouble[1] = [what]
    with pytest.raises(Failed, match=said) as caught:
        client_of(site, naps).page(1)
    assert not caught.value.resumable
    assert len(site.seen) == 1
    assert naps == []


def test_a_site_that_is_away_is_said(naps: list[float]) -> None:
    with serving(Site()) as site:
        pass
    client = client_of(site, naps, timeout=urllib3.Timeout(1.0))
    with pytest.raises(Failed, match="le site ne répond pas") as caught:
        client.page(1)
    assert caught.value.resumable


@pytest.mark.parametrize(
    "address",
    ["https://ailleurs.example/api/aids/?page=2", "//ailleurs.example/api/aids/?page=2",
     "http://127.0.0.1:1/api/aids/?page=2", "http://127.0.0.1@ailleurs.example/api/aids/?page=2",
     "{site}/autre/chose/?page=2"],
)  # fmt: skip
def test_the_next_page_is_never_elsewhere(modern: Site, naps: list[float], address: str) -> None:
    modern.following[1] = address.replace("{site}", modern.address)
    with pytest.raises(Failed, match="renvoie vers une autre adresse"):
        client_of(modern, naps).page(1)
    assert modern.pages == [1]


@pytest.mark.parametrize(
    "address", ["{site}/api/aids/?page=1", "{site}/api/aids/?page=x", "{site}/api/aids/", "[", "?"]
)
def test_the_next_page_is_always_further(site: Site, naps: list[float], address: str) -> None:
    site.following[1] = address.replace("{site}", site.address)
    with pytest.raises(Failed, match=r"tourne en rond|suite illisible"):
        client_of(site, naps).page(1)


@pytest.mark.parametrize(
    "address", ["/api/aids/?page=2", "https://127.0.0.1/api/aids/?version=1.5&page=2&size=1000"]
)
def test_the_address_asked_is_always_ours(site: Site, naps: list[float], address: str) -> None:
    """A relative address, another scheme (a relay in front of the site), other settings: the same
    page, asked our way.
    """
    site.following[1] = address
    assert ids(pages_of(client_of(site, naps))) == list(range(1, 121))
    assert urlsplit(site.seen[1][1]).query == "page=2&version=1.6"


def test_no_aid_at_all_is_an_answer(naps: list[float]) -> None:
    with serving(Site()) as empty:
        page = client_of(empty, naps).page(1)
    assert (page.count, page.results, page.following) == (0, (), None)


# -- Settings


def test_nothing_is_connected_until_it_issay(settings: LazySettings) -> None:
    assert configured() is None
    say(settings, "https://exemple.fr/api/")
    assert configured() == Address("https://exemple.fr", "1.6")


@pytest.mark.parametrize(
    ("url", "version", "token", "said"),
    [
        ("exemple.fr", "1.6", "", "n'est pas celle d'un site"),
        ("ftp://exemple.fr", "1.6", "", "n'est pas celle d'un site"),
        ("https://moi:secret@exemple.fr", "1.6", "", "ni nom ni mot de passe"),
        ("https://exemple.fr", "2.0", "", "n'est pas connue"),
        ("https://exemple.fr", "1.8", "", "demande un jeton"),
        ("http://exemple.fr", "1.8", "secret", "https://"),
    ],
)
def test_settings_that_cannot_be_used_are_said(
    settings: LazySettings, url: str, version: str, token: str, said: str
) -> None:
    say(settings, url, version, token)
    with pytest.raises(Failed, match=said) as caught:
        configured()
    assert "secret" not in str(caught.value)


def test_the_token_is_in_no_text() -> None:
    assert "secret" not in repr(Address("https://exemple.fr", "1.8", "secret"))
