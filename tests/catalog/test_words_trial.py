"""« Essayer »: what is shown « avec le changement » is what is answered once it is saved."""

from datetime import date
from typing import Any, Final

import pytest

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.catalog import snapshot
from maillage.catalog.models import Offer, ProjectType, ThesaurusEntry
from maillage.catalog.snapshot import engine_entry, engine_type, shelf
from maillage.catalog.words import examples, services, trial
from maillage.catalog.words.trial import Change, Side
from maillage.engine import types
from maillage.engine.orientation import orient
from maillage.engine.snapshot import build_snapshot
from maillage.engine.types import Need, Territory
from maillage.engine.types import ProjectType as Kind
from maillage.territories.directory import directory
from tests.desk.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory")]
TODAY: Final = date(2026, 11, 21)
NEEDS: Final = (
    "notre zinzolin a fermé",
    "On voudrait rouvrir le bistrot dans l'ancienne école",
    "Le pont du village est fermé, comment le réparer ?",
    "plus de médecin",
    "zinzolin",
)


@pytest.fixture
def administrator() -> User:
    return make_user(Role.ADMINISTRATOR)


@pytest.fixture
def place() -> Territory:
    return directory().engine_territory("24061")


def told(text: str, place: Territory | None) -> tuple[Any, ...]:
    """What the site answers now, as a trial shows it."""
    found = orient(Need(text), shelf().snapshot, place, TODAY)
    read = found.understanding
    return (
        tuple(kind.label for kind in read.types),
        tuple(kind.label for kind in read.suggestions),
        read.readings,
        tuple(one.offer.id for one in trial.answers(found)),
    )


def shown(side: Side) -> tuple[Any, ...]:
    return side.types, side.suggestions, side.readings, tuple(one.id for one in side.answers)


def check(change: Change, save: Any, place: Territory | None, memory: Any) -> trial.Trial:
    """Try, then save: before and after are what was shown. Return the trial."""
    result = trial.run(change, NEEDS, place, TODAY)
    assert [shown(one.now) for one in result.tried] == [told(text, place) for text in NEEDS]
    save()
    memory()
    assert [shown(one.then) for one in result.tried] == [told(text, place) for text in NEEDS]
    return result


@pytest.fixture
def again() -> Any:
    """Build again what the process holds, as it does within a second of a change."""
    return snapshot.held.forget


@pytest.mark.parametrize("code", ["", "24061"])
def test_a_new_expression(administrator: User, code: str, again: Any) -> None:
    place = directory().engine_territory(code) if code else None
    values = {
        "expression": "zinzolin",
        "terms": ["café", "commerce"],
        "themes": ["commerce"],
    }
    change = Change(entry=engine_entry(ThesaurusEntry(**values)))

    def save() -> None:
        services.save(row=ThesaurusEntry(), values=values, by=administrator)

    result = check(change, save, place, again)
    assert "nouvelle" in result.tried[-1].sentence
    assert result.tried[2].same
    assert result.changed == 2


def test_an_expression_that_is_read_otherwise(
    administrator: User, place: Territory, again: Any
) -> None:
    row = ThesaurusEntry.objects.get(expression="bistrot")
    values = {"expression": "bistrot", "terms": ["ouvrage d'art", "pont"], "themes": ["mobilite"]}
    change = Change(entry=engine_entry(ThesaurusEntry(**values)), former_entry="bistrot")
    check(change, lambda: services.save(row=row, values=values, by=administrator), place, again)


def test_an_expression_that_is_no_longer_read(
    administrator: User, place: Territory, again: Any
) -> None:
    row = ThesaurusEntry.objects.get(expression="bistrot")
    values = {"expression": "bistrot", "terms": [], "themes": []}
    change = Change(entry=engine_entry(ThesaurusEntry(**values)), former_entry="bistrot")
    result = check(
        change, lambda: services.save(row=row, values=values, by=administrator), place, again
    )
    assert result.tried[1].then.readings != result.tried[1].now.readings


def test_a_type_with_another_phrase(administrator: User, place: Territory, again: Any) -> None:
    row = ProjectType.objects.get(slug="dernier-bistrot")
    values = {"phrases": [*row.phrases, "notre zinzolin a fermé"], "themes": row.themes[:1]}
    changed = ProjectType.objects.get(pk=row.pk)
    changed.phrases, changed.themes = values["phrases"], values["themes"]
    change = Change(project_type=engine_type(changed), former_type=row.slug)
    result = check(
        change, lambda: services.save(row=row, values=values, by=administrator), place, again
    )
    assert row.label in result.tried[0].then.types
    assert "compris autrement" in result.tried[0].sentence


