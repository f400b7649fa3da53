"""What is understood of an aid, in both versions of the API, and what is only reported."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.catalog.aides_territoires.backers import Backers
from maillage.catalog.aides_territoires.client import Address
from maillage.catalog.aides_territoires.perimeters import Gazetteer
from maillage.catalog.aides_territoires.reading import Aid, Reader, Unknowns
from maillage.catalog.aides_territoires.text import first_sentence, paragraphs, without_people
from maillage.engine.vocabulary import THEMES
from tests.catalog.aides_territoires_server import aid, modern_aid


@pytest.fixture
def reader(db: None, places: Gazetteer) -> Reader:
    return Reader(Address("https://exemple.fr", "1.6"), places, Backers(places))


def kinds(read: Aid) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for kind, label in read.unknown:
        found.setdefault(kind, []).append(label)
    return found


# -- One aid


@pytest.mark.parametrize("make", [aid, modern_aid])
def test_a_plain_aid_is_understood_in_both_versions(reader: Reader, make: Any) -> None:
    read = reader.read(make(7))
    assert (read.key, read.title, read.doubts, read.unknown) == ("7", "Aide 7", [], [])
    values = read.values
    assert values["kind"] == "funding"
    assert values["perimeter"] == ["reg:53"]
    assert values["audiences"] == ["commune"]
    assert values["phases"] == ["strategie", "faisabilite"]
    assert values["themes"] == ["eau"]
    assert values["cost"] == "cofinanced"
    assert values["provider"]["slug"] == "region-53"
    assert values["level"] == "region"
    assert values["link"] == "https://exemple.fr/aides/aide-7/"
    assert "Licence Ouverte 2.0" in values["source_detail"]
    assert "Aide permanente" in values["apply"]
    assert values["checked_on"] == "2026-05-04"
    assert "dépenses d'investissement" in values["description"]


@pytest.mark.parametrize(
    ("said", "rates"),
    [
        ({"subvention_rate_upper_bound": 80}, [("rate", "80", "%", "")]),
        ({"subvention_rate_lower_bound": 20, "subvention_rate_upper_bound": 80},
         [("rate_max", "80", "%", "taux de 20 à 80 %")]),
        ({"subvention_rate_lower_bound": 50, "subvention_rate_upper_bound": 50},
         [("rate", "50", "%", "")]),
        ({"subvention_rate_upper_bound": None, "loan_amount": 200000},
         [("cap", "200000", "€", "prêt")]),
        ({"subvention_rate_upper_bound": None, "recoverable_advance_amount": 5000},
         [("cap", "5000", "€", "avance récupérable")]),
        ({"subvention_rate_lower_bound": 90, "subvention_rate_upper_bound": 10}, []),
        ({"subvention_rate_upper_bound": 180}, []),
        ({"subvention_rate_upper_bound": "beaucoup"}, []),
        ({"subvention_rate_upper_bound": True}, []),
        ({"subvention_rate_upper_bound": 0}, []),
    ],
)  # fmt: skip
def test_figures(reader: Reader, said: dict[str, Any], rates: list[Any]) -> None:
    values = reader.read(aid(1, **said)).values
    assert [(r["kind"], r["value"], r["unit"], r["base"]) for r in values["rates"]] == rates


@pytest.mark.parametrize(
    ("types", "kind"),
    [
        (["Subvention"], "funding"), (["Prêt", "Avance récupérable"], "funding"),
        (["Ingénierie technique"], "engineering"),
        (["Ingénierie Juridique / administrative"], "engineering"),
        (["Subvention", "Ingénierie financière"], "both"), (["Aide en ingénierie"], "engineering"),
    ],
)  # fmt: skip
def test_its_nature(reader: Reader, types: list[str], kind: str) -> None:
    read = reader.read(aid(1, aid_types=types))
    assert (read.values["kind"], read.doubts) == (kind, [])


def test_what_it_costs_is_only_what_is_said(reader: Reader) -> None:
    def cost(**said: Any) -> str:
        said = {"subvention_rate_upper_bound": None, **said}
        return reader.read(aid(1, **said)).values["cost"]

    help_only = {"aid_types": ["Ingénierie technique"]}
    assert cost(is_charged=True) == "paid"
    assert cost(**help_only, is_charged=False) == "free"
    assert cost(**help_only, is_charged=None) == "unknown"
    assert cost(is_charged=False) == "unknown"
    assert cost(subvention_rate_upper_bound=100) == "unknown"


def test_dates(reader: Reader) -> None:
    values = reader.read(
        aid(1, start_date="2026-01-02", predeposit_date="2026-03-01",
            submission_deadline="2026-04-05", is_call_for_project=True, recurrence="Récurrente",
            application_url="https://demande.example/x", instructors=["DDT du Morbihan"])
    ).values  # fmt: skip
    assert (values["opens"], values["closes"]) == ("2026-01-02", "2026-04-05")
    assert values["apply"].split("\n") == [
        "Appel à projets ou à manifestation d'intérêt.",
        "Un premier dossier est à déposer avant le 01/03/2026.",
        "Demande en ligne : https://demande.example/x",
        "Aide récurrente : une nouvelle session suit en général.",
        "Qui suit le dossier : DDT du Morbihan.",
    ]


def test_dates_that_cannot_be_are_left_out_and_said(reader: Reader) -> None:
    read = reader.read(aid(1, start_date="2026-05-01", submission_deadline="2026-04-05"))
    assert (read.values["opens"], read.values["closes"]) == (None, "2026-04-05")
    assert "valeurs" in kinds(read)
    read = reader.read(aid(1, submission_deadline="31/12/2026", start_date=20260101))
    assert (read.values["opens"], read.values["closes"]) == (None, None)
    assert len(kinds(read)["valeurs"]) == 2


@pytest.mark.parametrize(
    ("said", "doubt"),
    [
        ({"perimeter": "Pays de Nulle-Part"}, "périmètre"),
        ({"perimeter": None}, "périmètre"),
        ({"financers": None, "instructors": None}, "qui la donne"),
        ({"aid_types": ["Troc"], "subvention_rate_upper_bound": None}, "argent ou un appui"),
        ({"targeted_audiences": None}, "à qui elle s'adresse"),
        ({"name": None, "name_initial": ""}, "pas de nom"),
    ],
)
def test_what_is_in_doubt_is_said(reader: Reader, said: dict[str, Any], doubt: str) -> None:
    read = reader.read(aid(1, **said))
    assert len(read.doubts) == 1
    assert doubt in read.doubts[0]


def test_an_aid_for_others_is_not_kept(reader: Reader) -> None:
    read = reader.read(aid(1, targeted_audiences=["Régions", "Recherche"]))
    assert not read.kept
    assert kinds(read) == {"hors-champ": ["Régions · Recherche"]}
    assert reader.read(aid(1, targeted_audiences=["Régions", "Communes"])).kept


def test_unknown_labels_are_reported_and_the_rest_is_kept(reader: Reader) -> None:
    read = reader.read(
        aid(1, targeted_audiences=["Communes", "Martiens"], mobilization_steps=["Rêve"],
            categories=["Espace / Lune"], destinations=["Fusées"], recurrence="Séculaire")
    )  # fmt: skip
    assert read.values["audiences"] == ["commune"]
    assert read.doubts == []
    assert kinds(read) == {
        "publics": ["Martiens"], "etapes": ["Rêve"], "categories": ["Espace / Lune"],
        "depenses": ["Fusées"], "recurrences": ["Séculaire"],
    }  # fmt: skip


def test_what_is_under_the_mouse_of_a_stranger_is_never_an_address(reader: Reader) -> None:
    values = reader.read(
        aid(
            1,
            origin_url="javascript:alert(1)",
            application_url="ftp://x",
            url="//ailleurs.example/",
        )
    ).values
    assert values["link"] == "https://exemple.fr/ailleurs.example/"
    assert "ftp" not in values["apply"]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Conseil régional de Bretagne", "region-53"),
        ("Région Bretagne", "region-53"),
        ("Conseil départemental de la Mayenne", "conseil-departemental-53"),
        ("Département d’Ille-et-Vilaine", "conseil-departemental-35"),
        ("ADEME", "ademe"),
        ("Agence de la transition écologique", "ademe"),
        ("Agence de la transition écologique (ADEME)", "ademe"),
        ("Caisse des dépôts", "banque-des-territoires"),
        ("Communauté d'agglomération Le Grand Périgueux", "epci-200040392"),
        ("Agence de l’eau Adour-Garonne", "agence-eau-adour-garonne"),
    ],
)
def test_a_body_that_has_a_page_keeps_it(reader: Reader, name: str, slug: str) -> None:
    read = reader.read(aid(1, financers=[name]))
    assert read.values["provider"]["slug"] == slug
    assert read.newcomer == ""


@pytest.mark.parametrize(
    ("name", "family", "level", "perimeter"),
    [
        ("Ministère des Essais", "state", "national", ["FR"]),
        ("DREAL Bretagne", "state", "region", ["reg:53"]),
        ("Syndicat mixte des Essais", "municipal", "municipal", ["reg:53"]),
        ("Fondation des Essais", "network", "region", ["reg:53"]),
        ("Zorglub", "network", "region", ["reg:53"]),
    ],
)
def test_a_body_without_a_page_is_guessed_and_said(
    reader: Reader, name: str, family: str, level: str, perimeter: list[str]
) -> None:
    read = reader.read(aid(1, financers=[name, "ADEME"]))
    body = read.values["provider"]
    assert (body["family"], body["level"], body["perimeter"]) == (family, level, perimeter)
    assert read.newcomer == name
    assert f"Financeurs : {name}, ADEME" in read.values["description"]


def test_the_contact_names_nobody(reader: Reader) -> None:
    read = reader.read(
        aid(1, contact="<p>Service des aides : 02 99 00 00 00, aides@bretagne.example</p>"
            "<p>Mme Anne MARTIN, chargée de mission</p><p>anne.martin@bretagne.example</p>")
    )  # fmt: skip
    assert "Service des aides : 02 99 00 00 00, aides@bretagne.example" in read.values["contact"]
    assert "martin" not in read.values["contact"].lower()
    only = reader.read(aid(1, contact="<p>Monsieur DURAND</p>"))
    assert only.values["contact"] == "Le contact est donné sur la fiche d'Aides-territoires."
    assert without_people("(p.durand@x.fr)") == ""


# -- Text


def test_html_becomes_plain_paragraphs() -> None:
    said = (
        "<div><h3>Objet&nbsp;</h3><p>L&rsquo;eau &amp; les\n milieux&#8239;: &lt;tout&gt;</p>"
        "<ul><li><p>études</p></li><li>travaux <b>lourds</b></li></ul>"
        "<script>alert(1)</script><style>p{}</style><!-- caché -->"
        "<p>Voir <a href='https://x.example/a'>la page</a>, <a href='javascript:x'>ici</a><br>"
        "Fin\x00</p>"
    )
    text = paragraphs(said)
    assert text.startswith("Objet\n\nL’eau & les milieux : <tout>\n\n- études\n- travaux lourds\n")
    assert "la page (https://x.example/a), ici\nFin" in text
    assert "alert" not in text
    assert "caché" not in text
    assert "\x00" not in text


@given(st.text(alphabet="<>/&;pabl i'\"=!-\x00\n", max_size=200))
def test_no_html_breaks_the_reading(said: str) -> None:
    text = paragraphs(said)
    assert "\x00" not in text
    assert text == text.strip()


def test_first_sentence() -> None:
    assert first_sentence("Cette aide sert à rénover les écoles. Elle est rare.") == (
        "Cette aide sert à rénover les écoles."
    )
    assert first_sentence("a " * 300).endswith("…")
    assert len(first_sentence("a" * 30 + " b" * 300)) <= 241
    assert first_sentence("") == ""


# -- Anything at all

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def plain_reader() -> Reader:
    """A reader of no place and no body: what it is given alone matters."""

    class _Nowhere:
        def resolve(self, name: object, scale: object = None) -> Any:
            return Gazetteer.resolve(_EMPTY, name, scale)

    return Reader(Address("https://exemple.fr", "1.8"), _Nowhere(), _Nobody())  # type: ignore[arg-type]


class _Nobody:
    def find(self, name: str, place: Any) -> Any:
        return type(
            "Backer",
            (),
            {"name": name, "known": False, "values": {"level": "national", "perimeter": ["FR"]}},
        )()


_EMPTY = Gazetteer.__new__(Gazetteer)
_EMPTY._communes, _EMPTY._former, _EMPTY._epcis = {}, {}, {}  # type: ignore[assignment]
_EMPTY._departments, _EMPTY._regions, _EMPTY._named = {}, {}, {}


@given(said=st.dictionaries(st.sampled_from(sorted({*aid(1), *modern_aid(1)})), _JSON, max_size=6))
def test_whatever_a_field_holds_the_aid_is_read(plain_reader: Reader, said: dict[str, Any]) -> None:
    read = plain_reader.read({**modern_aid(1), **said})
    json.dumps(read.values)
    assert "\x00" not in json.dumps(read.values, ensure_ascii=False)
    if read.key and read.kept:
        assert 0 < len(read.title) <= 250
        assert set(read.values["themes"]) <= set(THEMES)
        assert read.values["link"].startswith(("https://", "http://", ""))


@given(_JSON)
def test_whatever_an_item_is_it_is_read(plain_reader: Reader, item: Any) -> None:
    Unknowns({}).add(plain_reader.read(item))


def test_what_was_not_understood_is_counted_with_examples(reader: Reader) -> None:
    held: dict[str, Any] = {}
    for number in range(1, 6):
        Unknowns(held).add(reader.read(aid(number, categories=["Espace / Lune"])))
    line = held["categories"]["Espace / Lune"]
    assert line["times"] == 5
    assert line["aids"][0] == ["1", "Aide 1", "https://exemple.fr/aides/aide-1/"]
    assert len(line["aids"]) == 3
