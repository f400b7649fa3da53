"""The délibération and the letters (ODT): reopened, read again, at their extremes."""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from odfdo import Document

from maillage.common.odt import BLANK, Paper
from maillage.engine.funding.types import Bearer, BearerKind, Fund, Status
from maillage.funding.document import Source
from maillage.funding.papers.checking import meant_texts
from maillage.funding.papers.deliberation import deliberation_as_odt, viewed
from maillage.funding.papers.examples import example
from maillage.funding.papers.letters import awaited, letters_as_odt
from maillage.funding.papers.subject import Subject
from maillage.territories.directory import directory
from tests.desk.reading import HOSTILE, headings, text_of
from tests.funding.papers import DAY, changed, crowded, empty, hostile, plain

pytestmark = pytest.mark.django_db
MAKERS = [deliberation_as_odt, letters_as_odt]


def read(made: bytes) -> str:
    return plain(text_of(made))


def values(made: bytes, number: int) -> list[list[str]]:
    table = Document(io.BytesIO(made)).body.tables[number]
    return [[plain(str(cell)) for cell in row.get_values()] for row in table.rows]


def test_a_deliberation_has_its_parts_in_order() -> None:
    found = [plain(text) for text in headings(deliberation_as_odt(example()))]
    assert found == [
        "Séance", "Vu", "Considérant", "Décision", "Article 1 : approbation de l'opération",
        "Article 2 : approbation du plan de financement", "Article 3 : demandes d'aide",
        "Article 4 : aides déjà accordées", "Article 5 : part de la commune",
        "Article 6 : information du public", "Article 7 : pouvoirs", "Vote",
    ]  # fmt: skip


def test_a_deliberation_forbids_to_begin_until_the_requests_are_received() -> None:
    waiting = replace(example().document.resources[0], status=Status.FILED, received_on=None)
    text = read(deliberation_as_odt(changed(resources=(waiting,))))
    assert "ne commencera pas" in text
    assert "ne commencera pas" not in read(deliberation_as_odt(example())), "it was received"


def test_a_deliberation_without_funders_asks_for_nothing() -> None:
    text = read(deliberation_as_odt(changed(resources=())))
    for said in ("l'aide des financeurs", "Sollicite", "affiché", "demandes d'aide", "soit 0"):
        assert said not in text
    assert "Ce plan n'a pas encore de financeur" in read(letters_as_odt(changed(resources=())))


def test_the_raw_need_is_in_no_legal_paper() -> None:
    made = replace(example(), need="On voudrait, svp, un truc. Calendrier : l'an prochain")
    assert all("svp" not in read(make(made)) for make in MAKERS)


def test_each_text_speaks_to_who_carries_the_project() -> None:
    group = changed(bearer=Bearer(BearerKind.EPCI, "CC du Pays de X", "24"))
    text = read(deliberation_as_odt(group))
    assert "le conseil communautaire de la communauté de communes du Pays de X" in text
    assert "L5211-1" in text
    assert "L2121-29" not in text
    body = changed(bearer=Bearer(BearerKind.ASSOCIATION, "Les Amis", "24"))
    text = read(deliberation_as_odt(body))
    assert "le conseil d'administration de l'association « Les Amis »" in text
    assert "République" not in text
    assert "chapitre et article" not in text
    assert "L'association « Les Amis » porte le projet" in read(letters_as_odt(body))


def test_a_deliberation_says_the_plan_and_asks_for_each_aid() -> None:
    made = deliberation_as_odt(example())
    text = read(made)
    assert "Délibération du conseil municipal" in text
    assert "estimé à 301 000 € HT, soit 357 200 € TTC" in text
    assert "DETR 2027 (État) : 120 400 €, soit 40 % du coût" in text
    assert "Fondation des villages (Mécénat, dons) : 12 000 €" in text
    assert "soit 100 099,75 €, dont 40 000 € par emprunt" in text
    assert "Autorise le ou la maire à déposer" in text
    assert "Fonds vert" not in text, "what was refused is no more asked"
    expenses, resources = values(made, 0), values(made, 1)
    assert expenses[-1] == ["Total des dépenses", "301 000,00 €", "357 200,00 €"]
    assert resources[-1] == ["Total des ressources", "301 000,00 €", "100,00 %", ""]
    assert ["Sous-total : autofinancement", "100 099,75 €", "33,26 %", ""] in resources


def test_a_lone_line_of_own_money_is_not_said_twice() -> None:
    made = changed(resources=(
        Source("r", "DETR", Fund.DETR, Decimal("100000"), Status.TO_FILE),
        Source("o", "Autofinancement", Fund.OWN, Decimal("201000")),
    ))  # fmt: skip
    labels = [row[0] for row in values(deliberation_as_odt(made), 1)]
    assert labels == [
        "Ressources", "DETR", "Total des aides publiques", "Autofinancement",
        "Total des ressources",
    ]  # fmt: skip


