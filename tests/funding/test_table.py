"""The table of a plan, exported then imported: everything comes back."""

import io
import string
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import example, given, settings
from hypothesis import strategies as st

from maillage.accounts.models import User
from maillage.common.tables import export
from maillage.engine.funding.types import CostLine, Fund, Nature, Spending, Status
from maillage.funding.columns import titles_of
from maillage.funding.document import Payment, PlanDocument, Source
from maillage.funding.forms.editor import Editor
from maillage.funding.pasting import TOO_BIG, Around, Pasted, from_file, from_text
from maillage.funding.table import HEADER, rows
from maillage.funding.vat import Usual
from tests.funding.plans import document, make_plan, make_project

AROUND = Around(Usual("20", "20 %", ("20", "10", "5.5", "2.1", "0"), ("20", "8.5")))
DAY = date(2026, 11, 21)
D = Decimal
KINDS = ("csv", "ods", "xlsx")

money = st.decimals(0, 10**8, places=2, allow_nan=False)
maybe_money = st.one_of(st.none(), money)
days = st.one_of(st.none(), st.dates(date(2000, 1, 1), date(2100, 12, 31)))
shares = st.one_of(st.none(), st.decimals(0, 1, places=6, allow_nan=False))
#: Words that a table without « Côté » would take for a total, a title, an amount or nothing.
TRAPS = (
    "Total",
    "TVA",
    "Sous-total",
    "-",
    "néant",
    "FCTVA",
    "12 000",
    "Dépenses",
    "=1+1",
    "@a",
    "Montant HT",
    "Nature",
    "2027",
    "1,5",
    "Reste",
    "oui",
    "DETR ; FNADT",
    'dit « "x" »',
)
letters = st.text(string.ascii_letters + string.digits + " éèàœ'’,;:%€/()+-=@\"&<>", max_size=40)
plain = letters.map(lambda said: " ".join(said.split())).filter(lambda said: said[:1] != "'")
labels = st.one_of(st.sampled_from(TRAPS), plain.filter(bool))
slugs = st.text(string.ascii_lowercase + "-", max_size=20)
payments = st.lists(
    st.builds(Payment, st.dates(date(2000, 1, 1), date(2100, 12, 31)), money), max_size=3
).map(tuple)


@st.composite
def documents(draw: Any) -> PlanDocument:
    """Plans with everything that a line may hold."""
    costs = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        net = draw(money)
        costs.append(CostLine(
            f"c{number}", draw(labels), net, net + draw(money), draw(st.sampled_from(Spending)),
            draw(st.sampled_from(Nature)), draw(st.one_of(st.none(), st.integers(2000, 2100))),
            draw(days),
        ))  # fmt: skip
    ids = [f"r{number}" for number in range(1, draw(st.integers(0, 4)) + 1)]
    tied = st.lists(st.sampled_from([line.id for line in costs]), unique=True)
    others = st.lists(st.sampled_from(ids or ["-"]), unique=True, max_size=len(ids))
    sources = [
        Source(
            one, draw(labels), draw(st.sampled_from(Fund)), draw(money),
            draw(st.sampled_from(Status)), scheme=draw(plain), offer=draw(slugs),
            lines=tuple(draw(tied)), letter=draw(st.booleans()), filed_on=draw(days),
            received_on=draw(days), decided_on=draw(days), granted=draw(maybe_money),
            paid=draw(maybe_money), paid_on=draw(days), closes=draw(days),
            commission_on=draw(days), advance=draw(shares), rate=draw(shares),
            cap=draw(maybe_money), floor=draw(maybe_money), flat=draw(maybe_money),
            chance=draw(shares), days=draw(st.one_of(st.none(), st.integers(0, 4000))),
            note=draw(plain), payments=draw(payments), excludes=tuple(draw(others)),
            needs=tuple(draw(others)),
        )
        for one in ids
    ]  # fmt: skip
    return PlanDocument(DAY, costs=tuple(costs), resources=tuple(sources),
                        in_net=draw(st.booleans()))  # fmt: skip


def _file(made: PlanDocument, kind: str) -> bytes:
    answer = export("plan", HEADER, rows(made), kind)
    return answer.getvalue() if kind == "csv" else answer.content


def _named(found: Pasted) -> tuple[tuple[CostLine, ...], tuple[Source, ...]]:
    """What was read, its lines named c1, c2… r1, r2…"""
    costs = {one.id: f"c{n}" for n, one in enumerate(found.costs, 1)}
    sources = {one.id: f"r{n}" for n, one in enumerate(found.resources, 1)}
    return (
        tuple(replace(one, id=costs[one.id]) for one in found.costs),
        tuple(
            replace(
                one, id=sources[one.id], lines=tuple(costs[x] for x in one.lines),
                excludes=tuple(sources[x] for x in one.excludes),
                needs=tuple(sources[x] for x in one.needs),
            )
            for one in found.resources
        ),
    )  # fmt: skip


@settings(max_examples=60)
@given(documents(), st.sampled_from(KINDS))
@example(PlanDocument(DAY, costs=(CostLine("c1", "Total", D(100), D(120)),), resources=(
    Source("r1", "DETR", Fund.DETR, D(50), Status.GRANTED, rate=D("0.5"), granted=None),
    Source("r2", "Commune", Fund.OWN, D(50), lines=("c1",)),
)), "csv")  # fmt: skip
def test_a_plan_comes_back_exactly(made: PlanDocument, kind: str) -> None:
    found = from_file(_file(made, kind), f"plan.{kind}", AROUND)
    assert found.problems == []
    assert _named(found) == (made.costs, made.resources)


