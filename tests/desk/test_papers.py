"""The papers of the desk: reopened, read again, with the worst that people may type."""

import doctest
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from odfdo import Document
from pytest_django import DjangoAssertNumQueries

from maillage.common import typeset
from maillage.common.documents.checking import check
from maillage.common.odt import BLANK, Paper, clean
from maillage.desk.enums import Audience, Channel, State
from maillage.desk.models import (
    AgendaItem,
    Attachment,
    CommitteeSession,
    Request,
)
from maillage.desk.papers import convention as convention_module
from maillage.desk.papers.committee import (
    agenda_as,
    agenda_as_read,
    minutes_as,
    minutes_as_read,
)
from maillage.desk.papers.consolidation import consolidation_as_ods, consolidation_as_odt
from maillage.desk.papers.receipt import receipt_as_pdf, receipt_as_read
from tests.desk.factories import DeskFactory, make_request
from tests.desk.reading import HOSTILE, headings, text_of

pytestmark = pytest.mark.django_db

FILED = datetime(2026, 11, 20, 9, tzinfo=UTC)
ADDRESS = "http://localhost/demandes/0d8f2c1e-1111-4222-8333-444455556666/"
STEPS = ["Un agent lit votre demande.", "Un interlocuteur vous est désigné."]


def add_piece(request: Request, name: str, **more: Any) -> Attachment:
    number = request.attachments.count()
    plain = {"kind": "pdf", "size": 34_900, "sha256": str(number), "file": "x"}
    return Attachment.objects.create(request=request, name=name, **{**plain, **more})


# -- Receipt


def test_a_receipt_says_what_was_asked_and_what_comes_next() -> None:
    request = make_request(
        filed_at=FILED, tried="L'ATD est venue", calendar="Été 2027", budget=150_000
    )
    add_piece(request, "Plan de l'école.pdf")
    add_piece(request, "Note du guichet.pdf", audience=Audience.INTERNAL)
    read = receipt_as_read(request, STEPS, ADDRESS)
    assert read["pages"] == 1
    assert read["title"] == f"Récépissé de la demande n° {request.number}"
    assert [fact["text"] for fact in read["facts"]] == [
        "Bourrou (139\u00a0habitants)", "20 novembre 2026 (en ligne)", "27 novembre 2026",
    ]  # fmt: skip
    assert read["said"] == request.need.replace("'", "’")
    assert read["contact"] == [
        "Camille Martin, Secrétaire",
        "05 53 00 00 01",
        "mairie@exemple.test",
    ]
    assert [row["label"] for row in read["details"]] == [
        "Étape", "Déjà tenté", "Calendrier", "Budget",
    ]  # fmt: skip
    assert read["pieces"] == [{"name": "Plan de l’école.pdf", "weight": "34\u00a0ko"}]
    assert read["steps"] == STEPS
    assert read["desk"]["name"] == "Guichet de l’ingénierie (Dordogne)"
    assert {"label": "Téléphone", "text": "05 53 00 00 00"} in read["desk"]["lines"]


def test_a_receipt_is_an_accessible_pdf_in_french() -> None:
    pdf = receipt_as_pdf(make_request(), STEPS, ADDRESS)
    assert b"/Lang (fr-FR)" in pdf or b"/Lang(fr-FR)" in pdf
    assert b"pdfuaid:part" in pdf
    checked = check(SimpleUploadedFile("recu.pdf", pdf))
    assert checked.kind == "pdf"


def test_a_receipt_costs_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    request = Request.objects.select_related("desk").get(pk=make_request().pk)
    with django_assert_num_queries(1):
        receipt_as_pdf(request, STEPS, ADDRESS)


def test_a_receipt_already_answered_promises_no_first_answer() -> None:
    read = receipt_as_read(make_request(State.QUALIFIED), STEPS, ADDRESS)
    assert [fact["label"] for fact in read["facts"]] == ["Qui demande", "Reçue le"]


def test_a_receipt_says_when_the_desk_typed_it() -> None:
    request = make_request(channel=Channel.PHONE, on_behalf=True)
    assert "(par téléphone)" in receipt_as_read(request, STEPS, "")["facts"][1]["text"]


def test_a_draft_has_no_receipt() -> None:
    with pytest.raises(ValueError, match="draft"):
        receipt_as_pdf(make_request(State.DRAFT), [], "")


