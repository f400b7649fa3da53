"""What a funder says of its aid beside the others, what is taken back then done again, limits."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from maillage.engine.funding.types import Bearer, BearerKind, CostLine, Fund, Status, Verdict
from maillage.funding import planning
from maillage.funding.document import MOST_LINES, BadDocument, PlanDocument, Source, read
from maillage.funding.forms.editor import Editor, too_long
from maillage.funding.law import law_on
from maillage.funding.showing import comparison
from tests.funding.test_editor import DAY, again, plan, sent, shown

pytestmark = pytest.mark.django_db
AIDS = (
    Source("r1", "Commune", Fund.OWN, Decimal(20_000)),
    Source("r2", "Région", Fund.REGION, Decimal(40_000), rate=Decimal("0.4")),
    Source("r3", "Département", Fund.DEPARTMENT, Decimal(40_000), rate=Decimal("0.4")),
)


def held(**said: Any) -> PlanDocument:
    """A balanced plan of a commune; `said` is what the region's aid asks."""
    own, region, department = AIDS
    return PlanDocument(
        DAY, Bearer(BearerKind.COMMUNE, "Bourrou", "24", recovers_vat=True),
        (CostLine("c1", "Travaux", Decimal(100_000), Decimal(120_000)),),
        (own, replace(region, **said), department), economic=False,
    )  # fmt: skip


def terms(document: PlanDocument) -> list[tuple[Verdict, str]]:
    return [(x.verdict, x.sentence) for x in planning.checks(document) if x.id == "funder-terms"]


# -- With which others an aid goes


def test_what_a_funder_refuses_is_checked() -> None:
    assert terms(held()) == []
    [(verdict, said)] = terms(held(excludes=("r3",)))
    assert verdict is Verdict.FAILS
    assert "« Région » ne va pas avec « Département »" in said
    # What both say is said once; who is refused, or brings nothing, is not there.
    both = held(excludes=("r3",))
    own, region, department = both.resources
    assert len(terms(replace(both, resources=(
        own, region, replace(department, excludes=("r2",))
    )))) == 1  # fmt: skip
    gone = replace(both, resources=(own, region, replace(department, status=Status.REFUSED)))
    assert [verdict for verdict, _ in terms(gone)] == [Verdict.HOLDS]


def test_what_a_funder_needs_is_checked() -> None:
    together = held(needs=("r3",))
    assert [verdict for verdict, _ in terms(together)] == [Verdict.HOLDS]
    own, region, department = together.resources
    alone = replace(together, resources=(own, region, replace(department, amount=Decimal(0))))
    [(verdict, said)] = terms(alone)
    assert verdict is Verdict.FAILS
    assert "ne se donne qu'avec « Département »" in said


@pytest.mark.parametrize(
    ("said", "refused", "possible"),
    [
        ({}, False, [{"r2", "r3"}]),
        ({"excludes": ("r3",)}, False, [{"r2"}, {"r3"}]),
        ({"needs": ("r3",)}, False, [{"r2", "r3"}]),
        ({"needs": ("r3",)}, True, [set()]),
        ({}, True, [{"r2"}]),
    ],
)
def test_the_best_plan_follows_them(
    said: dict[str, Any], refused: bool, possible: list[set[str]]
) -> None:
    document = held(**said)
    if refused:
        own, region, department = document.resources
        gone = replace(department, status=Status.REFUSED)
        document = replace(document, resources=(own, region, gone))
    found = comparison(planning.best(document), document, law_on(DAY))
    for column in found.columns:
        counted = column.document.plan().counted
        assert {one.id for one in counted if one.fund is not Fund.OWN} in possible
        # What is taken may be read again: it names only what it holds.
        assert read(column.document.as_json(), DAY) == column.document
    assert found.columns


def test_they_go_through_the_page_that_is_made() -> None:
    document = held(excludes=("r3",), needs=("r3",))
    found = again(shown(Editor.of(document))).document(DAY)
    assert found == document


