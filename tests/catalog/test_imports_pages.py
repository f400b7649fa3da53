"""The web page of imports: a file is sent, read, looked at, written or given up."""

import io
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from maillage.accounts.enums import Role
from maillage.catalog.enums import ImportState
from maillage.catalog.models import Dataset, Import, ImportLine, Offer, Provider, Revision
from maillage.catalog.services import importing
from tests.catalog.importers import HEADER, address, offers, send, sent, table
from tests.catalog.keepers import agent, keeper, local_page, signed_in
from tests.desk.factories import make_user
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> Provider:
    return local_page()


@pytest.fixture
def desk(page: Provider) -> Client:
    """A browser of the people of the page."""
    return signed_in(keeper(page))


# -- From the file to the catalogue


def test_a_provider_sends_its_offers_looks_at_them_and_writes_them(
    desk: Client, page: Provider
) -> None:
    parent = sent(desk, table(*offers(3)))
    assert (parent.state, parent.dataset_id) == (ImportState.READY, "offres-de-l-agence")
    text = text_of(desk.get(address("import", parent)))
    assert "Le fichier est bon. Rien n'est encore écrit." in text
    assert "Offre 2" in text
    assert not Offer.objects.filter(dataset=parent.dataset).exists()
    answer = desk.post(address("write", parent), follow=True)
    assert "C'est écrit : 3 fiches ajoutées." in text_of(answer)
    assert Offer.objects.filter(dataset=parent.dataset, provider=page).count() == 3
    assert Revision.objects.filter(offer__dataset=parent.dataset).count() == 3
    parent.refresh_from_db()
    assert parent.state == ImportState.WRITTEN


def test_what_changes_is_said_before_and_after(desk: Client) -> None:
    first = sent(desk, table(*offers(2)))
    desk.post(address("write", first))
    parent = sent(desk, table(*offers(2, "Payant")), dataset="offres-de-l-agence")
    text = text_of(desk.get(address("import", parent)))
    assert "Modifiées (2)" in text
    row = text[text.index("Coût pour la commune") :]
    assert row.index("Gratuit") < row.index("Payant")


def test_what_is_kept_because_people_corrected_it_says_so(desk: Client) -> None:
    desk.post(address("write", sent(desk, table(*offers(1)))))
    Offer.objects.filter(dataset="offres-de-l-agence").update(curated=["cost"], cost="paid")
    parent = sent(desk, table("a0;Offre zéro;eau;Dordogne;Gratuit;Un appui"),
                  dataset="offres-de-l-agence")  # fmt: skip
    assert "Gardé : corrigé à la main ici" in text_of(desk.get(address("import", parent)))
    desk.post(address("write", parent))
    offer = Offer.objects.get(dataset="offres-de-l-agence")
    assert (offer.title, offer.cost) == ("Offre zéro", "paid")


def test_what_disappears_is_asked_twice(desk: Client) -> None:
    desk.post(address("write", sent(desk, table(*offers(4)))))
    parent = sent(desk, table(*offers(3)), dataset="offres-de-l-agence")
    page = text_of(desk.get(address("import", parent)))
    assert "1 fiche du catalogue n'est plus dans le fichier" in page
    # The button of the report leads to a question; without the box ticked, nothing is written.
    asked = desk.post(address("write", parent))
    assert (asked.status_code, "Offre 3" in text_of(asked)) == (200, True)
    missed = desk.post(address("write", parent), {"confirmer": "oui"})
    assert missed.status_code == 422
    assert "Cochez cette case" in text_of(missed)
    assert not Offer.objects.filter(withdrawn_at__isnull=False, title="Offre 3").exists()
    done = desk.post(
        address("write", parent), {"confirmer": "oui", "disparues": "oui"}, follow=True
    )
    assert "1 retirée" in text_of(done)
    assert Offer.objects.filter(withdrawn_at__isnull=False, title="Offre 3").exists()


