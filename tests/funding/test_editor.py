"""The plan editor: form → document → form, every error at its cell, nothing typed is lost."""

import html
import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maillage.engine.funding.types import (
    OWN,
    Bearer,
    BearerKind,
    CostLine,
    Fund,
    Nature,
    Spending,
    Status,
)
from maillage.funding.document import PlanDocument, Source, read
from maillage.funding.forms.cells import Row
from maillage.funding.forms.editor import Editor
from maillage.funding.forms.vat import settle
from maillage.funding.vat import Usual, agree, gross_of, net_of

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 21)
MAINLAND = Usual("20", "20 %", ("20", "10", "5.5", "2.1", "0"), ("20", "8.5"))


def sent(editor: Editor, **changes: str) -> QueryDict:
    """What a browser would send of this page, some cells changed (« c0_net » for « c0-net »)."""
    editor.ready()
    data = QueryDict(mutable=True)
    for row in (editor.plan, editor.bearer, *editor.costs, *editor.resources):
        for name, value in row.values.items():
            if name == "letter" and not value:
                continue
            data[f"{row.name}-{name}"] = value
        if row.lines:
            data.setlist(f"{row.name}-lines", list(row.lines))
        for name, ticked in row.others.items():
            data.setlist(f"{row.name}-{name}", list(ticked))
    data["notes"], data["retires"] = editor.notes_text, editor.removed_text
    data["refaits"] = editor.undone_text
    for name, value in changes.items():
        data[name.replace("_", "-", 1)] = value
    return data


def again(data: QueryDict) -> Editor:
    return Editor.posted(data)


def shown(editor: Editor) -> QueryDict:
    """What a browser sends of the page that is really made: its fields, hidden ones included."""
    page = render_to_string("funding/editor/editor.html", {"editor": editor.ready()})
    data = QueryDict(mutable=True)
    for tag in re.findall(r"<input[^>]*>", page):
        said = {n: html.unescape(v) for n, v in re.findall(r'([a-z-]+)="([^"]*)"', tag)}
        if "checkbox" not in said.get("type", "") or " checked" in tag:
            data.appendlist(said["name"], said.get("value", "on"))
    for name, body in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)" selected', body)
        data.appendlist(name, chosen[1] if chosen else "")
    return data


def plan(**said: Any) -> PlanDocument:
    costs = (CostLine("c1", "Travaux", Decimal(1000), Decimal(1200)),)
    paid = (Source("r1", "Commune", Fund.OWN, Decimal(1000)),)
    return PlanDocument(**{"date": DAY, "costs": costs, "resources": paid, **said})


# -- Document → form → document

cents = (
    st.integers(0, 10**9).map(lambda n: Decimal(n) / 100).map(lambda d: d.quantize(Decimal("0.01")))
)
shares = st.none() | st.integers(0, 10_000).map(lambda n: Decimal(n) / 10_000)
days = st.none() | st.dates(date(2000, 1, 1), date(2100, 12, 31))
names = st.text("abcdéÀ €%'\"<>&-0123", min_size=1, max_size=30).map(
    lambda t: " ".join(t.split()) or "x"
)


