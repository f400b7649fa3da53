"""Lines pasted from a spreadsheet, or read in a file: all or nothing, with a report by line.

Columns are recognised by their titles; without titles, they are guessed: the text is what the line
is, the first amount is its price. A line with a funder is a resource, else a cost.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from maillage.catalog.imports.raw import Unreadable
from maillage.catalog.imports.reading import read as read_file
from maillage.engine.funding.types import CostLine, Fund, Nature, Spending
from maillage.engine.text import fold
from maillage.funding.amounts import NotAnAmount, read_euros
from maillage.funding.document import MOST_LINES, Source
from maillage.funding.forms import vat
from maillage.funding.forms.cells import Unread, share, year

#: Words of a title → the column; the first that matches wins.
_TITLES: Final[tuple[tuple[str, str], ...]] = (
    (r"\bttc\b|toutes taxes", "gross"), (r"\bht\b|hors taxes?", "net"),
    (r"\btva\b", "vat"), (r"\bannee\b|exercice", "year"),
    (r"\btaux\b|pourcentage|^%|\bpart\b", "rate"),
    (r"financeu|ressource|recette|origine|\bfonds?\b", "funder"),
    (r"montant|cout|prix|total|\beuros?\b|somme|subvention", "amount"),
    (r"nature|poste|depense|libelle|intitule|designation|objet|description|ligne", "label"),
    (r"\btype\b|categorie|section", "spending"),
)  # fmt: skip
_FUNDS: Final[tuple[tuple[str, Fund], ...]] = (
    (r"\bdetr\b", Fund.DETR), (r"\bdsil\b", Fund.DSIL), (r"\bdsid\b", Fund.DSID),
    (r"\bdpv\b|politique de la ville", Fund.DPV), (r"\bleader\b", Fund.LEADER),
    (r"\bfeder\b|\bfse\b|\bfeader\b|europe", Fund.EUROPE),
    (r"fonds de concours|communaute de communes|communaute d.?agglo|intercommunal|\bepci\b|"
     r"\bagglo", Fund.GROUP),
    (r"emprunt|\bpret\b", Fund.LOAN),
    (r"fonds propres|autofinancement|auto financement|\bcommune\b|maitre d.?ouvrage|reste a charge",
     Fund.OWN),
    (r"\bfnadt\b|fonds vert|\bfsil\b|\btepcv\b|\betat\b|\bdrac\b", Fund.STATE),
    (r"\bademe\b|agence de l.?eau|\banah\b|\bans\b|\bbanque des territoires\b|\bcaf\b|\bcnc\b|"
     r"operateur", Fund.OPERATOR),
    (r"\bregion\b|conseil regional", Fund.REGION),
    (r"\bdepartement\b|conseil departemental", Fund.DEPARTMENT),
    (r"participatif|cagnotte", Fund.CROWD), (r"mecenat|\bdons?\b|fondation", Fund.GIFT),
)  # fmt: skip
_TOTAL: Final = re.compile(r"^(sous.?)?total\b|^reste$|^ensemble$")
_RESOURCES: Final = re.compile(r"ressource|recette|financement|financeur")
_STUDY: Final = re.compile(r"etude|diagnostic|maitrise d.?oeuvre|ingenierie|architecte|faisabilite")
_LAND: Final = re.compile(
    r"terrain|foncier|acquisition|achat (du|de|d.un) (batiment|local|terrain)"
)
_RUNNING: Final = re.compile(r"fonctionnement|salaire|animation|entretien")
_MOST_CHARACTERS: Final = 200_000


@dataclass(slots=True)
class Pasted:
    """What was read: lines of both sides, or the problems (line by line) and nothing.

    ``left_out`` says what was understood as a title or a total; ``read_as`` how columns were read.
    """

    costs: list[CostLine] = field(default_factory=list)
    resources: list[Source] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    read_as: str = ""

    @property
    def count(self) -> int:
        """How many lines were read."""
        return len(self.costs) + len(self.resources)


def from_text(text: str, side: str = "") -> Pasted:
    """Lines of a paste: tabs between cells (a spreadsheet), else semicolons. `side` is ``c``
    (costs), ``r`` (resources), or "" to tell by the words.
    """
    text = text.replace("\x00", "")[:_MOST_CHARACTERS].strip("\r\n")
    if not text.strip():
        return Pasted(problems=["Il n'y a rien à ajouter : collez d'abord vos lignes."])
    first = next(line for line in text.splitlines() if line.strip())
    mark = "\t" if "\t" in text else ";" if ";" in first else "\t"
    rows = csv.reader(io.StringIO(text), delimiter=mark)
    try:
        return from_rows([(n, list(cells)) for n, cells in enumerate(rows, 1)], side)
    except csv.Error:
        return Pasted(problems=["Ces lignes n'ont pas pu être lues : un guillemet est mal fermé."])


def from_file(content: bytes, name: str, side: str = "") -> Pasted:
    """Lines of a CSV, ODS or XLSX file."""
    try:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "tableau"
            path.write_bytes(content)
            reading = read_file(path, name)
            rows: list[tuple[int, list[Any]]] = []
            for raw in reading:
                if raw.problems:
                    return Pasted(problems=[f"Ligne {raw.number} : {p}" for p in raw.problems])
                if not rows:
                    rows.append((1, list(raw.values)))
                titles = rows[0][1]
                titles += [t for t in raw.values if t not in titles]
                rows.append((raw.number, [raw.values.get(t, "") for t in titles]))
                if len(rows) > MOST_LINES + 50:
                    return Pasted(problems=[f"Ce fichier a plus de {MOST_LINES} lignes."])
    except Unreadable as error:
        return Pasted(problems=error.problems)
    return from_rows(rows, side)


def from_rows(rows: Sequence[tuple[int, Sequence[Any]]], side: str = "") -> Pasted:
    """Lines of a table: (number as a spreadsheet shows it, cells)."""
    made = Pasted()
    filled = [(n, [_text(c) for c in cells]) for n, cells in rows]
    filled = [(n, cells) for n, cells in filled if any(cells)]
    if not filled:
        return Pasted(problems=["Ces lignes sont vides."])
    columns = _titled(filled[0][1])
    if columns:
        titles = filled[0][1]
        made.read_as = "Colonnes reconnues à leurs titres : " + ", ".join(
            f"« {titles[place]} »" for place in sorted(columns.values())
        )
        if not side and "funder" in columns and "label" not in columns:
            side = "r"
        filled = filled[1:]
    else:
        columns = _guessed([cells for _, cells in filled])
        made.read_as = "Pas de titres : colonnes devinées à leur contenu"
        if not columns:
            return Pasted(problems=["Aucune colonne de montants n'a été trouvée : il faut au moins "
                                    "ce que c'est, puis un montant."])  # fmt: skip
    for number, cells in filled:
        _line(made, number, {k: cells[p] if p < len(cells) else "" for k, p in columns.items()},
              side)  # fmt: skip
    if not made.problems and not made.count:
        made.problems.append("Aucune ligne avec un montant n'a été trouvée.")
    if made.count > MOST_LINES:
        made.problems.append(f"{MOST_LINES} lignes au plus.")
    if made.problems:
        made.costs, made.resources = [], []
    return made


def _text(cell: Any) -> str:
    if isinstance(cell, bool) or cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.2f}".rstrip("0").rstrip(".")
    return " ".join(str(cell).split())


def _titled(cells: Sequence[str]) -> dict[str, int]:
    """The columns that titles name; nothing when the line is no line of titles."""
    if any(_amount(cell) is not None for cell in cells):
        return {}
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        folded = fold(cell)
        name = next((n for words, n in _TITLES if re.search(words, folded)), None)
        if name and name not in found:
            found[name] = place
    has_amount = found.keys() & {"net", "gross", "amount"}
    if not has_amount:
        return {}
    if not found.keys() & {"label", "funder"}:
        free = [p for p in range(len(cells)) if p not in found.values()]
        if not free:
            return {}
        found["label"] = free[0]
    return found


def _guessed(rows: Iterable[Sequence[str]]) -> dict[str, int]:
    """The columns by what they hold: the first with amounts, the first with words."""
    rows = list(rows)
    width = max(len(cells) for cells in rows)
    amounts, words = [], []
    for place in range(width):
        held = [cells[place] for cells in rows if place < len(cells) and cells[place]]
        numbers = sum(_amount(cell) is not None for cell in held)
        if held and numbers * 2 > len(held):
            amounts.append(place)
        elif held:
            words.append(place)
    if not amounts:
        return {}
    found = {"amount": amounts[0]}
    if words:
        found["label"] = words[0]
    return found


def _amount(text: str) -> Decimal | None:
    try:
        return read_euros(text)
    except NotAnAmount:
        return None


def _line(made: Pasted, number: int, cells: dict[str, str], side: str) -> None:
    label = cells.get("label", "") or cells.get("funder", "")
    folded = fold(label)
    amounts = {k: cells[k] for k in ("net", "gross", "amount") if cells.get(k)}
    if _TOTAL.search(folded):
        made.left_out.append(f"Ligne {number}, « {label} » : un total, il est recalculé.")
        return
    if not amounts:
        if label:
            made.left_out.append(f"Ligne {number}, « {label} » : sans montant.")
        return
    read: dict[str, Decimal] = {}
    for name, text in amounts.items():
        try:
            read[name] = read_euros(text)
        except NotAnAmount as error:
            made.problems.append(f"Ligne {number} : {error}")
    if len(read) < len(amounts):
        return
    funder = fold(cells.get("funder", ""))
    fund = _fund(f"{funder} {folded}")
    if side == "r" or (not side and (funder or (fund and not _is_cost(folded)))):
        _resource(made, number, cells, label, fund, read)
    else:
        _cost(made, number, cells, label, read)


def _is_cost(folded: str) -> bool:
    """Words that say a cost, though a funder is named in them."""
    return re.search(r"travaux|achat|etude|equipement|acquisition|honoraires", folded) is not None


def _fund(folded: str) -> Fund | None:
    return next((fund for words, fund in _FUNDS if re.search(words, folded)), None)


def _resource(
    made: Pasted, number: int, cells: dict[str, str], label: str, fund: Fund | None,
    read: dict[str, Decimal],
) -> None:  # fmt: skip
    rate = None
    if cells.get("rate"):
        try:
            rate = Decimal(share(cells["rate"]))
        except Unread as error:
            made.problems.append(f"Ligne {number} : {error}")
    amount = read.get("amount", read.get("net", read.get("gross", Decimal(0))))
    kept = fund or Fund.OTHER_PUBLIC
    if fund is None:
        made.left_out.append(
            f"Ligne {number}, « {label} » : financeur non reconnu, mis en « autre financeur "
            "public » ; corrigez-le dans la liste si besoin."
        )
    own = kept in (Fund.OWN, Fund.LOAN)
    made.resources.append(
        Source(f"r{number}", label[:200] or "Ressource", kept, amount, rate=None if own else rate)
    )


def _cost(
    made: Pasted, number: int, cells: dict[str, str], label: str, read: dict[str, Decimal]
) -> None:
    when = None
    if cells.get("year"):
        try:
            when = year(cells["year"])
        except Unread as error:
            made.problems.append(f"Ligne {number} : {error}")
    net = read.get("net", None if "gross" in read else read.get("amount"))
    gross = read.get("gross")
    if net is None and gross is not None:
        net = vat.net_of(gross, vat.USUAL)
    net = net or Decimal(0)
    gross = vat.gross_of(net, vat.USUAL) if gross is None else gross
    if gross < net:
        made.problems.append(f"Ligne {number} : le montant TTC est inférieur au montant HT.")
    folded = fold(f"{label} {cells.get('spending', '')}")
    study, land = _STUDY.search(folded), _LAND.search(folded)
    spending = Spending.OPERATION if _RUNNING.search(folded) else Spending.INVESTMENT
    made.costs.append(
        CostLine(
            f"c{number}", label[:200] or "Dépense", net, gross,
            Spending.ENGINEERING if study else spending,
            Nature.STUDY if study else Nature.LAND if land else Nature.WORKS, when,
        )
    )  # fmt: skip