def test_one_aid_alone_is_asked_nothing() -> None:
    page = render_to_string("funding/editor/editor.html", {"editor": Editor.of(plan()).ready()})
    assert "Avec les autres aides" not in page
    document = held()
    page = render_to_string("funding/editor/editor.html", {"editor": Editor.of(document).ready()})
    assert page.count("Avec les autres aides") == 2
    alone = replace(document, resources=document.resources[:2])
    page = render_to_string("funding/editor/editor.html", {"editor": Editor.of(alone).ready()})
    assert "Avec les autres aides" not in page


def test_an_aid_that_is_removed_and_put_back_is_named_again() -> None:
    document = held(excludes=("r3",))
    editor = again(shown(Editor.of(document)))
    editor.act("retirer-r2")
    editor = again(shown(editor))
    without = editor.document(DAY)
    assert without is not None
    assert without.resources[1].excludes == ()
    editor.act("remettre")
    assert again(shown(editor)).document(DAY) == document


def test_among_many_aids_one_is_chosen_in_a_list() -> None:
    more = tuple(Source(f"x{n}", f"Aide {n}", Fund.OPERATOR, Decimal(1)) for n in range(10))
    document = held(excludes=("r3",))
    document = replace(document, resources=(*document.resources, *more))
    data = shown(Editor.of(document))
    assert data.getlist("r1-excludes") == ["r3", ""]
    data.setlist("r1-excludes", ["r3", "x4"])  # as a browser sends the list
    found = again(data).document(DAY)
    assert found is not None
    assert found.resources[1].excludes == ("r3", "x4")
    assert again(shown(Editor.of(found))).document(DAY) == found


def test_in_a_long_plan_they_are_kept_unseen() -> None:
    costs = tuple(CostLine(f"c{n}", "Lot", Decimal(1), Decimal(1)) for n in range(50))
    document = replace(held(excludes=("r3",)), costs=costs)
    editor = again(shown(Editor.of(document)))
    assert editor.document(DAY) == document
    editor.act("ouvrir-r1")
    assert "Avec les autres aides" in render_to_string(
        "funding/editor/editor.html", {"editor": editor.ready()}
    )
    assert again(shown(editor)).document(DAY) == document


def test_a_document_names_resources_that_exist() -> None:
    data = held().as_json()
    data["resources"][1]["excludes"] = ["r9"]
    with pytest.raises(BadDocument, match="la ressource « r9 » n'existe pas"):
        read(data, DAY)


# -- Taken back, then done again


def test_what_is_put_back_may_be_removed_again() -> None:
    document = held(excludes=("r3",))
    editor = again(shown(Editor.of(document)))
    editor.act("retirer-r2")
    for _ in range(2):
        editor = again(shown(editor))
        assert [row.values["label"] for row in editor.resources] == ["Commune", "Région"]
        editor.act("remettre")
        editor = again(shown(editor))
        assert editor.document(DAY) == document
        editor.act("refaire")
    # A new removal: what was taken back is no longer to be done again.
    editor.act("remettre")
    editor.act("retirer-r0")
    assert editor.undone == []
    editor.act("refaire")
    assert editor.said == "Il n'y a rien à refaire."


def test_a_plan_that_is_taken_back_may_be_taken_again() -> None:
    before, after = plan(), held()
    editor = Editor.of(after)
    editor.remember_whole(before)
    editor = again(shown(editor))
    for _ in range(2):
        editor.act("remettre")
        editor = again(shown(editor))
        assert editor.document(DAY) == before
        editor.act("refaire")
        editor = again(shown(editor))
        assert editor.document(DAY) == after


# -- Limits