@st.composite
def documents(draw: st.DrawFn) -> PlanDocument:
    costs = []
    for n in range(draw(st.integers(0, 4))):
        net = draw(cents)
        gross = draw(st.sampled_from([net, gross_of(net, "20"), gross_of(net, "5.5"), net + 7]))
        costs.append(CostLine(
            f"k{n}", draw(names), net, gross, draw(st.sampled_from(list(Spending))),
            draw(st.sampled_from(list(Nature))), draw(st.none() | st.integers(2000, 2100)),
            draw(days),
        ))  # fmt: skip
    resources = []
    for n in range(draw(st.integers(0, 4))):
        money = {k: draw(st.none() | cents) for k in ("granted", "paid", "cap", "floor", "flat")}
        when = {k: draw(days) for k in ("filed_on", "received_on", "decided_on", "paid_on",
                                        "closes", "commission_on")}  # fmt: skip
        ticked = tuple(c.id for c in costs if draw(st.booleans()))
        resources.append(Source(
            f"s{n}", draw(names), draw(st.sampled_from(list(Fund))), draw(cents),
            draw(st.sampled_from(list(Status))), draw(st.sampled_from(["", "detr-2026"])),
            draw(st.sampled_from(["", "guichet-24"])), ticked, draw(st.booleans()),
            rate=draw(shares), advance=draw(shares), chance=draw(shares),
            days=draw(st.none() | st.integers(0, 2000)), note=draw(st.just("") | names),
            **money, **when,
        ))  # fmt: skip
    aids = [one.id for one in resources if one.fund not in OWN]
    resources = [
        replace(one, **{
            name: tuple(i for i in aids if i != one.id and draw(st.booleans()))
            for name in ("excludes", "needs")
        })
        if one.id in aids
        else one
        for one in resources
    ]  # fmt: skip
    ratio = st.none() | st.integers(0, 5000).map(lambda n: Decimal(n) / 100)
    who = Bearer(
        draw(st.sampled_from(list(BearerKind))), draw(names),
        draw(st.sampled_from(["", "24", "2A", "973"])), draw(st.none() | st.integers(0, 10**6)),
        draw(ratio), draw(st.sampled_from([None, True, False])),
        draw(st.none() | st.integers(0, 10**6)), draw(st.none() | st.integers(0, 10**6)),
        draw(ratio),
    )  # fmt: skip
    return PlanDocument(
        draw(st.dates(date(2000, 1, 1), date(2090, 1, 1))), who, tuple(costs), tuple(resources),
        draw(st.booleans()), draw(st.sampled_from([None, True, False])),
        draw(st.none() | cents), draw(st.none() | cents), draw(st.sampled_from([{}, {"a": "b"}])),
    )  # fmt: skip


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(documents())
def test_a_document_goes_through_the_form_unchanged(document: PlanDocument) -> None:
    found = again(sent(Editor.of(document))).document(DAY)
    assert found is not None
    assert found == document
    assert read(json.loads(json.dumps(found.as_json())), DAY) == found


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(
    st.sampled_from([
        "c0-net", "c0-vat", "c0-gross", "c0-year", "c0-signed_on", "c0-spending", "c0-was",
        "r0-fund", "r0-amount", "r0-rate", "r0-status", "r0-days", "r0-closes", "b-kind", "b-place",
        "b-code", "b-held", "b-population_dgf", "p-date", "p-total", "p-in_net", "notes", "retires",
    ]),
    st.text(max_size=40)
    | st.sampled_from(["[]", "[{}]", '[{"kind":"c","values":{}}]', "{", "1e9"]),
))  # fmt: skip
def test_whatever_is_sent_the_page_is_made(cells: dict[str, str]) -> None:
    data = sent(Editor.of(plan()))
    for name, value in cells.items():
        data[name] = value
    editor = again(data)
    document = editor.document(DAY)
    assert (document is None) == bool(editor.problems)
    editor.ready()
    for verb in ("remettre", "retirer-c0", "monter-r9", "copier-r0", "ajouter-c"):
        editor.act(verb)
        editor.ready()


# -- VAT


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"net": "1000", "vat": "20"}, ("1000.00", "1200.00")),
        ({"gross": "1 200 €", "vat": "20"}, ("1000.00", "1200.00")),
        ({"net": "1000", "vat": "5.5"}, ("1000.00", "1055.00")),
        ({"net": "1000", "vat": "0"}, ("1000.00", "1000.00")),
        ({"net": "1000", "gross": "1100", "vat": "autre"}, ("1000.00", "1100.00")),
        # The page showed 1000 and 1200: the one that was changed leads.
        ({"net": "2000", "gross": "1200", "vat": "20", "was": "1000.00|1200.00|20"},
         ("2000.00", "2400.00")),
        ({"net": "1000", "gross": "2400", "vat": "20", "was": "1000.00|1200.00|20"},
         ("2000.00", "2400.00")),
        ({"net": "1000", "gross": "1200", "vat": "10", "was": "1000.00|1200.00|20"},
         ("1000.00", "1100.00")),
        # Both typed anew: both stay.
        ({"net": "1000", "gross": "1100", "vat": "20"}, ("1000.00", "1100.00")),
    ],
)  # fmt: skip
def test_one_amount_gives_the_other(typed: dict[str, str], expected: tuple[str, str]) -> None:
    row = Row("c0", {"net": "", "gross": "", "vat": "20", "was": "", **typed})
    found = settle(row, True, MAINLAND)
    assert row.errors == {}
    assert found == tuple(map(Decimal, expected))


