"""From what a person typed to the engine's answer: the only file of the desk that knows both the
database (through what each process holds in memory) and the engine.
"""

from dataclasses import dataclass, replace
from datetime import date

from maillage.catalog import named
from maillage.catalog.snapshot import Details, Shelf, shelf
from maillage.engine.orientation import orient
from maillage.engine.types import Need, Orientation, Proposal, SetAside, Territory
from maillage.engine.vocabulary import LEVEL_LABELS, STATE_LABELS, Level, State
from maillage.territories.directory import directory
from maillage.territories.search import search_communes


@dataclass(frozen=True, slots=True)
class Card:
    """A proposal as it is shown: the engine's reasons and the offer's practical details.

    What pages show of every card stands flat beside `proposal` and `details`: a template looks a
    dotted path up at a cost that an answer of thirty cards feels. `days_left` is the number of days
    before the last day to apply, or ``None``; `full` says that there is no room now, or is empty;
    `shown_above` is true of a funding that also helps and was shown as such.
    """

    proposal: Proposal
    details: Details
    id: str
    url: str
    title: str
    provider: str
    summary: str
    sentence: str
    state: str
    state_label: str
    days_left: int | None
    full: str = ""
    shown_above: bool = False


@dataclass(frozen=True, slots=True)
class Ring:
    """The proposals of one level."""

    level: Level
    label: str
    cards: tuple[Card, ...]

    @property
    def adequate(self) -> list[Card]:
        """Those that answer the need."""
        return [card for card in self.cards if card.proposal.adequate]

    @property
    def contacts(self) -> list[Card]:
        """The sure contacts, whose help for this need is not known."""
        return [card for card in self.cards if not card.proposal.adequate]


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that the answer page, the PDF, the API and the command line show."""

    need: Need
    territory: Territory | None
    orientation: Orientation
    rings: tuple[Ring, ...]
    funding: tuple[Card, ...]
    set_aside: tuple[SetAside, ...]
    desk: Card | None
    demonstration: bool
    #: The named catalogue that answered; empty for the one in force. Its entries have no page.
    catalogue: str = ""


def warm() -> None:
    """Build now what this process holds in memory."""
    directory()
    search_communes("a")
    shelf()


def place_name(code: str) -> str:
    """« Bourrou (24) », « CA Le Grand Périgueux »; empty when `code` is no territory's."""
    known = directory()
    current = known.resolve(code) if code else None
    return known.label(current) if current else ""


def answer(need: Need, code: str | None, today: date) -> Answer:
    """Orient `need` for the commune or EPCI of official code `code` (``None``: nowhere known).

    Raises ``KeyError`` when the code is no territory's.
    """
    return _answer(need, code, today, shelf())


def answer_from(name: str, need: Need, code: str | None, today: date) -> Answer:
    """As `answer`, from the named catalogue `name`. Raises `UnknownName` too."""
    catalogue = named.find(name)
    return _answer(need, code, today, named.shelf_of(catalogue), catalogue.slug)


def _answer(need: Need, code: str | None, today: date, held: Shelf, catalogue: str = "") -> Answer:
    territory = directory().engine_territory(code) if code else None
    if need.types is not None:
        known = held.snapshot.type_number
        need = replace(need, types=tuple(slug for slug in need.types if slug in known))
    found = orient(need, held.snapshot, territory, today)
    help_cards = [_card(proposal, held, today) for proposal in found.help]
    helping = {card.id for card in help_cards}
    funding = tuple(
        replace(card, shown_above=card.id in helping)
        for card in (_card(proposal, held, today) for proposal in found.funding)
    )
    rings = tuple(
        Ring(level, label, cards)
        for level, label in LEVEL_LABELS.items()
        if (cards := tuple(c for c in help_cards if c.proposal.offer.level is level))
    )
    shown = [*help_cards, *funding]
    return Answer(
        need=need,
        territory=territory,
        orientation=found,
        rings=rings,
        funding=funding,
        set_aside=found.set_aside,
        desk=_desk(territory, held, today),
        demonstration=any(c.proposal.offer.state is State.DEMONSTRATION for c in shown),
        catalogue=catalogue,
    )


def _card(proposal: Proposal, held: Shelf, today: date) -> Card:
    offer = proposal.offer
    details = held.details[offer.id]
    return Card(
        proposal=proposal,
        details=details,
        id=offer.id,
        url=details.url,
        title=offer.title,
        provider=offer.provider_name,
        summary=offer.summary,
        sentence=proposal.sentence,
        state=offer.state.value,
        state_label=STATE_LABELS[offer.state],
        days_left=(offer.closes - today).days if offer.closes else None,
        full=details.room.full_in_words(today),
    )


def _desk(territory: Territory | None, held: Shelf, today: date) -> Card | None:
    """The desk of the territory's département: the human contact of every answer. Over several
    départements, that of the most populated part.
    """
    if territory is None:
        return None
    known = directory()
    commune = known.communes.get(territory.code)
    departments = [commune.department] if commune else known.departments_of(territory.code)
    for code in departments:
        number = held.snapshot.number_of.get(f"guichet-{code.lower()}")
        if number is not None:
            proposal = Proposal(held.snapshot.offers[number], 0.0, False, "")
            return _card(proposal, held, today)
    return None
