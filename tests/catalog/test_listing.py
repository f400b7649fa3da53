"""The list of offers, without a database: facets, territory, order."""

from datetime import date

import pytest
from django.http import QueryDict
from django.test import Client

from maillage.catalog.forms.filters import OfferFilters
from maillage.catalog.listing import Listing, find
from maillage.catalog.snapshot import Shelf
from maillage.engine.types import Territory
from maillage.engine.vocabulary import Audience, Cost, Kind, Level, State
from tests.catalog.factories import engine_offer, shelf_of

TODAY = date(2026, 11, 21)
BOURROU = Territory(
    code="24061", name="Bourrou", keys=frozenset({"FR", "dep:24", "com:24061"}), population=126,
    labels_absent=frozenset({"pvd"}),
)  # fmt: skip


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return shelf_of(
        engine_offer("a-pont", title="Réparer le pont", themes=frozenset({"mobilite"}),
                     cost=Cost.FREE, phases=frozenset({"travaux"})),
        engine_offer("b-detr", title="DETR des écoles", kind=Kind.FUNDING, cost=Cost.COFINANCED,
                     themes=frozenset({"energie", "jeunesse"}), closes=date(2027, 1, 31)),
        engine_offer("c-lot", title="Aide du Lot", perimeter=frozenset({"dep:46"}),
                     kind=Kind.BOTH, level=Level.DEPARTMENT, closes=date(2026, 1, 1)),
        engine_offer("d-dordogne", title="Appui de la Dordogne", perimeter=frozenset({"dep:24"}),
                     level=Level.DEPARTMENT, cost=Cost.FREE, closes=date(2026, 12, 1)),
        engine_offer("e-villes", title="Pour les grandes villes", population_min=20_000),
        engine_offer("f-pvd", title="Petites villes", labels_any=frozenset({"pvd"})),
        engine_offer("g-departements", title="Pour les départements seuls",
                     audiences=frozenset({Audience.DEPARTMENT})),
        engine_offer("prefecture-24", title="Préfecture de la Dordogne", generalist=True,
                     perimeter=frozenset({"dep:24"}), level=Level.DEPARTMENT,
                     state=State.CONFIRMED),
    )  # fmt: skip


def ask(shelf: Shelf, query: str, territory: Territory | None = None) -> Listing:
    return find(OfferFilters.read(QueryDict(query)), shelf, territory, TODAY)


def ids(shelf: Shelf, query: str, territory: Territory | None = None) -> list[str]:
    return [shelf.snapshot.offers[n].id for n in ask(shelf, query, territory).numbers]


def counts(listing: Listing, facet: str) -> dict[str, int]:
    return next({v.code: v.count for v in f.values} for f in listing.facets if f.name == facet)


def test_without_a_place_the_generalist_contacts_stay_out_until_ticked(shelf: Shelf) -> None:
    assert "prefecture-24" not in ids(shelf, "")
    assert len(ids(shelf, "")) == 7
    assert "prefecture-24" in ids(shelf, "contacts=1")
    assert ask(shelf, "").contacts == 1


def test_a_commune_keeps_what_is_valid_there_closest_first(shelf: Shelf) -> None:
    found = ids(shelf, "", BOURROU)
    assert found == ["d-dordogne", "prefecture-24", "b-detr", "a-pont"]


def test_values_of_a_facet_add_up_and_facets_restrict(shelf: Shelf) -> None:
    assert set(ids(shelf, "theme=mobilite&theme=jeunesse")) == {"a-pont", "b-detr"}
    assert ids(shelf, "theme=mobilite&theme=jeunesse&nature=funding") == ["b-detr"]


def test_help_and_money_both_count_for_each(shelf: Shelf) -> None:
    assert "c-lot" in ids(shelf, "nature=engineering")
    assert "c-lot" in ids(shelf, "nature=funding")


def test_counts_are_what_ticking_would_give(shelf: Shelf) -> None:
    listing = ask(shelf, "cout=free")
    assert counts(listing, "cout") == {"free": 2, "cofinanced": 1, "unknown": 4}
    assert counts(listing, "theme") == {"eau": 1, "mobilite": 1}
    for theme, count in counts(listing, "theme").items():
        assert len(ids(shelf, f"cout=free&theme={theme}")) == count


def test_a_value_that_gives_nothing_is_not_offered_unless_it_is_chosen(shelf: Shelf) -> None:
    assert "culture" not in counts(ask(shelf, ""), "theme")
    listing = ask(shelf, "theme=culture")
    assert listing.numbers == ()
    assert counts(listing, "theme")["culture"] == 0


def test_gratuit_is_a_short_way_to_say_free(shelf: Shelf) -> None:
    assert ids(shelf, "gratuit=1") == ids(shelf, "cout=free")


@pytest.mark.parametrize(
    ("sort", "first", "last"),
    [
        ("titre", "c-lot", "a-pont"),
        ("date", "d-dordogne", "c-lot"),
        ("nimporte", "c-lot", "a-pont"),
    ],
)
def test_order(shelf: Shelf, sort: str, first: str, last: str) -> None:
    found = ids(shelf, f"tri={sort}")
    assert (found[0], found[-1]) == (first, last)