@given(cents, st.sampled_from(["20", "10", "5.5", "0"]))
def test_net_and_gross_agree_both_ways(amount: Decimal, rate: str) -> None:
    assert agree(amount, gross_of(amount, rate), rate)
    assert agree(net_of(amount, rate), amount, rate)


@pytest.mark.parametrize(
    ("typed", "cell"),
    [
        ({"net": "", "gross": ""}, "net"),
        ({"net": "mille"}, "net"),
        ({"net": "1200", "gross": "1000", "vat": "autre"}, "gross"),
        ({"net": "1200", "vat": "autre"}, "gross"),
        ({"net": "1200", "vat": "99"}, "vat"),
    ],
)
def test_wrong_amounts_are_said_at_their_cell(typed: dict[str, str], cell: str) -> None:
    row = Row("c0", {"net": "", "gross": "", "vat": "20", "was": "", **typed})
    settle(row, True, MAINLAND)
    assert cell in row.errors


# -- Errors


@pytest.mark.parametrize(
    ("cell", "typed"),
    [
        ("c0_net", "12x"), ("c0_gross", "-3"), ("c0_year", "27"), ("c0_signed_on", "hier"),
        ("c0_spending", "rien"), ("c0_nature", "rien"), ("c0_label", "x" * 201),
        ("r0_amount", "1,234"), ("r0_fund", "banque"), ("r0_rate", "120"),
        ("r0_rate", "beaucoup"), ("r0_rate", "0,4"), ("r0_cap", "a"), ("r0_floor", "a"),
        ("r0_flat", "a"),
        ("r0_chance", "200"), ("r0_days", "1,5"), ("r0_status", "fini"),
        ("r0_closes", "32/01/2026"), ("r0_closes", "31/02/2027"),
        ("r0_filed_on", "a"), ("r0_received_on", "a"), ("r0_decided_on", "a"),
        ("r0_commission_on", "a"), ("r0_granted", "a"), ("r0_paid", "a"), ("r0_paid_on", "a"),
        ("r0_advance", "a"), ("b_population_dgf", "peu"), ("b_wealth", "a"), ("b_block", "a"),
        ("b_centre", "a"), ("b_density", "a"), ("b_kind", "roi"), ("b_department", "99"),
        ("b_place", "Zzzzqqqx"), ("p_date", "a"), ("p_total", "a"), ("p_own_most", "a"),
    ],
)  # fmt: skip
def test_an_error_is_at_its_cell_and_the_text_stays(cell: str, typed: str) -> None:
    editor = again(sent(Editor.of(plan()), **{cell: typed}))
    assert editor.document(DAY) is None
    name = cell.replace("_", "-", 1)
    assert name in [place for place, _ in editor.problems]
    row = next(r for r in (editor.plan, editor.bearer, *editor.costs, *editor.resources)
               if name.startswith(f"{r.name}-"))  # fmt: skip
    shown = row[name.partition("-")[2]]
    assert shown.error
    assert shown.value == typed


