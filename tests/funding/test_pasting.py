"""Lines pasted or read in a file: columns by title or guessed, all or nothing, said by line."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.common.tables import export
from maillage.engine.funding.types import Fund, Nature, Spending
from maillage.funding.pasting import from_file, from_rows, from_text


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
    assert [line.label for line in found.costs] == ["Toiture"]
    assert len(found.left_out) == 2


def test_nothing_to_read_says_what_to_do() -> None:
    assert "collez" in from_text("  \n").problems[0]
    assert from_text("bonjour\nmonde").problems


@pytest.mark.parametrize("kind", ["csv", "ods", "xlsx"])
def test_a_file_of_each_kind(kind: str) -> None:
    answer = export("plan", ("Poste", "Montant HT", "Montant TTC"),
                    [("Toiture", 10000, 12000), ("Études", 1000.5, 1200.6)], kind)  # fmt: skip
    content = b"".join(answer) if kind == "csv" else answer.content
    found = from_file(content, f"plan.{kind}")
    assert found.problems == []
    assert [(c.label, c.net, c.gross) for c in found.costs] == [
        ("Toiture", Decimal(10_000), Decimal(12_000)),
        ("Études", Decimal("1000.5"), Decimal("1200.6")),
    ]  # fmt: skip


def test_a_file_that_is_no_table_is_refused_with_what_to_do() -> None:
    found = from_file(b"%PDF-1.7", "plan.pdf")
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
    found = from_rows(list(enumerate(rows, 1)))
    assert bool(found.count) != bool(found.problems)
