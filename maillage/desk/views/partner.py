"""A request seen by the body that is asked or that follows it, and by those who only read it."""

from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate

from maillage.desk import history, nextsteps, perms, threads
from maillage.desk.enums import Audience
from maillage.desk.forms.exchanges import answer_form
from maillage.desk.models import Consultation, Request
from maillage.desk.nextsteps import NextStep
from maillage.desk.perms import Standing
from maillage.desk.views.exchanges import may_answer
from maillage.engine.vocabulary import PHASES, THEMES
from maillage.territories.directory import directory


@dataclass(frozen=True, slots=True)
class Place:
    """The territory at a glance; ``epci`` is its group's name, "" for an EPCI itself."""

    label: str
    address: str
    population: int | None
    epci: str
    communes: int


def place_of(demand: Request) -> Place:
    """Where the request comes from, in a few facts."""
    known, code = directory(), demand.bearer
    if code in known.epcis:
        return Place(
            label=known.label(code), address=reverse("territories:epci", args=[code]),
            population=demand.population, epci="", communes=len(known.members[code]),
        )  # fmt: skip
    commune = known.communes.get(code)
    epci = known.epcis.get(commune.epci) if commune else None
    return Place(
        label=demand.bearer_name,
        address=reverse("territories:commune", args=[code]) if commune else "",
        population=demand.population,
        epci=epci.name if epci else "",
        communes=0,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the person's body; ``form`` is ``None`` when nothing is to be answered."""

    consultation: Consultation
    step: NextStep
    form: Form | None
    late: bool


def partner_page(request: HttpRequest, demand: Request, who: Standing) -> HttpResponse:
    """The page of a filed request for who is asked or follows it; plainer for who only reads."""
    context = _shared(request, demand, who)
    if not (who.lead or who.asked):
        return render(request, "desk/request/reader.html", context)
    today = localdate()
    asked = []
    for one in perms.consultations(who):
        one.request = demand
        form = answer_form(one) if may_answer(one, who) else None
        asked.append(
            Asked(one, nextsteps.next_answer(one, today), form, nextsteps.is_overdue(one, today))
        )
    context |= {
        "asked": sorted(asked, key=lambda one: (one.form is None, -one.consultation.pk)),
        "awaited": any(one.form for one in asked),
        "mairie_phone": nextsteps.telephone(demand.contact_phone),
        "may_attach": not demand.is_ended,
        **_attaching(asked, who),
        "history": history.lines(perms.journal(who), who),
    }
    return render(request, "desk/request/partner.html", context)


def _attaching(asked: list[Asked], who: Standing) -> dict[str, Any]:
    """Who reads what is joined here: the mairie too when it comes from its interlocuteur."""
    if who.lead or not asked:
        return {"attach_readers": "lus par la mairie et le guichet"}
    return {
        "attach_audience": Audience.PARTNER,
        "attach_partner": asked[0].consultation.organisation_id,
        "attach_readers": "lus par le guichet",
    }


def _shared(request: HttpRequest, demand: Request, who: Standing) -> dict[str, Any]:
    today = localdate()
    return {
        "demand": demand,
        "who": who,
        "place": place_of(demand),
        "phase": PHASES.get(demand.phase or demand.stage, ""),
        "themes": [THEMES[code] for code in demand.themes if code in THEMES],
        "next": nextsteps.next_step(demand, who, today),
        "late": nextsteps.is_late(demand, today),
        "desk_phone": nextsteps.telephone(demand.desk.phone) if demand.desk else "",
        "thread": threads.thread_of(who, whole="tout" in request.GET),
        "documents": perms.attachments(who),
        "may_attach": False,
    }
