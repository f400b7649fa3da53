"""The plan as a spreadsheet: its values, and its formulas computed here as a spreadsheet would."""

import doctest
import io
import re
import zipfile
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odfdo import Document

from maillage.common import sheet
from maillage.common.sheet import LOOKS
from maillage.engine.funding.checks import check_plan
from maillage.engine.funding.types import Fund, Status
from maillage.funding.document import PlanDocument, Source
from maillage.funding.papers.checking import meant_cells, without_values
from maillage.funding.papers.examples import example
from maillage.funding.papers.plansheet import plan_as_ods
from maillage.funding.papers.subject import Subject
from tests.desk.reading import HOSTILE
from tests.funding.factories import COMMUNE, LAW, line
from tests.funding.papers import DAY, changed, crowded, empty, hostile, plain

pytestmark = pytest.mark.django_db
CENT = Decimal("0.01")


def tables(made: bytes) -> list[Any]:
    return list(Document(io.BytesIO(made)).body.tables)


def cells(made: bytes) -> dict[str, Any]:
    """Every cell of the first sheet, by its name: « C7 »."""
    return {
        f"{chr(65 + x)}{y + 1}": cell
        for y, row in enumerate(tables(made)[0].rows)
        for x, cell in enumerate(row.cells)
    }


def value(cell: Any) -> Decimal | str:
    """What is written in a cell (an empty one counts for nothing in a sum)."""
    written = cell.get_attribute("office:value")
    return Decimal(str(written)) if written is not None else str(cell.text_recursive).strip()


class Computed:
    """The formulas of a sheet, computed from its other cells only."""

    def __init__(self, made: bytes) -> None:
        self.cells = cells(made)
        self.found: dict[str, Decimal | str] = {}

    def __getitem__(self, name: str) -> Decimal | str:
        if name not in self.found:
            formula = self.cells[name].formula if name in self.cells else None
            self.found[name] = (
                self.compute(formula.removeprefix("of:=")) if formula
                else value(self.cells[name]) if name in self.cells else ""
            )  # fmt: skip
        return self.found[name]

    def number(self, name: str) -> Decimal:
        found = self[name]
        return found if isinstance(found, Decimal) else Decimal(0)

    def span(self, said: str) -> list[str]:
        column, first, last = re.fullmatch(r"\[\.([A-Z])(\d+):\.\1(\d+)\]", said).groups()  # type: ignore[union-attr]
        return [f"{column}{n}" for n in range(int(first), int(last) + 1)]

    def compute(self, said: str) -> Decimal | str:
        if found := re.fullmatch(r"ROUNDDOWN\((.+)\*([\d.]+);2\)", said):
            product = Decimal(self.compute(found[1])) * Decimal(found[2])
            return product.quantize(CENT, ROUND_DOWN)
        if found := re.fullmatch(r'SUMPRODUCT\(\((\S+)="(.+)"\)\*\((\S+)>(\S+)\)\*\3\)', said):
            rows = zip(*(self.span(found[n]) for n in (1, 3, 4)), strict=True)
            return sum(
                (self.number(gross) for kind, gross, net in rows
                 if self[kind] == found[2] and self.number(gross) > self.number(net)), Decimal(0),
            )  # fmt: skip
        if found := re.fullmatch(r"SUM\((\S+)\)", said):
            return sum((self.number(name) for name in self.span(found[1])), Decimal(0))
        if found := re.fullmatch(
            r'IF\(\[\.(\w+)\](\*\[\.\w+\])?=0;"";\[\.(\w+)\]/\[\.\1\]\)', said
        ):
            assert found[2] in (None, f"*[.{found[3]}]"), said
            whole, amount = self.number(found[1]), self.number(found[3])
            return amount / whole if whole and (amount or not found[2]) else ""
        if re.fullmatch(r"\[\.\w+\]([+-]\[\.\w+\])*", said):
            parts = re.findall(r"([+-]?)\[\.(\w+)\]", said)
            return sum((self.number(n) * (-1 if s == "-" else 1) for s, n in parts), Decimal(0))
        assert said == "0", said
        return Decimal(0)


def formulas(made: bytes) -> dict[str, str]:
    return {name: cell.formula for name, cell in cells(made).items() if cell.formula}


EXTREMES = [
    example, empty, crowded, lambda: crowded(1, 1), lambda: crowded(30, 1),
    lambda: changed(resources=()), lambda: changed(in_net=False),
]  # fmt: skip


