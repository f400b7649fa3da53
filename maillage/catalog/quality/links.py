"""One look at an address of the catalogue: does it answer?

Polite: HEAD, then GET without its body; a short wait; a name that says who asks. Never towards a
private network: names are resolved here, each address is checked, and the connection is made to
that very address, at each of the redirects too.
"""

import ipaddress
import socket
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, InsecureRequestWarning, SSLError
from urllib3.exceptions import TimeoutError as Slow

#: Redirects that are followed.
MOST_REDIRECTS: Final = 5
#: Seconds: to connect, to answer, between two looks at one host.
CONNECT: Final = 5.0
READ: Final = 10.0
PAUSE: Final = 2.0
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
#: The page is there: its site only refuses machines, or this verb.
_GUARDED: Final = frozenset({401, 402, 403, 405, 406, 407, 418, 429, 451, 999})
_PORTS: Final = {"http": 80, "https": 443}
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Found:
    """What an address answered. ``detail`` says it in words; ``unreachable`` when nothing came back
    at all, which may be our own network's fault.
    """

    ok: bool
    status: int | None = None
    detail: str = ""
    final_url: str = ""
    unreachable: bool = False


class _Refused(Exception):
    """An address at which nobody looks, and why."""


def is_public(address: IpAddress) -> bool:
    """True of an address of the internet: not of this machine, nor of a private network.

    What hides another address (IPv4 inside IPv6, tunnels) is judged on the one that it hides; what
    a gateway of the local network would translate is refused: who knows where it leads.
    """
    if any(address in network for network in _REFUSED):
        return False
    if isinstance(address, ipaddress.IPv6Address):
        hidden = address.ipv4_mapped or address.sixtofour
        if address.teredo is not None:
            hidden = address.teredo[1]
        if hidden is not None:
            return is_public(hidden)
    return address.is_global and not address.is_multicast


#: Embedded and translated IPv4, NAT64, the former local network of IPv6, relays of 6to4.
_REFUSED: Final = tuple(
    ipaddress.ip_network(one)
    for one in (
        "::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "fec0::/10",
        "192.88.99.0/24",
    )
)  # fmt: skip


