"""Lines pasted or read in a file: columns by title or guessed, all or nothing, said by line."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from maillage.common.tables import export
from maillage.engine.funding.types import Fund, Nature, Spending, Status
from maillage.funding.pasting import Around, Pasted, from_file, from_rows
from maillage.funding.pasting import from_text as from_any_text
from maillage.funding.vat import OTHER, Usual

OVERSEAS = Usual("8.5", "8,5 %", ("8.5", "2.1", "0"), ("20", "8.5"))
NOWHERE = Usual("0", "0 %, pas de TVA", ("0",), ("20", "8.5"))
MAINLAND = Around(
    Usual("20", "20 %, le taux normal", ("20", "10", "5.5", "2.1", "0"), ("20", "8.5"))
)
D = Decimal


def from_text(text: str, around: Around = MAINLAND) -> Pasted:
    return from_any_text(text, around)


def costs(found: Pasted) -> list[tuple[str, Decimal, Decimal]]:
    assert found.problems == []
    return [(one.label, one.net, one.gross) for one in found.costs]


def test_a_paste_with_titles_in_any_order() -> None:
    found = from_text("TTC\tDépense\tHT\tAnnée\n12 000,00 €\tToiture\t10 000,00 €\t2027\n")
    assert found.problems == []
    (line,) = found.costs
    assert (line.label, line.net, line.gross, line.year) == (
        "Toiture", Decimal(10_000), Decimal(12_000), 2027,
    )  # fmt: skip
    assert "« Dépense »" in found.read_as


def test_a_paste_without_titles_is_guessed() -> None:
    found = from_text("Toiture\t10 000\nÉtude de faisabilité\t3 000\nDETR\t4 000\nCommune\t9 000\n")
    assert [line.label for line in found.costs] == ["Toiture", "Étude de faisabilité"]
    assert found.costs[1].spending is Spending.ENGINEERING
    assert found.costs[1].nature is Nature.STUDY
    assert found.costs[0].gross == Decimal(12_000)
    assert [(one.fund, one.amount) for one in found.resources] == [
        (Fund.DETR, Decimal(4_000)), (Fund.OWN, Decimal(9_000)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "fund"),
    [
        ("État - DETR 2026", Fund.DETR), ("DSIL", Fund.DSIL), ("Région Bretagne", Fund.REGION),
        ("Conseil départemental", Fund.DEPARTMENT), ("LEADER", Fund.LEADER), ("FEDER", Fund.EUROPE),
        ("Fonds de concours de la communauté de communes", Fund.GROUP), ("Emprunt", Fund.LOAN),
        ("Autofinancement", Fund.OWN), ("ADEME", Fund.OPERATOR), ("Mécénat", Fund.GIFT),
        ("Fonds vert", Fund.STATE), ("Caisse inconnue", Fund.OTHER_PUBLIC),
    ],
)  # fmt: skip
def test_funders_are_recognised(words: str, fund: Fund) -> None:
    found = from_text(f"Financeur;Montant;Taux\n{words};1 000;40 %\n")
    (one,) = found.resources
    assert one.fund is fund
    assert one.rate == (None if fund in (Fund.OWN, Fund.LOAN) else Decimal("0.4"))
    assert bool(found.left_out) == (fund is Fund.OTHER_PUBLIC)


def test_all_or_nothing_with_a_report_by_line() -> None:
    found = from_text("Dépense;HT\nToiture;10 000\nMurs;dix mille\nSol;-3\n")
    assert found.count == 0
    assert len(found.problems) == 2
    assert found.problems[0].startswith("Ligne 3 : « dix mille » n'est pas un montant")


def test_totals_and_titles_are_left_out_and_said() -> None:
    found = from_text("Dépense;HT\nLot 1;\nToiture;10 000\nTotal HT;10 000\n")
    assert ([line.label for line in found.costs], len(found.left_out)) == (["Toiture"], 2)


def left_out(text: str, around: Around = MAINLAND) -> str:
    found = from_text(text, around)
    assert found.problems == []
    return " ".join(found.left_out).replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize("row", ["1;Total HT;;9", "Total HT;;;9", ";;Total HT;9"])
def test_a_total_is_known_by_its_name_and_not_by_a_remark(row: str) -> None:
    text = f"N°;Poste;Remarque;Montant HT\n1;Mur;Total à confirmer;9\n{row}\n"
    assert [label for label, *_ in costs(from_text(text))] == ["Mur"]
    assert "Ligne 3, « Total HT » : un total, il est recalculé." in left_out(text)


@pytest.mark.parametrize(
    ("label", "is_cost"),
    [
        ("Coût total de la chaufferie bois", True), ("Montant total HT de la chaufferie", True),
        ("Coût total HT", False), ("COÛT TOTAL DU PROJET (TTC)", False),
        ("Montant total des dépenses", False), ("Coût total éligible", False),
        ("S/Total études", False), ("Total des aides publiques", False), ("Reste", False),
    ],
)  # fmt: skip
def test_what_is_a_total_and_what_is_a_cost(label: str, is_cost: bool) -> None:
    found = costs(from_text(f"Poste;Montant HT\nMur;5 000\n{label};9 000\n"))
    assert [name for name, *_ in found] == ["Mur", label][: 1 + is_cost]
    same = from_text(f"Poste;Montant HT\nMur;5 000\nSol;4 000\n{label};9 000\n")
    assert len(same.costs) == 2  # what makes the sum of the lines is their total


@pytest.mark.parametrize(
    "label",
    ["Total", "Total HT", "Total du projet", "TOTAL OPÉRATION", "Total dépenses", "Coût total",
     "Total général HT", "Total des dépenses prévisionnelles", "Total de l’opération (H.T.)"],
)  # fmt: skip
def test_a_wrong_grand_total_is_said_above_or_below_its_lines(label: str) -> None:
    said = "16 000 € au tableau, 15 000 € pour les lignes lues, soit 1 000 € d'écart."
    for text in ("{}Mur;5 000\nSol;10 000\n", "Mur;5 000\nSol;10 000\n{}"):
        text = f"Poste;Montant HT\n{text}"
        assert said in left_out(text.format(f"{label};16 000\n"))
        assert "écart" not in left_out(text.format(f"{label};15 000\n"))


def test_both_amounts_of_a_total_are_compared_but_those_of_a_sub_total() -> None:
    said = left_out("Poste;HT;TTC\nMur;100;120\nSous-total HT;50;60\nTotal;101;122\n")
    assert "soit 1 € d'écart ; 122 € au tableau, 120 € pour les lignes lues, soit 2 €" in said
    assert said.count("écart") == 2
    for label in ("Total des financements", "Total recettes"):  # of one list, without titles
        said = left_out(f"Mur;15\nDETR;4\nCommune;10\n{label};15\n")
        assert "15 € au tableau, 14 € pour les lignes lues, soit 1 € d'écart" in said


def test_a_paste_too_long_is_refused_and_not_cut() -> None:
    found = from_text("Poste\tMontant HT\n" + "Mur\t5 000\n" * 20_000)
    assert "plus de 200\u202f000 caractères" in found.problems[0]


# -- VAT


@pytest.mark.parametrize(
    "label", ["TVA", "TVA 20 %", "TVA (20 %)", "Montant de la TVA", "T.V.A. à 20 %", "Total TVA"]
)
@pytest.mark.parametrize(
    "text",
    ["Dépenses\tMontant HT\tRecettes\tMontant\nTravaux\t100000\tDETR\t40000\n"
     "Total HT\t100000\tCommune\t60000\n{}\t20000\tTotal\t100000\nTotal TTC\t120000\n",
     "Travaux\t100000\n{}\t20000\nTotal TTC\t120000",
     "Poste\tHT\nTravaux\t100000\nTotal général HT\t100000\n{}\t20000\n"],
)  # fmt: skip
def test_a_line_of_vat_is_no_cost(text: str, label: str) -> None:
    found = from_text(text := text.format(label))
    assert costs(found) == [("Travaux", D(100_000), D(120_000))]
    assert [one.amount for one in found.resources] == [D(40_000), D(60_000)][: 2 * ("DETR" in text)]
    assert f"« {label} » : la TVA est calculée ligne par ligne." in left_out(text)
    assert "écart" not in left_out(text)


def test_a_line_of_vat_that_contradicts_the_lines_is_said() -> None:
    said = left_out("Poste;HT\nMur;100 000\nTVA 5,5 %;5 500\nTotal TTC;105 500\n")
    assert "TVA : 5 500 € au tableau, 20 000 € ligne par ligne, soit 14 500 € d'écart" in said
    assert "105 500 € au tableau, 120 000 € pour les lignes lues" in said
    in_gross = Around(MAINLAND.usual, in_net=False)
    assert "soit 3 333,33 € d'écart" in left_out("Poste;Montant\nMur;100 000\nTVA;20 000", in_gross)


def test_vat_may_have_a_line_for_each_rate_and_words_that_name_it_may_be_a_cost() -> None:
    text = "Poste;HT;TTC\na;100;110\nb;100;120\nTVA 10 %;10\nTVA 20 %;20\nTVA;\n"
    assert [left_out(text).count(said) for said in ("ligne par ligne", "écart")] == [3, 0]
    assert costs(from_text("Poste;HT\nTVA non récupérable;100\n"))[0][1] == D(100)


@pytest.mark.parametrize(
    ("titles", "cells", "expected"),
    [
        ("Poste;Montant HT;Taux de TVA", "x;1 000;20 %", ("1000", "1200")),
        ("Poste;Montant HT;TVA", "x;1 000;5,5 %", ("1000", "1055")),
        ("Poste;HT (€);TVA", "x;1 000;10%", ("1000", "1100")),
        ("Poste;H.T.;T.V.A. (%)", "x;1 000;8,5", ("1000", "1085")),
        ("Poste;MONTANT HT;TVA", "x;1 000;20", ("1000", "1200")),
        ("Poste;Montant hors taxes;Montant TVA", "x;1 000;200", ("1000", "1200")),
        ("Poste;Coût HT;TVA", "x;1 000;200,00 €", ("1000", "1200")),
        ("Poste;Coût HT;TVA", "x;1 000;200", ("1000", "1200")),
        ("Poste;Coût TTC;TVA", "x;1 200;20", ("1000", "1200")),
        ("Poste;Coût TTC;TVA", "x;1 200;200", ("1000", "1200")),
        ("Poste;Toutes taxes comprises;% TVA", "x;1 055,00 €;5,5", ("1000", "1055")),
        ("Poste;HT;TVA;TTC", "x;33,33;20 %;40,00", ("33.33", "40")),
        ("Poste;HT;TVA;TTC", "x;100;20;120", ("100", "120")),
        ("Poste;HT;TVA;TTC", "x;1 000;37,20;1 037,20", ("1000", "1037.20")),
        ("Poste;HT;TVA", "x;1 000;exonéré", ("1000", "1000")),
        ("Poste;HT;TVA", "x;1 000;0", ("1000", "1000")),
        ("Poste;HT;TVA", "x;100;20", ("100", "120")),
    ],
)
def test_what_is_said_of_the_vat_gives_the_other_amount(
    titles: str, cells: str, expected: tuple[str, str]
) -> None:
    found = from_text(f"{titles}\n{cells}\n")
    assert costs(found) == [("x", D(expected[0]), D(expected[1]))]
    assert found.assumed == []


@pytest.mark.parametrize(
    ("titles", "cells", "said"),
    [
        ("Poste;HT;TTC", "x;1 200;1 000", "1 000 € TTC ne peuvent pas faire 1 200 € HT"),
        ("Poste;HT;TVA;TTC", "x;1 000;20 %;1 300", "à 20 % de TVA, 1 000 € HT font 1 200 €"),
        ("Poste;HT;TVA;TTC", "x;1 000;20;1 300", "à 20 % de TVA, 1 000 € HT font 1 200 €"),
        ("Poste;HT;Montant TVA;TTC", "x;1 000;100;1 300", "font 1 100 € TTC, pas 1 300 €"),
        ("Poste;HT;TVA", "x;200;20", "est-ce un taux ou un montant"),
        ("Poste;HT;TVA", "x;1 000;37", "est-ce un taux ou un montant"),
        ("Poste;HT;TVA", "x;1 000;vingt", "n'est pas un montant"),
        ("Poste;Montant TVA;HT", "x;200;", "il manque le montant"),
    ],
)
def test_what_contradicts_itself_is_said_by_line(titles: str, cells: str, said: str) -> None:
    found = from_text(f"{titles}\n{cells}\n")
    assert found.count == 0
    assert found.problems[0].startswith("Ligne 2 : ")
    assert said in found.problems[0].replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("around", "expected", "said"),
    [
        (MAINLAND, ("1000", "1200"), "20 %, le taux normal"),
        (
            Around(OVERSEAS),
            ("1000", "1085"),
            "8,5 %",
        ),
        (
            Around(NOWHERE),
            ("1000", "1000"),
            "pas de TVA",
        ),
        (
            replace(MAINLAND, in_net=False),
            ("833.33", "1000"),
            "toutes taxes comprises",
        ),
    ],
)
def test_what_is_not_said_is_assumed_and_said(
    around: Around, expected: tuple[str, str], said: str
) -> None:
    found = from_text("Poste;Montant\nx;1 000\n", around)
    assert costs(found) == [("x", D(expected[0]), D(expected[1]))]
    assert said in " ".join(found.assumed)


def test_without_a_usual_rate_the_vat_is_asked() -> None:
    found = from_text("Poste;HT\nx;1 000\n", Around(Usual(OTHER, "")))
    assert "dites aussi la TVA" in found.problems[0]


def test_more_vat_than_any_rate_is_read_and_said() -> None:
    found = from_text("Poste;HT;TTC\nx;1 000;1 500\n")
    assert costs(found) == [("x", D(1000), D(1500))]
    assert "plus qu'aucun taux" in found.assumed[0]


# -- Shapes of tables


def test_costs_and_resources_side_by_side() -> None:
    found = from_text(
        "PLAN DE FINANCEMENT\n\nDÉPENSES\t\tRECETTES\n"
        "Nature\tMontant HT\tOrigine\tMontant\tTaux\n"
        "Travaux\t100 000\tDETR\t40 000\t40 %\nÉtudes\t10 000\tCommune\t70 000\t\n"
        "TOTAL\t110 000\tTOTAL\t110 001\n"
    )
    assert [label for label, *_ in costs(found)] == ["Travaux", "Études"]
    assert [(one.fund, one.amount, one.rate) for one in found.resources] == [
        (Fund.DETR, D(40_000), D("0.4")), (Fund.OWN, D(70_000), None),
    ]  # fmt: skip
    said = " ".join(found.left_out).replace("\u202f", " ").replace("\u00a0", " ")
    assert "110 001 € au tableau, 110 000 € pour les lignes lues" in said


def test_one_table_under_the_other() -> None:
    found = from_text(
        "Dépenses prévisionnelles\nTravaux\t10 000\nSous-total\t10 000\n"
        "RECETTES\nCaisse locale\t3 000\nBudget de la mairie\t7 000\nTotal\t10 000\n"
    )
    assert [label for label, *_ in costs(found)] == ["Travaux"]
    assert [one.fund for one in found.resources] == [Fund.OTHER_PUBLIC, Fund.OWN]
    assert sum("un total" in said for said in found.left_out) == 2


def test_a_second_line_of_titles_is_understood() -> None:
    found = from_text("Poste;HT\nMur;100\nFinanceur;Montant demandé;Plafond\nDETR;40;1 000\n")
    assert costs(found) == [("Mur", D(100), D(120))]
    assert [(one.fund, one.amount, one.cap) for one in found.resources] == [
        (Fund.DETR, D(40), D(1000))
    ]


def test_a_unit_price_is_never_taken_for_the_price_of_the_line() -> None:
    found = from_text("Désignation;Qté;Prix unitaire HT;Total HT\nChaise;10;50;500\n")
    assert costs(found) == [("Chaise", D(500), D(600))]
    lacking = from_text("Désignation;Qté;Prix unitaire HT\nChaise;10;50\n")
    assert "prix unitaire" in lacking.problems[0]


def test_resources_keep_what_is_said_of_them() -> None:
    found = from_text(
        "Financeur;Montant demandé;Taux;Plafond;Date limite;État;Montant accordé;Déposé le\n"
        "DETR;40 000;40 %;100 000;31/01/2027;Accordé;35 000;12/10/2026\n"
        "Région;;30 %;;;inconnu;;\n"
    )
    assert found.problems == []
    first, second = found.resources
    assert (first.amount, first.rate, first.cap, first.granted) == (
        D(40_000), D("0.4"), D(100_000), D(35_000),
    )  # fmt: skip
    assert (first.closes, first.filed_on) == (date(2027, 1, 31), date(2026, 10, 12))
    assert (first.status, second.status) == (Status.GRANTED, Status.CONSIDERED)
    assert (second.amount, second.rate) == (0, D("0.3"))
    assert "inconnu" in found.left_out[0]


def test_our_own_table_is_read_again() -> None:
    """The table of a plan's page, exported, comes back with its statuses."""
    rows = [
        ("Dépense", "Travaux", "Ingénierie, études", 1000, 1055, 100.0, *[""] * 9),
        ("Ressource", "Aide 2026", "Région", 400, "", 40.0, "Déposé", 400, "", "", "2026-11-12",
         "", "", "2026-12-31", "à rappeler"),
    ]  # fmt: skip
    header = ("Côté", "Intitulé", "Nature ou origine", "Montant HT", "Montant TTC", "Part (%)",
              "État", "Demandé", "Accordé", "Versé", "Déposé le", "Accusé de réception",
              "Décision", "Dernier jour", "Note")  # fmt: skip
    found = from_file(export("plan", header, rows, "ods").content, "plan.ods", MAINLAND)
    assert costs(found) == [("Travaux", D(1000), D(1055))]
    assert found.costs[0].spending is Spending.ENGINEERING
    (one,) = found.resources
    assert (one.fund, one.amount, one.status) == (Fund.REGION, D(400), Status.FILED)
    assert (one.filed_on, one.closes, one.note) == (
        date(2026, 11, 12), date(2026, 12, 31), "à rappeler",
    )  # fmt: skip
    assert "Part (%)" in found.left_out[0]


