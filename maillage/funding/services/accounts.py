"""Import of the accounts of local bodies: a file → a report → rows, all or nothing.

The shape is described in ``docs/un-pour-mille.md``: one line a body, its code, its investment.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from maillage.catalog.imports.bulk import copy
from maillage.catalog.imports.raw import Raw, Unreadable
from maillage.catalog.imports.reading import read
from maillage.catalog.imports.schema import plain
from maillage.common.models import DataVersion
from maillage.common.readings import NotAnAmount, cents_of
from maillage.funding.enums import BodyKind
from maillage.funding.models import AccountsFile, LocalAccounts
from maillage.territories.directory import Directory, directory
from maillage.territories.enums import Zone

#: Column → the titles that it may have, folded.
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "year": ("exercice", "annee", "exer"),
    "kind": ("nature", "categorie", "type de collectivite"),
    "code": ("code", "code insee", "insee", "code siren", "siren"),
    "investment": ("investissement", "depenses d equipement", "depenses equipement"),
    "wealth": ("potentiel financier", "potentiel financier par habitant", "pf hab"),
}
_KINDS: Final[dict[str, str]] = {
    **dict.fromkeys(("commune", "communes", "com"), BodyKind.COMMUNE),
    **dict.fromkeys(
        ("epci", "gfp", "groupement", "intercommunalite", "intercommunalites"), BodyKind.EPCI
    ),
    **dict.fromkeys(("departement", "departements", "dep"), BodyKind.DEPARTMENT),
    **dict.fromkeys(("region", "regions", "reg"), BodyKind.REGION),
}
#: Beyond it, a body's investment is a slip (and the sums would not hold in a computer's integer).
_MOST: Final = Decimal(10_000_000_000)
_MOST_WEALTH: Final = Decimal(1_000_000)
Key = tuple[str, str]


class NotImported(Exception):
    """A file of accounts is refused; the message says why and what to do, in French."""


@dataclass(slots=True)
class Body:
    """What the file says of a body: investment and, when known, potentiel financier by head."""

    investment: Decimal
    wealth: Decimal | None


@dataclass(slots=True)
class Report:
    """What a file would write for `year`, and what is wrong with it."""

    year: int
    name: str
    bodies: dict[Key, Body] = field(default_factory=dict)
    other_years: int = 0
    converted: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    #: What the accounts in place for that year, if any, would see: appear, go, change.
    compared: dict[str, int] | None = None
    #: Line of each body as it is named: a second one is a mistake.
    seen: dict[Key, int] = field(default_factory=dict)

    def count(self, kind: str) -> int:
        """Bodies of this kind."""
        return sum(1 for one, _ in self.bodies if one == kind)

    def total(self, kind: str) -> Decimal:
        """Investment of the bodies of this kind."""
        found = (body.investment for (one, _), body in self.bodies.items() if one == kind)
        return sum(found, Decimal(0))


def expected(known: Directory) -> dict[str, int]:
    """How many bodies of each kind there are in France, overseas collectivities aside for the
    départements and régions (they are neither).
    """
    departments = [d for d in known.departments.values() if d.zone != Zone.COM]
    return {
        BodyKind.COMMUNE: len(known.communes),
        BodyKind.EPCI: len(known.epcis),
        BodyKind.DEPARTMENT: len(departments),
        BodyKind.REGION: len({d.region for d in departments}),
    }


def read_accounts(path: Path, name: str, year: int) -> Report:
    """Read the file at `path`, called `name`: nothing is written. Raises `NotImported`."""
    report = Report(year, name)
    known = directory()
    try:
        reading = read(path, name)
        take(reading, known, report)
    except Unreadable as error:
        raise NotImported("\n".join(error.problems)) from error
    report.notes += reading.remarks
    if not report.bodies and not report.problems:
        raise NotImported(
            f"« {name} » n'a aucune ligne de l'exercice {year}"
            + (f", mais {report.other_years} d'autres exercices" if report.other_years else "")
            + "."
        )
    report.compared = _compare(report)
    return report


def take(lines: Iterable[Raw], known: Directory, report: Report) -> None:
    """Fill `report` with the lines of a file. Raises `NotImported` when a column is missing."""
    titles: dict[str, str] | None = None
    for raw in lines:
        if titles is None:
            titles = _titles(raw.values)
        if raw.problems:
            report.problems += [f"Ligne {raw.number} : {problem}" for problem in raw.problems]
            continue
        try:
            _take_line(raw, titles, known, report)
        except ValueError as error:
            report.problems.append(f"Ligne {raw.number} : {error}")


def _titles(values: Mapping[str, Any]) -> dict[str, str]:
    """Our column → the title of it in this file."""
    by_name = {plain(title): title for title in values}
    found = {
        column: by_name[name]
        for column, names in COLUMNS.items()
        for name in reversed(names)
        if name in by_name
    }
    for column, title in (("code", "code"), ("investment", "investissement")):
        if column not in found:
            raise NotImported(
                f"Il manque la colonne « {title} ». Colonnes lues : {', '.join(values)}. "
                "La forme attendue est décrite dans docs/un-pour-mille.md."
            )
    return found


def _take_line(raw: Raw, titles: Mapping[str, str], known: Directory, report: Report) -> None:
    """Add a line. Raises ``ValueError`` with what is wrong."""

    def cell(column: str) -> Any:
        value = raw.values.get(titles.get(column, ""), "")
        return value.strip() if isinstance(value, str) else value

    said = str(cell("year"))[:4]
    if said and said != str(report.year):
        report.other_years += 1
        return
    typed = str(cell("code")).removesuffix(".0").upper()
    kind, code = _body(str(cell("kind")), typed, known)
    investment = _amount(cell("investment"), "l'investissement", _MOST)
    if investment is None:
        raise ValueError("l'investissement est vide : écrivez 0 s'il n'y en a pas eu.")
    if investment < 0:
        report.notes.append(f"Ligne {raw.number} : investissement négatif, compté pour zéro.")
        investment = Decimal(0)
    wealth = _amount(cell("wealth"), "le potentiel financier", _MOST_WEALTH)
    # Named by a code in force (COG or SIREN), or by that of a commune that has merged since.
    own = typed.lstrip("0") == code.lstrip("0") or known.sirens.get(typed) == code
    named = (kind, code if own else typed)
    if named in report.seen:
        raise ValueError(f"« {typed} » est déjà à la ligne {report.seen[named]}.")
    report.seen[named] = raw.number
    if not own:
        report.converted.append(f"{typed} devient {code}")
    present = report.bodies.get((kind, code))
    if present is None:
        report.bodies[kind, code] = Body(investment, wealth)
    else:
        # What merged communes spent adds up; their wealth by head does not.
        present.investment += investment
        present.wealth = None


def _body(said: str, typed: str, known: Directory) -> Key:
    """Kind and code in force. Raises ``ValueError``."""
    if not typed:
        raise ValueError("le code est vide.")
    kind = _KINDS.get(plain(said)) if said else ""
    if kind is None:
        raise ValueError(
            f"nature « {said[:40]} » inconnue : écrivez commune, epci, departement ou region."
        )
    if kind in (BodyKind.DEPARTMENT, BodyKind.REGION):
        listed = known.departments if kind == BodyKind.DEPARTMENT else known.regions
        code = typed.zfill(2)
        if code not in listed:
            none = "aucun département" if kind == BodyKind.DEPARTMENT else "aucune région"
            raise ValueError(f"« {typed[:20]} » n'est le code d'{none}.")
        return kind, code
    found = known.resolve(typed)
    if found is None:
        hint = "" if kind or len(typed) > 3 else " Pour un département, remplissez « nature »."
        raise ValueError(f"« {typed[:20]} » n'est le code d'aucune commune ni EPCI connus.{hint}")
    actual = BodyKind.EPCI if found in known.epcis else BodyKind.COMMUNE
    if kind and kind != actual:
        raise ValueError(f"« {typed} » n'est pas un code de la nature « {said[:40]} ».")
    return actual, found


def _amount(value: Any, what: str, most: Decimal) -> Decimal | None:
    """Euros, to the cent; None when blank. Raises ``ValueError``."""
    if value == "" or value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        amount = Decimal(str(value))
    else:
        text = str(value)
        negative = text.startswith(("-", "−"))
        try:
            amount = cents_of(text.lstrip("-−"))
        except NotAnAmount as error:
            raise ValueError(f"{what} : {error}") from error
        amount = -amount if negative else amount
    if not amount.is_finite() or abs(amount) > most:
        raise ValueError(f"{what} est trop grand : vérifiez qu'il est en euros.")
    return amount.quantize(Decimal("0.01"))


def _compare(report: Report) -> dict[str, int] | None:
    """How the accounts in place for that year would change; None when there are none."""
    if not AccountsFile.objects.filter(year=report.year).exists():
        return None
    rows = LocalAccounts.objects.filter(file__year=report.year)
    before = {
        (kind, code): (investment, wealth)
        for kind, code, investment, wealth in rows.values_list(
            "kind", "code", "investment", "wealth"
        )
    }
    counts: dict[str, int] = defaultdict(int)
    for key, body in report.bodies.items():
        if key not in before:
            counts["nouvelles"] += 1
        elif before[key] != (body.investment, body.wealth):
            counts["modifiées"] += 1
        else:
            counts["inchangées"] += 1
    counts["disparues"] = len(before.keys() - report.bodies.keys())
    return dict(counts)


def write_accounts(report: Report, source: str, *, tolerate: bool = False) -> AccountsFile:
    """Put these accounts in the place of those of the same year. Raises `NotImported` when a line
    is wrong (unless `tolerate`, which leaves it aside) or when the source is not said.
    """
    if not source.strip():
        raise NotImported('Dites d\'où vient le fichier : --source "OFGL, …".')
    if report.problems and not tolerate:
        raise NotImported(
            f"{len(report.problems)} ligne(s) refusée(s) : rien n'a été écrit. Corrigez-les, ou "
            "ajoutez --tolerer pour les laisser de côté."
        )
    with transaction.atomic():
        AccountsFile.objects.filter(year=report.year).delete()
        made = AccountsFile.objects.create(
            year=report.year,
            source=source.strip()[:300],
            file_name=report.name[:200],
            count=len(report.bodies),
        )
        rows = [
            LocalAccounts(
                file=made, kind=kind, code=code, investment=body.investment, wealth=body.wealth
            )
            for (kind, code), body in report.bodies.items()
        ]
        copy(LocalAccounts, rows)
        DataVersion.objects.bump("local_accounts")
    return made
