"""What each night does to the entries: next checks, reminders, setting aside, coming back."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from django.utils.timezone import localdate

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.catalog.enums import DatasetKind, Origin, Publication, Verb
from maillage.catalog.models import Dataset, Offer, Provider, Revision
from maillage.catalog.quality import Freshness, freshness_of, nightly
from maillage.catalog.services import entries
from maillage.common.models import DataVersion
from maillage.notifications.models import Notification
from tests.catalog.factories import make_offer, make_provider, source
from tests.desk.factories import make_prefecture, make_user
from tests.desk.factories import make_provider as make_body

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _shipped_is_recent(db: None) -> None:
    """The shipped catalogue was loaded today, whatever the day of the test; nothing in it ends."""
    for model in (Provider, Offer):
        model.objects.update(created_at=_noon(TODAY), checked_on=None)
    Offer.objects.update(closes=None)


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _aged(row: Any, months: int, **said: Any) -> Any:
    """`row` as it was loaded some months ago."""
    since = TODAY - relativedelta(months=months)
    type(row).objects.filter(pk=row.pk).update(created_at=_noon(since), **said)
    row.refresh_from_db()
    return row


@pytest.fixture
def provider() -> Provider:
    return _aged(make_provider("tenu", name="Offreur tenu"), 30, checked_on=TODAY)


@pytest.fixture
def owner(provider: Provider) -> User:
    return make_user(Role.PROVIDER, make_body("Essai", provider=provider.slug))


def _told(user: User, slug: str) -> list[str]:
    return list(
        Notification.objects.filter(user=user, slug=slug).order_by("id").values_list(
            "text", flat=True
        )
    )  # fmt: skip


# -- Next checks


def test_each_entry_has_a_next_check_but_what_the_official_file_says(provider: Provider) -> None:
    loaded = _aged(make_offer("reprise", provider), 3)
    checked = _aged(make_offer("confirmee", provider), 30, checked_on=date(2026, 2, 28))
    nightly.run(TODAY)
    loaded.refresh_from_db()
    checked.refresh_from_db()
    assert loaded.next_check == TODAY + relativedelta(months=9)
    assert checked.next_check == date(2027, 2, 28)
    assert not Offer.objects.filter(next_check=None).exclude(origin=Origin.CONSTRUCTION).exists()
    official = Provider.objects.filter(origin=Origin.CONSTRUCTION).first()
    assert official.next_check is None
    found = freshness_of(official, TODAY + timedelta(days=5000))
    assert found.state is Freshness.FRESH


@pytest.mark.parametrize("day", [date(2025, 8, 31), date(2025, 12, 31), date(2024, 2, 29)])
def test_the_database_counts_months_as_the_rest_does(
    provider: Provider, settings: Any, day: date
) -> None:
    settings.MAILLAGE = {**settings.MAILLAGE, "CONFIRM_MONTHS": 6, "SET_ASIDE_MONTHS": 0}
    row = make_offer("ronde", provider, checked_on=day)
    nightly.run(TODAY)
    row.refresh_from_db()
    assert row.next_check == entries.next_check_after(day)


# -- Setting aside, coming back


def test_nothing_leaves_on_the_day_the_catalogue_is_loaded(settings: Any) -> None:
    Offer.objects.update(checked_on=date(2019, 1, 1))
    night = nightly.run(TODAY)
    assert (night.set_aside, night.back) == (0, 0)
    months = settings.MAILLAGE["SET_ASIDE_MONTHS"]
    eve = TODAY + relativedelta(months=months) - timedelta(days=1)
    assert nightly._set_aside(eve) == 0


def test_what_nobody_confirms_leaves_the_answers_and_its_owner_is_told(
    provider: Provider, owner: User
) -> None:
    silent = _aged(make_offer("muette", provider, title="Offre muette"), 24)
    kept = _aged(make_offer("tenue", provider), 24, checked_on=TODAY - timedelta(days=300))
    before, version = silent.updated_at, DataVersion.objects.number("catalogue")
    assert nightly.run(TODAY).set_aside == 1
    assert set(Offer.objects.published().filter(provider=provider)) == {kept}
    silent.refresh_from_db()
    assert silent.updated_at > before
    assert DataVersion.objects.number("catalogue") > version
    line = Revision.objects.get(offer=silent)
    assert (line.verb, line.by) == (Verb.SET_ASIDE, None)
    (text,) = _told(owner, "entries-set-aside")
    assert "« Offre muette »" in text
    assert "jamais confirmée depuis 24\u00a0mois" in text
    assert nightly.run(TODAY).set_aside == 0, "twice in a night"


def test_a_confirmation_brings_it_back_at_once(provider: Provider, owner: User) -> None:
    silent = _aged(make_offer("muette", provider), 24)
    nightly.run(TODAY)
    silent.refresh_from_db()
    entries.confirm(entry=silent, by=owner)
    assert silent in Offer.objects.published()
    assert nightly.run(TODAY).set_aside == 0


def test_an_import_that_confirms_brings_it_back_in_the_night(provider: Provider) -> None:
    silent = _aged(make_offer("muette", provider), 24)
    nightly.run(TODAY)
    Offer.objects.filter(pk=silent.pk).update(checked_on=TODAY)
    assert nightly.run(TODAY).back == 1
    assert silent in Offer.objects.published()
    assert Revision.objects.filter(offer=silent).first().verb == Verb.PUT_BACK


def test_a_provider_whose_offers_are_confirmed_stays(settings: Any) -> None:
    alive, gone = (_aged(make_provider(slug, name=slug), 24) for slug in ("vivant", "parti"))
    make_offer("confirmee", alive, checked_on=TODAY)
    nightly.run(TODAY)
    published = Provider.objects.published()
    assert alive in published
    assert gone not in published


def test_never_to_set_aside_is_a_setting(provider: Provider, settings: Any) -> None:
    settings.MAILLAGE = {**settings.MAILLAGE, "SET_ASIDE_MONTHS": 0}
    _aged(make_offer("muette", provider), 100)
    assert nightly.run(TODAY).set_aside == 0


def test_drafts_and_withdrawn_entries_are_left_alone(provider: Provider) -> None:
    _aged(make_offer("brouillon", provider, publication=Publication.DRAFT), 40)
    _aged(make_offer("retiree", provider, withdrawn_at=_noon(TODAY)), 40)
    night = nightly.run(TODAY)
    assert night.set_aside == 0


# -- Past deadlines


def test_what_has_long_been_over_leaves_the_lists_and_comes_back_with_new_dates(
    provider: Provider, owner: User, settings: Any
) -> None:
    months = settings.MAILLAGE["CLOSED_MONTHS"]
    over = TODAY - relativedelta(months=months)
    row = make_offer("close", provider, title="Appel clos", closes=over, checked_on=TODAY)
    just = make_offer("juste", provider, closes=over + timedelta(days=1), checked_on=TODAY)
    assert nightly.run(TODAY).set_aside == 1
    assert set(Offer.objects.published().filter(provider=provider)) == {just}
    (text,) = _told(owner, "entries-set-aside")
    assert "« Appel clos » : Mise de côté\u00a0: close depuis le 21 mai 2026." in text
    Offer.objects.filter(pk=row.pk).update(closes=TODAY + timedelta(days=60))
    assert nightly.run(TODAY).back == 1
    assert row in Offer.objects.published()


# -- Reminders


def test_an_owner_gets_one_digest_for_all_that_is_due(provider: Provider, owner: User) -> None:
    for number in range(14):
        _aged(make_offer(f"due-{number}", provider, title=f"Offre {number:02}"), 10)
    assert nightly.run(TODAY).reminded == 0
    due = TODAY + relativedelta(months=2)
    assert nightly.run(due - timedelta(days=31)).reminded == 0
    assert nightly.run(due - timedelta(days=30)).reminded == 14
    (text,) = _told(owner, "entries-to-confirm")
    assert "« Offre 00 », à revoir le 21 janvier 2027." in text
    assert "Et 2\u00a0autres fiches." in text
    assert nightly.run(due - timedelta(days=29)).reminded == 0
    assert nightly.run(due).reminded == 14
    assert nightly.run(due).reminded == 0, "twice in a night"
    assert nightly.run(due + relativedelta(months=1)).reminded == 14
    assert len(_told(owner, "entries-to-confirm")) == 3


def test_what_is_confirmed_is_reminded_no_more(provider: Provider, owner: User) -> None:
    row = _aged(make_offer("due", provider), 12)
    nightly.run(TODAY)
    for entry in (row, provider):
        entries.confirm(entry=entry, by=owner)
    row.refresh_from_db()
    assert row.reminded_on is None
    assert nightly.run(localdate() + timedelta(days=30)).reminded == 0


def test_without_an_owner_the_desk_then_the_administrator_is_told() -> None:
    agent = make_user(Role.AGENT, make_prefecture("dep:24"))
    chief = make_user(Role.ADMINISTRATOR)
    local = make_provider("local", name="Local", perimeter=["dep:24"], level="department")
    wide = make_provider("large", name="Large")
    for row in (local, wide):
        _aged(row, 12)
    nightly.run(TODAY)
    assert ["Local" in text for text in _told(agent, "entries-to-confirm")] == [True]
    (text,) = _told(chief, "entries-to-confirm")
    assert "Large" in text
    assert "Local" not in text


def test_when_there_is_nobody_nothing_is_marked_as_told(provider: Provider) -> None:
    row = _aged(make_offer("seule", provider), 12)
    assert nightly.run(TODAY).reminded == 0
    row.refresh_from_db()
    assert row.reminded_on is None


def test_what_a_connector_reads_each_night_needs_nobody_to_confirm_it(owner: User) -> None:
    feed = Dataset.objects.create(
        slug="essai", title="Essai", kind=DatasetKind.CONNECTOR, source=source()
    )
    keeper = Provider.objects.get(slug="tenu")
    followed = _aged(make_offer("suivie", keeper), 30, dataset=feed)
    alone = _aged(make_offer("seule", keeper), 30)
    nightly.run(TODAY)
    followed.refresh_from_db()
    alone.refresh_from_db()
    assert followed.set_aside_at is None
    assert alone.set_aside_at is not None
    assert not any("suivie" in text for text in _told(owner, "entries-to-confirm"))
