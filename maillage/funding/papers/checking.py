"""Are the papers, once opened by LibreOffice, what was meant? Used by ``verifier documents``.

The spreadsheet is opened twice: as it was made, and without the values that are written beside its
formulas, which LibreOffice must then compute: both must say the same.
"""

import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from maillage.common.odt import clean
from maillage.common.office import CSV, PDF, TEXT, convert
from maillage.engine.funding.types import ZERO
from maillage.funding.papers import PAPERS, Subject
from maillage.funding.papers.amounts import in_table
from maillage.funding.papers.letters import awaited
from maillage.funding.papers.plan import TITLE
from maillage.funding.papers.subject import groups, refused

_VALUE: Final = re.compile(
    r'(<table:table-cell[^>]*?table:formula="[^"]*"[^>]*?)'
    r' office:value-type="[^"]*"(?: office:currency="[^"]*")?(?: office:value="[^"]*")?>'
    r"<text:p>[^<]*</text:p></table:table-cell>"
)
_ERROR: Final = re.compile(r"Err:\d+|#(?:NAME|REF|VALUE|DIV/0|N/A)[!?]?|#NOM\?")


def make_all(subject: Subject, into: Path) -> list[Path]:
    """Every paper in every format, in the folder `into`."""
    made = []
    for what, (_, kinds) in PAPERS.items():
        for kind, maker in kinds.items():
            path = into / f"{what}.{kind}"
            path.write_bytes(maker(subject))
            made.append(path)
    return made


def differences(subject: Subject, folder: Path, program: str) -> list[str]:
    """What LibreOffice (`program`) reads otherwise than meant in the papers of `folder`, in French;
    nothing when all is well. Raises `OfficeError`. Its conversions stay in ``folder/lu``.
    """
    read = folder / "lu"
    read.mkdir()
    texts = sorted(folder.glob("*.odt"))
    found = []
    convert(program, texts, TEXT, read)
    for path in texts:
        said = _folded((read / f"{path.stem}.txt").read_text(encoding="utf-8-sig"))
        found += [
            f"{path.name} : « {meant} » n'est pas dans le texte lu."
            for meant in meant_texts(subject, path.stem)
            if _folded(meant) not in said
        ]
    found += _sheets(subject, folder, read, program)
    pages = convert(program, [*texts, *sorted(folder.glob("*.ods"))], PDF, read)
    found += [
        f"{path.name} : LibreOffice n'en fait pas un PDF."
        for path in pages
        if not path.read_bytes().startswith(b"%PDF-")
    ]
    return found


def meant_texts(subject: Subject, what: str) -> list[str]:
    """What a text must say once opened: the names, the amounts, the totals."""
    if what == "lettres" and not awaited(subject):
        return [clean(subject.project)]
    rows = [row for group in groups(subject) for row in group.rows]
    brought = sum((group.total for group in groups(subject)), ZERO)
    said = [subject.project, in_table(brought)]
    said.append(subject.called.title if what == "lettres" else subject.called.of)
    if what == "deliberation":
        said += [line.label for line in subject.document.costs]
        said += [in_table(line.gross) for line in subject.document.costs]
        said += [in_table(group.total) for group in groups(subject)]
    elif what == "lettres":
        said += [f"Lettre : {source.label}" for source in awaited(subject)]
        said += [f"Modèle de réponse : {source.label}" for source in awaited(subject)]
    said += [row.label for row in rows] + [in_table(row.amount) for row in rows if row.amount]
    return [clean(text) for text in said]


def meant_cells(subject: Subject) -> list[str]:
    """What the spreadsheet must show: its labels, its amounts and its computed totals."""
    costs = subject.document.costs
    found = groups(subject)
    rows = [row for group in found for row in group.rows]
    brought = sum((group.total for group in found), ZERO)
    amounts = [
        sum((line.net for line in costs), ZERO), sum((line.gross for line in costs), ZERO),
        brought, brought - subject.plan.cost,
        *(group.total for group in found), *(row.amount for row in rows if row.amount),
        *(row.amount for row in refused(subject)),
    ]  # fmt: skip
    shown = [f"{amount:,.2f} €".replace(",", " ").replace(".", ",") for amount in amounts]
    return [TITLE, subject.project, *(line.label for line in costs), *shown,
            *(row.label for row in rows)]  # fmt: skip


def _sheets(subject: Subject, folder: Path, read: Path, program: str) -> list[str]:
    source = folder / "plan.ods"
    bare = read / "recalcul.ods"
    without_values(source, bare)
    kept = _csv(program, source, read)
    computed = _csv(program, bare, read)
    found = [
        f"{source.name} : « {meant} » n'est pas dans le tableau lu."
        for meant in meant_cells(subject)
        if _folded(meant) not in kept
    ]
    if kept != computed:
        found.append(f"{source.name} : recalculé, il ne montre pas les mêmes nombres.")
    found += [f"{source.name} : une formule donne {error}." for error in _ERROR.findall(computed)]
    return found


def _csv(program: str, path: Path, into: Path) -> str:
    made = convert(program, [path], CSV, into)
    return _folded("\n".join(one.read_text(encoding="utf-8-sig") for one in made))


def without_values(source: Path, target: Path) -> None:
    """A copy of a spreadsheet whose formulas have no value: who opens it must compute them."""
    with zipfile.ZipFile(source) as held, zipfile.ZipFile(target, "w") as bare:
        for entry in held.infolist():
            content = held.read(entry)
            if entry.filename == "content.xml":
                content = _VALUE.sub(r"\1/>", content.decode()).encode()
            bare.writestr(entry, content)


def _folded(text: str) -> str:
    """`text` with one kind of space and of quote, on one line."""
    return " ".join(_words(text.replace("’", "'").replace('""', '"')))


def _words(text: str) -> Iterable[str]:
    return re.sub(r"[\s\u00a0\u202f\u200b]+", " ", text).split(" ")
