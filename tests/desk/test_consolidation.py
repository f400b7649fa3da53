"""The annual consolidation: what is counted, in which year, and that the past does not move."""

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils.timezone import localdate

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.desk.consolidation import facts as f
from maillage.desk.consolidation.france import france
from maillage.desk.consolidation.report import Consolidation, Share, share_sentence
from maillage.desk.consolidation.year import consolidation_of
from maillage.desk.enums import (
    Branch,
    ConsultationKind,
    ConsultationState,
    LeadKind,
    Outcome,
    State,
    Verb,
)
from maillage.desk.models import Consultation, Desk, JournalEntry, Request
from maillage.desk.services import local, qualifying
from maillage.desk.services.core import Act
from tests.desk.conftest import enter, page
from tests.desk.factories import (
    BOURROU,
    FIGEAC,
    GRAND_PERIGUEUX,
    PERIGUEUX,
    DeskFactory,
    OrganisationFactory,
    make_provider,
    make_request,
    make_user,
)

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
YEAR = 2025


def on(day: int, month: int = 3, year: int = YEAR) -> datetime:
    return datetime(year, month, day, 10, tzinfo=PARIS)


def past(state: str, days: Iterable[datetime], commune: str = BOURROU, **said: Any) -> Request:
    """A request whose passages are dated: one of `days` each, in order."""
    days = list(days)
    row = make_request(state, commune, filed_at=days[0], **said)
    entries = list(row.journal.order_by("rank"))
    assert len(entries) == len(days), [entry.verb for entry in entries]
    for entry, day in zip(entries, days, strict=True):
        data = {**entry.data, **_said(entry, row)}
        JournalEntry.objects.filter(pk=entry.pk).update(at=day, data=data)
    return row


def _said(entry: JournalEntry, row: Request) -> dict[str, Any]:
    """What the services write and the factory leaves out."""
    if entry.verb == Verb.QUALIFY:
        return {"themes": ["commerce", "eau"], "phase": "faisabilite", "level": "method"}
    if entry.verb in {Verb.DESIGNATE, Verb.START_SUPPORT}:
        return {"lead_kind": LeadKind.LOCAL_PROVIDER, "organisation_name": "Agence technique"}
    if entry.verb == Verb.CLOSE:
        return {"outcome": row.outcome}
    return {}


def made(year: int = YEAR) -> Consolidation:
    return consolidation_of(Desk.objects.get(territory="dep:24"), year)


def table(found: Consolidation, title: str) -> dict[str, Any]:
    section = next(one for one in found.sections if one.title.startswith(title))
    return {row[0]: row[1] for row in section.rows}


LOCALLY = (on(3), on(5), on(10), on(14))  # filed, qualified, designated, accepted
NATIONALLY = (on(3), on(5), on(10), on(12), on(20))  # … asked, sent, accepted


# -- What became of them


def test_each_request_has_one_fate(agent: User) -> None:
    past(State.ACCOMPANIED, LOCALLY)
    past(State.ACCEPTED, NATIONALLY)
    past(State.CLOSED, [*LOCALLY, on(1, 9)], outcome=Outcome.STARTED)
    past(State.WITHDRAWN, [on(3), on(9)])
    past(State.REORIENTED, [on(3), on(9)])
    past(State.EXISTING_CIRCUIT, [on(3), on(4)])
    past(State.RECEIVED, [on(3)])
    past(State.REFUSED, NATIONALLY)
    found = table(made(), "Ce qu'elles sont devenues")
    assert found == {
        f.FATES[f.LOCAL]: 2, f.FATES[f.NATIONAL]: 1, f.FATES[f.UNANSWERED]: 0,
        f.FATES[f.ENDED]: 2, f.FATES[f.CIRCUIT]: 1, f.FATES[f.OPEN]: 2,
    }  # fmt: skip
    assert sum(found.values()) == 8


@pytest.mark.parametrize(
    ("outcome", "fate"),
    [
        (Outcome.ANSWERED, f.LOCAL), (Outcome.STARTED, f.LOCAL),
        (Outcome.UNANSWERED, f.UNANSWERED), (Outcome.ABANDONED, f.ENDED),
        (Outcome.DUPLICATE, f.ENDED),
    ],
)  # fmt: skip
def test_how_a_request_closed_by_the_desk_counts(agent: User, outcome: str, fate: str) -> None:
    row = past(State.RECEIVED, [on(3)])
    entry = JournalEntry.objects.create(
        request=row, rank=2, verb=Verb.CLOSE, from_state=State.RECEIVED, to_state=State.CLOSED,
        by_label="Essai", data={"outcome": outcome},
    )  # fmt: skip
    JournalEntry.objects.filter(pk=entry.pk).update(at=on(8))
    found = table(made(), "Ce qu'elles sont devenues")
    assert found[f.FATES[fate]] == 1
    assert sum(found.values()) == 1


