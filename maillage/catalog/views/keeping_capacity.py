"""« Ce qu'il reste à donner »: four figures of a page or of an offer, changed in one move."""

from dataclasses import dataclass

from django.contrib import messages as notices
from django.http import HttpRequest

from maillage.catalog.forms.keeping import CapacityForm
from maillage.catalog.models import Offer, Provider
from maillage.catalog.services import entries, keeping
from maillage.catalog.views.keeping_door import CHANGED, INCOMPLETE
from maillage.catalog.views.keeping_merge import Opened


@dataclass(frozen=True, slots=True)
class Asked:
    """The form of a capacity as it is to be shown, with the status of its page."""

    form: CapacityForm
    opened: Opened
    status: int = 200
    written: bool = False


def write_capacity(request: HttpRequest, entry: Provider | Offer, body: str) -> Asked:
    """Write the posted capacity of `entry`, and say so.

    When someone else has changed these figures since the form was opened, nothing is written: the
    form comes back with both (409). Their changes elsewhere in the entry do not matter here.
    """
    form, opened = CapacityForm(request.POST), Opened(request.POST, entry)
    if not form.is_valid():
        return Asked(form, opened, INCOMPLETE)
    seen = opened.seen
    if seen != entries.stamp(entry) and not _disagree(form, entry, opened):
        seen = entries.stamp(entry)
    try:
        entries.edit(
            entry=entry, values=keeping.trusted(entry, form.cleaned_data), by=request.user,
            body=body, seen=seen,
        )  # fmt: skip
    except entries.Stale:
        entry.refresh_from_db()
        form, opened = opened.again(form, entry)
        return Asked(form, opened, CHANGED)
    notices.success(request, "C'est noté : les mairies le voient dans quelques secondes.")
    return Asked(form, opened, written=True)


def _disagree(form: CapacityForm, entry: Provider | Offer, opened: Opened) -> bool:
    """True when a figure changed since the form was opened is not as the form says it."""
    changed = {
        change["field"]
        for row in keeping.since(entry, opened.line)
        for change in row.changes
        if change["field"] in form.cleaned_data
    }
    return any(form.cleaned_data[name] != getattr(entry, name) for name in changed)
