"""Forms of the words, each with its « Essayer »: what would change, before anything is saved."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages as notices
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods

from maillage.catalog import perms
from maillage.catalog.enums import Origin, UnmetState
from maillage.catalog.forms.words import EntryForm, OfferWordsForm, TrialForm, TypeForm
from maillage.catalog.models import Offer, ProjectType, ThesaurusEntry, UnmetNeed
from maillage.catalog.snapshot import engine_entry, engine_type
from maillage.catalog.views.words import asked_need, for_readers, for_writers
from maillage.catalog.words import listing, services, shipped, trial
from maillage.catalog.words.trial import Change
from maillage.engine.vocabulary import PHASES, THEMES

_READ_WRITE: Final = ["GET", "HEAD", "POST"]
_CHANGED: Final = (
    "Quelqu'un l'a changé pendant que vous écriviez. Votre saisie est ci-dessous : relisez, puis "
    "enregistrez à nouveau."
)
_BUSY: Final = (
    "D'autres essais sont en cours sur ce serveur : rien n'a été essayé. Recommencez dans une "
    "minute, votre saisie est gardée ci-dessous."
)
_DONE: Final = "C'est enregistré : les réponses en tiennent compte dans quelques secondes."


@dataclass(frozen=True, slots=True)
class Editing:
    """A page that tries and saves: what it edits, its form, and what it does.

    ``change`` and ``save`` read the valid form; ``save`` returns whether anything changed.
    """

    row: Any
    form: Form
    template: str
    change: Callable[[], Change]
    save: Callable[[], bool]
    back: str
    prefilled: Callable[[], list[str]]
    context: dict[str, Any]


@require_http_methods(_READ_WRITE)
@for_readers
def type_page(request: HttpRequest, slug: str = "") -> HttpResponseBase:
    """A kind of project, new without `slug`."""
    row = get_object_or_404(ProjectType, slug=slug) if slug else ProjectType(slug="")
    need = asked_need(request)
    initial = {}
    if need:
        said = listing.plain(need.text)
        initial = {"phrases": [*([said] if said not in row.phrases else []), *row.phrases]}
    form = TypeForm(_data(request), row=row, initial=initial)

    def change() -> Change:
        values = form.values()
        held = ProjectType(slug=row.slug or services.free_slug(values["label"]), **values)
        return Change(project_type=engine_type(held), former_type=row.slug)

    def save() -> bool:
        new = row.pk is None
        done = services.save(row=row, values=form.values(), by=request.user, seen=_seen(request))
        return new or bool(done)

    def prefilled() -> list[str]:
        return [*([listing.plain(need.text)] if need else []), *listing.needs_of_type(row)]

    return _edit(request, need, Editing(
        row, form, "catalog/words/type.html", change, save, "words:list", prefilled,
        {"origin_values": shipped.values_of(row) if row.pk else None},
    ))  # fmt: skip


@require_http_methods(_READ_WRITE)
@for_readers
def entry_page(request: HttpRequest, pk: int = 0) -> HttpResponseBase:
    """A line of the thesaurus, new without `pk`."""
    row = get_object_or_404(ThesaurusEntry, pk=pk) if pk else ThesaurusEntry()
    need = asked_need(request)
    origin_values = shipped.values_of(row) if row.pk else None
    form = EntryForm(_data(request), row=row, is_shipped=origin_values is not None)

    def change() -> Change:
        entry = engine_entry(ThesaurusEntry(**form.values()))
        return Change(entry=entry, former_entry=row.expression if row.pk else "")

    def save() -> bool:
        new = row.pk is None
        done = services.save(row=row, values=form.values(), by=request.user, seen=_seen(request))
        return new or bool(done)

    def prefilled() -> list[str]:
        said = listing.needs_saying([row.expression]) if row.pk else []
        return [*([listing.plain(need.text)] if need else []), *said]

    return _edit(request, need, Editing(
        row, form, "catalog/words/entry.html", change, save, "words:thesaurus", prefilled,
        {"origin_values": origin_values},
    ))  # fmt: skip


@require_http_methods(_READ_WRITE)
@for_readers
def offer_page(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The words by which an offer is found."""
    row = get_object_or_404(Offer.objects.published().with_provider(), slug=slug)
    form = OfferWordsForm(_data(request), initial={"words": row.words})

    def change() -> Change:
        return Change(offer=row.slug, words=tuple(form.cleaned_data["words"]))

    def save() -> bool:
        return services.save_words(
            offer=row, words=form.cleaned_data["words"], by=request.user, seen=_seen(request)
        )

    return _edit(request, None, Editing(
        row, form, "catalog/words/offer.html", change, save, "words:offers",
        lambda: listing.needs_saying(row.words or [row.title]),
        {"revisions": row.revisions.select_related("by")[:8]},
    ))  # fmt: skip


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _seen(request: HttpRequest) -> str:
    return request.POST.get("vu", "")


