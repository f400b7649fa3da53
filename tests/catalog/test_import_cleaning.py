"""What is understood of a header and of a whole line; schemas and templates."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.catalog.enums import COSTS, FAMILIES, KINDS, LEVELS, STATES
from maillage.catalog.exports import OFFER_HEADER, PROVIDER_HEADER
from maillage.catalog.imports.cleaning import Cleaned, Context, clean, context
from maillage.catalog.imports.comparing import OFFER, PROVIDER
from maillage.catalog.imports.raw import Unreadable
from maillage.catalog.imports.reading import read
from maillage.catalog.imports.schema import plain, schema
from maillage.catalog.imports.templates import template
from maillage.catalog.models import Offer, Provider
from maillage.engine import vocabulary as v

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


# -- The schemas and our vocabularies are the same


@pytest.mark.parametrize("kind", ["offres", "aides", "offreurs"])
def test_every_field_says_what_it_is(kind: str) -> None:
    known = {*OFFER, *PROVIDER, "id", "rates", "conditions", "provider", "perimeter_keys"}
    names = set()
    for field, raw in zip(schema(kind).fields, schema(kind).raw["fields"], strict=True):
        assert field.target.partition(".")[0] in known, field.name
        assert field.description.endswith("."), field.name
        assert field.example, field.name
        assert plain(field.name) not in names
        names.add(plain(field.name))
        assert schema(kind).field(field.name) is field
        if field.codes and not field.many:
            assert raw["constraints"]["enum"] == [*field.codes, *field.codes.values()]


def test_codes_are_those_of_the_engine() -> None:
    expected = {
        "themes": v.THEMES, "etapes": v.PHASES, "labels": v.LABELS, "cout": dict(COSTS),
        "echelon": dict(LEVELS), "nature": dict(KINDS), "offreur_famille": dict(FAMILIES),
        "etat": dict(STATES), "publics": {a.value: x for a, x in v.AUDIENCE_LABELS.items()},
    }  # fmt: skip
    assert {name: OFFERS.field(name).codes for name in expected} == expected
    assert schema("offreurs").field("famille").codes == dict(FAMILIES)
    assert "engineering" not in schema("aides").field("nature").codes


@pytest.mark.parametrize("kind", ["offres", "aides", "offreurs"])
def test_longest_texts_are_those_of_the_tables(kind: str) -> None:
    model = Provider if kind == "offreurs" else Offer
    held = {field.name: field.max_length for field in model._meta.concrete_fields}
    for field in schema(kind).fields:
        if held.get(field.target) and not field.codes:
            assert field.most <= held[field.target], field.name


@pytest.mark.parametrize(
    ("kind", "header"), [("offres", OFFER_HEADER), ("offreurs", PROVIDER_HEADER)]
)
def test_every_column_of_our_exports_is_known(kind: str, header: tuple[str, ...]) -> None:
    columns = schema(kind).match(header)
    assert columns.problems == ()
    assert columns.remarks == ()
    assert columns.missing == ()


def test_the_guide_speaks_of_every_column() -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs" / "import.md").read_text("utf-8")
    for kind in ("offres", "offreurs"):
        for field in schema(kind).fields:
            assert f"| {field.name} |" in guide or f"| **{field.name}** |" in guide, field.name


# -- The header


@pytest.mark.parametrize("name", ["TITRE", "Titre", "titre ", "intitulé", "nom de l'offre"])
def test_a_column_is_known_by_its_names(name: str) -> None:
    assert [field.name for field in OFFERS.match([name]).fields.values()] == ["titre"]


def test_an_unknown_column_is_remarked_with_the_nearest() -> None:
    (remark,) = OFFERS.match(["descripton"]).remarks
    assert "Vouliez-vous dire « description »" in remark
    assert "Vouliez" not in OFFERS.match(["zzz"]).remarks[0]


def test_two_columns_that_say_the_same_are_a_problem() -> None:
    (problem,) = OFFERS.match(["titre", "intitulé"]).problems
    assert "« titre » et « intitulé »" in problem


def test_what_lacks_is_told() -> None:
    assert [field.name for field in OFFERS.match(["id", "titre"]).missing] == ["offreur", "themes"]


# -- Whole lines


def test_a_line_is_understood(known: Context) -> None:
    line = offer(
        known,
        cout="gratuit",
        population_max="3 500",
        mots="école froide ; chauffage",
        date_maj="1/3/2026",
    )
    assert line.problems == []
    assert line.key == "a1"
    assert line.values["provider"] == {"name": "ATD"}
    expected = {"title": "Conseil", "themes": ["eau"], "perimeter": ["dep:24"], "cost": "free",
                "population_max": 3500, "words": ["école froide", "chauffage"],
                "checked_on": "2026-03-01", "kind": "engineering"}  # fmt: skip
    assert {name: line.values[name] for name in expected} == expected
    assert "description" not in line.values


def test_an_aid_is_money(known: Context) -> None:
    assert offer(known, "aides").values["kind"] == "funding"
    assert "nature" in wrong(offer(known, "aides", nature="Ingénierie"))
    assert offer(known, "aides", nature="aide financière et ingénierie").values["kind"] == "both"


def test_each_thing_that_is_wrong_is_said_once_by_column(known: Context) -> None:
    line = offer(known, titre="", themes="zzz", population_max="x", lien="y", date_cloture="z")
    assert set(wrong(line)) == {"titre", "themes", "population_max", "lien", "date_cloture"}
    assert len(line.problems) == 5


def test_bounds_that_cross_are_wrong(known: Context) -> None:
    assert "population_min" in wrong(offer(known, population_min="5000", population_max="100"))
    assert "date_ouverture" in wrong(
        offer(known, date_ouverture="2/1/2026", date_cloture="1/1/2026")
    )


def test_an_empty_cell_empties_and_a_column_that_lacks_does_not(known: Context) -> None:
    line = offer(known, resume="", population_max="", cout="", publics="", echelon="")
    assert (line.values["summary"], line.values["population_max"]) == ("", None)
    assert (line.values["cost"], line.values["audiences"]) == ("unknown", ["commune"])
    assert "level" not in line.values
    assert "contact" not in line.values


def test_the_keys_of_a_perimeter_win_over_its_words(known: Context) -> None:
    line = offer(known, perimetre="n'importe quoi", perimetre_cles="dep:46 dep:24")
    assert (line.values["perimeter"], line.problems) == (["dep:24", "dep:46"], [])


def test_a_text_that_looks_like_a_formula_is_a_text(known: Context) -> None:
    line = offer(known, resume="=HYPERLINK(1)", contact="+33 5 00 00 00 00")
    assert line.values["summary"] == "=HYPERLINK(1)"
    assert line.values["contact"] == "+33 5 00 00 00 00"
    assert [said["field"] for said in line.warnings] == ["resume"]


@pytest.mark.parametrize(("name", "length"), [("titre", 251), ("id", 201), ("description", 20_001)])
def test_a_text_too_long_is_wrong(known: Context, name: str, length: int) -> None:
    assert "au plus" in wrong(offer(known, **{name: "x" * length}))[name]


def test_in_a_named_catalogue_only_an_identifier_and_a_title_are_asked() -> None:
    named = context(named=True)
    line = clean("offres", {"id": 7, "title": "Aide", "themes": "inconnu", "foo": 1}, named)
    assert (line.key, line.title, line.problems) == ("7", "Aide", [])
    assert [said["field"] for said in line.warnings] == ["themes"]
    assert "id" in wrong(clean("offres", {"title": "Aide"}, named))
    assert "titre" in wrong(clean("offres", {"id": "a"}, named))


_ANY = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=40)
    | st.lists(st.text(max_size=9), max_size=3)
    | st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2)
)


@settings(deadline=None)
@given(st.data())
def test_no_value_breaks_the_cleaning(data: Any) -> None:
    kind = data.draw(st.sampled_from(["offres", "aides", "offreurs"]))
    names = [field.name for field in schema(kind).fields]
    said = data.draw(st.dictionaries(st.sampled_from(names), _ANY, max_size=12))
    line = clean(kind, said, _shared())
    assert all(one["message"] for one in (*line.problems, *line.warnings))


@cache
def _shared() -> Context:
    return context()


# -- Templates


@pytest.mark.parametrize("kind", ["offres", "aides", "offreurs"])
@pytest.mark.parametrize("form", ["csv", "ods", "xlsx"])
def test_a_template_is_a_file_that_can_be_filled(
    tmp_path: Any, kind: str, form: str, known: Context
) -> None:
    path = tmp_path / f"m.{form}"
    path.write_bytes(template(kind, form))
    (raw,) = read(path, path.name)
    assert list(raw.values) == [field.name for field in schema(kind).fields]
    filled = {**raw.values, "id": "mien"}
    assert clean(kind, filled, known).problems == []
    assert "ligne d'exemple" in str(clean(kind, raw.values, known).problems)


def test_a_template_exists_in_three_formats_only() -> None:
    with pytest.raises(KeyError):
        template("offres", "pdf")


def test_a_file_of_another_kind_is_not_taken(tmp_path: Any) -> None:
    path = tmp_path / "x.pdf"
    path.write_text("x")
    with pytest.raises(Unreadable):
        read(path, "x.pdf")