def test_a_column_of_rates_that_is_only_the_part_of_each_is_not_a_rate() -> None:
    found = from_text("Financeur;Montant;Taux\nDETR;400;40 %\nCommune;600;60 %\n")
    assert [one.rate for one in found.resources] == [None, None]
    assert "part de chaque ressource" in found.left_out[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DETR\t40 %\t48 000", [("DETR", "48000", "0.4")]),
        ("Lot 1\t10 000\nLot 2\t20 000", [("Lot 1", "10000", ""), ("Lot 2", "20000", "")]),
        ("Travaux\t12 k€\nÉtudes\t3,5", [("Travaux", "12000", ""), ("Études", "3.5", "")]),
    ],
)
def test_what_has_no_titles_loses_no_line(text: str, expected: list[tuple[str, str, str]]) -> None:
    found = from_text(text)
    assert found.problems == []
    lines = [(c.label, c.net, None) for c in found.costs]
    lines += [(one.label, one.amount, one.rate) for one in found.resources]
    assert lines == [(n, D(a), D(r) if r else None) for n, a, r in expected]


def test_a_wrong_amount_alone_is_said_and_not_guessed_away() -> None:
    assert "« -500 » n'est pas un montant" in from_text("Travaux\t-500").problems[0]


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x7fELF"])
def test_refusals_speak_of_a_plan(content: bytes) -> None:
    said = from_file(content, "plan.csv", MAINLAND).problems[0]
    assert "JSON" not in said
    assert "fiches" not in said