def test_more_than_half_gone_is_written_when_it_is_said(desk: Client) -> None:
    desk.post(address("write", sent(desk, table(*offers(5)))))
    parent = sent(desk, table(*offers(1)), dataset="offres-de-l-agence")
    assert "plus de la moitié" in text_of(desk.get(address("write", parent)))
    desk.post(address("write", parent), {"confirmer": "oui", "disparues": "oui"})
    assert Offer.objects.published().filter(dataset="offres-de-l-agence").count() == 1


def test_the_same_file_again_has_nothing_to_write(desk: Client) -> None:
    desk.post(address("write", sent(desk, table(*offers(2)))))
    parent = sent(desk, table(*offers(2)), dataset="offres-de-l-agence")
    text = text_of(desk.get(address("import", parent)))
    assert "Rien à écrire" in text
    assert "2 fiches identiques" in text


def test_a_change_made_meanwhile_refuses_the_writing(desk: Client) -> None:
    desk.post(address("write", sent(desk, table(*offers(1)))))
    parent = sent(desk, table(*offers(1, "Payant")), dataset="offres-de-l-agence")
    Offer.objects.filter(dataset="offres-de-l-agence").update(cost="member")
    answer = desk.post(address("write", parent), follow=True)
    assert "des fiches ont été changées depuis" in text_of(answer)
    assert Offer.objects.get(dataset="offres-de-l-agence").cost == "member"


def test_an_import_is_given_up_after_a_question(desk: Client) -> None:
    parent = sent(desk, table(*offers(2)))
    assert "Abandonner" in text_of(desk.get(address("cancel", parent)))
    answer = desk.post(address("cancel", parent), follow=True)
    assert "rien n'a été changé" in text_of(answer)
    parent.refresh_from_db()
    assert parent.state == ImportState.CANCELLED
    assert "Le détail des lignes n'est plus gardé" in text_of(desk.get(address("import", parent)))
    again = desk.post(address("cancel", parent), follow=True)
    assert "ne s'abandonne plus" in text_of(again)
    assert desk.post(address("write", parent)).status_code == 302


# -- What is wrong


def test_lines_to_correct_say_where_and_what_and_can_be_taken_away(desk: Client) -> None:
    parent = sent(
        desk, table("a;;eau;Dordogne;Gratuit;x", "b;B;eau;Trifouilly;cher;=1+1", *offers(1))
    )
    assert parent.state == ImportState.REFUSED
    text = text_of(desk.get(address("import", parent)))
    assert "2 lignes à corriger" in text
    assert "Trifouilly" in text
    assert "Où sont les erreurs" in text
    assert desk.post(address("write", parent)).status_code == 302
    assert not Offer.objects.filter(dataset=parent.dataset).exists()
    rejected = text_of(desk.get(address("rejects", parent))).splitlines()
    assert rejected[0].endswith("Ligne;À corriger;id;titre;themes;perimetre;cout;resume")
    assert [line.split(";")[0] for line in rejected[1:]] == ["2", "3"]
    assert "'=1+1" in rejected[2]
    again = desk.get(address("rejects", parent), {"export": "xlsx"})
    sheet = load_workbook(io.BytesIO(again.content)).active
    assert (sheet.cell(1, 1).value, sheet.cell(3, 3).value) == ("Ligne", "b")
    assert desk.get(address("rejects", parent), {"export": "doc"}).status_code == 404


def test_the_lines_to_correct_can_be_sent_again_as_they_are(desk: Client) -> None:
    parent = sent(desk, table("a;;eau;Dordogne;Gratuit;x"))
    corrected = text_of(desk.get(address("rejects", parent))).replace("a;;eau", "a;Titre;eau")
    again = sent(desk, SimpleUploadedFile("corrige.csv", corrected.encode()),
                 dataset="offres-de-l-agence")  # fmt: skip
    assert again.state == ImportState.READY, list(again.lines.values_list("problems"))
    assert again.options["remarks"] == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("image.csv", b"\x89PNG\r\n\x1a\n" + b"x" * 50, "une image (PNG)"),
        ("offres.csv", b"chien;chat\nA;B\n", "Aucune colonne n'est connue"),
        ("offres.csv", f"{HEADER}\n".encode(), "n'a aucune fiche"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    desk: Client, name: str, content: bytes, message: str
) -> None:
    parent = sent(desk, SimpleUploadedFile(name, content))
    text = text_of(desk.get(address("import", parent)))
    assert "Ce fichier ne peut pas être lu" in text
    assert message in text