def test_a_project_abandoned_after_a_local_answer_had_its_answer(agent: User) -> None:
    past(State.CLOSED, [*LOCALLY, on(1, 9)], outcome=Outcome.ABANDONED)
    assert made().share == Share(local=1, decided=1)


def test_the_target_counts_decisions_and_leaves_the_circuit_apart(agent: User) -> None:
    for _ in range(9):
        past(State.ACCOMPANIED, LOCALLY)
    past(State.ACCEPTED, NATIONALLY)
    past(State.EXISTING_CIRCUIT, [on(3), on(4)])
    past(State.QUALIFIED, [on(3), on(4)])
    found = made()
    assert found.share == Share(local=9, decided=10)
    assert (found.share.percent, found.share.reached, found.share.few) == (90, True, False)
    sentence = (
        "Part locale : 9 sur 10\xa0demandes décidées en 2025, soit 90\u202f% (repère : 90\u202f%)."
    )
    assert sentence in found.sentences


def test_a_share_is_never_rounded_up_to_the_target_and_says_when_it_is_small() -> None:
    assert Share(local=899, decided=1000).percent == 89
    assert "ne veut pas dire grand-chose" in share_sentence(Share(2, 3), YEAR)
    assert "ne veut pas dire grand-chose" not in share_sentence(Share(9, 10), YEAR)
    assert "2 sur 3" in share_sentence(Share(2, 3), YEAR)
    assert "pas de part locale" in share_sentence(Share(0, 0), YEAR)


def test_a_decision_counts_in_its_own_year_once(agent: User) -> None:
    """Received in December, accepted in January: it was missed if only the year's own counted."""
    row = past(State.CLOSED, [
        on(15, 12, 2024), on(16, 12, 2024), on(18, 12, 2024), on(8, 1), on(9, 2, 2026)
    ])  # fmt: skip
    assert row.received_on == date(2024, 12, 15)
    assert made(2024).share == Share(0, 0)
    assert made(2025).share == Share(1, 1)
    assert made(2026).share == Share(0, 0)
    assert table(made(2024), "Ce qu'elles sont devenues")[f.FATES[f.OPEN]] == 1


def test_a_solution_undone_in_the_year_is_not_counted(agent: User) -> None:
    row = past(State.LOCAL, LOCALLY[:3])
    local.accept_lead(request=row, act=Act(by=agent))
    qualifying.close(request=row, act=Act(by=agent), outcome=Outcome.SUPPORTED, text="Fait.")
    assert made(localdate().year).share == Share(1, 1)
    qualifying.reopen(request=row, act=Act(by=agent, reason="Ce n'est pas fini."))
    assert made(localdate().year).share == Share(0, 0)


# -- The past does not move


def everything(found: Consolidation) -> tuple[Any, ...]:
    return (found.sentences, [(s.title, s.header, s.rows, s.note) for s in found.sections])


def test_what_is_done_later_does_not_change_the_year(agent: User) -> None:
    waiting = past(State.LOCAL, LOCALLY[:3])
    received = past(State.RECEIVED, [on(30, 12)])
    past(State.ACCEPTED, NATIONALLY, PERIGUEUX)
    before = everything(made())
    assert table(made(), "Ce qu'elles sont devenues")[f.FATES[f.OPEN]] == 2

    act = Act(by=agent)
    local.accept_lead(request=waiting, act=act)
    qualifying.qualify(request=received, act=act, themes=["eau"], phase="travaux", level="study")
    qualifying.close(
        request=received, act=act, outcome=Outcome.UNANSWERED, text="Personne n'a pu aider."
    )
    make_request(commune=PERIGUEUX)

    assert everything(made()) == before


# -- Tables


def test_who_asks_from_where_and_how(agent: User) -> None:
    past(State.RECEIVED, [on(3)], BOURROU, channel="phone")
    past(State.RECEIVED, [on(3)], PERIGUEUX)
    past(State.QUALIFIED, [on(3), on(4)], GRAND_PERIGUEUX)
    past(State.RECEIVED, [on(3, year=2024)])
    found = made()
    assert table(found, "Taille des communes") == {
        "Moins de 500 habitants": 1, "10 000 habitants et plus": 1,
        "Intercommunalités et leurs groupements": 1,
    }  # fmt: skip
    assert table(found, "Façon d'arriver") == {"En ligne": 2, "Par téléphone": 1}
    assert table(found, "Intercommunalités") == {"CA Le Grand Périgueux": 3}
    assert table(found, "Arrondissements") == {"Périgueux": 2, "Toute une intercommunalité": 1}
    assert table(found, "Thèmes")["Pas encore qualifiée"] == 2
    assert "En 2025, le guichet a reçu 3\xa0demandes" in found.sentences[0]