def test_the_longest_request_keeps_to_one_page() -> None:
    desk = DeskFactory(name="Guichet " * 25, address="12 rue de la République " * 12)
    request = make_request(
        desk=desk, need="médecin école isolation pont bistrot " * 300, tried="x " * 500,
        calendar="a" * 800, body_name="S" * 200, contact_name="M" * 120, contact_role="N" * 120,
        contact_email="a" * 60 + "@exemple.test", budget=123_456_789, on_behalf=True,
    )  # fmt: skip
    for number in range(20):
        add_piece(request, f"{'M' * 140}{number}.pdf")
    read = receipt_as_read(request, ["Une longue phrase. " * 40] * 9, ADDRESS)
    assert read["pages"] == 1
    assert len(read["pieces"]) == 5


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_is_typed_breaks_no_receipt(typed: str) -> None:
    request = make_request()
    for name in ("need", "tried", "calendar", "contact_name", "body_name"):
        setattr(request, name, typed)
    assert receipt_as_read(request, [typed], ADDRESS)["pages"] == 1
    assert receipt_as_pdf(request, [typed], ADDRESS).startswith(b"%PDF-")


# -- Committee


def make_session(count: int = 3, **fields: Any) -> tuple[CommitteeSession, list[AgendaItem]]:
    session = CommitteeSession.objects.create(
        desk=DeskFactory(), held_on=date(2026, 12, 1), place="Préfecture", **fields
    )
    items = [
        AgendaItem.objects.create(
            session=session, request=make_request(State.ACCOMPANIED if n else State.QUALIFIED),
            position=n, why="Sans nouvelle depuis 40 jours",
            decision="" if n else "Le sous-préfet rencontre la mairie.", task="Appeler la mairie",
        )
        for n in range(count)
    ]  # fmt: skip
    return session, items


def test_the_agenda_says_which_requests_and_why() -> None:
    session, items = make_session()
    read = agenda_as_read(session, items)
    assert read["title"] == "Ordre du jour du CLCT du 1er décembre 2026"
    assert read["facts"][1:] == ["Préfecture", "3\u00a0demandes"]
    assert [item["title"][:2] for item in read["items"]] == ["1.", "2.", "3."]
    assert f"n° {items[0].request.number}" in read["items"][0]["facts"]
    assert read["items"][0]["fields"] == [
        {"label": "Pourquoi elle est à l’ordre du jour", "text": "Sans nouvelle depuis 40 jours"}
    ]
    assert read["items"][1]["fields"][1]["label"] == "Interlocuteur unique"


def test_the_minutes_say_who_was_there_and_what_was_decided() -> None:
    session, items = make_session(present="Le préfet\n\nLa DDT", minutes="Un tour de table.")
    read = minutes_as_read(session, items)
    assert read["title"] == "Relevé de décisions du CLCT du 1er décembre 2026"
    assert read["parts"] == [
        {"title": "Présents", "paragraphs": ["Le préfet", "La DDT"]},
        {"title": "Ce qui a été dit", "paragraphs": ["Un tour de table."]},
    ]
    told = {row["label"]: row["text"] for row in read["items"][0]["fields"]}
    assert told["Décision"] == "Le sous-préfet rencontre la mairie."
    assert told["Suite à donner"] == "Appeler la mairie"
    assert read["items"][1]["fields"][1]["text"] == "Pas de décision à cette séance"


@pytest.mark.parametrize("made", [agenda_as, minutes_as])
def test_both_formats_say_the_same(made: Callable[..., bytes]) -> None:
    session, items = make_session()
    assert made(session, items, "pdf").startswith(b"%PDF-")
    odt = made(session, items, "odt")
    text = text_of(odt)
    for item in items:
        assert f"n° {item.request.number}" in text
    assert len(headings(odt)) >= 4
    with pytest.raises(ValueError, match="docx"):
        made(session, items, "docx")


def test_a_committee_without_requests_says_so() -> None:
    session, _ = make_session(0)
    assert agenda_as(session, [], "pdf").startswith(b"%PDF-")
    assert "Aucune demande n’est à l’ordre du jour." in text_of(agenda_as(session, [], "odt"))
    assert BLANK in text_of(minutes_as(session, [], "odt"))


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_is_typed_breaks_no_minutes(typed: str) -> None:
    session, items = make_session(1)
    session.present = session.minutes = session.place = typed
    items[0].decision = items[0].why = items[0].task = items[0].request.need = typed
    assert minutes_as(session, items, "pdf").startswith(b"%PDF-")
    assert len(minutes_as_read(session, items)["items"]) == 1
    text_of(minutes_as(session, items, "odt"))