def test_a_form_that_lacks_something_loses_nothing(desk: Client) -> None:
    answer = desk.post(reverse("imports:new"), {"kind": "aides", "title": "Mes aides"})
    text = text_of(answer)
    assert answer.status_code == 422
    assert "Choisissez le fichier à importer." in text
    assert 'value="Mes aides"' in text
    assert not Dataset.objects.filter(title="Mes aides").exists()
    answer = send(desk, table(*offers(1)), title=" ")
    assert "Donnez un nom au jeu de données" in text_of(answer)
    answer = send(desk, SimpleUploadedFile("vide.csv", b""))
    assert "Ce fichier est vide" in text_of(answer)


def test_a_file_too_big_is_refused(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.MAILLAGE, "UPLOAD_MAX_MB", 1)
    heavy = SimpleUploadedFile("gros.csv", b"x" * (1024 * 1024 + 1))
    answer = send(desk, heavy)
    assert answer.status_code == 422
    assert "pour 1 au plus" in text_of(answer)
    assert not Import.objects.exists()


# -- Whose


def test_a_provider_imports_its_own_offers_alone(desk: Client) -> None:
    header = f"{HEADER};offreur"
    row = f"{offers(1)[0]};Cerema"
    parent = sent(desk, table(row, header=header))
    assert parent.state == ImportState.REFUSED
    assert "n'est pas votre organisme" in text_of(desk.get(address("import", parent)))
    assert 'value="offreurs"' not in text_of(desk.get(reverse("imports:new")))
    assert send(desk, table(*offers(1)), kind="offreurs").status_code == 422


def test_an_agent_imports_inside_their_departement_even_if_the_prefecture_has_a_page() -> None:
    someone = agent()
    body = importing.bodies(someone)[0]
    body.provider = "prefecture-24"
    body.save()
    client = signed_in(someone)
    rows = ("p;Maison de l'habitat;Réseau ou association;Dordogne",
            "q;Agence du Lot;Réseau ou association;Lot")  # fmt: skip
    parent = sent(client, table(*rows, header="id;nom;famille;perimetre"), kind="offreurs")
    refused = ImportLine.objects.filter(parent=parent, action="refused")
    assert [line.key for line in refused] == ["q"]
    assert "hors de votre département. Cette fiche est d'un autre" in text_of(
        client.get(address("import", parent))
    )


def test_an_import_is_seen_by_its_body_and_the_administrator_alone(
    desk: Client, page: Provider
) -> None:
    parent = sent(desk, table(*offers(1)))
    colleague = signed_in(keeper(page))
    assert "offres.csv" in text_of(colleague.get(reverse("imports:list")))
    assert colleague.post(address("write", parent)).status_code == 302
    parent.refresh_from_db()
    assert parent.state == ImportState.WRITTEN
    stranger = signed_in(keeper(local_page("autre", name="Autre bureau")))
    assert stranger.get(address("import", parent)).status_code == 404
    assert "offres.csv" not in text_of(stranger.get(reverse("imports:list")))
    administrator = signed_in(make_user(Role.ADMINISTRATOR))
    assert "offres.csv" in text_of(administrator.get(reverse("imports:list")))
    answer = signed_in(make_user(Role.APPLICANT)).get(reverse("imports:list"))
    assert (answer.status_code, "les offreurs" in text_of(answer)) == (403, True)


def test_the_dataset_of_another_is_neither_offered_nor_taken(desk: Client) -> None:
    sent(desk, table(*offers(1)))
    other = signed_in(keeper(local_page("autre", name="Autre bureau")))
    assert 'value="offres-de-l-agence"' in text_of(desk.get(reverse("imports:new")))
    assert 'value="offres-de-l-agence"' not in text_of(other.get(reverse("imports:new")))
    answer = send(other, table(*offers(1)), dataset="offres-de-l-agence")
    assert answer.status_code == 422
    # The same title elsewhere is another dataset.
    parent = sent(other, table(*offers(1)))
    assert parent.dataset_id != "offres-de-l-agence"
    assert parent.dataset_id.startswith("offres-de-l-agence-")