def test_formulas_of_a_workbook_count_for_their_values() -> None:
    """LibreOffice keeps the value beside the formula; a total is always one."""
    book = Workbook()
    sheet = book.active
    for row in (("Poste", "HT", "TVA", "TTC"), ("Mur", 1000.004, 0.055, None),
                ("Total", "=SUM(B2:B2)", None, None)):  # fmt: skip
        sheet.append(row)
    sheet["C2"].number_format = "0.0%"
    held = BytesIO()
    book.save(held)
    assert costs(from_file(held.getvalue(), "plan.xlsx", MAINLAND)) == [("Mur", D(1000), D(1055))]


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("12 000,50 €", "12000.50"), ("12.000,50", "12000.50"), ("12 000", "12000"), ("12k€", "12000"),
     ("1,5 k€", "1500"), ("1,2 M€", "1200000"), ("12 000 € HT", "12000"), ("1'200", "1200"),
     ("1200 euros", "1200")],
)  # fmt: skip
def test_amounts_as_people_type_them(typed: str, amount: str) -> None:
    assert costs(from_text(f"Poste;HT;TVA\nx;{typed};0 %\n")) == [("x", D(amount), D(amount))]


def test_a_dash_is_nothing() -> None:
    assert costs(from_text("Poste;HT;TVA;TTC\nx;1 000;-;1 200\ny;–;–;–\n"))[0][1:] == (
        D(1000), D(1200),
    )  # fmt: skip


