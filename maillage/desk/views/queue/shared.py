"""What the list, the map and the calendar of the queue share: the door, piles, filters, links."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render

from maillage.common.templatetags.maillage import lettres
from maillage.desk import queue
from maillage.desk.enums import Branch, Channel
from maillage.desk.forms import queue as forms
from maillage.desk.forms.queue import NAMES, QueueFilters
from maillage.desk.queue import Pile, Scope
from maillage.engine.vocabulary import PHASES, THEMES
from maillage.territories.directory import directory
from maillage.territories.models import Epci

#: Parameters that go with one page of one of the three views, not with the filters.
_OF_A_PAGE = ("page", "export", "mois")


def for_desk(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Open a page to those who work for a desk (the view receives their `Scope`); tell the others
    what to do (403).
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        scope = queue.scope_of(request.user)
        if not scope.desks:
            return refused(request)
        return view(request, scope, *args, **kwargs)

    return guarded


def refused(request: HttpRequest) -> HttpResponse:
    """403 of those who work for no desk: what to do instead."""
    return render(request, "desk/queue/refused.html", status=403)


@dataclass(frozen=True, slots=True)
class Count:
    """A pile with its count and the address of its list."""

    pile: Pile
    count: int
    address: str
    current: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in use, and the query string of the same list without it."""

    label: str
    without: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter to choose in a list."""

    name: str
    label: str
    value: str
    options: list[tuple[str, str]]


def shared(request: HttpRequest, scope: Scope, filters: QueueFilters) -> dict[str, Any]:
    """What the template ``desk/queue/base.html`` says around a view of the queue."""
    held = queue.counts(scope, filters)
    people = queue.colleagues(scope)
    names = {str(person.pk): str(person) for person in people}
    epcis = _epcis(scope)
    pile = queue.pile_of(filters)
    chips = _chips(request.GET, filters, names, epcis)
    return {
        "scope": scope,
        "filters": filters,
        "pile": pile,
        "total": held[pile.code],
        "counts": [
            Count(one, held[one.code], changed(request.GET, file=one.code), one is pile)
            for one in queue.PILES
        ],
        "people": people,
        "choices": _choices(scope, filters, names, epcis),
        "chips": chips,
        "nothing_yet": not chips and not held["toutes"],
        "saved": list(request.user.views.all()),
        "query": kept(request.GET).urlencode(),
        "hidden": [
            (name, request.GET[name])
            for name in ("file", "tri", "commune", "echeance", "mois")
            if request.GET.get(name)
        ],
    }


def in_words(scope: Scope, query: QueryDict) -> list[str]:
    """What these filters keep, for the person who names them: the pile, then each filter."""
    filters = QueueFilters.read(query)
    names = {str(person.pk): str(person) for person in queue.colleagues(scope)}
    chips = _chips(query, filters, names, _epcis(scope))
    return [queue.pile_of(filters).label, *(chip.label for chip in chips)]


def kept(query: QueryDict) -> QueryDict:
    """The parameters of the filters alone."""
    copy = query.copy()
    for name in _OF_A_PAGE:
        copy.pop(name, None)
    for name in [name for name in copy if not copy[name]]:
        del copy[name]
    return copy


def changed(query: QueryDict, **values: str) -> str:
    """Query string of the same filters with some changed ("" removes one), from the first page."""
    copy = kept(query)
    for name, value in values.items():
        copy.pop(name, None)
        if value:
            copy[name] = value
    return f"?{copy.urlencode()}"


def _epcis(scope: Scope) -> dict[str, str]:
    departments = [desk.department for desk in scope.desks]
    found = Epci.objects.filter(members__department_id__in=departments).distinct()
    return dict(found.order_by("sort_key").values_list("siren", "name"))


def _choices(
    scope: Scope, filters: QueueFilters, names: dict[str, str], epcis: dict[str, str]
) -> list[Choice]:
    agents = {forms.MINE: "Moi", forms.NOBODY: "Personne", **names}
    agents.pop(str(scope.user.pk), None)
    several = {desk.department: desk.name for desk in scope.desks}
    lists: Iterable[tuple[str, str, dict[str, str]]] = (
        ("department", "Guichet", several if len(several) > 1 else {}),
        ("state", "État", forms.STATES),
        ("hand", "Qui a la main", forms.HANDS),
        ("agent", "Suivie par", agents),
        ("theme", "Thème", THEMES),
        ("phase", "Étape du projet", PHASES),
        ("epci", "Intercommunalité", epcis),
        ("branch", "Branche", dict(Branch.choices)),
        ("channel", "Arrivée", dict(Channel.choices)),
    )
    return [
        Choice(NAMES[name], label, getattr(filters, name), list(options.items()))
        for name, label, options in lists
        if options
    ]


def _chips(
    query: QueryDict, filters: QueueFilters, names: dict[str, str], epcis: dict[str, str]
) -> list[Chip]:
    known = directory()
    say: dict[str, Callable[[Any], str]] = {
        "text": lambda value: f"« {value} »",
        "state": lambda value: forms.STATES[value],
        "hand": lambda value: f"A la main : {forms.HANDS[value]}",
        "agent": lambda value: (
            {forms.MINE: "Suivies par moi", forms.NOBODY: "Suivies par personne"}.get(value)
            or f"Suivies par {names.get(value, 'une autre personne')}"
        ),
        "theme": lambda value: THEMES[value],
        "phase": lambda value: PHASES[value],
        "epci": lambda value: epcis.get(value, value),
        "branch": lambda value: Branch(value).label,
        "channel": lambda value: Channel(value).label,
        "department": lambda value: f"Département {value}",
        "commune": lambda value: known.label(value) if known.resolve(value) == value else value,
        "since": lambda value: f"Reçues depuis le {lettres(value)}",
        "until": lambda value: f"Reçues jusqu'au {lettres(value)}",
        "due": lambda value: f"Échéance du {lettres(value)}",
    }
    return [
        Chip(say[name](getattr(filters, name)), changed(query, **{NAMES[name]: ""}))
        for name in filters.narrowing
    ]
