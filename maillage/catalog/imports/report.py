"""An import on a terminal: the difference that is read before it is written, and its full report.

The words are those of the page (``import_report``).
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from django.db.models import Q

from maillage.catalog.enums import Action, ImportState
from maillage.catalog.import_report import LINE_HEADER, Change, Remark, Shown, cells, shown
from maillage.catalog.models import Import, ImportLine
from maillage.common.tables import export

FORMATS: Final = ("csv", "ods", "xlsx", "jsonl")
#: How many of each the terminal shows.
SHOWN: Final = 20
_LONGEST: Final = 80
_COUNTS: Final = {
    Action.NEW: ("nouvelle", "nouvelles"),
    Action.CHANGED: ("modifiée", "modifiées"),
    Action.SAME: ("inchangée", "inchangées"),
    Action.GONE: ("disparue", "disparues"),
    Action.REFUSED: ("à corriger", "à corriger"),
}


def counts_in_words(parent: Import) -> str:
    """« 3 nouvelles, 1 modifiée, 20 inchangées »."""
    said = []
    for action, (one, many) in _COUNTS.items():
        number = parent.counts.get(action, 0)
        if number:
            said.append(f"{number} {many if number > 1 else one}")
    return ", ".join(said) or "aucune fiche"


def as_text(parent: Import) -> Iterator[str]:
    """The difference, a line at a time: the first of each kind, and how many more there are."""
    yield f"{parent.file_name} ({parent.format or 'non lu'}) : {counts_in_words(parent)}."
    for remark in parent.options.get("remarks", ()):
        yield f"  Remarque : {remark}"
    for problem in parent.problems:
        yield f"  À corriger : {problem}"
    yield from _section(parent, "À corriger", Q(action=Action.REFUSED), _problems)
    if parent.state != ImportState.REFUSED:
        yield from _section(parent, "Nouvelles", Q(action=Action.NEW), _nothing)
        yield from _section(parent, "Modifiées", Q(action=Action.CHANGED), _changes)
        kept = Q(action=Action.SAME) & ~Q(changes=[])
        yield from _section(parent, "Inchangées, car corrigées ici", kept, _changes)
        yield from _section(parent, "Disparues du fichier", Q(action=Action.GONE), _nothing)
    yield from _section(parent, "Remarques", ~Q(warnings=[]), _warnings)


def _section(
    parent: Import, title: str, which: Q, details: Callable[[Shown], Iterator[str]]
) -> Iterator[str]:
    rows = ImportLine.objects.filter(which, parent=parent).defer("raw").order_by("number", "pk")
    count = rows.count()
    if not count:
        return
    yield ""
    yield f"{title} ({count})"
    for line in shown(parent, rows[:SHOWN]):
        yield f"  {_place(line.row)}"
        for detail in details(line):
            yield f"      {detail}"
    if count > SHOWN:
        yield f"  … et {count - SHOWN} autres, voir --rapport"


def _place(row: ImportLine) -> str:
    """Where a line is: « ligne 12 : a1, Diagnostic »."""
    name = ", ".join(_cut(part) for part in (row.key, row.title) if part) or "(sans identifiant)"
    return f"ligne {row.number} : {name}" if row.number else name


def _nothing(line: Shown) -> Iterator[str]:
    return iter(())


def _problems(line: Shown) -> Iterator[str]:
    return map(_remark, line.problems)


def _warnings(line: Shown) -> Iterator[str]:
    return map(_remark, line.warnings)


def _changes(line: Shown) -> Iterator[str]:
    return map(_change, line.changes)


def _remark(one: Remark) -> str:
    return f"{one.column} : {one.message}" if one.column else one.message


def _change(one: Change) -> str:
    kept = " (gardé : corrigé ici)" if one.kept else ""
    return f"{one.label} : {_cut(one.old)} → {_cut(one.new)}{kept}"


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def rows(parent: Import) -> Iterator[tuple[Any, ...]]:
    """The whole report: what is said of the file, then of each line, in rows of `LINE_HEADER`."""
    empty = ("",) * (len(LINE_HEADER) - 6)
    for problem in parent.problems:
        yield ("", "", "", "Fichier", problem, "", *empty)
    for remark in parent.options.get("remarks", ()):
        yield ("", "", "", "Fichier", "", remark, *empty)
    yield from cells(parent, parent.lines.order_by("number", "pk"))


def save(parent: Import, target: Path) -> None:
    """Write the whole report in a file, in the format of its name. Raises ``OSError``."""
    kind = target.suffix.lstrip(".").lower()
    if kind == "jsonl":
        with target.open("w", encoding="utf-8") as file:
            for row in rows(parent):
                said = dict(zip(LINE_HEADER, row, strict=True))
                file.write(f"{json.dumps(said, ensure_ascii=False)}\n")
        return
    response = export("rapport", LINE_HEADER, rows(parent), kind)
    with target.open("wb") as file:
        for block in response:
            file.write(block)


def as_data(parent: Import) -> dict[str, Any]:
    """The summary of an import for machines, with the first lines that need looking at."""
    wrong = parent.lines.exclude(problems=[]).defer("raw", "cleaned").order_by("number", "pk")
    return {
        "fichier": parent.file_name,
        "format": parent.format,
        "nature": parent.kind,
        "jeu": parent.dataset_id,
        "catalogue": parent.named_id,
        "etat": parent.state,
        "lignes": {action.value: parent.counts.get(action, 0) for action in Action},
        "problemes": parent.problems,
        "remarques": parent.options.get("remarks", []),
        "a_corriger": [
            {"ligne": line.number, "id": line.key, "problemes": line.problems}
            for line in wrong[:100]
        ],
    }
