"""What names a person, or leads to one, is taken out of a need; what says the need stays."""

import re
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.catalog.models.knowledge import LONGEST_NEED
from maillage.catalog.words.masks import MASK, masked

#: What is written → what is kept.
TABLE: Final = [
    ("Écrivez à jean.martin@mairie-bourrou.fr svp", "Écrivez à […] svp"),
    ("jean.martin (at) mairie . fr", "[…]"),
    ("JEAN@MAIRIE.FR", "[…]"),
    ("le site https://www.bourrou.fr/projet?id=3 est en panne", "le site […] est en panne"),
    ("voir mairie-bourrou.fr", "voir […]"),
    ("rappelez le 06 12 34 56 78 le soir", "rappelez le […] le soir"),
    ("rappelez le 06.12.34.56.78", "rappelez le […]"),
    ("tél:+33 6 12 34 56 78", "tél:[…]"),
    ("0033612345678 merci", "[…] merci"),
    ("SIRET 212 400 615 00012", "SIRET […]"),
    ("dossier 1234567890", "dossier […]"),
    ("né le 12/03/1975", "né le […]"),
    ("M. Dupont ne répond plus", "[…] ne répond plus"),
    ("Mme de La Tour-Martin a fermé l'épicerie", "[…] a fermé l'épicerie"),
    ("madame dupont a fermé l'épicerie", "[…] a fermé l'épicerie"),
    ("Monsieur Jean Martin veut vendre", "[…] veut vendre"),
    ("MM. Martin et Durand", "[…] et Durand"),
    ("le docteur Lefèvre part", "le […] part"),
    ("je m'appelle camille Durand et le pont est fermé", "[…] et le pont est fermé"),
    ("24110 Saint-Astier : le pont est fermé", "[…] : le pont est fermé"),
    ("Le pont est fermé.\nCordialement,\nCamille Durand\nBourrou", "Le pont est fermé"),
    ("le pont est fermé, bien cordialement Camille", "le pont est fermé"),
]
#: What says the need, and no person.
KEPT: Final = [
    "Bonjour monsieur le maire, l'école est une passoire",
    "Madame la préfète, nous cherchons un médecin",
    "notre docteur part à la retraite",
    "travaux de 1 200 000 euros sur le pont de 45 m",
    "300 000 € HT pour 25 logements et 340 habitants",
    "plan 2024 2025, DETR à 40 %",
    "15000 euros pour la toiture",
    "M le pont",
    "un maître d'œuvre pour l'église",
    "me renseigner sur la DETR",
    "l'assainissement, c'est par où commencer ?",
]


@pytest.mark.parametrize(("written", "kept"), TABLE)
def test_what_leads_to_a_person_is_taken_out(written: str, kept: str) -> None:
    assert masked(written) == kept


@pytest.mark.parametrize("written", KEPT)
def test_what_says_the_need_stays(written: str) -> None:
    assert masked(written) == written


@pytest.mark.parametrize("written", ["à Saint Astier", "à saint-astier", "à SAINT-ASTIER"])
def test_the_commune_that_was_given_is_taken_out(written: str) -> None:
    assert masked(f"le pont {written} est fermé", "Saint-Astier") == f"le pont à {MASK} est fermé"


def test_a_long_text_is_cut_and_half_an_address_is_not_kept() -> None:
    filler = f"{'jean@mairie.fr ' * 132}"
    cut = masked(f"{filler}camille.durand@mairie.fr")
    assert len(cut) <= LONGEST_NEED
    assert "camille" not in cut


@given(st.text(max_size=3_000), st.text(max_size=20))
def test_whatever_is_written_nothing_that_leads_to_a_person_is_left(text: str, place: str) -> None:
    kept = masked(text, place)
    assert len(kept) <= LONGEST_NEED
    assert "\n" not in kept
    assert "\x00" not in kept
    assert not re.search(r"[0-9]{7}", kept)
    assert not re.search(r"[A-Za-z0-9]@[A-Za-z0-9]+\.[a-z]", kept)


@given(
    st.from_regex(r"[a-z]{1,12}(\.[a-z]{1,12})?@[a-z]{2,12}\.(fr|com)", fullmatch=True),
    st.from_regex(r"0[1-9]( [0-9]{2}){4}", fullmatch=True),
    st.sampled_from(["appelez {}", "({})", "{} ou le soir", "mairie:{}"]),
)
def test_addresses_and_phones_are_taken_out_wherever_they_stand(
    email: str, phone: str, around: str
) -> None:
    for said in (email, phone):
        kept = masked(around.format(said))
        assert said not in kept
        assert MASK in kept
