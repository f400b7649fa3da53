"""What is done from the queue: assign, keep views, carry files away; the map and the calendar."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate, now
from odfdo import Document
from openpyxl import load_workbook

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.desk import queue
from maillage.desk.enums import State
from maillage.desk.models import Request, SavedView
from tests.desk.conftest import enter, page
from tests.desk.factories import (
    FIGEAC,
    GRAND_FIGEAC,
    PERIGUEUX,
    DeskFactory,
    make_prefecture,
    make_request,
    make_user,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


# -- Assignment


def give(client: Client, requests: list[Any], to: object, query: str = "") -> Any:
    ticked = [str(getattr(one, "pk", one)) for one in requests]
    return client.post(f"/guichet/affecter/{query}", {"demande": ticked, "agent": str(to)})


def test_several_requests_are_given_at_once(signed_in: Client, agent: User) -> None:
    colleague = make_user(name="Paul Faure")
    ours = [make_request(), make_request(State.QUALIFIED)]
    lot = DeskFactory(territory="dep:46")
    theirs = make_request(commune=FIGEAC, desk=lot)
    answer = give(signed_in, [*ours, theirs, "pas-un-numéro"], colleague.pk, "?q=bistrot")
    assert answer.status_code == 302
    assert answer["Location"] == "/guichet/?q=bistrot"
    text = page(signed_in, "/guichet/")
    assert "2\u00a0demandes confiées à Paul Faure" in text
    assert "2\u00a0demandes laissées" in text
    assert [r.assigned_to for r in Request.objects.filter(desk__territory="dep:24")] == [
        colleague, colleague,
    ]  # fmt: skip
    theirs.refresh_from_db()
    assert theirs.assigned_to is None
    assert ours[0].journal.filter(verb="assign", by=agent).count() == 1
    assert theirs.journal.filter(verb="assign").count() == 0


def test_nobody_may_be_in_charge(signed_in: Client, agent: User) -> None:
    request = make_request(assigned_to=agent)
    give(signed_in, [request], "personne")
    request.refresh_from_db()
    assert request.assigned_to is None
    assert "1\u00a0demande n&#x27;a plus d&#x27;agent" in page(signed_in, "/guichet/")


def test_a_stranger_cannot_be_given_a_request(signed_in: Client) -> None:
    DeskFactory(territory="dep:46")
    stranger = make_user(organisation=make_prefecture("dep:46"))
    request = make_request()
    answer = give(signed_in, [request], stranger.pk)
    assert answer.status_code == 422
    request.refresh_from_db()
    assert request.assigned_to is None


def test_an_error_keeps_what_was_ticked_and_the_filters(signed_in: Client) -> None:
    request = make_request()
    answer = give(signed_in, [request], "", "?q=bistrot")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Choisissez à qui les confier" in text
    assert f'value="{request.pk}"' in text
    assert " checked>" in text.split(str(request.pk))[1][:200]
    assert 'value="bistrot"' in text
    assert "Cochez au moins une demande" in give(signed_in, [], "personne").content.decode()


def test_only_a_post_assigns(signed_in: Client) -> None:
    assert signed_in.get("/guichet/affecter/").status_code == 405


# -- Views


def test_a_view_is_kept_opened_replaced_and_deleted(signed_in: Client, agent: User) -> None:
    form = "/guichet/vues/?filtres=theme%3Deau%26file%3Den-retard"
    assert "En retard · Eau, assainissement, déchets" in page(signed_in, form)
    said = {"name": "Eau en retard", "query": "theme=eau&file=en-retard&page=3&x=<b>"}
    answer = signed_in.post("/guichet/vues/", said)
    assert answer["Location"] == "/guichet/?file=en-retard&theme=eau"
    assert "Eau en retard" in page(signed_in, "/guichet/vues/")

    again = {"name": "Eau en retard", "query": "theme=eau"}
    answer = signed_in.post("/guichet/vues/", again)
    assert answer.status_code == 422
    assert "Remplacer la vue" in answer.content.decode()
    assert SavedView.objects.get().query == "file=en-retard&theme=eau"
    signed_in.post("/guichet/vues/", {**again, "replace": "on"})
    view = SavedView.objects.get()
    assert (view.query, view.user) == ("theme=eau", agent)

    address = f"/guichet/vues/{view.pk}/supprimer/"
    assert "Supprimer la vue « Eau en retard »" in page(signed_in, address)
    assert SavedView.objects.exists()
    signed_in.post(address)
    assert not SavedView.objects.exists()


def test_a_view_needs_a_name(signed_in: Client) -> None:
    answer = signed_in.post("/guichet/vues/", {"name": " ", "query": "theme=eau"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Donnez un nom" in text
    assert 'value="theme=eau"' in text


def test_a_view_is_ones_own(client: Client, agent: User) -> None:
    view = SavedView.objects.create(user=agent, name="À moi", query="theme=eau")
    enter(client, make_user())
    address = f"/guichet/vues/{view.pk}/supprimer/"
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
    assert "À moi" not in page(client, "/guichet/vues/")


# -- Files


def test_files_hold_the_rows_of_the_list(signed_in: Client) -> None:
    make_request(contact_name="=1+1", due_on=localdate() - DAY)
    make_request(State.CLOSED, commune=PERIGUEUX)
    answer = signed_in.get("/guichet/?file=toutes&export=csv&tri=numero")
    assert answer.streaming
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 3
    first = dict(zip(rows[0], rows[1], strict=True))
    assert (first["Demandeur"], first["Code"], first["En retard"]) == ("Bourrou", "24061", "oui")
    assert first["Contact"] == "'=1+1"
    assert first["Intercommunalité"] == "CA Le Grand Périgueux"
    assert "Le bistrot" not in first["Issue"]

    xlsx = signed_in.get("/guichet/?file=toutes&export=xlsx").content
    assert load_workbook(io.BytesIO(xlsx)).active.max_row == 3
    ods = signed_in.get("/guichet/?file=terminees&export=ods").content
    table = Document(io.BytesIO(ods)).body.get_tables()[0]
    assert len(table.get_rows()) == 2
    assert signed_in.get("/guichet/?export=exe").status_code == 404


# -- Map


def test_the_map_and_its_table_say_the_same(signed_in: Client) -> None:
    for _ in range(3):
        make_request()
    make_request(commune=PERIGUEUX, due_on=localdate() - DAY)
    text = page(signed_in, "/guichet/carte/?q=bistrot")
    assert text.count("<circle") == 2
    assert "<title>Bourrou : 3\u00a0demandes</title>" in text
    assert "Périgueux : 1\u00a0demande, dont 1 en retard" in text
    assert "/guichet/?q=bistrot&amp;commune=24061" in text
    assert page(signed_in, "/guichet/?q=bistrot&commune=24061").count("data-row") == 3


def test_an_epci_over_two_departments_stands_in_each_map(client: Client) -> None:
    lot = DeskFactory(territory="dep:46")
    make_request(commune=GRAND_FIGEAC, desk=lot)
    there = enter(client, make_user(organisation=make_prefecture("dep:46")))
    assert page(there, "/guichet/carte/").count("<circle") == 1


def test_who_is_not_on_the_map_is_counted(signed_in: Client) -> None:
    make_request(commune=FIGEAC)  # another département, carried by our desk
    text = page(signed_in, "/guichet/carte/")
    assert "<circle" not in text
    assert "1\u00a0demande n&#x27;est pas sur la carte" in text
    assert "Figeac" in text


# -- Calendar


def test_a_month_day_by_day(signed_in: Client) -> None:
    first = (localdate() + 40 * DAY).replace(day=1)
    for _ in range(6):
        make_request(State.QUALIFIED, due_on=first + 9 * DAY)
    make_request(due_on=first - 1 * DAY)
    make_request(due_on=localdate() - 40 * DAY)
    text = page(signed_in, f"/guichet/calendrier/?mois={first:%Y-%m}&etat=qualified")
    assert "6\u00a0échéances" in text
    assert "et 2\u00a0autres" in text
    day = first + 9 * DAY
    assert f"etat=qualified&amp;echeance={day}" in text
    assert page(signed_in, f"/guichet/?etat=qualified&echeance={day}").count("data-row") == 6
    before = (first - DAY).replace(day=1)
    assert f"mois={before:%Y-%m}" in text


def test_what_is_late_since_another_month_is_said(signed_in: Client) -> None:
    make_request(due_on=localdate() - 40 * DAY, filed_at=now() - 50 * DAY)
    text = page(signed_in, "/guichet/calendrier/")
    assert "1\u00a0demande est en retard depuis un mois précédent" in text
    assert "Aucune échéance" in text


@pytest.mark.parametrize("month", ["2026-13", "x", "", "9999-12", "0001-01", "2026-05-04"])
def test_a_strange_month_is_this_one(signed_in: Client, month: str) -> None:
    assert f"{localdate().day}" in page(signed_in, f"/guichet/calendrier/?mois={month}")


def test_what_awaits_my_decision_is_mine(client: Client) -> None:
    waiting = make_request(State.NATIONAL)
    make_request(State.RECEIVED)
    delegate, agent = make_user(Role.DELEGATE), make_user(Role.AGENT)
    mine = next(pile for pile in queue.PILES if pile.code == "les-miennes")
    for user, expected in ((delegate, [waiting]), (agent, [])):
        found = Request.objects.handled_by(user).filter(mine.condition(queue.scope_of(user)))
        assert list(found) == expected