def test_the_first_answer_is_in_working_days(agent: User) -> None:
    """Filed on Friday 2 May 2025, answered on Monday 12: 1 (5) + 2 (6, 7) + 8 May is a holiday."""
    past(State.QUALIFIED, [on(2, 5), on(12, 5)], first_answer_due=date(2025, 5, 12))
    past(State.QUALIFIED, [on(2, 5), on(13, 5)], first_answer_due=date(2025, 5, 12))
    past(State.RECEIVED, [on(2, 5)], first_answer_due=date(2025, 5, 12))
    found = table(made(), "Délai de la première réponse")
    assert found["Demandes qui ont eu une première réponse"] == 2
    assert found["Délai médian, en jours ouvrés"] == "5,5"
    assert found["Dans le délai annoncé"] == 1
    assert found["Hors délai, ou en attente au-delà du délai"] == 2
    assert found["Part dans le délai"] == "33\u202f%"


def test_national_support_and_its_reasons(agent: User) -> None:
    past(State.ACCEPTED, NATIONALLY)
    row = past(State.REFUSED, NATIONALLY)
    row.journal.filter(verb=Verb.REFUSE_NATIONAL).update(reason="Une offre locale existe.")
    past(State.ACCOMPANIED, [*NATIONALLY, on(2, 4), on(9, 4)], branch=Branch.NATIONAL,
         lead=make_provider())  # fmt: skip
    found = made()
    assert table(found, "Appui national") == {
        "Demandé par le délégué, justifié": 3, "Transmis au comité de l'ANCT": 3, "Accepté": 2,
        "Refusé": 1, "Conventions d'appui opérationnel signées": 1,
        "Accompagnements commencés": 1,
    }  # fmt: skip
    assert table(found, "Motifs de l'appui national") == {
        "Fragilité de la collectivité": 3,
        "Insuffisance des ressources locales mobilisables": 3,
    }
    refusal = next(s for s in found.sections if s.title.startswith("Refus")).rows
    assert refusal == ((row.number, row.bearer_name, "20 mars 2025", "Une offre locale existe."),)
    assert table(found, "Interlocuteurs uniques") == {"Organisme local": 1}


def test_opinions_and_communes_never_seen(agent: User) -> None:
    row = past(State.RECEIVED, [on(3)])
    for number, (due, answered) in enumerate(
        [(on(20), on(18)), (on(20), on(25)), (on(20), on(2, 1, 2026)), (None, None)]
    ):
        one = Consultation.objects.create(
            request=row, organisation=make_provider(f"Service {number}"),
            kind=ConsultationKind.OPINION, state=ConsultationState.GIVEN,
            due_on=due and due.date(), answered_at=answered,
        )  # fmt: skip
        Consultation.objects.filter(pk=one.pk).update(created_at=on(10))
    found = made()
    assert table(found, "Avis demandés") == {
        "Demandés": 4, "Rendus": 2, "Rendus ou attendus en retard": 2
    }  # fmt: skip
    communes = table(found, "Communes jamais vues")
    assert communes["Ont déjà déposé une demande"] == 1
    assert communes["Jamais vues"] > 400


def test_nothing_to_say_of_an_empty_year(agent: User) -> None:
    found = made(2021)
    assert "En 2021, le guichet a reçu 0\xa0demande." in found.sentences
    assert found.share.percent is None


# -- France


def test_all_the_desks_a_row_each(agent: User) -> None:
    past(State.ACCOMPANIED, LOCALLY)
    lot = DeskFactory(territory="dep:46")
    past(State.ACCEPTED, NATIONALLY, FIGEAC, desk=lot)
    past(State.EXISTING_CIRCUIT, [on(3), on(4)], FIGEAC, desk=lot)
    desks = list(Desk.objects.order_by("territory"))
    rows = france(YEAR, desks).sections[0].rows
    assert [row[0] for row in rows] == [desks[0].name, desks[1].name, "France"]
    assert [row[1:8] for row in rows] == [
        (1, 1, 1, 0, 0, 0, 0),
        (2, 1, 0, 1, 0, 0, 1),
        (3, 2, 1, 1, 0, 0, 1),
    ]
    assert rows[-1][8] == "50\u202f% *"


# -- Pages, files, rights