def test_a_fund_that_was_not_chosen_is_guessed_from_the_name_and_said() -> None:
    editor = again(sent(Editor.of(plan()), r0_fund="", r0_label="DETR 2027"))
    found = editor.document(DAY)
    assert found is not None
    assert found.resources[0].fund is Fund.DETR
    assert [place for place, _ in editor.ready().remarks] == ["r0-fund"]
    editor = again(sent(Editor.of(plan()), r0_fund="", r0_label="Caisse locale"))
    assert editor.document(DAY) is None
    assert editor.focus == "r0-fund"


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        ({"r0_label": "DETR", "r0_fund": "department"}, "r0-fund"),
        ({"r0_label": "DETR", "r0_fund": "detr"}, ""),
        ({"r0_status": "considered", "r0_received_on": "2026-11-10"}, "r0-status"),
        ({"r0_status": "granted"}, "r0-granted"),
        ({"r0_status": "paid", "r0_granted": "5"}, "r0-paid_on"),
        ({"b_place": "Bourrou", "b_population_dgf": "5 000"}, "b-population_dgf"),
        ({"b_place": "Bourrou", "b_population_dgf": "150"}, ""),
    ],
)
def test_what_is_odd_is_said_and_not_refused(cells: dict[str, str], place: str) -> None:
    editor = again(sent(Editor.of(plan()), **cells))
    assert editor.document(DAY) is not None
    assert [where for where, _ in editor.ready().remarks] == ([place] if place else [])


def test_a_long_name_is_cut_between_words_in_what_is_said() -> None:
    name = "Communauté de communes Isle et Crempse en Périgord et autres lieux-dits"
    editor = again(sent(Editor.of(plan()), r0_label=name, r0_status="granted"))
    assert editor.document(DAY) is not None
    said = dict(editor.ready().remarks)["r0-granted"]
    assert said.startswith("Ressource 1, Communauté de communes Isle et Crempse en Périgord et… : ")


def test_a_fund_is_found_by_typing_its_name() -> None:
    shown = Editor.of(plan()).ready().resources[0].extra["funds"]
    names = re.findall(r"<option[^>]*>([^<]*)", shown)
    assert {"DETR", "DSIL", "LEADER (FEADER)", "Département"} <= set(names)
    assert len(names) == len(Fund)


@pytest.mark.parametrize("typed", ["Saint-Martin", "24110"])
def test_a_homonym_asks_which_one_and_takes_it(typed: str) -> None:
    editor = again(sent(Editor.of(plan()), b_place=typed))
    assert editor.document(DAY) is None
    assert "Plusieurs" in editor.bearer.errors["place"]
    choices = dict(editor.bearer.extra["choices"])
    assert len(choices) > 6
    code = "24061" if typed == "24110" else next(iter(choices))
    assert code in choices
    page = render_to_string("funding/editor/editor.html", {"editor": editor.ready()})
    assert f'value="lieu-{code}"' in page
    editor = again(shown(editor))
    assert editor.act(f"lieu-{code}")
    found = editor.document(DAY)
    assert found is not None
    assert found.notes == {"territory": code}
    assert not editor.act("lieu-99999")


# -- The bearer


def test_a_commune_by_its_name_gives_its_department() -> None:
    editor = again(sent(Editor.of(plan()), b_place="Bourrou"))
    found = editor.document(DAY)
    assert found is not None
    assert (found.bearer.name, found.bearer.department) == ("Bourrou", "24")
    assert found.notes == {"territory": "24061"}
    assert "Dordogne" in editor.ready().place_said
    # Kept from page to page; another name typed without the list's help replaces it.
    second = again(sent(editor, b_place="Kourou"))
    found = second.document(DAY)
    assert found is not None
    assert (found.bearer.name, found.bearer.department) == ("Kourou", "973")
    assert "outre-mer" in second.ready().place_said


def test_an_epci_changes_the_kind() -> None:
    found = again(sent(Editor.of(plan()), b_place="Le Grand Périgueux")).document(DAY)
    assert found is not None
    assert found.bearer.kind is BearerKind.EPCI


def test_the_dgf_population_is_asked_only_for_a_detr() -> None:
    editor = Editor.of(plan())
    assert editor.ready().asked == set()
    paid = (Source("r1", "DETR", Fund.DETR, Decimal(10)),)
    assert Editor.of(plan(resources=paid)).ready().asked == {"population_dgf"}
    large = Bearer(BearerKind.COMMUNE, population_dgf=5_000)
    assert "wealth" in Editor.of(plan(resources=paid, bearer=large)).ready().asked


