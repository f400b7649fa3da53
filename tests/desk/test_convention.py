"""The convention d'appui opérationnel: prefilled, reopened, read again."""

import io
import re
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from odfdo import Document

from maillage.common.documents.checking import check
from maillage.common.odt import BLANK, clean
from maillage.desk.enums import Ground, State, Verdict
from maillage.desk.models import Convention, Justification
from maillage.desk.papers.convention import convention_as_odt, default_convention, duration
from maillage.desk.services.national import CONVENTION_FIELDS
from tests.desk.factories import make_request
from tests.desk.reading import HOSTILE, headings, text_of

pytestmark = pytest.mark.django_db

FILED = datetime(2026, 11, 20, 9, tzinfo=UTC)


def make_convention(**fields: Any) -> Convention:
    request = make_request(State.ACCEPTED, filed_at=FILED)
    return Convention(request=request, **{**default_convention(request), **fields})


def test_a_convention_is_prefilled_from_the_request() -> None:
    request = make_request(State.ACCEPTED)
    request.justifications.update(support="Une étude de structure")
    fields = default_convention(request)
    assert set(fields) == CONVENTION_FIELDS
    assert "Bourrou, ayant pour signataire le ou la maire" in fields["parties"]
    assert "Rouvrir le bistrot" in fields["object"]
    assert "Une étude de structure" in fields["object"]
    assert "Camille Martin, Secrétaire" in fields["commitments_bearer"]
    assert request.number in fields["follow_up"]
    assert fields["starts"] is None
    for name in CONVENTION_FIELDS - {"starts", "months"}:
        Convention._meta.get_field(name).clean(fields[name], None)


def test_an_epci_signs_by_its_president() -> None:
    request = make_request(State.ACCEPTED, "200040392")
    assert "le président ou la présidente" in default_convention(request)["parties"]


def test_a_convention_has_its_parts_in_order() -> None:
    made = convention_as_odt(make_convention(starts=date(2027, 1, 1), months=12))
    assert headings(made) == [
        "Entre", "Préambule", "Article 1 : objet", "Article 2 : durée",
        "Article 3 : engagements de l’ANCT", "Article 4 : engagements du porteur",
        "Article 5 : engagements du délégué territorial", "Article 6 : suivi", "Signatures",
    ]  # fmt: skip
    text = text_of(made)
    assert "du 1er janvier 2027 au 31 décembre 2027" in text
    assert "« Rouvrir le bistrot du village dans l’ancienne école" in text
    assert Ground.LOCAL_LACK.label in text
    assert "feuille de route de l’ANCT pour 2020, II.c" in text
    assert "reçue" not in text.split("Préambule")[0]
    assert "20 novembre 2026" in text


def test_a_convention_tells_the_local_offers_that_do_not_answer() -> None:
    convention = make_convention()
    Justification.objects.filter(request=convention.request).update(
        decided_at=datetime(2026, 12, 1, 9, tzinfo=UTC),
        examined=[
            {"title": "Étude", "provider": "CCI", "verdict": Verdict.DOES_NOT, "why": "Un an"},
            {"title": "Conseil", "provider": "CAUE", "verdict": Verdict.ANSWERS, "why": "Oui"},
        ],
    )  # fmt: skip
    made = convention_as_odt(convention)
    examined, signatures = Document(io.BytesIO(made)).body.tables
    assert [row.get_values() for row in examined.rows] == [
        ["Offre", "Organisme", "Pourquoi elle ne suffit pas"], ["Étude", "CCI", "Un an"],
    ]  # fmt: skip
    assert signatures.get_row_values(0) == [
        "Pour l’ANCT",
        "Pour le porteur",
        "Le délégué territorial",
    ]
    assert "a validé cet appui le 1er décembre 2026" in text_of(made)


def test_an_empty_convention_shows_what_is_to_be_written() -> None:
    request = make_request(State.ACCEPTED)
    made = convention_as_odt(Convention(request=request))
    body = Document(io.BytesIO(made)).body
    assert len([s for s in body.spans if s.style == "Blank"]) >= 9
    assert text_of(made).count(BLANK) >= 9


def test_a_convention_is_a_document_of_the_house() -> None:
    made = convention_as_odt(make_convention())
    document = Document(io.BytesIO(made))
    assert document.meta.title == "Convention d'appui opérationnel"
    assert str(document.meta.language) == "fr-FR"
    styles = zipfile.ZipFile(io.BytesIO(made)).read("styles.xml").decode()
    assert 'fo:page-width="21cm"' in styles
    assert 'fo:language="fr"' in styles
    assert "<text:page-number" in styles
    written = zipfile.ZipFile(io.BytesIO(made)).read("content.xml").decode()
    defined = set(re.findall(r'style:name="([^"]+)"', styles + written))
    assert set(re.findall(r'(?:text|table):style-name="([^"]+)"', written)) <= defined
    assert check(SimpleUploadedFile("convention", made)).name == "convention.odt"


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_is_typed_breaks_no_convention(typed: str) -> None:
    convention = make_convention(
        parties=typed, object=typed, commitments_anct=typed, follow_up=typed
    )
    convention.request.need = convention.request.body_name = typed
    made = convention_as_odt(convention)
    assert len(headings(made)) == 9, "nothing typed becomes a heading"
    assert len(Document(io.BytesIO(made)).body.tables) == 1
    said = text_of(made)
    for line in clean(typed).replace("\u00a0", " ").split("\n"):
        if line.strip():
            assert re.sub(r" {2,}", " ", line.strip()) in said


@pytest.mark.parametrize(
    ("starts", "months", "said"),
    [
        (None, None, "Elle dure [à compléter] mois, à compter de sa signature"),
        (None, 18, "Elle dure 18 mois, à compter de sa signature"),
        (date(2027, 3, 15), None, "du 15 mars 2027 au [à compléter]"),
        (date(2027, 3, 15), 18, "du 15 mars 2027 au 14 septembre 2028"),
        (date(2027, 8, 31), 6, "du 31 août 2027 au 29 février 2028"),
        (date(2026, 12, 31), 2, "du 31 décembre 2026 au 28 février 2027"),
        (date(2026, 12, 1), 1, "du 1er décembre 2026 au 31 décembre 2026"),
    ],
)
def test_how_long_a_convention_lasts(starts: date | None, months: int | None, said: str) -> None:
    assert said in duration(starts, months).replace("\u00a0", " ")