def test_what_makes_the_act_enforceable_stays_with_the_signatures() -> None:
    with zipfile.ZipFile(io.BytesIO(deliberation_as_odt(example()))) as archive:
        content = archive.read("content.xml").decode()
    signed, after = content.split("Acte transmis")[0].rsplit("<table:table ", 1)[1], "kept"
    assert 'table:style-name="WideNext"' in signed
    assert f"After_20_table_20_{after}" in signed
    style = re.search(r'style:name="WideNext".*?</style:style>', content)
    assert style is not None
    assert 'fo:keep-with-next="always"' in style[0]


def test_what_only_the_meeting_tells_is_left_to_be_written() -> None:
    body = Document(io.BytesIO(deliberation_as_odt(example()))).body
    blanks = [str(span.inner_text) for span in body.spans if span.style == "Blank"]
    assert sum(plain(one) == BLANK for one in blanks) >= 15
    text = read(deliberation_as_odt(example()))
    for label in ("Délibération n°", "Présents (noms)", "Votants", "Pour", "Abstentions"):
        assert f"{label} : {BLANK}" in text


def test_the_texts_of_law_follow_the_funds() -> None:
    said = " ".join(viewed(example()))
    for article in ("L1111-10", "R2334-27", "R2334-24", "L5214-16", "L1111-11"):
        assert article in said
    assert "FEADER" not in said
    leader = changed(resources=(Source("r", "LEADER", Fund.LEADER, Decimal(9)),))
    assert "Vu la programmation FEADER" in " ".join(viewed(leader))
    assert "R2334-27" not in " ".join(viewed(leader))
    assert all(line.startswith("Vu l") and line.endswith(" ;") for line in viewed(example()))


def test_a_text_that_was_not_checked_is_to_be() -> None:
    lines = viewed(example())
    assert next(line for line in lines if "R2334-27" in line).endswith("[à vérifier] ;")
    assert "vérifier" not in next(line for line in lines if "L1111-10" in line)


def test_a_rule_that_does_not_apply_is_not_quoted() -> None:
    overseas = changed(bearer=Bearer(BearerKind.COMMUNE, "Kourou", "973"))
    assert not any("L1111-10," in line for line in viewed(overseas))
    association = changed(bearer=Bearer(BearerKind.ASSOCIATION, "Les amis"))
    said = " ".join(viewed(association))
    assert "L1111-11" not in said
    text = read(deliberation_as_odt(association))
    assert "Délibération du conseil d'administration" in text
    assert "représentant de l'État" not in text


def test_a_plan_that_fails_warns_before_the_vote() -> None:
    failing = changed(resources=example().document.resources[:-1])
    text = read(deliberation_as_odt(failing))
    assert "[à régler avant le vote]" in text
    assert "40 000 €" in text.split("Séance")[0]
    assert "[à régler" not in read(deliberation_as_odt(example()))


# -- Letters


def test_a_letter_and_its_answer_for_each_funder_without_a_word() -> None:
    assert [source.id for source in awaited(example())] == ["r3", "r4"]
    made = letters_as_odt(example())
    assert [plain(text) for text in headings(made)][1:] == [
        "Lettre : Fonds de concours « cœur de village »",
        "Modèle de réponse : Fonds de concours « cœur de village »",
        "Lettre : Fondation des villages", "Modèle de réponse : Fondation des villages",
    ]  # fmt: skip
    first = read(made).split("Lettre : ")[1]
    assert "Intercommunalité" in first
    assert "Nous pensons vous demander 25 000 €, soit 8,31 % du coût." in first
    assert "du 1er juin 2027 au 31 mars 2028" in first
    assert "1er mars 2027" in first
    assert "05 53 00 00 01, mairie@exemple.test" in first
    answer = read(made).split("Modèle de réponse : ")[1]
    assert "montant envisagé de 25 000 €" in answer
    assert "au titre de « Fonds de concours “cœur de village” »" in answer
    assert "ni un accord" in answer
    assert "DETR 2027" in read(made).split("Lettre : ")[0], "those held are told"


