"""The answer, told as sentences."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from maillage.engine.orientation import orient
from maillage.engine.ranking import relevance, search
from maillage.engine.types import Need, ProjectType, ThesaurusEntry
from maillage.engine.understanding import understand
from maillage.engine.vocabulary import Audience, Family, Kind, Level
from tests.engine.factories import TYPES, commune, contact, everything, offer, snapshot_of

TODAY = date(2026, 11, 21)


def ids(proposals):
    return [p.offer.id for p in proposals]


def answer(text, *offers, territory=None, **need):
    return orient(Need(text, **need), snapshot_of(*offers), territory or commune(), TODAY)


class TestUnderstanding:
    snapshot = snapshot_of(*everything())

    def test_a_closed_cafe_is_recognised_with_the_words_that_led_to_it(self):
        found = understand(Need("notre bistrot a fermé, plus de café"), self.snapshot)
        assert found.types[0].id == "rouvrir-cafe"
        assert {"bistrot", "café"} <= set(found.types[0].words)
        assert found.themes[0] == "commerce"
        assert found.confident

    def test_the_longest_expression_of_the_thesaurus_is_read(self):
        found = understand(Need("le café est fermé"), self.snapshot)
        assert [(r.said, r.read_as) for r in found.readings] == [
            ("café est fermé", ("dernier commerce",))
        ]

    def test_two_needs_in_one_text_are_both_recognised(self):
        found = understand(
            Need("Les enfants gardent leur manteau en classe. Et le pont est fermé."), self.snapshot
        )
        assert {t.id for t in found.types} >= {"renover-ecole", "pont-ferme"}

    def test_a_misspelt_word_is_corrected_and_said_with_its_accents(self):
        found = understand(Need("une subv pour l'isolassion de l'ecole"), self.snapshot)
        assert ("isolassion", "isolation") in [(c.written, c.corrected) for c in found.corrections]

    def test_a_refused_chip_does_not_come_back(self):
        need = Need("le pont est fermé", refused_types=frozenset({"pont-ferme"}))
        found = understand(need, self.snapshot)
        assert "pont-ferme" not in {t.id for t in (*found.types, *found.suggestions)}

    def test_what_the_person_chose_replaces_what_was_understood(self):
        need = Need("blabla", types=("fuites-eau",), themes=("eau",), phase="travaux")
        found = understand(need, self.snapshot)
        assert [t.id for t in found.types] == ["fuites-eau"]
        assert (found.themes, found.phase, found.confident) == (("eau",), "travaux", True)

    @pytest.mark.parametrize("text", ["", "   ", "?!…", "le la les", "12 345"])
    def test_a_text_without_a_content_word_is_empty(self, text):
        assert understand(Need(text), self.snapshot).empty

    @pytest.mark.parametrize("text", ["qsdfg wxcvb poiuy", "we would like to open something nice"])
    def test_an_absurd_or_foreign_text_is_not_taken_for_understood(self, text):
        found = understand(Need(text), self.snapshot)
        assert not found.confident
        assert not found.types


class TestHelp:
    def test_a_closed_cafe_proposes_who_helps_with_commerce_and_nobody_else(self):
        result = answer("un café fermé", *everything())
        assert {i for i in ids(result.help) if i.startswith(("ecole", "pont", "eau"))} == set()
        assert ids(result.help)[0] == "cafe-municipal"
        assert ids(result.funding) == ["aide-cafe"]

    def test_rings_go_from_close_to_far_and_contacts_come_after(self):
        result = answer("rouvrir le bistrot", *everything())
        assert ids(result.help) == [
            "cafe-municipal", "cafe-department", "cafe-region", "cafe-national",
            "interco", "prefecture",
        ]  # fmt: skip
        assert [p.adequate for p in result.help] == [True] * 4 + [False] * 2

    def test_a_local_offer_on_something_else_does_not_hide_the_national_one(self):
        result = answer("le pont est fermé", offer("a", "eau"), offer("b", "pont", Level.NATIONAL))
        assert ids(result.help) == ["b"]
        assert result.branch.code == "national"
        assert result.branch.grounds

    def test_an_adequate_local_offer_comes_before_a_better_national_one(self):
        near = offer("near", "pont", summary="Voirie.")
        far = offer("far", "pont", Level.NATIONAL, words=("pont fermé", "pont"))
        result = answer("le pont est fermé", far, near)
        assert ids(result.help) == ["near", "far"]
        assert result.help[0].score < result.help[1].score
        assert result.branch.code == "local"

    def test_a_state_operator_gets_no_advantage(self):
        twins = [
            offer("a", "eau", Level.NATIONAL, family=Family.NETWORK),
            offer("b", "eau", Level.NATIONAL, family=Family.STATE_OPERATOR),
        ]
        result = answer("le réseau d'eau fuit", *twins)
        assert ids(result.help) == ["a", "b"]
        assert result.help[0].score == result.help[1].score

    def test_an_answer_never_comes_empty_where_there_is_a_sure_contact(self):
        result = answer("qsdfg wxcvb", contact("prefecture"), offer("a"))
        assert ids(result.help) == ["prefecture"]
        assert not result.help[0].adequate
        assert "Maison prefecture" in result.help[0].sentence
        assert result.branch.code == "ask"

    def test_money_and_help_are_told_apart(self):
        result = answer(
            "rouvrir le café", offer("h"), offer("f", kind=Kind.FUNDING), offer("b", kind=Kind.BOTH)
        )
        assert ids(result.help) == ["b", "h"]
        assert sorted(ids(result.funding)) == ["b", "f"]

    def test_without_a_territory_only_what_is_valid_everywhere_is_proposed(self):
        result = orient(Need("rouvrir le café"), snapshot_of(*everything()), None, TODAY)
        assert ids(result.help) == ["cafe-national"]
        assert result.branch.code == "ask"


class TestEligibility:
    @pytest.mark.parametrize(
        ("changes", "code", "words"),
        [
            ({"perimeter": frozenset({"dep:19"})}, "territory", "autre territoire"),
            ({"audiences": frozenset({Audience.COMPANY})}, "audience", "demandeur"),
            ({"population_min": 2000}, "population", "au moins 2\u202f000 habitants"),
            ({"closes": date(2026, 11, 20)}, "dates", "clos depuis le 20 novembre 2026"),
        ],
    )
    def test_an_excluded_offer_is_set_aside_with_its_reason(self, changes, code, words):
        result = answer("rouvrir le café", offer("a", **changes))
        assert ids(result.help) == []
        assert [(s.offer.id, s.reason.code) for s in result.set_aside] == [("a", code)]
        assert words in result.set_aside[0].reason.text
        assert result.set_aside_summary == ((code, 1),)

    def test_what_has_nothing_to_do_with_the_need_is_not_even_set_aside(self):
        result = answer("rouvrir le café", offer("a", "eau", perimeter=frozenset({"dep:19"})))
        assert result.set_aside_total == 0

    def test_an_unknown_label_is_to_check_and_an_absent_one_excludes(self):
        asked = offer("a", labels_any=frozenset({"pvd"}))
        unknown = answer("rouvrir le café", asked)
        assert [r.code for r in unknown.help[0].to_check] == ["label"]
        absent = answer(
            "rouvrir le café", asked, territory=commune(labels_absent=frozenset({"pvd"}))
        )
        assert [s.reason.code for s in absent.set_aside] == ["label"]
        carried = answer("rouvrir le café", asked, territory=commune(labels=frozenset({"pvd"})))
        assert carried.help[0].to_check == ()
        assert "label" in {r.code for r in carried.help[0].reasons}

    def test_one_label_out_of_two_is_enough_and_one_unknown_is_to_check(self):
        asked = offer("a", labels_any=frozenset({"pvd", "va"}))
        one = answer("rouvrir le café", asked, territory=commune(labels=frozenset({"va"})))
        assert one.help[0].to_check == ()
        doubt = answer("rouvrir le café", asked, territory=commune(labels_absent=frozenset({"va"})))
        assert "Petites villes" in doubt.help[0].to_check[0].text
        assert "Villages" not in doubt.help[0].to_check[0].text

    def test_an_unknown_dgf_population_is_to_check(self):
        asked = offer("a", population_max=140, population_kind="dgf")
        result = answer("rouvrir le café", asked)
        assert [r.code for r in result.help[0].to_check] == ["population_dgf"]
        known = answer("rouvrir le café", asked, territory=commune(population_dgf=150))
        assert [s.reason.code for s in known.set_aside] == ["population"]

    def test_bounds_are_inclusive(self):
        result = answer("rouvrir le café", offer("a", population_min=126, population_max=126))
        assert ids(result.help) == ["a"]

    def test_an_offer_not_yet_open_is_kept_and_said(self):
        result = answer("rouvrir le café", offer("a", opens=date(2027, 3, 1)))
        assert "1er mars 2027" in result.help[0].to_check[0].text

    def test_the_stage_excludes_only_when_the_person_chose_it(self):
        asked = offer("a", phases=frozenset({"travaux"}))
        said = answer("étude de faisabilité pour rouvrir le café", asked)
        assert ids(said.help) == ["a"]
        chosen = answer("rouvrir le café", asked, phase="strategie")
        assert [s.reason.code for s in chosen.set_aside] == ["phase"]


class TestReasons:
    def test_the_sentence_says_the_words_their_reading_and_the_rules(self):
        result = answer(
            "on voudrait rouvrir le bistrot", offer("a", population_max=2000), offer("b", "eau")
        )
        sentence = result.help[0].sentence
        assert sentence.startswith("Parce que vous parlez de ")
        assert "« bistrot » (débit de boissons, commerce rural)" in sentence
        assert sentence.endswith("et que votre commune ne dépasse pas 2\u202f000 habitants.")
        assert {"words", "type", "population", "territory"} <= {
            r.code for r in result.help[0].reasons
        }

    def test_an_intercommunality_is_not_called_a_commune(self):
        result = answer(
            "rouvrir le bistrot",
            offer("a", population_max=2000, audiences=frozenset({Audience.EPCI})),
            audience=Audience.EPCI,
        )
        assert "votre intercommunalité ne dépasse pas" in result.help[0].sentence

    def test_the_advice_counts_those_who_can_answer(self):
        one = answer("rouvrir le café", offer("a"))
        assert one.branch.sentence == (
            "Commencez près de chez vous : 1 organisme du département peut répondre. "
            "L'appui national n'est pas nécessaire à ce stade."
        )
        two = answer("rouvrir le café", offer("a"), offer("b", level=Level.REGION))
        assert "2 organismes peuvent répondre" in two.branch.sentence
        assert two.branch.counts == {"municipal": 0, "department": 1, "region": 1, "national": 0}

    def test_two_offers_of_one_body_are_one_body(self):
        pair = [offer("a", provider_id="atd"), offer("b", provider_id="atd")]
        assert "1 organisme du département" in answer("rouvrir le café", *pair).branch.sentence


def test_a_similar_commune_that_did_it_is_shown_and_another_subject_is_not():
    result = answer("rouvrir le bistrot du village", *everything())
    assert [m.experience.id for m in result.experiences] == ["bourrou-cafe"]
    assert "comparable" in result.experiences[0].sentence


def test_relevance_ranks_all_levels_and_search_takes_a_blank_query():
    snapshot = snapshot_of(*everything())
    best = [i for i, _ in relevance(Need("le réseau d'eau fuit"), snapshot, 5)]
    assert {"eau-municipal", "eau-national", "aide-eau"} <= set(best)
    assert [i for i, _ in search("", snapshot)] == sorted(o.id for o in everything())
    assert search("zzyzx", snapshot) == []
    assert search("pont", snapshot, 1)[0][0].startswith(("pont", "aide-pont"))


def test_relevance_in_a_territory_leaves_out_the_others():
    far = replace(offer("far", "eau"), perimeter=frozenset({"dep:19"}))
    snapshot = snapshot_of(far, offer("near", "eau"))
    assert [i for i, _ in relevance(Need("fuite d'eau"), snapshot, 5, commune())] == ["near"]


def test_an_entry_that_says_no_theme_is_given_those_of_the_projects_it_resembles():
    silent = offer("a", "eau", themes=frozenset())
    snapshot = snapshot_of(silent, offer("b", "pont"))
    assert snapshot.facts.themes[0].argmax() == 1  # eau
    assert snapshot.offers[0].themes == frozenset()
    assert [i for i, _ in relevance(Need("fuite d'eau"), snapshot, 1)] == ["a"]


def test_an_accent_that_is_typed_is_believed_by_the_thesaurus():
    snapshot = snapshot_of(
        offer("a"), thesaurus=(ThesaurusEntry("ferme", ("exploitation agricole",), ()),)
    )
    assert understand(Need("la ferme"), snapshot).readings
    assert not understand(Need("le café fermé"), snapshot).readings


def test_a_secretary_who_introduces_herself_does_not_ask_for_a_secretary():
    result = answer(
        "Je suis secrétaire de mairie d'une commune de 126 habitants, le pont est fermé",
        *everything(),
        offer("s", title="Remplacer la secrétaire de mairie", summary="", themes=frozenset()),
    )
    assert "s" not in ids(result.help)
    assert "pont-department" in ids(result.help)


class TestNonsense:
    """What is not a need finds no answer by chance; the sure contacts are still there."""

    snapshot = snapshot_of(*everything())

    @pytest.mark.parametrize(
        "text",
        [
            "asdf qsdf",
            "azertyuiop qsdfgh wxcvbn 12345",
            "What is the best way to learn to play the saxophone at home?",
            "Wir möchten in unserem Dorf etwas eröffnen",
            "ki a gagné le match hier soir om ou psg",
            "Faire revenir les oignons dans le beurre puis ajouter farine et lait",
            "SELECT * FROM users; DROP TABLE users",
            "quelle heure est-il à Tokyo",
        ],
    )
    def test_nothing_is_adequate_and_the_contacts_remain(self, text):
        result = orient(Need(text), self.snapshot, commune(), TODAY)
        assert not result.understanding.confident
        assert not [p.offer.id for p in (*result.help, *result.funding) if p.adequate]
        assert {"prefecture", "interco"} <= set(ids(result.help))
        assert result.branch.code == "ask"

    def test_one_known_word_among_unknown_ones_is_not_enough(self):
        result = orient(Need("zorgblat kwyx pont vrebnik"), self.snapshot, commune(), TODAY)
        assert not result.understanding.confident
        assert not [p.offer.id for p in result.help if p.adequate]


def test_an_expression_is_read_with_the_small_words_that_make_it():
    snapshot = snapshot_of(
        offer("a"),
        thesaurus=(
            ThesaurusEntry("personne pour nous aider", ("ingénierie territoriale",), ()),
            ThesaurusEntry("MAM", ("maison d'assistants maternels",), ()),
        ),
    )
    assert understand(Need("il n'y a personne pour nous aider"), snapshot).readings
    assert not understand(Need("une personne âgée qui tombe"), snapshot).readings
    assert understand(Need("ouvrir une mam"), snapshot).readings
    assert not understand(Need("des mamies seules"), snapshot).readings


def test_a_plea_without_a_subject_is_turned_towards_those_who_help_with_anything():
    general = ProjectType(
        "savoir-par-ou-commencer", "Savoir par où commencer", ("cooperation",), ("strategie",),
        ("ingénierie territoriale", "premier conseil"), ("Je ne sais pas par où commencer",),
    )  # fmt: skip
    helper = offer("aide", title="Premier conseil et ingénierie territoriale", summary="",
                   themes=frozenset({"cooperation"}))  # fmt: skip
    snapshot = snapshot_of(*everything(), helper, project_types=(*TYPES, general))
    assert [i for i, _ in relevance(Need("aidez-nous, vite"), snapshot, 1)] == ["aide"]
    result = orient(Need("aidez-nous, vite"), snapshot, commune(), TODAY)
    assert result.understanding.empty
    assert not any(p.adequate for p in result.help)


def test_an_entry_that_holds_the_very_words_comes_first_when_no_subject_is_recognised():
    named = offer("named", title="Contrat Zéphyr des hameaux", summary="", themes=frozenset())
    found = relevance(Need("contrat zéphyr hameaux"), snapshot_of(*everything(), named), 3)
    assert found[0][0] == "named"


def test_an_entry_is_near_the_types_it_resembles_most():
    snapshot = snapshot_of(offer("a", "cafe"), offer("b", "pont"))
    number = snapshot.type_number["pont-ferme"]
    near = snapshot.index.affinity([number], np.ones(1))
    assert near[snapshot.number_of["b"]] > 0.5 > near[snapshot.number_of["a"]]
    assert not snapshot.index.affinity([], np.ones(0)).any()
