"""The page of quality: entries worst first, what is missing, and who can do something about it."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST, require_safe

from maillage.catalog.enums import FAMILIES, LinkState
from maillage.catalog.models import LinkCheck, Offer, Provider
from maillage.catalog.perms import acting_body, kept_slugs, may_keep, may_oversee, may_supervise
from maillage.catalog.quality import board, looking
from maillage.catalog.quality.asking import ask_owner
from maillage.catalog.quality.board import OFFER, PROVIDER
from maillage.catalog.quality.lines import HEADER, export_rows, lines_of
from maillage.catalog.quality.looking import KINDS, SORTS, STATES, Asked
from maillage.catalog.quality.score import CRITERIA
from maillage.catalog.services import entries as services
from maillage.common.paging import page_asked, page_numbers
from maillage.common.tables import export
from maillage.common.templatetags.maillage import pluriel

PER_PAGE: Final = 30
#: Entries that one press of a button may touch.
MOST_AT_ONCE: Final = 100
_NOT_FOR_YOU: Final = (
    "La qualité du catalogue est suivie par ceux qui en tiennent les fiches : les offreurs, les "
    "guichets et l'administrateur. Pour signaler une erreur, ouvrez la fiche."
)


_NOBODY: Final = (
    "Leur offreur n'a ni compte ni adresse ici : invitez-le à tenir sa fiche, ou prenez-la en "
    "charge. Une fiche d'un autre département est relancée par son guichet."
)


def check_reader(request: HttpRequest) -> None:
    """Raise ``PermissionDenied`` for who keeps nothing of the catalogue."""
    if not kept_slugs(request.user) and not may_supervise(request.user):
        raise PermissionDenied(_NOT_FOR_YOU)


@require_safe
def entries(request: HttpRequest) -> HttpResponseBase:
    """Entries of the person, with their score, filters, figures and export."""
    check_reader(request)
    held, today = board.held.get(), localdate()
    asked, scope = Asked.read(request.GET), looking.scope_of(request.user, held)
    reports = looking.open_reports()
    found = looking.find(held, scope, asked, today, reports)
    read = (held, scope, request.user, today, reports)
    if "export" in request.GET:
        rows = export_rows(lines_of(found.numbers.tolist(), *read))
        return export("maillage-qualite", HEADER, rows, request.GET["export"])
    page = Paginator(found.numbers, PER_PAGE).get_page(page_asked(request.GET))
    lines = list(lines_of([int(n) for n in page], *read))
    context = {
        "asked": asked,
        "found": found,
        "page": page,
        "pages": page_numbers(page),
        "lines": lines,
        "states": [(code, label, found.counts[code]) for code, label in STATES.items()],
        "kinds": KINDS,
        "sorts": SORTS,
        "families": FAMILIES,
        "bars": [_bar(line) for line in found.families],
        "keeps": any(line.keeps for line in lines),
        "oversees": any(line.oversees for line in lines),
        "links": _links(),
        "criteria": CRITERIA,
        "query": request.GET.urlencode(),
    }
    return render(request, "catalog/quality/list.html", context)


def _bar(line: looking.FamilyLine) -> dict[str, Any]:
    """A family and the widths of its four parts, out of 100."""
    never, late, aside = (
        round(100 * part / line.total) for part in (line.never, line.late, line.aside)
    )
    fresh = max(0, 100 - never - late - aside)
    return {
        "line": line, "fresh": fresh, "never": never, "late": late, "aside": aside,
        "late_from": fresh + never, "from": fresh + never + late,
    }  # fmt: skip


def _links() -> dict[str, Any]:
    """What the last nights have seen of the links."""
    return LinkCheck.objects.aggregate(
        total=Count("pk"),
        doubt=Count("pk", filter=Q(state=LinkState.DOUBT)),
        broken=Count("pk", filter=Q(state=LinkState.BROKEN)),
        last=Max("checked_at"),
    )


# -- Acts on the entries that are ticked


@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Say that the entries that are ticked are still right."""

    def one(entry: Provider | Offer, provider: Provider) -> bool:
        if not may_keep(request.user, provider):
            return False
        body = acting_body(request.user, provider)
        services.confirm(entry=entry, by=request.user, body=body.name if body else "")
        return True

    return _each(
        request, one, "{} confirmée,{} confirmées",
        "Vous ne tenez pas ces fiches : prenez-les d'abord en charge, ou relancez leur offreur.",
    )  # fmt: skip


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask the owners of the entries that are ticked to look at them."""

    def one(entry: Provider | Offer, provider: Provider) -> bool:
        if not may_oversee(request.user, provider):
            return False
        body = acting_body(request.user, provider)
        return ask_owner(entry=entry, by=request.user, body=body.name if body else "Maillage")

    return _each(
        request, one, "offreur relancé pour {},offreurs relancés pour {}",
        _NOBODY,
    )  # fmt: skip


def _each(
    request: HttpRequest,
    act: Callable[[Provider | Offer, Provider], bool],
    done: str,
    refused: str,
) -> HttpResponse:
    check_reader(request)
    chosen = _ticked(request)
    if not chosen:
        notices.error(request, "Cochez d'abord au moins une fiche.")
        return _back(request)
    count = sum(
        act(entry, entry.provider if isinstance(entry, Offer) else entry) for entry in chosen
    )
    if count:
        one, many = done.split(",")
        said = (many if count >= 2 else one).format(pluriel(count, "fiche,fiches"))
        notices.success(request, f"{said[0].upper()}{said[1:]}.")
    if count < len(chosen):
        left = pluriel(len(chosen) - count, "fiche n'a pas changé,fiches n'ont pas changé")
        notices.warning(request, f"{left}. {refused}")
    return _back(request)


def _ticked(request: HttpRequest) -> list[Provider | Offer]:
    """The entries that are ticked, of those that one may know of."""
    keys = [key.partition(":") for key in request.POST.getlist("fiche")[:MOST_AT_ONCE]]
    offers = [slug for kind, _, slug in keys if kind == OFFER]
    providers = [slug for kind, _, slug in keys if kind == PROVIDER]
    found: list[Provider | Offer] = list(
        Offer.objects.visible().filter(withdrawn_at=None, slug__in=offers).with_provider()
    )
    found += Provider.objects.visible().filter(withdrawn_at=None, slug__in=providers)
    return found


def _back(request: HttpRequest) -> HttpResponse:
    response = redirect("quality:list")
    if request.GET:
        response["Location"] += f"?{request.GET.urlencode()}"
    return response
