"""« Le bilan » : what the desk asked of a body and how fast it answered; of all those of a desk."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from maillage.accounts.enums import Role
from maillage.accounts.models import Organisation, User
from maillage.catalog import perms
from maillage.catalog.models import Provider
from maillage.common.paging import page_numbers
from maillage.common.tables import export, in_a_cell
from maillage.desk.asked_record import COLUMNS, Figures, counted, figures, of_row, question
from maillage.desk.models import Consultation
from maillage.desk.models.desks import DESK_ROLES

PER_PAGE: Final = 30
LONGEST_TEXT: Final = 100
_NOT_ASKED: Final = (
    "Votre compte n'agit pour aucun organisme que le guichet sollicite, ni pour un guichet."
)
_HEADER: Final = (
    "Demande", "Reçue le", "Qui demande", "Besoin", "Ce qui est demandé", "Interlocuteur unique",
    "Demandé le", "Attendu avant le", "Où en est la réponse", "Répondu le", "Jours pour répondre",
)  # fmt: skip
_BODIES_HEADER: Final = (
    "Organisme", "Questions posées", "Dont interlocuteur unique", "Dont avis", "Accepté", "Décliné",
    "Avis rendus", "En attente", "En retard", "Jours pour répondre (médiane)", "Jours (le plus)",
    "Répondu à temps", "Sur", "Part à temps (%)",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BodyLine:
    """A body and its figures; ``provider`` is the slug of its page, "" without one."""

    name: str
    provider: str
    pk: int
    figures: Figures


@require_safe
def record(request: HttpRequest) -> HttpResponseBase:
    """The figures of one's body; those of the bodies asked, for an agent; of one, by its page."""
    user = request.user
    own = user.bodies(Role.PROVIDER)
    asked = request.GET.get("organisme", "")[:100]
    if asked:
        return _one_body(request, _allowed(user, asked))
    works = bool(user.bodies(*DESK_ROLES)) or perms.is_administrator(user)
    if not works and len(own) == 1:
        return _one_body(request, own[0])
    if not works and not own:
        raise PermissionDenied(_NOT_ASKED)
    return _all_bodies(request, None if works else own)


def _allowed(user: User, asked: str) -> Organisation:
    """The body of a page (its slug) or of a key, for its own people and who oversees it.

    A page of which no body was ever asked anything has one that is not written.
    """
    if asked.isascii() and asked.isdigit():
        body = get_object_or_404(Organisation, pk=int(asked[:9]))
        provider = Provider.objects.visible().filter(slug=body.provider or "-").first()
    else:
        provider = get_object_or_404(Provider.objects.visible(), slug=asked)
        body = Organisation.objects.filter(provider=asked).first()
        body = body or Organisation(name=provider.name, provider=asked)
    if body.pk in {one.pk for one in user.bodies(Role.PROVIDER)}:
        return body
    if provider is not None:
        right = perms.may_keep(user, provider) or perms.may_oversee(user, provider)
        if not right and not user.bodies(*DESK_ROLES):
            raise PermissionDenied(right.reason)
    elif not user.bodies(*DESK_ROLES) and not perms.is_administrator(user):
        raise PermissionDenied(_NOT_ASKED)
    return body


def _one_body(request: HttpRequest, body: Organisation) -> HttpResponseBase:
    rows = (
        counted(request.user).filter(organisation=body) if body.pk else Consultation.objects.none()
    )
    rows = rows.select_related("request").order_by("-created_at", "-pk")
    if "export" in request.GET:
        name = f"sollicitations-{body.provider or body.pk}"
        return export(name, _HEADER, _cells(rows), request.GET["export"])
    today = localdate()
    found = [question(row) for row in rows.values(*COLUMNS)]
    paginator = Paginator(rows, PER_PAGE)
    paginator.count = len(found)
    page = paginator.get_page(request.GET.get("page"))
    mine = body.pk in {one.pk for one in request.user.bodies(Role.PROVIDER)}
    context = {
        "body": body,
        "mine": mine,
        "page_address": _page_address(request.user, body),
        "figures": figures(found, today),
        "page": page,
        "pages": page_numbers(page),
        "lines": [
            {"row": row, "days": of_row(row).days, "late": _late(row, today)} for row in page
        ],
        "works": bool(request.user.bodies(*DESK_ROLES)),
    }
    return render(request, "desk/asked/record.html", context)


def _late(row: Consultation, today: Any) -> bool:
    return bool(row.is_open and row.due_on and row.due_on < today)


def _page_address(user: User, body: Organisation) -> str:
    """Address of the dashboard of its page, for who may open it; "" otherwise."""
    provider = Provider.objects.visible().filter(slug=body.provider or "-").first()
    if provider and (perms.may_keep(user, provider) or perms.may_oversee(user, provider)):
        return reverse("keeping:provider", args=[provider.slug])
    return ""


def _cells(rows: QuerySet[Consultation]) -> Iterator[tuple[Any, ...]]:
    for one in rows.iterator(chunk_size=500):
        demand = one.request
        yield (
            demand.number, demand.received_on.isoformat() if demand.received_on else "",
            demand.asker, demand.need, one.get_kind_display(), "oui" if one.as_lead else "",
            in_a_cell(one.created_at), one.due_on.isoformat() if one.due_on else "",
            one.get_state_display(), in_a_cell(one.answered_at), of_row(one).days,
        )  # fmt: skip


# -- All the bodies that a desk asks


def _all_bodies(request: HttpRequest, own: list[Organisation] | None) -> HttpResponseBase:
    text = " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:LONGEST_TEXT]
    rows = counted(request.user)
    if own is not None:
        rows = rows.filter(organisation__in=own)
    for word in text.split():
        rows = rows.filter(organisation__name__icontains=word)
    lines = _lines(rows)
    if "export" in request.GET:
        cells = (_body_cells(line) for line in lines)
        return export("qui-repond", _BODIES_HEADER, cells, request.GET["export"])
    if own is not None and not lines and not text:
        return redirect("asked:list")
    page = Paginator(lines, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "pages": page_numbers(page), "text": text, "works": own is None}
    return render(request, "desk/asked/record_all.html", context)


def _lines(rows: QuerySet[Consultation]) -> list[BodyLine]:
    """A line by body, those that wait longest to be looked at first: most late, then by name."""
    today = localdate()
    by_body: dict[tuple[int, str, str], list[Any]] = defaultdict(list)
    names = ("organisation_id", "organisation__name", "organisation__provider")
    for row in rows.values(*names, *COLUMNS).order_by("pk"):
        key = (row["organisation_id"], row["organisation__name"], row["organisation__provider"])
        by_body[key].append(question(row))
    lines = [
        BodyLine(name, provider, pk, figures(found, today))
        for (pk, name, provider), found in by_body.items()
    ]
    return sorted(lines, key=lambda line: (-line.figures.late, line.name, line.pk))


def _body_cells(line: BodyLine) -> tuple[Any, ...]:
    said = line.figures
    return (
        line.name, said.asked, said.designated, said.opinions, said.accepted, said.declined,
        said.given, said.waiting, said.late, said.median_days, said.longest_days, said.in_time,
        said.judged, said.share,
    )  # fmt: skip
