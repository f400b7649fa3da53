"""What keepers do with a page: confirm, publish, hold, invite; the life of an offer."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils.timezone import localdate, now
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.accounts import services as accounts
from maillage.accounts.demonstration import load_demo_accounts
from maillage.accounts.models import Organisation, User
from maillage.catalog import kept, perms
from maillage.catalog.demonstration import load_demo_keeping, retire_demo_keeping
from maillage.catalog.enums import LIFE, Origin, Publication, Verb
from maillage.catalog.models import Claim, Offer, Provider, Revision
from maillage.catalog.owners import owners_of
from maillage.catalog.services import entries, keeping
from maillage.common.transitions import TransitionRefused
from maillage.notifications.models import Mail, Notification
from tests.catalog.factories import source
from tests.catalog.keepers import agent, keeper, local_offer, local_page
from tests.desk.factories import make_prefecture, make_user

pytestmark = pytest.mark.django_db
VERBS = tuple(LIFE.table)


# -- The life of an offer


@settings(deadline=None)
@given(st.lists(st.sampled_from(VERBS), max_size=8))
def test_an_offer_is_never_shown_but_published_and_never_stuck(verbs: list[str]) -> None:
    state: str = Publication.DRAFT
    for verb in verbs:
        if verb in LIFE.possible(state):
            state = LIFE.after(verb, state)
        else:
            with pytest.raises(TransitionRefused):
                LIFE.after(verb, state)
        assert state in Publication.values
        assert LIFE.possible(state), "there is always a way on"
    assert (state == Publication.PUBLISHED) == ("suspend" in LIFE.possible(state))


@settings(max_examples=12, deadline=None)
@given(st.lists(st.sampled_from(VERBS), max_size=6))
def test_every_passage_leaves_one_line_and_only_published_ones_are_proposed(
    verbs: list[str],
) -> None:
    Offer.objects.filter(slug="amo-essai").delete()
    Provider.objects.filter(slug="atd-essai").delete()
    offer = local_offer(local_page(), publication=Publication.DRAFT)
    by = make_user(None, email=f"essai{Revision.objects.count()}-{len(verbs)}-{id(verbs)}@x.test")
    done = 0
    for verb in verbs:
        try:
            keeping.change(offer=offer, verb=verb, by=by, body="Essai", reason="Parce que")
        except TransitionRefused:
            continue
        done += 1
    offer.refresh_from_db()
    assert Revision.objects.filter(offer=offer).count() == done
    shown = Offer.objects.published().filter(pk=offer.pk).exists()
    assert shown == (offer.publication == Publication.PUBLISHED)


@pytest.mark.parametrize(
    ("lacks", "field"),
    [
        ({"title": ""}, "title"),
        ({"summary": ""}, "summary"),
        ({"themes": []}, "themes"),
        ({"phases": []}, "phases"),
        ({"perimeter": []}, "perimeter"),
        ({"apply": "", "contact": ""}, "apply"),
    ],
)
def test_publishing_says_what_is_missing(lacks: dict[str, Any], field: str) -> None:
    offer = local_offer(local_page(), publication=Publication.DRAFT, **lacks)
    with pytest.raises(keeping.Lacking) as refusal:
        keeping.change(offer=offer, verb="publish", by=agent(), body="")
    assert [one.field for one in refusal.value.missing] == [field]
    offer.refresh_from_db()
    assert offer.publication == Publication.DRAFT


@pytest.mark.parametrize("verb", ["suspend", "archive"])
def test_what_takes_an_offer_away_says_why(verb: str) -> None:
    offer = local_offer(local_page())
    with pytest.raises(keeping.Refused, match="Dites pourquoi"):
        keeping.change(offer=offer, verb=verb, by=agent(), body="", reason="  ")
    keeping.change(offer=offer, verb=verb, by=agent(), body="Préfecture", reason="Congés")
    line = Revision.objects.get(offer=offer)
    assert (line.verb, line.reason, line.body) == (verb, "Congés", "Préfecture")


def test_a_withdrawn_offer_does_not_change_state() -> None:
    offer = local_offer(local_page(), withdrawn_at=now())
    with pytest.raises(keeping.Refused, match="retirée"):
        keeping.change(offer=offer, verb="archive", by=agent(), body="", reason="Fini")


# -- Confirm


def test_confirming_all_vouches_for_what_mairies_see_and_no_more() -> None:
    page = local_page(state="to_confirm", origin=Origin.FILE)
    shown = local_offer(page, state="to_confirm", origin=Origin.FILE)
    draft = local_offer(page, "brouillon", publication=Publication.DRAFT)
    gone = local_offer(page, "retiree", withdrawn_at=now())
    assert keeping.confirm_all(provider=page, by=keeper(page), body="Agence") == 1
    for row in (page, shown, draft, gone):
        row.refresh_from_db()
    assert page.checked_on == shown.checked_on == localdate()
    assert page.state == shown.state == "confirmed"
    assert "state" in shown.curated, "the next load does not doubt again"
    assert draft.checked_on is gone.checked_on is None


def test_confirming_or_publishing_settles_the_state_and_the_history_says_so() -> None:
    page = local_page(state="to_confirm", origin=Origin.FILE)
    entries.confirm(entry=page, by=keeper(page), body="Agence")
    assert (page.state, page.curated) == ("confirmed", ["state"])
    line = Revision.objects.filter(provider=page, verb="confirmed").latest("pk")
    assert line.changes == [{"field": "state", "old": "to_confirm", "new": "confirmed"}]
    draft = entries.create_offer(
        provider=page, values={"title": "Neuve", "kind": "engineering", "level": "department"},
        by=keeper(page),
    )  # fmt: skip
    assert (draft.state, draft.checked_on, draft.next_check) == ("to_confirm", None, None)
    entries.edit(entry=draft, values={"summary": "Mieux"}, by=keeper(page))
    assert draft.checked_on is None, "a draft is confirmed by its publication"
    entries.change_publication(offer=draft, verb="publish", by=keeper(page))
    assert (draft.state, draft.checked_on) == ("confirmed", localdate())


def test_what_was_set_aside_comes_back_when_it_is_confirmed() -> None:
    page = local_page(set_aside_at=now())
    keeping.confirm(entry=page, by=keeper(page), body="Agence")
    assert Provider.objects.published().filter(pk=page.pk).exists()


def test_an_invented_entry_stays_invented() -> None:
    page = local_page(state="demonstration")
    made = keeping.write_offer(
        offer=None, provider=page, values={"title": "Un essai", "kind": "engineering",
                                           "level": "department"},
        rates=[], conditions=[], by=keeper(page), body="",
    )  # fmt: skip
    keeping.confirm(entry=page, by=keeper(page), body="")
    assert (made.state, page.state) == ("demonstration", "demonstration")


# -- Figures keep their source


def test_a_figure_that_does_not_change_keeps_its_source() -> None:
    page = local_page()
    offer = local_offer(page)
    rate: dict[str, Any] = {
        "kind": "rate", "value": Decimal(80), "unit": "%", "base": "HT", "valid_from": None,
        "valid_to": None,
    }  # fmt: skip
    offer.rates.create(**rate, source=source(), state="to_confirm")
    more = {**rate, "kind": "cap", "value": Decimal(5000), "unit": "€"}
    keeping.write_offer(
        offer=offer, provider=page, values={}, rates=[rate, more], conditions=[],
        by=keeper(page), body="Agence",
    )  # fmt: skip
    told = {row.kind: (row.source_id, row.state) for row in offer.rates.all()}
    assert told == {"rate": ("essai", "to_confirm"), "cap": (entries.HERE, "confirmed")}
    [change] = Revision.objects.get(offer=offer).changes
    assert change["field"] == "rates"
    assert len(change["new"]) == 2


def test_the_date_of_a_figure_is_in_the_history() -> None:
    page = local_page()
    offer = local_offer(page)
    rate: dict[str, Any] = {"kind": "rate", "value": Decimal(80), "unit": "%", "base": "",
                            "valid_from": None, "valid_to": None}  # fmt: skip
    offer.rates.create(**rate, source=source())
    keeping.write_offer(
        offer=offer, provider=page, values={}, rates=[{**rate, "valid_to": localdate()}],
        conditions=[], by=keeper(page), body="",
    )  # fmt: skip
    [change] = Revision.objects.get(offer=offer).changes
    assert "jusqu'au" in change["new"][0]


# -- Who keeps a page


def test_an_invited_person_keeps_the_page_and_is_told_once() -> None:
    page, by = local_page(), agent()
    mandate = keeping.invite(
        provider=page, email="Accueil@ATD.exemple.test", name="Camille", by=by, body="Préfecture"
    )
    assert perms.may_keep(mandate.user, page)
    assert owners_of([page])[page.pk] == [mandate.user]
    assert Notification.objects.filter(user=mandate.user, slug="keeper-invited").count() == 1
    assert Mail.objects.filter(to="accueil@atd.exemple.test").count() == 1
    assert Revision.objects.get(provider=page).verb == Verb.INVITED
    with pytest.raises(accounts.Refused, match="déjà"):
        keeping.invite(provider=page, email=mandate.user.email, name="", by=by, body="")


def test_the_desk_gives_the_page_back_when_the_body_comes() -> None:
    page, by = local_page(), agent()
    keeping.hold(provider=page, desk=make_prefecture(), by=by)
    assert perms.may_keep(by, page)
    keeping.invite(provider=page, email="a@atd.exemple.test", name="A", by=by, body="Préfecture")
    page.refresh_from_db()
    assert page.held_by is None
    assert not perms.may_keep(by, page)
    verbs = list(Revision.objects.filter(provider=page).order_by("pk").values_list("verb", flat=1))
    assert verbs == [Verb.HELD, Verb.INVITED, Verb.RELEASED]


def test_a_page_that_is_kept_is_not_held_nor_taken_from_another_desk() -> None:
    page = local_page()
    person = keeper(page)
    with pytest.raises(keeping.Refused, match="tient déjà sa fiche"):
        keeping.hold(provider=page, desk=make_prefecture(), by=agent())
    accounts.end_mandate(mandate=person.mandates.get())
    keeping.hold(provider=page, desk=make_prefecture("dep:46"), by=agent("46"))
    with pytest.raises(keeping.Refused, match="tient déjà cette fiche"):
        keeping.hold(provider=page, desk=make_prefecture(), by=agent())
    keeping.release(provider=page, by=agent("46"), body="Préfecture 46")
    keeping.hold(provider=page, desk=make_prefecture(), by=agent())


def test_an_ended_access_opens_nothing() -> None:
    page = local_page()
    person = keeper(page)
    keeping.end_access(provider=page, mandate=person.mandates.get(), by=agent(), body="Préfecture")
    person.__dict__.pop("acting", None)
    assert not perms.may_keep(person, page)
    assert "accès" in Revision.objects.get(provider=page).reason


def test_a_page_has_one_body() -> None:
    page = local_page()
    assert keeping.body_of(page) == keeping.body_of(page)
    assert Organisation.objects.filter(provider=page.slug).count() == 1


# -- Which pages are whose


def test_an_agent_oversees_the_local_pages_of_their_departement() -> None:
    near, commune = local_page(), local_page("mairie-essai", perimeter=["com:24061"])
    wide = local_page("national", perimeter=["FR"])
    region = local_page("region", perimeter=["reg:75"])
    far = local_page("lot", perimeter=["dep:46"])
    found = set(kept.overseen(agent()).values_list("slug", flat=True))
    assert {near.slug, commune.slug} <= found
    assert not {wide.slug, region.slug, far.slug} & found


@pytest.mark.parametrize("department", ["24", "46", "2A"])
def test_the_list_and_the_right_say_the_same(department: str) -> None:
    user = agent(department)
    listed = set(kept.overseen(user).values_list("pk", flat=True))
    rows = list(Provider.objects.visible().order_by("?")[:300])
    rows += list(Provider.objects.filter(pk__in=list(listed)[:100]))
    for row in rows:
        assert (row.pk in listed) == bool(perms.may_oversee(user, row)), row.slug


def test_who_checks_a_claim() -> None:
    near, far = agent(), agent("46")
    admin = make_user("administrator")
    assert near in kept.overseers(local_page())
    assert far not in kept.overseers(local_page("autre"))
    assert admin in kept.overseers(local_page("wide", perimeter=["FR"]))
    assert near not in kept.overseers(local_page("wide2", perimeter=["FR"]))
    lozere = local_page("lozere", perimeter=["dep:48"])  # no agent there
    assert kept.overseers(lozere) == [admin]


@pytest.mark.parametrize(
    ("said", "act"),
    [
        ({"publication": "draft", "summary": ""}, "edit"),
        ({"publication": "draft"}, "publish"),
        ({"publication": "suspended"}, "publish"),
        ({"publication": "archived"}, "restore"),
        ({"closes": localdate() - timedelta(days=1)}, "edit"),
        ({"set_aside_at": now()}, "confirm"),
        ({"next_check": localdate()}, "confirm"),
        ({"state": "to_confirm"}, "confirm"),
        ({}, ""),
        ({"withdrawn_at": now()}, ""),
    ],
)
def test_there_is_one_next_thing_to_do(said: dict[str, Any], act: str) -> None:
    assert kept.next_of(local_offer(local_page(), **said), localdate()).act == act


# -- The demonstration


def test_the_demonstration_has_a_page_that_is_kept_one_held_and_one_claimed() -> None:
    assert load_demo_keeping() == 0, "nothing without its people"
    load_demo_accounts()
    assert load_demo_keeping() == load_demo_keeping() == 6
    page = Provider.objects.get(slug="demo24-atd")
    states = set(page.offers.values_list("publication", flat=True))
    assert states == {"published", "draft", "suspended"}
    assert set(page.offers.values_list("state", flat=True)) == {"demonstration"}
    by = User.objects.get(email="guichet@exemple.test")
    assert Claim.objects.filter(provider__in=kept.overseen(by)).count() == 1
    assert Notification.objects.filter(user=by, slug="claim-to-check").count() == 1
    assert perms.may_keep(by, Provider.objects.get(slug="demo24-sde"))
    assert retire_demo_keeping() == 1


# -- One form sent twice, addresses


PLAIN: dict[str, Any] = {
    "kind": "engineering", "level": "department", "perimeter": ["dep:24"], "cost": "free",
}  # fmt: skip


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Un cœur de bourg, ex æquo", "atd-essai-un-coeur-de-bourg-ex-aequo"),
        ("🎉🎉", "atd-essai-offre"), ("协助", "atd-essai-offre"),
    ],
)  # fmt: skip
def test_an_address_can_be_read(title: str, slug: str) -> None:
    page = local_page()
    made = entries.create_offer(provider=page, values={**PLAIN, "title": title}, by=None)
    assert made.slug == slug
    another = {**PLAIN, "title": title, "summary": "Une autre"}
    assert entries.create_offer(provider=page, values=another, by=None).slug.startswith(f"{slug}-")


def test_a_page_asked_for_twice_is_one_page() -> None:
    values = {"name": "🎉", "family": "department", "level": "department", "perimeter": ["dep:24"]}
    first = entries.create_provider(values=values, by=None)
    assert first.slug == "organisme"
    assert entries.create_provider(values=values, by=None) == first
    assert entries.create_provider(values={**values, "level": "national"}, by=None) != first


def test_two_clicks_at_once_follow_one_another(django_assert_max_num_queries: Any) -> None:
    page = local_page()
    with django_assert_max_num_queries(30) as asked:
        entries.create_offer(provider=page, values={**PLAIN, "title": "Un pont"}, by=None)
        entries.create_provider(
            values={"name": "Un autre", "family": "department", "level": "department"}, by=None
        )
    done = [query["sql"] for query in asked.captured_queries]

    def at(*words: str) -> int:
        return next(n for n, sql in enumerate(done) if all(word in sql for word in words))

    assert at("catalog_provider", "FOR UPDATE") < at("INSERT", "catalog_offer")
    assert at("UPDATE", "dataversion") < at("INSERT", "catalog_provider")
