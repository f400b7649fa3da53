"""The door of the filing: from an answer to a draft, with or without an account."""

from typing import Any, Final
from uuid import UUID, uuid4

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from maillage.accounts.enums import Role
from maillage.catalog.snapshot import snapshot
from maillage.common import typed
from maillage.desk.forms.filing import KINDS, AskLink, Typed
from maillage.desk.forms.question import Question
from maillage.desk.models import Desk
from maillage.desk.orientation import place_name
from maillage.desk.services import desks, filing, links
from maillage.desk.services.core import Incomplete, NotAllowed
from maillage.desk.views.common import INCOMPLETE
from maillage.engine.vocabulary import Audience
from maillage.territories.directory import directory

_NAME: Final = "start"
#: What one types here before signing in is nobody else's.
_kept_nowhere: Final = cache_control(private=True, no_store=True)


# Reads only (like the answer, whence it comes): exempt, so that the answer needs no cookie.
@csrf_exempt
@login_not_required
@_kept_nowhere
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """How to file: at once for who is signed in, by one of three ways for the others."""
    data = request.POST if request.method == "POST" else request.GET
    if not data:
        data = typed.kept(request, _NAME) or data
    return _page(request, Question.read(data))


def _page(
    request: HttpRequest,
    question: Question,
    link: AskLink | None = None,
    behalf: Typed | None = None,
) -> HttpResponse:
    user = request.user
    agent = _types_for_others(request)
    towns = user.bodies(Role.APPLICANT) if user.is_authenticated else []
    code = directory().resolve(question.code) or "" if question.code else ""
    if not code and not question.place and len(towns) == 1 and not agent:
        code = towns[0].territory.partition(":")[2]
    question = question.at(code, question.place)
    place = {"commune": code, "lieu": place_name(code) or question.place}
    context = {
        "question": question,
        "place": place["lieu"],
        "hidden": _hidden(question),
        "agent": agent,
        "desk": desks.desk_for(code) if code else None,
        "code": code,
        "link": link or AskLink(initial=place),
        "behalf": behalf or Typed(initial=place),
        "once": uuid4(),
        "query": question.query() if question.fits_an_address() else "",
    }
    status = INCOMPLETE if link or behalf else 200
    return render(request, "desk/filing/start.html", context, status=status)


def _types_for_others(request: HttpRequest) -> bool:
    """True for who works for a desk: what they type is a mairie's."""
    return request.user.is_authenticated and Desk.objects.worked_by(request.user).exists()


def _hidden(question: Question) -> list[tuple[str, str]]:
    """The question in hidden fields, its place left out."""
    pairs = [("besoin", question.text), ("pour", question.audience.value)]
    if question.types is not None:
        pairs += [("choix", "1"), *(("type", slug) for slug in question.types)]
    if question.phase:
        pairs.append(("phase", question.phase))
    return pairs


def _draft(question: Question) -> dict[str, Any]:
    """What a draft is opened with."""
    known = snapshot().type_number
    kind = question.audience.value
    return {
        "need": question.text,
        "types": [slug for slug in question.types or () if slug in known],
        "stage": question.phase or "",
        "bearer_kind": kind if kind in dict(KINDS) else Audience.COMMUNE.value,
    }


@login_not_required
@_kept_nowhere
@require_POST
def open_draft(request: HttpRequest) -> HttpResponse:
    """Open a draft with what was asked; who is not signed in does it first."""
    if not request.user.is_authenticated:
        return typed.sign_in(request, _NAME, reverse("requests:start"))
    question = Question.read(request.POST)
    said = {**_draft(question), "by": request.user, "once": _once(request)}
    if "behalf" not in request.POST:
        code = directory().resolve(question.code) or "" if question.code else ""
        if _types_for_others(request) or (code and desks.desk_for(code) is None):
            return _page(request, question)
        draft = filing.start_draft(code=code, **said)
    else:
        mine = [desk.department for desk in Desk.objects.worked_by(request.user)]
        form = Typed(request.POST, departments=mine)
        if not form.is_valid():
            return _page(request, question, behalf=form)
        code, channel = form.cleaned_data["code"], form.cleaned_data["channel"]
        try:
            draft = filing.start_draft(code=code, channel=channel, on_behalf=True, **said)
        except Incomplete as lacking:
            form.add_error("lieu", str(lacking))
            return _page(request, question, behalf=form)
        except NotAllowed as refusal:
            raise PermissionDenied(str(refusal)) from refusal
    typed.forget(request, _NAME)
    return redirect("requests:step", draft.pk, "besoin")


def _once(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("once", ""))
    except ValueError:
        return None


@login_not_required
@_kept_nowhere
@require_http_methods(["GET", "HEAD", "POST"])
def ask_link(request: HttpRequest) -> HttpResponse:
    """Ask for a link by e-mail. The same is said whatever the address is, and whether it left."""
    if request.method != "POST":
        return render(request, "desk/filing/link_sent.html")
    question = Question.read(request.POST)
    form = AskLink(request.POST)
    if not form.is_valid():
        return _page(request, question, link=form)
    try:
        links.ask_link(
            email=form.cleaned_data["email"],
            code=form.cleaned_data["code"],
            draft=_draft(question),
            address=get_adapter().get_client_ip(request),
        )
    except Incomplete as lacking:
        form.add_error("lieu", str(lacking))
        return _page(request, question.at(form.cleaned_data["code"]), link=form)
    return redirect("requests:ask_link")
