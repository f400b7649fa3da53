"""The acts on a request: one page by act, made from the table of `deeds`, and the desk's work."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import BooleanField, Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST

from maillage.common.rights import Right
from maillage.common.transitions import TransitionRefused
from maillage.desk import lifecycle, people, perms, snapshots
from maillage.desk.enums import Verb
from maillage.desk.forms.acting import Assign, Subject
from maillage.desk.forms.choosing import BodyForm
from maillage.desk.models import Request
from maillage.desk.orientation import Answer
from maillage.desk.perms import Standing
from maillage.desk.services import consultations, exchanges, national
from maillage.desk.views.common import CHANGED, act_of, attempt, fresh
from maillage.desk.views.deeds import Deed, consequences, deed_of


def opened(request: HttpRequest, pk: UUID) -> tuple[Request, Standing]:
    """The filed request `pk` and how this person stands to it. Raises ``Http404``."""
    demand = perms.find(request.user, pk, queryset=for_display())
    if demand.is_draft:
        raise Http404("Cette demande n'est pas encore déposée.")
    return demand, perms.standing(request.user, demand)


def for_display() -> QuerySet[Request]:
    """Requests with what every page of theirs reads."""
    return Request.objects.select_related(
        "desk__circuit", "created_by", "duplicate_of", "convention"
    ).defer("folded")


def allowed(verb: str, who: Standing) -> Right:
    """May this person do this act: a verb of the life cycle, or the desk's work?"""
    return perms.may(verb, who) if verb in Verb.values else perms.may_work(who)


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """The page of an act, and the act: what will happen, what is asked, one button."""
    deed = deed_of(verb)
    if deed is None:
        raise Http404("Cette page n'existe pas.")
    demand, who = opened(request, pk)
    right = allowed(verb, who)
    if not right:
        raise PermissionDenied(right.reason)
    shown = _shown(demand, deed)
    subject = Subject(demand, who, request.GET, shown, _colleagues(demand, deed))
    if request.method == "POST" and "look" not in request.POST:
        form = deed.form(request.POST, request.FILES, subject=subject)
        kept = _kept(demand, shown, request.POST.get("shown", "")) if deed.shows else {}

        def do() -> None:
            deed.do(demand, act_of(request, shown=kept), form)
            notices.success(request, deed.done)

        refused = attempt(request, form, do)
        if refused is None:
            if verb in _NAMING:
                _say_who_was_not_told(request, fresh(demand))
            return redirect(f"{demand.get_absolute_url()}{deed.anchor and '#'}{deed.anchor}")
        return _page(request, fresh(demand), verb, deed, form, shown, refused)
    # Looking for a body: what is typed stays, nothing is judged yet.
    typed = _typed(request.POST, deed) if request.method == "POST" else {}
    form = deed.form(subject=subject, initial=typed)
    impossible = _impossible(verb, demand)
    return _page(
        request, demand, verb, deed, form, shown, CHANGED if impossible else 200, impossible
    )


#: Acts that name an interlocuteur unique, who must be told.
_NAMING: Final = frozenset({Verb.DESIGNATE, Verb.REPLACE_LEAD, Verb.START_SUPPORT, Verb.ENTRUST})


def _say_who_was_not_told(request: HttpRequest, demand: Request) -> None:
    """A body without an account nor an address has received nothing: someone must call it."""
    if demand.lead is None or demand.lead_email or people.lead_people(demand):
        return
    notices.warning(
        request,
        f"{demand.lead} n'a ici ni compte ni adresse : rien ne lui a été envoyé. Appelez cet "
        "organisme, puis notez sa réponse pour lui.",
    )


def _page(
    request: HttpRequest,
    demand: Request,
    verb: str,
    deed: Deed,
    form: Form,
    shown: Answer | None,
    status: int,
    impossible: str = "",
) -> HttpResponse:
    kept = _kept(demand, shown) if deed.shows else {}
    context = {
        "demand": demand,
        "verb": verb,
        "deed": deed,
        "form": form,
        "impossible": impossible,
        "consequences": consequences(deed, demand),
        "kept": kept,
        "digest": snapshots.digest(kept) if kept else "",
        "searches": isinstance(form, BodyForm),
        "sends_files": form.is_multipart(),
        "question": _question(demand) if verb == Verb.GIVE_INFORMATION else "",
        "missing": national.missing_for_national(demand) if verb == Verb.OPEN_NATIONAL else (),
    }
    return render(request, "desk/request/act.html", context, status=status)


def _question(demand: Request) -> str:
    """The precision that the desk asked for last."""
    asked = demand.journal.filter(verb=Verb.ASK_INFORMATION).order_by("-rank").first()
    return asked.data.get("question", "") if asked else ""


def _impossible(verb: str, demand: Request) -> str:
    """Why this verb cannot be used now; "" when it can."""
    if verb in Verb.values:
        try:
            lifecycle.LIFE.after(verb, demand.state)
        except TransitionRefused as refusal:
            return str(refusal)
    return ""


def _shown(demand: Request, deed: Deed) -> Answer | None:
    """The proposals, when the act keeps them or chooses among them."""
    if deed.shows or issubclass(deed.form, BodyForm):
        return snapshots.answer_for(demand, localdate())
    return None


def _kept(demand: Request, shown: Answer | None, digest: str | None = None) -> dict[str, Any]:
    """What the journal keeps of the proposals; it says when they had changed since the page."""
    if shown is None:
        return {}
    declined = snapshots.declined_providers(demand.consultations.select_related("organisation"))
    kept = snapshots.kept(shown, declined=declined)
    if digest is not None and digest != snapshots.digest(kept):
        kept["changed"] = True
    return kept


def _colleagues(demand: Request, deed: Deed) -> tuple[Any, ...]:
    return tuple(people.colleagues(demand)) if issubclass(deed.form, Assign) else ()


def _typed(data: QueryDict, deed: Deed) -> dict[str, Any]:
    """What is typed in a form that is not judged yet (no field of such forms takes two values)."""
    return {
        name: name in data if isinstance(field, BooleanField) else data.get(name, "")
        for name, field in deed.form.base_fields.items()
    }


def ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask a body for help or an opinion, or inform it."""
    return act(request, pk, "ask")


# -- One-button work, done from the page of the request


@require_POST
def do_task(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Say that a task is done, or is not after all."""
    demand, who = opened(request, pk)
    task = get_object_or_404(perms.tasks(who), pk=number)
    done = request.POST.get("done") == "1"
    return _at_once(
        request, demand, "taches",
        lambda: exchanges.do_task(task=task, act=act_of(request, version=None), done=done),
    )  # fmt: skip


@require_POST
def cancel(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Take back what was asked of a body."""
    demand, who = opened(request, pk)
    asked = get_object_or_404(perms.consultations(who), pk=number)
    return _at_once(
        request, demand, "avis",
        lambda: consultations.cancel(consultation=asked, act=act_of(request, version=None)),
    )  # fmt: skip


def _at_once(request: HttpRequest, demand: Request, anchor: str, do: Any) -> HttpResponse:
    """An act of one button: nothing is typed, so that a refusal is said on the page itself."""
    form = Form(request.POST)
    if attempt(request, form, do) is not None:
        for error in form.non_field_errors():
            notices.error(request, error)
    return redirect(f"{demand.get_absolute_url()}#{anchor}")
