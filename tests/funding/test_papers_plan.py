"""The plan de financement and the sheet to be put up, as PDF: read again, at their extremes."""

import doctest
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoAssertNumQueries

from maillage.catalog.models import Offer
from maillage.catalog.snapshot import snapshot
from maillage.common.documents.checking import check
from maillage.engine.funding.types import Bearer, BearerKind, Fund, Status
from maillage.funding.document import Source
from maillage.funding.models import Plan
from maillage.funding.papers import PAPERS, TYPES, amounts, file_name, naming, subject_of
from maillage.funding.papers.amounts import in_table
from maillage.funding.papers.display import display_as_read
from maillage.funding.papers.examples import example
from maillage.funding.papers.letters import letters_as_odt
from maillage.funding.papers.naming import called
from maillage.funding.papers.plan import calendar, cash_lines, plan_as_pdf, plan_as_read
from maillage.funding.papers.report import report_as_read
from maillage.funding.papers.subject import Subject, asked, groups, held, refused, vat, verdict
from maillage.projects.models import Project
from tests.desk.factories import make_town
from tests.desk.reading import HOSTILE, text_of
from tests.funding.papers import DAY, changed, crowded, empty, hostile, plain, subject

pytestmark = pytest.mark.django_db


def test_the_plan_has_expenses_and_resources_and_equal_totals() -> None:
    read = plan_as_read(example())
    assert read["pages"] == 1
    assert (plain(read["public"]), plain(read["public_share"])) == ("188 900,25 €", "62,76 %")
    assert read["gap"] == ""
    assert plain(read["facts"][0]["text"]).startswith("Commune d'Exempleville-l'Église (140 ")
    assert plain(read["net"]) == plain(read["brought"]) == "301 000,00 €"
    assert plain(read["gross"]) == "357 200,00 €"
    assert next(plain(line["net"]) for line in read["costs"]) == "215 300,50 €"
    assert [(group["title"], plain(group["total"])) for group in read["groups"]] == [
        ("Aides publiques acquises", "43 500,25 €"),
        ("Aides publiques sollicitées", "145 400,00 €"),
        ("Financements privés", "12 000,00 €"),
        ("Autofinancement", "100 099,75 €"),
    ]
    assert [row["label"] for row in read["groups"][3]["rows"]] == [
        "Fonds propres", "Emprunt sur quinze ans",
    ]  # fmt: skip
    (region,) = read["groups"][0]["rows"]
    assert (region["state"], region["day"]) == ("Acquis", "15/10/2026")
    assert plain(region["share"]) == "14,45 %"
    assert [plain(text) for text in read["refused"]] == ["Fonds vert (30 000 €)"]
    assert read["facts"][-1] == {"label": "Établi le", "text": "21 novembre 2026"}


def test_vat_is_told_as_cash_and_never_counted_as_a_resource() -> None:
    total, back = vat(example())
    assert total == Decimal(56_200)
    # 16.404 % of 308 760.60, to the cent below: the building was bought without VAT.
    assert back == Decimal("50649.08")
    said = plain(" ".join(plan_as_read(example())["cash"]))
    assert "56 200 €" in said
    assert "16,404 %" in said
    assert "trésorerie" in said
    assert sum(group.total for group in groups(example())) == Decimal(301_000)


@pytest.mark.parametrize(
    ("recovers", "said"),
    [
        (None, "Il reste à dire si la TVA"),
        (False, "Elle n'est pas remboursée."),
        (True, "Le maître d'ouvrage la récupère"),
    ],
)
def test_without_a_refund_nothing_is_promised(recovers: bool | None, said: str) -> None:
    bearer = Bearer(BearerKind.ASSOCIATION, "Les amis", "24", recovers_vat=recovers)
    lines = cash_lines(changed(bearer=bearer))
    assert said in lines[1]
    assert vat(changed(bearer=bearer))[1] is None
    assert cash_lines(empty()) == []


def test_a_commune_that_said_nothing_of_vat_is_told_what_it_may_have() -> None:
    bearer = replace(example().bearer, recovers_vat=None)
    said = plain(" ".join(cash_lines(changed(bearer=bearer))))
    assert "FCTVA, si le maître d'ouvrage y a droit : environ 50 649,08 €" in said


