"""Pages that write a page or an offer. A form opened before someone else's change loses nothing."""

from types import SimpleNamespace
from typing import Any, Final

from django.contrib import messages as notices
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_safe

from maillage.catalog import changes, kept, perms
from maillage.catalog.enums import LIFE, Publication
from maillage.catalog.forms import keeping_offer as offers
from maillage.catalog.forms.keeping import (
    CAPACITY,
    CapacityForm,
    ProviderForm,
    ReasonForm,
    changed_values,
    first_values,
)
from maillage.catalog.models import Offer, Provider
from maillage.catalog.services import entries, keeping
from maillage.catalog.views.keeping_capacity import Asked, write_capacity
from maillage.catalog.views.keeping_door import (
    CHANGED,
    INCOMPLETE,
    READ_WRITE,
    acts_as_desk,
    body_name,
    kept_offer,
    kept_page,
)
from maillage.catalog.views.keeping_merge import Opened
from maillage.catalog.views.sheets import offer_page
from maillage.common import typed
from maillage.common.transitions import TransitionRefused

#: What each verb is called on its button, its page, and once it is done.
VERBS: Final = {
    "publish": ("Publier", "L'offre est publiée : les mairies la voient dans quelques secondes."),
    "suspend": ("Suspendre", "L'offre est suspendue : elle n'est plus proposée."),
    "archive": ("Archiver", "L'offre est archivée."),
    "restore": ("Reprendre en brouillon", "L'offre est de nouveau un brouillon."),
}
_MEANINGS: Final = {
    "suspend": "Les mairies ne la verront plus dans les réponses. Sa page dira qu'elle est "
    "suspendue. Vous pourrez la publier à nouveau.",
    "archive": "Elle sort du catalogue. Rien n'est effacé : vous pourrez la reprendre en "
    "brouillon.",
}


# -- The page of a body


@require_http_methods(READ_WRITE)
@typed.kept_while_signing_in
def provider_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Correct the page of a body."""
    row = kept_page(request, slug)
    names = tuple(ProviderForm.base_fields)
    first = first_values(row, names)
    data = request.POST if request.method == "POST" else typed.kept(request, request.path)
    form: ProviderForm = ProviderForm(data, initial=first, kept=row.perimeter)
    page = Opened(data or request.POST, row)
    if request.method != "POST":
        return _provider_page(request, row, form, page)
    if not form.is_valid() or not _may_cover(request, row, form):
        return _provider_page(request, row, form, page, INCOMPLETE)
    try:
        entries.edit(
            entry=row, values=keeping.trusted(row, changed_values(row, form.cleaned_data)),
            by=request.user, body=body_name(request.user, row), seen=page.seen,
        )  # fmt: skip
    except entries.Stale:
        row = kept_page(request, slug)
        form, page = page.again(form, row)
        return _provider_page(request, row, form, page, CHANGED)
    typed.forget(request, request.path)
    notices.success(request, "La fiche est enregistrée.")
    return redirect("keeping:provider", slug)


def _provider_page(
    request: HttpRequest, row: Provider, form: ProviderForm, page: Opened, status: int = 200
) -> HttpResponse:
    context = {"provider": row, "form": form, "opened": page, "questions": form.questions,
               "found_again": request.method == "GET" and form.is_bound}  # fmt: skip
    return render(request, "catalog/keeping/provider_edit.html", context, status=status)


def _may_cover(request: HttpRequest, row: Provider, form: Form) -> bool:
    """An agent who holds a page writes of their own département only: said beside the field."""
    perimeter = form.cleaned_data["perimeter"]
    if perimeter and acts_as_desk(request.user, row):
        right = perms.may_cover(request.user, perimeter)
        if not right:
            form.add_error("perimeter", right.reason)
    return not form.errors


# -- An offer


@require_http_methods(READ_WRITE)
def offer(request: HttpRequest, slug: str) -> HttpResponse:
    """How an offer stands, what to do next, how much is left of it."""
    row = kept_offer(request, slug, to_read=True)
    asked = Asked(CapacityForm(initial=first_values(row, CAPACITY)), Opened(request.POST, row))
    if request.method == "POST":
        row = kept_offer(request, slug)
        asked = write_capacity(request, row, body_name(request.user, row.provider))
        if asked.written:
            return redirect("keeping:offer", slug)
    today = localdate()
    context = {
        "offer": row,
        "provider": row.provider,
        "may_keep": bool(perms.may_keep(request.user, row.provider)),
        "next": kept.next_of(row, today),
        "missing": kept.missing_of_offer(row),
        "form": asked.form,
        "opened": asked.opened,
        "today": today,
        "verbs": [
            (verb, label)
            for verb, (label, _) in VERBS.items()
            if verb in LIFE.possible(row.publication)
        ],
        "to_confirm": kept.is_to_confirm(row, today),
        "history": changes.lines(keeping.latest(row)),
    }
    return render(request, "catalog/keeping/offer.html", context, status=asked.status)


@require_safe
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The public page of an offer, as mairies read it or will."""
    return offer_page(request, kept_offer(request, slug, to_read=True), preview=True)


@require_http_methods(READ_WRITE)
@typed.kept_while_signing_in
def offer_new(request: HttpRequest, slug: str) -> HttpResponse:
    """A new offer of a page: a draft, whatever it lacks."""
    row = kept_page(request, slug)
    first = {
        "kind": "engineering", "level": row.level, "perimeter": row.perimeter, "cost": "unknown",
        "audiences": ["commune", "epci"], "population_kind": "municipal", "available_unit": "cases",
    }  # fmt: skip
    return _offer_form(request, row, None, first)