def test_the_page_shows_counts_definition_and_no_contact(
    signed_in: Client, agent: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(4):
        past(State.ACCOMPANIED, LOCALLY)
        past(State.REFUSED, NATIONALLY)
    with django_assert_max_num_queries(12):
        text = page(signed_in, f"/guichet/bilan/{YEAR}/")
    assert "<strong>4</strong> sur 4" in text.replace("\xa0", " ")
    assert "ne veut pas dire grand-chose" in text
    assert "feuille de route de l&#x27;ANCT de 2020, II.c" in text
    assert "Camille Martin" not in text
    assert "05 53 00 00 01" not in text


def test_without_a_year_the_present_one(signed_in: Client, agent: User) -> None:
    answer = signed_in.get("/guichet/bilan/")
    assert answer["Location"] == f"/guichet/bilan/{localdate().year}/"


@pytest.mark.parametrize("year", [2019, 2999])
def test_no_such_year(signed_in: Client, agent: User, year: int) -> None:
    assert signed_in.get(f"/guichet/bilan/{year}/").status_code == 404


def test_the_lines_hold_no_contact_nor_what_the_mairie_wrote(
    signed_in: Client, agent: User
) -> None:
    row = past(State.ACCOMPANIED, LOCALLY)
    answer = signed_in.get(f"/guichet/bilan/{YEAR}/?export=csv")
    text = answer.getvalue().decode("utf-8-sig")
    (line,) = csv.DictReader(io.StringIO(text), delimiter=";")
    assert line["Numéro"] == row.number
    assert line["Ce qu'elle est devenue"] == "Réponse locale"
    assert line["Décidée le"] == "2025-03-14"
    assert line["Jours ouvrés avant la première réponse"] == "2"
    assert line["Strate"] == "Moins de 500 habitants"
    for private in ("Camille Martin", "mairie@exemple.test", "05 53", "bistrot", "Dominique"):
        assert private not in text


@pytest.mark.parametrize(("kind", "start"), [("odt", b"PK"), ("tableaux", b"PK"), ("xlsx", b"PK")])
def test_the_report_as_a_file(signed_in: Client, agent: User, kind: str, start: bytes) -> None:
    past(State.ACCOMPANIED, LOCALLY)
    answer = signed_in.get(f"/guichet/bilan/{YEAR}/?export={kind}")
    assert answer.status_code == 200
    assert answer.content.startswith(start)


def test_no_such_format(signed_in: Client, agent: User) -> None:
    assert signed_in.get(f"/guichet/bilan/{YEAR}/?export=docx").status_code == 404


@pytest.mark.parametrize(
    ("role", "desk", "all_desks"),
    [
        (Role.AGENT, 200, 403), (Role.DELEGATE, 200, 403), (Role.COMMITTEE, 200, 200),
        (Role.ADMINISTRATOR, 200, 200), (Role.OBSERVER, 200, 403), (Role.APPLICANT, 403, 403),
        (Role.PROVIDER, 403, 403),
    ],
)  # fmt: skip
def test_who_reads(client: Client, db: None, role: str, desk: int, all_desks: int) -> None:
    DeskFactory()
    enter(client, make_user(role))
    assert client.get(f"/guichet/bilan/{YEAR}/").status_code == desk
    assert client.get(f"/guichet/bilan/{YEAR}/france/").status_code == all_desks


def test_a_desk_of_others_is_not_there(signed_in: Client, agent: User) -> None:
    DeskFactory(territory="dep:46")
    assert signed_in.get(f"/guichet/bilan/{YEAR}/?guichet=46").status_code == 404


def test_an_observer_takes_the_lines_of_their_territory_only(client: Client, agent: User) -> None:
    past(State.RECEIVED, [on(3)], BOURROU)
    theirs = past(State.RECEIVED, [on(3)], PERIGUEUX)
    enter(client, make_user(Role.OBSERVER, OrganisationFactory(territory=f"com:{PERIGUEUX}")))
    text = client.get(f"/guichet/bilan/{YEAR}/?export=csv").getvalue().decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [line["Numéro"] for line in lines] == [theirs.number]


def test_all_desks_cost_few_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    for code in ("24", "46", "12", "87", "19"):
        past(State.ACCOMPANIED, LOCALLY, desk=DeskFactory(territory=f"dep:{code}"))
    enter(client, make_user(Role.COMMITTEE))
    with django_assert_max_num_queries(12):
        text = page(client, f"/guichet/bilan/{YEAR}/france/")
    assert text.count("<tr") == 7
    lines = client.get(f"/guichet/bilan/{YEAR}/france/?export=csv").getvalue().decode()
    assert len(lines.splitlines()) == 7


def test_the_running_year_is_said_to_be_provisional(signed_in: Client, agent: User) -> None:
    assert "provisoire" in page(signed_in, f"/guichet/bilan/{localdate().year}/")
    past_year = page(signed_in, f"/guichet/bilan/{YEAR}/")
    assert "au 31 décembre 2025" in past_year
