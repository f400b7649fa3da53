"""Alerts: asked for, proved by the mailed link, sent when there is something new, ended."""

import re
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from maillage.catalog import snapshot
from maillage.catalog.models import Alert
from maillage.catalog.services import alerts
from maillage.notifications.models import Mail
from tests.catalog.factories import make_offer, make_provider

pytestmark = pytest.mark.django_db
NEW = "/catalogue/alertes/nouvelle/"
TYPED = {"email": "Mairie@Exemple.test", "frequency": "daily"}


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


def ask(client: Client, query: str = "q=pont", **typed: str) -> int:
    return client.post(f"{NEW}?{query}", {**TYPED, **typed}).status_code


def last_mail() -> Mail:
    return Mail.objects.filter(slug__startswith="alert-").latest("pk")


def secret_in(mail: Mail) -> str:
    found = re.search(r"/catalogue/alertes/lien/([0-9a-f]+)/", mail.text)
    assert found is not None
    return found[1]


def confirmed(client: Client, query: str = "theme=eau", frequency: str = "daily") -> Alert:
    """An alert whose link was followed yesterday."""
    ask(client, query, frequency=frequency)
    client.post(reverse("catalog:alert_confirm", args=[secret_in(last_mail())]))
    alert = Alert.objects.latest("pk")
    alert.confirmed_at = now() - timedelta(days=1)
    alert.save()
    return alert


def add(slug: str, **said: object) -> None:
    make_offer(slug, make_provider(f"offreur-{slug}"), **{"title": f"Offre {slug}", **said})
    snapshot.held.forget()


def run(moment: datetime | None = None) -> int:
    return alerts.run(moment or now())


@pytest.mark.usefixtures("memory")
def test_nothing_is_sent_before_the_address_is_proved(client: Client) -> None:
    assert ask(client) == 200
    alert = Alert.objects.get()
    assert (alert.email, alert.query, alert.confirmed_at) == ("mairie@exemple.test", "q=pont", None)
    assert alert.label == "« pont »"
    add("pont", title="Un pont")
    assert run() == 0


def test_reading_the_link_changes_nothing_pressing_the_button_confirms(client: Client) -> None:
    ask(client)
    address = reverse("catalog:alert_confirm", args=[secret_in(last_mail())])
    response = client.get(address)
    assert response.status_code == 200
    assert response["Referrer-Policy"] == "strict-origin"
    assert "noindex" in response["X-Robots-Tag"]
    assert Alert.objects.get().confirmed_at is None
    assert client.post(address).status_code == 302
    alert = Alert.objects.get()
    assert alert.confirmed_at is not None
    assert alert.known


def test_the_secret_is_not_kept(client: Client) -> None:
    ask(client)
    alert = Alert.objects.get()
    secret = secret_in(last_mail())
    assert alert.digest == alerts.digest_of(secret)
    assert secret not in str(vars(alert).values())


@pytest.mark.usefixtures("memory")
def test_what_is_new_is_sent_once(client: Client) -> None:
    confirmed(client)
    assert run() == 0
    add("source", themes=["eau"])
    add("ailleurs", themes=["culture"])
    assert run() == 1
    text = last_mail().text
    assert "Offre source" in text
    assert "Offre ailleurs" not in text
    assert "Arrêter cette alerte" in text
    assert run() == 0
    assert run(now() + timedelta(days=1)) == 0
    add("puits", themes=["eau"])
    assert run(now() + timedelta(days=2)) == 1
    assert "Offre source" not in last_mail().text


@pytest.mark.usefixtures("memory")
def test_one_that_is_over_already_is_not_news(client: Client) -> None:
    confirmed(client)
    add("finie", themes=["eau"], closes=now().date() - timedelta(days=3))
    assert run() == 0


@pytest.mark.usefixtures("memory")
def test_once_a_week_at_most(client: Client) -> None:
    alert = confirmed(client, frequency="weekly")
    add("source", themes=["eau"])
    assert run() == 0
    Alert.objects.filter(pk=alert.pk).update(confirmed_at=now() - timedelta(days=7))
    assert run() == 1
    add("puits", themes=["eau"])
    assert run(now() + timedelta(days=3)) == 0
    assert run(now() + timedelta(days=7)) == 1


@pytest.mark.usefixtures("memory")
def test_the_links_of_every_mail_go_on_working(client: Client) -> None:
    confirmed(client)
    first = secret_in(Mail.objects.filter(slug="alert-to-confirm").latest("pk"))
    add("source", themes=["eau"])
    run()
    assert secret_in(last_mail()) == first
    assert client.get(reverse("catalog:alert_manage", args=[first])).status_code == 200


def test_the_rhythm_is_changed_by_the_link(client: Client) -> None:
    alert = confirmed(client)
    address = reverse("catalog:alert_manage", args=[alerts.secret_of(alert)])
    assert client.post(address, {"frequency": "hourly"}).status_code == 422
    client.post(address, {"frequency": "weekly"})
    assert Alert.objects.get().frequency == "weekly"


def test_it_ends_in_one_press_without_cookie_and_forgets_the_address(client: Client) -> None:
    alert = confirmed(client)
    address = reverse("catalog:alert_end", args=[alerts.secret_of(alert)])
    assert client.get(address).status_code == 200
    assert Alert.objects.exists()
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Alert.objects.exists()
    assert client.get(address).status_code == 410


