"""« C'est notre organisme » : the public form and its link, then what agents make of it."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Final
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from django.contrib import messages as notices
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_safe

from maillage.catalog import kept, perms
from maillage.catalog.enums import ClaimState
from maillage.catalog.forms.keeping import ClaimForm, DecideForm
from maillage.catalog.models import Claim, Provider
from maillage.catalog.services import claims
from maillage.catalog.services.keeping import Refused
from maillage.catalog.views.keeping_door import (
    CHANGED,
    INCOMPLETE,
    READ_WRITE,
    body_name,
    must,
    page_of,
)
from maillage.common.paging import page_numbers
from maillage.common.tables import export, in_a_cell

PER_PAGE: Final = 30
LONGEST_TEXT: Final = 100
_GONE: Final = 410
#: Value of the filter → state, and its label.
_STATES: Final = {
    "": (ClaimState.PENDING, "À vérifier"),
    "acceptees": (ClaimState.ACCEPTED, "Acceptées"),
    "refusees": (ClaimState.REFUSED, "Refusées"),
}
_HEADER: Final = (
    "Organisme", "Nom", "Fonction", "Adresse électronique", "Téléphone", "Message",
    "Adresse prouvée le", "État", "Raison", "Décidée le",
)  # fmt: skip


@login_not_required
@require_http_methods(READ_WRITE)
def claim(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that a page is one's body's. The same is answered whatever was sent."""
    row = page_of(slug)
    user = request.user
    first = {"name": user.name, "email": user.email} if user.is_authenticated else {}
    form = ClaimForm(request.POST if request.method == "POST" else None, initial=first)
    today = localdate()
    context = {
        "provider": row,
        "form": form,
        "kept": any(kept.in_force(one, today) for one in kept.keepers(row)),
        "mine": user.is_authenticated and row.slug in perms.kept_slugs(user),
        "lasts": claims.LASTS.days,
    }
    if request.method != "POST":
        return render(request, "catalog/keeping/claim.html", context)
    if not form.is_valid():
        return render(request, "catalog/keeping/claim.html", context, status=INCOMPLETE)
    said = form.cleaned_data
    if not said.pop("surname"):
        claims.ask(provider=row, origin=get_adapter().get_client_ip(request), **said)
    return render(request, "catalog/keeping/claim_sent.html", {**context, "email": said["email"]})


def _secret(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The address holds a secret: no other site is told it, nothing indexes or keeps the page."""

    @wraps(view)
    def careful(request: HttpRequest, secret: str) -> HttpResponse:
        response = view(request, secret)
        response.headers["Referrer-Policy"] = "strict-origin"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Cache-Control"] = "private, no-store"
        return response

    return careful


@login_not_required
@require_http_methods(READ_WRITE)
@_secret
def claim_link(request: HttpRequest, secret: str) -> HttpResponse:
    """The link of a claim: reading it does nothing, the button proves the address."""
    if request.method == "POST":
        try:
            done = claims.prove(secret=secret)
        except claims.Gone:
            return render(request, "catalog/keeping/claim_old.html", status=_GONE)
        return render(request, "catalog/keeping/claim_done.html", {"claim": done})
    held = claims.read_link(secret)
    if held is None:
        return render(request, "catalog/keeping/claim_old.html", status=_GONE)
    return render(request, "catalog/keeping/claim_link.html", {"claim": held})


# -- What agents make of it


@require_safe
def listing(request: HttpRequest) -> HttpResponseBase:
    """Claims of the pages that one oversees, those to check first."""
    must(perms.may_create_provider(request.user))
    text = " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:LONGEST_TEXT]
    code = request.GET.get("voir", "")
    code = code if code in _STATES else ""
    rows = _claims(request)
    for word in text.split():
        rows = rows.filter(
            Q(provider__name__icontains=word) | Q(name__icontains=word) | Q(email__icontains=word)
        )
    chosen = rows.filter(state=_STATES[code][0]).order_by("-confirmed_at", "-pk")
    if "export" in request.GET:
        return export("revendications", _HEADER, _cells(chosen), request.GET["export"])
    counts = rows.aggregate(
        **{state: Count("pk", filter=Q(state=state)) for state, _ in _STATES.values()}
    )
    page = Paginator(chosen, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tabs": [
            {"code": one, "label": label, "count": counts[state], "current": one == code}
            for one, (state, label) in _STATES.items()
        ],
        "code": code,
        "wide": perms.is_administrator(request.user),
        "text": text,
        "page": page,
        "pages": page_numbers(page),
    }
    return render(request, "catalog/keeping/claims.html", context)


def _claims(request: HttpRequest) -> Any:
    pages = kept.overseen(request.user).values("pk")
    rows = Claim.objects.filter(provider__in=pages, confirmed_at__isnull=False)
    return rows.select_related("provider", "decided_by")


def _cells(rows: Any) -> Iterator[tuple[Any, ...]]:
    for row in rows.iterator(chunk_size=500):
        yield (
            row.provider.name, row.name, row.position, row.email, row.phone, row.message,
            in_a_cell(row.confirmed_at), row.get_state_display(), row.reason,
            in_a_cell(row.decided_at),
        )  # fmt: skip


@require_http_methods(READ_WRITE)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept a claim, or refuse it with a reason."""
    must(perms.may_create_provider(request.user))
    held = get_object_or_404(_claims(request), pk=pk)
    form = DecideForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = INCOMPLETE
        if form.is_valid():
            try:
                _decide(request, held, form.cleaned_data)
            except Refused as refusal:
                form.add_error(None, str(refusal))
                held.refresh_from_db()
                status = CHANGED
            else:
                return redirect("keeping:claims")
    today = localdate()
    people = [one for one in kept.keepers(held.provider) if kept.in_force(one, today)]
    context = {
        "claim": held,
        "provider": held.provider,
        "form": form,
        "pending": held.state == ClaimState.PENDING,
        "people": people,
        "same_site": _same_site(held.email, held.provider),
    }
    return render(request, "catalog/keeping/claim_decide.html", context, status=status)


def _decide(request: HttpRequest, held: Claim, said: dict[str, Any]) -> None:
    if said["decision"] == "accept":
        body = body_name(request.user, held.provider)
        claims.accept(claim=held, by=request.user, body=body)
        notices.success(request, f"{held.name} tient maintenant la fiche {held.provider}.")
    else:
        claims.refuse(claim=held, by=request.user, reason=said["reason"])
        notices.success(request, f"La demande est refusée, et {held.name} en est informé.")


def _same_site(email: str, provider: Provider) -> bool | None:
    """True when the address ends as the site of the body; ``None`` when it has no known site."""
    host = (urlsplit(provider.website).hostname or "").removeprefix("www.")
    domain = email.rpartition("@")[2].lower()
    if not host:
        return None
    return domain == host or domain.endswith(f".{host}") or host.endswith(f".{domain}")
