"""The matrix, the coverage of the country, the measures, the vectors, the snapshot itself."""

import dataclasses
import struct
from datetime import date

import numpy as np
import pytest

from maillage.engine import measure, vectors
from maillage.engine.coverage import CELLS, coverage
from maillage.engine.eligibility import Rule, first_failures
from maillage.engine.index import fields_of
from maillage.engine.matrix import build_matrix
from maillage.engine.snapshot import build_snapshot
from maillage.engine.types import Catalogue, Need
from maillage.engine.understanding import understand
from maillage.engine.vocabulary import Audience, Family, Kind, Level
from tests.engine.factories import TYPES, commune, contact, everything, offer, snapshot_of

TODAY = date(2026, 11, 21)


class TestMatrix:
    def test_the_eighty_cells_say_who_acts_and_where_nobody_does(self):
        matrix = build_matrix(everything())
        assert len(matrix.cells) == 80
        cell = matrix.cell("commerce", "faisabilite")
        assert cell.by_family == {Family.DEPARTMENT: 4}
        assert matrix.cell("numerique", "montage").gap
        assert len(matrix.gaps) == 80 - 8

    def test_two_state_operators_in_a_cell_overlap_and_one_does_not(self):
        one = offer("a", family=Family.STATE_OPERATOR, provider_id="x")
        again = offer("b", family=Family.STATE_OPERATOR, provider_id="x")
        other = offer("c", family=Family.STATE_OPERATOR, provider_id="y")
        assert not build_matrix([one, again]).overlaps
        assert len(build_matrix([one, again, other]).overlaps) == 2

    def test_money_and_sure_contacts_do_not_fill_a_cell(self):
        named = dataclasses.replace(
            contact("p"), themes=frozenset({"eau"}), phases=frozenset({"travaux"})
        )
        cell = build_matrix([named, offer("f", "eau", kind=Kind.FUNDING)]).cell("eau", "travaux")
        assert cell.gap
        assert cell.generalists == 1

    def test_an_unknown_cell_is_an_error(self):
        with pytest.raises(KeyError):
            build_matrix([]).cell("eau", "cuisine")


class TestCoverage:
    def test_each_commune_gets_what_the_rules_of_one_need_would_give_it(self):
        offers = [
            *everything(),
            offer("small", "eau", population_max=200),
            offer("big", "eau", population_min=5000),
            offer("dgf", "eau", population_max=10, population_kind="dgf"),
            offer("label", "eau", labels_any=frozenset({"pvd", "va"})),
            offer("elsewhere", "eau", perimeter=frozenset({"dep:19"})),
            offer("both-sides", "eau", perimeter=frozenset({"dep:19", "dep:24", "FR"})),
            offer("closed", "eau", closes=date(2026, 1, 1)),
            offer("companies", "eau", audiences=frozenset({Audience.COMPANY})),
        ]
        places = [
            commune(),
            commune(code="1", population=9000, labels_absent=frozenset({"pvd", "va"})),
            commune(code="2", keys=frozenset({"FR", "dep:19"}), population=None),
            commune(code="3", labels=frozenset({"pvd"}), population_dgf=500),
            commune(code="4", keys=frozenset()),
        ]
        covered = coverage(offers, places, today=TODAY)
        facts = snapshot_of(*offers).facts
        ordered = snapshot_of(*offers).offers
        for row, place in enumerate(places):
            failed = first_failures(facts, place, Audience.COMMUNE, TODAY)
            for column, (theme, phase) in enumerate(CELLS):
                here = [
                    o
                    for o, f in zip(ordered, failed, strict=True)
                    if f == Rule.NONE
                    and o.kind is not Kind.FUNDING
                    and not o.generalist
                    and theme in o.themes
                    and phase in o.phases
                ]
                local = sum(o.level < Level.NATIONAL for o in here)
                assert covered.local[row, column] == local
                assert covered.national[row, column] == len(here) - local

    def test_deserts_count_the_cells_without_a_local_answer(self):
        covered = coverage([offer("a", "eau")], [commune(), commune(keys=frozenset({"FR"}))])
        assert covered.deserts().tolist() == [78, 80]

    def test_nothing_gives_zeros(self):
        assert coverage([], [commune()]).local.shape == (1, 80)
        assert not coverage([], [commune()]).national.any()


class TestMeasures:
    def test_the_best_order_has_the_best_measure(self):
        grades = {"a": 2, "b": 1, "c": 2}
        assert measure.ndcg(["a", "c", "b"], grades) == 1
        assert measure.ndcg(["b", "x", "a"], grades) < 1
        assert measure.recall(["x", "a"], grades) == 0.5
        assert measure.recall(["x"], {"a": 1}) is None
        assert measure.precision(["a", "x", "b", "y", "c"], grades) == pytest.approx(0.6)
        assert measure.empty_rate([[], ["a"]]) == 0.5
        assert measure.mean([1.0, None, 0.0]) == 0.5


class TestVectors:
    @pytest.fixture
    def package(self, tmp_path):
        names = {"école": 0, "classe": 1, "pont": 2, "bistrot": 3, "pub": 4}
        rows = np.eye(5, 8, dtype=np.float32)
        rows[4] = rows[3] + 0.1
        body = b"\xdf" + struct.pack(">I", len(names))
        for name, row in names.items():
            body += b"\xcf" + struct.pack(">Q", vectors.murmur64(name.encode())) + bytes([row])
        (tmp_path / "key2row").write_bytes(body)
        with (tmp_path / "vectors").open("wb") as file:
            np.save(file, rows)
        return tmp_path

    def test_words_are_found_by_their_hash(self, package):
        loaded = vectors.load(package)
        assert loaded.dimensions == 8
        assert [loaded.row(w) for w in ("école", "bistrot", "ecole")] == [0, 3, -1]

    @pytest.mark.parametrize(
        ("word", "hashed"), [("apple", 8566208034543834098), ("coffee", 3197928453018144401)]
    )
    def test_the_hash_is_the_one_of_the_package(self, word, hashed):
        assert vectors.murmur64(word.encode()) == hashed

    def test_a_word_that_no_phrase_holds_is_understood_by_its_neighbour(self, package):
        catalogue = Catalogue(everything(), (), TYPES)
        plain = build_snapshot(catalogue)
        sharp = build_snapshot(catalogue, vectors.load(package))
        need = Need("un pub")
        assert not plain.recogniser.scores([_clause(plain)]).any()
        found = understand(need, sharp)
        assert next(t.id for t in (*found.types, *found.suggestions)) == "rouvrir-cafe"

    def test_another_file_is_refused(self, package):
        (package / "key2row").write_bytes(b"nothing")
        with pytest.raises(ValueError, match="MessagePack"):
            vectors.load(package)


def _clause(snapshot):
    from maillage.engine.recognition import Clause

    return Clause("un pub", (), ("pub",), 1)


def test_a_snapshot_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        snapshot_of().version = "2"


def test_an_empty_catalogue_answers_too():
    snapshot = build_snapshot(Catalogue(()))
    assert not understand(Need("le pont est fermé"), snapshot).types


def test_a_hit_can_say_in_which_fields_its_words_are():
    snapshot = snapshot_of(offer("a", "pont", words=("passerelle",)))
    found = snapshot.offers[0]
    stems = [snapshot.lexicon.stem(w) for w in ("ponts", "passerelles", "organisme")]
    assert [fields_of(found, s, snapshot.lexicon) for s in stems] == [
        ("title", "summary"), ("words",), ("provider",),
    ]  # fmt: skip
