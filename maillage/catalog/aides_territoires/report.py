"""What the pages of the connector say: runs in figures, and what was not understood."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.utils.timezone import now

from maillage.catalog.aides_territoires.labels import folded
from maillage.catalog.aides_territoires.reading import UNKNOWN
from maillage.catalog.aides_territoires.run import DATASET
from maillage.catalog.enums import Action, RunState
from maillage.catalog.models import ConnectorRun, Offer
from maillage.common.tables import in_a_cell

RUN_HEADER: Final = (
    "Commencé le", "Fini le", "État", "Version", "Pages", "Aides lues", "Aides annoncées",
    "Nouvelles", "Modifiées", "Inchangées", "Fermées", "Essais répétés", "À savoir",
)  # fmt: skip
UNKNOWN_HEADER: Final = ("Quoi", "Libellé", "Fois", "Exemple", "Adresse de l'exemple")
#: A run that has written nothing for so long has lost its process.
SILENT: Final = timedelta(minutes=15)
#: What to do about each kind, in words.
ADVICE: Final = {
    "perimetres": "L'aide n'entre pas au catalogue tant que son périmètre n'est pas connu. Ajoutez "
    "son nom à la table des périmètres : le passage suivant prendra toutes les aides concernées.",
    "financeurs": "La famille et l'échelon sont devinés d'après le nom : ouvrez la page et "
    "corrigez. S'il avait déjà une page, ajoutez son autre nom à la table des financeurs.",
    "categories": "L'aide est gardée sans ce thème : on la trouve par ses mots, pas par ce thème.",
    "publics": "L'aide est gardée pour les autres publics ; si elle n'en a pas d'autre, elle "
    "n'entre pas au catalogue.",
    "types": "Sans autre type connu ni taux, l'aide n'entre pas au catalogue.",
    "etapes": "L'aide est gardée ; sans étape connue, elle vaut pour toutes.",
    "depenses": "L'aide est gardée, sans cette précision.",
    "recurrences": "L'aide est gardée, sans cette précision.",
    "valeurs": "La valeur est laissée vide.",
    "illisibles": "L'aide n'entre pas au catalogue ; si elle y était, elle reste comme avant.",
    "hors-champ": "C'est voulu : ces publics (Régions, recherche…) ne sont pas ceux de Maillage.",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run in figures. ``silent``: it says that it runs, and has not been heard of for long."""

    record: ConnectorRun
    new: int
    changed: int
    same: int
    gone: int
    lasted: str
    silent: bool
    known: bool


@dataclass(frozen=True, slots=True)
class Example:
    """An aid where a label stands: its address over there, and its page here when it has one."""

    title: str
    page: str
    ours: str


@dataclass(frozen=True, slots=True)
class UnknownLine:
    """A label that was not understood."""

    kind: str
    said: str
    label: str
    times: int
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class KindCount:
    """How much of a kind was not understood: labels, times, and the first ones."""

    code: str
    label: str
    labels: int
    times: int
    advice: str


def line_of(record: ConnectorRun) -> RunLine:
    """A run in figures (its import is read: select it with the run)."""
    parent = record.parent
    counts: Mapping[str, int] = parent.counts if parent else {}
    running = record.state == RunState.RUNNING
    return RunLine(
        record=record,
        new=counts.get(Action.NEW, 0),
        changed=counts.get(Action.CHANGED, 0),
        same=counts.get(Action.SAME, 0),
        gone=counts.get(Action.GONE, 0),
        lasted=_lasted((record.ended_at or record.updated_at) - record.created_at),
        silent=running and record.updated_at < now() - SILENT,
        known=bool(counts),
    )


def run_cells(rows: Iterable[ConnectorRun]) -> Iterator[tuple[Any, ...]]:
    """Runs as rows of a file."""
    for line in map(line_of, rows):
        one = line.record
        yield (
            in_a_cell(one.created_at), in_a_cell(one.ended_at), one.get_state_display(),
            one.version, one.pages, one.read, one.expected, line.new, line.changed, line.same,
            line.gone, one.retries, one.error,
        )  # fmt: skip


def kinds_of(record: ConnectorRun) -> list[KindCount]:
    """What was not understood in a run, by kind; kinds of which there is none are left out."""
    return [
        KindCount(code, label, len(held), sum(one["times"] for one in held.values()), ADVICE[code])
        for code, label in UNKNOWN.items()
        if (held := record.unknown.get(code))
    ]


def unknown_lines(
    record: ConnectorRun, kind: str = "", text: str = ""
) -> list[tuple[str, str, Any]]:
    """(kind, label, what is held of it) for the labels of a kind ("" for all) that hold every word
    of `text`, those seen most often first; what is left out on purpose comes last.
    """
    words = folded(text).split()
    found = [
        (code, label, held)
        for code in UNKNOWN
        if kind in ("", code)
        for label, held in record.unknown.get(code, {}).items()
        if all(word in folded(label) for word in words)
    ]
    return sorted(found, key=lambda one: (one[0] == "hors-champ", -one[2]["times"]))


def shown(found: Sequence[tuple[str, str, Any]]) -> list[UnknownLine]:
    """Labels with their examples; one query for those that have a page here."""
    keys = {aid[0] for _, _, held in found for aid in held["aids"]}
    ours = {
        row.external_id: row.get_absolute_url()
        for row in Offer.objects.visible()
        .filter(dataset=DATASET, external_id__in=keys)
        .only("slug", "external_id")
    }
    return [
        UnknownLine(
            kind=code,
            said=UNKNOWN[code],
            label=label,
            times=held["times"],
            examples=tuple(
                Example(title, page, ours.get(key, "")) for key, title, page in held["aids"]
            ),
        )
        for code, label, held in found
    ]


def unknown_cells(found: Sequence[tuple[str, str, Any]]) -> Iterator[tuple[Any, ...]]:
    """Labels as rows of a file, with one example."""
    for code, label, held in found:
        _, title, page = held["aids"][0] if held["aids"] else ("", "", "")
        yield UNKNOWN[code], label, held["times"], title, page


def _lasted(time: timedelta) -> str:
    seconds = max(0, round(time.total_seconds()))
    if seconds < 60:
        return f"{seconds}\u00a0s"
    if seconds < 3600:
        return f"{seconds // 60}\u00a0min {seconds % 60}\u00a0s"
    return f"{seconds // 3600}\u00a0h {seconds % 3600 // 60}\u00a0min"
