"""What a page says of the labels of a territory: yes, no or unknown, as of when, from where."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from maillage.engine.vocabulary import LABELS
from maillage.territories.directory import directory
from maillage.territories.enums import (
    DENSITY,
    DERIVED,
    HISTORICAL,
    INHERITED,
    LABEL_NAMES,
    Carrier,
)
from maillage.territories.models import LabelAssignment, LabelFile

#: What only a commune can carry is not asked of an EPCI.
_EPCI_LABELS: Final = ("crte", "ti", "fabrique")
_VALUES_SHOWN: Final = frozenset(
    {"densite", "ruralite", "centralite", "montagne", "frr", "zrr", "ort"}
)
#: Said of whoever carries it or not, in a sentence.
MEANINGS: Final[dict[str, str]] = {
    "pvd": "Programme de l'ANCT pour les petites villes qui rayonnent sur leur bassin de vie.",
    "acv": "Programme de l'ANCT pour les cœurs de villes moyennes.",
    "va": "Programme de l'ANCT pour les communes rurales qui portent un projet.",
    "crte": "Contrat entre l'État et l'intercommunalité sur son projet de territoire.",
    "ti": "Programme de l'ANCT pour l'industrie dans les territoires.",
    "ort": "Convention qui donne des droits particuliers pour revitaliser un centre-bourg.",
    "rural": "Au sens de la grille de densité de l'INSEE.",
    "montagne": "Comprise dans l'un des massifs définis par la loi Montagne.",
    "qpv": "Quartier prioritaire sur le territoire de la commune.",
    "frr": "Zonage qui ouvre des exonérations, en vigueur depuis le 1er juillet 2024.",
    "frr_plus": "Niveau renforcé de France ruralités revitalisation.",
    "zrr": "Zonage éteint, gardé pour mémoire. Il ne dit rien de France ruralités revitalisation.",
    "france_services": "Lieu d'accueil pour les démarches du quotidien.",
    "fabrique": "Tiers-lieu soutenu par l'État.",
    "manufacture": "Tiers-lieu de production soutenu par l'État.",
    "densite": "Sept niveaux, du plus dense (1) au plus dispersé (7).",
}


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing carried: its value or name, its date."""

    text: str
    signed_on: date | None = None
    former_code: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What is known of one label. ``state``: ``yes``, ``no`` or ``unknown``.

    ``file`` is what says so, or what was asked in vain (``None`` when there is none); ``through``
    names the EPCI that carries it for its commune.
    """

    label: str
    name: str
    meaning: str
    state: str
    details: tuple[Detail, ...] = ()
    file: LabelFile | None = None
    through: str = ""


@dataclass(frozen=True, slots=True)
class Portrait:
    """The labels of a territory: in force, zonings, and what is over."""

    labels: tuple[Statement, ...]
    zonings: tuple[Statement, ...]
    former: tuple[Statement, ...]

    @property
    def known_labels(self) -> list[Statement]:
        """Labels of which a file says yes or no."""
        return [one for one in self.labels if one.state != "unknown"]

    @property
    def known_zonings(self) -> list[Statement]:
        """Zonings of which a file says something."""
        return [one for one in self.zonings if one.state != "unknown"]

    @property
    def unknown(self) -> list[Statement]:
        """What no file says."""
        return [one for one in (*self.labels, *self.zonings) if one.state == "unknown"]


def portrait(code: str) -> Portrait:
    """Say what is known of the labels of a commune (code in force) or an EPCI. Two queries.

    Raises ``KeyError`` when the code is no territory's.
    """
    known = directory()
    territory = known.engine_territory(code)
    if code in known.epcis:
        carrier, epci, names = Carrier.EPCI, "", _EPCI_LABELS
        keys, departments = [f"epci:{code}"], known.departments_of(code)
    else:
        commune = known.commune(code)
        carrier, epci, names = Carrier.COMMUNE, commune.epci, (*LABELS, "ruralite", "centralite")
        keys = [commune.key, *([f"epci:{epci}"] if epci else [])]
        departments = [commune.department]
    files = {(file.label, file.carrier): file for file in LabelFile.objects.current()}
    carried: dict[tuple[str, str], list[LabelAssignment]] = defaultdict(list)
    rows = LabelAssignment.objects.filter(territory__in=keys, file__current=True)
    for row in rows.select_related("file"):
        carried[row.file.label, row.file.carrier].append(row)

    zones = [known.zone(d) for d in departments]

    def state(label: str) -> Statement:
        base = DERIVED[label][0] if label in DERIVED else label
        mine = carried[base, carrier]
        if label in LABELS:
            yes, no = label in territory.labels, label in territory.labels_absent
        else:
            yes, no = bool(mine), not mine and known.says_no(base, carrier, code, zones)
        file = files.get((base, carrier))
        through = ""
        if label in INHERITED and epci and ((yes and not mine) or (no and not _complete(file))):
            # No file of communes says it: it was read from what the EPCI carries.
            mine, file = carried[base, Carrier.EPCI], files.get((base, Carrier.EPCI))
            through = known.epcis[epci].name if yes else ""
        return Statement(
            label=label,
            name=LABELS.get(label) or LABEL_NAMES[label],
            meaning=MEANINGS.get(label, ""),
            state="yes" if yes else "no" if no else "unknown",
            details=tuple(_details(base, mine)),
            file=file,
            through=through,
        )

    return Portrait(
        labels=tuple(state(n) for n in names if n in LABELS and n not in HISTORICAL),
        zonings=tuple(state(n) for n in names if n not in LABELS),
        former=tuple(s for s in map(state, sorted(HISTORICAL & {*names})) if s.state == "yes"),
    )


def _complete(file: LabelFile | None) -> bool:
    return file is not None and file.complete


def _details(label: str, rows: Iterable[LabelAssignment]) -> Iterable[Detail]:
    for row in rows:
        if label == "densite":
            text = f"{DENSITY[int(row.value)]} (niveau {row.value} sur 7)"
        elif label in _VALUES_SHOWN:
            text = row.value
        else:
            text = row.name
        if text or row.signed_on:
            yield Detail(text, row.signed_on, row.former_code)
