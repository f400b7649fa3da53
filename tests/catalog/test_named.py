"""Named catalogues: entries beside those in force, that commands alone read."""

import io
import json
from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from maillage.catalog import named
from maillage.catalog.models import NamedCatalogue, NamedEntry
from maillage.engine.vocabulary import Audience, Cost, Family, Kind, Level, State

pytestmark = pytest.mark.django_db


def make_catalogue(name: str = "essai", **entries: dict[str, Any]) -> NamedCatalogue:
    """A catalogue of offers by key; an entry that says its ``nature`` is of that kind."""
    catalogue = NamedCatalogue.objects.create(slug=name)
    for key, data in entries.items():
        kind = data.pop("nature", "offres")
        NamedEntry.objects.create(
            catalogue=catalogue, kind=kind, key=key, data={"id": key, "title": key, **data}
        )
    return catalogue


def said(command: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


# -- What an entry becomes


def test_a_title_is_enough() -> None:
    held = named.shelf_of(make_catalogue(beffroi={"title": "Réparer le beffroi"}))
    (offer,) = held.snapshot.offers
    assert offer.id == "beffroi"
    assert (offer.kind, offer.level, offer.family) == (
        Kind.ENGINEERING, Level.NATIONAL, Family.NETWORK,
    )  # fmt: skip
    assert offer.perimeter == {"FR"}
    assert offer.audiences == {Audience.COMMUNE}
    assert (offer.cost, offer.state) == (Cost.UNKNOWN, State.TO_CONFIRM)
    details = held.details["beffroi"]
    assert (details.url, details.contact, details.figures) == ("", "", ())
    assert details.source == "Catalogue « essai »"


def test_what_is_said_is_kept() -> None:
    entry = {
        "title": "Aide aux ponts", "kind": "both", "level": "department", "perimeter": ["dep:24"],
        "themes": ["mobilite", "inconnu"], "phases": ["travaux"], "audiences": ["epci"],
        "population_max": 2000, "population_kind": "dgf", "cost": "free", "words": ["pont"],
        "closes": "2027-01-31", "opens": "pas une date", "contact": "au 05",
        "provider": {"name": "ATD de la Dordogne", "family": "department"},
        "rates": [
            {"kind": "rate_max", "value": "80", "unit": "%"},
            {"kind": "rate", "value": "30", "unit": "%", "valid_to": "2001-01-01"},
            {"kind": "rate", "value": "beaucoup", "unit": "%"},
        ],
    }  # fmt: skip
    held = named.shelf_of(make_catalogue(ponts=entry))
    (offer,) = held.snapshot.offers
    assert (offer.kind, offer.level) == (Kind.BOTH, Level.DEPARTMENT)
    assert (offer.family, offer.provider_name) == (Family.DEPARTMENT, "ATD de la Dordogne")
    assert offer.perimeter == {"dep:24"}
    assert offer.themes == {"mobilite"}
    assert (offer.population_max, offer.population_kind) == (2000, "dgf")
    assert (offer.opens, offer.closes) == (None, date(2027, 1, 31))
    assert held.details["ponts"].contact == "au 05"
    assert held.details["ponts"].figures == ("Taux maximum : 80\u202f%",)


def test_aids_are_money_and_the_provider_of_the_catalogue_completes_them() -> None:
    held = named.shelf_of(
        make_catalogue(
            region={
                "nature": "offreurs", "name": "Région Bretagne", "family": "region",
                "level": "region", "perimeter": ["reg:53"], "website": "https://region.test",
            },
            velo={"nature": "aides", "provider": {"name": "REGION BRETAGNE"}},
        )
    )  # fmt: skip
    (offer,) = held.snapshot.offers
    assert offer.kind is Kind.FUNDING
    assert (offer.provider_id, offer.provider_name) == ("region", "REGION BRETAGNE")
    assert (offer.family, offer.level) == (Family.REGION, Level.REGION)
    assert offer.perimeter == {"reg:53"}
    assert held.details["velo"].website == "https://region.test"


def test_an_aid_and_an_offer_of_the_same_identifier_both_stay() -> None:
    catalogue = make_catalogue(a={"nature": "aides", "title": "Une aide"})
    NamedEntry.objects.create(catalogue=catalogue, kind="offres", key="a", data={"title": "Offre"})
    assert set(named.shelf_of(catalogue).snapshot.number_of) == {"a", "offres:a"}


def test_the_entries_cost_one_query_whatever_their_number(
    django_assert_max_num_queries: Any,
) -> None:
    catalogue = make_catalogue(**{f"e{n}": {"title": f"Offre {n}"} for n in range(40)})
    with django_assert_max_num_queries(4):
        named.shelf_of(catalogue)


# -- The commands


def test_orienter_answers_from_the_named_catalogue_alone() -> None:
    make_catalogue(
        beffroi={"title": "Réparation des beffrois", "summary": "Le beffroi communal.",
                 "words": ["beffroi"], "themes": ["culture"]},
    )  # fmt: skip
    text = said("orienter", "--catalogue", "essai", "réparer le beffroi de la mairie")
    text = " ".join(text.split())
    assert "Réponse du catalogue « essai »" in text
    assert "Réparation des beffrois" in text
    assert "Contact : ce catalogue ne le dit pas" in text
    printed = json.loads(
        said("orienter", "--catalogue", "essai", "--json", "réparer le beffroi de la mairie")
    )
    assert printed["catalogue"] == "essai"
    assert [one["id"] for one in printed["help"]] == ["beffroi"]
    assert printed["help"][0]["url"] == ""


def test_orienter_respects_the_territory_and_says_what_it_sets_aside() -> None:
    make_catalogue(
        **{"beffrois : du Nord": {
            "title": "Réparation des beffrois", "words": ["beffroi"], "perimeter": ["dep:59"],
            "level": "department", "themes": ["culture"],
        }}
    )  # fmt: skip
    arguments = ("orienter", "--catalogue", "essai", "--commune", "24061", "réparer le beffroi")
    printed = json.loads(said(*arguments[:-1], "--json", arguments[-1]))
    assert printed["help"] == []
    assert [(one["id"], one["url"]) for one in printed["set_aside"]] == [("beffrois : du Nord", "")]
    assert "Mis de côté" in said(*arguments)


def test_an_unknown_name_quotes_the_known_ones() -> None:
    with pytest.raises(CommandError, match="il n'y en a encore aucun"):
        said("orienter", "--catalogue", "zut", "le pont")
    make_catalogue("drome")
    make_catalogue("ain")
    with pytest.raises(CommandError, match=r"« zut »\. Catalogues connus : « ain », « drome »"):
        said("orienter", "--catalogue", "zut", "le pont")


def test_catalogues_are_listed_and_deleted_when_one_agrees(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "Aucun catalogue nommé" in said("catalogues")
    make_catalogue("ain", a={}, b={})
    assert "2\u00a0fiches" in said("catalogues")
    monkeypatch.setattr("builtins.input", lambda question: "non")
    with pytest.raises(CommandError, match="est gardé"):
        said("catalogues", "--supprimer", "ain")

    def nobody(question: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)
    with pytest.raises(CommandError, match="--oui"):
        said("catalogues", "--supprimer", "ain")
    assert NamedCatalogue.objects.filter(slug="ain").exists()
    assert "est supprimé" in said("catalogues", "--supprimer", "ain", "--oui")
    assert not NamedEntry.objects.exists()
    with pytest.raises(CommandError, match="Aucun catalogue"):
        said("catalogues", "--supprimer", "ain", "--oui")