@require_http_methods(READ_WRITE)
@typed.kept_while_signing_in
def offer_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Correct an offer."""
    row = kept_offer(request, slug)
    first = {name: getattr(row, name) for name in offers.FIELDS}
    return _offer_form(request, row.provider, row, first)


def _offer_form(
    request: HttpRequest, provider: Provider, row: Offer | None, first: dict[str, Any]
) -> HttpResponse:
    data = request.POST if request.method == "POST" else typed.kept(request, request.path)
    adding = data is not None and data.get("faire") == "ligne"
    form = offers.OfferForm(data, initial=first, kept=row.perimeter if row else provider.perimeter)
    rates = offers.Rates(
        _one_more(data) if adding and data else data, initial=offers.rates_of(row), prefix="taux"
    )
    conditions = offers.ConditionsForm(data, offer=row)
    page = Opened(data or request.POST, row)
    context = {"provider": provider, "offer": row, "rates": rates, "conditions": conditions}
    if request.method != "POST" or adding:
        return _offer_page(request, context, form, page)
    valid = [form.is_valid(), rates.is_valid(), conditions.is_valid()]
    if not all(valid) or not _complete(form, row) or not _may_cover(request, provider, form):
        return _offer_page(request, context, form, page, INCOMPLETE)
    values = form.cleaned_data
    try:
        saved = keeping.write_offer(
            offer=row, provider=provider, by=request.user, seen=page.seen,
            values=changed_values(row, values) if row else values,
            rates=rates.said(), conditions=conditions.said(values["cost"]),
            body=body_name(request.user, provider),
        )  # fmt: skip
    except entries.Stale:
        row = kept_offer(request, row.slug if row else "")
        form, page = page.again(form, row)
        return _offer_page(request, {**context, "offer": row}, form, page, CHANGED)
    typed.forget(request, request.path)
    notices.success(request, "L'offre est enregistrée.")
    return redirect("keeping:offer", saved.slug)


def _one_more(data: QueryDict) -> QueryDict:
    """The same form with one more row of figures."""
    more = data.copy()
    count = more.get("taux-TOTAL_FORMS", "0")
    number = int(count) if count.isascii() and count.isdigit() and len(count) < 4 else 0
    more["taux-TOTAL_FORMS"] = str(min(number + 1, offers.MOST_RATES))
    return more


def _complete(form: offers.OfferForm, row: Offer | None) -> bool:
    """What mairies see loses nothing: what the edit empties is said beside its field. What was
    already missing (offers of a file are published as they come) does not stop the rest.
    """
    if row is not None and row.publication == Publication.PUBLISHED:
        before = {lacking.field for lacking in kept.missing_of_offer(row)}
        for lacking in kept.missing_of_offer(SimpleNamespace(**form.cleaned_data)):
            if lacking.field in before:
                continue
            form.add_error(lacking.field, f"Cette offre est publiée : il lui faut {lacking.label}.")
    return not form.errors


def _offer_page(
    request: HttpRequest,
    context: dict[str, Any],
    form: offers.OfferForm,
    page: Opened,
    status: int = 200,
) -> HttpResponse:
    row = context["offer"]
    published = row is not None and row.publication == Publication.PUBLISHED
    more = {"form": form, "opened": page, "questions": form.questions,
            "lacking": kept.missing_of_offer(row) if published else (),
            "found_again": request.method == "GET" and form.is_bound,
            "before_rows": form.BEFORE_ROWS, "units": offers.UNITS}  # fmt: skip
    return render(request, "catalog/keeping/offer_edit.html", {**context, **more}, status=status)


@require_http_methods(READ_WRITE)
def offer_verb(request: HttpRequest, slug: str, verb: str) -> HttpResponse:
    """Publish, suspend, archive, restore or confirm an offer. What takes it away asks why first."""
    if verb not in (*VERBS, "confirm"):
        raise Http404("Cet acte n'existe pas.")
    row = kept_offer(request, slug)
    asks = verb in keeping.WITH_REASON
    form = ReasonForm(request.POST if asks and request.method == "POST" else None)
    if request.method != "POST":
        if not asks:
            return redirect("keeping:offer", slug)
        if verb not in LIFE.possible(row.publication):
            state = row.get_publication_display().lower()
            notices.warning(request, f"Cette offre est maintenant : {state}.")
            return redirect("keeping:offer", slug)
        return _verb_page(request, row, verb, form)
    if asks and not form.is_valid():
        return _verb_page(request, row, verb, form, INCOMPLETE)
    body = body_name(request.user, row.provider)
    try:
        if verb == "confirm":
            keeping.confirm(entry=row, by=request.user, body=body)
        else:
            reason = form.cleaned_data["reason"] if asks else ""
            keeping.change(offer=row, verb=verb, by=request.user, body=body, reason=reason)
    except (keeping.Refused, TransitionRefused) as refusal:
        notices.error(request, str(refusal))
        return redirect("keeping:offer", slug)
    said = VERBS[verb][1] if verb in VERBS else "C'est noté : l'offre est à jour."
    notices.success(request, said)
    return redirect("keeping:offer", slug)


def _verb_page(
    request: HttpRequest, row: Offer, verb: str, form: ReasonForm, status: int = 200
) -> HttpResponse:
    context = {"offer": row, "verb": verb, "label": VERBS[verb][0], "meaning": _MEANINGS[verb],
               "form": form}  # fmt: skip
    return render(request, "catalog/keeping/offer_verb.html", context, status=status)