def test_each_letter_begins_a_page() -> None:
    made = letters_as_odt(example())
    content = zipfile.ZipFile(io.BytesIO(made)).read("content.xml").decode()
    assert content.count('text:style-name="New_20_page"') == 4
    styles = zipfile.ZipFile(io.BytesIO(made)).read("styles.xml").decode()
    assert 'fo:break-before="page"' in styles


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ({"letter": True}, False),
        ({"status": Status.RECEIVED}, False),
        ({"status": Status.GRANTED}, False),
        ({"status": Status.REFUSED}, False),
        ({"fund": Fund.OWN}, False),
        ({"fund": Fund.CROWD}, False),
        ({"status": Status.FILED}, True),
        ({"fund": Fund.GIFT}, True),
    ],
)
def test_nobody_is_asked_twice(said: dict[str, object], asked: bool) -> None:
    source = replace(Source("r", "Une aide", Fund.REGION, Decimal(100)), **said)  # type: ignore[arg-type]
    made = changed(resources=(source,))
    assert bool(awaited(made)) is asked
    text = read(letters_as_odt(made))
    none = "Aucune lettre n'est à demander" in text or "pas encore de financeur" in text
    assert none is not asked


def test_an_aid_already_filed_and_one_of_unknown_amount_are_asked_otherwise() -> None:
    filed = Source("a", "Aide A", Fund.REGION, Decimal(100), Status.FILED,
                   commission_on=date(2027, 2, 3))  # fmt: skip
    text = read(letters_as_odt(changed(resources=(filed, Source("b", "Aide B", Fund.OPERATOR)))))
    assert "Nous vous avons demandé 100 €" in text
    assert "Commission : 3 février 2027." in text
    assert "si vous pourriez y participer, et pour quel montant" in text
    assert f"montant envisagé de {BLANK}" in text


# -- Both


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("of", [example, empty, crowded, lambda: crowded(1, 1)])
def test_a_text_is_a_sound_file(
    make: Callable[[Subject], bytes], of: Callable[[], Subject]
) -> None:
    made = make(of())
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert archive.read("mimetype") == b"application/vnd.oasis.opendocument.text"
        styles = archive.read("styles.xml").decode()
        written = archive.read("content.xml").decode()
        manifest = archive.read("META-INF/manifest.xml").decode()
    assert {"content.xml", "styles.xml"} <= set(re.findall(r'full-path="([^"]+)"', manifest))
    defined = set(re.findall(r'style:name="([^"]+)"', styles + written))
    assert set(re.findall(r'(?:text|table):style-name="([^"]+)"', written)) <= defined
    assert str(Document(io.BytesIO(made)).meta.language) == "fr-FR"
    assert Document(io.BytesIO(made)).meta.creation_date.date() == DAY


@pytest.mark.parametrize("typed", HOSTILE)
@pytest.mark.parametrize("make", MAKERS)
def test_what_is_typed_breaks_no_text(make: Callable[[Subject], bytes], typed: str) -> None:
    made = make(hostile(typed))
    # With another name, a fund that the label said is said beside it: same headings all the same.
    assert len(headings(made)) == len(headings(make(example())))
    assert len(Document(io.BytesIO(made)).body.tables) == len(
        Document(io.BytesIO(make(example()))).body.tables
    )


def test_what_is_looked_for_in_a_text_is_in_it() -> None:
    for what, make in (("deliberation", deliberation_as_odt), ("lettres", letters_as_odt)):
        for subject in (example(), empty(), changed(resources=())):
            text = read(make(subject))
            assert [m for m in meant_texts(subject, what) if plain(m) not in text] == []
    other = changed(resources=(Source("x", "Autre", Fund.REGION, Decimal(5)),))
    text = read(deliberation_as_odt(example()))
    assert any(plain(meant) not in text for meant in meant_texts(other, "deliberation"))


@pytest.mark.parametrize(("rows", "kept"), [(3, True), (20, True), (21, False)])
def test_a_short_table_is_not_cut_between_two_pages(rows: int, kept: bool) -> None:
    paper = Paper("T", DAY)
    paper.table(("a",), [("x",)] * rows, together=True)
    content = zipfile.ZipFile(io.BytesIO(paper.octets())).read("content.xml").decode()
    assert ('table:style-name="WideKept"' in content) is kept
    assert 'style:name="WideKept"' in content


def test_a_deliberation_names_its_departement_when_it_is_known() -> None:
    text = read(deliberation_as_odt(example()))
    name = directory().departments["24"].name
    assert f"Département : {name}. Commune d'Exempleville-l'Église." in text
    nowhere = replace(example().document.bearer, department="")
    assert "Département :" not in read(deliberation_as_odt(changed(bearer=nowhere)))


def test_a_table_may_have_bold_rows_and_amounts_on_the_right() -> None:
    paper = Paper("T", DAY)
    paper.table(("a", "b"), [("x", "1 €"), ("Total", "1 €")], right=(1,), totals=(1,))
    content = zipfile.ZipFile(io.BytesIO(paper.octets())).read("content.xml").decode()
    used = re.findall(r'<text:p text:style-name="(Table[^"]+)"', content)
    assert used == [
        "Table_20_Heading", "Table_20_Total", "Table_20_Contents", "Table_20_Number",
        "Table_20_Heading", "Table_20_Total",
    ]  # fmt: skip
