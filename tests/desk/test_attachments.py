"""Documents of a request: joined, given back, taken away, each through its request."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.common.documents import checking
from maillage.common.documents.content import Refused
from maillage.common.documents.keeping import erase_orphans
from maillage.desk import perms, storage
from maillage.desk.enums import Audience, Capacity, State
from maillage.desk.models import Attachment, Request
from maillage.desk.models.exchanges import FOLDER
from maillage.desk.services import exchanges, filing
from tests.desk import files
from tests.desk.factories import (
    BOURROU,
    PERIGUEUX,
    DeskFactory,
    make_provider,
    make_request,
    make_town,
    make_user,
)
from tests.desk.filing import text_of

pytestmark = pytest.mark.django_db


def upload(name: str = "devis.pdf", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, files.pdf() if content is None else content)


@pytest.fixture
def mairie() -> User:
    DeskFactory()
    return make_user(Role.APPLICANT, make_town(BOURROU))


@pytest.fixture
def draft(mairie: User) -> Request:
    return filing.start_draft(by=mairie, need="Réparer le pont", code=BOURROU)


def pieces(demand: Request) -> str:
    return reverse("requests:step", args=[demand.pk, "pieces"])


def join(demand: Request, by: User, audience: str = Audience.APPLICANT, **more: object):
    return exchanges.add_attachment(
        request=demand, by=by, upload=upload(), audience=audience, **more
    )


def address(piece: Attachment) -> str:
    return reverse("requests:attachment", args=[piece.request_id, piece.pk])


def test_several_files_are_joined_at_once(client: Client, mairie: User, draft: Request) -> None:
    client.force_login(mairie)
    sent = [upload(), upload("photo.png", files.png())]
    assert client.post(pieces(draft), {"fichiers": sent, "joindre": "1"}).url == pieces(draft)
    assert {piece.name for piece in draft.attachments.all()} == {"devis.pdf", "photo.png"}
    page = text_of(client.get(pieces(draft)))
    assert "devis.pdf" in page
    assert "photo.png" in page


def test_continuing_joins_too(client: Client, mairie: User, draft: Request) -> None:
    client.force_login(mairie)
    answer = client.post(pieces(draft), {"fichiers": upload()})
    assert answer.url == reverse("requests:step", args=[draft.pk, "relire"])
    assert draft.attachments.count() == 1


def test_what_is_refused_is_said_and_the_others_are_kept(
    client: Client, mairie: User, draft: Request, settings
) -> None:
    settings.MAILLAGE = {**settings.MAILLAGE, "UPLOAD_MAX_MB": 1}
    client.force_login(mairie)
    big = upload("gros.pdf", files.pdf(b"0" * 1_200_000))
    sent = [upload(), big, upload("virus.exe", b"MZ123")]
    answer = client.post(pieces(draft), {"fichiers": sent})
    assert answer.status_code == 422
    page = text_of(answer)
    assert "2 fichiers n'ont pas été joints" in page
    assert "« gros.pdf » pèse" in page
    assert "« virus.exe »" in page
    assert [piece.name for piece in draft.attachments.all()] == ["devis.pdf"]


def test_the_same_file_twice_is_kept_once(client: Client, mairie: User, draft: Request) -> None:
    client.force_login(mairie)
    for _ in range(2):
        client.post(pieces(draft), {"fichiers": upload(), "joindre": "1"})
    assert draft.attachments.count() == 1


def test_files_of_an_ended_session_are_asked_again(client: Client, draft: Request) -> None:
    answer = client.post(pieces(draft), {"fichiers": upload(), "joindre": "1"})
    assert "seront à joindre de nouveau" in text_of(client.get(answer.url))
    assert draft.attachments.count() == 0


def test_a_file_is_given_back_to_be_saved(client: Client, mairie: User, draft: Request) -> None:
    client.force_login(mairie)
    answer = client.get(address(join(draft, mairie)))
    assert b"".join(answer.streaming_content) == files.pdf()
    assert answer.headers["Content-Disposition"] == 'attachment; filename="devis.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_who_may_not_read_a_request_finds_no_document(
    client: Client, mairie: User, draft: Request
) -> None:
    piece = join(draft, mairie)
    for other in (
        make_user(Role.APPLICANT, make_town(PERIGUEUX)),
        make_user(Role.AGENT),
        make_user(Role.OBSERVER),
    ):
        client.force_login(other)
        assert client.get(address(piece)).status_code == 404
        assert client.post(f"{address(piece)}retirer/").status_code == 404
        assert client.post(f"/demandes/{draft.pk}/pieces/").status_code == 404
    assert draft.attachments.count() == 1


def test_a_document_is_reached_by_its_own_request_only(client: Client, mairie: User) -> None:
    one, other = make_request(), make_request()
    client.force_login(mairie)
    piece = join(one, mairie)
    wrong = reverse("requests:attachment", args=[other.pk, piece.pk])
    assert client.get(wrong).status_code == 404


def test_each_reads_the_documents_of_their_audience(client: Client, mairie: User) -> None:
    agent, provider = make_user(Role.AGENT), make_user(Role.PROVIDER)
    body = make_provider()
    demand = make_request(parties=[(body, Capacity.ASKED)])
    said = {
        "public": join(demand, mairie),
        "internal": join(demand, agent, Audience.INTERNAL),
        "partner": join(demand, agent, Audience.PARTNER, partner=body),
    }
    table = {
        mairie: {"public": 200, "internal": 404, "partner": 404},
        agent: {"public": 200, "internal": 200, "partner": 200},
        provider: {"public": 404, "internal": 404, "partner": 200},
        make_user(Role.OBSERVER): {"public": 404, "internal": 404, "partner": 404},
    }
    for person, expected in table.items():
        client.force_login(person)
        got = {name: client.get(address(piece)).status_code for name, piece in said.items()}
        assert got == expected, person


def test_a_filed_request_receives_documents(client: Client, mairie: User) -> None:
    demand = make_request(State.QUALIFIED)
    client.force_login(mairie)
    joined = client.post(f"/demandes/{demand.pk}/pieces/", {"fichiers": upload()})
    assert joined.url == f"{demand.get_absolute_url()}#documents"
    assert demand.attachments.get().audience == Audience.APPLICANT
    assert demand.journal.filter(verb="document_added").count() == 1
    client.post(f"/demandes/{demand.pk}/pieces/", {"fichiers": upload("x.exe", b"MZ1")})
    assert demand.attachments.count() == 1


def test_a_mairie_writes_nothing_for_the_desk_alone(client: Client, mairie: User) -> None:
    demand = make_request()
    client.force_login(mairie)
    sent = {"fichiers": upload(), "audience": "internal"}
    assert client.post(f"/demandes/{demand.pk}/pieces/", sent).status_code == 403
    assert demand.attachments.count() == 0


def test_a_document_is_taken_away_after_asking(
    client: Client, mairie: User, draft: Request, django_capture_on_commit_callbacks
) -> None:
    client.force_login(mairie)
    piece = join(draft, mairie)
    storage, name = piece.file.storage, piece.file.name
    page = client.get(f"{address(piece)}retirer/")
    assert "Retirer cette pièce ?" in text_of(page)
    assert draft.attachments.count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"{address(piece)}retirer/").url == pieces(draft)
    assert draft.attachments.count() == 0
    assert not storage.exists(name)


def test_a_mairie_does_not_take_away_what_the_desk_joined(client: Client, mairie: User) -> None:
    demand = make_request()
    piece = join(demand, make_user(Role.AGENT))
    client.force_login(mairie)
    assert client.get(f"{address(piece)}retirer/").status_code == 403
    assert client.post(f"{address(piece)}retirer/").status_code == 403
    assert demand.attachments.count() == 1


def test_erasing_a_draft_erases_its_files(
    client: Client, mairie: User, draft: Request, django_capture_on_commit_callbacks
) -> None:
    client.force_login(mairie)
    piece = join(draft, mairie)
    storage, name = piece.file.storage, piece.file.name
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("requests:discard", args=[draft.pk]))
    assert not storage.exists(name)


def test_a_get_joins_and_removes_nothing(client: Client, mairie: User, draft: Request) -> None:
    client.force_login(mairie)
    join(draft, mairie)
    assert client.get(f"/demandes/{draft.pk}/pieces/").status_code == 405
    assert draft.attachments.count() == 1


def test_old_drafts_are_erased_with_their_files(
    mairie: User, draft: Request, django_capture_on_commit_callbacks
) -> None:
    piece = join(draft, mairie)
    recent = filing.start_draft(by=mairie, need="Autre", code=BOURROU)
    Request.objects.filter(pk=draft.pk).update(updated_at=now() - timedelta(days=181))
    with django_capture_on_commit_callbacks(execute=True):
        assert filing.erase_old_drafts() == 1
    assert list(Request.objects.all()) == [recent]
    assert not piece.file.storage.exists(piece.file.name)


def test_a_file_that_no_document_names_is_erased(mairie: User) -> None:
    kept = exchanges.add_attachment(
        request=make_request(State.RECEIVED, author=mairie), by=mairie, upload=upload()
    )
    lost = default_storage.save("demandes/perdu/abc", ContentFile(b"perdu"))
    erase_orphans(Attachment, FOLDER)
    assert default_storage.exists(lost), "its writing may not be over"
    # Files of the tests before this one, whose rows were taken back, may go with it.
    assert erase_orphans(Attachment, FOLDER, timedelta(0)) >= 1
    assert not default_storage.exists(lost)
    assert default_storage.exists(kept.file.name)


# -- Who joins, how many, at what cost


def test_who_only_reads_joins_nothing(client: Client, mairie: User) -> None:
    body = make_provider()
    demand = make_request(parties=[(body, Capacity.INFORMED)])
    for reader in (make_user(Role.OBSERVER), make_user(Role.PROVIDER, body)):
        client.force_login(reader)
        for audience in Audience.values:
            sent = {"fichiers": upload(), "audience": audience, "partner": body.pk}
            assert client.post(f"/demandes/{demand.pk}/pieces/", sent).status_code == 403
    assert demand.attachments.count() == 0


def test_a_remark_has_no_document(client: Client) -> None:
    demand = make_request()
    client.force_login(make_user(Role.AGENT))
    sent = {"fichiers": upload(), "audience": Audience.REMARK}
    assert client.post(f"/demandes/{demand.pk}/pieces/", sent).status_code == 403
    assert demand.attachments.count() == 0


def test_a_partner_does_not_fill_the_room_of_the_mairie(
    mairie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "MOST", replace(storage.MOST, files=2))
    body, provider = make_provider(), make_user(Role.PROVIDER)
    demand = make_request(parties=[(body, Capacity.ASKED)])

    def add(by: User, text: bytes, **more: object) -> Attachment:
        sent = upload(content=files.pdf(text))
        return exchanges.add_attachment(request=demand, by=by, upload=sent, **more)

    theirs = {"audience": Audience.PARTNER, "partner": body}
    added = [add(provider, text, **theirs) for text in (b"1", b"2")]
    with pytest.raises(Refused, match="2 pièces"):
        add(provider, b"3", **theirs)
    assert set(perms.attachments(perms.standing(provider, demand))) == set(added)
    add(mairie, b"4")
    add(make_user(Role.AGENT), b"5", **theirs)  # the desk's own room is the mairie's
    with pytest.raises(Refused, match="2 pièces"):
        add(mairie, b"6")


def test_more_than_twenty_files_at_once_are_refused_by_name(
    client: Client, mairie: User, draft: Request
) -> None:
    client.force_login(mairie)
    sent = [upload(f"{n}.pdf") for n in range(23)]
    answer = client.post(pieces(draft), {"fichiers": sent})
    assert answer.status_code == 422
    page = text_of(answer)
    assert "« 22.pdf » n'a pas été joint : joignez 20 fichiers au plus à la fois" in page
    assert "« 19.pdf »" not in page


def test_the_same_file_is_read_once(
    client: Client, mairie: User, draft: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    monkeypatch.setattr(checking, "kind_of", lambda data, file: read.append("pdf") or "pdf")
    client.force_login(mairie)
    client.post(pieces(draft), {"fichiers": [upload() for _ in range(12)]})
    assert read == ["pdf"]
    assert draft.attachments.count() == 1


def test_a_file_is_read_before_the_request_is_locked(
    mairie: User, draft: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    check, lock = exchanges.check, exchanges.lock
    monkeypatch.setattr(exchanges, "check", lambda one: done.append("check") or check(one))
    monkeypatch.setattr(exchanges, "lock", lambda one: done.append("lock") or lock(one))
    join(draft, mairie)
    assert done == ["check", "lock"]
