"""The pages of the words: found, tried, changed, put back, by who may."""

import io
from typing import Any

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from maillage.accounts.enums import Role
from maillage.catalog.enums import Origin
from maillage.catalog.models import Offer, ProjectType, ThesaurusEntry, UnmetNeed
from maillage.catalog.services.loading import load_catalogue
from maillage.common.models import DataVersion
from tests.catalog.factories import make_offer
from tests.desk.factories import make_user
from tests.pages import text_of

pytestmark = pytest.mark.django_db
TYPE = "/mots/types/dernier-bistrot/"


def client_of(role: Role) -> Client:
    client = Client()
    client.force_login(make_user(role), backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def admin() -> Client:
    return client_of(Role.ADMINISTRATOR)


@pytest.fixture
def agent() -> Client:
    return client_of(Role.AGENT)


def need(text: str = "un four à pain", **said: Any) -> UnmetNeed:
    plain: dict[str, Any] = {
        "folded": text.lower(), "text": text, "reason": "nothing", "first_on": "2026-11-01",
        "last_on": "2026-11-20",
    }  # fmt: skip
    return UnmetNeed.objects.create(**{**plain, **said})


def entry() -> ThesaurusEntry:
    return ThesaurusEntry.objects.get(expression="bistrot")


def type_form(row: ProjectType, **said: Any) -> dict[str, Any]:
    plain = {
        "label": row.label, "phrases": "\r\n".join(row.phrases),
        "vocabulary": "\r\n".join(row.vocabulary), "first_step": row.first_step,
        "main_theme": row.themes[0], "themes": row.themes[1:], "phases": row.phases,
        "vu": row.updated_at.isoformat(), "faire": "enregistrer",
        "essai-needs": "le bistrot a fermé",
    }  # fmt: skip
    return {**plain, **said}


def entry_form(row: ThesaurusEntry, **said: Any) -> dict[str, Any]:
    plain = {
        "expression": row.expression, "terms": "\n".join(row.terms), "themes": row.themes,
        "vu": row.updated_at.isoformat(), "faire": "enregistrer",
        "essai-needs": "le bistrot a fermé",
    }  # fmt: skip
    return {**plain, **said}


# -- Lists


@pytest.mark.parametrize(
    ("address", "text", "found"),
    [
        ("/mots/", "dernier cafe", "Maintenir ou rouvrir le dernier café du village"),
        ("/mots/", "LICENCE iv", "Maintenir ou rouvrir le dernier café du village"),
        ("/mots/thesaurus/", "Bistrot", "débit de boissons"),
        ("/mots/thesaurus/", "debit de boisson", "bistrot"),
        ("/mots/offres/", "cerema pont", "cerema-programme-ponts"),
    ],
)
def test_words_are_found_without_accents_nor_capitals(
    agent: Client, address: str, text: str, found: str
) -> None:
    page = agent.get(address, {"q": text})
    assert found in text_of(page)
    assert "zinzolin" not in text_of(page)


@pytest.mark.parametrize("address", ["/mots/", "/mots/thesaurus/", "/mots/offres/"])
def test_a_list_that_finds_nothing_says_what_to_do(agent: Client, address: str) -> None:
    page = agent.get(address, {"q": "zinzolin"})
    assert "ne correspond à « zinzolin »" in text_of(page)


@pytest.mark.parametrize("address", ["/mots/", "/mots/thesaurus/"])
def test_lists_are_narrowed_by_theme_and_origin(admin: Client, address: str) -> None:
    everything = admin.get(address).context["page"].paginator.count
    themed = admin.get(address, {"theme": "eau"}).context["page"]
    assert 0 < themed.paginator.count < everything
    assert all("eau" in row.themes for row in themed)
    assert admin.get(address, {"origine": "ici"}).context["page"].paginator.count == 0
    admin.post(TYPE, type_form(ProjectType.objects.get(slug="dernier-bistrot"), first_step="Oser."))
    admin.post(f"/mots/thesaurus/{entry().pk}/", entry_form(entry(), terms="café"))
    assert admin.get(address, {"origine": "ici"}).context["page"].paginator.count == 1
    first = admin.get(address, {"tri": "recents"}).context["page"][0]
    assert first.origin == Origin.EDITED


@pytest.mark.parametrize(
    "address", ["/mots/", "/mots/thesaurus/", "/mots/offres/", "/mots/besoins/"]
)
@pytest.mark.parametrize("query", ["?theme=nulle&origine=x&tri=y&page=z", "?q=%00", "?q=[(*+"])
def test_whatever_an_address_asks_a_list_answers(agent: Client, address: str, query: str) -> None:
    assert agent.get(address + query).status_code == 200


@pytest.mark.parametrize(
    ("address", "header"),
    [
        ("/mots/", "Identifiant"),
        ("/mots/thesaurus/", "Expression"),
        ("/mots/offres/", "Identifiant"),
        ("/mots/besoins/", "Besoin"),
    ],
)
def test_lists_are_taken_away_as_files(agent: Client, address: str, header: str) -> None:
    need("=HYPERLINK(1)")
    answer = agent.get(address, {"export": "xlsx"})
    sheet = load_workbook(io.BytesIO(answer.content)).active
    rows = list(sheet.values)
    assert rows[0][0] == header
    assert len(rows) > 1
    assert not any(str(cell).startswith("=") for row in rows for cell in row)
    assert b"".join(agent.get(address, {"export": "csv"}).streaming_content)
    assert agent.get(address, {"export": "exe"}).status_code == 404


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/mots/?q=pont", 8),
        ("/mots/thesaurus/", 8),
        ("/mots/offres/?origine=ici", 9),
        ("/mots/besoins/?theme=eau", 9),
        (TYPE, 13),
    ],
)
def test_pages_ask_little_of_the_database(
    admin: Client, address: str, most: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(45):
        need(f"besoin {number}", understood=["dernier-bistrot"], corrected=["reparer-pont"])
    make_offer(curated=["words"])
    admin.get(address)
    with django_assert_max_num_queries(most):
        admin.get(address)


# -- Changing


def test_a_type_is_changed_noted_and_told(admin: Client) -> None:
    row = ProjectType.objects.get(slug="dernier-bistrot")
    version = DataVersion.objects.number("catalogue")
    answer = admin.post(TYPE, type_form(row, phrases="\r\n".join([*row.phrases, " le  zinzolin "])))
    assert answer["Location"] == reverse("words:list")
    after = ProjectType.objects.get(pk=row.pk)
    assert after.phrases == [*row.phrases, "le zinzolin"]
    assert (after.themes, after.phases, after.vocabulary) == (
        row.themes,
        row.phases,
        row.vocabulary,
    )
    assert after.origin == Origin.EDITED
    assert DataVersion.objects.number("catalogue") > version
    assert LogEntry.objects.get().change_message == "phrases des usagers : + le zinzolin"
    assert "le zinzolin" in text_of(admin.get(TYPE))


def test_nothing_changed_is_nothing_written(admin: Client) -> None:
    row = ProjectType.objects.get(slug="dernier-bistrot")
    admin.post(TYPE, type_form(row))
    after = ProjectType.objects.get(pk=row.pk)
    assert (after.origin, after.updated_at) == (row.origin, row.updated_at)
    assert not LogEntry.objects.exists()


def test_the_main_theme_comes_first(admin: Client) -> None:
    row = ProjectType.objects.get(slug="dernier-bistrot")
    assert row.themes[0] == "commerce"
    admin.post(TYPE, type_form(row, main_theme="culture", themes=["commerce", "culture", "bourg"]))
    row.refresh_from_db()
    assert row.themes == ["culture", "commerce", "bourg"]


def test_what_a_load_would_bring_does_not_undo_a_change(admin: Client) -> None:
    admin.post(f"/mots/thesaurus/{entry().pk}/", entry_form(entry(), terms="café de village"))
    load_catalogue()
    assert entry().terms == ["café de village"]


def test_a_new_type_is_made_with_an_address_of_its_own(admin: Client) -> None:
    row = ProjectType.objects.get(slug="dernier-bistrot")
    for _ in range(2):
        admin.post("/mots/nouveau-type/", type_form(row, label="Du zinzolin !", vu=""))
    slugs = ProjectType.objects.filter(label="Du zinzolin !").values_list("slug", flat=True)
    assert set(slugs) == {"du-zinzolin", "du-zinzolin-2"}


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"label": " "}, "label"),
        ({"phrases": " \r\n "}, "phrases"),
        ({"phrases": "x" * 301}, "phrases"),
        ({"phrases": "\n".join(f"phrase {n}" for n in range(201))}, "phrases"),
        ({"main_theme": "nulle"}, "main_theme"),
        ({"phases": []}, "phases"),
    ],
)
@pytest.mark.parametrize("act", ["enregistrer", "essayer"])
def test_a_type_that_is_not_right_is_shown_again(
    admin: Client, said: dict[str, Any], where: str, act: str
) -> None:
    row = ProjectType.objects.get(slug="dernier-bistrot")
    answer = admin.post(TYPE, type_form(row, first_step="Gardé ici", faire=act, **said))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [where]
    assert "Gardé ici" in text_of(answer)
    assert ProjectType.objects.get(pk=row.pk).origin == Origin.FILE


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"expression": ""}, "Écrivez"),
        ({"expression": "de la 12"}, "petits mots"),
        ({"expression": "BISTROT"}, "déjà dans le thésaurus"),
        ({"terms": ""}, "Écrivez au moins un mot"),
        ({"themes": ["eau", "energie", "culture"]}, "deux thèmes"),
    ],
)
def test_an_expression_that_is_not_right_is_shown_again(
    admin: Client, said: dict[str, Any], why: str
) -> None:
    form = {"expression": "zinzolin", "terms": "café\ncafé", "faire": "enregistrer", **said}
    answer = admin.post("/mots/thesaurus/nouvelle-expression/", form)
    assert answer.status_code == 422
    assert why in text_of(answer)


