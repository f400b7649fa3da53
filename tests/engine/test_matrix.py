"""Who does what: what must hold of any catalogue, and of any two dates of it."""

from hypothesis import given
from hypothesis import strategies as st

from maillage.engine.matrix import HELP, MONEY, SPOTS, Matrix, build_matrix, differ
from maillage.engine.types import Offer
from maillage.engine.vocabulary import PHASES, THEMES, Family, Kind, Level, State

# Few values, so that offers meet in the same cells.
_THEMES = st.frozensets(st.sampled_from(list(THEMES)[:3]), max_size=3)
_PHASES = st.frozensets(st.sampled_from(list(PHASES)[:3]), max_size=3)
_PROVIDERS = {f"p{n}": family for n, family in enumerate([*Family, Family.STATE_OPERATOR])}


@st.composite
def offers(draw: st.DrawFn) -> list[Offer]:
    """A small catalogue: each provider has one family and one name, as in the real one."""
    made = []
    for number in range(draw(st.integers(0, 12))):
        provider = draw(st.sampled_from(sorted(_PROVIDERS)))
        made.append(
            Offer(
                id=f"o{number}", title="Une offre", provider_id=provider,
                provider_name=provider.upper(), family=_PROVIDERS[provider],
                level=draw(st.sampled_from(Level)), kind=draw(st.sampled_from(Kind)),
                perimeter=draw(st.sampled_from([frozenset({"FR"}), frozenset({"dep:24"})])),
                themes=draw(_THEMES), phases=draw(_PHASES), generalist=draw(st.booleans()),
                state=draw(st.sampled_from(State)),
            )
        )  # fmt: skip
    return made


@given(offers(), st.sampled_from([HELP, MONEY, frozenset(Kind)]))
def test_what_holds_of_any_catalogue(catalogue: list[Offer], kinds: frozenset[Kind]) -> None:
    matrix = build_matrix(catalogue, kinds)
    everyone = len({o.provider_id for o in catalogue})
    assert [cell.spot for cell in matrix.cells] == list(SPOTS)
    assert len(SPOTS) == matrix.filled + len(matrix.gaps) == 80
    assert len(matrix.providers) <= everyone
    for cell in matrix.cells:
        assert 0 <= len(cell.presences) <= len(matrix.providers)
        assert len({p.provider for p in cell.presences}) == len(cell.presences)
        assert sum(cell.by_family.values()) == len(cell.presences)
        assert cell.overlap == (len(cell.operators) >= 2)
        assert not cell.overlap or len(cell.presences) >= 2
        assert cell.gap + cell.single + (len(cell.presences) > 1) == 1
        assert [p.level for p in cell.presences] == sorted(p.level for p in cell.presences)
        known = {o.id: o for o in catalogue}
        for offer in (known[slug] for slug in cell.offers):
            assert not offer.generalist
            assert offer.kind in kinds
            assert cell.theme in offer.themes
            assert cell.phase in offer.phases


@given(offers())
def test_the_order_of_the_offers_changes_nothing(catalogue: list[Offer]) -> None:
    assert build_matrix(catalogue) == build_matrix(catalogue[::-1])


@given(offers())
def test_help_and_money_together_are_everything(catalogue: list[Offer]) -> None:
    apart = (build_matrix(catalogue, HELP), build_matrix(catalogue, MONEY))
    both = build_matrix(catalogue, frozenset(Kind))
    for *parts, whole in zip(*(m.cells for m in (*apart, both)), strict=True):
        found = {p.provider for cell in parts for p in cell.presences}
        assert found == {p.provider for p in whole.presences}


@given(offers(), st.sets(st.sampled_from(Family)))
def test_families_share_the_providers_out(catalogue: list[Offer], some: set[Family]) -> None:
    matrix = build_matrix(catalogue)
    counts = [len(matrix.only([family]).providers) for family in Family]
    assert sum(counts) == len(matrix.providers)
    kept = matrix.only(some)
    for cell, smaller in zip(matrix.cells, kept.cells, strict=True):
        assert set(smaller.presences) <= set(cell.presences)
        assert not some or all(p.family in some for p in smaller.presences)


@given(offers(), st.sets(st.sampled_from([f"o{n}" for n in range(12)])))
def test_a_provider_covers_it_whole_when_one_of_its_offers_does(
    catalogue: list[Offer], whole: set[str]
) -> None:
    for cell in build_matrix(catalogue, whole=whole).cells:
        assert all(p.whole == bool(whole & set(p.offers)) for p in cell.presences)
        assert cell.partial == sum(not p.whole for p in cell.presences)


@given(offers(), offers())
def test_the_way_back_is_the_way_there_reversed(before: list[Offer], after: list[Offer]) -> None:
    first, last = build_matrix(before), build_matrix(after)
    there = differ(first, last)
    assert there.reversed() == differ(last, first)
    assert len(there.gained) + len(there.lost) + len(there.others) == len(there.cells)
    assert last.filled - first.filled == len(there.gained) - len(there.lost)
    assert len(last.providers) - len(first.providers) == len(there.came) - len(there.left)


@given(offers())
def test_nothing_differs_from_itself(catalogue: list[Offer]) -> None:
    found = differ(build_matrix(catalogue), build_matrix(catalogue))
    assert found == differ(Matrix(build_matrix([]).cells), Matrix(build_matrix([]).cells))
    assert not found.cells
    assert not found.came
    assert not found.left


def test_a_kind_of_body_that_exists_nearly_everywhere_is_to_verify() -> None:
    def offer(slug: str, level: Level, perimeter: str) -> Offer:
        return Offer(
            id=slug, title=slug, provider_id=slug, provider_name=slug, family=Family.NETWORK,
            level=level, kind=Kind.ENGINEERING, perimeter=frozenset({perimeter}),
            themes=frozenset({"eau"}), phases=frozenset({"travaux"}),
        )  # fmt: skip

    cell = build_matrix(
        [
            offer("caue", Level.DEPARTMENT, "DEP"),
            offer("sien", Level.DEPARTMENT, "dep:24"),
            offer("anct", Level.NATIONAL, "FR"),
        ]
    ).cell("eau", "travaux")
    # Of the same level, the one that is known comes first.
    assert [(p.provider, p.to_verify) for p in cell.presences] == [
        ("sien", False), ("caue", True), ("anct", False),
    ]  # fmt: skip


def test_what_says_no_theme_or_no_step_is_counted_apart() -> None:
    silent = Offer(
        id="x", title="x", provider_id="x", provider_name="x", family=Family.STATE,
        level=Level.NATIONAL, kind=Kind.BOTH, perimeter=frozenset({"FR"}),
        themes=frozenset({"eau"}),
    )  # fmt: skip
    matrix = build_matrix([silent])
    assert matrix.unplaced == 1
    assert not matrix.filled
