"""Documents that are joined to a request: how many, and in whose room each one counts."""

from typing import Any, Final, Protocol

from django.db.models import Exists, OuterRef, Q

from maillage.accounts.models import Mandate, Organisation
from maillage.common.documents.checking import formats
from maillage.common.documents.keeping import Limits, Room
from maillage.common.uploads import MEGABYTE
from maillage.desk.enums import Audience

MOST: Final = Limits("cette demande", files=20, octets=60 * MEGABYTE)


def hint() -> str:
    """What may be joined, in one sentence, for the page that asks."""
    return f"{formats()}, {MOST.files} fichiers au plus."


class _WithAttachments(Protocol):
    attachments: Any


def room_left(request: _WithAttachments, partner: Organisation | None = None) -> Room:
    """What may still be joined to `request` (one query): by the mairie, its interlocuteur and the
    desk, who share one room, or by the people of `partner`, whose room is its own.
    """
    acts_for_it = Mandate.objects.filter(
        user=OuterRef("added_by"), organisation=OuterRef("partner")
    )
    theirs = Q(Exists(acts_for_it), audience=Audience.PARTNER)
    if partner:
        return MOST.room(request.attachments.filter(theirs, partner=partner))
    return MOST.room(request.attachments.filter(~theirs))
