"""« Mes fiches » : the pages that one keeps or oversees, and the dashboard of each."""

from collections.abc import Iterator
from typing import Any, Final

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, When
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST, require_safe

from maillage.catalog import changes, kept, perms
from maillage.catalog.enums import ClaimState, Publication
from maillage.catalog.forms.keeping import CAPACITY, CapacityForm, first_values
from maillage.catalog.models import Claim, Offer, Provider, Revision
from maillage.catalog.perimeters import line_of, named_perimeters
from maillage.catalog.services import keeping
from maillage.catalog.views.keeping_capacity import Asked, write_capacity
from maillage.catalog.views.keeping_door import (
    body_name,
    desk_body,
    kept_page,
    readable_page,
)
from maillage.catalog.views.keeping_merge import Opened
from maillage.common.paging import page_numbers
from maillage.common.tables import export
from maillage.engine.text import words
from maillage.territories.directory import directory

PER_PAGE: Final = 30
OFFERS_BY_PAGE: Final = 20
LINES_SHOWN: Final = 4
LONGEST_TEXT: Final = 100
_NOBODY: Final = (
    "Votre compte ne tient aucune fiche. Si votre organisme est au catalogue, ouvrez sa fiche et "
    "choisissez « C'est notre organisme »."
)
_HEADER: Final = (
    "Organisme", "Famille", "Échelon", "Où il agit", "Tenue par", "État", "Publiées", "Brouillons",
    "Suspendues", "Archivées", "Confirmée le", "À revoir le", "À confirmer",
    "Demande à vérifier", "Adresse",
)  # fmt: skip
#: State of publication → how the tab of the dashboard calls it.
_TABS: Final = {
    Publication.PUBLISHED: "Publiées",
    Publication.DRAFT: "Brouillons",
    Publication.SUSPENDED: "Suspendues",
    Publication.ARCHIVED: "Archivées",
}


@require_safe
def listing(request: HttpRequest) -> HttpResponseBase:
    """The pages of a provider's people, or of an agent's département; one's only page at once."""
    user = request.user
    agent = bool(perms.may_create_provider(user))
    slugs = sorted(perms.kept_slugs(user))
    if not agent and not slugs:
        raise PermissionDenied(_NOBODY)
    if not agent and len(slugs) == 1:
        return redirect("keeping:provider", slugs[0])
    text = "".join(c if c.isprintable() else " " for c in request.GET.get("q", ""))[:LONGEST_TEXT]
    code = request.GET.get("voir", "")
    code = code if code in kept.FILTERS else ""
    today = localdate()
    rows = _named(kept.with_facts(kept.shown_to(user), user), text)
    if "export" in request.GET:
        chosen = rows.filter(kept.condition(code, today)).order_by("name", "slug")
        return export("maillage-fiches", _HEADER, _cells(chosen, request), request.GET["export"])
    counts = rows.aggregate(
        **{
            _name(one): Count("pk", filter=kept.condition(one, today), distinct=True)
            for one in kept.FILTERS
        }
    )
    paginator = Paginator(
        rows.filter(kept.condition(code, today)).order_by("name", "slug"), PER_PAGE
    )
    paginator.count = counts[_name(code)]
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "agent": agent,
        "text": text.strip(),
        "code": code,
        "filters": [(one, label, counts[_name(one)]) for one, label in kept.FILTERS.items()],
        "page": page,
        "pages": page_numbers(page),
        "lines": [{"provider": row, "late": kept.is_to_confirm(row, today)} for row in page],
        "claims": _waiting(user).count() if agent else 0,
    }
    return render(request, "catalog/keeping/list.html", context)


def _name(code: str) -> str:
    return f"n_{code.replace('-', '_')}"


def _named(rows: QuerySet[Provider], text: str) -> QuerySet[Provider]:
    """Those whose name holds each word of `text`."""
    for word in text.split():
        rows = rows.filter(
            Q(name__icontains=word) | Q(full_name__icontains=word)
            | Q(slug__icontains="-".join(words(word)) or word)
        )  # fmt: skip
    return rows


def _waiting(user: Any) -> QuerySet[Claim]:
    return Claim.objects.filter(
        state=ClaimState.PENDING, confirmed_at__isnull=False,
        provider__in=kept.overseen(user).values("pk"),
    )  # fmt: skip


def kept_by(row: Any) -> str:
    """Who keeps a page, in words, of a row `with_facts`."""
    if row.kept:
        return "L'organisme"
    return str(row.held_by) if row.held_by_id else "Personne"


def _cells(rows: QuerySet[Provider], request: HttpRequest) -> Iterator[tuple[Any, ...]]:
    known, named, today = directory(), named_perimeters(), localdate()
    for row in rows:
        yield (
            row.name, row.get_family_display(), row.get_level_display(),
            ", ".join(line_of(key, known, named) for key in row.perimeter), kept_by(row),
            row.get_state_display(), row.published, row.draft, row.suspended, row.archived,
            row.checked_on.isoformat() if row.checked_on else "",
            row.next_check.isoformat() if row.next_check else "",
            "oui" if kept.is_to_confirm(row, today) else "", "oui" if row.claimed else "",
            request.build_absolute_uri(row.get_absolute_url()),
        )  # fmt: skip


# -- The dashboard


@require_safe
def provider(request: HttpRequest, slug: str) -> HttpResponse:
    """How a page stands: what it lacks, its offers and what to do next, who keeps it."""
    return _dashboard(request, readable_page(request, slug))