def test_a_new_expression(admin: Client) -> None:
    form = {"expression": " Zinzolin  du bourg", "terms": "café\n\ncafé", "faire": "enregistrer"}
    admin.post("/mots/thesaurus/nouvelle-expression/", form)
    made = ThesaurusEntry.objects.get(expression="Zinzolin du bourg")
    assert (made.terms, made.origin) == (["café"], Origin.EDITED)


def test_what_another_has_changed_meanwhile_is_not_undone(admin: Client) -> None:
    form = entry_form(entry(), terms="le mien")
    admin.post(f"/mots/thesaurus/{entry().pk}/", entry_form(entry(), terms="le sien"))
    answer = admin.post(f"/mots/thesaurus/{entry().pk}/", form)
    assert answer.status_code == 409
    assert entry().terms == ["le sien"]
    assert "le mien" in text_of(answer)
    again = {**form, "vu": answer.context["stamp"]}
    assert admin.post(f"/mots/thesaurus/{entry().pk}/", again).status_code == 302
    assert entry().terms == ["le mien"]


def test_the_words_of_an_offer_are_changed_without_confirming_it(admin: Client) -> None:
    row = Offer.objects.get(slug="cerema-programme-ponts")
    form = {"words": "zinzolin\ntablier", "vu": row.updated_at.isoformat(), "faire": "enregistrer"}
    admin.post("/mots/offres/cerema-programme-ponts/", form)
    after = Offer.objects.get(pk=row.pk)
    assert after.words == ["zinzolin", "tablier"]
    assert after.curated == ["words"]
    assert (after.checked_on, after.origin) == (row.checked_on, row.origin)
    assert after.revisions.get().changes[0]["new"] == ["zinzolin", "tablier"]
    load_catalogue()
    assert Offer.objects.get(pk=row.pk).words == ["zinzolin", "tablier"]


