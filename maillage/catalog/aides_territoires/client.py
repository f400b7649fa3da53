"""The HTTP side: one request at a time, slowly, and never a secret to another site.

Two versions of one API. v1.6 is open; v1.8 asks to sign in with a token (``X-AUTH-TOKEN``), which
gives another one for a day (``Authorization: Bearer``). Pages hold fifty aids, and no other size is
ever asked for: the live version keeps pages for the day by number, not by size, so that another
size makes aids overlap or vanish.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import urllib3
from django.conf import settings

logger = logging.getLogger(__name__)

OPEN: Final = "1.6"
SIGNED: Final = "1.8"
#: Largest answer that is read, once uncompressed, in bytes: fifty aids weigh less than one million.
LARGEST: Final = 20 * 1024 * 1024
#: More pages than this means that the site turns in circles.
MOST_PAGES: Final = 2000
#: Seconds between two pages, then before each new attempt of a request that failed.
PAUSE: Final = 1.0
WAITS: Final = (2.0, 8.0, 30.0)
#: A site that asks to wait longer is left in peace: the run is resumed later.
LONGEST_WAIT: Final = 300.0
_TIMEOUT: Final = urllib3.Timeout(connect=10.0, read=60.0)
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_CHUNK: Final = 64 * 1024

Sleep = Callable[[float], None]


class Failed(Exception):
    """The API cannot be read; the message says in French what and what to do. ``resumable`` when
    trying again later, from the same page, makes sense.
    """

    def __init__(self, message: str, *, resumable: bool = False) -> None:
        self.resumable = resumable
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Address:
    """How the API is reached: base address (``https://…``, without ``/api``), version, token."""

    base: str
    version: str
    token: str = field(default="", repr=False)

    @property
    def path(self) -> str:
        """What stands before ``/api`` in the base address."""
        return urlsplit(self.base).path.rstrip("/")

    def page(self, relative: str) -> str:
        """The address of a page of the site itself (``/aides/<slug>/``)."""
        return f"{self.base}/{relative.lstrip('/')}"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of aids. ``count`` is what the site announces in all, ``following`` the number of the
    next page, ``None`` at the end.
    """

    number: int
    count: int
    results: tuple[Any, ...]
    following: int | None


def configured() -> Address | None:
    """The address of the settings; ``None`` when the connector is not connected.

    Raises `Failed` when the settings cannot be used.
    """
    said = settings.MAILLAGE
    base = said["AIDES_TERRITOIRES_URL"].strip().rstrip("/").removesuffix("/api")
    if not base:
        return None
    address = Address(base, said["AIDES_TERRITOIRES_VERSION"].strip(),
                      said["AIDES_TERRITOIRES_TOKEN"].strip())  # fmt: skip
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise Failed(
            f"L'adresse réglée, « {base} », n'est pas celle d'un site : elle doit ressembler à "
            "https://exemple.fr, sans rien après."
        )
    if parts.username or parts.password:
        raise Failed("L'adresse réglée ne doit contenir ni nom ni mot de passe.")
    if address.version not in (OPEN, SIGNED):
        raise Failed(
            f"La version réglée, « {address.version} », n'est pas connue : mettez {OPEN} (ouverte) "
            f"ou {SIGNED} (avec un jeton)."
        )
    if address.version == SIGNED and not address.token:
        raise Failed(
            f"La version {SIGNED} demande un jeton : créez-le sur le site d'Aides-territoires, "
            "puis mettez-le dans MAILLAGE_AIDES_TERRITOIRES_TOKEN."
        )
    if parts.scheme == "http" and address.token and parts.hostname not in _LOCAL:
        raise Failed(
            "Le jeton ne part que sur une adresse qui commence par https:// : corrigez-la."
        )
    return address


class Client:
    """Reads the pages of one API. `sleep` and `clock` (seconds since 1970) are given by tests.

    ``retries`` counts the requests that had to be made again.
    """

    def __init__(
        self,
        address: Address,
        *,
        sleep: Sleep = time.sleep,
        clock: Callable[[], float] = time.time,
        timeout: urllib3.Timeout = _TIMEOUT,
    ) -> None:
        self.address = address
        self.retries = 0
        self._sleep = sleep
        self._clock = clock
        self._bearer = ""
        self._asked = 0
        # One connection, no redirection followed, no attempt that we did not decide.
        self._http = urllib3.PoolManager(
            num_pools=1, maxsize=1, block=True, retries=False, timeout=timeout
        )

    def page(self, number: int) -> Page:
        """One page of the list, by its number from 1. Raises `Failed`."""
        if number > MOST_PAGES:
            raise Failed(f"Le site annonce plus de {MOST_PAGES} pages : lecture arrêtée.")
        if self._asked:
            self._sleep(PAUSE)
        self._asked += 1
        query = {"page": str(number)}
        if self.address.version == OPEN:
            query["version"] = OPEN
        where = f"la page {number}"
        content = self._read("GET", f"/api/aids/?{urlencode(query)}", where, self._check_page)
        following = content["next"]
        return Page(
            number=number,
            count=content["count"],
            results=tuple(content["results"]),
            following=self._following(following, number) if following else None,
        )

    # -- What follows

    def _following(self, address: str, number: int) -> int:
        """Number of the next page, from the address that the site gives: only of the same site, and
        only forward. The request itself is written here, by our own settings.
        """
        mine, given = urlsplit(self.address.base), urlsplit(address)
        try:
            same = (given.hostname or mine.hostname) == mine.hostname and (
                given.port is None or mine.port is None or given.port == mine.port
            )
            page = int(parse_qs(given.query)["page"][0])
        except (ValueError, KeyError):
            raise Failed(
                f"La page {number} donne une suite illisible (« {address[:200]} »)."
            ) from None
        if not same or given.path.rstrip("/") != f"{self.address.path}/api/aids":
            raise Failed(
                f"La page {number} renvoie vers une autre adresse (« {given.netloc}{given.path} ») "
                "que celle qui est réglée. Rien n'y a été envoyé ; vérifiez l'adresse."
            )
        if page <= number:
            raise Failed(f"La page {number} renvoie à la page {page} : le site tourne en rond.")
        return page

    @staticmethod
    def _check_page(content: Any) -> str:
        """What is wrong in the content of a page; "" when nothing is."""
        if not isinstance(content, dict) or not isinstance(content.get("results"), list):
            return "la liste des aides (« results ») manque"
        count = content.get("count")
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            return "le nombre d'aides (« count ») manque"
        if not isinstance(content.setdefault("next", None), str | None):
            return "l'adresse de la suite (« next ») n'en est pas une"
        return ""

    # -- Requests

    def _read(self, method: str, path: str, where: str, check: Callable[[Any], str]) -> Any:
        """The JSON of an address, tried again when that may help, signed in when it must be."""
        renewed = False
        attempt = 0
        while True:
            if self.address.version == SIGNED and not self._bearer:
                self._sign_in()
            headers = {"Authorization": f"Bearer {self._bearer}"} if self._bearer else {}
            problem, wait, content = self._try(method, path, headers)
            if problem == "401" and self._bearer and not renewed:
                # The day of the token is over: once more, with a new one.
                self._bearer, renewed = "", True
                continue
            if not problem:
                problem = check(content)
                if not problem:
                    return content
                problem = f"la réponse n'est pas celle d'Aides-territoires : {problem}"
            self._give_up_or_wait(problem, wait, attempt, where)
            attempt += 1

    def _give_up_or_wait(self, problem: str, wait: float | None, attempt: int, where: str) -> None:
        if problem in _FINAL:
            raise Failed(_FINAL[problem].format(where=where))
        if attempt >= len(WAITS):
            raise Failed(
                f"{where[0].upper()}{where[1:]} n'a pas pu être lue après {attempt + 1} essais : "
                f"{problem}. Le passage pourra être repris à cette page.",
                resumable=True,
            )
        seconds = WAITS[attempt] if wait is None else wait
        if seconds > LONGEST_WAIT:
            raise Failed(
                f"Le site demande d'attendre {seconds:.0f} secondes avant {where}. Le passage sera "
                "repris plus tard, à cette page.",
                resumable=True,
            )
        logger.info("aides-territoires: %s, waiting %.0f s", problem, seconds)
        self.retries += 1
        self._sleep(seconds)

    def _try(
        self, method: str, path: str, headers: Mapping[str, str]
    ) -> tuple[str, float | None, Any]:
        """One request: what is wrong ("" when nothing), seconds to wait when told, the JSON."""
        try:
            answer = self._http.request(
                method,
                f"{self.address.base}{path}",
                headers={"Accept": "application/json", "User-Agent": _user_agent(), **headers},
                redirect=False,
                preload_content=False,
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            return f"le site ne répond pas ({type(error).__name__})", None, None
        try:
            if answer.status == 429 or answer.status >= 500:
                answer.close()
                wait = self._retry_after(answer.headers.get("Retry-After", ""))
                return f"le site répond par une erreur {answer.status}", wait, None
            if answer.status != 200:
                answer.close()
                kind = "3xx" if 300 <= answer.status < 400 else str(answer.status)
                known = kind if kind in _FINAL else "4xx"
                return known, None, None
            body = _bounded(answer)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            return f"la réponse s'est interrompue ({type(error).__name__})", None, None
        finally:
            answer.release_conn()
        if body is None:
            return "énorme", None, None
        try:
            return "", None, json.loads(body)
        except (ValueError, RecursionError):
            return "la réponse n'est pas du JSON", None, None

    def _sign_in(self) -> None:
        """Exchange the token of the settings for that of the day. Raises `Failed`."""
        headers = {"X-AUTH-TOKEN": self.address.token}
        attempt = 0
        while True:
            problem, wait, content = self._try("POST", "/api/connexion/", headers)
            if problem in ("401", "403"):
                raise Failed(
                    "Aides-territoires refuse le jeton réglé : créez-en un nouveau sur leur site, "
                    "puis mettez-le dans MAILLAGE_AIDES_TERRITOIRES_TOKEN."
                )
            if not problem:
                token = content.get("token") if isinstance(content, dict) else None
                if isinstance(token, str) and token and token.isascii() and token.isprintable():
                    self._bearer = token
                    return
                problem = "la connexion ne donne pas de jeton"
            self._give_up_or_wait(problem, wait, attempt, "la connexion")
            attempt += 1

    def _retry_after(self, text: str) -> float | None:
        """Seconds that ``Retry-After`` asks to wait: a number or a date; ``None`` for neither."""
        text = text.strip()
        if text.isdigit():
            return float(text)
        try:
            day = parsedate_to_datetime(text)
        except (TypeError, ValueError):
            return None
        day = day if day.tzinfo else day.replace(tzinfo=UTC)
        return max(0.0, (day - datetime.fromtimestamp(self._clock(), UTC)).total_seconds())


#: What no new attempt would change, as it is said. The first word is the kind of the answer.
_FINAL: Final = {
    "3xx": "Le site renvoie {where} vers une autre adresse : réglez la bonne. Rien n'y est parti.",
    "401": "Le site demande de se connecter pour lire {where} : vérifiez la version et le jeton.",
    "403": "Le site refuse de donner {where} : vérifiez la version et le jeton.",
    "404": "Le site n'a pas {where} à cette adresse : vérifiez l'adresse et la version réglées.",
    "4xx": "Le site ne comprend pas la demande de {where} : vérifiez la version réglée.",
    "énorme": "La réponse pour {where} est beaucoup trop grosse : ce n'est pas Aides-territoires.",
}


def _user_agent() -> str:
    return f"Maillage (+{settings.MAILLAGE['URL']})"


def _bounded(answer: urllib3.BaseHTTPResponse) -> bytes | None:
    """The body of an answer, uncompressed; ``None`` when it is larger than `LARGEST`."""
    parts, size = [], 0
    for part in answer.stream(_CHUNK, decode_content=True):
        size += len(part)
        if size > LARGEST:
            answer.close()
            return None
        parts.append(part)
    return b"".join(parts)
