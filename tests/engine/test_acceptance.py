"""What an acceptance reader found wrong in answers, each as a sentence."""

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import maillage
from maillage.engine.adequacy import held_words
from maillage.engine.coverage import coverage
from maillage.engine.explanation import of
from maillage.engine.orientation import orient
from maillage.engine.snapshot import build_snapshot
from maillage.engine.types import Catalogue, Experience, Need, ProjectType, ThesaurusEntry
from maillage.engine.understanding import read_need, understand
from maillage.engine.vocabulary import Audience, Kind, Level, State
from tests.engine.factories import EXPERIENCES, commune, contact, everything, offer, snapshot_of

TODAY = date(2026, 11, 21)
DEP = frozenset({"DEP"})
KEYS = frozenset({"FR", "DEP", "reg:75", "dep:24", "arr:243", "epci:200040392", "com:24061"})
EPCI = commune(code="200040392", keys=KEYS - {"com:24061"})


def answer(text, *offers, territory=None, **need):
    place = territory or commune(keys=KEYS)
    return orient(Need(text, **need), snapshot_of(*offers), place, TODAY)


def ids(proposals):
    return [p.offer.id for p in proposals]


class TestEligibility:
    small = offer("a", population_max=100, population_kind="dgf")

    def test_a_municipal_population_above_the_dgf_maximum_excludes(self):
        result = answer("rouvrir le café", self.small)
        assert [s.reason.code for s in result.set_aside] == ["population"]

    def test_a_municipal_population_below_the_dgf_minimum_does_not(self):
        asked = offer("a", population_min=200, population_kind="dgf")
        assert [r.code for r in answer("rouvrir le café", asked).help[0].to_check] == [
            "population_dgf"
        ]

    def test_the_map_of_the_country_says_the_same(self):
        assert coverage([self.small], [commune(keys=KEYS)]).local.sum() == 0
        assert coverage([self.small], [commune(keys=KEYS, population=90)]).local.sum() > 0
        assert coverage([self.small], [commune(keys=KEYS, population_dgf=90)]).local.sum() > 0

    def test_an_intercommunality_is_called_so_even_when_the_audience_is_not_said(self):
        asked = offer("a", level=Level.MUNICIPAL, labels_any=frozenset({"pvd"}))
        found = answer("rouvrir le café", asked, territory=EPCI).help[0]
        assert "votre intercommunalité" in found.to_check[0].text
        assert "votre commune" not in found.sentence


class TestGenericBodies:
    generic = replace(offer("caue"), perimeter=DEP, state=State.TO_CONFIRM)

    def test_a_kind_of_body_is_not_said_to_work_here(self):
        found = answer("rouvrir le café", self.generic).help[0]
        assert found.adequate
        assert "existe dans presque tous les départements" in found.sentence
        assert "intervient dans votre département" not in found.sentence

    def test_the_advice_says_that_they_are_to_be_asked(self):
        one = answer("rouvrir le café", self.generic).branch.sentence
        assert "1 organisme du département peut sans doute répondre, à vérifier" in one
        two = answer("rouvrir le café", self.generic, replace(offer("b"), state=State.TO_CONFIRM))
        assert two.branch.sentence == (
            "Commencez près de chez vous : 2 organismes du département peuvent sans doute "
            "répondre, à vérifier auprès d'eux. L'appui national n'est pas nécessaire à ce stade."
        )

    def test_one_known_body_is_enough_to_be_sure(self):
        result = answer("rouvrir le café", self.generic, offer("b"))
        assert "peuvent répondre" in result.branch.sentence

    def test_without_a_territory_they_are_proposed(self):
        result = orient(Need("rouvrir le café"), snapshot_of(self.generic), None, TODAY)
        assert ids(result.help) == ["caue"]


class TestCounts:
    def test_a_body_of_the_demonstration_counts_only_when_alone(self):
        demo = offer("demo", state=State.DEMONSTRATION)
        both = answer("rouvrir le café", demo, offer("a"))
        assert both.branch.counts["department"] == 1
        assert answer("rouvrir le café", demo).branch.counts["department"] == 1

    def test_no_more_are_counted_than_are_shown(self):
        many = [offer(f"o{i}") for i in range(9)]
        result = answer("rouvrir le café", *many)
        assert result.branch.counts["department"] == len(result.help) == 6


class TestAdequacy:
    def test_one_word_out_of_several_is_no_answer(self):
        solar = offer("solar", title="Panneaux sur les toits", summary="Énergie solaire.",
                      themes=frozenset({"energie"}), kind=Kind.BOTH)  # fmt: skip
        result = answer("les toits s'envolent à chaque tempête avec le clocher", solar)
        assert ids(result.help) == []
        assert ids(answer("des panneaux sur nos toits", solar).help) == ["solar"]

    def test_a_theme_alone_is_no_answer(self):
        social = offer("ctg", title="Convention territoriale", summary="", words=(),
                       themes=frozenset({"commerce"}))  # fmt: skip
        assert "ctg" not in ids(answer("rouvrir le bistrot", social, offer("a")).help)

    @pytest.mark.parametrize("text", ["45 000 € ht", "45 000 € TTC", "une aide pour la mairie"])
    def test_units_and_empty_words_are_no_reason(self, text):
        fund = offer("fctva", title="Aide à la mairie : TVA sur le montant HT, en euros TTC",
                     summary="", themes=frozenset())  # fmt: skip
        assert not any(p.adequate for p in answer(text, fund).help)

    def test_who_helps_need_not_hold_the_name_of_the_fund(self):
        snapshot = snapshot_of(offer("a", "pont"), offer("b", "eau"))
        read = read_need(Need("une DETR de 45 000 € ht pour rénover le pont"), snapshot)
        counts, needed = held_words(read, snapshot.core)
        assert (counts.tolist(), needed) == ([1, 0], 1)

    def test_empty_words_are_not_quoted(self):
        entry = offer("a", "pont", summary="Rénover un pont communal fermé, montant HT.")
        sentence = answer("rénover le pont fermé, 45 000 € ht", entry).help[0].sentence
        assert "« pont »" in sentence
        assert "« ht »" not in sentence
        assert "« rénover »" not in sentence

    def test_a_structure_is_a_ground_only_for_bridges_and_walls(self):
        far = answer("le pont est fermé", offer("a", "pont", Level.NATIONAL)).branch
        assert "ouvrage d'art" in far.grounds[-1]
        other = answer("rouvrir le café", offer("a", level=Level.NATIONAL)).branch
        assert other.code == "national"
        assert "ouvrage d'art" not in " ".join(other.grounds)

    def test_an_insult_is_not_a_need(self):
        assert answer("merde", *everything()).understanding.empty


