"""What people say to each other about a request: messages, answers; and what has been read."""

from dataclasses import replace
from typing import Final

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST

from maillage.desk import nextsteps, perms, threads
from maillage.desk.enums import ConsultationKind
from maillage.desk.forms.exchanges import ACCEPT, DATE, answer_form
from maillage.desk.models import Consultation
from maillage.desk.services import consultations, exchanges
from maillage.desk.views.common import act_of, attempt, fresh

_FORBIDDEN: Final = 403


@require_POST
def message(request: HttpRequest, pk: str) -> HttpResponse:
    """Send a message where ``vers`` says; refused, it is shown again with what was typed."""
    demand = perms.find(request.user, pk)
    who = perms.standing(request.user, demand)
    places = threads.places(who)
    to = next((one for one in places if one.key == request.POST.get("vers")), None)
    if to is None:
        return _nowhere(request, demand)
    form = type(to.form)(request.POST, key=to.key)
    try:
        refused = attempt(
            request, form,
            lambda: exchanges.post_message(
                request=demand, act=act_of(request), audience=to.audience,
                body=form.cleaned_data["body"], partner=to.partner,
            ),
        )  # fmt: skip
    except PermissionDenied as denied:
        form.add_error(None, str(denied))
        refused = _FORBIDDEN
    if refused is None:
        notices.success(request, f"C'est envoyé. {to.readers}.")
        return redirect(f"{demand.get_absolute_url()}#echanges")
    context = {
        "demand": demand,
        "form": form,
        "thread": threads.thread_of(who, posted=replace(to, form=form)),
    }
    return render(request, "desk/request/message.html", context, status=refused)


def _nowhere(request: HttpRequest, demand: perms.Request) -> HttpResponse:
    """Say that the place is closed to this person, and give back what they had typed."""
    context = {"demand": demand, "typed": request.POST.get("body", ""), "thread": None}
    return render(request, "desk/request/message.html", context, status=_FORBIDDEN)


@require_POST
def seen(request: HttpRequest, pk: str) -> HttpResponse:
    """Note that the mairie has read its page: asked by the page itself, or by its button."""
    demand = perms.find(request.user, pk)
    if not perms.standing(request.user, demand).applicant:
        raise PermissionDenied("Seule la mairie dit qu'elle a lu sa demande.")
    exchanges.mark_seen(request=demand, by=request.user)
    if request.htmx:
        return HttpResponse()
    return redirect(demand)


@require_http_methods(["GET", "HEAD", "POST"])
def consultation(request: HttpRequest, pk: str, number: int) -> HttpResponse:
    """What is asked of a body, and the form by which it answers (or an agent in its name)."""
    demand = perms.find(request.user, pk)
    who = perms.standing(request.user, demand)
    asked = perms.consultations(who).filter(pk=number).first()
    if asked is None:
        raise Http404("Cette sollicitation n'existe pas, ou elle n'est pas adressée à vous.")
    asked.request = demand
    typing = who.agent and asked.organisation_id not in who.bodies
    form = answer_form(asked, request.POST if request.method == "POST" else None, typing=typing)
    status = 200
    if request.method == "POST":
        refused = attempt(request, form, lambda: _answer(request, asked, form))
        if refused is None:
            notices.success(request, f"Réponse envoyée au guichet ({demand.number}).")
            return redirect(demand)
        status = refused
        demand = fresh(demand)
        asked = Consultation.objects.select_related("organisation").get(pk=asked.pk)
        asked.request = demand
    context = {
        "demand": demand,
        "who": who,
        "asked": asked,
        "late": nextsteps.is_overdue(asked, localdate()),
        "step": nextsteps.next_answer(asked, localdate()),
        "form": form if form.is_bound or may_answer(asked, who) else None,
        "typing": typing,
    }
    return render(request, "desk/request/consultation.html", context, status=status)


def may_answer(asked: Consultation, who: perms.Standing) -> bool:
    """True when an answer is awaited, that this person may give."""
    concerned = who.agent or asked.organisation_id in who.bodies
    return concerned and asked.is_open and asked.kind != ConsultationKind.INFORMATION


def _answer(request: HttpRequest, asked: Consultation, form: Form) -> None:
    data, act = form.cleaned_data, act_of(request)
    if asked.kind == ConsultationKind.OPINION:
        consultations.give_opinion(consultation=asked, act=act, text=data["text"])
    elif data["choice"] == DATE:
        consultations.propose_date(consultation=asked, act=act, day=data["day"], text=data["text"])
    else:
        consultations.answer_help(
            consultation=asked, act=act, accept=data["choice"] == ACCEPT, text=data["text"]
        )
