"""What keepers and agents do with a page beyond editing it: confirm all, publish, hold, invite.

Rights are checked by who calls (`catalog.perms`). Each act leaves its line of history.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.utils.timezone import localdate

from maillage.accounts import services as accounts
from maillage.accounts.enums import OrganisationKind, Role
from maillage.accounts.models import Mandate, Organisation, User
from maillage.catalog.enums import LIFE, Publication, Verb
from maillage.catalog.kept import Missing, in_force, keepers, missing_of_offer
from maillage.catalog.models import Offer, Provider, Revision
from maillage.catalog.notifications.keeping import KeeperInvited
from maillage.catalog.services import entries, history
from maillage.common.models import DataVersion

#: Verbs that take an offer away from the mairies: they say why.
WITH_REASON: Final = frozenset({"suspend", "archive"})
_TRUSTED: Final = {"to_confirm": "confirmed"}


class Refused(Exception):
    """It cannot be done; the message says why, in French."""


class Lacking(Refused):
    """An offer lacks something to be published: ``missing`` says what."""

    def __init__(self, missing: list[Missing]) -> None:
        super().__init__(f"Il manque {', '.join(one.label for one in missing)}.")
        self.missing = missing


def trusted(entry: Provider | Offer, values: Mapping[str, Any]) -> dict[str, Any]:
    """`values`, and the trust that goes with them: what was to be confirmed by its body is."""
    draft = isinstance(entry, Offer) and entry.publication == Publication.DRAFT
    state = None if draft else _TRUSTED.get(entry.state)
    return {**values, "state": state} if state else dict(values)


@transaction.atomic
def confirm(*, entry: Provider | Offer, by: User, body: str) -> None:
    """Say that an entry is right today. What was « à confirmer » no longer is."""
    entries.confirm(entry=entry, by=by, body=body)


@transaction.atomic
def confirm_all(*, provider: Provider, by: User, body: str) -> int:
    """Say that the page and every offer shown to mairies are right; return how many offers."""
    confirm(entry=provider, by=by, body=body)
    shown = Offer.objects.filter(
        provider=provider, publication=Publication.PUBLISHED, withdrawn_at=None
    ).order_by("pk")
    for offer in shown:
        confirm(entry=offer, by=by, body=body)
    return len(shown)


@transaction.atomic
def change(*, offer: Offer, verb: str, by: User, body: str, reason: str = "") -> None:
    """Publish, suspend, archive or restore an offer.

    Raises `Lacking` when it cannot be published yet, `Refused` without the reason that the verb
    asks for, ``TransitionRefused`` when its state does not allow it.
    """
    held = Offer.objects.select_for_update(of=("self",)).get(pk=offer.pk)
    LIFE.after(verb, held.publication)
    if held.withdrawn_at is not None:
        raise Refused("Cette offre est retirée du catalogue : elle ne change plus d'état.")
    if verb == "publish" and (lacking := missing_of_offer(held)):
        raise Lacking(lacking)
    if verb in WITH_REASON and not reason.strip():
        raise Refused("Dites pourquoi, en quelques mots.")
    entries.change_publication(offer=offer, verb=verb, by=by, body=body, reason=reason.strip())


@transaction.atomic
def write_offer(
    *,
    offer: Offer | None,
    provider: Provider,
    values: Mapping[str, Any],
    rates: list[dict[str, Any]],
    conditions: list[dict[str, Any]],
    by: User,
    body: str,
    seen: str = "",
) -> Offer:
    """Make an offer (a draft) or edit it, with its figures and its conditions by public.

    A figure that did not change keeps its source. Raises ``entries.Stale``.
    """
    rows = _sourced(offer, provider, rates)
    if offer is None:
        invented = {"state": "demonstration"} if provider.state == "demonstration" else {}
        return entries.create_offer(
            provider=provider, values={**values, **invented}, rates=rows, conditions=conditions,
            by=by, body=body,
        )  # fmt: skip
    entries.edit(
        entry=offer, values=trusted(offer, values), rates=rows, conditions=conditions, by=by,
        body=body, seen=seen,
    )  # fmt: skip
    return offer


def _sourced(
    offer: Offer | None, provider: Provider, rates: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    names = ("kind", "value", "unit", "base", "valid_from", "valid_to")
    held = (
        {tuple(getattr(row, n) for n in names): row for row in offer.rates.all()} if offer else {}
    )
    state = "demonstration" if provider.state == "demonstration" else "confirmed"
    rows = []
    for said in rates:
        same = held.get(tuple(said[n] for n in names))
        if same is None:
            rows.append({**said, "source": entries.here(), "state": state})
        else:
            rows.append({**said, "source_id": same.source_id, "state": same.state})
    return rows


# -- Who keeps a page


def body_of(provider: Provider) -> Organisation:
    """The body of a page, for which its people act; made at its first use."""
    territory = provider.perimeter[0] if len(provider.perimeter) == 1 else ""
    body, _ = Organisation.objects.get_or_create(
        provider=provider.slug,
        defaults={
            "kind": OrganisationKind.PROVIDER, "name": provider.name[:200],
            "territory": territory[:40],
        },
    )  # fmt: skip
    return body


@transaction.atomic
def give_access(
    *, provider: Provider, email: str, name: str, by: User, body: str, verb: str
) -> Mandate:
    """Open the page to someone of its body; the desk that held it gives it back.

    Raises ``accounts.Refused`` for a closed account or an access that is already open.
    """
    held = Provider.objects.select_for_update(of=("self",)).get(pk=provider.pk)
    mandate = accounts.open_mandate(
        email=email, name=name, organisation=body_of(held), role=Role.PROVIDER
    )
    history.revision(held, verb, by=by, body=body).save()
    if held.held_by_id is not None:
        _hand_back(held, by, body, "L'organisme tient maintenant sa fiche.")
    provider.held_by = None
    return mandate


@transaction.atomic
def invite(*, provider: Provider, email: str, name: str, by: User, body: str) -> Mandate:
    """Invite someone of the body to keep its page, and tell them. Raises ``accounts.Refused``."""
    mandate = give_access(
        provider=provider, email=email, name=name, by=by, body=body, verb=Verb.INVITED
    )
    KeeperInvited(provider, body or str(by)).send(
        to=[mandate.user], key=f"{mandate.pk}-{mandate.updated_at.isoformat()}"
    )
    return mandate


@transaction.atomic
def end_access(*, provider: Provider, mandate: Mandate, by: User, body: str) -> None:
    """End at once someone's access to a page. What they did stays in its history."""
    accounts.end_mandate(mandate=mandate)
    history.revision(
        provider, Verb.EDITED, by=by, body=body, reason="Un accès à la fiche a été terminé."
    ).save()


