"""« Qui fait quoi » of real territories: pages, cells, exports, the poster. Real France."""

import csv
import io
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from maillage.catalog.forms.matrix import MatrixFilters
from maillage.catalog.matrix import poster, senate
from maillage.catalog.matrix.finding import find_places
from maillage.catalog.matrix.places import Place, Unknown, choose, france, place_of
from maillage.catalog.matrix.reading import matrix_from, matrix_of
from maillage.catalog.snapshot import shelf
from maillage.engine.vocabulary import PHASES, THEMES
from maillage.territories.directory import directory
from tests.catalog.factories import engine_offer, make_offer, make_provider

pytestmark = pytest.mark.django_db
PERIGUEUX, REDON = "200040392", "243500741"
BOURROU = "24061"


@pytest.fixture
def memory(fresh_memory: None) -> None:
    """For a test that writes to the catalogue and then looks at its pages."""


def place(kind: str = "", code: str = "") -> Place:
    return place_of(kind, code, directory()) if kind else france()


def page(client: Client, address: str, status: int = 200, **query: Any) -> str:
    response = client.get(address, query)
    assert response.status_code == status
    return re.sub(r"[ \n\u00a0]+", " ", unescape(response.content.decode()))


# -- Which offers reach a territory


def reached(where: Place, *perimeter: str) -> str:
    """« whole », « part » or "" for an offer of this perimeter."""
    offer = engine_offer("o", perimeter=frozenset(perimeter))
    here, whole = choose(where, [offer], directory())
    if not here:
        return ""
    return "whole" if whole is None or "o" in whole else "part"


@pytest.mark.parametrize(
    ("kind", "code", "perimeter", "found"),
    [
        ("departement", "24", ["dep:24"], "whole"),
        ("departement", "24", ["FR"], "whole"),
        ("departement", "24", ["DEP"], "whole"),
        ("departement", "24", ["reg:75"], "whole"),
        ("departement", "24", [f"epci:{PERIGUEUX}"], "part"),
        ("departement", "24", [f"com:{BOURROU}"], "part"),
        ("departement", "24", ["dep:46"], ""),
        ("departement", "24", ["reg:53"], ""),
        ("departement", "975", ["DEP"], ""),
        ("region", "75", ["dep:24"], "part"),
        ("region", "75", ["reg:75"], "whole"),
        ("epci", PERIGUEUX, ["dep:24"], "whole"),
        ("epci", PERIGUEUX, ["com:24322"], "part"),
        # An intercommunalité over three départements: one of them is a part of it.
        ("epci", REDON, ["dep:35"], "part"),
        ("epci", REDON, ["dep:35", "dep:44", "dep:56"], "whole"),
        ("commune", BOURROU, [f"com:{BOURROU}"], "whole"),
        ("commune", BOURROU, [f"epci:{PERIGUEUX}"], "whole"),
        ("commune", BOURROU, [f"epci:{REDON}"], ""),
        ("", "", ["FR"], "whole"),
        ("", "", ["DEP"], "whole"),
        ("", "", ["dep:24"], "part"),
    ],
)
def test_what_covers_it_whole_is_told_from_what_covers_a_part(
    kind: str, code: str, perimeter: list[str], found: str
) -> None:
    assert reached(place(kind, code), *perimeter) == found


def test_all_the_arrondissements_of_a_departement_are_the_whole_of_it() -> None:
    inside = [f"arr:{code}" for code in directory().arrondissements if code[:-1] == "24"]
    assert reached(place("departement", "24"), *inside) == "whole"
    assert reached(place("departement", "24"), *inside[1:]) == "part"


def test_what_a_commune_is_too_large_for_is_not_there() -> None:
    large = engine_offer("o", phases=frozenset({"travaux"}), population_min=5_000)
    for where, filled in ((place("commune", BOURROU), 0), (place("commune", "24322"), 1)):
        matrix = matrix_from([large], where, "ingenierie", localdate(), directory())
        assert matrix.filled == filled


