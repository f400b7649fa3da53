"""Requests of the desk, for who is signed in: the same door as the pages (`visible_to`)."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Field, Path, Query, Router, Schema
from ninja.errors import AuthenticationError
from ninja.security import SessionAuth

from maillage.api.schemas import MOST_ROWS, Error
from maillage.desk import perms
from maillage.desk.enums import State
from maillage.desk.models import JournalEntry, Request

_PAGE: Final = 50


class SignedIn(SessionAuth):
    """The session of the site: sign in there first; nothing is read without it."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """The signed-in person. Raises ``AuthenticationError``."""
        if not request.user.is_authenticated:
            raise AuthenticationError
        return request.user


router = Router(auth=SignedIn(csrf=False), tags=["Demandes"])


class RequestsAsked(Schema):
    """Les filtres de la liste des demandes."""

    q: str = Field("", max_length=100, description="Mots du besoin, commune ou numéro")
    state: State | None = Field(None, description="État de la demande")
    after: str = Field(
        "", pattern=r"^[0-9A-Za-z-]{0,20}$", description="Curseur « next » de la page précédente"
    )
    limit: int = Field(_PAGE, ge=1, le=MOST_ROWS, description="Demandes par page")


class RequestRow(Schema):
    """Une demande dans une liste."""

    id: UUID
    number: str | None
    state: State
    branch: str
    bearer: str = Field(description="Code COG de la commune ou SIREN de l'EPCI")
    bearer_name: str
    need: str
    received_on: date | None
    first_answer_due: date | None
    due_on: date | None
    hand: str = Field(description="Qui a la main")
    lead: str = Field(description="Interlocuteur unique, ou vide")
    outcome: str


class RequestPage(Schema):
    """Une page de la liste : `next` est vide à la dernière."""

    results: list[RequestRow]
    next: str


class PassageOut(Schema):
    """Un passage de l'histoire de la demande."""

    rank: int
    verb: str
    from_state: State
    to_state: State
    at: datetime
    by: str
    reason: str


class RequestOut(RequestRow):
    """Une demande, telle que vous avez le droit de la lire."""

    themes: list[str]
    phase: str
    level: str
    contact: str = Field(description="Vide pour qui n'a pas à joindre la mairie")
    journal: list[PassageOut]


@router.get(
    "",
    response={200: RequestPage, 401: Error, 422: Error},
    summary="Les demandes que vous pouvez lire",
    operation_id="requests",
)
def requests(request: HttpRequest, asked: Query[RequestsAsked]) -> RequestPage:
    """Liste les demandes déposées que vos mandats vous ouvrent, les plus récentes d'abord."""
    rows = Request.objects.visible_to(request.user).filed().select_related("lead")
    if asked.state:
        rows = rows.filter(state=asked.state)
    rows = rows.saying(asked.q)
    rows = rows.order_by("-number")
    if asked.after:
        rows = rows.filter(number__lt=asked.after)
    found = list(rows[: asked.limit + 1])
    shown = found[: asked.limit]
    return RequestPage(
        results=[RequestRow(**_line(row)) for row in shown],
        next=shown[-1].number if len(found) > asked.limit else "",
    )


@router.get(
    "/{request_id}",
    response={200: RequestOut, 401: Error, 404: Error},
    summary="Une demande",
    operation_id="request",
)
def one_request(
    request: HttpRequest,
    request_id: UUID = Path(description="Identifiant de la demande"),  # noqa: B008 - ninja reads it
) -> RequestOut:
    """Donne une demande et son histoire, autant que vos mandats vous l'ouvrent."""
    row = perms.find(request.user, request_id)
    if row.is_draft:
        raise Http404("Cette demande n'est pas encore déposée.")
    who = perms.standing(request.user, row)
    contact = f"{row.contact_name} {row.contact_phone} {row.contact_email}".strip()
    return RequestOut(
        **_line(row),
        themes=row.themes,
        phase=row.phase,
        level=row.level,
        contact=contact if who.sees_contact else "",
        journal=[_passage(entry) for entry in perms.journal(who)],
    )


def _line(row: Request) -> dict[str, Any]:
    return {
        "id": row.pk,
        "number": row.number,
        "state": row.state,
        "branch": row.branch,
        "bearer": row.bearer,
        "bearer_name": row.asker,
        "need": row.need,
        "received_on": row.received_on,
        "first_answer_due": row.first_answer_due,
        "due_on": row.due_on,
        "hand": row.hand,
        "lead": row.lead.name if row.lead else "",
        "outcome": row.outcome,
    }


def _passage(entry: JournalEntry) -> PassageOut:
    return PassageOut(
        rank=entry.rank,
        verb=entry.verb,
        from_state=entry.from_state,
        to_state=entry.to_state,
        at=entry.at,
        by=entry.by_label,
        reason=entry.reason,
    )