def test_a_word_of_the_title_comes_first(shelf: Shelf) -> None:
    assert ids(shelf, "q=DETR")[0] == "b-detr"
    assert ids(shelf, "q=pont")[0] == "a-pont"


@pytest.mark.parametrize("text", ["xyzzy", "???", "le la les", "\x00", "<script>"])
def test_a_text_that_says_nothing_finds_nothing_or_all_but_never_fails(
    shelf: Shelf, text: str
) -> None:
    query = QueryDict(mutable=True)
    query["q"] = text
    filters = OfferFilters.read(query)
    found = find(filters, shelf, None, TODAY)
    assert len(found.numbers) == (0 if filters.text else 7)


def test_unknown_values_are_dropped() -> None:
    filters = OfferFilters.read(
        QueryDict("theme=rien&theme='&cout=&tri=x&commune=abcdefghijklmnop")
    )
    assert dict(filters.chosen) == {}
    assert (filters.sort, filters.code) == ("pertinence", "ABCDEFGHI")


def test_an_emptied_place_takes_the_commune_away() -> None:
    assert OfferFilters.read(QueryDict("commune=24061&lieu=")).code == ""
    assert OfferFilters.read(QueryDict("commune=24061")).code == "24061"


def test_an_empty_catalogue_answers() -> None:
    assert find(OfferFilters(text="pont"), shelf_of(), BOURROU, TODAY).numbers == ()


def test_the_order_of_the_catalogue_changes_nothing(shelf: Shelf) -> None:
    shuffled = shelf_of(*reversed(shelf.snapshot.offers))
    for query in ("q=pont", "tri=date", "theme=eau"):
        assert ids(shuffled, query) == ids(shelf, query)


def test_for_whom_is_a_facet(shelf: Shelf) -> None:
    assert ids(shelf, "public=department") == ["g-departements"]
    listing = ask(shelf, "theme=mobilite")
    assert counts(listing, "public")["commune"] == 1


def test_what_is_over_is_left_out_when_asked(shelf: Shelf) -> None:
    listing = ask(shelf, "")
    assert "c-lot" in ids(shelf, "")
    assert "c-lot" not in ids(shelf, "ouvertes=1")
    assert listing.still_open == len(ids(shelf, "ouvertes=1")) == len(listing.numbers) - 1


def test_a_search_is_one_query_string_whatever_its_order() -> None:
    one = OfferFilters.read(QueryDict("theme=eau&q=pont&theme=energie&ouvertes=1&page=3&tri=titre"))
    other = OfferFilters.read(QueryDict("ouvertes=on&q=+pont+&theme=energie&theme=eau&x=1"))
    assert one.query() == other.query()
    assert OfferFilters.read(QueryDict(one.query())).query() == one.query()
    assert one.query(order=True) == f"{one.query()}&tri=titre"
    assert OfferFilters.read(QueryDict("")).query() == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("Dordogne", "departement=24"), ("24", "departement=24"), ("2a", "departement=2A"),
        ("Dordogne (24)", "departement=24"), ("la Dordogne", "departement=24"),
        ("département de la Dordogne", "departement=24"), ("974", "departement=974"),
        ("Nouvelle-Aquitaine", "region=75"), ("région nouvelle aquitaine", "region=75"),
        ("Région Nouvelle-Aquitaine", "region=75"), ("24140", ""), ("Bourrou", "commune=24061"),
    ],
)  # fmt: skip
def test_a_departement_or_a_region_is_typed_where_a_commune_is(
    client: Client, typed: str, query: str
) -> None:
    page = client.get("/catalogue/", {"lieu": typed})
    if query:
        assert page.context["query"] == query
        assert not page.context["where"].choices
        (chip,) = page.context["chips"]
        assert client.get(f"/catalogue/{chip.without}").context["query"] == ""
        label = page.context["where"].written
        again = client.get("/catalogue/", {"lieu": label})
        assert again.context["query"] == query, "what the field shows is understood again"
        assert page.context["page"].paginator.count > 0
    else:
        assert page.context["where"].choices


@pytest.mark.django_db
def test_homonyms_of_a_departement_are_choices(client: Client) -> None:
    page = client.get("/catalogue/", {"lieu": "Mayenne"})
    kinds = {one.kind for one in page.context["where"].choices}
    assert {"commune", "departement"} <= kinds
    text = page.content.decode()
    assert "?departement=53" in text
    assert "le département</a>" in text
    assert client.get("/catalogue/?departement=53").context["chips"][0].label == "Mayenne (53)"


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "link"), [
    ("/territoires/departements/24/", "/catalogue/?departement=24"),
    ("/territoires/regions/75/", "/catalogue/?region=75"),
])  # fmt: skip
def test_territories_lead_to_their_list(client: Client, path: str, link: str) -> None:
    assert f'href="{link}"' in client.get(path).content.decode()
    whole = client.get("/catalogue/").context["page"].paginator.count
    assert 0 < client.get(link).context["page"].paginator.count < whole