@pytest.mark.parametrize(
    ("opens", "closes", "filled"), [(0, 0, 1), (1, 30, 0), (-30, -1, 0), (None, None, 1)]
)
def test_only_what_can_be_asked_today_counts(
    opens: int | None, closes: int | None, filled: int
) -> None:
    today = localdate()
    bounds = [None if n is None else today + timedelta(days=n) for n in (opens, closes)]
    offer = engine_offer("o", phases=frozenset({"travaux"}), opens=bounds[0], closes=bounds[1])
    matrix = matrix_from([offer], france(), "ingenierie", today, directory())
    assert matrix.filled == filled


@settings(
    deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), nature=st.sampled_from(["ingenierie", "financement", "tout"]))
def test_who_acts_for_a_commune_acts_in_all_that_contains_it(
    data: st.DataObject, nature: str
) -> None:
    code = data.draw(st.sampled_from(sorted(directory().communes)))
    here = place("commune", code)
    matrix = matrix_of(here, nature, localdate())
    for above in here.above:
        wider = matrix_of(place(above.kind, above.code), nature, localdate())
        for cell, larger in zip(matrix.cells, wider.cells, strict=True):
            assert {p.provider for p in cell.presences} <= {p.provider for p in larger.presences}


def test_the_matrix_is_kept_until_the_catalogue_changes(fresh_memory: None) -> None:
    first = matrix_of(place("departement", "24"), "ingenierie", localdate())
    assert matrix_of(place("departement", "24"), "ingenierie", localdate()) is first
    other = matrix_of(place("departement", "24"), "financement", localdate())
    assert other is not first


def test_the_shipped_catalogue_beside_the_senate_count() -> None:
    compared = senate.compare(matrix_of(france(), "ingenierie", localdate()))
    assert (compared.senate.filled, compared.senate.cells, compared.senate.most) == (65, 80, 5)
    assert compared.known == len(compared.senate.operators) == 6
    assert 0 < compared.overlaps <= compared.filled <= 80
    assert compared.most <= 6


def test_the_quotation_of_the_senate_is_exact() -> None:
    """The sentence of the report, as it is written there."""
    assert senate.counted().quote.startswith("Sur les 80 cases du « qui fait quoi ? », 65 cases")


# -- Choosing a territory


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Dordogne", "dep:24"), ("24", "dep:24"), ("dordogne (24)", "dep:24"), ("2a", "dep:2A"),
        ("Nouvelle-Aquitaine", "reg:75"), ("région Bretagne", "reg:53"), ("bourrou", "com:24061"),
        ("24110", ""), ("xxxxxxxx", ""),
    ],
)  # fmt: skip
def test_a_territory_is_found_by_what_one_types(typed: str, key: str) -> None:
    found = find_places(typed, "", directory())
    sure = found[0].place.key if len(found) == 1 and found[0].certain else ""
    assert sure == key


def test_the_code_of_the_suggestion_wins_until_something_else_is_typed() -> None:
    known = directory()
    assert find_places("Bourrou (24)", BOURROU, known)[0].place.key == f"com:{BOURROU}"
    assert find_places("Dordogne", BOURROU, known)[0].place.key == "dep:24"


def test_an_unknown_code_is_unknown() -> None:
    for kind, code in (
        ("region", "99"),
        ("departement", "00"),
        ("epci", "1"),
        ("commune", "99999"),
    ):
        with pytest.raises(Unknown):
            place(kind, code)


# -- Pages