# -- Putting back, deleting


def test_a_shipped_word_is_put_back(admin: Client) -> None:
    before = ProjectType.objects.get(slug="dernier-bistrot")
    admin.post(TYPE, type_form(before, label="Autre chose", phrases="rien"))
    asked = admin.get(f"{TYPE}remettre/")
    assert "Autre chose" in text_of(asked)
    assert ProjectType.objects.get(pk=before.pk).label == "Autre chose", "it is only asked"
    admin.post(f"{TYPE}remettre/")
    after = ProjectType.objects.get(pk=before.pk)
    assert (after.label, after.phrases, after.origin) == (before.label, before.phrases, Origin.FILE)


def test_a_shipped_word_is_not_deleted_and_says_why(admin: Client) -> None:
    for address in (f"{TYPE}supprimer/", f"/mots/thesaurus/{entry().pk}/supprimer/"):
        assert "reviendrait" in text_of(admin.get(address))
        assert admin.post(address).status_code == 403
    assert entry()


def test_a_word_made_here_is_deleted_after_a_question(admin: Client) -> None:
    made = ThesaurusEntry.objects.create(expression="zinzolin", terms=["café"])
    address = f"/mots/thesaurus/{made.pk}/supprimer/"
    assert "Supprimer « zinzolin » ?" in text_of(admin.get(address))
    assert ThesaurusEntry.objects.filter(pk=made.pk).exists()
    admin.post(address)
    assert not ThesaurusEntry.objects.filter(pk=made.pk).exists()
    assert admin.post(f"/mots/thesaurus/{made.pk}/remettre/").status_code == 404


