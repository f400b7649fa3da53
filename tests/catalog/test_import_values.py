"""Cells in the many ways in which people write them: dates, numbers, lists, perimeters."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.catalog.imports import values
from maillage.catalog.imports.cleaning import Cleaned, Context, clean, context
from maillage.catalog.imports.figures import conditions, rates
from maillage.catalog.imports.places import Places
from maillage.catalog.imports.schema import schema
from maillage.catalog.imports.values import Wrong
from maillage.catalog.wording import audiences_in_words, labels_in_words
from maillage.engine import vocabulary as v
from maillage.territories.directory import directory
from tests.desk.factories import BOURROU, GRAND_PERIGUEUX

pytestmark = pytest.mark.django_db
OFFERS = schema("offres")


@pytest.fixture
def known() -> Context:
    return context()


def offer(known: Context, kind: str = "offres", **said: Any) -> Cleaned:
    line = {"id": "a1", "titre": "Conseil", "offreur": "ATD", "themes": "eau", "perimetre": "24"}
    return clean(kind, {**line, **said}, known)


def wrong(line: Cleaned) -> dict[str, str]:
    return {said["field"]: said["message"] for said in line.problems}


# -- Values


@pytest.mark.parametrize(
    "text",
    ["2026-03-01", "1/3/2026", "01/03/2026", "01.03.2026", "01-03-26", "1er mars 2026",
     "dimanche 1er mars 2026", "2026-03-01T10:00:00Z", "2026-03-01 00:00:00", " 01/03/2026 00:00 "],
)  # fmt: skip
def test_dates_are_read_as_the_french_write_them(text: str) -> None:
    assert values.day(text) == "2026-03-01"


@pytest.mark.parametrize(
    "text", ["31/02/2026", "45000", "demain", "2026", "01/03/1026", "13/13/2026"]
)
def test_what_is_no_date_says_how_to_write_one(text: str) -> None:
    with pytest.raises(Wrong):
        values.day(text)


@given(day=st.dates(min_value=date(1960, 1, 1), max_value=date(2100, 1, 1)))
def test_every_date_is_read_in_every_form(day: Any) -> None:
    forms = (
        day.isoformat(),
        f"{day:%d/%m/%Y}",
        f"{day.day}/{day.month}/{day.year}",
        f"{day:%d.%m.%Y}",
    )
    assert {values.day(form) for form in forms} == {day.isoformat()}


@pytest.mark.parametrize(
    ("text", "number"),
    [("3 500", "3500"), ("3\u202f500,50", "3500.50"), ("1 200 €", "1200"), ("12.5", "12.5"),
     ("12 000 € HT", "12000"), (7, "7"), (0.25, "0.25"), ("", None), (None, None)],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text: Any, number: str | None) -> None:
    found = values.number(OFFERS.field("plafond"), text)
    assert (None if found is None else str(found)) == number


@pytest.mark.parametrize(
    ("name", "text"),
    [("plafond", "-3"), ("plafond", "beaucoup"), ("plafond", "1e5"), ("plafond", "1,2,3"),
     ("taux_max", "120 %"), ("plafond", "=1+1"), ("plafond", True), ("plafond", [1]),
     ("plafond", "99999999999"), ("plafond", float("inf"))],
)  # fmt: skip
def test_what_is_no_number_or_out_of_bounds_is_wrong(name: str, text: Any) -> None:
    with pytest.raises(Wrong):
        values.number(OFFERS.field(name), text)


def test_a_whole_number_is_asked_where_people_are_counted() -> None:
    with pytest.raises(Wrong, match="entier"):
        values.integer(OFFERS.field("population_max"), "12,5")


@pytest.mark.parametrize(
    ("text", "said"), [("oui", True), ("X", True), ("Non", False), ("", False)]
)
def test_yes_and_no(text: str, said: bool) -> None:
    assert values.yes(text) is said
    with pytest.raises(Wrong):
        values.yes("peut-être")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://exemple.fr/a?b=1", "https://exemple.fr/a?b=1"),
        ("www.exemple.fr", "https://www.exemple.fr"),
        ("", ""),
    ],
)
def test_addresses(text: str, address: str) -> None:
    assert values.address(OFFERS.field("lien"), text, lambda said: None) == address


@pytest.mark.parametrize(
    "text", ["exemple.fr", "javascript:alert(1)", "https://", "https://a b.fr", "http://[", "ftp://a.fr",
             "https://exemple.fr/" + "x" * 500],
)  # fmt: skip
def test_what_is_no_address_is_wrong(text: str) -> None:
    with pytest.raises(Wrong):
        values.address(OFFERS.field("lien"), text, lambda said: None)


@given(
    st.lists(st.sampled_from(list(v.THEMES)), unique=True),
    st.sampled_from([", ", " ; ", " | ", ";", "\n"]),
)
def test_themes_are_read_by_label_and_by_code(codes: list[str], between: str) -> None:
    ordered = [code for code in v.THEMES if code in codes]
    field = OFFERS.field("themes")
    assert values.codes(field, between.join(v.THEMES[code] for code in codes)) == ordered
    assert values.codes(field, between.join(codes)) == ordered
    assert values.codes(field, codes) == ordered


@given(
    st.lists(st.sampled_from([a.value for a in v.Audience]), unique=True),
    st.lists(st.sampled_from(list(v.LABELS)), unique=True),
)
def test_what_our_exports_write_of_lists_is_read(audiences: list[str], labels: list[str]) -> None:
    assert set(values.codes(OFFERS.field("publics"), audiences_in_words(audiences))) == set(
        audiences
    )
    assert set(values.codes(OFFERS.field("labels"), labels_in_words(labels))) == set(labels)


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("Energi et batiments", "Énergie et bâtiments publics"),
        ("assainissment", "Eau, assainissement, déchets"),
    ],
)
def test_an_unknown_theme_gets_the_nearest(text: str, guess: str) -> None:
    with pytest.raises(Wrong, match=f"Vouliez-vous dire « {guess} »"):
        values.codes(OFFERS.field("themes"), text)


def test_a_word_like_nothing_gets_the_choices() -> None:
    with pytest.raises(Wrong, match="Au choix : Gratuit"):
        values.code(OFFERS.field("cout"), "xyzzy")


# -- Figures and conditions


def test_figures_come_from_columns(known: Context) -> None:
    line = offer(
        known, taux_max="80 %", plafond="50 000 €", assiette="dépense HT", chiffres_au="31/12/2026"
    )
    same = {"base": "dépense HT", "valid_from": None, "valid_to": "2026-12-31"}
    assert line.values["rates"] == [
        {"kind": "cap", "value": "50000", "unit": "€", **same},
        {"kind": "rate_max", "value": "80", "unit": "%", **same},
    ]
    assert "rates" not in offer(known).values
    assert offer(known, taux="").values["rates"] == []


def test_figures_that_our_exports_write_are_read() -> None:
    cap, rate = rates("Plafond : 50\u202f000\u202f€ ; Taux maximum : 62,5\u202f% (études ; HT)")
    assert (cap["kind"], cap["value"], cap["unit"]) == ("cap", "50000", "€")
    assert (rate["kind"], rate["value"], rate["base"]) == ("rate_max", "62.5", "études ; HT")


@pytest.mark.parametrize("text", ["80 %", "Remise : 3 €", "Taux : beaucoup", [{"kind": "x"}], [3]])
def test_a_figure_that_is_none_is_wrong(text: Any) -> None:
    with pytest.raises(Wrong):
        rates(text)


def test_conditions_are_read_by_audience() -> None:
    fields = OFFERS.field("publics"), OFFERS.field("cout")
    found = conditions("Association : Payant (200 € : par jour) | commune : gratuit", *fields)
    assert found == [
        {"audience": "commune", "cost": "free", "note": ""},
        {"audience": "association", "cost": "paid", "note": "200 € : par jour"},
    ]
    assert conditions(found, *fields) == found
    with pytest.raises(Wrong, match="deux conditions"):
        conditions("Commune : Gratuit | Communes : Payant", *fields)


# -- Perimeters


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("France", ["FR"]), ("Toute la France", ["FR"]), ("DEP", ["DEP"]),
        ("Tous les départements, hexagone et outre-mer", ["DEP"]),
        ("Dordogne", ["dep:24"]), ("24", ["dep:24"]), (24, ["dep:24"]), ("1", ["dep:01"]),
        ("dep:24", ["dep:24"]), ("DEP:2a", ["dep:2A"]), ("2A", ["dep:2A"]), ("971", ["dep:971"]),
        ("département de la Dordogne", ["dep:24"]), ("Région Nouvelle-Aquitaine", ["reg:75"]),
        ("Dordogne (24), Lot (46)", ["dep:24", "dep:46"]), ("Dordogne ; Lot", ["dep:24", "dep:46"]),
        ("dep:24 dep:46", ["dep:24", "dep:46"]), (BOURROU, [f"com:{BOURROU}"]),
        ("Bourrou", [f"com:{BOURROU}"]), ("Bourrou (24)", [f"com:{BOURROU}"]),
        (GRAND_PERIGUEUX, [f"epci:{GRAND_PERIGUEUX}"]),
        ("CA Le Grand Périgueux", [f"epci:{GRAND_PERIGUEUX}"]),
        ("200 040 392", [f"epci:{GRAND_PERIGUEUX}"]),
        ("Paris", ["dep:75"]), ("Mayotte", ["dep:976"]),
        ("1001", ["com:01001"]), (["24", "Lot"], ["dep:24", "dep:46"]), ("", []), (None, []),
    ],
)  # fmt: skip
def test_perimeters_are_read_in_words_and_codes(known: Context, text: Any, keys: list[str]) -> None:
    assert known.places.keys(text) == keys


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Saint-Martin", "plusieurs territoires"), ("Vienne", "com:38544"), ("Dordogn", "dep:24"),
        ("24000", "code postal"), ("999999999", "SIREN"), ("99", "département"),
        ("dep:99", "n'est pas un territoire"), ("per:inconnu", "n'est pas un territoire"),
        ("Atlantide", "n'est pas un territoire connu"), ("dep:24 Atlantide", "n'est pas"),
    ],
)  # fmt: skip
def test_a_place_that_is_unknown_or_several_is_said(known: Context, text: str, said: str) -> None:
    with pytest.raises(Wrong, match=said):
        known.places.keys(text)


def test_every_department_region_and_epci_is_read_by_its_name() -> None:
    places = Places(directory())
    for code, department in directory().departments.items():
        assert places.keys(f"département {department.name}") == [f"dep:{code}"]
    for code, name in directory().regions.items():
        assert places.keys(f"Région {name}") == [f"reg:{code}"]
    read_again = 0
    for siren, epci in directory().epcis.items():
        try:
            assert places.keys(epci.name) == [f"epci:{siren}"]
            read_again += 1
        except Wrong as several:
            assert "plusieurs" in str(several)  # noqa: PT017
    assert read_again > 1_200


def test_a_yes_or_no_is_no_title(known: Context) -> None:
    assert "pas vrai ou faux" in wrong(offer(known, titre=True))["titre"]
    assert not wrong(offer(known, generaliste=True))


def test_what_nobody_sees_is_taken_out(known: Context) -> None:
    line = offer(known, titre="Con\u200bseil \u202eeau\u2066\ufeff", resume="d\u200d\u2060e")
    assert (line.values["title"], line.values["summary"]) == ("Conseil eau", "de")
