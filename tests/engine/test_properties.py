"""What must hold whatever the catalogue and whatever the text."""

import random
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.engine.orientation import orient
from maillage.engine.types import Need
from maillage.engine.vocabulary import Kind, Level
from tests.engine.factories import commune, contact, everything, offer, snapshot_of

TODAY = date(2026, 11, 21)
SUBJECTS = ("cafe", "ecole", "pont", "eau")
NEEDS = (
    "un café fermé", "l'école est une passoire", "le pont est fermé", "fuites sur le réseau d'eau",
    "isoler l'école et rouvrir le bistrot", "recherche de fuites", "voirie", "commerce rural",
)  # fmt: skip

offers = st.lists(
    st.tuples(
        st.sampled_from(SUBJECTS), st.sampled_from(list(Level)), st.sampled_from(list(Kind)),
        st.booleans(),
    ),
    min_size=1, max_size=14,
).map(
    lambda rows: [
        contact(f"o{i:02d}", level) if generalist else offer(f"o{i:02d}", about, level, kind=kind)
        for i, (about, level, kind, generalist) in enumerate(rows)
    ]
)  # fmt: skip


def ask(text, catalogue):
    return orient(Need(text), snapshot_of(*catalogue), commune(), TODAY)


def without_scores(result):
    return [
        (p.offer.id, p.adequate, p.sentence, p.reasons) for p in (*result.help, *result.funding)
    ]


@given(offers, st.sampled_from(NEEDS))
@settings(max_examples=40, deadline=None)
def test_closer_adequate_is_never_below_farther_adequate(catalogue, text):
    result = ask(text, catalogue)
    levels = [p.offer.level for p in result.help if p.adequate]
    assert levels == sorted(levels)
    contacts = [p.offer.level for p in result.help if not p.adequate]
    assert contacts == sorted(contacts)
    kinds = [p.adequate for p in result.help]
    assert kinds == sorted(kinds, reverse=True)
    assert not any(p.adequate and p.offer.generalist for p in result.help)


@given(offers, st.sampled_from(NEEDS), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_shuffling_the_catalogue_changes_nothing(catalogue, text, rnd):
    shuffled = list(catalogue)
    rnd.shuffle(shuffled)
    assert ask(text, catalogue) == ask(text, shuffled)


@given(st.sampled_from(NEEDS), st.sampled_from(list(Level)), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_an_irrelevant_offer_changes_no_reason_and_no_order(text, level, number):
    stranger = offer(
        f"x{number:02d}", level=level, title="Fouilles archéologiques", summary="Vestiges romains.",
        themes=frozenset({"culture"}),
    )  # fmt: skip
    before = ask(text, everything())
    after = ask(text, (*everything(), stranger))
    assert without_scores(after) == without_scores(before)
    assert after.branch == before.branch


@given(st.sampled_from(NEEDS), st.sampled_from(["pvd", "va", "frr", "montagne"]))
@settings(max_examples=20, deadline=None)
def test_an_unknown_label_never_excludes(text, label):
    asked = [offer(s, s, labels_any=frozenset({label})) for s in SUBJECTS]
    free = [offer(s, s) for s in SUBJECTS]
    kept = [p.offer.id for p in ask(text, asked).help]
    assert kept == [p.offer.id for p in ask(text, free).help]
    assert all(p.to_check for p in ask(text, asked).help)


SNAPSHOT = snapshot_of(*everything())


@given(
    st.one_of(
        st.text(max_size=400), st.text(alphabet="école café €0123456789.,'\n<>&\x00", max_size=300)
    )
)
@settings(max_examples=150, deadline=None)
def test_any_text_gets_an_answer_and_the_same_one_twice(text):
    first = orient(Need(text), SNAPSHOT, commune(), TODAY)
    assert first == orient(Need(text), SNAPSHOT, commune(), TODAY)
    assert {"prefecture", "interco"} <= {p.offer.id for p in first.help}
    assert all(0 <= p.score <= 1 for p in (*first.help, *first.funding))


def test_twenty_kilobytes_and_injected_markup_are_read_like_the_rest():
    rnd = random.Random(0)
    page = " ".join(rnd.choices(("pont", "fermé", "école", "café", "fuite", "blorg"), k=4000))
    for text in (
        page,
        "\n" * 20_000,
        "je suis maire" + " " * 19_000,
        "1 111 " * 3_000,
        "<a " * 6_000,
        "cordialement" + "\n" * 19_000,
        "x" * 20_000,
        "<script>alert('pont')</script> le café",
        "pont " * 5000,
    ):
        result = orient(Need(text), SNAPSHOT, commune(), TODAY)
        assert result.help
    injected = orient(
        Need("<img src=x onerror=alert(1)> le café fermé"), SNAPSHOT, commune(), TODAY
    )
    assert "<" not in "".join(p.sentence for p in injected.help)
