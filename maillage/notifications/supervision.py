"""Pages for the administrators: the words of the messages, the state of the sendings; and for the
demonstration, where nobody receives mails: what would have been received.
"""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.contrib import messages as notices
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from maillage.common.paging import page_numbers
from maillage.common.tables import export, in_a_cell
from maillage.common.templatetags.maillage import pluriel
from maillage.notifications import services
from maillage.notifications.demonstration import letters_of_the_demonstration
from maillage.notifications.digest import SLUG as DIGEST
from maillage.notifications.digest import digest_letter
from maillage.notifications.enums import MAIL_COUNTS, MailState
from maillage.notifications.forms import Filters
from maillage.notifications.letters import Letter, one_line
from maillage.notifications.messages import REGISTRY
from maillage.notifications.models import Mail, MailQuerySet
from maillage.notifications.perms import may_supervise_mails
from maillage.notifications.views import PER_PAGE

View = Callable[..., HttpResponseBase]
_HEADER: Final = (
    "Écrit le", "Destinataire", "Objet", "Message", "État", "Essais", "Prochain essai",
    "Envoyé le", "Dernière erreur",
)  # fmt: skip


def _supervisors(view: View) -> View:
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        right = may_supervise_mails(request.user)
        if not right:
            raise PermissionDenied(right.reason)
        return view(request, *args, **kwargs)

    return checked


@require_safe
@_supervisors
def previews(request: HttpRequest) -> HttpResponse:
    """Every message that the site can send."""
    kinds = sorted(REGISTRY.values(), key=lambda kind: kind.label)
    lines = [(kind, one_line(kind.sample().subject())) for kind in kinds]
    return render(request, "notifications/previews.html", {"lines": lines, "digest": DIGEST})


@require_safe
@_supervisors
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """One message, from its invented example: subject, text and HTML.

    The summary has its preview too: it is not a message, it is made of them.
    """
    if slug == DIGEST:
        label, essential, letter = "Résumé", False, _sample_digest()
    elif slug in REGISTRY:
        kind = REGISTRY[slug]
        label, essential = kind.label, kind.essential
        letter = kind.sample().letter()
    else:
        raise Http404
    context = {"label": label, "essential": essential, "letter": letter}
    return render(request, "notifications/preview.html", context)


def _sample_digest() -> Letter:
    rows = [kind.sample().notification() for kind in REGISTRY.values() if not kind.essential]
    return digest_letter(sorted(rows, key=lambda row: row.topic), weekly=False)


@require_safe
@_supervisors
def mails(request: HttpRequest) -> HttpResponseBase:
    """Where each mail stands: counts by state, search, export."""
    filters = Filters.read(request.GET, *MailState.values)
    found = Mail.objects.search(filters.text)
    rows = (found.filter(state=filters.state) if filters.state else found).order_by("-pk")
    if "export" in request.GET:
        return export("maillage-envois", _HEADER, _rows(rows), request.GET["export"])
    counts = dict(found.order_by().values_list("state").annotate(Count("pk")))
    total = sum(counts.values())
    paginator = Paginator(rows.defer("text", "html"), PER_PAGE)
    paginator.count = counts.get(filters.state, 0) if filters.state else total  # already known
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "filters": filters,
        "lines": [(row, _label(row)) for row in page],
        "page": page,
        "pages": page_numbers(page),
        "counts": [
            (state, pluriel(counts.get(state, 0), forms)) for state, forms in MAIL_COUNTS.items()
        ],
        "total": pluriel(total, "en tout,en tout"),
        "to_retry": counts.get(MailState.FAILING, 0) + counts.get(MailState.ABANDONED, 0),
    }
    return render(request, "notifications/mails.html", context)


def _label(row: Mail) -> str:
    """What kind of message it is; its slug, once the message no longer exists."""
    if row.slug == DIGEST:
        return "Résumé"
    return REGISTRY[row.slug].label if row.slug in REGISTRY else row.slug


def _rows(rows: MailQuerySet) -> Iterator[tuple[Any, ...]]:
    for row in rows.defer("text", "html").iterator():
        yield (
            in_a_cell(row.created_at), row.to, row.subject, _label(row), row.get_state_display(),
            row.attempts, in_a_cell(row.next_try_at), in_a_cell(row.sent_at), row.last_error,
        )  # fmt: skip


@require_POST
@_supervisors
def try_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Try one mail again, now."""
    row = get_object_or_404(Mail, pk=pk)
    return _tried(request, services.try_again(mail=row.pk))


@require_POST
@_supervisors
def try_all_again(request: HttpRequest) -> HttpResponse:
    """Try again all the mails that failed or were abandoned."""
    return _tried(request, services.try_again())


def _tried(request: HttpRequest, count: int) -> HttpResponse:
    if count:
        notices.success(request, f"{pluriel(count, 'courriel repart,courriels repartent')}.")
    else:
        notices.info(request, "Rien à réessayer : ces courriels sont déjà partis ou en attente.")
    return redirect("notifications:mails")


@login_not_required
@require_safe
def demonstration(request: HttpRequest) -> HttpResponse:
    """The mails that the demonstration has sent, or would have. It exists there only."""
    if not settings.MAILLAGE["DEMO"]:
        raise Http404
    page = Paginator(letters_of_the_demonstration(), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "pages": page_numbers(page)}
    return render(request, "notifications/demo.html", context)
