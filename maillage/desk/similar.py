"""What may make a filing needless: what neighbours asked, and offers that answer without a desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from maillage.catalog.snapshot import snapshot
from maillage.desk.enums import Outcome, State
from maillage.desk.models import Request
from maillage.desk.orientation import Answer, Card
from maillage.engine.vocabulary import Cost, Level
from maillage.territories.directory import directory

_NEIGHBOURS: Final = 150
_FARTHEST_KM: Final = 40.0
_READ: Final = 60

_BECAME: Final = {
    State.RECEIVED: "Le guichet l'étudie.",
    State.INFORMATION_WANTED: "Le guichet l'étudie.",
    State.QUALIFIED: "Le guichet cherche qui peut la suivre.",
    State.NATIONAL: "Un appui national est demandé.",
    State.COMMITTEE: "Un appui national est demandé.",
    State.ACCEPTED: "L'appui national est accordé.",
    State.CONVENTION: "L'appui national est accordé.",
    State.REFUSED: "Le guichet cherche qui peut la suivre.",
}


@dataclass(frozen=True, slots=True)
class Similar:
    """A request of a neighbour: who, when, about what, what became of it. ``distance`` in km.

    Nothing that a person wrote is shown, nor any contact: only kinds of project and the outcome.
    """

    name: str
    distance: int
    received_on: date | None
    about: str
    became: str


def similar_requests(types: Sequence[str], code: str, limit: int = 3) -> list[Similar]:
    """Filed requests of the neighbours of the commune or EPCI `code` that share one of `types`
    (ids of kinds of project): those that share most first, then the nearest. One query.
    """
    near = _near(code)
    if not types or not near:
        return []
    found = (
        Request.objects.filed()
        .filter(bearer__in=near, types__overlap=list(types))
        .exclude(state=State.WITHDRAWN)
        .exclude(outcome=Outcome.DUPLICATE)
        .select_related("lead")
        .order_by("-filed_at")[:_READ]
    )
    wanted = set(types)
    best: dict[str, Request] = {}
    for request in sorted(found, key=lambda r: -len(wanted & set(r.types))):
        best.setdefault(request.bearer, request)
    ranked = sorted(
        best.values(), key=lambda r: (-len(wanted & set(r.types)), near[r.bearer], r.bearer)
    )
    return [_told(one, near[one.bearer], wanted) for one in ranked[:limit]]


def _near(code: str) -> dict[str, float]:
    """Codes of the communes near `code`, itself left out, with their distances in kilometres."""
    known = directory()
    if code not in known.communes:
        return {member.code: 0.0 for member in known.members.get(code, ())}
    return {
        one.commune.code: one.distance
        for one in known.neighbours(code, _NEIGHBOURS)
        if one.distance <= _FARTHEST_KM
    }


def _told(request: Request, distance: float, wanted: set[str]) -> Similar:
    held = snapshot()
    labels = [
        held.recogniser.types[held.type_number[slug]].label
        for slug in request.types
        if slug in wanted and slug in held.type_number
    ]
    return Similar(
        name=directory().label(request.bearer),
        distance=round(distance),
        received_on=request.received_on,
        about=", ".join(labels),
        became=_became(request),
    )


def _became(request: Request) -> str:
    if request.state in {State.LOCAL, State.ACCOMPANIED, State.EXISTING_CIRCUIT} and request.lead:
        return f"Suivie par : {request.lead.name}."
    if request.state == State.CLOSED:
        return f"{request.get_outcome_display() or 'Terminée'}."
    if request.state == State.REORIENTED:
        return f"Réorientée vers : {request.reoriented_to}."
    return _BECAME.get(State(request.state), "Suivie par le guichet.")


def quick_answers(answer: Answer, limit: int = 3) -> list[Card]:
    """Offers of `answer` that need no desk: adequate, nearer than the nation, and either free or
    with someone to call; nearest first.
    """
    near = (
        card
        for ring in answer.rings
        if ring.level < Level.NATIONAL
        for card in ring.adequate
        if card.details.contact or card.details.apply or card.proposal.offer.cost is Cost.FREE
    )
    return [card for card, _ in zip(near, range(limit), strict=False)]
