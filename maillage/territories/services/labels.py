"""Import a file of labels: resolve its codes, compare with what is known, write all or nothing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from django.db import connection, transaction

from maillage.common.models import DataVersion
from maillage.territories.enums import LABEL_NAMES, SINGLE_VALUED, Carrier
from maillage.territories.models import Commune, Epci, FormerCommune, LabelAssignment, LabelFile
from maillage.territories.services.labelformats import (
    Entry,
    ImportRefused,
    Problem,
    Rule,
    Sheet,
    choose,
    entries,
    read_sheet,
)

__all__ = ["ImportRefused", "LabelReport", "import_labels", "read_labels"]


@dataclass(frozen=True, slots=True)
class Assigned:
    """What a territory gets from the file, once its code is the one in force."""

    value: str
    name: str
    signed_on: date | None
    former_code: str = ""


@dataclass(slots=True)
class LabelReport:
    """What a file says of one label for one kind of territory, and what it would change.

    ``added``, ``removed`` and ``changed`` are territory keys. ``remapped`` pairs a code of the
    file with the code in force. ``problems`` stop the import; ``warnings`` do not.
    """

    label: str
    carrier: str
    vintage: str
    source: str
    rule: Rule
    sheet: Sheet
    assigned: dict[str, list[Assigned]] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)
    remapped: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same_file: bool = False

    @property
    def name(self) -> str:
        """French name of the label."""
        return LABEL_NAMES[self.label]

    @property
    def complete(self) -> bool:
        """Whether the file also says who does not carry the label."""
        return self.rule.complete

    @property
    def absence(self) -> str:
        """What a territory that the file leaves out is: ``non`` or ``inconnu``."""
        return "non" if self.rule.complete and not self.rule.lists_all else "inconnu"

    @property
    def assignments(self) -> int:
        """Rows to be written (a territory may have several values)."""
        return sum(len(values) for values in self.assigned.values())


class _Codes:
    """Codes in force, and the way from the others to them."""

    def __init__(self) -> None:
        rows = Commune.objects.values_list("code", "siren", "department__zone")
        self.zones = {code: zone for code, _, zone in rows}
        self.by_siren = {siren: code for code, siren, _ in rows if siren}
        self.former = dict(FormerCommune.objects.values_list("code", "commune_id"))
        self.epci = set(Epci.objects.values_list("siren", flat=True))

    def key(self, code: str) -> str | None:
        """Territory key in force for a COG or SIREN code; None when nobody has it."""
        if code in self.epci:
            return f"epci:{code}"
        if code.isdigit() and len(code) == 4:
            code = f"0{code}"  # a spreadsheet ate the first zero
        code = self.by_siren.get(code, code)
        if code not in self.zones:
            code = self.former.get(code, "")
        return f"com:{code}" if code else None


def read_labels(
    path: Path,
    *,
    label: str | None = None,
    vintage: str = "",
    source: str = "",
    file_format: str | None = None,
    partial: bool = False,
) -> list[LabelReport]:
    """Read a file and compare it with what is known, without writing anything.

    One report by label and kind of territory. `partial`: the file does not cover France, so a
    territory that it leaves out stays unknown. Raises `ImportRefused` when the file as a whole
    cannot be understood; what is wrong with a line is in the reports.
    """
    sheet = read_sheet(path)
    shape = choose(sheet, label, file_format)
    vintage, source = vintage or shape.vintage, source or shape.source
    if not vintage:
        raise ImportRefused("Dites de quand date le fichier : --vintage 2024-09 (par exemple).")
    if not source:
        raise ImportRefused("Dites d'où vient le fichier : --source suivi de son adresse.")
    codes = _Codes()
    if not codes.zones:
        raise ImportRefused("Aucune commune en base : lancez d'abord « importer territoires ».")
    reports: list[LabelReport] = []
    for rule in shape.rules:
        if label is None or rule.label == label:
            reports += _read_rule(sheet, rule, vintage, source, codes, partial)
    return reports


def _read_rule(
    sheet: Sheet, rule: Rule, vintage: str, source: str, codes: _Codes, partial: bool
) -> list[LabelReport]:
    if partial:
        rule = replace(rule, complete=False, lists_all=False)
    reports = {
        carrier: LabelReport(rule.label, carrier, vintage, source, rule, sheet)
        for carrier in rule.carriers
    }
    main = next(iter(reports.values()))
    found: dict[str, list[tuple[Entry, str]]] = defaultdict(list)
    for entry in entries(sheet, rule):
        if isinstance(entry, Problem):
            main.problems.append(entry)
            continue
        key = codes.key(entry.code)
        if key is None:
            main.problems.append(Problem(entry.line, f"code inconnu « {entry.code} »"))
            continue
        carrier = _carrier(key)
        if carrier not in reports:
            if rule.only_carriers:
                continue
            kind = Carrier(carrier).label.lower()
            message = f"« {entry.code} » est une {kind} : ce label ne s'y attache pas"
            main.problems.append(Problem(entry.line, message))
            continue
        code = key.partition(":")[2]
        former = "" if code in (entry.code, f"0{entry.code}") else entry.code
        if former and entry.value is not None:
            reports[carrier].remapped.append((former, code))
        found[key].append((entry, former if len(former) <= 5 else ""))
    for key, named in found.items():
        report = reports[_carrier(key)]
        values = _settle(named, report)
        if values:
            report.assigned[key] = values
    # A file that names only EPCI says nothing of communes, even where both may carry the label.
    met = {_carrier(key) for key in found} or {main.carrier}
    if main.carrier not in met:
        reports[min(met)].problems = main.problems
    reports = {carrier: report for carrier, report in reports.items() if carrier in met}
    for report in reports.values():
        if rule.lists_all and report.carrier == Carrier.COMMUNE:
            report.silent = sorted(
                code
                for code, zone in codes.zones.items()
                if zone in rule.zones and f"com:{code}" not in found
            )
        _compare(report)
    return list(reports.values())


def _carrier(key: str) -> str:
    return Carrier.EPCI if key.startswith("epci:") else Carrier.COMMUNE


def _settle(named: list[tuple[Entry, str]], report: LabelReport) -> list[Assigned]:
    """Decide what a territory carries when several lines name it (or communes merged into it)."""
    # The territory's own lines first: they win over those of communes merged into it.
    named = sorted(named, key=lambda pair: (pair[1] != "", pair[0].line))
    carried = [(entry, former) for entry, former in named if entry.value is not None]
    result: dict[str, Assigned] = {}
    lines: dict[str, tuple[int, str]] = {}
    for entry, former in carried:
        value = entry.value or ""
        if value in result:
            first, first_former = lines[value]
            merged = former != first_former or report.rule.merge_duplicates
            if not merged:
                message = f"« {entry.code} » déjà donné ligne {first}"
                report.problems.append(Problem(entry.line, message))
            continue
        if result and report.label in SINGLE_VALUED:
            kept = next(iter(result))
            message = f"« {entry.code} » a déjà la valeur « {kept} », « {value} » est écartée"
            (report.warnings if former else report.problems).append(Problem(entry.line, message))
            continue
        result[value] = Assigned(value, entry.name, entry.signed_on, former)
        lines[value] = (entry.line, former)
    if carried and len(carried) < len(named):
        line = carried[0][0].line
        message = f"« {carried[0][0].code} » : une partie seulement de la commune porte ce label"
        report.warnings.append(Problem(line, message))
    return list(result.values())


def _compare(report: LabelReport) -> None:
    file = LabelFile.objects.current().filter(label=report.label, carrier=report.carrier).first()
    known: dict[str, set[tuple[str, str]]] = defaultdict(set)
    if file is not None:
        for key, value, name in file.assignments.values_list("territory", "value", "name"):
            known[key].add((value, name))
        report.same_file = (file.digest, file.vintage, file.source, file.complete) == (
            *(report.sheet.digest, report.vintage, report.source),
            report.complete,
        )
    fresh = {key: {(a.value, a.name) for a in values} for key, values in report.assigned.items()}
    report.added = sorted(fresh.keys() - known.keys())
    report.removed = sorted(known.keys() - fresh.keys())
    report.changed = sorted(key for key in fresh.keys() & known.keys() if fresh[key] != known[key])


def import_labels(
    reports: Iterable[LabelReport], *, tolerate: bool = False, accept_losses: bool = False
) -> int:
    """Write what the reports say, all or nothing. Return the number of assignments written.

    A report that changes nothing is skipped. Raises `ImportRefused` when a line is wrong, unless
    `tolerate`: wrong lines are then left out, and the file says nothing of whom it does not name.
    Also refused: a file that gives its label to nobody, and, unless `accept_losses`, one that takes
    it from more than half of those who have it (half a file, most often).
    """
    reports = list(reports)
    for report in reports:
        _check_size(report, accept_losses=accept_losses)
    wrong = sum(len(report.problems) for report in reports)
    if wrong and not tolerate:
        raise ImportRefused(
            f"{wrong} ligne(s) refusée(s) : rien n'a été écrit. Corrigez le fichier, ou relancez "
            "avec --tolerer pour laisser ces lignes de côté."
        )
    written, done = 0, False
    with transaction.atomic():
        for report in reports:
            unchanged = not (report.added or report.removed or report.changed)
            if report.same_file and unchanged:
                continue
            written += _write(report)
            done = True
        if done:
            DataVersion.objects.bump("territories")
    return written


def _check_size(report: LabelReport, *, accept_losses: bool) -> None:
    name = LABEL_NAMES[report.label]
    if not report.assignments:
        raise ImportRefused(
            f"Ce fichier ne donne « {name} » à aucun territoire : rien n'a été écrit. Vérifiez "
            "qu'il n'a pas été coupé après son en-tête."
        )
    held = LabelFile.objects.current().filter(label=report.label, carrier=report.carrier)
    before = LabelAssignment.objects.filter(file__in=held).values("territory").distinct().count()
    if len(report.removed) * 2 > before and not accept_losses:
        raise ImportRefused(
            f"Ce fichier retirerait « {name} » à {len(report.removed)} territoires sur {before} : "
            "rien n'a été écrit. Si c'est voulu, relancez avec --accepter-pertes."
        )


def _write(report: LabelReport) -> int:
    former = LabelFile.objects.current().filter(label=report.label, carrier=report.carrier)
    LabelAssignment.objects.filter(file__in=former).delete()
    former.update(current=False)
    # Nothing is concluded from the absence of a territory whose line was refused: the code is not
    # known, so the whole file stops telling who does not carry the label.
    complete = report.complete and not report.problems
    file = LabelFile.objects.create(
        label=report.label,
        carrier=report.carrier,
        vintage=report.vintage,
        source=report.source,
        file_name=report.sheet.name,
        digest=report.sheet.digest,
        complete=complete,
        zones=list(report.rule.zones) if complete else [],
        silent=report.silent if complete else [],
        note=report.rule.note,
        count=report.assignments,
        remapped=len(report.remapped),
    )
    columns = "file_id, territory, value, name, signed_on, former_code"
    table = LabelAssignment._meta.db_table
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
    ):
        for key, values in report.assigned.items():
            for a in values:
                copy.write_row((file.pk, key, a.value, a.name, a.signed_on, a.former_code))
    return report.assignments