def test_its_address_leaves_the_mails_that_were_sent_and_what_waits_does_not_leave(
    client: Client,
) -> None:
    alert, other = confirmed(client), confirmed(client, "theme=culture")
    Mail.objects.filter(slug="alert-to-confirm").update(state="sent")
    for secret, key in ((alerts.secret_of(alert), "a"), (alerts.secret_of(other), "b")):
        Mail.objects.create(
            key=key, slug="alert-news", to=alert.email, text=f"Arrêter : {secret}", subject="x"
        )
    alerts.end(alert)
    assert not Mail.objects.filter(key="a").exists(), "what had not left does not leave"
    assert Mail.objects.get(key="b").to == alert.email, "another alert goes on"
    sent = Mail.objects.filter(slug="alert-to-confirm")
    assert sent.count() == 2
    assert {(m.to, m.text, m.folded) for m in sent} == {("", "", "")}


def test_an_address_that_nobody_proved_leaves_the_mails_too(client: Client) -> None:
    ask(client)
    Mail.objects.update(state="sent")
    assert alerts.erase_unproved(now() + timedelta(days=8)) == 1
    assert not Mail.objects.exclude(to="").exists()


def test_another_secret_opens_nothing(client: Client) -> None:
    alert = confirmed(client)
    for name in ("confirm", "manage", "end"):
        for secret in ("0" * 64, alert.digest, "x"):
            address = reverse(f"catalog:alert_{name}", args=[secret])
            assert client.get(address).status_code == 410
            assert client.post(address).status_code == 410
    assert Alert.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"email": ""}, "Écrivez votre adresse"),
        ({"email": "mairie"}, "Vérifiez l&#x27;adresse"),
        ({"frequency": ""}, "Choisissez un rythme"),
        ({"frequency": "hourly"}, "Choisissez un rythme"),
    ],
)
def test_a_bad_form_is_said_and_keeps_what_was_typed(
    client: Client, typed: dict[str, str], said: str
) -> None:
    response = client.post(f"{NEW}?q=pont", {**TYPED, **typed})
    assert response.status_code == 422
    text = response.content.decode()
    assert said in text
    if typed.get("email") == "mairie":
        assert 'value="mairie"' in text
    assert not Alert.objects.exists()


def test_three_links_an_hour_to_one_address(client: Client) -> None:
    for query in ("q=a", "q=b", "q=c", "q=d"):
        assert ask(client, query) == 200  # the page says the same
    assert Mail.objects.filter(slug="alert-to-confirm").count() == alerts.MOST_BY_ADDRESS
    Mail.objects.update(created_at=now() - timedelta(hours=2))
    ask(client, "q=d")
    assert Mail.objects.filter(slug="alert-to-confirm").count() == alerts.MOST_BY_ADDRESS + 1


def test_one_origin_does_not_write_to_the_whole_country(client: Client) -> None:
    for number in range(alerts.MOST_BY_ORIGIN + 3):
        ask(client, email=f"mairie{number}@exemple.test")
    assert Mail.objects.filter(slug="alert-to-confirm").count() == alerts.MOST_BY_ORIGIN


def test_the_same_search_is_one_alert(client: Client) -> None:
    ask(client, "theme=eau&q=pont&page=3&tri=titre")
    ask(client, "q=pont&theme=eau", frequency="weekly")
    alert = Alert.objects.get()
    assert (alert.query, alert.frequency) == ("q=pont&theme=eau", "weekly")


def test_asking_again_does_not_change_what_was_confirmed(client: Client) -> None:
    confirmed(client, "theme=eau", "daily")
    ask(client, "theme=eau", frequency="weekly")
    alert = Alert.objects.get()
    assert alert.frequency == "daily"
    assert alert.confirmed_at is not None


def test_an_address_has_twenty_alerts_at_most(client: Client) -> None:
    for number in range(alerts.MOST_ALERTS):
        Alert.objects.create(
            email="mairie@exemple.test", query=f"q={number}", label="x", frequency="daily",
            digest=str(number), confirmed_at=now(),
        )  # fmt: skip
    assert ask(client, "q=pont") == 200, "who asks is told nothing of the address"
    address = reverse("catalog:alert_confirm", args=[secret_in(last_mail())])
    refused = client.post(address)
    assert refused.status_code == 422
    assert "déjà 20 alertes" in refused.content.decode()
    assert Alert.objects.get(query="q=pont").confirmed_at is None
    Alert.objects.filter(query="q=0").delete()
    assert client.post(address).status_code == 302


def test_alerts_that_nobody_proved_do_not_fill_an_address(client: Client) -> None:
    for number in range(alerts.MOST_ALERTS):
        Alert.objects.create(
            email="mairie@exemple.test", query=f"q={number}", label="x", frequency="daily",
            digest=str(number),
        )  # fmt: skip
    ask(client, "q=pont")
    address = reverse("catalog:alert_confirm", args=[secret_in(last_mail())])
    assert client.post(address).status_code == 302


def test_what_nobody_proved_is_erased_after_seven_days(client: Client) -> None:
    ask(client)
    secret = secret_in(last_mail())
    assert alerts.erase_unproved(now() + timedelta(days=6)) == 0
    Alert.objects.update(updated_at=now() - timedelta(days=8))
    assert client.get(reverse("catalog:alert_confirm", args=[secret])).status_code == 410
    assert alerts.erase_unproved(now()) == 1
    assert not Alert.objects.exists()


def test_a_search_too_long_for_an_alert_is_refused_in_words(client: Client) -> None:
    query = "q=" + "%C3%A9" * 300
    assert "trop longue" in client.get(f"{NEW}?{query}").content.decode()
    assert ask(client, query) == 422
    assert not Alert.objects.exists()


def test_a_place_that_is_not_sure_is_said(client: Client) -> None:
    assert "toute la France" in client.get(f"{NEW}?lieu=saint-martin").content.decode()