@pytest.mark.parametrize(
    "address",
    [
        "/qui-fait-quoi/", "/qui-fait-quoi/region/75/", "/qui-fait-quoi/departement/24/",
        f"/qui-fait-quoi/epci/{PERIGUEUX}/", f"/qui-fait-quoi/commune/{BOURROU}/",
        "/qui-fait-quoi/?nature=financement&famille=state_operator&famille=network",
        "/qui-fait-quoi/eau/travaux/", "/qui-fait-quoi/departement/24/eau/travaux/",
        f"/qui-fait-quoi/commune/{BOURROU}/eau/travaux/?nature=tout",
    ],
)  # fmt: skip
def test_open_to_all_in_few_queries(
    client: Client, address: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(address)  # the first builds what the process holds
    with django_assert_max_num_queries(5):
        response = client.get(address)
    text = response.content.decode()
    assert response.status_code == 200
    assert "VARIABLE-INCONNUE" not in text
    assert text.count("<h1") == 1


def test_the_grid_is_a_table_of_eighty_cells_that_each_lead_to_a_page(client: Client) -> None:
    text = page(client, "/qui-fait-quoi/departement/24/")
    links = re.findall(r'class="q-link" href="([^"]+)"', text)
    assert len(links) == len(set(links)) == 80
    assert text.count('scope="row"') >= 16
    assert text.count('role="columnheader" scope="col"') == 6
    assert "<caption" in text
    matrix = matrix_of(place("departement", "24"), "ingenierie", localdate())
    counts = [int(n) for n in re.findall(r'class="q-count">(\d+)<', text)]
    assert counts == [len(cell.presences) for cell in matrix.cells if cell.presences]


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("/qui-fait-quoi/?lieu=dordogne", "/qui-fait-quoi/departement/24/"),
        (
            "/qui-fait-quoi/?lieu=bourrou&nature=tout",
            f"/qui-fait-quoi/commune/{BOURROU}/?nature=tout",
        ),
        ("/qui-fait-quoi/departement/2a/", "/qui-fait-quoi/departement/2A/"),
        # The former code of a commune leads to today's.
        ("/qui-fait-quoi/commune/%s/", "/qui-fait-quoi/commune/%s/"),
    ],
)  # fmt: skip
def test_what_is_typed_leads_to_the_permanent_address(
    client: Client, address: str, target: str
) -> None:
    if "%s" in address:
        known = directory()
        old, new = next(pair for pair in known.former.items() if pair[0] not in known.communes)
        address, target = address % old, target % new
    response = client.get(address)
    assert response.status_code in {301, 302}
    assert response["Location"] == target


def test_homonyms_are_told_apart_and_the_unknown_is_said(client: Client) -> None:
    assert "Lequel voulez-vous voir" in page(client, "/qui-fait-quoi/", lieu="saint-martin")
    assert "Aucun territoire ne répond à « zzzz »" in page(client, "/qui-fait-quoi/", lieu="zzzz")


@pytest.mark.parametrize(
    "address",
    [
        "/qui-fait-quoi/departement/99/", "/qui-fait-quoi/planete/24/",
        "/qui-fait-quoi/eau/cuisine/", "/qui-fait-quoi/departement/24/soupe/travaux/",
        "/qui-fait-quoi/?export=exe",
    ],
)  # fmt: skip
def test_what_does_not_exist_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_what_is_asked_badly_is_dropped(client: Client) -> None:
    text = page(client, "/qui-fait-quoi/", nature="'; drop", famille="n'importe")
    assert "sur 80" in text


def test_only_some_families(client: Client) -> None:
    text = page(client, "/qui-fait-quoi/", famille="department")
    assert "les opérateurs de l'État ne sont pas comptés ici" in text
    assert "q-over" not in text.split('class="q-legend"')[0]


def test_a_cell_names_who_acts_with_their_offers(client: Client, memory: None) -> None:
    body = make_provider("mon-agence", name="Mon agence", level="department", family="department",
                         perimeter=["dep:24"])  # fmt: skip
    make_offer("mon-offre", body, title="Assistance aux ponts", themes=["eau"], phases=["travaux"],
               level="department", perimeter=[f"com:{BOURROU}"])  # fmt: skip
    text = page(client, "/qui-fait-quoi/departement/24/eau/travaux/")
    assert "Mon agence" in text
    assert "Assistance aux ponts" in text
    assert "une partie du territoire seulement" in text
    listed = "/catalogue/?departement=24&theme=eau&phase=travaux&nature=engineering&ouvertes=1"
    assert f'href="{listed}"' in text
    assert "Mon agence" not in page(client, "/qui-fait-quoi/departement/46/eau/travaux/")