def test_nothing_to_read_says_what_to_do() -> None:
    assert "collez" in from_text("  \n").problems[0]
    assert from_text("bonjour\nmonde").problems


@pytest.mark.parametrize("kind", ["csv", "ods", "xlsx"])
def test_a_file_of_each_kind(kind: str) -> None:
    answer = export("plan", ("Poste", "Montant HT", "Montant TTC"),
                    [("Toiture", 10000, 12000), ("Études", 1000.5, 1200.6)], kind)  # fmt: skip
    content = b"".join(answer) if kind == "csv" else answer.content
    found = from_file(content, f"plan.{kind}", MAINLAND)
    assert found.problems == []
    assert [(c.label, c.net, c.gross) for c in found.costs] == [
        ("Toiture", Decimal(10_000), Decimal(12_000)),
        ("Études", Decimal("1000.5"), Decimal("1200.6")),
    ]  # fmt: skip


def test_a_file_that_is_no_table_is_refused_with_what_to_do() -> None:
    found = from_file(b"%PDF-1.7", "plan.pdf", MAINLAND)
    assert "PDF" in found.problems[0]
    assert found.count == 0


@given(st.text(max_size=200))
def test_whatever_is_pasted_is_answered(text: str) -> None:
    found = from_text(text)
    assert bool(found.count) != bool(found.problems)


@given(
    st.lists(
        st.lists(st.text(max_size=12) | st.integers() | st.floats() | st.none(), max_size=5),
        max_size=6,
    )
)
def test_whatever_a_file_holds_is_answered(rows: list[list[object]]) -> None:
    found = from_rows(list(enumerate(rows, 1)), MAINLAND)
    assert bool(found.count) != bool(found.problems)