def test_every_title_is_known() -> None:
    found = titles_of(HEADER)
    assert found is not None
    assert set(found.unread) == {"Numéro", "Part (%)"}


def test_a_number_of_a_line_that_is_not_there_is_said() -> None:
    text = ("Côté\tIntitulé\tMontant HT\tDépenses qu'elle paie\n"
            "Dépense\tToit\t100\t\nRessource\tDETR\t50\t1, 7\n")  # fmt: skip
    assert from_text(text, AROUND).problems == [
        "Ligne 3 : « 7 » n'est pas le numéro d'une dépense de ce tableau : écrivez par exemple "
        "1, 3."
    ]


@pytest.mark.parametrize("lines", [601, 150_000])
def test_a_long_file_is_refused_where_it_is_too_long(lines: int) -> None:
    found = from_file(b"Travaux;5,00\n" * lines, "plan.csv", AROUND)
    assert (found.costs, len(found.problems)) == ([], 1)
    assert "plus de 600 lignes" in found.problems[0]


def test_a_wide_file_is_refused() -> None:
    found = from_file(b"Travaux;" * 200_000, "plan.csv", AROUND)
    assert "plus de 200 colonnes" in found.problems[0]


def test_a_workbook_of_blank_rows_is_refused_before_it_is_read() -> None:
    made = PlanDocument(DAY, costs=(CostLine("c1", "Toit", D(1), D(1)),))
    for kind in ("ods", "xlsx"):
        whole = _file(made, kind)
        assert from_file(whole, f"plan.{kind}", AROUND).problems == []
        held = io.BytesIO(whole)
        with zipfile.ZipFile(held, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("more.xml", b"<table:table-row/>" * 800_000)
        found = from_file(held.getvalue(), f"plan.{kind}", AROUND)
        assert found.problems == [TOO_BIG]
    assert from_file(b"x" * 2_200_000, "plan.csv", AROUND).problems == [TOO_BIG]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_the_page_gives_the_whole_table(client: Client, mairie: User, kind: str) -> None:
    held = document()
    plan = make_plan(make_project(mairie), held, by=mairie)
    client.force_login(mairie)
    answer = client.get(reverse("funding:export", args=[plan.pk]), {"export": kind})
    body = answer.getvalue() if answer.streaming else answer.content
    found = from_file(body, f"plan.{kind}", AROUND)
    assert [one.year for one in found.costs] == [2027]
    assert [(one.label, one.filed_on) for one in found.resources] == [
        (one.label, one.filed_on) for one in held.resources
    ]


@given(documents())
@settings(max_examples=25)
def test_an_imported_table_stays_whole_in_the_editor(made: PlanDocument) -> None:
    """Pasted in the editor beside other lines, then read as its form says it."""
    sources = tuple(
        replace(
            one, payments=(), fund=Fund.REGION, offer="",
            excludes=tuple(x for x in one.excludes if x != one.id),
            needs=tuple(x for x in one.needs if x != one.id),
            rate=one.rate and one.rate.quantize(D("0.0001")),
            advance=one.advance and one.advance.quantize(D("0.0001")),
            chance=one.chance and one.chance.quantize(D("0.0001")),
        )
        for one in made.resources
    )  # fmt: skip
    made = replace(made, resources=sources)
    found = from_file(_file(made, "csv"), "plan.csv", AROUND)
    editor = Editor.of(PlanDocument(DAY, costs=(CostLine("c1", "Avant", D(5), D(6)),)))
    editor.extend(found.costs, found.resources)
    held = editor.document(DAY)
    assert held is not None, editor.problems
    first, *costs = held.costs
    assert first.label == "Avant"
    names = {one.id: f"c{n}" for n, one in enumerate(costs, 1)}
    others = {one.id: f"r{n}" for n, one in enumerate(held.resources, 1)}
    assert tuple(replace(one, id=names[one.id]) for one in costs) == made.costs
    assert [
        replace(
            one, id=others[one.id], lines=tuple(sorted(names[x] for x in one.lines)),
            excludes=tuple(sorted(others[x] for x in one.excludes)),
            needs=tuple(sorted(others[x] for x in one.needs)),
        )
        for one in held.resources
    ] == [
        replace(one, lines=tuple(sorted(one.lines)), excludes=tuple(sorted(one.excludes)),
                needs=tuple(sorted(one.needs)))
        for one in sources
    ]  # fmt: skip


def test_payments_stay_as_long_as_their_sum_does() -> None:
    came = (Payment(date(2027, 3, 4), D("800.50")), Payment(date(2027, 9, 1), D(100)))
    one = Source("r1", "DETR", Fund.DETR, D(1_000), Status.GRANTED, granted=D(1_000),
                 paid=D("900.50"), paid_on=came[1].on, payments=came)  # fmt: skip
    editor = Editor.of(PlanDocument(DAY, resources=(one,)))
    held = editor.document(DAY)
    assert held is not None
    assert held.resources == (one,)
    editor.resources[0].values["paid"] = "950"
    held = editor.document(DAY)
    assert held is not None
    assert held.resources[0].payments == ()


@pytest.mark.django_db
def test_a_paste_beyond_what_is_read_is_not_given_back_whole(client: Client) -> None:
    answer = client.post(reverse("simulator:check"), {
        "faire": "coller", "coller-texte": "Travaux " * 200_000,
    })  # fmt: skip
    assert answer.status_code == 422
    assert "plus de 200\u202f000 caractères" in answer.content.decode()
    assert len(answer.content) < 500_000
