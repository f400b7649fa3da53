"""Tests of the code base itself: what the house forbids, it checks."""

import re
import subprocess
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "maillage"
TEMPLATES = PACKAGE / "templates"
LONGEST_FILE = 450


def _files(*suffixes: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    return [ROOT / f for f in listed if f.endswith(suffixes) and (ROOT / f).exists()]


def test_every_template_is_used() -> None:
    texts = "\n".join(
        path.read_text(encoding="utf-8")
        for path in [*PACKAGE.rglob("*.py"), *TEMPLATES.rglob("*.html")]
    )
    # Those of allauth are found by their name, in its own code.
    unused = [
        name
        for path in TEMPLATES.rglob("*.html")
        if not (name := str(path.relative_to(TEMPLATES))).startswith("account/")
        and f'"{name}"' not in texts
    ]
    assert unused == []


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("an inline handler", r"\son[a-z]+\s*="),
        ("an inline style", r"\sstyle\s*="),
        ("a style sheet in the page", r"<style\b"),
        ("a script in the page", r"<script(?![^>]*\ssrc=)[^>]*>"),
        ("an address of another site", r"(?:src|href)=[\"']https?://"),
        ("unescaped text", r"\|\s*safe\b|autoescape off"),
    ],
)
def test_no_template_holds(what: str, pattern: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group(0)}"
        for path in TEMPLATES.rglob("*.html")
        for match in re.finditer(pattern, path.read_text(encoding="utf-8"), re.IGNORECASE)
    ]
    assert found == [], f"a template holds {what}"


def test_no_file_names_a_registry_or_a_path_of_a_machine() -> None:
    # Written in pieces, so that this very file does not hold them.
    forbidden = [
        "pypi" + ".org", "pythonhosted" + ".org", "registry.npm" + "js", "deb.debian" + ".org",
        "/wo" + "rk/", "/ho" + "me/", "/tmp/" + "v/",
    ]  # fmt: skip
    found = []
    for path in _files(
        ".py", ".md", ".toml", ".txt", ".in", ".html", ".css", ".js", ".yml", "Makefile"
    ):
        text = path.read_text(encoding="utf-8")
        found += [f"{path.relative_to(ROOT)}: {bad}" for bad in forbidden if bad in text]
    assert found == []


def test_no_file_is_too_long_to_be_read_in_one_sitting() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in _files(".py")
        if "migrations" not in path.parts
        and (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_no_import_is_hidden_in_a_function_of_an_area() -> None:
    """`config` may (it starts Django); elsewhere a hidden import hides a cycle."""
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] != "config"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.match(r"\s+(?:from|import) maillage", line)
    ]
    assert found == []


#: Addresses open to all, by the beginning of their path. Everything else asks to sign in.
PUBLIC = (
    "", "orientation/", "territoires/", "catalogue/", "experiences/", "sources/", "accessibilite/",
    "mentions-legales/", "donnees-personnelles/", "sante/", "api/", "compte/", "qui-fait-quoi/",
    "donnees/", "mes-fiches/revendiquer/", "qualite/signaler/",
    "administration/", "messages/demonstration/", "financement/",
    # The door of the filing, its links, and steps, which keep what was typed until one signs in.
    "demandes/deposer/", "demandes/lien/", "demandes/<uuid:pk>/deposer/",
    # The private address of a plan's calendar: a telephone cannot sign in.
    "plans/lien/",
    # Forms of pages that are kept: the same.
    "mes-fiches/<slug:slug>/modifier/", "mes-fiches/<slug:slug>/nouvelle-offre/",
    "mes-fiches/offres/<slug:slug>/modifier/", "plans/<uuid:pk>/modifier/", "plans/garder/",
)  # fmt: skip


def _patterns(resolver: URLResolver, prefix: str = "") -> list[tuple[str, URLPattern]]:
    out: list[tuple[str, URLPattern]] = []
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern).lstrip("^")
        if isinstance(entry, URLResolver):
            out += _patterns(entry, path)
        else:
            out.append((path, entry))
    return out


def test_what_is_open_to_all_is_known() -> None:
    """A new public address must be added to the table above, knowingly."""
    surprising = [
        path
        for path, entry in _patterns(get_resolver())
        if not getattr(entry.callback, "login_required", True)
        and not any(path == p or (p and path.startswith(p)) for p in PUBLIC)
    ]
    assert surprising == []
