"""What every view of a request shares: the act read from a form, and what becomes of a refusal.

A view that acts reads so::

    form = SomeForm(request.POST)
    refused = attempt(request, form, lambda: service(request=demand, act=act_of(request), …))
    if refused is None:
        return redirect(demand)
    return render(request, "…", {"form": form, "demand": fresh(demand)}, status=refused)

and its template holds ``{% load desk %}<form method="post">{% act_fields demand %}…``.
"""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest

from maillage.common.documents.content import Refused
from maillage.common.transitions import TransitionRefused
from maillage.desk.enums import Channel
from maillage.desk.models import Request
from maillage.desk.services.core import Act, AlreadyDone, Conflict, Incomplete, NotAllowed

#: Statuses of a form shown again: something is missing, or things have changed meanwhile.
INCOMPLETE: Final = 422
CHANGED: Final = 409


def number_of(text: str) -> int:
    """A version as a form gives it back; what is not a number is a version that nothing has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def act_of(request: HttpRequest, **more: Any) -> Act:
    """Who acts, from a posted form: its hidden ``version`` and ``once``, its ``reason``, and how an
    agent received what they type for another (``channel``, ``on_behalf_of``). `more` wins.
    """
    data = request.POST
    channel = data.get("channel", "")
    read = {
        "by": request.user,
        "version": number_of(data.get("version", "")),
        "once": _uuid(data.get("once", "")),
        "reason": _plain(data.get("reason", "")),
        "channel": channel if channel in Channel.values else Channel.ONLINE,
        "on_behalf_of": _plain(data.get("on_behalf_of", ""))[:200],
    }
    return Act(**{**read, **more})


def _plain(text: str) -> str:
    return text.replace("\x00", "").strip()  # which the database refuses


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def attempt(request: HttpRequest, form: Form, do: Callable[[], object]) -> int | None:
    """Do what a posted form asks. ``None``: it is done, or it was already (the same form twice).

    Otherwise the status under which to show the form again, with its errors (on their fields, the
    others at its top) and everything that was typed: 422 when something is missing, 409 when the
    request has changed meanwhile or is not there any more. Raises ``PermissionDenied`` (the 403
    page) with the reason when this person may not.
    """
    if not form.is_valid():
        return INCOMPLETE
    try:
        do()
    except AlreadyDone:
        notices.info(request, "C'était déjà fait : rien n'a été fait deux fois.")
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except (Conflict, TransitionRefused) as refusal:
        request.conflict = True  # `act_fields` gives the form the new version
        form.add_error(None, str(refusal))
        return CHANGED
    except Incomplete as lacking:
        for name, text in lacking.errors.items():
            form.add_error(name if name in form.fields else None, text)
        return INCOMPLETE
    except Refused as refusal:
        form.add_error("file" if "file" in form.fields else None, str(refusal))
        return INCOMPLETE
    return None


def fresh(demand: Request) -> Request:
    """The request as it is in the database now, to be shown again after a refusal."""
    return Request.objects.select_related(
        "desk", "desk__organisation", "applicant", "lead", "assigned_to"
    ).get(pk=demand.pk)