@transaction.atomic
def hold(*, provider: Provider, desk: Organisation, by: User) -> None:
    """Keep the page of a body that will not, for the desk of `desk`. Raises `Refused` when it is
    kept already.
    """
    held = Provider.objects.select_for_update(of=("self",)).get(pk=provider.pk)
    today = localdate()
    if any(in_force(one, today) for one in keepers(held)):
        raise Refused("L'organisme tient déjà sa fiche : terminez d'abord ses accès.")
    if held.held_by_id == desk.pk:
        return
    if held.held_by_id is not None:
        raise Refused(f"{held.held_by} tient déjà cette fiche.")
    held.held_by = desk
    held.save(update_fields=["held_by", "updated_at"])
    provider.held_by = desk
    history.revision(held, Verb.HELD, by=by, body=desk.name).save()
    DataVersion.objects.bump("catalogue")


@transaction.atomic
def release(*, provider: Provider, by: User, body: str) -> None:
    """Give a page back: nobody of a desk keeps it any more."""
    held = Provider.objects.select_for_update(of=("self",)).get(pk=provider.pk)
    if held.held_by_id is not None:
        _hand_back(held, by, body, "")
    provider.held_by = None


def _hand_back(held: Provider, by: User, body: str, reason: str) -> None:
    held.held_by = None
    held.save(update_fields=["held_by", "updated_at"])
    history.revision(held, Verb.RELEASED, by=by, body=body, reason=reason).save()
    DataVersion.objects.bump("catalogue")


# -- History


def last_line(entry: Provider | Offer) -> int:
    """Key of the last line of history of an entry, 0 without one: what a form was opened on."""
    line = _lines(entry).order_by("-pk").values_list("pk", flat=True).first()
    return line or 0


def since(entry: Provider | Offer, line: int) -> list[Revision]:
    """Lines of history of an entry after the line of key `line`, oldest first."""
    rows = _lines(entry).filter(pk__gt=line).select_related("by", "offer")
    return list(rows.order_by("pk"))


def latest(entry: Provider | Offer, count: int = 4) -> list[Revision]:
    """The last lines of history of an entry, newest first."""
    return list(_lines(entry).select_related("by", "offer").order_by("-pk")[:count])


def _lines(entry: Provider | Offer) -> Any:
    if isinstance(entry, Offer):
        return Revision.objects.filter(offer=entry)
    return Revision.objects.filter(provider=entry, offer=None)