def test_drafts_are_nowhere_and_generalists_fill_nothing(client: Client, memory: None) -> None:
    body = make_provider("mon-agence", name="Mon agence secrète")
    make_offer("a", body, publication="draft")
    make_offer("b", make_provider("contact", name="Contact général"), generalist=True)
    text = page(client, "/qui-fait-quoi/eau/travaux/")
    assert "Mon agence secrète" not in text
    assert "Contact général" not in text


def test_an_empty_cell_says_what_to_do(client: Client) -> None:
    where = place("departement", "975")
    gap = matrix_of(where, "ingenierie", localdate()).gaps[0]
    text = page(client, where.address("cell", theme=gap.theme, phase=gap.phase))
    assert "Personne ne dit agir ici" in text
    assert "décrire votre projet" in text
    assert "ailleurs en France" in text


# -- Exports and the poster


def rows(client: Client, address: str, **query: Any) -> list[dict[str, str]]:
    response = client.get(address, {"export": "csv", **query})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_the_exports_say_what_the_page_says(client: Client) -> None:
    matrix = matrix_of(place("departement", "24"), "ingenierie", localdate())
    lines = rows(client, "/qui-fait-quoi/departement/24/")
    assert len(lines) == sum(len(cell.presences) for cell in matrix.cells)
    assert {line["cle_territoire"] for line in lines} == {"dep:24"}
    cells = rows(client, "/qui-fait-quoi/departement/24/", table="cases")
    assert [(c["theme"], c["etape"]) for c in cells] == [(t, p) for t in THEMES for p in PHASES]
    assert [int(c["offreurs"]) for c in cells] == [len(c.presences) for c in matrix.cells]
    assert sum(c["recouvrement"] == "oui" for c in cells) == len(matrix.overlaps)


@pytest.mark.parametrize("kind", ["ods", "xlsx"])
def test_the_eighty_cells_as_a_sheet(client: Client, kind: str) -> None:
    response = client.get("/qui-fait-quoi/", {"export": kind, "table": "cases"})
    assert response.status_code == 200
    assert response.content[:2] == b"PK"


@pytest.mark.parametrize("where", ["", "departement 24", "departement 975"])
def test_the_poster_is_one_page_that_says_the_eighty_counts(where: str) -> None:
    here = place(*where.split())
    matrix = matrix_of(here, "ingenierie", localdate())
    address = "https://maillage.exemple.test/qui-fait-quoi/" + "long/" * 10
    said = poster.words(matrix, here, MatrixFilters(), {}, localdate(), address)
    read = poster.as_paper_read(said)
    assert read["pages"] == 1
    assert read["cells"] == [len(cell.presences) for cell in matrix.cells]


def test_the_poster_is_served(client: Client) -> None:
    response = client.get("/qui-fait-quoi/departement/24/affiche.pdf?famille=state_operator")
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")


def test_the_details_are_those_of_the_shelf() -> None:
    """Every offer of the matrix has its page: no link of a cell is dead."""
    matrix, held = matrix_of(france(), "tout", localdate()), shelf()
    assert all(o in held.details for cell in matrix.cells for o in cell.offers)


def test_a_first_visit_stays_light_on_a_slow_line(client: Client) -> None:
    answer = client.get("/qui-fait-quoi/departement/24/", headers={"accept-encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert len(answer.content) < 30_000


@pytest.mark.parametrize("where", ["", "departement/24/", "region/75/", "commune/24061/"])
def test_the_list_beside_a_cell_has_its_count_or_says_why(client: Client, where: str) -> None:
    for spot in ("eau/travaux", "energie/faisabilite", "services/animation"):
        done = client.get(f"/qui-fait-quoi/{where}{spot}/", {"nature": "tout"})
        context, text = done.context, done.content.decode()
        listed = client.get(context["list_address"]).context["page"].paginator.count
        assert listed == context["listed"]
        assert ("là-bas" in text) == (listed != context["offers"] and not context["cell"].gap)