def test_a_word_made_here_has_nothing_to_be_put_back_to(admin: Client) -> None:
    made = ThesaurusEntry.objects.create(expression="zinzolin", terms=["café"])
    address = f"/mots/thesaurus/{made.pk}/remettre/"
    assert "pas de version livrée" in text_of(admin.get(address))
    assert admin.post(address).status_code == 403


# -- Trying


def test_a_trial_shows_both_and_saves_nothing(admin: Client) -> None:
    form = entry_form(entry(), terms="ouvrage d'art\npont", faire="essayer")
    form["essai-place"] = "Bourrou"
    answer = admin.post(f"/mots/thesaurus/{entry().pk}/", form)
    assert answer.status_code == 200
    page = text_of(answer)
    assert "Compris aujourd'hui" in page
    assert "Ce qui change" in page
    assert "ouvrage d'art, pont" in page
    assert entry().origin == Origin.FILE


def test_a_trial_without_a_change_says_so(admin: Client) -> None:
    answer = admin.post(f"/mots/thesaurus/{entry().pk}/", entry_form(entry(), faire="essayer"))
    assert "Rien ne change pour 1" in text_of(answer)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"essai-needs": " "}, "au moins un besoin"),
        ({"essai-needs": "\n".join(f"besoin {n}" for n in range(7))}, "gardez-en 6"),
        ({"essai-place": "Zzyzx-sur-Rien"}, "Aucune commune"),
        ({"essai-place": "Saint-Martin"}, "Plusieurs communes"),
    ],
)
def test_a_trial_that_cannot_be_done_says_why(
    admin: Client, said: dict[str, Any], why: str
) -> None:
    form = {**entry_form(entry(), terms="le mien", faire="essayer"), **said}
    answer = admin.post(f"/mots/thesaurus/{entry().pk}/", form)
    assert answer.status_code == 422
    assert why in text_of(answer)
    assert "le mien" in text_of(answer)


def test_what_to_try_comes_from_the_needs_then_from_the_phrases(admin: Client) -> None:
    need("Mon bistrot à […] ferme", folded="mon bistrot a ferme")
    needs = (
        admin.get(f"/mots/thesaurus/{entry().pk}/")
        .context["trial_form"]["needs"]
        .value()
        .splitlines()
    )
    assert needs[0] == "Mon bistrot à ferme"
    assert len(needs) > 1
    need("rien à voir", corrected=["dernier-bistrot"], reason="corrected")
    needs = admin.get(TYPE).context["trial_form"]["needs"].value().splitlines()
    assert needs[0] == "rien à voir"


# -- Who may


def test_an_agent_reads_and_is_told_why_they_do_not_write(agent: Client) -> None:
    page = text_of(agent.get(TYPE))
    assert "Seul l'administrateur" in page
    assert "Le bistrot ferme" in page
    assert "Enregistrer" not in page
    row = ProjectType.objects.get(slug="dernier-bistrot")
    for act in ("essayer", "enregistrer"):
        refused = agent.post(TYPE, type_form(row, label="Autre", faire=act))
        assert refused.status_code == 403
        assert "Seul l'administrateur" in text_of(refused)
    assert agent.post("/mots/besoins/marquer/", {"suite": "handled"}).status_code == 403
