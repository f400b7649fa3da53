"""The common base: typography, files, transitions, what is held in memory."""

import io
import threading
from datetime import date

import pytest
from django.http import Http404
from odfdo import Document

from maillage.common import held as held_module
from maillage.common.held import Held
from maillage.common.models import DataVersion
from maillage.common.progress import silent, track
from maillage.common.rights import Allowed, Denied
from maillage.common.tables import export, safe
from maillage.common.templatetags.maillage import euros, lettres, nombre, pluriel, typo
from maillage.common.transitions import TransitionRefused, Transitions


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (34969, "34\u202f969"),
        (0, "0"),
        (None, ""),
        (1234.5, "1\u202f234,50"),
        (12, "12"),
        (-82800, "−82\u202f800"),
        (-0.0, "0"),
    ],
)
def test_numbers_are_written_as_in_france(value: float | None, text: str) -> None:
    assert nombre(value) == text


def test_no_line_cuts_a_number_or_begins_with_a_colon() -> None:
    assert typo("27 300 € pour 39 000 : 70 %") == (
        "27\u00a0300\u00a0€ pour 39\u00a0000\u00a0: 70\u00a0%"
    )
    assert typo("en 2027, 12 aides") == "en 2027, 12 aides"


def test_amounts_dates_and_plurals() -> None:
    assert euros(1500) == "1\u202f500\u202f€"
    assert euros(None) == ""
    assert lettres(date(2026, 11, 1)) == "1er novembre 2026"
    assert lettres(None) == ""
    assert pluriel(0, "offre,offres") == "0\u00a0offre"
    assert pluriel(2, "offre,offres") == "2\u00a0offres"


@pytest.mark.parametrize("text", ["=1+1", "+33", "-2", "@SUM(A1)", "\t=1"])
def test_a_cell_is_never_a_formula(text: str) -> None:
    assert safe(text) == f"'{text}"


def test_a_number_stays_a_number() -> None:
    assert safe(-2) == -2


@pytest.mark.parametrize("kind", ["csv", "ods", "xlsx"])
def test_no_character_that_is_typed_breaks_a_file(kind: str) -> None:
    typed = "a\x01\x0b\ufffe\ud800b"
    assert export("liste", ["Nom"], [[typed]], kind).getvalue()
    assert safe(typed) == "ab"
    assert safe("\x01=cmd()") == "'=cmd()"


@pytest.mark.parametrize("kind", ["csv", "ods", "xlsx"])
def test_a_list_is_written_in_each_format(kind: str) -> None:
    answer = export("Liste d'essai", ["nom", "n"], [["Bourrou", 1], ["=2", 2]], kind)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert len(body) > 10
    assert f"liste-dessai.{kind}" in answer["Content-Disposition"]
    if kind == "csv":
        assert body.decode("utf-8-sig").splitlines() == ["nom;n", "Bourrou;1", "'=2;2"]


def test_an_unknown_format_is_not_found() -> None:
    with pytest.raises(Http404):
        export("x", [], [], "exe")


def test_a_verb_from_the_wrong_state_is_refused_in_words() -> None:
    cycle = Transitions(
        {"publish": ({"draft"}, "published")}, {"publish": "Publier", "closed": "close"}
    )
    assert cycle.after("publish", "draft") == "published"
    assert cycle.possible("closed") == set()
    with pytest.raises(TransitionRefused, match=r"« Publier » n'est pas possible.*« close »"):
        cycle.after("publish", "closed")


def test_a_right_is_true_or_says_why_not() -> None:
    assert Allowed()
    assert not Denied("Ce n'est pas votre demande.")


def test_progress_reaches_its_end() -> None:
    seen: list[tuple[int, int]] = []
    assert list(track("abc", "lettres", 3, lambda _, done, total: seen.append((done, total)))) == [
        *"abc"
    ]
    assert seen[-1] == (3, 3)
    silent("rien", 0, 0)


@pytest.mark.django_db
def test_what_is_held_is_built_once_and_again_when_its_version_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(held_module, "LOOK_EVERY", -1.0)
    monkeypatch.setattr(held_module, "REST", -1.0)
    # Rebuilt in the present thread: the test's transaction is not seen by another one.
    monkeypatch.setattr(threading, "Thread", _AtOnce)
    built = iter(range(10))
    held = Held(lambda: next(built), "essai")
    assert (held.get(), held.get()) == (0, 0)
    DataVersion.objects.bump("essai")
    held.get()
    assert held.get() == 1
    DataVersion.objects.bump("autre")
    held.get()
    assert held.get() == 1


@pytest.mark.django_db
def test_a_failed_rebuild_leaves_the_former_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_module, "LOOK_EVERY", -1.0)
    monkeypatch.setattr(held_module, "REST", -1.0)
    monkeypatch.setattr(threading, "Thread", _AtOnce)
    values = iter(["bon"])
    held = Held(lambda: next(values), "essai")
    assert held.get() == "bon"
    DataVersion.objects.bump("essai")
    held.get()
    assert held.get() == "bon"


class _AtOnce:
    def __init__(self, target, args=(), daemon=False) -> None:
        self._run = lambda: target(*args)

    def start(self) -> None:
        self._run()


@pytest.fixture(autouse=True)
def _keep_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_module, "close_old_connections", lambda: None)
    monkeypatch.setattr(held_module.connection, "close", lambda: None, raising=False)


def test_a_spreadsheet_keeps_numbers_accents_and_odd_characters() -> None:
    rows = [["Éphémère & <fils>", 12.5, None], ["nul\x00 caractère", 3, "=1"]]
    answer = export("essai", ["nom", "n", "x"], rows, "ods")
    table = Document(io.BytesIO(answer.content)).body.get_table(0)
    assert table.get_values() == [
        ["nom", "n", "x"],
        ["Éphémère & <fils>", 12.5, None],
        ["nul caractère", 3, "'=1"],
    ]