@dataclass(slots=True)
class Looker:
    """Looks at addresses, one at a time, and waits between two looks at one host.

    `allowed` says which network addresses may be asked, `ports` which ports (``None``: any);
    `sleep` and `clock` are the wait and the seconds of which it is made.
    """

    agent: str
    allowed: Callable[[IpAddress], bool] = is_public
    ports: frozenset[int] | None = frozenset(_PORTS.values())
    pause: float = PAUSE
    connect: float = CONNECT
    read: float = READ
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _seen: dict[str, float] = field(default_factory=dict)

    def look(self, url: str) -> Found:
        """Look at an address; never raises for what the network does."""
        try:
            return self._follow(url)
        except _Refused as refusal:
            return Found(ok=False, detail=str(refusal))
        except ValueError:
            return Found(ok=False, detail="cette adresse est mal écrite")
        except (HTTPError, OSError) as error:
            return Found(ok=False, detail=_words(error), unreachable=True)

    def _follow(self, url: str) -> Found:
        here = url
        for _ in range(MOST_REDIRECTS + 1):
            status, location, note = self._ask(here)
            if status not in _REDIRECTS or not location:
                return _judged(status, note, here if here != url else "")
            here = urljoin(here, location)
        return Found(ok=False, status=status, detail="trop de redirections", final_url=here)

    def _ask(self, url: str) -> tuple[int, str, str]:
        """Status, where it redirects, and a note on what was odd."""
        parts = self._checked(url)
        try:
            status, location = self._head_then_get(parts, verify=True)
        except SSLError:
            # Nothing secret is sent: a badly set certificate does not make a dead page.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", InsecureRequestWarning)
                status, location = self._head_then_get(parts, verify=False)
            return status, location, "son certificat de sécurité est à corriger"
        return status, location, ""

    def _checked(self, url: str) -> SplitResult:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise _Refused("ce n'est pas une adresse de page (http ou https)")
        if parts.username or parts.password:
            raise _Refused("l'adresse contient un identifiant")
        port = parts.port or _PORTS[parts.scheme]
        if self.ports is not None and port not in self.ports:
            raise _Refused("ce port n'est pas celui d'un site public")
        return parts

    def _head_then_get(self, parts: SplitResult, *, verify: bool) -> tuple[int, str]:
        status, location = self._request("HEAD", parts, verify=verify)
        if status in _REDIRECTS or 200 <= status < 300:
            return status, location
        return self._request("GET", parts, verify=verify)

    def _request(self, method: str, parts: SplitResult, *, verify: bool) -> tuple[int, str]:
        host = parts.hostname or ""
        name = host.encode("idna").decode() if not _is_literal(host) else host
        port = parts.port or _PORTS[parts.scheme]
        address = self._resolved(name, port)
        self._wait(name)
        wait = urllib3.Timeout(connect=self.connect, read=self.read)
        # The connection is made to the address that was checked, not to the name again.
        if parts.scheme == "https":
            pool: urllib3.HTTPConnectionPool = urllib3.HTTPSConnectionPool(
                address, port, timeout=wait, retries=False, server_hostname=name,
                assert_hostname=name if verify else False,
                cert_reqs="CERT_REQUIRED" if verify else "CERT_NONE",
            )  # fmt: skip
        else:
            pool = urllib3.HTTPConnectionPool(address, port, timeout=wait, retries=False)
        shown = f"[{name}]" if ":" in name else name
        named = shown if port == _PORTS[parts.scheme] else f"{shown}:{port}"
        path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
        query = f"?{quote(parts.query, safe='/%:@!$&()*+,;=?~-._')}" if parts.query else ""
        headers = {"Host": named, "User-Agent": self.agent, "Accept": "text/html,*/*;q=0.5"}
        with pool:
            answer = pool.urlopen(
                method, path + query, headers=headers, redirect=False, preload_content=False,
                assert_same_host=False,
            )  # fmt: skip
            # The body is not read: closing the connection ends it.
            answer.close()
            self._seen[name] = self.clock()
            return answer.status, answer.headers.get("Location", "")

    def _resolved(self, name: str, port: int) -> str:
        """One network address of a host, once all are known to be public."""
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        # IPv4 first: it is reached from nearly everywhere.
        found.sort(key=lambda row: row[0] != socket.AF_INET)
        addresses = [str(row[4][0]).partition("%")[0] for row in found]
        if not addresses:
            raise OSError("no address")
        if not all(self.allowed(ipaddress.ip_address(one)) for one in addresses):
            raise _Refused("cette adresse mène à un réseau privé")
        return addresses[0]

    def _wait(self, name: str) -> None:
        last = self._seen.get(name)
        if last is not None:
            self.sleep(max(0.0, self.pause - (self.clock() - last)))


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _judged(status: int, note: str, final_url: str) -> Found:
    if 200 <= status < 300:
        return Found(True, status, note, final_url)
    if status in _GUARDED:
        return Found(True, status, "le site refuse les vérifications automatiques", final_url)
    if status in (404, 410):
        return Found(False, status, f"page introuvable ({status})", final_url)
    if status >= 500:
        return Found(False, status, f"le site est en panne ({status})", final_url)
    return Found(False, status, f"réponse inattendue ({status})", final_url)


def _words(error: Exception) -> str:
    """What went wrong, in words."""
    if isinstance(error, socket.gaierror):
        return "ce nom de site n'existe pas, ou n'est pas joignable"
    if isinstance(error, Slow | TimeoutError):
        return "le site n'a pas répondu à temps"
    if isinstance(error, SSLError):
        return "la connexion sécurisée a échoué"
    return "le site ne répond pas"