def test_a_plan_that_does_not_add_up_says_by_how_much() -> None:
    short = changed(resources=example().document.resources[:-1])
    assert plain(plan_as_read(short)["gap"]) == "Reste à financer : 40 000 €."
    more = Source("x", "En trop", Fund.REGION, Decimal("0.50"))
    over = changed(resources=(*example().document.resources, more))
    assert plain(plan_as_read(over)["gap"]).endswith("dépassent les dépenses de 0,50 €.")


def test_the_checks_are_told_with_what_would_settle_them() -> None:
    made = changed(resources=example().document.resources[:-1])
    read = report_as_read(made)
    titles = [check["title"] for check in read["failing"]]
    assert "Les ressources égalent les dépenses" in titles
    balance = read["failing"][titles.index("Les ressources égalent les dépenses")]
    assert "40 000 €" in plain(balance["sentence"])
    assert balance["change"]
    assert read["verdict"].startswith("Ce plan ne tient pas encore.")
    assert "21 novembre 2026" in read["law"]
    unsure = {
        check["title"]: check["reference"] for check in report_as_read(example())["unsettled"]
    }
    assert unsure["Aides aux entreprises"].endswith(
        "(à confirmer) ; en vigueur : depuis le 16 décembre 2024"
    )
    count = len(made.checks)
    shown = len(read["failing"]) + len(read["unsettled"]) + len(read["holding"])
    assert shown + sum(check.verdict.value == "out" for check in made.checks) == count


def test_what_the_checks_say_in_a_sentence() -> None:
    holds = tuple(c for c in example().checks if c.verdict.value == "holds")
    assert verdict(replace(example(), checks=holds)) == "Ce plan tient."
    assert verdict(example()) == "Rien ne s'oppose à ce plan ; il reste 2 points à préciser."
    assert verdict(empty()) == "Ce plan n'a pas encore de dépenses."


def test_a_plan_with_vat_is_counted_with_it() -> None:
    made = changed(in_net=False, resources=(Source("r", "Aide", Fund.REGION, Decimal(35_720)),))
    (row,) = plan_as_read(made)["groups"][0]["rows"]
    assert plain(row["share"]) == "10,00 %"
    assert made.money == "TTC"


def test_an_aid_of_unknown_amount_is_to_be_asked() -> None:
    made = changed(resources=(Source("r", "Fonds vert", Fund.STATE),))
    (row,) = plan_as_read(made)["groups"][0]["rows"]
    assert (row["amount"], row["share"]) == ("à demander", "")


def test_a_plan_without_anything_is_still_a_paper() -> None:
    read = plan_as_read(empty())
    assert (read["costs"], plain(read["net"]), plain(read["brought"])) == ([], "0,00 €", "0,00 €")
    assert [group["title"] for group in read["groups"]] == ["Autofinancement"]
    assert display_as_read(empty())["rows"] == []
    for _, kinds in PAPERS.values():
        assert all(maker(empty()) for maker in kinds.values())


def test_forty_resources_go_on_over_pages_and_none_is_lost() -> None:
    made = crowded()
    read = plan_as_read(made)
    shown = sum(len(group["rows"]) for group in read["groups"]) + len(read["refused"])
    assert shown == 40
    assert 3 <= read["pages"] <= 8
    long = [line["label"] for line in read["costs"]]
    assert all(len(label) > 150 and not label.endswith("…") for label in long), "never cut"


@pytest.mark.parametrize(("held", "asked", "sums"), [(1, 0, [False]), (0, 2, [False]),
                                                      (1, 1, [True, True])])  # fmt: skip
def test_public_aids_are_summed_once(held: int, asked: int, sums: list[bool]) -> None:
    made = changed(resources=(
        *(Source(f"h{n}", "Région", Fund.REGION, Decimal(10), Status.GRANTED, granted=Decimal(10))
          for n in range(held)),
        *(Source(f"a{n}", "DETR", Fund.DETR, Decimal(5), Status.TO_FILE) for n in range(asked)),
        Source("o", "Autofinancement", Fund.OWN, Decimal(85)),
    ))  # fmt: skip
    found = groups(made)
    public = [group for group in found if group.public]
    assert [group.summed for group in public] == sums, "no sub-total that says the total again"
    assert [group.last for group in public] == [False] * (len(public) - 1) + [True]
    assert not any(group.last for group in found if not group.public)