def _edit(request: HttpRequest, need: UnmetNeed | None, page: Editing) -> HttpResponseBase:
    """Show, try or save. Whoever may only read sees the values and the reason."""
    right = perms.may_administer(request.user)
    if not right and (request.method == "POST" or page.row.pk is None):
        raise PermissionDenied(right.reason)
    if request.method != "POST":
        needs = list(dict.fromkeys(page.prefilled()))[: trial.MOST_NEEDS] if right else []
        return _shown(request, need, page, TrialForm(initial={"needs": needs}), right=right)
    trying = request.POST.get("faire") == "essayer"
    tried = TrialForm(request.POST) if trying else TrialForm(initial=_typed(request))
    valid = page.form.is_valid()
    if trying:
        if not (tried.is_valid() and valid):
            return _shown(request, need, page, tried, right=right, status=422)
        needs = tried.cleaned_data["needs"]
        try:
            result = trial.run(page.change(), needs, tried.territory(), localdate())
        except trial.Busy:
            page.form.add_error(None, _BUSY)
            return _shown(request, need, page, tried, right=right, status=503)
        return _shown(request, need, page, tried, right=right, result=result)
    if not valid:
        return _shown(request, need, page, tried, right=right, status=422)
    try:
        done = page.save()
    except services.Changed:
        try:
            page.row.refresh_from_db()
        except ObjectDoesNotExist as gone:
            raise Http404("Ce mot vient d'être supprimé par quelqu'un d'autre.") from gone
        page.form.add_error(None, _CHANGED)
        return _shown(request, need, page, tried, right=right, status=409)
    if need and request.POST.get("traite"):
        services.mark(needs=[need.pk], state=UnmetState.HANDLED)
    notices.success(request, _DONE if done else "Rien n'a changé.")
    return redirect("words:needs") if need else redirect(page.back)


def _typed(request: HttpRequest) -> dict[str, str]:
    """What the fields of the trial hold while something else is asked: kept, not checked."""
    return {name: request.POST.get(f"essai-{name}", "") for name in ("needs", "place", "code")}


def _shown(
    request: HttpRequest,
    need: UnmetNeed | None,
    page: Editing,
    tried: TrialForm,
    *,
    right: Any,
    result: trial.Trial | None = None,
    status: int = 200,
) -> HttpResponse:
    row = page.row
    context = {
        "row": row,
        "form": page.form,
        "trial_form": tried,
        "trial": result,
        "need": need,
        "writes": bool(right),
        "reason": "" if right else right.reason,
        "stamp": services.stamp(row) if row.pk else "",
        "changes": [] if isinstance(row, Offer) else services.changes_of(row),
        "edited_here": row.pk is not None and row.origin == Origin.EDITED,
        **page.context,
    }
    return render(request, page.template, context, status=status)


# -- Acts that ask first


@require_http_methods(_READ_WRITE)
@for_writers
def type_delete(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Ask, then delete a type that was made here."""
    return _delete(request, get_object_or_404(ProjectType, slug=slug), "words:list")


@require_http_methods(_READ_WRITE)
@for_writers
def entry_delete(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask, then delete a line of the thesaurus that was made here."""
    return _delete(request, get_object_or_404(ThesaurusEntry, pk=pk), "words:thesaurus")


@require_http_methods(_READ_WRITE)
@for_writers
def type_restore(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Ask, then put a type back as it is shipped."""
    return _restore(request, get_object_or_404(ProjectType, slug=slug), "words:list")


@require_http_methods(_READ_WRITE)
@for_writers
def entry_restore(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask, then put a line of the thesaurus back as it is shipped."""
    return _restore(request, get_object_or_404(ThesaurusEntry, pk=pk), "words:thesaurus")


def _delete(request: HttpRequest, row: services.Word, back: str) -> HttpResponseBase:
    refused = services.may_delete(row)
    if request.method == "POST":
        if refused:
            raise PermissionDenied(refused)
        services.delete(row=row, by=request.user)
        notices.success(request, f"« {row} » est supprimé.")
        return redirect(back)
    context = {"row": row, "refused": refused, "back": back, "page": _page_of(row)}
    return render(request, "catalog/words/delete.html", context)


def _restore(request: HttpRequest, row: services.Word, back: str) -> HttpResponseBase:
    values = shipped.values_of(row)
    if request.method == "POST":
        try:
            services.put_back(row=row, by=request.user)
        except services.Kept as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        notices.success(request, f"« {row} » est remis comme il est livré.")
        return redirect(back)
    lines = [
        (row._meta.get_field(name).verbose_name, getattr(row, name), value)
        for name, value in (values or {}).items()
        if getattr(row, name) != value
    ]
    context = {
        "row": row, "known": values is not None, "lines": [_readable(*one) for one in lines],
        "back": back, "page": _page_of(row),
    }  # fmt: skip
    return render(request, "catalog/words/restore.html", context)


def _readable(label: str, now: Any, then: Any) -> tuple[str, list[str], list[str]]:
    """A field that differs: what would be lost, what would come back."""
    if not isinstance(now, list):
        return label, [now], [then]
    names = {**THEMES, **PHASES}
    gone, back = [x for x in now if x not in then], [x for x in then if x not in now]
    return label, [names.get(x, x) for x in gone], [names.get(x, x) for x in back]


def _page_of(row: services.Word) -> str:
    return "words:type" if isinstance(row, ProjectType) else "words:entry"
