"""« C'est notre organisme » : the address is proved by a link, then an agent answers."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils.timezone import now

from maillage.accounts.models import User
from maillage.catalog import perms
from maillage.catalog.enums import ClaimState, Verb
from maillage.catalog.models import Claim, Provider, Revision
from maillage.catalog.services import claims, keeping
from maillage.notifications.models import Mail, Notification
from tests.catalog.keepers import agent, keeper, local_page, signed_in
from tests.desk.factories import make_prefecture, make_user

pytestmark = pytest.mark.django_db
SAID = {
    "name": "Camille Roche", "position": "Directrice", "email": "Camille@atd.exemple.test",
    "phone": "", "message": "Bonjour", "surname": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _empty_counters() -> None:
    cache.clear()


def ask(page: Provider, **said: Any) -> str:
    plain = {"email": "camille@atd.exemple.test", "name": "Camille", "position": "Directrice"}
    secret = claims.ask(provider=page, **{**plain, **said})
    assert secret
    return secret


def proved(page: Provider, **said: Any) -> Claim:
    return claims.prove(secret=ask(page, **said))


def test_the_link_is_mailed_and_its_secret_kept_nowhere() -> None:
    page = local_page()
    answer = signed_in().post(reverse("keeping:claim", args=[page.slug]), SAID)
    assert "Regardez votre courriel" in answer.content.decode()
    claim = Claim.objects.get()
    assert (claim.email, claim.confirmed_at) == ("camille@atd.exemple.test", None)
    mail = Mail.objects.get()
    assert mail.to == claim.email
    assert claim.digest not in str(mail.__dict__)


def test_two_steps_then_an_agent_is_told() -> None:
    page, near, far = local_page(), agent(), agent("46")
    secret = ask(page)
    address = reverse("keeping:claim_link", args=[secret])
    shown = signed_in().get(address)
    assert shown.status_code == 200
    assert shown.headers["Referrer-Policy"] == "strict-origin"
    assert "no-store" in shown.headers["Cache-Control"]
    assert Claim.objects.get().confirmed_at is None, "a GET writes nothing"
    assert not Notification.objects.exists()
    assert "transmise" in signed_in().post(address).content.decode()
    claim = Claim.objects.get()
    assert claim.confirmed_at is not None
    assert claim.digest == ""
    assert [row.user for row in Notification.objects.filter(slug="claim-to-check")] == [near]
    assert far.pk != near.pk


def test_a_link_serves_once() -> None:
    secret = ask(local_page())
    address = reverse("keeping:claim_link", args=[secret])
    assert signed_in().post(address).status_code == 200
    assert signed_in().post(address).status_code == 410
    assert signed_in().get(address).status_code == 410
    with pytest.raises(claims.Gone):
        claims.prove(secret=secret)


@pytest.mark.parametrize(("age", "good"), [(6.9, True), (7.1, False)])
def test_a_link_lasts_seven_days(age: float, good: bool) -> None:
    secret = ask(local_page())
    Claim.objects.update(created_at=now() - timedelta(days=age))
    status = signed_in().post(reverse("keeping:claim_link", args=[secret])).status_code
    assert status == (200 if good else 410)


def test_an_unknown_secret_opens_nothing() -> None:
    proved(local_page())  # whose digest is now ""
    assert signed_in().get(reverse("keeping:claim_link", args=["x"])).status_code == 410


def test_two_links_of_one_person_make_one_claim() -> None:
    page = local_page()
    one, two = ask(page), ask(page)
    first = claims.prove(secret=one)
    with pytest.raises(claims.Gone):
        claims.prove(secret=two)
    assert list(Claim.objects.all()) == [first]
    assert claims.ask(provider=page, email=first.email, name="C", position="D") is None
    assert Mail.objects.filter(slug="claim-link").count() == 2


def test_a_machine_that_fills_the_trap_is_answered_and_nothing_is_kept() -> None:
    page = local_page()
    answer = signed_in().post(
        reverse("keeping:claim", args=[page.slug]), {**SAID, "surname": "Roche"}
    )
    assert answer.status_code == 200
    assert not Claim.objects.exists()
    assert not Mail.objects.exists()


def test_an_address_receives_three_links_an_hour_and_an_origin_asks_for_ten() -> None:
    page = local_page()
    for _ in range(claims.MOST_BY_ADDRESS):
        ask(page)
    assert (
        claims.ask(provider=page, email="camille@atd.exemple.test", name="C", position="D") is None
    )
    Claim.objects.update(created_at=now() - timedelta(hours=2))
    ask(page)
    for number in range(claims.MOST_BY_ORIGIN):
        ask(page, email=f"a{number}@exemple.test", origin="192.0.2.1")
    more = {"provider": page, "name": "C", "position": "D"}
    assert claims.ask(**more, email="z@exemple.test", origin="192.0.2.1") is None
    assert claims.ask(**more, email="z@exemple.test", origin="192.0.2.2")


def test_the_page_says_the_same_beyond_the_cap() -> None:
    page, client = local_page(), signed_in()
    seen = {
        client.post(reverse("keeping:claim", args=[page.slug]), SAID).content.decode()
        for _ in range(claims.MOST_BY_ADDRESS + 2)
    }
    assert len({text.split("<main", 1)[1].split("</main>")[0] for text in seen}) == 1
    assert Claim.objects.count() == claims.MOST_BY_ADDRESS


def test_what_is_missing_is_said_and_what_was_typed_stays() -> None:
    page = local_page()
    answer = signed_in().post(
        reverse("keeping:claim", args=[page.slug]), {**SAID, "email": "camille", "name": ""}
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Donnez votre nom" in text
    assert 'value="camille"' in text
    assert "Directrice" in text


def test_the_page_says_when_it_is_kept_and_names_nobody() -> None:
    page = local_page()
    person = keeper(page, name="Dominique Secret")
    text = signed_in().get(reverse("keeping:claim", args=[page.slug])).content.decode()
    assert "déjà tenue" in text
    assert person.name not in text
    assert person.email not in text


# -- What an agent answers


def test_accepting_gives_the_page_and_tells_the_person() -> None:
    page, by = local_page(), agent()
    claim = proved(page)
    keeping.hold(provider=page, desk=make_prefecture(), by=by)
    answer = signed_in(by).post(
        reverse("keeping:claim_decide", args=[claim.pk]), {"decision": "accept"}
    )
    assert answer.status_code == 302
    claim.refresh_from_db()
    page.refresh_from_db()
    user = User.objects.get(email=claim.email)
    assert (claim.state, claim.decided_by, page.held_by) == (ClaimState.ACCEPTED, by, None)
    assert perms.may_keep(user, page)
    assert Notification.objects.filter(user=user, slug="claim-accepted").count() == 1
    assert Verb.CLAIMED in Revision.objects.filter(provider=page).values_list("verb", flat=True)


def test_a_claim_is_answered_once() -> None:
    page, by = local_page(), agent()
    claim = proved(page)
    claims.accept(claim=claim, by=by, body="Préfecture")
    with pytest.raises(keeping.Refused, match="déjà"):
        claims.refuse(claim=claim, by=by, reason="Non")
    with pytest.raises(keeping.Refused, match="déjà"):
        claims.accept(claim=claim, by=by, body="Préfecture")
    answer = signed_in(by).post(
        reverse("keeping:claim_decide", args=[claim.pk]), {"decision": "refuse", "reason": "Non"}
    )
    assert answer.status_code == 409


def test_who_was_invited_meanwhile_is_accepted_all_the_same() -> None:
    page, by = local_page(), agent()
    claim = proved(page)
    keeping.invite(provider=page, email=claim.email, name="Camille", by=by, body="Préfecture")
    mandate = claims.accept(claim=claim, by=by, body="Préfecture")
    assert mandate.user.mandates.count() == 1


def test_a_closed_account_is_not_opened_by_a_claim() -> None:
    page, by = local_page(), agent()
    closed = make_user(None, email="camille@atd.exemple.test")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    claim = proved(page)
    answer = signed_in(by).post(
        reverse("keeping:claim_decide", args=[claim.pk]), {"decision": "accept"}
    )
    assert answer.status_code == 409
    assert "compte est fermé" in answer.content.decode()
    claim.refresh_from_db()
    assert claim.state == ClaimState.PENDING


def test_refusing_says_why() -> None:
    page, by = local_page(), agent()
    claim = proved(page)
    address = reverse("keeping:claim_decide", args=[claim.pk])
    assert signed_in(by).post(address, {"decision": "refuse"}).status_code == 422
    assert signed_in(by).post(
        address, {"decision": "refuse", "reason": "Adresse privée"}
    ).status_code == 302  # fmt: skip
    mail = Mail.objects.get(slug="claim-refused")
    assert mail.to == claim.email
    assert "Adresse privée" in mail.text
    assert not User.objects.filter(email=claim.email).exists()


def test_a_claim_that_is_not_proved_is_nobodys() -> None:
    page, by = local_page(), agent()
    ask(page)
    claim = Claim.objects.get()
    assert signed_in(by).get(reverse("keeping:claim_decide", args=[claim.pk])).status_code == 404
    with pytest.raises(keeping.Refused, match="pas encore prouvée"):
        claims.accept(claim=claim, by=by, body="")


def test_a_claim_is_of_the_agents_who_oversee_its_page() -> None:
    local, wide = proved(local_page()), proved(local_page("anct-essai", perimeter=["FR"]))
    near, far, admin = agent(), agent("46"), make_user("administrator")
    seen = {
        (who, claim.pk): signed_in(user)
        .get(reverse("keeping:claim_decide", args=[claim.pk]))
        .status_code
        for who, user in (("near", near), ("far", far), ("admin", admin))
        for claim in (local, wide)
    }
    assert seen == {
        ("near", local.pk): 200, ("near", wide.pk): 404, ("far", local.pk): 404,
        ("far", wide.pk): 404, ("admin", local.pk): 200, ("admin", wide.pk): 200,
    }  # fmt: skip


def test_the_agent_sees_whether_the_address_is_of_the_site_of_the_body() -> None:
    page, by = local_page(), agent()
    good = proved(page)
    bad = proved(page, email="camille@gmail.test")
    texts = [
        signed_in(by).get(reverse("keeping:claim_decide", args=[one.pk])).content.decode()
        for one in (good, bad)
    ]
    assert "Elle se termine comme le site" in texts[0]
    assert "Elle ne se termine pas comme le site" in texts[1]


def test_what_was_never_proved_is_erased() -> None:
    page = local_page()
    ask(page)
    ask(page, email="autre@exemple.test")
    Claim.objects.filter(email="autre@exemple.test").update(created_at=now() - timedelta(days=8))
    assert claims.erase_old() == 1
    claim = proved(page)
    claims.refuse(claim=claim, by=agent(), reason="Non")
    assert claims.erase_old() == 0
    Claim.objects.update(decided_at=now() - timedelta(days=claims.KEPT_DAYS + 1))
    assert claims.erase_old() == 1


def test_the_list_of_claims_costs_the_same_for_one_and_for_many(
    django_assert_max_num_queries: Any,
) -> None:
    client = signed_in(agent())
    for number in range(12):
        proved(local_page(f"page-{number}"), email=f"a{number}@exemple.test")
    with django_assert_max_num_queries(12):
        answer = client.get(reverse("keeping:claims"))
    assert answer.content.decode().count("Vérifier<") == 12
    rows = b"".join(client.get(reverse("keeping:claims") + "?export=csv")).decode()
    assert rows.count("\n") == 13


def test_what_is_typed_stays_on_one_line() -> None:
    ask(local_page(), name="Camille\r\nRoche", position="Directrice\r\nBcc: autre@exemple.test")
    claim = Claim.objects.get()
    assert (claim.name, claim.position) == ("Camille Roche", "Directrice Bcc: autre@exemple.test")