def test_the_day_of_a_resource_says_what_happened() -> None:
    rows = {row.label: row for group in groups(example()) for row in group.rows}
    assert (rows["DETR 2027"].event, rows["DETR 2027"].day) == (
        "accusé de réception", date(2026, 11, 9),
    )  # fmt: skip
    region = rows["Région : contrat de ruralité"]
    assert (region.event, region.day) == ("décision", date(2026, 10, 15))
    assert (rows["Fonds propres"].event, rows["Fonds propres"].day) == ("", None)
    shown = {row["label"]: row for group in plan_as_read(example())["groups"]
             for row in group["rows"]}  # fmt: skip
    assert shown["DETR 2027"]["event"] == "reçu le"
    filed = changed(resources=(
        Source("r", "DSIL", Fund.DSIL, Decimal(9), Status.FILED, filed_on=date(2026, 11, 2)),
    ))  # fmt: skip
    assert groups(filed)[0].rows[0].event == "dépôt"
    assert [(row.event, row.day) for row in refused(example())] == [("refus", date(2026, 9, 30))]


def test_a_long_plan_says_its_project_again_and_signs_below_its_totals() -> None:
    for lots in (1, 20, 33, 45, 60):
        read = plan_as_read(crowded(lots, lots // 2))
        assert read["running"] == list(range(2, read["pages"] + 1))
        assert read["totals_on"] == read["signed_on"] == read["pages"]


def test_every_pdf_is_accessible_and_in_french() -> None:
    for what in ("plan", "verifications", "panneau", "panneau-a3"):
        pdf = PAPERS[what].kinds["pdf"](example())
        assert b"/Lang (fr-FR)" in pdf or b"/Lang(fr-FR)" in pdf
        assert b"pdfuaid:part" in pdf
        assert check(SimpleUploadedFile("plan.pdf", pdf)).kind == "pdf"


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_is_typed_breaks_no_pdf(typed: str) -> None:
    made = hostile(typed)
    assert plan_as_pdf(made).startswith(b"%PDF-")
    assert display_as_read(made)["pages"] == 1


# -- The sheet to be put up


def test_the_sheet_says_who_pays_what() -> None:
    read = display_as_read(example())
    assert [(row["label"], plain(row["amount"]), plain(row["share"])) for row in read["rows"]] == [
        ("État", "120 400,00 €", "40,00 %"),
        ("Région : contrat de ruralité", "43 500,25 €", "14,45 %"),
        ("Fonds de concours « cœur de village »", "25 000,00 €", "8,31 %"),
        ("Fondation des villages", "12 000,00 €", "3,99 %"),
        ("Commune d’Exempleville-l’Église", "100 099,75 €", "33,26 %"),
    ]
    assert read["rows"][0]["origin"] == "DETR 2027"
    assert plain(read["total"]) == "301 000,00 €"
    notes = plain(" ".join(read["notes"]))
    assert "La part de la commune d'Exempleville-l'Église comprend" in notes
    assert "emprunt de 40 000 €" in notes
    assert "prévisionnel" in notes
    assert "articles L1111-11 et D1111-8" in notes


def test_a_plan_whose_aids_are_all_granted_is_no_more_a_forecast() -> None:
    made = changed(
        resources=tuple(
            replace(one, status=Status.GRANTED) if one.fund is not Fund.OWN else one
            for one in example().document.resources
            if one.status is not Status.REFUSED
        )
    )
    assert not any("prévisionnel" in note for note in display_as_read(made)["notes"])


def test_an_association_is_not_told_that_the_law_wants_its_sheet() -> None:
    made = changed(bearer=Bearer(BearerKind.ASSOCIATION, "Les Amis", "24"))
    assert not any("L1111-11" in note for note in display_as_read(made)["notes"])


def test_a_total_that_is_wrong_is_said_on_the_sheet() -> None:
    made = changed(resources=example().document.resources[:2])
    assert any("plan à corriger" in note for note in display_as_read(made)["notes"])


def test_amounts_without_cents_stay_short_on_the_sheet() -> None:
    made = changed(resources=(
        Source("a", "LEADER", Fund.LEADER, Decimal(600)),
        Source("b", "Nous", Fund.OWN, Decimal(400)),
    ))  # fmt: skip
    read = display_as_read(made)
    assert [plain(row["amount"]) for row in read["rows"]] == ["600 €", "400 €"]
    assert (read["rows"][0]["label"], read["rows"][0]["origin"]) == ("Europe", "LEADER")


def test_the_whole_name_of_a_long_project_and_of_its_bearer_is_on_the_sheet() -> None:
    name = (
        "Communauté d'agglomération du Pays d'Étampes et de l'Hurepoix d'Ouest en l'Île-de-France"
    )
    made = changed(bearer=Bearer(BearerKind.EPCI, name, "91", recovers_vat=True))
    read = display_as_read(replace(made, project="Un équipement public " * 9))
    assert plain(read["rows"][-1]["label"]) == name
    assert read["project"].count("équipement") == 9
    assert read["pages"] == 1


def test_the_examples_of_the_docstrings_of_papers_hold() -> None:
    for module in (amounts, naming):
        assert doctest.testmod(module).attempted
        assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("paper", ["a4", "a3"])
def test_the_sheet_keeps_to_one_page(paper: str) -> None:
    made = replace(crowded(), project="Une très longue opération, " * 9)
    read = display_as_read(made, paper)
    assert (read["pages"], read["paper"]) == (1, paper)
    shown = sum((r.amount for r in made.plan.counted), Decimal(0))
    assert plain(read["total"]) == plain(in_table(shown)), "families hold every resource"


def test_each_of_many_funders_is_named_then_they_are_told_by_family() -> None:
    def funded(count: int) -> Subject:
        return changed(resources=tuple(
            Source(f"r{n}", f"Commune {n}", Fund.OTHER_PUBLIC, Decimal(10)) for n in range(count)
        ))  # fmt: skip

    read = display_as_read(funded(14))
    assert (len(read["rows"]), read["pages"]) == (14, 1)
    assert "par famille" not in " ".join(read["notes"])
    grouped = display_as_read(funded(15))
    assert len(grouped["rows"]) == 1
    assert "Les 15 financeurs sont réunis par famille" in plain(" ".join(grouped["notes"]))


def test_an_aid_of_the_catalogue_names_who_gives_it() -> None:
    aid = Source("r", "Agrément pour logements", Fund.STATE, Decimal(9), offer="agrement")
    made = replace(changed(resources=(aid,)), payers={"agrement": "DDT de la Dordogne"})
    (row, *_) = display_as_read(made)["rows"]
    assert (row["label"], row["origin"]) == ("DDT de la Dordogne", "Agrément pour logements")
    assert "DDT de la Dordogne" in text_of(letters_as_odt(made))


# -- What they are made from


def test_each_resource_is_in_one_place() -> None:
    made = crowded()
    rows = [row for group in groups(made) for row in group.rows]
    assert len(rows) + len(refused(made)) == 40
    own = [s for s in made.document.resources if s.fund in (Fund.OWN, Fund.LOAN)
           and s.status is not Status.REFUSED]  # fmt: skip
    assert len(asked(made)) + len(held(made)) + len(own) + len(refused(made)) == 40
    assert sum(g.total for g in groups(made)) == sum(r.amount for r in made.plan.counted)


@pytest.mark.parametrize(
    ("starts", "ends", "said"),
    [
        (date(2027, 6, 1), date(2028, 3, 31), "du 1er juin 2027 au 31 mars 2028"),
        (date(2027, 6, 1), None, "à partir du 1er juin 2027"),
        (None, date(2028, 3, 31), "jusqu'au 31 mars 2028"),
        (None, None, "2027"),
    ],
)
def test_the_calendar_in_words(starts: date | None, ends: date | None, said: str) -> None:
    assert calendar(subject(starts_on=starts, ends_on=ends)) == said


def test_the_years_of_the_expenses_are_a_calendar() -> None:
    lines = example().document.costs
    dated = tuple(replace(line, year=2027 + n % 3) for n, line in enumerate(lines))
    made = changed(costs=dated)
    assert calendar(replace(made, starts_on=None, ends_on=None)) == "de 2027 à 2029"
    assert calendar(empty()) == ""


@pytest.mark.parametrize(
    ("kind", "name", "title", "of"),
    [
        (BearerKind.COMMUNE, "Aubazine", "Commune d'Aubazine", "de la commune d'Aubazine"),
        (BearerKind.COMMUNE, "Le Juch", "Commune du Juch", "de la commune du Juch"),
        (BearerKind.COMMUNE, "Les Eyzies", "Commune des Eyzies", "de la commune des Eyzies"),
        (BearerKind.COMMUNE, "L'Haÿ-les-Roses", "Commune de L'Haÿ-les-Roses",
         "de la commune de L'Haÿ-les-Roses"),
        (BearerKind.COMMUNE, "Yssingeaux", "Commune d'Yssingeaux", "de la commune d'Yssingeaux"),
        (BearerKind.COMMUNE, "Yutz", "Commune de Yutz", "de la commune de Yutz"),
        (BearerKind.COMMUNE, "Œuilly", "Commune d'Œuilly", "de la commune d'Œuilly"),
        (BearerKind.COMMUNE, "Ville d'Albi", "Ville d'Albi", "de la ville d'Albi"),
        (BearerKind.EPCI, "CC du Pays de X", "Communauté de communes du Pays de X",
         "de la communauté de communes du Pays de X"),
        (BearerKind.EPCI, "Métropole de Lyon", "Métropole de Lyon", "de la métropole de Lyon"),
        (BearerKind.EPCI, "Orléans Métropole", "Orléans Métropole", "d'Orléans Métropole"),
        (BearerKind.SYNDICATE, "PETR Sud Lozère", "PETR Sud Lozère", "du PETR Sud Lozère"),
        (BearerKind.SYNDICATE, "SIVOS du Vergt", "SIVOS du Vergt", "du SIVOS du Vergt"),
        (BearerKind.SYNDICATE, "Sivos du Vergt", "Sivos du Vergt", "du sivos du Vergt"),
        (BearerKind.SYNDICATE, "SIRP des Deux Rives", "SIRP des Deux Rives",
         "du SIRP des Deux Rives"),
        (BearerKind.SYNDICATE, "USTOM du Castillonnais", "USTOM du Castillonnais",
         "de l'USTOM du Castillonnais"),
        (BearerKind.EPCI, "Le Grand Périgueux", "Le Grand Périgueux", "du Grand Périgueux"),
        (BearerKind.ASSOCIATION, "Les Amis", "Association « Les Amis »",
         "de l'association « Les Amis »"),
        (BearerKind.REGION, "Bretagne", "Région Bretagne", "de la région Bretagne"),
        (BearerKind.COMMUNE, "", "Porteur du projet", "du porteur du projet"),
    ],
)  # fmt: skip
def test_a_bearer_is_named_with_its_articles(
    kind: BearerKind, name: str, title: str, of: str
) -> None:
    found = called(kind, name)
    assert (found.title, found.of) == (title, of)


def test_who_signs_follows_the_bearer() -> None:
    made = changed(bearer=Bearer(BearerKind.EPCI, "Communauté"))
    assert (made.head, made.assembly) == ("le président ou la présidente", "conseil communautaire")
    for kind in BearerKind:
        assert changed(bearer=Bearer(kind, "X")).head


def test_a_plan_of_the_database_makes_its_papers(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    project = Project.objects.create(
        name="La halle", owner=make_town(), territory="com:24061", need="Une halle"
    )
    offer = Offer.objects.published().select_related("provider").first()
    assert offer is not None
    known, unknown = example().document.resources[:2]
    document = replace(example().document, resources=(
        replace(known, offer=offer.slug), replace(unknown, offer="nulle-part"),
        *example().document.resources[2:],
    ))  # fmt: skip
    snapshot()
    row = Plan.objects.create(project=project, name="A", content=document.as_json())
    row = Plan.objects.select_related("project__owner").get(pk=row.pk)
    with django_assert_num_queries(1):  # the documents that the dossier lists
        made = subject_of(row, DAY)
        assert {what: list(entry.kinds) for what, entry in PAPERS.items()} == {
            "plan": ["pdf", "ods"], "verifications": ["pdf"], "deliberation": ["odt"],
            "lettres": ["odt"], "panneau": ["pdf"], "panneau-a3": ["pdf"], "dossier": ["json"],
        }  # fmt: skip
        for _, kinds in PAPERS.values():
            for kind, maker in kinds.items():
                assert maker(made)
                assert kind in TYPES
    assert made.project == "La halle"
    assert made.document == document
    assert made.payers == {offer.slug: offer.provider.name}
    assert file_name("plan", "ods", made) == "plan-de-financement-la-halle.ods"
    assert file_name("plan", "ods", replace(made, project="😀")) == "plan-de-financement.ods"
