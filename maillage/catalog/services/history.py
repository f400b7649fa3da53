"""The history of an entry: what changed, field by field, by whom, for which body."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from maillage.accounts.models import User
from maillage.catalog.models import Offer, Provider, Revision

Change = dict[str, Any]


def plain(value: Any) -> Any:
    """`value` as JSON keeps it: dates in ISO, decimals as text, objects by their key."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(one) for one in value]
    return value


def differences(old: Any, new: Any, fields: Iterable[str]) -> list[Change]:
    """Fields whose values differ between two rows, as ``{"field", "old", "new"}``."""
    return [
        {"field": name, "old": plain(getattr(old, name)), "new": plain(getattr(new, name))}
        for name in fields
        if getattr(old, name) != getattr(new, name)
    ]


def revision(
    entry: Provider | Offer,
    verb: str,
    changes: list[Change] | None = None,
    *,
    by: User | None = None,
    body: str = "",
    reason: str = "",
) -> Revision:
    """The line of history of one change, not yet written."""
    offer = entry if isinstance(entry, Offer) else None
    return Revision(
        verb=verb,
        provider_id=offer.provider_id if offer else entry.pk,
        offer=offer,
        by=by,
        body=body,
        changes=changes or [],
        reason=reason,
    )
