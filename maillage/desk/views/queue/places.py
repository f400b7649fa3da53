"""The queue on a map: a dot by commune, drawn on the server, with a table that says the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from maillage.common.paging import page_numbers
from maillage.desk import queue
from maillage.desk.forms.queue import QueueFilters
from maillage.desk.views.queue.shared import changed, for_desk, shared
from maillage.engine.text import words
from maillage.territories import maps
from maillage.territories.directory import Directory, directory

PER_PAGE = 50
#: Radius of a dot, in units of the drawing (it is a thousand wide): one request, and the largest.
_SMALLEST, _LARGEST = 9, 46


@dataclass(frozen=True, slots=True)
class Place:
    """Who asks, with how many requests of the list; `address` is the list of these."""

    code: str
    name: str
    count: int
    late: int
    address: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A place on a map: whole coordinates and radius in the drawing's units, as texts (templates
    would write a thousands separator).
    """

    place: Place
    x: str
    y: str
    radius: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """The map of a département and the dots on it."""

    code: str
    map: maps.Map
    dots: tuple[Dot, ...]


@require_safe
@for_desk
def on_map(request: HttpRequest, scope: queue.Scope) -> HttpResponseBase:
    """The same list as `listing`, by commune, on the map of each département of the person."""
    filters = QueueFilters.read(request.GET)
    found = (
        queue.chosen(scope, filters)
        .order_by()
        .values_list("bearer", "bearer_name")
        .annotate(count=Count("pk"), late=Count("pk", filter=queue.late(scope.today)))
    )
    places = [
        Place(code, name, count, late, changed(request.GET, commune=code))
        for code, name, count, late in found
    ]
    places.sort(key=lambda place: (-place.count, words(place.name), place.code))
    shown = [desk.department for desk in scope.desks]
    if filters.department in shown:
        shown = [filters.department]
    drawn = [one for code in shown if (one := _drawn(code, places))]
    on_maps = {dot.place.code for one in drawn for dot in one.dots}
    page = Paginator(places, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **shared(request, scope, filters),
        "page": page,
        "pages": page_numbers(page),
        "maps": drawn,
        "elsewhere": sum(place.count for place in places if place.code not in on_maps),
    }
    return render(request, "desk/queue/map.html", context)


def _drawn(department: str, places: Sequence[Place]) -> Drawn | None:
    """The map of `department` with the dots of its places; ``None`` where no contour is known."""
    known = directory()
    drawing = maps.department_map(department) if department in known.departments else None
    if drawing is None:
        return None
    points = {place.code: _point(known, place.code, department) for place in places}
    here = [place for place in places if points[place.code]]
    most = max((place.count for place in here), default=1)
    return Drawn(department, drawing, tuple(_dots(drawing, here, points, most)))


def _dots(
    drawing: maps.Map,
    places: Iterable[Place],
    points: dict[str, tuple[float, float] | None],
    most: int,
) -> Iterable[Dot]:
    west, south, east, north = (float(value) for value in drawing.bounds.split(","))
    for place in places:  # the largest first: the small ones stay visible
        longitude, latitude = points[place.code] or (west, south)
        yield Dot(
            place,
            x=str(round((longitude - west) / (east - west) * drawing.width)),
            y=str(round((north - latitude) / (north - south) * drawing.height)),
            # Areas, not radii, are as the counts.
            radius=str(round(max(_SMALLEST, _LARGEST * sqrt(place.count / max(most, 20))))),
        )


def _point(known: Directory, code: str, department: str) -> tuple[float, float] | None:
    """Where to put a commune of `department`, or an EPCI: amid its members that are in it."""
    one = known.communes.get(code)
    members = [one] if one else known.members.get(code, [])
    placed = [
        (member.longitude, member.latitude)
        for member in members
        if member.department == department and member.longitude is not None
    ]
    if not placed:
        return None
    return sum(x for x, _ in placed) / len(placed), sum(y for _, y in placed) / len(placed)
