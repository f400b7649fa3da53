"""What a consolidation is made of: its tables, its sentences, the local share."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from maillage.common.templatetags.maillage import NARROW, pluriel
from maillage.desk.consolidation import facts as f
from maillage.desk.consolidation.facts import Facts

FIRST_YEAR: Final = 2020
#: Share of requests that must find a local solution (feuille de route ANCT 2020, II.c).
TARGET: Final = 90
#: Under this number of decided requests, a share says little.
FEW: Final = 10


@dataclass(frozen=True, slots=True)
class Section:
    """A table: title, names of columns, rows, and what must be known to read it.

    With ``bars``, the second column is a count that the page draws.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    note: str = ""
    bars: bool = False

    @property
    def lines(self) -> list[tuple[Any, tuple[Any, ...], int]]:
        """First cell, other cells, and how long the bar is (0 to 100)."""
        most = max((row[1] for row in self.rows), default=0) if self.bars else 0
        return [(row[0], row[1:], round(100 * row[1] / most) if most else 0) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Share:
    """The local share of what was decided in the year, with its counts."""

    local: int
    decided: int

    @property
    def percent(self) -> int | None:
        """Rounded down, so that the target is never reached by rounding; ``None`` of nothing."""
        return 100 * self.local // self.decided if self.decided else None

    @property
    def few(self) -> bool:
        """True when the share says little."""
        return self.decided < FEW

    @property
    def reached(self) -> bool:
        """True when the target is."""
        return self.percent is not None and self.percent >= TARGET


@dataclass(frozen=True, slots=True)
class Consolidation:
    """A year of a desk (or of all): what is said, then the tables."""

    year: int
    desk_name: str
    sentences: list[str]
    sections: list[Section]
    share: Share
    definition: tuple[str, ...]


def share_of(facts: Iterable[Facts], year: int) -> Share:
    """The local share of the requests decided in `year`."""
    decided = [one.solution for one in facts if one.decided_in(year)]
    return Share(decided.count(f.LOCAL), len(decided))


def share_sentence(share: Share, year: int) -> str:
    """The share against the target, counts first."""
    if not share.decided:
        return f"Aucune demande n'a été décidée en {year} : il n'y a pas de part locale à calculer."
    decided = pluriel(share.decided, "demande décidée,demandes décidées")
    text = (
        f"Part locale : {share.local} sur {decided} en {year}, soit {percents(share.percent)} "
        f"(repère : {percents(TARGET)})."
    )
    if share.few:
        text += f" Sous {FEW} demandes décidées, ce pourcentage ne veut pas dire grand-chose."
    return text


def definition() -> tuple[str, ...]:
    """How the local share is counted, and where the target comes from."""
    return (
        f"Le repère de {percents(TARGET)} vient de la feuille de route de l'ANCT de 2020, II.c : "
        "« 90\u202f% des demandes d'ingénierie doivent pouvoir trouver une solution dans "
        "l'écosystème local ».",
        "Au numérateur : les demandes décidées dans l'année qui ont trouvé une réponse locale. "
        "Soit l'organisme local désigné a accepté de suivre la demande, soit le guichet l'a "
        "terminée avec une réponse, sans appui national.",
        "Au dénominateur : les mêmes, plus celles dont l'ANCT a accepté l'appui national, et "
        "celles qui sont terminées sans qu'aucune réponse n'ait été trouvée.",
        "N'y comptent pas : les demandes en cours, retirées, réorientées, abandonnées ou en "
        "double, et celles que suit un circuit existant. Une demande compte une seule fois, "
        "l'année de sa première décision ; le texte de 2020 ne fixe pas ce mode de calcul.",
    )


def number(value: float) -> str:
    """A median as it is written in French: « 3,5 »."""
    return f"{value:g}".replace(".", ",")


def percents(value: int) -> str:
    """« 66 % », with the narrow space that keeps it on one line."""
    return f"{value}{NARROW}%"
