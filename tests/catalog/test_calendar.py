"""Deadlines: the page by month, and the iCalendar file, read back by another eye than ours."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils.timezone import localdate
from icalendar import Calendar
from pytest_django import DjangoAssertNumQueries

from maillage.catalog import snapshot
from maillage.catalog.models import Offer
from tests.catalog.factories import make_offer, make_provider

pytestmark = pytest.mark.django_db
PAGE, FILE = "/catalogue/echeances/", "/catalogue/echeances.ics"
TODAY = localdate()


@pytest.fixture
def offers(memory: None) -> None:
    """Offers of our own, seen by the pages."""
    provider = make_provider()
    for slug, dates in {
        "finie": {"closes": TODAY - timedelta(1)},
        "ce-soir": {"closes": TODAY},
        "bientot": {"opens": TODAY + timedelta(10), "closes": TODAY + timedelta(50)},
        "loin": {"closes": TODAY + timedelta(400), "cost": "paid"},
        "toujours": {},
    }.items():
        make_offer(slug, provider, title=f"Dates : {slug}; a, b\\", themes=["culture"], **dates)


def events(client: Client, **query: str) -> dict[str, tuple[date, date]]:
    """Identifier → first and last (excluded) day, of our own offers."""
    response = client.get(FILE, query)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/calendar")
    calendar = Calendar.from_ical(response.getvalue())
    assert calendar["version"] == "2.0"
    return {
        str(event["uid"]): (event.decoded("dtstart"), event.decoded("dtend"))
        for event in calendar.walk("VEVENT")
        if "Dates" in event["summary"]
    }


@pytest.mark.usefixtures("offers")
def test_the_file_has_each_date_to_come_for_a_whole_day(client: Client) -> None:
    found = events(client)
    assert {uid.split("@")[0]: days[0] for uid, days in found.items()} == {
        "ce-soir-closes": TODAY,
        "bientot-opens": TODAY + timedelta(10),
        "bientot-closes": TODAY + timedelta(50),
        "loin-closes": TODAY + timedelta(400),
    }
    for first, last in found.values():
        assert type(first) is date  # a day, which no time zone moves
        assert last - first == timedelta(days=1)
    # Filtered as the list is.
    assert [uid.split("@")[0] for uid in events(client, cout="paid")] == ["loin-closes"]
    assert events(client, q="zzzyyx") == {}
    # And its text is as it was written.
    calendar = Calendar.from_ical(client.get(FILE).getvalue())
    titles = [str(event["summary"]) for event in calendar.walk("VEVENT")]
    assert "Dernier jour : Dates : loin; a, b\\" in titles
    lines = client.get(PAGE, {"export": "csv", "cout": "paid"}).getvalue().decode("utf-8-sig")
    assert f"{TODAY + timedelta(400)};Dernier jour" in lines


@pytest.mark.usefixtures("offers")
def test_a_change_keeps_the_identifier_and_moves_the_stamp(client: Client) -> None:
    def stamps() -> dict[str, object]:
        calendar = Calendar.from_ical(client.get(FILE).getvalue())
        return {str(e["uid"]): e.decoded("dtstamp") for e in calendar.walk("VEVENT")}

    before, again = stamps(), stamps()
    assert before == again  # nothing changed: not a byte moves
    row = Offer.objects.get(slug="loin")
    row.closes = TODAY + timedelta(401)
    row.save()
    snapshot.held.forget()
    after = stamps()
    assert after.keys() == before.keys()
    moved = [uid for uid in after if after[uid] != before[uid]]
    assert [uid.split("@")[0] for uid in moved] == ["loin-closes"]


@pytest.mark.usefixtures("offers")
def test_every_event_has_what_the_standard_asks(client: Client) -> None:
    content = client.get(FILE).getvalue()
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    uids = []
    for event in Calendar.from_ical(content).walk("VEVENT"):
        assert event.decoded("dtstamp").utcoffset() == timedelta(0)
        assert str(event["url"]).startswith("http")
        assert not event.walk("VALARM")
        uids.append(str(event["uid"]))
    assert len(uids) == len(set(uids)) >= 4


@pytest.mark.usefixtures("offers")
def test_the_page_goes_by_month_and_one_month_is_chosen(client: Client) -> None:
    text = client.get(PAGE, {"theme": "culture"}).content.decode()
    assert "Dates : loin" in re.sub("\u00a0", " ", text)
    assert "Dates : finie" not in re.sub("\u00a0", " ", text)
    far = TODAY + timedelta(400)
    only = re.sub("\u00a0", " ", client.get(PAGE, {"mois": f"{far:%Y-%m}"}).content.decode())
    assert "Dates : loin" in only
    assert "Dates : ce-soir" not in only


@pytest.mark.usefixtures("offers")
@pytest.mark.parametrize("month", ["2026-13", "demain", "", "0000-00", "' OR 1"])
def test_a_month_that_is_none_shows_all(client: Client, month: str) -> None:
    response = client.get(PAGE, {"mois": month})
    assert response.status_code == 200
    assert 'aria-current="true">Tous' in response.content.decode()


def test_nothing_to_come_says_so(client: Client) -> None:
    assert "Rien ne correspond" in client.get(PAGE, {"q": "zzzyyx"}).content.decode()


def test_few_queries(client: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    client.get(PAGE)
    for address in (PAGE, FILE):
        with django_assert_max_num_queries(2):
            client.get(address)


def test_the_first_of_a_month_is_written_as_one_says_it(client: Client) -> None:
    first = date(localdate().year + 1, 12, 1)
    make_offer("premier", title="Le premier", closes=first)
    snapshot.held.forget()
    text = client.get("/catalogue/echeances/", {"mois": f"{first:%Y-%m}"}).content.decode()
    assert " 1er</strong>" in text


@pytest.mark.parametrize("page", ["-1", "0", "-3"])
def test_before_the_first_page_is_the_first(client: Client, page: str) -> None:
    for path in ("/catalogue/", "/catalogue/offreurs/"):
        assert client.get(path, {"page": page}).context["page"].number == 1