def _dashboard(request: HttpRequest, row: Provider, asked: Asked | None = None) -> HttpResponse:
    if asked is None:
        asked = Asked(CapacityForm(initial=first_values(row, CAPACITY)), Opened(request.POST, row))
    today, user = localdate(), request.user
    offers = Offer.objects.filter(provider=row)
    late = kept.to_confirm(today)
    counts = offers.aggregate(
        late=Count("pk", filter=late & Q(publication=Publication.PUBLISHED, withdrawn_at=None)),
        **{state: Count("pk", filter=Q(publication=state)) for state in _TABS},
    )
    tab = request.GET.get("voir", "")
    if tab not in _TABS:
        tab = next((state for state in _TABS if counts[state]), Publication.PUBLISHED)
    text = " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:LONGEST_TEXT]
    first = Case(When(late | Q(closes__lt=today), then=0), default=1)
    chosen = offers.filter(publication=tab).order_by(first, "title", "slug")
    for word in text.split():
        chosen = chosen.filter(title__icontains=word)
    page = Paginator(chosen, OFFERS_BY_PAGE).get_page(request.GET.get("page"))
    may_keep = bool(perms.may_keep(user, row))
    oversees = bool(perms.may_oversee(user, row))
    people = kept.keepers(row)
    missing = kept.missing_of_page(row)
    context = {
        "provider": row,
        "may_keep": may_keep,
        "oversees": oversees,
        "own": row.slug in perms.kept_slugs(user),
        "missing": missing,
        "urgent": [one for one in missing if one.field != "website"],
        "to_confirm": kept.is_to_confirm(row, today),
        "late_offers": counts["late"],
        "published": counts[Publication.PUBLISHED],
        "has_offers": any(counts[state] for state in _TABS),
        "tabs": [
            {"code": state, "label": label, "count": counts[state], "current": state == tab}
            for state, label in _TABS.items()
        ],
        "tab": tab,
        "tab_label": _TABS[Publication(tab)].lower(),
        "text": text,
        "page": page,
        "pages": page_numbers(page),
        "lines": [{"offer": one, "next": kept.next_of(one, today)} for one in page],
        "form": asked.form,
        "opened": asked.opened,
        "today": today,
        "capacity_old": row.available_until is not None and row.available_until < today,
        "people": [{"mandate": one, "open": kept.in_force(one, today)} for one in people],
        "kept": any(kept.in_force(one, today) for one in people),
        "may_hold": oversees and desk_body(user, row) is not None,
        "claims": _of_page(row) if oversees else [],
        "history": changes.lines(_history(row)[:LINES_SHOWN]),
    }
    return render(request, "catalog/keeping/provider.html", context, status=asked.status)


def _of_page(row: Provider) -> list[Claim]:
    rows = row.claims.filter(state=ClaimState.PENDING, confirmed_at__isnull=False)
    return list(rows.order_by("confirmed_at"))


def _history(row: Provider) -> QuerySet[Revision]:
    return Revision.objects.filter(provider=row).select_related("offer", "by").order_by("-pk")


@require_POST
def confirm(request: HttpRequest, slug: str) -> HttpResponse:
    """« Tout est à jour » : the page alone, or with every published offer."""
    row = kept_page(request, slug)
    body = body_name(request.user, row)
    if request.POST.get("quoi") == "fiche":
        keeping.confirm(entry=row, by=request.user, body=body)
        notices.success(request, "C'est noté : la fiche est à jour.")
    else:
        count = keeping.confirm_all(provider=row, by=request.user, body=body)
        offers = f" et ses {count} offres publiées" if count > 1 else ""
        offers = " et son offre publiée" if count == 1 else offers
        notices.success(request, f"C'est noté : la fiche{offers} sont à jour." if offers
                        else "C'est noté : la fiche est à jour.")  # fmt: skip
    return redirect("keeping:provider", slug)


@require_POST
def capacity(request: HttpRequest, slug: str) -> HttpResponse:
    """How much help is left, in one move."""
    row = kept_page(request, slug)
    asked = write_capacity(request, row, body_name(request.user, row))
    if not asked.written:
        return _dashboard(request, row, asked)
    return redirect(f"{reverse('keeping:provider', args=[slug])}#capacite")


# -- History


@require_safe
def history(request: HttpRequest, slug: str) -> HttpResponseBase:
    """What has become of a page and of its offers, field by field."""
    row = readable_page(request, slug)
    rows = _history(row)
    asked = request.GET.get("offre", "")
    offers = Offer.objects.filter(
        Exists(Revision.objects.filter(offer=OuterRef("pk"))), provider=row
    ).order_by("title")
    chosen = None
    if asked == "fiche":
        rows = rows.filter(offer=None)
    elif asked:
        chosen = offers.filter(slug=asked).first()
        rows = rows.filter(offer=chosen) if chosen else rows
    if "export" in request.GET:
        return export(f"historique-{row.slug}", changes.HEADER, changes.cells(rows),
                      request.GET["export"])  # fmt: skip
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "provider": row,
        "asked": asked if chosen or asked == "fiche" else "",
        "offers": list(offers.only("slug", "title", "provider")[:300]),
        "page": page,
        "pages": page_numbers(page),
        "lines": changes.lines(page),
    }
    return render(request, "catalog/keeping/history.html", context)
