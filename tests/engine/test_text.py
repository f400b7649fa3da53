"""French text: folding, cutting, stems, figures, stage, spelling."""

import numpy as np
import pytest

from maillage.engine import figures
from maillage.engine.ngrams import GramIndex
from maillage.engine.phases import phase_said
from maillage.engine.preamble import without_preamble
from maillage.engine.spelling import Speller
from maillage.engine.text import Lexicon, fold, words


def lexicon_of(*texts: str) -> Lexicon:
    lexicon = Lexicon()
    lexicon.read(texts)
    lexicon.freeze()
    return lexicon


def test_accents_ligatures_and_typographic_apostrophes_are_folded():
    assert fold("L’Œuvre à Mæl’Ö") == "l'oeuvre a mael'o"
    assert words("jusqu’à l’école, aujourd'hui") == [
        "jusqu", "a", "l", "ecole", "aujourd", "hui",
    ]  # fmt: skip


def test_a_need_without_accents_meets_a_text_with_them_whatever_the_inflection():
    lexicon = lexicon_of("rénovation énergétique des écoles")
    assert lexicon.terms("RENOVATIONS energetiques ecole") == lexicon.terms(
        "rénovation énergétique école"
    )


def test_stop_words_single_letters_and_numbers_are_not_indexed():
    lexicon = lexicon_of("il faut que l'école de 1962 soit à nous")
    assert [lexicon.stem_of_term(t) for t in lexicon.terms("il faut l'école 1962")] == ["ecol"]


def test_bulk_reading_cuts_as_one_by_one_reading_does():
    texts = ["L'école\x00fermée", "", "Deux cafés, un pont"]
    lexicon = Lexicon()
    tokens, lengths = lexicon.read(texts)
    lexicon.freeze()
    assert lengths.tolist() == [3, 0, 4]
    bulk = [int(t) for t in lexicon.terms_of(tokens) if t >= 0]
    assert bulk == [t for text in texts for t in lexicon.terms(text)]
    assert tokens.dtype == np.int32


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("250 000 € HT", (250_000,)),
        ("2,5 M€ pour la salle", (2_500_000,)),
        ("environ 300k", (300_000,)),
        ("14k€ et 1.200.000 euros", (14_000, 1_200_000)),
        ("3 millions d'euros", (3_000_000,)),
        ("32 platanes, 480 m²", ()),
        ("250\u202f000\u00a0€", (250_000,)),
        ("120 mille euros", (120_000,)),
    ],
)
def test_amounts_are_read_as_they_are_written(text, expected):
    assert figures.amounts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("école de 1962, travaux 2027", (1962, 2027)),
        ("2000 € en 2026", (2026,)),
        ("2 027 habitants", ()),
        ("un budget de 1950 euros", ()),
    ],
)
def test_years_are_not_amounts(text, expected):
    assert figures.years(text) == expected


@pytest.mark.parametrize(
    ("text", "phase"),
    [
        ("on ne sait pas par où commencer", "strategie"),
        ("étude de faisabilité pour un tiers-lieu", "faisabilite"),
        ("quelle subvention pour financer le toit ?", "montage"),
        ("appel d'offres et maîtrise d'œuvre du chantier", "travaux"),
        ("recruter un animateur pour faire vivre le lieu", "animation"),
        ("le pont est fermé", None),
    ],
)
def test_the_stage_is_read_only_when_it_is_said(text, phase):
    assert phase_said(text) == phase


class TestSpelling:
    lexicon = lexicon_of("assainissement subvention isolation école commerce bistrot écoles")

    def correct(self, written: str, starts_sentence: bool = False) -> str | None:
        return Speller(self.lexicon, self.lexicon.tokens).correct(
            written, fold(written), starts_sentence
        )

    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            ("subvantion", "subvention"),
            ("assainisement", "assainissement"),
            ("isolassion", "isolation"),
            ("lecole", "ecole"),
            ("bsitrot", "bistrot"),
        ],
    )
    def test_a_misspelt_word_is_read_as_the_near_known_one(self, written, meant):
        assert self.correct(written) == meant

    @pytest.mark.parametrize("word", ["commerces", "école", "comm", "zzzzzz", "aimerait", "x" * 90])
    def test_known_short_far_and_conjugated_words_are_left_alone(self, word):
        assert self.correct(word) is None

    @pytest.mark.parametrize("word", ["ecola", "ecale", "ecoel", "merde"])
    def test_a_word_of_five_letters_is_too_short_to_guess_a_letter(self, word):
        assert self.correct(word) is None

    @pytest.mark.parametrize("word", ["eccole", "ecolle"])
    def test_letters_doubled_are_put_right(self, word):
        assert self.correct(word) == "ecole"

    def test_a_name_inside_a_sentence_is_left_alone(self):
        assert self.correct("Bistrol") is None
        assert self.correct("Bistrol", starts_sentence=True) == "bistrot"


def test_ngrams_bring_a_misspelt_word_near_the_right_one():
    index = GramIndex([["assainissement"], ["patinoire"], []])
    found = index.similarities(["assainisement"])
    assert found[0] > 0.5 > found[1] >= 0
    assert found[2] == 0
    assert not index.similarities([]).any()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Je suis maire d'un village de 126 habitants, on voudrait un café", "on voudrait un café"),
        ("Nous sommes une petite commune de 1 200 habitants et le pont est fermé",
         "et le pont est fermé"),
        ("En tant qu'élu, je veux refaire la cour", "je veux refaire la cour"),
        ("Le toit fuit. Cordialement, la secrétaire de mairie", "Le toit fuit."),
        ("Nous cherchons une secrétaire de mairie", "Nous cherchons une secrétaire de mairie"),
        ("Je suis le nouveau maire.", "Je suis le nouveau maire."),
    ],
)  # fmt: skip
def test_who_writes_is_not_what_is_needed(text, left):
    blanked = without_preamble(text)
    assert len(blanked) == len(text)
    assert " ".join(blanked.split()).strip(", ") == left