def test_too_many_lines_are_refused_before_they_are_read(client: Client) -> None:
    fields = [f"c{n}-label" for n in range(MOST_LINES + 1)]
    assert too_long(fields)
    assert not too_long([*fields[:-1], *(f"r{n}-label" for n in range(MOST_LINES))])
    data = dict.fromkeys(fields, "x")
    names = ("simulator:check", "simulator:best", "simulator:save", "simulator:open")
    for address in (*names, "funding:keep"):
        answer = client.post(reverse(address), data)
        assert answer.status_code == 422, address
        assert "Un plan a 200 dépenses et 200 ressources au plus" in answer.content.decode()
        assert "c200-label" not in answer.content.decode()


# -- Amounts, and cells of no line


def test_amounts_are_shown_as_amounts_once_they_are_read() -> None:
    editor = again(sent(Editor.of(plan()), r0_amount="72000", r0_cap="1234,5", p_own_most="30000"))
    assert editor.document(DAY) is not None
    assert editor.resources[0].values["amount"] == "72 000"
    assert editor.resources[0].values["cap"] == "1 234,50"
    assert editor.plan.values["own_most"] == "30 000"


@pytest.mark.parametrize(
    ("cell", "called"),
    [("p_own_most", "Ce que vous pouvez apporter : "), ("p_total", "Total annoncé : "),
     ("b_population_dgf", "Population DGF : ")],
)  # fmt: skip
def test_an_error_names_its_cell_even_out_of_the_lines(cell: str, called: str) -> None:
    editor = again(sent(Editor.of(plan()), **{cell: "-3"}))
    assert editor.document(DAY) is None
    [(place, said)] = editor.problems
    assert (place, said[: len(called)]) == (cell.replace("_", "-", 1), called)


# -- Who carries the project


def test_an_intercommunality_is_never_thrown_away() -> None:
    data = sent(Editor.of(plan()), b_place="Fouleix", b_kind="epci",
                b_name="Communauté de communes Isle-Vern-Salembre")  # fmt: skip
    editor = again(data)
    assert editor.document(DAY) is None
    assert "est une commune" in editor.bearer.errors["place"]
    choices = dict(editor.bearer.extra["choices"])
    assert list(choices) == ["200040095", "200040392", "24190"]
    page = shown(editor)
    assert (page["b-kind"], page["b-name"]) == ("epci", data["b-name"])  # nothing is lost
    chosen = again(page)
    assert chosen.act("lieu-200040095")
    found = chosen.document(DAY)
    assert found is not None
    assert found.bearer.kind is BearerKind.EPCI
    assert found.bearer.name == "CC Isle Vern Salembre en Périgord"
    assert found.notes == {"territory": "200040095"}
    # Or the commune after all, in one press too.
    chosen = again(page)
    chosen.act("lieu-24190")
    found = chosen.document(DAY)
    assert found is not None
    assert (found.bearer.kind, found.notes["territory"]) == (BearerKind.COMMUNE, "24190")


def test_a_commune_written_over_an_intercommunality_is_followed_and_said() -> None:
    epci = again(sent(Editor.of(plan()), b_place="Le Grand Périgueux"))
    assert epci.document(DAY) is not None
    editor = again(sent(epci, b_place="Bourrou"))
    found = editor.document(DAY)
    assert found is not None
    assert found.bearer.kind is BearerKind.COMMUNE
    assert any("« Commune » est choisi" in said for _, said in editor.ready().remarks)


def test_who_carries_the_project_is_named_when_it_is_folded() -> None:
    held_plan = replace(held(), bearer=Bearer(BearerKind.SYNDICATE, "SIVOS du Vergt", "24"),
                        notes={"territory": "24061"})  # fmt: skip
    page = render_to_string(
        "funding/editor/_bearer.html", {"editor": Editor.of(held_plan).ready(), "folded": True}
    )
    assert "Qui fait le projet : SIVOS du Vergt, à Bourrou (24)" in page


def test_the_answer_comes_first_without_javascript(client: Client) -> None:
    data = QueryDict(mutable=True)
    data.update(sent(Editor.of(held())))
    page = client.post("/financement/mieux/", data.dict()).content.decode()
    assert page.index('id="mieux"') < page.index('id="verdict"')
