"""The life of a resource: one page by verb; and after a refusal, what remains possible."""

from typing import Final
from uuid import UUID

from django.contrib import messages as notices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from maillage.common.documents.content import Refused
from maillage.common.transitions import TransitionRefused
from maillage.engine.funding.types import OWN, Fund
from maillage.funding import life
from maillage.funding.enums import PAPER_OF, STATUSES
from maillage.funding.forms.plans import WORDS, LifeForm
from maillage.funding.models import Attachment
from maillage.funding.nextbest import next_plans
from maillage.funding.nextstep import to_replace
from maillage.funding.planning import Busy
from maillage.funding.services import plans as services
from maillage.funding.services.attachments import Piece
from maillage.funding.showing import comparison, differences
from maillage.funding.views.opening import CHANGED, Opened, opened, seen

_READ_WRITE: Final = ["GET", "HEAD", "POST"]
_STATUSES: Final = dict(STATUSES)


@require_http_methods(_READ_WRITE)
def verb(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Note what happened to a resource (« ?ligne= »): what it will do, what is asked, a button."""
    held = opened(request, pk)
    source = life.find(held.document, request.GET.get("ligne", ""))
    if source is None or verb not in WORDS:
        raise Http404("Cette ligne n'est plus au plan.")
    data = request.POST if request.method == "POST" else None
    form = LifeForm(data, request.FILES or None, verb=verb, source=source, today=held.today)
    status = 200
    if verb not in life.verbs_of(source):
        status = 409
    if request.method == "POST":
        status = _done(request, held, form, verb)
        if not status:
            if verb == "refuse":
                return redirect("funding:next", pk=pk)
            return redirect(f"{held.plan.get_absolute_url()}#ressources")
        form.say_lost()
        held = opened(request, pk)
    title, button, _, _, consequence = WORDS[verb]
    context = {
        "plan": held.plan, "project": held.project, "source": source, "form": form,
        "title": title, "button": button, "consequence": consequence, "verb": verb,
        "money": life.money_of(source),
        "state": _STATUSES[source.status.value], "impossible": status == 409 and data is None,
        "vu": held.plan.version if status == 409 else request.POST.get("vu", held.plan.version),
    }  # fmt: skip
    return render(request, "funding/plans/verb.html", context, status=status)


def _done(request: HttpRequest, held: Opened, form: LifeForm, verb: str) -> int:
    """Do it; 0 when it is done, else the status under which the form is shown again."""
    if not form.is_valid():
        return 422
    source = life.find(held.document, request.GET.get("ligne", ""))
    if source is None:
        raise Http404("Cette ligne n'est plus au plan.")
    try:
        document, said = life.moved(held.document, source, verb, form.cleaned_data)
        piece = form.piece(source, PAPER_OF.get(verb, ""))
        known = _known(held, piece)
        services.save(
            plan=held.plan, by=request.user, document=document, seen=seen(request), said=said,
            piece=piece, noted=True,
        )  # fmt: skip
    except Refused as refusal:
        form.add_error("file", str(refusal))
        return 422
    except life.NotPossible as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return 422
    except (TransitionRefused, services.Conflict) as refusal:
        form.add_error(None, str(refusal))
        return 409
    also = f" « {known.name} » était déjà jointe ({known.get_paper_display()})." if known else ""
    notices.success(request, f"C'est noté : {said}.{also}")
    return 0


def _known(held: Opened, piece: Piece | None) -> Attachment | None:
    """The document of the line that has the same content, which is then not attached twice."""
    if piece is None:
        return None
    kept = held.plan.attachments.held().filter(resource=piece.source.id)
    return kept.filter(sha256=piece.checked.sha256).first()


@require_http_methods(_READ_WRITE)
def following(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The best plans that remain possible from what is granted; a POST takes one of them."""
    held = opened(request, pk)
    try:
        found = next_plans(held.document, held.project, held.today)
    except Busy as refusal:
        notices.error(request, str(refusal))
        return redirect(held.plan)
    if request.method == "POST":
        kind = request.POST.get("plan", "")
        free = (one for one in found.plans if not one.first)
        taken = next((one for one in free if one.kind == kind), None)
        if taken is None:
            notices.error(request, "Les plans possibles ont changé : les voici à nouveau.")
            return redirect("funding:next", pk=pk)
        try:
            services.save(
                plan=held.plan, by=request.user, document=taken.document, seen=seen(request),
                said=f"Plan proposé pris : {taken.found.label.lower()}",
            )  # fmt: skip
        except services.Conflict:
            notices.error(request, CHANGED)
            return redirect("funding:next", pk=pk)
        notices.success(
            request, "Ce plan est maintenant le vôtre. Celui d'avant reste dans les versions."
        )
        return redirect(held.plan)
    first = found.plans[0].found if found.plans else None
    context = {
        "plan": held.plan,
        "project": held.project,
        "report": held.report,
        "refused": to_replace(held.document),
        "granted": [one for one in held.document.resources if one.held],
        "asked": [one for one in held.document.resources if one.filed],
        "plans": [
            (one, differences(first, one.found) if first and one.found is not first else ())
            for one in found.plans
        ],
        "said": comparison(found.answer, held.document, held.subject.law),
        "loan": any(one.fund is Fund.LOAN for one in held.document.resources),
        "costs": bool(held.document.costs),
        "own": held.document.plan().brought(OWN),
    }
    return render(request, "funding/plans/next.html", context)
