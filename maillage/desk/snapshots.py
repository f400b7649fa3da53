"""What was on screen when a decision was made: the ranked proposals with their reasons.

The page of a request and the journal read the same list, made here: what is kept is what was seen.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Final

from maillage.desk.enums import ConsultationKind, ConsultationState
from maillage.desk.models import Consultation, Request
from maillage.desk.orientation import Answer, Card, Ring, answer
from maillage.engine.types import Need
from maillage.engine.vocabulary import PHASES, Audience

_FUNDING_KEPT: Final = 12


def answer_for(request: Request, today: date) -> Answer:
    """The engine's answer to the need of `request`, as qualified if it was."""
    phase = request.phase or request.stage
    need = Need(
        text=request.need,
        audience=Audience(request.bearer_kind),
        types=tuple(request.types) or None,
        phase=phase if phase in PHASES else None,
    )
    return answer(need, request.bearer or None, today)


def declined_providers(consultations: Iterable[Consultation]) -> dict[str, str]:
    """Catalogue identifiers of the providers that declined to help, with the reason they gave."""
    return {
        one.organisation.provider: one.answer
        for one in consultations
        if one.kind == ConsultationKind.HELP
        and one.state == ConsultationState.DECLINED
        and one.organisation.provider
    }


@dataclass(frozen=True, slots=True)
class Circle:
    """A ring as the desk sees it: what answers, the sure contacts, then those that declined."""

    ring: Ring
    adequate: tuple[Card, ...]
    contacts: tuple[Card, ...]
    declined: tuple[Card, ...]

    @property
    def cards(self) -> tuple[Card, ...]:
        """All of them, in the order of the page."""
        return (*self.adequate, *self.contacts, *self.declined)


def circles(shown: Answer, declined: Iterable[str] = ()) -> list[Circle]:
    """The rings of an answer in the order in which the desk is shown them."""
    out = frozenset(declined)
    found = []
    for ring in shown.rings:
        left = [card for card in ring.cards if card.proposal.offer.provider_id not in out]
        found.append(
            Circle(
                ring=ring,
                adequate=tuple(card for card in left if card.proposal.adequate),
                contacts=tuple(card for card in left if not card.proposal.adequate),
                declined=tuple(c for c in ring.cards if c.proposal.offer.provider_id in out),
            )
        )
    return found


def kept(shown: Answer, *, declined: Iterable[str] = ()) -> dict[str, Any]:
    """What is kept of an answer in the journal: enough to say later what was proposed and why.

    `declined` are the slugs of the providers that had declined, shown last in their ring.
    """
    out = frozenset(declined)
    cards = [card for circle in circles(shown, out) for card in circle.cards]
    return {
        "advice": shown.orientation.branch.code,
        "sentence": shown.orientation.branch.sentence,
        "help": [_kept(n, card, out) for n, card in enumerate(cards, 1)],
        "funding": [_kept(n, card, out) for n, card in enumerate(shown.funding[:_FUNDING_KEPT], 1)],
        "set_aside": shown.orientation.set_aside_total,
    }


def _kept(rank: int, card: Card, declined: frozenset[str]) -> dict[str, Any]:
    offer = card.proposal.offer
    return {
        "rank": rank,
        "offer": offer.id,
        "title": offer.title,
        "provider": offer.provider_name,
        "provider_id": offer.provider_id,
        "level": offer.level.code,
        "adequate": card.proposal.adequate,
        "reason": card.sentence,
        "declined": offer.provider_id in declined,
    }


def digest(snapshot: dict[str, Any]) -> str:
    """A short print of what `kept` made: a form carries it, to tell whether the list has changed.

    >>> digest({"help": []}) == digest({"help": []}) != digest({"help": [1]})
    True
    """
    text = json.dumps(snapshot, ensure_ascii=False, sort_keys=True)
    return sha256(text.encode()).hexdigest()[:16]
