"""The page of quality: what each sees, filters, figures, acts on what is ticked."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate, now

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.catalog.enums import LinkState, Publication
from maillage.catalog.models import ErrorReport, LinkCheck, Offer, Provider, Revision
from maillage.catalog.owners import owners_of
from maillage.catalog.quality import board, looking, score_of
from maillage.catalog.quality.looking import NOBODY
from maillage.notifications.models import Mail, Notification
from tests.catalog.factories import make_offer, make_provider
from tests.desk.conftest import enter, page
from tests.desk.factories import make_prefecture, make_town, make_user
from tests.desk.factories import make_provider as make_body

pytestmark = pytest.mark.usefixtures("memory")
LIST = "/qualite/"


@pytest.fixture
def provider() -> Provider:
    return make_provider("atd", name="Agence zébrée", perimeter=["dep:24"], level="department",
                         family="department")  # fmt: skip


@pytest.fixture
def offer(provider: Provider) -> Offer:
    return make_offer("conseil", provider, title="Conseil zébré", perimeter=["dep:24"])


@pytest.fixture
def owner(offer: Offer) -> User:
    return make_user(Role.PROVIDER, make_body("Agence", provider="atd"))


@pytest.fixture
def agent(offer: Offer) -> User:
    return make_user(Role.AGENT, make_prefecture("dep:24"))


@pytest.fixture
def chief() -> User:
    return make_user(Role.ADMINISTRATOR)


# -- Who sees what


def test_each_sees_what_they_keep_or_oversee(
    client: Client, owner: User, agent: User, chief: User
) -> None:
    wide = make_provider("national", name="Zèbre national")
    board.held.forget()
    for user in (owner, agent, chief):
        assert "Conseil zébré" in page(enter(client, user), f"{LIST}?q=zebre")
    assert "Zèbre national" in page(client, f"{LIST}?q=zebre")
    assert wide.name not in page(enter(client, agent), f"{LIST}?q=zebre")
    far = make_user(Role.AGENT, make_prefecture("dep:46"))
    assert "Conseil zébré" not in page(enter(client, far), f"{LIST}?q=zebre")
    desk = make_prefecture("dep:46")
    Provider.objects.filter(slug="atd").update(held_by=desk)
    board.held.forget()
    assert "Conseil zébré" in page(enter(client, far), f"{LIST}?q=zebre"), "they hold it"


def test_who_keeps_nothing_is_told_why(client: Client) -> None:
    answer = enter(client, make_user(Role.APPLICANT, make_town())).get(LIST)
    assert answer.status_code == 403
    assert "Pour signaler une erreur, ouvrez la fiche." in answer.content.decode()


def test_drafts_of_others_and_archives_are_not_there(client: Client, chief: User) -> None:
    for publication in (Publication.DRAFT, Publication.ARCHIVED, Publication.SUSPENDED):
        make_offer(f"zebre-{publication}", make_provider(f"p-{publication}"),
                   title=f"Zèbre {publication}", publication=publication)  # fmt: skip
    text = page(enter(client, chief), f"{LIST}?q=zebre")
    assert "Zèbre suspended" in text
    assert "Zèbre draft" not in text
    assert "Zèbre archived" not in text


# -- Scores, filters, figures


def test_the_board_says_the_same_scores_as_each_entry(offer: Offer) -> None:
    """The parts that the memory keeps make, every day, the score that is computed for a page."""
    Offer.objects.filter(pk=offer.pk).update(closes=localdate() + timedelta(days=30))
    held = board.held.get()
    lines = np.random.default_rng(4).choice(len(held.keys), 150, replace=False)
    lines = [*map(int, lines), held.keys.index((board.OFFER, offer.pk))]
    for later in (0, 31, 400):
        today = localdate() + timedelta(days=later)
        scores = held.scores(today)
        for line in lines:
            kind, pk = held.keys[line]
            model = Offer if kind == board.OFFER else Provider
            assert scores[line] == score_of(model.objects.get(pk=pk), today).value


def test_who_answers_for_a_provider_is_said_as_the_owners_are(
    owner: User, agent: User, chief: User
) -> None:
    held_page = make_provider("tenue", held_by=make_prefecture("dep:24"))
    held = board.held.get()
    scope = looking.scope_of(chief, held)
    slugs = ["atd", "tenue", *(k.slug for k in held.keepers[::40])]
    rows = list(Provider.objects.filter(slug__in=slugs))
    owners = owners_of(rows)
    lines = {keeper.pk: n for n, keeper in enumerate(held.keepers)}
    assert {row.pk: bool(owners[row.pk]) for row in rows} == {
        row.pk: bool(scope.owners[lines[row.pk]] != NOBODY) for row in rows
    }
    assert scope.owners[lines[held_page.pk]] == looking.HOLDER


def test_the_worst_comes_first(client: Client, chief: User) -> None:
    make_offer("zebre-pauvre", make_provider("a"), title="Zèbre pauvre", summary="", themes=[])
    make_offer("zebre-riche", make_provider("b"), title="Zèbre riche", contact="05 53",
               apply="Écrire", checked_on=localdate())  # fmt: skip
    text = page(enter(client, chief), f"{LIST}?q=zebre")
    assert text.index("Zèbre pauvre") < text.index("Zèbre riche")
    text = page(client, f"{LIST}?q=zebre&tri=titre")
    assert text.index("Zèbre pauvre") < text.index("Zèbre riche")
    assert "Choisir au moins un thème" in text


def test_filters_keep_what_they_say(client: Client, chief: User, offer: Offer) -> None:
    today = localdate()
    year = timedelta(days=400)
    one = offer.provider
    make_offer("z-vieille", one, title="Zèbre vieux", checked_on=today - year)
    make_offer("z-bientot", one, title="Zèbre bientôt", checked_on=today - timedelta(days=345))
    make_offer("z-cote", one, title="Zèbre de côté", set_aside_at=now())
    make_offer("z-lien", one, title="Zèbre mort", link="https://mort.test/")
    make_offer("z-close", one, title="Zèbre clos", closes=today - timedelta(days=1))
    told = make_offer("z-dite", one, title="Zèbre signalé")
    LinkCheck.objects.create(
        url="https://mort.test/", state=LinkState.BROKEN, failures=3, failing_since=today,
        detail="page introuvable (404)", checked_at=now(),
    )  # fmt: skip
    ErrorReport.objects.create(provider=one, offer=told, message="Faux")
    expected = {
        "a-confirmer": {"Zèbre vieux", "Zèbre bientôt"}, "de-cote": {"Zèbre de côté"},
        "lien": {"Zèbre mort"}, "closes": {"Zèbre clos"}, "signalees": {"Zèbre signalé"},
    }  # fmt: skip
    titles = {f"Zèbre {word}" for word in
              ("vieux", "bientôt", "de côté", "mort", "clos", "signalé")}  # fmt: skip
    enter(client, chief)
    for state, kept in expected.items():
        text = page(client, f"{LIST}?q=zebre&etat={state}")
        assert {title for title in titles if f">{title}</a>" in text} == kept, state
    assert "Lien mort : page introuvable (404)" in page(client, f"{LIST}?q=zebre&etat=lien")
    assert "sans-responsable" in page(client, f"{LIST}?q=zebre")
    assert "Conseil zébré" in page(client, f"{LIST}?q=zebre&etat=sans-responsable")


def test_what_its_body_never_confirmed_is_not_said_up_to_date(
    client: Client, chief: User, offer: Offer
) -> None:
    day = localdate() - timedelta(days=3)
    make_offer("z-lue", offer.provider, title="Zèbre lu", checked_on=day, state="to_confirm")
    make_offer("z-sure", offer.provider, title="Zèbre sûr", checked_on=day, state="confirmed")
    text = page(enter(client, chief), f"{LIST}?q=zebre&etat=jamais")
    assert "Zèbre lu</a>" in text
    assert "Zèbre sûr</a>" not in text
    assert "Source relue le" in text
    assert "q-fresh--unconfirmed" in text
    assert "À jour</span>" not in text.partition('<section class="q-families"')[0]
    assert "Confirmée le" in client.get("/catalogue/offres/z-sure/").content.decode()
    read = client.get("/catalogue/offres/z-lue/").content.decode()
    assert "pas encore confirmée par l" in read
    assert "Confirmée le" not in read


def test_figures_are_those_of_the_filters(offer: Offer, owner: User) -> None:
    held = board.held.get()
    found = looking.find(held, looking.scope_of(owner, held), looking.Asked(), localdate(), {})
    assert found.counts[""] == len(found.numbers) == 2
    assert sum(line.total for line in found.families) == 2
    assert found.counts["sans-responsable"] == 0


def test_contacts_of_the_official_file_come_when_asked(client: Client, agent: User) -> None:
    assert "Préfecture de la Dordogne</a>" not in page(enter(client, agent), LIST)
    text = page(client, f"{LIST}?contacts=1&q=prefecture")
    assert "Déduite du code officiel géographique" in text


@pytest.mark.parametrize(
    "query", ["etat=rien", "famille=x", "tri=zz", "page=9999", "q=%00", "nature=%27", "page=-1"]
)
def test_nonsense_in_the_address_is_answered(client: Client, owner: User, query: str) -> None:
    assert enter(client, owner).get(f"{LIST}?{query}").status_code == 200


def test_queries_are_counted(
    client: Client, agent: User, chief: User, django_assert_max_num_queries: Any
) -> None:
    board.held.get()
    for user in (agent, chief):
        enter(client, user)
        page(client, LIST)
        with django_assert_max_num_queries(12):
            page(client, f"{LIST}?contacts=1")


def test_the_list_is_exported_with_what_is_missing(client: Client, owner: User) -> None:
    answer = enter(client, owner).get(LIST, {"export": "csv"})
    rows = b"".join(answer.streaming_content).decode().splitlines()
    assert len(rows) == 3
    assert "dire comment joindre" in rows[1]
    assert client.get(LIST, {"export": "xlsx"}).status_code == 200
    assert client.get(LIST, {"export": "exe"}).status_code == 404


# -- Acts


def _tick(client: Client, name: str, *keys: str) -> str:
    answer = client.post(reverse(f"quality:{name}"), {"fiche": keys}, follow=True)
    return answer.content.decode().replace("&#x27;", "'")


def test_an_owner_confirms_what_they_tick(client: Client, offer: Offer, owner: User) -> None:
    Offer.objects.filter(pk=offer.pk).update(set_aside_at=now())
    text = _tick(enter(client, owner), "confirm", "offre:conseil", "offreur:atd")
    assert "2\u00a0fiches confirmées." in text
    offer.refresh_from_db()
    assert (offer.checked_on, offer.set_aside_at) == (localdate(), None)
    assert set(Revision.objects.values_list("verb", "by", "body")) == {
        ("confirmed", owner.pk, "Agence")
    }


def test_nobody_confirms_for_another(client: Client, offer: Offer, agent: User) -> None:
    text = _tick(enter(client, agent), "confirm", "offre:conseil", "offre:inconnue", "zut")
    assert "1\u00a0fiche n'a pas changé. Vous ne tenez pas ces fiches" in text
    offer.refresh_from_db()
    assert offer.checked_on is None
    assert "Cochez d'abord au moins une fiche." in _tick(client, "confirm")


def test_an_agent_asks_the_owner_once_a_day(
    client: Client, offer: Offer, owner: User, agent: User
) -> None:
    enter(client, agent)
    for _ in range(2):
        assert "Offreur relancé pour 1\u00a0fiche." in _tick(client, "ask", "offre:conseil")
    told = Notification.objects.get(user=owner, slug="confirmation-asked")
    assert "Préfecture de la Dordogne vous demande" in told.text
    assert "dire comment joindre" in told.text
    offer.refresh_from_db()
    assert offer.reminded_on == localdate()


def test_a_body_without_account_is_written_to_at_its_address(
    client: Client, offer: Offer, agent: User
) -> None:
    enter(client, agent)
    assert "ni compte ni adresse" in _tick(client, "ask", "offre:conseil")
    make_body("Agence", provider="atd", email="contact@agence.test")
    assert "Offreur relancé" in _tick(client, "ask", "offre:conseil")
    assert Mail.objects.get(slug="confirmation-asked").to == "contact@agence.test"


def test_a_far_desk_asks_nothing(client: Client, offer: Offer, owner: User) -> None:
    far = make_user(Role.AGENT, make_prefecture("dep:46"))
    assert "1\u00a0fiche n'a pas changé" in _tick(enter(client, far), "ask", "offre:conseil")
    assert not Notification.objects.filter(slug="confirmation-asked").exists()


def test_one_comes_back_to_the_same_list(client: Client, owner: User) -> None:
    answer = client.post(f"{reverse('quality:confirm')}?etat=lien&q=%C3%A9t%C3%A9")
    assert answer.status_code == 302
    answer = enter(client, owner).post(f"{reverse('quality:confirm')}?etat=lien&q=%C3%A9t%C3%A9")
    assert answer["Location"] == "/qualite/?etat=lien&q=%C3%A9t%C3%A9"