# -- Lines


def test_a_line_is_added_removed_and_put_back() -> None:
    editor = again(sent(Editor.of(plan())))
    assert editor.act("ajouter-c")
    assert [r.values["id"] for r in editor.costs] == ["c1", "c2"]
    assert editor.focus == "c1-label"
    editor = again(sent(editor, c1_label="Étude", c1_net="12x"))
    editor.act("retirer-c1")
    assert len(editor.costs) == 1
    editor = again(sent(editor))
    editor.act("remettre")
    assert [(r.values["label"], r.values["net"]) for r in editor.costs][1] == ("Étude", "12x")
    assert editor.removed == []


def test_lines_are_moved_and_copied() -> None:
    costs = tuple(CostLine(f"c{n}", f"L{n}", Decimal(n), Decimal(n)) for n in (1, 2, 3))
    editor = again(sent(Editor.of(plan(costs=costs))))
    editor.act("monter-c2")
    assert [r.values["label"] for r in editor.costs] == ["L1", "L3", "L2"]
    editor.act("descendre-c0")
    assert [r.values["label"] for r in editor.costs] == ["L3", "L1", "L2"]
    editor.act("copier-c0")
    assert [r.values["label"] for r in editor.costs] == ["L3", "L3", "L1", "L2"]
    assert len({r.values["id"] for r in editor.costs}) == 4
    assert [r.name for r in editor.costs] == ["c0", "c1", "c2", "c3"]


def test_a_cost_removed_is_no_longer_paid() -> None:
    paid = (Source("r1", "Don", Fund.GIFT, Decimal(5), lines=("c1", "c2")),)
    costs = tuple(CostLine(f"c{n}", f"L{n}", Decimal(n), Decimal(n)) for n in (1, 2))
    editor = again(sent(Editor.of(plan(costs=costs, resources=paid))))
    editor.act("retirer-c0")
    found = editor.document(DAY)
    assert found is not None
    assert found.resources[0].lines == ("c2",)


@pytest.mark.parametrize(
    "state",
    ["[" * 50_000, '{"x": "\\ud800"}', '[{"kind":"c","values":{"label":"\\ud800"}}]', "0" * 9],
)
def test_a_hidden_state_that_is_not_ours_is_left_aside(state: str) -> None:
    data = sent(Editor.of(plan()), notes=state, retires=state)
    editor = again(data)
    assert editor.document(DAY) is not None
    editor.act("remettre")
    page = render_to_string("funding/editor/editor.html", {"editor": editor.ready()})
    assert page.encode()


@pytest.mark.parametrize(
    ("typed", "day"),
    [("3/4/27", "2027-04-03"), ("03.04.2027", "2027-04-03"), ("3 avril 2027", "2027-04-03")],
)
def test_days_as_people_type_them(typed: str, day: str) -> None:
    found = again(sent(Editor.of(plan()), r0_closes=typed)).document(DAY)
    assert found is not None
    assert found.resources[0].closes == date.fromisoformat(day)


def test_a_button_of_another_kind_does_nothing() -> None:
    assert not Editor.of(plan()).act("verifier")


def test_a_whole_plan_may_be_taken_back() -> None:
    editor = Editor.of(plan(costs=()))
    editor.remember_whole(plan())
    editor = again(sent(editor))
    editor.act("remettre")
    found = editor.document(DAY)
    assert found is not None
    assert found == plan()


def test_a_copy_of_a_resource_is_another_dossier() -> None:
    granted = Source("r1", "DETR", Fund.DETR, Decimal(5), Status.GRANTED, granted=Decimal(4),
                     rate=Decimal("0.4"), decided_on=DAY, letter=True)  # fmt: skip
    editor = again(sent(Editor.of(plan(resources=(granted,)))))
    editor.act("copier-r0")
    found = editor.document(DAY)
    assert found is not None
    first, second = found.resources
    assert first == granted
    assert (second.status, second.granted, second.decided_on, second.letter) == (
        Status.CONSIDERED, None, None, False,
    )  # fmt: skip
    assert second.rate == Decimal("0.4")
