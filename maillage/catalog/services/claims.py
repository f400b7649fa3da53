"""« C'est notre organisme » : someone asks to keep a page, proves their address, an agent checks.

A link proves the address; only its digest is kept. What was never proved is erased after a week.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils.timezone import localdate, now

from maillage.accounts import services as accounts
from maillage.accounts.models import Mandate, User
from maillage.catalog.enums import ClaimState, Verb
from maillage.catalog.kept import overseers
from maillage.catalog.models import Claim, Provider
from maillage.catalog.notifications.keeping import (
    ClaimAccepted,
    ClaimLink,
    ClaimRefused,
    ClaimToCheck,
)
from maillage.catalog.services.keeping import Refused, body_of, give_access
from maillage.catalog.services.origins import counted

#: A link is valid so long.
LASTS: Final = timedelta(days=7)
#: Links that may be asked for in an hour: to one address, and from one origin.
MOST_BY_ADDRESS: Final = 3
MOST_BY_ORIGIN: Final = 10
_HOUR: Final = 3600
#: A decided claim is kept this long, then forgotten: the history of the page stays.
KEPT_DAYS: Final = 365


class Gone(Exception):
    """The link is unknown, too old, or has served."""


def digest_of(secret: str) -> str:
    """What is kept of a link's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def ask(
    *,
    provider: Provider,
    email: str,
    name: str,
    position: str,
    phone: str = "",
    message: str = "",
    origin: str = "",
) -> str | None:
    """Note that someone says the page is theirs, and send them a link; return its secret.

    `origin` is a network address: only a proof of the day is kept of it, for an hour. ``None``
    when nothing is sent: too many in an hour, or their claim is being checked already. The page
    says the same in all cases.
    """
    Provider.objects.select_for_update(of=("self",), no_key=True).get(pk=provider.pk)
    address = email.strip().lower()
    mine = Claim.objects.filter(email=address)
    recent = mine.filter(created_at__gt=now() - timedelta(seconds=_HOUR)).count()
    waits = mine.filter(
        provider=provider, state=ClaimState.PENDING, confirmed_at__isnull=False
    ).exists()
    if waits or recent >= MOST_BY_ADDRESS or not counted("claims", origin, MOST_BY_ORIGIN):
        return None
    secret = secrets.token_urlsafe(32)
    claim = Claim.objects.create(
        provider=provider, email=address, name=_line(name), position=_line(position),
        phone=_line(phone), message=message.strip(), digest=digest_of(secret),
    )  # fmt: skip
    ClaimLink(claim, secret).send(emails=[address], key=claim.digest)
    return secret


def _line(said: str) -> str:
    """What was written, on one line: it goes into the subject and the list of a mail."""
    return " ".join(said.split())


def read_link(secret: str) -> Claim | None:
    """The claim of this secret; ``None`` when it is unknown, too old, or was used. Reads only."""
    return (
        Claim.objects.filter(digest=digest_of(secret), created_at__gt=now() - LASTS)
        .select_related("provider")
        .first()
    )


@transaction.atomic
def prove(*, secret: str) -> Claim:
    """The address is proved: tell those who check. Raises `Gone`, also when it has served."""
    claim = (
        Claim.objects.select_for_update(of=("self",))
        .filter(digest=digest_of(secret), created_at__gt=now() - LASTS)
        .select_related("provider")
        .first()
    )
    if claim is None:
        raise Gone
    others = Claim.objects.filter(
        provider=claim.provider, email=claim.email, state=ClaimState.PENDING
    ).exclude(pk=claim.pk)
    others.filter(confirmed_at=None).delete()
    waiting = others.filter(confirmed_at__isnull=False).select_related("provider").first()
    if waiting is not None:  # two links of the same person: one claim is checked
        claim.delete()
        return waiting
    claim.digest, claim.confirmed_at = "", now()
    claim.save()
    ClaimToCheck(claim).send(to=overseers(claim.provider), key=str(claim.pk))
    return claim


@transaction.atomic
def accept(*, claim: Claim, by: User, body: str) -> Mandate:
    """Give the page to who claims it, and tell them. Raises `Refused`: decided already, or their
    account is closed.
    """
    held = _lock(claim)
    try:
        mandate = give_access(
            provider=held.provider, email=held.email, name=held.name, by=by, body=body,
            verb=Verb.CLAIMED,
        )  # fmt: skip
    except accounts.Refused as refusal:
        known = Mandate.objects.in_force(localdate()).filter(
            user__email=held.email, user__is_active=True, organisation=body_of(held.provider)
        )
        # Invited meanwhile: the access is there, the claim is answered.
        found = known.select_related("user", "organisation").first()
        if found is None:
            raise Refused(str(refusal)) from refusal
        mandate = found
    _decide(held, ClaimState.ACCEPTED, by, "")
    ClaimAccepted(held).send(to=[mandate.user], key=str(held.pk))
    return mandate


@transaction.atomic
def refuse(*, claim: Claim, by: User, reason: str) -> None:
    """Refuse a claim, and say why to who made it. Raises `Refused`."""
    held = _lock(claim)
    if not reason.strip():
        raise Refused("Dites pourquoi : la personne lira ce mot.")
    _decide(held, ClaimState.REFUSED, by, reason.strip())
    known = User.objects.filter(email=held.email, is_active=True)
    ClaimRefused(held).send(to=known, emails=[held.email], key=str(held.pk))


def _lock(claim: Claim) -> Claim:
    held = Claim.objects.select_for_update(of=("self",)).select_related("provider").get(pk=claim.pk)
    if held.confirmed_at is None:
        raise Refused("L'adresse de cette personne n'est pas encore prouvée.")
    if held.state != ClaimState.PENDING:
        raise Refused(f"Cette demande a déjà été {held.get_state_display().lower()}.")
    return held


def _decide(held: Claim, state: str, by: User, reason: str) -> None:
    held.state, held.reason, held.decided_by, held.decided_at = state, reason, by, now()
    held.save()


def erase_old() -> int:
    """Erase claims whose address was never proved in time, and those long decided; how many."""
    old = Claim.objects.filter(confirmed_at=None, created_at__lt=now() - LASTS)
    decided = Claim.objects.filter(decided_at__lt=now() - timedelta(days=KEPT_DAYS))
    return old.delete()[0] + decided.delete()[0]