@pytest.mark.parametrize("make", EXTREMES)
def test_each_formula_gives_the_value_that_is_written_beside_it(make: Any) -> None:
    made = plan_as_ods(make())
    computed = Computed(made)
    assert len(formulas(made)) >= 9
    for name, formula in formulas(made).items():
        written, found = value(computed.cells[name]), computed[name]
        if isinstance(found, Decimal):
            assert abs(Decimal(written) - found) <= Decimal("0.0000005"), (name, formula)
        else:
            assert (written, found) == ("", ""), (name, formula)


def test_an_amount_that_is_corrected_changes_the_totals() -> None:
    made = plan_as_ods(example())
    computed = Computed(made)
    row = next(n for n, cell in computed.cells.items() if value(cell) == Decimal("120400.00"))
    before = computed["H22"]
    again = Computed(made)
    again.found[row] = Decimal("120000.00")
    assert before == Decimal(301_000)
    assert again["H22"] == Decimal(300_600)
    assert again["H24"] == Decimal(-400), "the difference is seen"


def test_the_table_has_the_form_of_a_file() -> None:
    # What is sent carries nothing of what is kept.
    (only,) = tables(plan_as_ods(example()))
    assert only.name == "Plan de financement"
    found = cells(plan_as_ods(example()))
    heads = [value(found[f"{column}6"]) for column in "ABCDFGHIJKL"]
    assert heads == [
        "Dépenses", "Nature", "Montant HT", "Montant TTC", "Ressources", "Origine", "Montant HT",
        "Taux", "État", "Date", "De quoi",
    ]  # fmt: skip
    assert value(found["L8"]) == "Décision"
    assert value(found["A22"]) == "Total des dépenses"
    assert value(found["F22"]) == "Total des ressources"
    assert value(found["C22"]) == value(found["H22"]) == Decimal(301_000)
    assert found["K8"].get_attribute("office:date-value") == "2026-10-15"
    assert found["C7"].get_attribute("office:value-type") == "currency"
    assert found["I8"].get_attribute("office:value-type") == "percentage"
    assert plain(found["C7"].text_recursive).strip() == "215 300,50 €"


def test_vat_and_refused_aids_stand_apart() -> None:
    found = cells(plan_as_ods(example()))
    shown = {plain(str(value(cell))): name for name, cell in found.items()}
    assert "Refusé, non compté" in shown
    assert int(shown["Fonds vert"][1:]) > 22
    assert int(shown["TVA à avancer"][1:]) > 22
    assert value(found["D25"]) == Decimal("56200.00")
    assert value(found["D26"]) == Decimal("50649.08")


def test_the_titles_of_the_columns_are_printed_on_each_page() -> None:
    with zipfile.ZipFile(io.BytesIO(plan_as_ods(crowded()))) as archive:
        content = archive.read("content.xml").decode()
    (again,) = re.findall(r"<table:table-header-rows>(.*?)</table:table-header-rows>", content)
    assert "Montant HT" in again
    assert again.count("<table:table-row ") == 1


def test_an_aid_of_unknown_amount_is_shown_to_be_asked_and_still_a_number() -> None:
    unknown = Source("x", "Fonds vert", Fund.STATE)
    made = changed(resources=(unknown, *example().document.resources))
    found = cells(plan_as_ods(made))
    (cell,) = (one for name, one in found.items()
               if one.style == "asked" and value(one) == Decimal(0))  # fmt: skip
    assert cell.get_attribute("office:value") == "0"
    assert plain(cell.text_recursive).strip() == "à demander"


@pytest.mark.parametrize("make", EXTREMES)
def test_a_spreadsheet_is_a_sound_file(make: Any) -> None:
    made = plan_as_ods(make())
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.testzip() is None
        first = archive.infolist()[0]
        assert first.filename == "mimetype"
        assert first.compress_type == zipfile.ZIP_STORED
        assert archive.read("mimetype") == b"application/vnd.oasis.opendocument.spreadsheet"
        manifest = archive.read("META-INF/manifest.xml").decode()
        listed = set(re.findall(r'manifest:full-path="([^"]+)"', manifest)) - {"/"}
        assert {"content.xml", "styles.xml", "meta.xml"} <= listed
        assert {one for one in listed if not one.endswith("/")} <= set(archive.namelist())
        content = archive.read("content.xml").decode()
    assert 'xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2"' in content
    named = set(re.findall(r'table:style-name="([^"]+)"', content))
    assert named <= set(re.findall(r'<style:style style:name="([^"]+)"', content))
    assert set(LOOKS) <= set(re.findall(r'<style:style style:name="([^"]+)"', content))