class TestExperiences:
    def test_another_subject_of_the_same_theme_is_not_shown(self):
        shared = Experience(
            "bus", "Covoiturage solidaire", "Ailleurs", 200, 7, frozenset({"mobilite"}),
            "Des trajets partagés.", ("voiture",),
        )  # fmt: skip
        snapshot = snapshot_of(*everything(), experiences=(*EXPERIENCES, shared))
        found = orient(Need("le pont est fermé"), snapshot, commune(keys=KEYS), TODAY)
        assert found.experiences == ()

    @pytest.mark.parametrize(
        ("codes", "territory", "sentence"),
        [
            ({"com:24061"}, commune(keys=KEYS), "C'est votre commune."),
            ({"epci:200040392"}, EPCI, "C'est votre intercommunalité."),
            ({"epci:200040392"}, commune(keys=KEYS), "C'est votre intercommunalité."),
        ],
    )
    def test_the_asker_is_told_that_it_did_it(self, codes, territory, sentence):
        own = replace(EXPERIENCES[0], codes=frozenset(codes))
        snapshot = snapshot_of(*everything(), experiences=(own,))
        found = orient(Need("rouvrir le bistrot du village"), snapshot, territory, TODAY)
        assert [e.sentence for e in found.experiences] == [sentence]


def test_answers_come_first_then_contacts_in_a_fixed_order_with_the_desk():
    names = ("conseil-departemental-24-appui", "ddt-24-conseil", "sous-prefecture-243",
             "autre-24", "guichet-24")  # fmt: skip
    contacts = [contact(n) for n in names]
    near = contact("epci-appui", Level.MUNICIPAL)
    many = [offer(f"o{i}") for i in range(6)]
    assert ids(answer("rouvrir le café", near, *contacts, *many).help)[-2:] == [
        "epci-appui", "guichet-24"
    ]  # fmt: skip
    far = answer("rouvrir le café", near, *contacts, offer("far", level=Level.REGION))
    assert ids(far.help) == [
        "far", "epci-appui", "guichet-24", "sous-prefecture-243", "ddt-24-conseil"
    ]  # fmt: skip


class TestSentences:
    def test_words_are_quoted_in_the_order_of_the_text(self):
        named = offer("a", title="Voirie, église et pont", summary="", themes=frozenset())
        sentence = answer("l'église près du pont", named).help[0].sentence
        assert "vous parlez d'« église » et de « pont »" in sentence

    @pytest.mark.parametrize("name", ["hameau", "halle", "pont"])
    def test_de_is_left_whole_before_a_consonant(self, name):
        assert of(name) == f"de « {name} »"

    def test_an_acronym_is_in_capitals_however_it_is_typed(self):
        snapshot = snapshot_of(
            offer("a"), thesaurus=(ThesaurusEntry("DETR", ("dotation d'équipement",), ()),)
        )
        for typed in ("detr", "Detr", "DETR"):
            found = understand(Need(f"une {typed} pour le café"), snapshot)
            assert [r.said for r in found.readings] == ["DETR"]


def _shipped():
    folder = Path(maillage.__file__).parent / "data"
    entries = tomllib.loads((folder / "thesaurus.toml").read_text("utf-8"))["entries"]
    return tuple(
        ThesaurusEntry(e["expression"], tuple(e["terms"]), tuple(e["themes"])) for e in entries
    )


@pytest.fixture(scope="module")
def shipped():
    kind = ProjectType("a", "Maintenir le café", ("commerce",), ("travaux",), (), ("le café",))
    return build_snapshot(Catalogue((offer("a"),), (), (kind,), _shipped()))


@pytest.mark.parametrize(
    ("text", "unwanted"),
    [
        ("restaurer le vieux moulin", "personnes âgées"),
        ("nos vieux moulins", "personnes âgées"),
        ("restaurer la chapelle", "auberge communale"),
        ("un refuge pour les chats", "accueil de personnes exilées"),
        ("un agent part à la retraite", "personnes âgées"),
        ("il faut faire la route, plein de trous", "station-service"),
    ],
)
def test_a_word_is_not_read_as_its_neighbour(shipped, text, unwanted):
    read = understand(Need(text), shipped).readings
    assert unwanted not in {term for reading in read for term in reading.read_as}


def test_bistro_reads_like_bistrot(shipped):
    one, other = (understand(Need(f"le {w}"), shipped).readings for w in ("bistro", "bistrot"))
    assert one[0].read_as == other[0].read_as


def test_the_audience_still_names_the_asker():
    asked = offer("a", population_max=2000, audiences=frozenset({Audience.EPCI}))
    found = answer("rouvrir le bistrot", asked, audience=Audience.EPCI).help[0]
    assert "votre intercommunalité ne dépasse pas" in found.sentence
