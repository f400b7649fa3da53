"""To keep a copy of the catalogue up to date: what has changed, in an order that never moves."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.timezone import is_naive, localdate, make_aware
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError

from maillage.api import catalogshapes as shapes
from maillage.api import schemas as s
from maillage.api.catalog import offer_out, provider_entry_out
from maillage.api.strict import refuse_unknown
from maillage.catalog.opendata.changes import BadCursor, changed_offers, changed_providers

MOST: int = 500
router = Router(tags=["Catalogue"])
_REFUSED = {422: s.Error}


class ChangesAsked(Schema):
    """Depuis quand, et où l'on en était."""

    updated_since: datetime | None = Field(
        None,
        description="Moment ISO 8601 : ce qui a changé depuis, inclus. Sans lui : tout. Sans "
        "fuseau horaire, c'est l'heure de Paris",
    )
    cursor: str = Field(
        "",
        max_length=200,
        description="Le « cursor » de la réponse précédente ; vide pour commencer",
    )
    limit: int = Field(100, ge=1, le=MOST, description="Fiches par réponse")


class OfferChange(Schema):
    """Une offre qui a changé ; sans contenu (« offer » nul) quand elle a quitté le catalogue."""

    id: str = Field(description="Identifiant, qui ne change jamais")
    changed_at: datetime
    deleted: bool = Field(description="Vrai : n'est plus au catalogue, à retirer de votre copie")
    offer: shapes.OfferOut | None


class OfferChanges(Schema):
    """Une suite de changements, les plus anciens d'abord."""

    results: list[OfferChange]
    cursor: str = Field(description="À redonner pour la suite, aujourd'hui ou plus tard")
    complete: bool = Field(description="Vrai : il n'y a rien de plus pour l'instant")


class ProviderChange(Schema):
    """Un organisme qui a changé ; sans contenu quand il a quitté le catalogue."""

    id: str = Field(description="Identifiant, qui ne change jamais")
    changed_at: datetime
    deleted: bool = Field(description="Vrai : n'est plus au catalogue, à retirer de votre copie")
    provider: shapes.ProviderEntryOut | None


class ProviderChanges(Schema):
    """Une suite de changements, les plus anciens d'abord."""

    results: list[ProviderChange]
    cursor: str = Field(description="À redonner pour la suite, aujourd'hui ou plus tard")
    complete: bool = Field(description="Vrai : il n'y a rien de plus pour l'instant")


@router.get(
    "/offers",
    response={200: OfferChanges, **_REFUSED},
    summary="Les offres qui ont changé, pour tenir une copie à jour",
    operation_id="offer_changes",
)
def offer_changes(request: HttpRequest, asked: Query[ChangesAsked]) -> OfferChanges:
    """Donne les offres dans l'ordre de leur dernier changement, retraits compris."""
    refuse_unknown(request, ChangesAsked)
    found = _found(changed_offers, asked)
    today = localdate()
    return OfferChanges(
        results=[
            OfferChange(
                id=row.slug,
                changed_at=row.changed_at,
                deleted=not row.shown,
                offer=offer_out(row, today) if row.shown else None,
            )
            for row in found.rows
        ],
        cursor=found.cursor,
        complete=found.complete,
    )


@router.get(
    "/providers",
    response={200: ProviderChanges, **_REFUSED},
    summary="Les organismes qui ont changé, pour tenir une copie à jour",
    operation_id="provider_changes",
)
def provider_changes(request: HttpRequest, asked: Query[ChangesAsked]) -> ProviderChanges:
    """Donne les organismes dans l'ordre de leur dernier changement, retraits compris."""
    refuse_unknown(request, ChangesAsked)
    found = _found(changed_providers, asked)
    return ProviderChanges(
        results=[
            ProviderChange(
                id=row.slug,
                changed_at=row.changed_at,
                deleted=not row.shown,
                provider=provider_entry_out(row) if row.shown else None,
            )
            for row in found.rows
        ],
        cursor=found.cursor,
        complete=found.complete,
    )


def _found(read: Any, asked: ChangesAsked) -> Any:
    since = asked.updated_since
    if since is not None and is_naive(since):
        since = make_aware(since)
    try:
        return read(since, asked.cursor, asked.limit)
    except BadCursor as error:
        raise HttpError(
            422,
            "« cursor » n'est pas de ceux que cette API donne : reprenez celui de la réponse "
            "précédente, ou laissez-le vide pour recommencer.",
        ) from error
    except OverflowError as error:
        raise HttpError(422, "« updated_since » : ce moment ne peut pas être lu.") from error
