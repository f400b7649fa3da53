"""The home page and the answer, as a visitor meets them (no JavaScript here)."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries

from maillage.catalog.models import Offer
from maillage.catalog.snapshot import held
from maillage.territories.models import FormerCommune

pytestmark = pytest.mark.django_db

BISTROT = "On voudrait rouvrir le bistrot dans l'ancienne école"


def ask(client: Client, text: str = BISTROT, **more: str):
    return client.get("/orientation/", {"commune": "24061", "besoin": text, **more})


def test_the_home_page_asks_one_question(client: Client) -> None:
    page = client.get("/").content.decode()
    assert "Décrivez votre projet avec vos mots" in page
    assert "Pas besoin de compte" in page


def test_a_visitor_gets_no_cookie(client: Client) -> None:
    client.get("/")
    assert not ask(client).cookies


def test_the_bistrot_of_bourrou(client: Client) -> None:
    page = ask(client).content.decode()
    assert "Maintenir ou rouvrir le dernier café du village" in page
    assert "débit de boissons" in page
    assert "Bourrou" in page
    assert (
        page.index("Tout près") < page.index("Dans le département") < page.index("Appui national")
    )


def test_the_answer_says_what_is_a_demonstration(client: Client) -> None:
    assert "sont inventées pour montrer l'outil" in " ".join(ask(client).content.decode().split())


@pytest.mark.parametrize(
    "text",
    [
        "zzzz qqqq", "🎉🎉🎉", "a", "<script>alert(1)</script>", "'; DROP TABLE communes; --",
        "{{ 7*7 }} {% debug %}", "How do I bake bread?", "\x00\x01", "école " * 5000, "%s %d %n",
        "我们想重开咖啡馆", "https://exemple.test/?a=b&c=d",
    ],
)  # fmt: skip
def test_whatever_is_typed_gets_a_kind_answer(client: Client, text: str) -> None:
    answer = client.post("/orientation/", {"besoin": text, "commune": "24061"}, follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<script>alert" not in page
    assert "guichet" in page.lower()


def test_an_empty_question_is_asked_again_without_reproach(client: Client) -> None:
    answer = client.post("/orientation/", {"besoin": "  ", "commune": "24061"})
    assert answer.status_code == 200
    assert "même en deux mots" in answer.content.decode()


def test_a_short_question_becomes_an_address(client: Client) -> None:
    answer = client.post("/orientation/", {"besoin": BISTROT, "commune": "24061"})
    assert answer.status_code == 302
    query = parse_qs(urlsplit(answer["Location"]).query)
    assert query == {"besoin": [BISTROT], "commune": ["24061"]}


def test_a_long_question_is_answered_at_once(client: Client) -> None:
    text = "Notre école est froide. " * 120
    answer = client.post("/orientation/", {"besoin": text, "commune": "24061"})
    assert answer.status_code == 200
    assert "école" in answer.content.decode()


def test_a_question_too_long_is_read_in_part_and_says_so(client: Client) -> None:
    answer = client.post("/orientation/", {"besoin": "école " * 3000, "commune": "24061"})
    assert "seules les trois premières pages ont été lues" in answer.content.decode()


def test_a_name_without_code_is_found(client: Client) -> None:
    answer = client.get("/orientation/", {"besoin": BISTROT, "lieu": "bourrou"})
    assert "Bourrou" in answer.content.decode()
    assert "Changer mon texte" in answer.content.decode()


def test_homonyms_are_told_apart_and_the_text_is_kept(client: Client) -> None:
    page = client.get(
        "/orientation/", {"besoin": BISTROT, "lieu": "Saint-Sauveur"}
    ).content.decode()
    assert "Laquelle est la vôtre" in page
    assert "rouvrir le bistrot" in page
    assert "(24)" in page


@pytest.mark.parametrize("data", [{"lieu": "Xyzzyville-les-Oies"}, {"commune": "99999"}])
def test_an_unknown_commune_is_said_and_the_text_is_kept(client: Client, data: dict) -> None:
    answer = client.get("/orientation/", {"besoin": BISTROT, **data})
    assert answer.status_code == 200
    assert "votre texte est gardé" in answer.content.decode()
    assert "rouvrir le bistrot" in answer.content.decode()


def test_a_former_code_leads_to_the_present_commune(client: Client) -> None:
    former = FormerCommune.objects.filter(kind="fusionnee").exclude(code="").first()
    assert former is not None
    page = client.get("/orientation/", {"besoin": BISTROT, "commune": former.code})
    assert former.commune.name in page.content.decode()


def test_without_a_commune_only_what_holds_everywhere_is_given(client: Client) -> None:
    answer = client.get("/orientation/", {"besoin": BISTROT})
    assert "Sans commune" in answer.content.decode()
    found = answer.context["answer"].orientation
    assert found.help
    assert all(p.offer.perimeter & {"FR", "DEP"} for p in (*found.help, *found.funding))


def test_unticking_a_kind_of_project_changes_what_is_understood(client: Client) -> None:
    kept = ask(client, choix="1", type="renovation-energetique-ecole")
    chosen = [t.id for t in kept.context["understanding"].types]
    assert chosen == ["renovation-energetique-ecole"]


def test_a_correction_is_kept_in_the_address(client: Client) -> None:
    answer = client.post(
        "/orientation/",
        urlencode([("besoin", BISTROT), ("commune", "24061"), ("choix", "1"),
                   ("type", "dernier-bistrot"), ("phase", "travaux")]),
        content_type="application/x-www-form-urlencoded",
    )  # fmt: skip
    query = parse_qs(urlsplit(answer["Location"]).query)
    assert query["type"] == ["dernier-bistrot"]
    assert query["phase"] == ["travaux"]


def test_an_answer_costs_next_to_no_query(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ask(client)
    with django_assert_max_num_queries(2):
        ask(client, "Le pont du village est fermé")


def test_a_page_is_light(client: Client) -> None:
    assert len(ask(client).content) < 90_000


def test_every_answer_ends_with_a_human_contact(client: Client) -> None:
    page = ask(client, "qsdfghjklm").content.decode()
    assert "Guichet local de l'ingénierie de la Dordogne" in page.replace("&#x27;", "'")


@pytest.mark.parametrize("code", ["75056", "2A004", "97105", "69123", "29155", "97502", "98735"])
def test_odd_places_are_answered_too(client: Client, code: str) -> None:
    answer = client.get("/orientation/", {"besoin": "refaire la route", "commune": code})
    assert answer.status_code == 200


def test_a_withdrawn_offer_is_proposed_no_more(client: Client, fresh_memory: None) -> None:
    assert "mille-cafes-multiservices" in ask(client).content.decode()
    Offer.objects.filter(slug="mille-cafes-multiservices").update(withdrawn_at=now())
    held.forget()
    assert "mille-cafes-multiservices" not in ask(client).content.decode()


def test_the_pdf_is_a_pdf(client: Client) -> None:
    answer = client.get("/orientation/pdf/", {"besoin": BISTROT, "commune": "24061"})
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


def test_a_write_is_never_made_by_reading(client: Client) -> None:
    assert client.put("/orientation/").status_code == 405


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_commune_written_wins_over_the_code_beside_it(client: Client, method: str) -> None:
    """Without JavaScript, only the name can be changed: the hidden code is the former one."""
    data = {"besoin": BISTROT, "commune": "24061", "lieu": "Lormes (58)"}
    answer = getattr(client, method)("/orientation/", data, follow=True)
    assert answer.context["answer"].territory.code == "58145"


def test_a_commune_wiped_out_is_forgotten(client: Client) -> None:
    answer = client.get("/orientation/", {"besoin": BISTROT, "commune": "24061", "lieu": ""})
    assert answer.context["answer"].territory is None


def test_a_long_text_comes_back_to_be_changed(client: Client) -> None:
    text = "Notre école est froide. " * 120
    answer = client.post("/orientation/", {"besoin": text, "commune": "24061"})
    assert 'action="/" method="post"' in answer.content.decode()
    again = client.post("/", {"besoin": text, "commune": "24061"}).content.decode()
    assert text.strip() in again
    assert "Bourrou (24)" in again


def test_kinds_of_project_that_do_not_exist_are_left_out(client: Client) -> None:
    answer = ask(client, choix="1", type="zzz")
    assert answer.status_code == 200
    assert "Nous avons compris" not in answer.content.decode()


def test_invented_offers_are_proposed_in_the_demonstration_only(
    client: Client, fresh_memory: None, settings
) -> None:
    assert "demo24" in ask(client).content.decode()
    settings.MAILLAGE = {**settings.MAILLAGE, "DEMO_OFFERS": False}
    held.forget()
    page = ask(client).content.decode()
    assert "demo24" not in page
    assert "inventées" not in page
    assert client.get("/catalogue/offres/demo24-cci-etude-commerce/").status_code in {404, 410}


def test_what_helps_and_pays_is_described_once(client: Client) -> None:
    answer = ask(client, "plus de médecin dans la commune")
    helping = {c.id for ring in answer.context["answer"].rings for c in ring.cards}
    both = [c for c in answer.context["answer"].funding if c.id in helping]
    assert both
    assert all(card.shown_above for card in both)
    assert "voyez plus haut" in answer.content.decode()
