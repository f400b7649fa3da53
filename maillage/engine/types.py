"""What goes in and out of the engine: frozen values, no behaviour beyond reading them."""

from dataclasses import dataclass, field
from datetime import date

from maillage.engine.vocabulary import Audience, Cost, Family, Kind, Level, State

#: A key names a piece of territory: ``FR``, ``reg:75``, ``dep:24``, ``arr:242``,
#: ``epci:200040392``, ``com:24061`` or ``per:<slug>`` for a named perimeter. ``DEP`` stands for the
#: 101 départements, all together (not the collectivities overseas, which ``FR`` holds too).
#: An offer is valid in a territory when they share a key.
TerritoryKey = str


@dataclass(frozen=True, slots=True)
class Territory:
    """Where the one who asks is. ``keys`` holds every key that contains it, ``FR`` included.

    ``population`` is municipal (INSEE, inhabitants), ``population_dgf`` the DGF one or ``None``
    when unknown. ``labels`` are the ones it is known to carry, ``labels_absent`` the ones it is
    known *not* to carry; any other is unknown. ``density`` is the INSEE level (1 to 7) or ``None``.
    """

    code: str
    name: str
    keys: frozenset[TerritoryKey]
    population: int | None = None
    population_dgf: int | None = None
    labels: frozenset[str] = frozenset()
    labels_absent: frozenset[str] = frozenset()
    density: int | None = None
    overseas: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """One entry of the catalogue, as the engine sees it.

    ``generalist`` marks a body known only by what the law makes of it (a préfecture, an EPCI…):
    it is a sure contact, but what it can do for this need is not known, so it never counts as an
    adequate answer by itself. ``population_min``/``population_max`` are inclusive, in inhabitants,
    by the definition ``population_kind`` (``municipal`` or ``dgf``). ``labels_any``: at least one
    of them is required. ``opens``/``closes`` bound the days on which one may apply.
    """

    id: str
    title: str
    provider_id: str
    provider_name: str
    family: Family
    level: Level
    kind: Kind
    perimeter: frozenset[TerritoryKey]
    summary: str = ""
    description: str = ""
    themes: frozenset[str] = frozenset()
    phases: frozenset[str] = frozenset()
    audiences: frozenset[Audience] = frozenset({Audience.COMMUNE})
    population_min: int | None = None
    population_max: int | None = None
    population_kind: str = "municipal"
    labels_any: frozenset[str] = frozenset()
    cost: Cost = Cost.UNKNOWN
    words: tuple[str, ...] = ()
    generalist: bool = False
    opens: date | None = None
    closes: date | None = None
    waiting_weeks: int | None = None
    state: State = State.TO_CONFIRM


@dataclass(frozen=True, slots=True)
class Experience:
    """What a territory has done: found by the same index, compared by size and density."""

    id: str
    title: str
    territory_name: str
    population: int | None
    density: int | None
    themes: frozenset[str]
    summary: str = ""
    words: tuple[str, ...] = ()
    #: Keys of the territory that did it (``com:24061``, ``epci:200040392``), when known.
    codes: frozenset[TerritoryKey] = frozenset()


@dataclass(frozen=True, slots=True)
class ProjectType:
    """A kind of project (type de projet) that communes really have, and how people say it."""

    id: str
    label: str
    themes: tuple[str, ...]
    phases: tuple[str, ...]
    vocabulary: tuple[str, ...]
    phrases: tuple[str, ...]
    first_step: str = ""


@dataclass(frozen=True, slots=True)
class ThesaurusEntry:
    """A colloquial expression and the administrative words it stands for."""

    expression: str
    terms: tuple[str, ...]
    themes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything a snapshot is built from."""

    offers: tuple[Offer, ...]
    experiences: tuple[Experience, ...] = ()
    project_types: tuple[ProjectType, ...] = ()
    thesaurus: tuple[ThesaurusEntry, ...] = ()
    version: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """What is asked, and what the person corrected.

    ``types``/``themes``/``phase`` are ``None`` until the person chooses: then they replace what
    was understood. ``refused_types`` are chips that the person took away.
    """

    text: str
    audience: Audience = Audience.COMMUNE
    types: tuple[str, ...] | None = None
    refused_types: frozenset[str] = frozenset()
    themes: tuple[str, ...] | None = None
    phase: str | None = None


@dataclass(frozen=True, slots=True)
class RecognisedType:
    """A type found in the text: confidence in [0, 1] and the words of the text that led to it."""

    id: str
    label: str
    confidence: float
    words: tuple[str, ...]
    first_step: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """« bistrot » lu comme *débit de boissons, commerce rural*."""

    said: str
    read_as: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """A word that was misspelt and what it was taken for."""

    written: str
    corrected: str


@dataclass(frozen=True, slots=True)
class Understanding:
    """What was understood of the text, all of it shown and correctable."""

    types: tuple[RecognisedType, ...] = ()
    suggestions: tuple[RecognisedType, ...] = ()
    themes: tuple[str, ...] = ()
    phase: str | None = None
    readings: tuple[Reading, ...] = ()
    corrections: tuple[Correction, ...] = ()
    amounts: tuple[int, ...] = ()
    years: tuple[int, ...] = ()
    confident: bool = False
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: ``code`` for machines, ``text`` a fragment of a French sentence for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """An offer proposed for this need. ``score`` in [0, 1] compares only within one answer."""

    offer: Offer
    score: float
    adequate: bool
    sentence: str
    reasons: tuple[Reason, ...] = ()
    to_check: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class SetAside:
    """An offer that speaks of this need but was excluded, with the reason."""

    offer: Offer
    score: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class ExperienceMatch:
    """A similar experience: ``sentence`` says in what it is similar."""

    experience: Experience
    score: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Branch:
    """The advice on the branch of the 2020 protocol.

    ``code``: ``local`` (an adequate answer exists below the national level), ``national``
    (none does: ``grounds`` says what would have to be shown), ``ask`` (the text was not
    understood well enough to say). ``counts`` gives the adequate answers by level code.
    """

    code: str
    sentence: str
    grounds: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Orientation:
    """The whole answer. ``help`` and ``funding`` are in the order in which they are shown."""

    understanding: Understanding
    help: tuple[Proposal, ...]
    funding: tuple[Proposal, ...]
    experiences: tuple[ExperienceMatch, ...]
    set_aside: tuple[SetAside, ...]
    set_aside_total: int
    set_aside_summary: tuple[tuple[str, int], ...]
    branch: Branch
