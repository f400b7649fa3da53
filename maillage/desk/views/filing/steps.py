"""The steps of a draft. Each is a page of its own, saved when one leaves it and while one types."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.contrib import messages as notices
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from maillage.common import typed
from maillage.common.documents.checking import ACCEPT
from maillage.desk import perms, storage
from maillage.desk.forms.filing import ContactStep, NeedStep, ProjectStep, Step
from maillage.desk.models import Request
from maillage.desk.services import filing
from maillage.desk.services.core import AlreadyDone, Conflict, Incomplete, NotAllowed
from maillage.desk.similar import quick_answers, similar_requests
from maillage.desk.snapshots import answer_for
from maillage.desk.views.common import CHANGED, INCOMPLETE, act_of, fresh
from maillage.desk.views.filing.pieces import take_files
from maillage.desk.views.filing.summary import known_facts, summary

NAMES: Final = {
    "besoin": "Votre besoin",
    "projet": "Où en est le projet",
    "contact": "Qui joindre",
    "pieces": "Pièces",
    "relire": "Relire et déposer",
}
FIRST: Final = "besoin"
_ORDER: Final = list(NAMES)
_PAGES: Final = {
    "besoin": "desk/filing/besoin.html",
    "projet": "desk/filing/fields.html",
    "contact": "desk/filing/fields.html",
    "pieces": "desk/filing/pieces.html",
    "relire": "desk/filing/relire.html",
}
_FORMS: Final[dict[str, type[Step]]] = {
    "besoin": NeedStep,
    "projet": ProjectStep,
    "contact": ContactStep,
}


@dataclass(frozen=True, slots=True)
class Other:
    """What another tab wrote in a field that this one changes too."""

    label: str
    text: str


# Both exemptions are for what was typed: it is checked here, and kept or shown again, never lost.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, pk: UUID, step: str) -> HttpResponse:
    """A step of a draft. Who is no longer signed in does it again, and finds what they typed."""
    if step not in NAMES:
        raise Http404("Cette étape n'existe pas.")
    unproved = typed.unproved(request)
    if request.htmx and (unproved or not request.user.is_authenticated):
        return _state(request, "gone")
    if not request.user.is_authenticated:
        if unproved:
            return redirect_to_login(request.path)
        return typed.sign_in(request, f"{pk}/{step}", request.path)
    demand = perms.find(request.user, pk)
    if not demand.is_draft:
        # Sent twice (double click, another tab): the answer to the second is what one reads.
        twice = request.method == "POST" and step == "relire"
        return redirect("requests:receipt", pk) if twice else redirect(demand)
    if unproved:
        return _shown_again(request, demand, step)
    if step in _FORMS:
        return _form_step(request, demand, step)
    if step == "pieces":
        return _pieces(request, demand)
    return _review(request, demand)


def _page(request: HttpRequest, demand: Request, step: str, status: int = 200, **more: Any) -> Any:
    number = _ORDER.index(step)
    context = {
        "demand": demand,
        "step": step,
        "title": NAMES[step],
        "number": number + 1,
        "steps": [
            (reverse("requests:step", args=[demand.pk, slug]), label, slug == step, n < number)
            for n, (slug, label) in enumerate(NAMES.items())
        ],
        "before": reverse("requests:step", args=[demand.pk, _ORDER[number - 1]]) if number else "",
        "facts": known_facts(demand.bearer),
        **more,
    }
    return render(request, _PAGES[step], context, status=status)


def _onward(request: HttpRequest, demand: Request, step: str) -> HttpResponse:
    """The next step, or one's requests for who stops here."""
    if "quitter" in request.POST:
        notices.success(request, "Votre brouillon est enregistré : il vous attend ici.")
        return redirect("requests:mine")
    onward = -1 if "precedente" in request.POST else 1
    return redirect("requests:step", demand.pk, _ORDER[max(0, _ORDER.index(step) + onward)])


# -- Steps that are a form


def _form_step(request: HttpRequest, demand: Request, step: str) -> HttpResponse:
    name = f"{demand.pk}/{step}"
    posted = request.POST if request.method == "POST" else typed.kept(request, name)
    more = {"ask_place": "commune" in request.GET} if step == "besoin" else {}
    form = _FORMS[step](posted, demand=demand, **more)
    if request.method != "POST":
        base = posted.get("base", "") if posted is not None else filing.seen(demand, form.shown)
        return _shown(request, demand, step, form, base=base, found_again=posted is not None)
    valid = form.is_valid()
    base = request.POST.get("base", "")
    try:
        held = filing.save_draft(
            request=demand, by=request.user, base=base, shown=form.shown, **form.kept()
        )
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except Incomplete as lacking:
        form.add_error("lieu" if "lieu" in form.fields else None, str(lacking))
        return _shown(request, fresh(demand), step, form, base=base, status=INCOMPLETE)
    except Conflict as conflict:
        if request.htmx:
            return _state(request, "conflict")
        return _conflict(request, demand, step, form, str(conflict))
    typed.forget(request, name)
    base = filing.seen(held, form.shown)
    if request.htmx:
        return _state(request, "saved", base=base, partly=not valid)
    if not valid:
        return _shown(request, held, step, form, base=base, status=INCOMPLETE)
    return _onward(request, held, step)