def test_offers_and_aids_do_not_share_a_dataset(desk: Client) -> None:
    desk.post(address("write", sent(desk, table(*offers(1)))))
    answer = send(desk, table(*offers(1)), kind="aides", dataset="offres-de-l-agence")
    assert answer.status_code == 422
    assert "vont dans un autre jeu" in text_of(answer)


# -- Lists


def test_the_history_is_searched_filtered_and_taken_away(desk: Client) -> None:
    sent(desk, table(*offers(1), name="premier.csv"))
    sent(desk, table("a;;eau;Dordogne;;x", name="second.csv"), dataset="offres-de-l-agence")
    url = reverse("imports:list")
    text = text_of(desk.get(url, {"q": "premier agence"}))
    assert "premier.csv" in text
    assert "second.csv" not in text
    assert "second.csv" in text_of(desk.get(url, {"etat": "refused"}))
    assert "Aucun import ne correspond" in text_of(desk.get(url, {"q": "zut"}))
    rows = text_of(desk.get(url, {"export": "csv"})).splitlines()
    assert len(rows) == 3
    assert "second.csv" in rows[1]


def test_the_lines_are_searched_filtered_and_taken_away(desk: Client) -> None:
    parent = sent(desk, table(*offers(30), "z;Tout autre chose;eau;Dordogne;;x"))
    url = address("lines", parent)
    text = text_of(desk.get(url))
    assert "31 lignes, page 1 sur 2" in text
    assert "Tout autre chose" in text_of(desk.get(url, {"q": "autre", "voir": "new"}))
    assert "Aucune ligne ne correspond" in text_of(desk.get(url, {"q": "zut"}))
    rows = text_of(desk.get(url, {"export": "csv", "q": "Offre"})).splitlines()
    assert len(rows) == 31
    assert desk.get(url, {"voir": "zut", "page": "99"}).status_code == 200


def test_the_pages_ask_the_same_queries_whatever_they_show(
    desk: Client, django_assert_max_num_queries: Any
) -> None:
    parent = sent(desk, table(*offers(60)))
    for _ in range(4):
        sent(desk, table(*offers(2)), dataset="offres-de-l-agence")
    with django_assert_max_num_queries(9):
        desk.get(reverse("imports:list"))
    with django_assert_max_num_queries(12):
        desk.get(address("import", parent))
    with django_assert_max_num_queries(11):
        desk.get(address("lines", parent))
    with django_assert_max_num_queries(9):
        desk.get(reverse("imports:new"))


# -- What to fill


@pytest.mark.parametrize("kind", ["offres", "aides", "offreurs"])
def test_templates_and_columns_are_there(desk: Client, kind: str) -> None:
    for format in ("csv", "ods", "xlsx"):
        answer = desk.get(reverse("imports:template", args=[kind, format]))
        assert answer.status_code == 200
        assert f'filename="modele-{kind}.{format}"' in answer["Content-Disposition"]
    page = text_of(desk.get(reverse("imports:schema", args=[kind])))
    assert "obligatoire" in page
    schema = desk.get(reverse("imports:schema", args=[kind]), {"format": "json"}).json()
    assert schema["fields"][0]["name"] == "id"


def test_what_is_not_known_is_not_found(desk: Client) -> None:
    for url in ("/imports/modele/zut/csv/", "/imports/modele/offres/doc/", "/imports/colonnes/zut/",
                "/imports/999999/"):  # fmt: skip
        assert desk.get(url).status_code == 404


def test_the_line_of_example_of_the_template_is_to_be_taken_out() -> None:
    client = signed_in(make_user(Role.ADMINISTRATOR))
    filled = client.get(reverse("imports:template", args=["offreurs", "xlsx"])).content
    parent = sent(client, SimpleUploadedFile("modele.xlsx", filled), kind="offreurs")
    assert "1 ligne à corriger" in text_of(client.get(address("import", parent)))
    assert "ligne d'exemple" in text_of(client.get(address("import", parent)))