def test_a_new_type(administrator: User, place: Territory, again: Any) -> None:
    values = {
        "label": "Cultiver le zinzolin", "themes": ["agriculture"], "phases": ["travaux"],
        "vocabulary": ["teinture végétale"], "phrases": ["notre zinzolin a fermé", "du zinzolin"],
        "first_step": "",
    }  # fmt: skip
    held = ProjectType(slug=services.free_slug(values["label"]), **values)
    change = Change(project_type=engine_type(held))

    def save() -> None:
        services.save(row=ProjectType(), values=values, by=administrator)

    result = check(change, save, place, again)
    assert result.tried[0].then.types[0] == "Cultiver le zinzolin"


def test_the_words_of_an_offer(administrator: User, place: Territory, again: Any) -> None:
    offer = Offer.objects.get(slug="cerema-programme-ponts")
    change = Change(offer=offer.slug, words=("notre zinzolin a fermé", "zinzolin"))

    def save() -> None:
        services.save_words(offer=offer, words=list(change.words), by=administrator)

    check(change, save, place, again)


def test_a_trial_writes_nothing(django_assert_max_num_queries: Any) -> None:
    before = list(ThesaurusEntry.objects.values_list("expression", "terms"))
    shelf()
    with django_assert_max_num_queries(3) as seen:
        entry = types.ThesaurusEntry("zinzolin", ("café",))
        trial.run(Change(entry=entry), NEEDS, None, TODAY)
    assert all(query["sql"].startswith("SELECT") for query in seen.captured_queries)
    assert list(ThesaurusEntry.objects.values_list("expression", "terms")) == before


def test_what_moves_is_said(again: Any) -> None:
    entry = types.ThesaurusEntry("zinzolin", ("débit de boissons", "café"))
    [tried] = trial.run(Change(entry=entry), ["zinzolin"], None, TODAY).tried
    assert [one.move for one in tried.then.answers] == ["nouveau"] * len(tried.then.answers)
    back = [row[2] for row in tried.rows]
    assert back[: len(tried.then.answers)] == list(tried.then.answers)


def test_another_trial_under_way_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "PATIENCE", 0.01)
    with trial._one_at_a_time, pytest.raises(trial.Busy):
        trial.run(Change(), NEEDS, None, TODAY)


# -- The example phrases of the other types


def _kind(slug: str, *phrases: str) -> Kind:
    return Kind(slug, slug.capitalize(), ("eau",), ("travaux",), (), phrases)


PONT: Final = _kind("pont", "le pont est fermé", "le tablier du pont s'effrite", "pont à réparer")
EAU: Final = _kind("eau", "l'eau a un drôle de goût", "le château d'eau fuit", "fuites d'eau")
STOLEN: Final = Kind("eau", "Eau", ("eau",), ("travaux",), (), (*EAU.phrases, *PONT.phrases * 3))


def _built(*kinds: Kind) -> Any:
    return build_snapshot(types.Catalogue((), (), kinds))


def test_phrases_of_others_that_would_be_read_otherwise_are_found() -> None:
    now = _built(PONT, EAU)
    shorter = Kind("pont", "Pont", ("eau",), ("travaux",), (), PONT.phrases)
    then = _built(shorter, STOLEN)
    found = examples.shifts([EAU, STOLEN], now, then)
    assert all(one.owner == "Pont" and one.now != one.then for one in found)


def test_a_change_that_shares_no_word_moves_no_phrase() -> None:
    more = Kind("eau", "Eau", ("eau",), ("travaux",), (), (*EAU.phrases, "nappe phréatique"))
    assert examples.shifts([EAU, more], _built(PONT, EAU), _built(PONT, more)) == ()


def test_a_type_that_takes_the_phrases_of_another_is_said() -> None:
    """The real types: a copy of a type, with another name, takes some of its phrases."""
    held = shelf().snapshot
    kind = held.recogniser.types[held.type_number["dernier-bistrot"]]
    copy = Kind("aaa-copie", "Copie", kind.themes, kind.phases, kind.vocabulary, kind.phrases)
    result = trial.run(Change(project_type=copy), [kind.phrases[0]], None, TODAY)
    assert result.shifts
    assert {one.then for one in result.shifts} & {"Copie"}
