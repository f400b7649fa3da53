"""A site on this machine that speaks the documented contract of Aides-territoires, traps included.

Version 1.6 is open and writes labels in the plural, « Thème|Sous-thème », the scale in the name of
the perimeter; version 1.8 asks for a token, writes labels in the singular, « Thème / Sous-thème »,
the scale apart, and keeps its pages for the day by their number, whatever their size.
"""

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "jeton-de-test"
PAGE = 50

#: What an aid holds in v1.6; `aid` says only what matters to a test.
_PLAIN: dict[str, Any] = {
    "name_initial": None, "short_title": "", "financers": ["Conseil régional de Bretagne"],
    "instructors": [], "programs": [], "description": "<p>Une aide pour les communes.</p>",
    "eligibility": "", "perimeter": "Bretagne (Région)",
    "mobilization_steps": ["Réflexion / conception"],
    "origin_url": "", "categories": ["Eau et milieux aquatiques|Assainissement des eaux"],
    "is_call_for_project": False, "application_url": "", "targeted_audiences": ["Communes"],
    "aid_types": ["Subvention"], "is_charged": False, "destinations": ["Dépenses d’investissement"],
    "start_date": None, "predeposit_date": None, "submission_deadline": None,
    "subvention_rate_lower_bound": None, "subvention_rate_upper_bound": 50, "loan_amount": None,
    "recoverable_advance_amount": None, "contact": "", "recurrence": "Permanente",
    "project_examples": "", "import_data_url": None, "import_data_mention": None,
    "import_share_licence": None, "date_created": "2025-01-02T10:00:00+01:00",
    "date_updated": "2026-05-04T10:00:00+02:00",
}  # fmt: skip


def aid(number: int, **said: Any) -> dict[str, Any]:
    """An aid of v1.6."""
    slug = f"aide-{number}"
    return {"id": number, "slug": slug, "url": f"/aides/{slug}/", "name": f"Aide {number}",
            **_PLAIN, **said}  # fmt: skip


def modern_aid(number: int, **said: Any) -> dict[str, Any]:
    """The same in v1.8: other labels, a bare perimeter and its scale."""
    plain = {
        "perimeter": "Bretagne", "perimeter_scale": "Région", "targeted_audiences": ["Commune"],
        "categories": ["Eau et milieux aquatiques / Assainissement des eaux"],
        "financers_full": [{"id": 1, "name": "Conseil régional de Bretagne", "logo": None}],
        "instructors_full": [], "aid_types_full": [], "subvention_comment": None,
        "project_references": [], "european_aid": None, "is_live": True, "short_title": None,
        "origin_url": None, "application_url": None, "contact": None,
    }  # fmt: skip
    return aid(number, **{**plain, **said})


@dataclass
class Site:
    """What the site holds and how it behaves. ``trouble`` is page → answers given before the good
    one: a status, ("429", "12"), "garbage", "html", "cut", "redirect", "huge".
    """

    version: str = "1.6"
    aids: list[dict[str, Any]] = field(default_factory=list)
    trouble: dict[int | str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    #: Replaces the address of the page that follows, by page.
    following: dict[int, Any] = field(default_factory=dict)
    #: Called with the number of a page before it is made.
    before: Callable[[int], None] = lambda number: None
    address: str = ""
    #: (method, path with its query, headers) of each request.
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    signed_in: int = 0
    _valid: str = ""
    _kept: dict[int, bytes] = field(default_factory=dict)

    def expire(self) -> None:
        """The token of the day is over."""
        self._valid = ""

    def forget(self) -> None:
        """Another day: pages are made again."""
        self._kept.clear()

    @property
    def pages(self) -> list[int]:
        """Numbers of the pages that were asked for, in order."""
        return [
            int(parse_qs(urlsplit(path).query)["page"][0])
            for method, path, _ in self.seen
            if method == "GET"
        ]

    def sign_in(self) -> bytes:
        self.signed_in += 1
        self._valid = f"jwt-{self.signed_in}"
        return json.dumps({"token": self._valid}).encode()

    def lets_in(self, headers: dict[str, str]) -> bool:
        return self.version == "1.6" or headers.get("Authorization") == f"Bearer {self._valid}"

    def page(self, query: dict[str, list[str]]) -> bytes:
        number = int(query.get("page", ["1"])[0])
        if self.version != "1.6" and number in self._kept:
            return self._kept[number]
        size = int(query.get("size", query.get("itemsPerPage", [str(PAGE)]))[0])
        self.before(number)
        start = (number - 1) * size
        more = start + size < len(self.aids)
        suffix = "&version=1.6" if self.version == "1.6" else ""
        following = f"{self.address}/api/aids/?page={number + 1}{suffix}" if more else None
        content = {
            "count": len(self.aids),
            "previous": None,
            "next": self.following.get(number, following),
            "results": self.aids[start : start + size],
        }
        body = json.dumps(content).encode()
        self._kept[number] = body
        return body


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        self.site.seen.append((self.command, self.path, dict(self.headers)))
        if self._troubled(self.site.trouble["connexion"]):
            return
        if self.path != "/api/connexion/" or self.headers.get("X-AUTH-TOKEN") != TOKEN:
            return self._send(401, b"{}")
        self._send(200, self.site.sign_in())

    def do_GET(self) -> None:
        self.site.seen.append((self.command, self.path, dict(self.headers)))
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        if parts.path != "/api/aids/":
            return self._send(404, b"{}")
        if self._troubled(self.site.trouble[int(query.get("page", ["1"])[0])]):
            return
        if not self.site.lets_in(dict(self.headers)):
            return self._send(401, b'{"message": "Expired JWT Token"}')
        self._send(200, self.site.page(query))

    def _troubled(self, trouble: list[Any]) -> bool:
        if not trouble:
            return False
        what = trouble.pop(0)
        if what == "garbage":
            self._send(200, b'{"count": "beaucoup", "results": {}}')
        elif what == "html":
            self._send(200, b"<html>Maintenance</html>", "text/html")
        elif what == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"count": 1')
            self.close_connection = True
        elif what == "redirect":
            self._send(302, b"", location="http://127.0.0.1:9/ailleurs")
        elif what == "huge":
            self._send(200, b" " * (21 * 1024 * 1024))
        elif isinstance(what, tuple):
            self._send(int(what[0]), b"{}", retry=what[1])
        else:
            self._send(int(what), b"{}")
        return True

    def _send(
        self, status: int, body: bytes, kind: str = "application/json", *, retry: str = "",
        location: str = "",
    ) -> None:  # fmt: skip
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if retry:
            self.send_header("Retry-After", retry)
        if location:
            self.send_header("Location", location)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up (an answer that is too big) is no error of a test."""


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Serve `site` on a free port of this machine while the block runs."""
    handler = type("Handler", (_Handler,), {"site": site})
    server = _Server(("127.0.0.1", 0), handler)
    site.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
