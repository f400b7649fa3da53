"""Labels and perimeters of Aides-territoires → our codes."""

from collections import Counter
from typing import Any

import pytest

from maillage.catalog.aides_territoires import labels
from maillage.catalog.aides_territoires.perimeters import Gazetteer
from maillage.engine.vocabulary import AUDIENCE_LABELS, PHASES, THEMES, Kind

# -- The tables


def test_the_tables_only_speak_of_codes_that_exist() -> None:
    themes = labels.read_table("themes")["themes"]
    subs = [category for theme in themes for category in theme["categories"]]
    assert len({one["label"] for one in subs}) == 79
    assert len(themes) == 9
    assert {code for one in subs for code in one["ours"]} <= set(THEMES)
    assert all(one["ours"] for one in subs)
    audiences = labels.read_table("audiences")["labels"]
    assert {code for one in audiences for code in one["ours"]} <= {a.value for a in AUDIENCE_LABELS}
    assert len(audiences) == 12
    steps = labels.read_table("steps")["labels"]
    assert {code for one in steps for code in one["ours"]} == set(PHASES), "every phase is reached"
    types = labels.read_table("types")["labels"]
    assert {code for one in types for code in one["ours"]} == {Kind.FUNDING, Kind.ENGINEERING}
    assert len(labels.read_table("scales")["labels"]) == 10


def test_every_label_is_read_back_in_both_versions() -> None:
    for theme in labels.read_table("themes")["themes"]:
        for category in theme["categories"]:
            for mark in ("|", " / "):
                said = f"{theme['label']}{mark}{category['label']}"
                read = labels.understand_categories([said, said.replace("'", "’").upper()])
                assert read.unknown == (), said
                assert set(read.ours) == set(category["ours"]), said


@pytest.mark.parametrize("name", ["audiences", "types", "steps", "destinations", "recurrences"])
def test_plural_singular_and_typography_are_the_same(name: str) -> None:
    for entry in labels.read_table(name)["labels"]:
        for label in entry["labels"]:
            for said in (label, label.replace("'", "’"), label.lower(), f" {label}&nbsp;"):
                read = labels.understand(name, [said])
                assert (read.unknown, list(read.ours)) == ((), entry["ours"]), said


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        ("Eau et milieux aquatiques / Cours d'eau / canaux / plans d'eau", ["eau", "biodiversite"]),
        ("Culture et identité collective / patrimoine / sports / Musée", ["culture"]),
        # A theme that was renamed there: what is under it is still known.
        ("Un thème nouveau / à eux / Cours d’eau / canaux / plans d’eau", ["eau", "biodiversite"]),
        ("Un thème nouveau|Tiers-lieux", ["cooperation"]),
        (
            "Mobilité / transports / Modes actifs : vélo, marche et aménagements associés",
            ["mobilite"],
        ),
    ],
)
def test_a_separator_inside_a_label_cuts_nothing(said: str, ours: list[str]) -> None:
    read = labels.understand_categories([said])
    assert (list(read.ours), read.unknown) == (ours, ())


def test_a_label_that_nobody_knows_is_reported_not_guessed() -> None:
    read = labels.understand_categories(["Eau et milieux aquatiques / Icebergs", "", "/", "|"])
    assert read.ours == ()
    assert len(read.unknown) == 4


# -- Perimeters


@pytest.mark.parametrize(
    ("name", "scale", "keys"),
    [
        ("Mayenne (Département)", None, ["dep:53"]),
        ("Mayenne", "Département", ["dep:53"]),
        ("Mayenne", "commune", ["com:53147"]),
        ("Foix (Commune – 09000)", None, ["com:09122"]),
        ("Foix (Commune - 09000)", None, ["com:09122"]),
        ("Foix", "commune", ["com:09122"]),
        ("foix", "commune", ["com:09122"]),
        ("Bretagne (Région)", None, ["reg:53"]),
        ("Provence-Alpes-Côte d’Azur", "Région", ["reg:93"]),
        ("Réunion", "Région", ["reg:04"]),
        ("France", None, ["FR"]),
        ("France", "Pays", ["FR"]),
        ("Europe", None, ["FR"]),
        ("Métropole", "Métropole", ["per:metropole"]),
        ("France d'outre-mer", None, ["per:outremer"]),
        ("Adour-Garonne (Bassin hydrographique)", None, ["per:bassin-adour-garonne"]),
        ("Loire-Bretagne", "Bassin hydrographique", ["per:bassin-loire-bretagne"]),
        ("Corse", "Bassin hydrographique", ["reg:94"]),
        ("Corse", "Région", ["reg:94"]),
        ("Massif central", "Ad-hoc", ["per:massif-central"]),
        ("Massif central", None, ["per:massif-central"]),
        ("Parc naturel régional du Morvan", "Ad-hoc", ["per:parc-morvan"]),
        ("CA Le Grand Périgueux", "epci", ["epci:200040392"]),
        ("Communauté d'agglomération Le Grand Périgueux (EPCI)", None, ["epci:200040392"]),
        # Homonyms, told apart by the postal code, the département, the exact writing.
        ("Saint-Aubin (Commune – 62170)", None, ["com:62742"]),
        ("Sainte-Colombe (05)", "commune", ["com:05135"]),
        # A commune nouvelle took it in.
        ("Bassillac", "commune", ["com:24026"]),
    ],
)
def test_a_perimeter_is_resolved(
    places: Gazetteer, name: str, scale: str | None, keys: list[str]
) -> None:
    place = places.resolve(name, scale)
    assert (list(place.keys), place.why) == (keys, "")


@pytest.mark.parametrize(
    ("name", "scale", "why"),
    [
        ("Saint-Aubin", "commune", "communes portent ce nom"),
        ("Foix (Commune – 75001)", None, "aucune commune de ce nom ne va avec 75001"),
        ("Sainte-Chose-des-Essais", "commune", "pas connu"),
        ("Mayenne", None, "pas connu"),
        ("Pays de Nulle-Part", "Ad-hoc", "pas connu"),
        ("Bretagne", "Planète", "échelle"),
        (None, None, "aucun périmètre"),
        ("", "commune", "aucun périmètre"),
        (["Bretagne"], "Région", "aucun périmètre"),
    ],
)
def test_a_perimeter_in_doubt_is_not_resolved(
    places: Gazetteer, name: Any, scale: str | None, why: str
) -> None:
    place = places.resolve(name, scale)
    assert place.keys == ()
    assert why in place.why


def test_every_place_of_france_is_found_by_its_own_name(places: Gazetteer) -> None:
    """Each département, région and EPCI; each commune by its name and its code."""
    known = places._known
    for department in known.departments.values():
        assert places.resolve(department.name, "Département").keys == (f"dep:{department.code}",)
    for code, name in known.regions.items():
        assert places.resolve(f"{name} (Région)").keys == (f"reg:{code}",)
    names = Counter(epci.name for epci in known.epcis.values())
    lost = {e.name for e in known.epcis.values() if places.resolve(e.name, "epci").keys != (e.key,)}
    assert lost == {name for name, times in names.items() if times > 1}, "but for true homonyms"
    wrong = [
        commune.label
        for commune in known.communes.values()
        if places.resolve(f"{commune.name} (Commune – {commune.code})").keys != (commune.key,)
    ]
    assert wrong == []