def _shown_again(request: HttpRequest, demand: Request, step: str) -> HttpResponse:
    """A form without proof of origin: what was typed is shown, nothing is saved."""
    if step not in _FORMS:
        notices.warning(
            request, "Vous vous êtes reconnecté entre-temps : recommencez, s'il vous plaît."
        )
        return redirect(request.path)
    form = _FORMS[step](request.POST, demand=demand)
    base = request.POST.get("base", "")
    return _shown(request, demand, step, form, 403, base=base, unproved=True)


def _shown(
    request: HttpRequest, demand: Request, step: str, form: Step, status: int = 200, **more: Any
) -> HttpResponse:
    if step == "besoin":
        more |= _before_filing(demand)
    return _page(request, demand, step, status, form=form, **{"found_again": False, **more})


def _conflict(
    request: HttpRequest, demand: Request, step: str, form: Step, message: str
) -> HttpResponse:
    """Both texts: what this tab typed in its fields, what the other wrote beside."""
    held = fresh(demand)
    mine = form.kept()
    other = _FORMS[step](demand=held)
    others = [
        Other(form.fields[name].label, str(other[name].value() or "(vide)"))
        for name in form.fields
        if name in mine and mine[name] != getattr(held, name)
    ]
    return _shown(
        request, held, step, form, CHANGED, others=others, conflict=message,
        base=filing.seen(held, form.shown),
    )  # fmt: skip


def _state(request: HttpRequest, state: str, **more: Any) -> HttpResponse:
    """What htmx puts beside the button: whether what is typed is saved."""
    context = {"state": state, "at": now(), "base": "", "partly": False, **more}
    return render(request, "desk/filing/_saved.html", context)


def _before_filing(demand: Request) -> dict[str, Any]:
    """What may make the filing needless, once the need and the place are known."""
    if not (demand.need.strip() and demand.bearer):
        return {"understanding": None, "similar": [], "quick": [], "chosen": ""}
    answer = answer_for(demand, localdate())
    understanding = answer.orientation.understanding
    types = [one.id for one in understanding.types]
    return {
        "understanding": understanding,
        "similar": similar_requests(types, demand.bearer),
        "quick": quick_answers(answer),
        "chosen": ",".join(types),
    }


# -- Documents


def _pieces(request: HttpRequest, demand: Request) -> HttpResponse:
    if request.method == "POST":
        refusals = take_files(request, demand)
        if not refusals and "joindre" not in request.POST:
            return _onward(request, demand, "pieces")
        if not refusals:
            return redirect(request.path)
    else:
        refusals = []
    return _page(
        request, demand, "pieces", INCOMPLETE if refusals else 200,
        documents=list(demand.attachments.all()), refusals=refusals, may_attach=True,
        hint=storage.hint(), accept=ACCEPT,
    )  # fmt: skip


# -- Reading it again, and filing


def _review(request: HttpRequest, demand: Request) -> HttpResponse:
    refusal = ""
    status = 200
    if request.method == "POST":
        act = act_of(
            request, channel=demand.channel, on_behalf_of=demand.asker if demand.on_behalf else ""
        )
        try:
            filing.file_request(request=demand, act=act)
        except AlreadyDone:
            return redirect("requests:receipt", demand.pk)
        except NotAllowed as denied:
            raise PermissionDenied(str(denied)) from denied
        except Incomplete:
            status = INCOMPLETE
        except Conflict:
            status = CHANGED
            refusal = (
                "Ce brouillon a changé dans une autre fenêtre. Le voici tel qu'il est : "
                "relisez-le, puis déposez-le."
            )
            request.conflict = True
        else:
            return redirect("requests:receipt", demand.pk)
        demand = fresh(demand)
        if not demand.is_draft:
            return redirect("requests:receipt", demand.pk)
    return _page(
        request, demand, "relire", status, parts=summary(demand), refusal=refusal,
        missing=_missing(demand), **_before_filing(demand),
    )  # fmt: skip


def _missing(demand: Request) -> list[tuple[str, str]]:
    """What is missing: a sentence, and where to say it."""
    places = {"need": "besoin", "bearer": "besoin", "body_name": "besoin"}
    marks = {"bearer": "lieu"}
    return [
        (
            text,
            reverse("requests:step", args=[demand.pk, places.get(field, "contact")])
            + ("?commune=1" if field == "bearer" else "")
            + f"#id_{marks.get(field, field)}",
        )
        for field, text in filing.missing(demand).items()
    ]
