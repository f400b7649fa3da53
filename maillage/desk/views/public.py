"""Pages of the area: home, and the answer to a need."""

from typing import Final
from uuid import uuid4

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from maillage.catalog.words import spool
from maillage.desk import orientation as engine_side
from maillage.desk.forms.question import Question
from maillage.desk.pdf import answer_as_pdf
from maillage.desk.wording import set_aside_words
from maillage.desk.workspace import first_page
from maillage.engine.vocabulary import PHASES
from maillage.territories.directory import directory
from maillage.territories.search import search_communes

EXAMPLES: Final = (
    ("L'école est une passoire", "L'école est une passoire, on chauffe pour rien"),
    ("Plus de médecin", "Nous n'avons plus de médecin et les anciens ne conduisent plus"),
    ("Le pont est fermé", "Le pont du village est fermé, comment le réparer ?"),
    ("Rouvrir le bistrot", "On voudrait rouvrir le bistrot dans l'ancienne école"),
)


# Reads only, and keeps nothing of the person (like `orientation`): exempt, so that no visitor needs
# a cookie.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """Ask: one field, one commune, no account. A POST brings back a text to be changed."""
    return _ask_again(request, Question.read(request.POST or request.GET))


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def orientation(request: HttpRequest) -> HttpResponse:
    """Answer. A question short enough is an address of its own, to be kept or sent."""
    data = request.POST if request.method == "POST" else request.GET
    question = Question.read(data)
    if not question.text and not question.types:
        return _ask_again(request, question, empty=True)
    if question.code and "lieu" in data and question.place != engine_side.place_name(question.code):
        # What is written wins over the code filled in beside it: without JavaScript, only the
        # first can be changed.
        question = question.at("", question.place)
    if not question.code and question.place:
        found = search_communes(question.place, limit=12)
        if len(found) != 1 and not (found and found[0].certain):
            return _ask_again(request, question, choices=found)
        question = question.at(found[0].code)
    elif question.code:
        current = directory().resolve(question.code)
        if current is None:
            return _ask_again(request, question, unknown_code=True)
        question = question.at(current)
    if request.method == "POST" and question.fits_an_address():
        return redirect(f"{reverse('desk:orientation')}?{question.query()}")
    return _answer(request, question)


def _ask_again(request: HttpRequest, question: Question, **why: object) -> HttpResponse:
    context = {
        "question": question,
        "place_label": engine_side.place_name(question.code) or question.place,
        "examples": EXAMPLES,
        **why,
    }
    return render(request, "desk/home.html", context)


def _answer(request: HttpRequest, question: Question) -> HttpResponse:
    answer = engine_side.answer(question.need(), question.code or None, localdate())
    # Words that found nothing, or of which what was understood is refused: kept without the person.
    place = answer.territory.name if answer.territory else ""
    spool.note(request, question.need(), answer.orientation, place)
    understanding = answer.orientation.understanding
    adequate = [p for p in answer.orientation.help if p.adequate]
    return render(
        request,
        "desk/orientation.html",
        {
            "question": question,
            "query": question.query() if question.fits_an_address() else "",
            "answer": answer,
            "understanding": understanding,
            "phases": PHASES,
            "phase": question.phase or understanding.phase or "",
            "unfolded": adequate[0].offer.id if adequate else "",
            "set_aside_words": set_aside_words(answer),
            "once": uuid4(),  # a second click on « Déposer » opens the same draft
        },
    )


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def orientation_pdf(request: HttpRequest) -> HttpResponse:
    """The answer on paper, to take to the council."""
    question = Question.read(request.POST if request.method == "POST" else request.GET)
    code = directory().resolve(question.code) if question.code else None
    if not question.text and not question.types:
        return redirect("home")
    today = localdate()
    answer = engine_side.answer(question.need(), code, today)
    address = ""
    if question.fits_an_address():
        address = request.build_absolute_uri(f"{reverse('desk:orientation')}?{question.query()}")
    response = HttpResponse(answer_as_pdf(answer, today, address), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="orientation.pdf"'
    return response


@require_safe
def workspace(request: HttpRequest) -> HttpResponse:
    """Where one lands when signing in: the page one works on, by one's mandates."""
    return redirect(first_page(request.user))