@pytest.mark.parametrize("typed", [*HOSTILE, "=1+1", '=HYPERLINK("x")', "-2", "@sum"])
def test_what_is_typed_is_never_a_formula(typed: str) -> None:
    kept = len(formulas(plan_as_ods(example())))
    made = plan_as_ods(hostile(typed))
    assert len(formulas(made)) == kept
    shown = str(value(cells(made)["B2"]))
    assert not shown.startswith(("=", "+", "-", "@"))


def test_a_copy_without_values_keeps_its_formulas(tmp_path: Path) -> None:
    source, target = tmp_path / "a.ods", tmp_path / "b.ods"
    source.write_bytes(plan_as_ods(example()))
    without_values(source, target)
    kept, bare = cells(source.read_bytes()), cells(target.read_bytes())
    named = formulas(source.read_bytes())
    assert formulas(target.read_bytes()) == named
    assert all(value(bare[name]) == "" for name in named)
    others = kept.keys() - named.keys()
    assert all(value(bare[name]) == value(kept[name]) for name in others)


def test_what_is_looked_for_in_the_spreadsheet_is_in_it() -> None:
    def shown(subject: Subject) -> str:
        return plain("\n".join(str(c.text_recursive) for c in cells(plan_as_ods(subject)).values()))

    for make in (example, crowded):
        text = shown(make())
        assert [meant for meant in meant_cells(make()) if plain(meant) not in text] == []
    other = changed(
        resources=(*example().document.resources, Source("x", "Autre", Fund.REGION, Decimal(5)))
    )
    assert any(plain(meant) not in shown(example()) for meant in meant_cells(other))


def test_a_plan_of_two_hundred_lines_stays_a_spreadsheet() -> None:
    made = plan_as_ods(replace(crowded(200, 200), project="P"))
    assert len(tables(made)[0].rows) > 200


def test_a_row_of_several_lines_has_room_for_them_on_paper() -> None:
    long = replace(example().document.costs[0], label="Démolition, désamiantage et curage " * 5)
    made = plan_as_ods(changed(costs=(long, *example().document.costs[1:])))
    content = zipfile.ZipFile(io.BytesIO(made)).read("content.xml").decode()
    used = set(re.findall(r'<table:table-row table:style-name="row(\d+)"', content))
    assert "1" in used
    assert max(map(int, used)) >= 5
    heights = dict(re.findall(
        r'style:name="row(\d+)"[^>]*><style:table-row-properties '
        r'style:row-height="([\d.]+)cm"', content,
    ))  # fmt: skip
    assert used - {"1"} <= set(heights)
    assert all(float(height) >= 0.4 * int(lines) for lines, height in heights.items())


def test_the_examples_of_the_docstrings_hold() -> None:
    found = doctest.testmod(sheet)
    assert (found.attempted, found.failed) == (3, 0)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(Fund), st.sampled_from(Status),
            st.decimals(0, 10**7, places=2), st.none() | st.decimals(0, 10**7, places=2),
        ),
        max_size=12,
    ),
    st.lists(st.decimals(0, 10**7, places=2), max_size=15),
    st.booleans(),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_whatever_the_plan_its_formulas_agree_with_the_engine(
    resources: list[tuple[Fund, Status, Decimal, Decimal | None]], costs: list[Decimal], net: bool
) -> None:
    document = PlanDocument(
        DAY, COMMUNE,
        tuple(line(net, id=f"c{n}") for n, net in enumerate(costs)),
        tuple(Source(f"r{n}", f"R{n}", fund, amount, status, granted=granted)
              for n, (fund, status, amount, granted) in enumerate(resources)),
        in_net=net,
    )  # fmt: skip
    subject = Subject("P", document, check_plan(document.plan(), LAW), LAW, DAY)
    made = plan_as_ods(subject)
    computed = Computed(made)
    (row,) = {n[1:] for n, cell in computed.cells.items() if value(cell) == "Total des ressources"}
    assert computed[f"H{row}"] == sum((r.amount for r in subject.plan.counted), Decimal(0))
    cost = computed[f"{'C' if net else 'D'}{row}"]
    assert abs(Decimal(cost) - subject.plan.cost) < CENT
    for name in formulas(made):
        written, found = value(computed.cells[name]), computed[name]
        if isinstance(found, Decimal):
            assert abs(Decimal(written) - found) < Decimal("0.000001")
