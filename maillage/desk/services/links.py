"""Links by which a mairie files without an account: an agent sends them, or the mairie asks."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.timezone import localdate, now

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.desk import notifications
from maillage.desk.models import Desk, FilingLink, Request
from maillage.desk.services import desks
from maillage.desk.services.core import AlreadyDone, Incomplete, NotAllowed
from maillage.desk.services.filing import act_for, start_draft

#: A link is valid so long.
LASTS: Final = timedelta(days=14)
#: Links that may be asked for in an hour: to one address, and from one origin.
MOST_BY_ADDRESS: Final = 3
MOST_BY_ORIGIN: Final = 10
_KEPT: Final = frozenset({"need", "types", "stage", "bearer_kind"})


class SignInFirst(NotAllowed):
    """This account has other rights than a mairie's: it is opened by a code only."""


def digest_of(secret: str) -> str:
    """What is kept of a link's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def origin_of(address: str) -> str:
    """What is kept of a visitor's network address: a proof of the day, from which it cannot be
    read, and which is no longer the same tomorrow.
    """
    return salted_hmac("desk.links", f"{localdate()} {address}", algorithm="sha256").hexdigest()


@transaction.atomic
def send_link(
    *,
    email: str,
    code: str,
    sent_by: User | None = None,
    draft: dict[str, Any] | None = None,
    origin: str = "",
) -> str:
    """Send to `email` a link by which the territory `code` files its request; return its secret,
    which is kept nowhere.

    With `sent_by`, an agent vouches that the address is the mairie's. Raises `Incomplete` when no
    desk is open there or it is not the agent's, and ``KeyError`` for an unknown code.
    """
    desk = desks.desk_for(code)
    if desk is None:
        raise Incomplete({"lieu": "Le guichet de ce département ne reçoit pas de demandes ici."})
    if sent_by is not None and not Desk.objects.worked_by(sent_by).filter(pk=desk.pk).exists():
        raise Incomplete({"lieu": "Cette commune relève d'un autre guichet que le vôtre."})
    secret = secrets.token_urlsafe(32)
    link = FilingLink.objects.create(
        digest=digest_of(secret), email=email.strip().lower(), code=code, desk=desk,
        sent_by=sent_by, draft={k: v for k, v in (draft or {}).items() if k in _KEPT},
        origin=origin, expires_at=now() + LASTS,
    )  # fmt: skip
    _tell(link, secret)
    return secret


def _tell(link: FilingLink, secret: str) -> None:
    notifications.LinkToFile(link, secret).send(emails=[link.email], key=link.digest)


@transaction.atomic
def ask_link(*, email: str, code: str, draft: dict[str, Any], address: str) -> bool:
    """Send a link to a mairie that asks for it from the network address `address`.

    Return whether it was sent: not beyond `MOST_BY_ADDRESS` and `MOST_BY_ORIGIN` in an hour. The
    page says the same in both cases. Raises what `send_link` does.
    """
    desk = desks.desk_for(code)
    if desk is not None:  # two at once are counted one after the other
        Desk.objects.select_for_update(no_key=True).get(pk=desk.pk)
    origin = origin_of(address)
    recent = FilingLink.objects.filter(sent_by=None, created_at__gt=now() - timedelta(hours=1))
    by_address = recent.filter(email=email.strip().lower()).count()
    if by_address >= MOST_BY_ADDRESS or recent.filter(origin=origin).count() >= MOST_BY_ORIGIN:
        return False
    send_link(email=email, code=code, draft=draft, origin=origin)
    return True


@transaction.atomic
def resend_link(*, link: FilingLink, by: User) -> str:
    """Send again a link that was not used, with another secret: the former one opens nothing.

    Return the secret. Raises `AlreadyDone` when it was used, `NotAllowed` for another desk's.
    """
    held = _held(link, by)
    if held.used_at is not None:
        raise AlreadyDone
    secret = secrets.token_urlsafe(32)
    held.digest, held.expires_at = digest_of(secret), now() + LASTS
    held.save(update_fields=["digest", "expires_at", "updated_at"])
    _tell(held, secret)
    return secret


@transaction.atomic
def cancel_link(*, link: FilingLink, by: User) -> None:
    """Close a link that was not used. Raises `AlreadyDone` or `NotAllowed`."""
    held = _held(link, by)
    if held.used_at is not None or held.expires_at <= now():
        raise AlreadyDone
    held.expires_at = now()
    held.save(update_fields=["expires_at", "updated_at"])


def _held(link: FilingLink, by: User) -> FilingLink:
    held = FilingLink.objects.select_for_update(of=("self",)).select_related("desk").get(pk=link.pk)
    if not FilingLink.objects.visible_to(by).filter(pk=held.pk).exists():
        raise NotAllowed("Ce lien est celui d'un autre guichet que le vôtre.")
    return held


def open_link(secret: str) -> FilingLink | None:
    """The link of this secret, used or not; ``None`` when it is unknown or too old. Reads only."""
    return (
        FilingLink.objects.filter(digest=digest_of(secret), expires_at__gt=now())
        .select_related("desk", "request", "sent_by")
        .first()
    )


@transaction.atomic
def use_link(*, secret: str, signed_in: User | None = None) -> tuple[User, Request]:
    """Open the account and the draft of a link, once.

    The account's address is proved by the link. It acts for the mairie only when an agent vouched
    for the address; otherwise its author reads this request alone until the desk has checked.
    Raises `AlreadyDone` when it was used, `Incomplete` when it is too old, `SignInFirst` when it
    would open an account that has other rights, and that account is not `signed_in`.
    """
    link = (
        FilingLink.objects.select_for_update(of=("self",))
        .filter(digest=digest_of(secret), expires_at__gt=now())
        .select_related("desk", "sent_by")
        .first()
    )
    if link is None:
        raise Incomplete({"link": "Ce lien n'est plus valable : demandez-en un autre."})
    if link.used_at is not None:
        raise AlreadyDone
    user = _user_of(link.email)
    if not user.is_active:
        raise NotAllowed("Ce compte est fermé : appelez le guichet.")
    if user != signed_in and _opens_more(user, link):
        raise SignInFirst(
            "Cette adresse est celle d'un compte qui a d'autres droits : il s'ouvre par un code "
            "reçu par courriel, pas par ce lien."
        )
    if link.sent_by_id is not None:
        act_for(user, link.code)
    request = start_draft(by=user, code=link.code, link=link, **link.draft)
    link.used_at = now()
    link.request = request
    link.draft = {}
    link.save(update_fields=["used_at", "request", "draft", "updated_at"])
    return user, request


def _user_of(email: str) -> User:
    """The account of this address, made at its first link (two links at once make one)."""
    known = User.objects.filter(email=email).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return User.objects.create_user(email)
    except IntegrityError:
        return User.objects.get(email=email)


def _opens_more(user: User, link: FilingLink) -> bool:
    """True when this account reads or does more than the one request that the link is for.

    Whoever holds the mail would otherwise enter it without a code. A link that an agent sent may
    open the account of the mairie it was sent to; one that was asked for alone opens a new one.
    """
    held = user.mandates.exclude(ends__lt=localdate())
    if link.sent_by_id is None:
        return user.is_staff or held.exists() or user.written_requests.exists()
    its_own = held.filter(
        role=Role.APPLICANT, organisation=desks.body_for_territory(link.code)
    ).values("pk")
    return user.is_staff or held.exclude(pk__in=its_own).exists()


def erase_old_links(days: int = 90) -> int:
    """Erase links that have opened nothing for `days` days (their requests stay); return how many.

    Addresses of mairies, and what they had typed, are not kept longer than they serve.
    """
    old = FilingLink.objects.filter(expires_at__lt=now() - timedelta(days=days))
    return old.delete()[1].get(FilingLink._meta.label, 0)