def test_a_decision_told_at_length_goes_on_over_pages() -> None:
    session, items = make_session(1)
    items[0].decision = "Le comité décide de se revoir. " * 400
    assert minutes_as_read(session, items)["pages"] == 3


def test_five_requests_cost_no_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """Once the page has read them with what they speak of."""
    session, _ = make_session(5)
    items = list(session.items.select_related("request__lead"))
    with django_assert_num_queries(0):
        minutes_as(session, items, "pdf")
        agenda_as(session, items, "odt")


# -- Consolidation


@dataclass
class SectionOfTest:
    title: str
    header: list[str]
    rows: list[list[Any]]
    note: str = ""


@dataclass
class ConsolidationOfTest:
    year: int = 2026
    desk_name: str = "Guichet de la Dordogne"
    sections: list[SectionOfTest] = field(default_factory=list)
    sentences: list[str] = field(default_factory=lambda: ["En 2026, 34 demandes."])


def test_the_consolidation_is_a_text_with_its_tables() -> None:
    found = ConsolidationOfTest(sections=[
        SectionOfTest("Par thème", ["Thème", "Demandes"], [["Commerce", 1_234], ["Eau", None]],
                      "Une demande peut avoir plusieurs thèmes."),
        SectionOfTest("Par mois", ["Mois", "Demandes"], []),
    ])  # fmt: skip
    made = consolidation_as_odt(found)
    assert headings(made) == ["En bref", "Par thème", "Par mois"]
    (table,) = Document(io.BytesIO(made)).body.tables
    assert table.get_row_values(1) == ["Commerce", "1\u202f234"]
    text = text_of(made)
    assert "Une demande peut avoir plusieurs thèmes." in text
    assert "Rien à compter cette année." in text


def test_the_consolidation_has_a_sheet_by_section() -> None:
    long = "Délai de première réponse, par thème et par taille : médiane"
    found = ConsolidationOfTest(sections=[
        SectionOfTest("Par thème", ["Thème", "Demandes"], [["=cmd()", 12]], "Note."),
        SectionOfTest(long, ["a"], [[1]]),
        SectionOfTest(long, ["a"], [[2.5]]),
        SectionOfTest("EN BREF", ["a"], []),
        SectionOfTest("[*]/:?", ["a"], [["\x01\ufffe"]]),
    ])  # fmt: skip
    sheets = Document(io.BytesIO(consolidation_as_ods(found))).body.tables
    names = [sheet.name for sheet in sheets]
    assert names[:2] == ["En bref", "Par thème"]
    assert len({name.lower() for name in names}) == 6
    assert all(len(name) <= 31 and not set(name) & set("[]*?:/\\'") for name in names)
    assert sheets[0].get_row_values(0) == ["Consolidation annuelle 2026, Guichet de la Dordogne"]
    assert sheets[1].get_row_values(1) == ["'=cmd()", 12]
    assert sheets[1].get_row_values(3)[0] == "Note."
    assert float(sheets[3].get_value((0, 1))) == 2.5


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_is_typed_breaks_no_consolidation(typed: str) -> None:
    found = ConsolidationOfTest(
        desk_name=typed, sentences=[typed],
        sections=[SectionOfTest(typed, [typed], [[typed]], typed)],
    )  # fmt: skip
    text_of(consolidation_as_odt(found))
    assert len(Document(io.BytesIO(consolidation_as_ods(found))).body.tables) == 2


# -- The document itself


def test_the_text_of_a_document_keeps_to_french_use() -> None:
    assert clean("l'école : « oui » ?") == "l’école\u00a0: «\u00a0oui\u00a0»\u00a0?"
    assert clean("le 1er mai, le 3 décembre") == "le 1er\u00a0mai, le 3\u00a0décembre"
    assert clean("a\x00b\u202ec\td\ufffe\ud800") == "abc d"


def test_a_document_bears_the_name_of_the_site_and_its_title(settings: LazySettings) -> None:
    settings.MAILLAGE = {**settings.MAILLAGE, "NAME": "L'aide & <nous>"}
    made = Paper('Titre & <b> "q"', date(2026, 11, 21)).octets()
    document = Document(io.BytesIO(made))
    assert document.meta.title == 'Titre & <b> "q"'
    assert document.meta.initial_creator == "L'aide & <nous>"
    assert document.meta.creation_date.date() == date(2026, 11, 21)
    assert "Titre &amp; &lt;b&gt;" in zipfile.ZipFile(io.BytesIO(made)).read("styles.xml").decode()


@pytest.mark.parametrize("module", [convention_module, typeset])
def test_the_examples_of_the_docstrings_hold(module: Any) -> None:
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0
