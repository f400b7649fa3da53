"""The way in: `prepare` a file (raw → cleaned → compared, all kept in ``ImportLine``), look at it,
then `write` it or `cancel` it. Connectors `stage` their own lines, `compare`, then `write`.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Count, Min, Q
from django.db.models.functions import Lower
from django.utils.timezone import localdate, now

from maillage.accounts.models import Organisation, User
from maillage.catalog.enums import Action, ImportKind, ImportState
from maillage.catalog.imports import comparing, writing
from maillage.catalog.imports.bulk import copy
from maillage.catalog.imports.cleaning import Cleaned, Context, clean_raw, context
from maillage.catalog.imports.raw import Raw, Unreadable
from maillage.catalog.imports.reading import Reading, read
from maillage.catalog.imports.schema import Schema, schema
from maillage.catalog.imports.scope import accepts, may_import_into, own_provider
from maillage.catalog.models import Dataset, Import, ImportLine, NamedCatalogue
from maillage.common.models import DataVersion, Source
from maillage.common.progress import Progress, silent

Line = tuple[int, dict[str, Any], Cleaned]
_BATCH: Final = 500
_MOST_REMARKS: Final = 20
_UPDATE: Final = """
UPDATE catalog_importline AS l SET action = v.action, changes = v.changes::jsonb,
       problems = v.problems::jsonb, warnings = v.warnings::jsonb
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[])
     AS v(id, action, changes, problems, warnings)
WHERE l.id = v.id
"""


class NotWritten(Exception):
    """An import was refused at the writing; ``problems`` say in French why and what to do."""

    def __init__(self, *problems: str) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(problems))


def dataset(
    slug: str, title: str = "", *, organisation: Organisation | None = None, publisher: str = ""
) -> Dataset:
    """The dataset `slug`, made with its source when it is new."""
    title = title or slug
    found = Dataset.objects.filter(pk=slug).first()
    if found:
        return found
    source, _ = Source.objects.get_or_create(
        slug=f"jeu-{slug}",
        defaults={
            "title": title[:250],
            "publisher": (publisher or (organisation.name if organisation else title))[:250],
            "year": localdate().year,
        },
    )
    made, _ = Dataset.objects.get_or_create(
        slug=slug, defaults={"title": title[:200], "organisation": organisation, "source": source}
    )
    return made


def prepare(
    *,
    kind: str,
    path: Path,
    name: str,
    dataset: Dataset | None = None,
    named: NamedCatalogue | str | None = None,
    by: User | None = None,
    body: Organisation | None = None,
    progress: Progress = silent,
) -> Import:
    """Read, clean and compare a file, which goes into `dataset` or the named catalogue `named`.

    The catalogue is not touched. What is wrong with the file is in the import that is returned, in
    the state ``REFUSED``. Raises ``PermissionDenied`` with the reason when `by` may not.
    """
    parent = begin(kind=kind, name=name, dataset=dataset, named=named, by=by, body=body)
    return fill(parent, path, progress)


def begin(
    *,
    kind: str,
    name: str,
    dataset: Dataset | None = None,
    named: NamedCatalogue | str | None = None,
    by: User | None = None,
    body: Organisation | None = None,
) -> Import:
    """Open an import whose file is yet to be read. Raises ``PermissionDenied``."""
    right = may_import_into(by, body, kind=kind, dataset=dataset, named=named)
    if right and dataset is not None:
        right = accepts(dataset, kind)
    if not right:
        raise PermissionDenied(right.reason)
    if isinstance(named, str):
        named, _ = NamedCatalogue.objects.get_or_create(slug=named)
    return Import.objects.create(
        kind=kind,
        dataset=dataset,
        named=named,
        file_name=name[-200:],
        state=ImportState.READING,
        by=by,
        body=body,
    )


def fill(parent: Import, path: Path, progress: Progress = silent) -> Import:
    """Read, clean and compare the file of an import that was opened (see `prepare`)."""
    own = parent.body if own_provider(parent.by, parent.body) else None
    known = context(named=parent.named_id is not None, body=own)
    try:
        reading = read(path, parent.file_name, partial(_is_header, schema(parent.kind)))
        parent.format = reading.format
        stage(parent, _cleaned(parent, reading, known), progress, total=reading.total)
        parent.options["remarks"] = [*reading.remarks, *_remarks(known)]
    except Unreadable as unreadable:
        return _refused(parent, unreadable.problems)
    return compare(parent, progress)


def _is_header(columns: Schema, titles: list[str]) -> bool:
    """Whether the titles of a sheet are those of the model: half of them at least."""
    return len(columns.match(titles).fields) * 2 >= len(titles) > 0


def _cleaned(parent: Import, reading: Reading, known: Context) -> Iterator[Line]:
    """Lines of a file, understood; the header is checked with the first one."""
    for place, raw in enumerate(reading):
        if not place and reading.format != "jsonl":
            _check_header(parent, raw, known)
        yield raw.number, raw.values, clean_raw(parent.kind, raw, known)


def _check_header(parent: Import, raw: Raw, known: Context) -> None:
    columns = known.columns_of(parent.kind, raw.values)
    problems = [f"Ligne 1 : {said}" for said in columns.problems]
    if not columns.fields:
        titles = ", ".join(f"« {title[:30]} »" for title in list(raw.values)[:5])
        raise Unreadable(
            f"Aucune colonne n'est connue ({titles}…) : la première ligne doit porter les titres "
            "du modèle. Si elle les porte, vérifiez le séparateur."
        )
    for column in columns.missing:
        given = known.provider if column.target == "provider.name" else None
        by_code = any(f.target == "provider.slug" for f in columns.fields.values())
        if known.named and column.target not in ("id", "title", "name"):
            continue
        if column.target.startswith("provider.") and (given or by_code):
            continue
        if column.target == "perimeter" and any(
            f.target == "perimeter_keys" for f in columns.fields.values()
        ):
            continue
        problems.append(f"Ligne 1 : la colonne « {column.name} » manque. {column.description}")
    if problems:
        raise Unreadable(*problems)


def _remarks(known: Context) -> list[str]:
    """What was noticed of the columns, each once."""
    found: dict[str, None] = {}
    for columns in known.columns.values():
        found.update(dict.fromkeys(columns.remarks))
    return list(found)[:_MOST_REMARKS]


def _refused(parent: Import, problems: list[str]) -> Import:
    """An import whose file as a whole is refused: no line of it is kept."""
    ImportLine.objects.filter(parent=parent).delete()
    parent.problems = problems
    parent.counts = {}
    parent.state = ImportState.REFUSED
    parent.save()
    return parent


def stage(
    parent: Import, lines: Iterable[Line], progress: Progress = silent, *, total: int = 0
) -> None:
    """Keep lines as read and cleaned, some hundreds at a time: (number, raw, cleaned)."""
    held: list[ImportLine] = []
    done = 0
    for number, raw, cleaned in lines:
        held.append(
            ImportLine(
                parent=parent,
                number=number,
                key=cleaned.key[:200],
                title=cleaned.title,
                raw=raw,
                cleaned=cleaned.values,
                problems=cleaned.problems,
                warnings=cleaned.warnings,
                action=Action.REFUSED if cleaned.problems else Action.NEW,
            )
        )
        if len(held) == _BATCH:
            copy(ImportLine, held)
            done += len(held)
            held.clear()
            progress("lignes lues", done, max(total, done + 1))
    copy(ImportLine, held)
    done += len(held)
    progress("lignes lues", done, done)


def compare(parent: Import, progress: Progress = silent) -> Import:
    """Say of each staged line what it would do, and what is gone: ready, or refused."""
    lines = ImportLine.objects.filter(parent=parent)
    lines.filter(number=0).delete()
    total = lines.count()
    parent.version = DataVersion.objects.number("catalogue")
    _mark_twins(parent)
    judge = comparing.NamedJudge(parent) if parent.named_id else comparing.Judge(parent)
    done = 0
    for batch in writing.batches(parent):
        _keep(batch, judge.verdicts(batch))
        done += len(batch)
        progress("lignes comparées", done, total)
    refused = lines.exclude(problems=[]).exists()
    parent.problems = [] if total else ["Le fichier n'a aucune fiche sous sa ligne de titres."]
    if total and not refused:
        absent = judge.gone() if isinstance(judge, comparing.NamedJudge) else comparing.gone(parent)
        _keep_gone(parent, absent)
    parent.counts = dict(lines.order_by().values_list("action").annotate(n=Count("id")))
    parent.state = ImportState.REFUSED if refused or not total else ImportState.READY
    parent.save()
    return parent


def _mark_twins(parent: Import) -> None:
    """Say of lines that have the same identifier that they do."""
    twins = (
        ImportLine.objects.filter(parent=parent)
        .exclude(key="")
        .order_by()
        .annotate(folded=Lower("key"))
        .values("folded")
        .annotate(n=Count("id"), first=Min("number"), first_pk=Min("id"))
        .filter(n__gt=1)
    )
    first = {row["folded"]: (row["first_pk"], row["first"]) for row in twins}
    keys = list(first)
    for start in range(0, len(keys), _BATCH):
        held = []
        rows = ImportLine.objects.filter(parent=parent).annotate(folded=Lower("key"))
        for line in rows.filter(folded__in=keys[start : start + _BATCH]).defer("raw", "cleaned"):
            pk, number = first[line.folded]
            if line.pk != pk:
                said = f"« {line.key} » est déjà à la ligne {number} : il ne sert qu'une fois."
                line.problems = [*line.problems, {"field": "id", "message": said}]
                line.action = Action.REFUSED
                held.append(line)
        ImportLine.objects.bulk_update(held, ["problems", "action"], batch_size=_BATCH)


def _keep(lines: list[ImportLine], verdicts: list[comparing.Verdict]) -> None:
    """Keep what was said of lines, in one query."""
    kept = []
    for line, verdict in zip(lines, verdicts, strict=True):
        # Some were said by a former comparison of the same lines, perhaps.
        problems = [*line.problems, *(p for p in verdict.problems if p not in line.problems)]
        warnings = [*line.warnings, *(w for w in verdict.warnings if w not in line.warnings)]
        if (verdict.action, verdict.changes) == (line.action, line.changes) and not (
            verdict.problems or verdict.warnings
        ):
            continue
        kept.append((line.pk, verdict.action, *map(_json, (verdict.changes, problems, warnings))))
    if kept:
        with connection.cursor() as cursor:
            cursor.execute(_UPDATE, [list(column) for column in zip(*kept, strict=True)])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _keep_gone(parent: Import, rows: Any) -> None:
    held = []
    for row in rows.iterator(chunk_size=_BATCH):
        key = row.key if parent.named_id else row.external_id
        title = row.data.get("title") or row.data.get("name") or "" if parent.named_id else str(row)
        held.append(
            ImportLine(parent=parent, number=0, key=key, title=title[:250], action=Action.GONE)
        )
        if len(held) == _BATCH:
            copy(ImportLine, held)
            held.clear()
    copy(ImportLine, held)


def needs_consent(parent: Import) -> bool:
    """Whether so much would go (more than half of the dataset) that it must be said again."""
    absent = parent.counts.get(Action.GONE, 0)
    if not absent or parent.named_id:
        return False
    return absent * 2 > comparing.in_force(parent)


@transaction.atomic
def write(
    parent: Import,
    *,
    by: User | None = None,
    accept_gone: bool = False,
    progress: Progress = silent,
) -> Import:
    """Write a prepared import, all or nothing.

    Raises `NotWritten` when it is not ready, when an entry has changed since it was compared, or
    when more than half of the dataset would go and `accept_gone` is not given;
    ``PermissionDenied`` when `by` may not.
    """
    held = Import.objects.select_for_update().get(pk=parent.pk)
    right = may_import_into(by, held.body, kind=held.kind, dataset=held.dataset, named=held.named)
    if not right:
        raise PermissionDenied(right.reason)
    if held.state != ImportState.READY:
        raise NotWritten(
            f"Cet import n'est pas prêt à être écrit ({held.get_state_display().lower()}). "
            "Corrigez le fichier, puis préparez-le de nouveau."
        )
    if needs_consent(held) and not accept_gone:
        raise NotWritten(
            f"{held.counts[Action.GONE]} fiches disparaîtraient, sur {comparing.in_force(held)} "
            "que compte ce jeu de données. Si le fichier est entier et que c'est voulu, dites-le ; "
            "sinon, vérifiez qu'il n'est pas coupé."
        )
    try:
        # In its own savepoint, so that the refusal leaves nothing behind.
        with transaction.atomic():
            if held.named_id:
                touched = writing.write_named(held, progress)
            else:
                touched = writing.write_entries(held, by, progress)
    except writing.Changed as changed:
        raise NotWritten(
            "Rien n'a été écrit : des fiches ont été changées depuis la préparation de cet import. "
            "Préparez-le de nouveau pour voir ce qu'il changerait maintenant."
        ) from changed
    if touched and not held.named_id:
        DataVersion.objects.bump("catalogue")
    held.state = ImportState.WRITTEN
    held.written_at = now()
    held.save()
    _told(parent, held)
    return parent


def _told(parent: Import, held: Import) -> None:
    for one in held._meta.concrete_fields:
        setattr(parent, one.attname, getattr(held, one.attname))


@transaction.atomic
def cancel(parent: Import) -> None:
    """Give up a prepared import: its lines are erased, the catalogue is as it was."""
    held = Import.objects.select_for_update().get(pk=parent.pk)
    if held.state == ImportState.WRITTEN:
        raise NotWritten("Cet import est déjà écrit : il ne s'abandonne plus.")
    held.lines.all().delete()
    held.state = ImportState.CANCELLED
    held.save()
    _told(parent, held)


@transaction.atomic
def discard(parent: Import) -> None:
    """Erase all trace of an import that was only tried, and what was made for it alone."""
    dataset, named = parent.dataset, parent.named
    parent.lines.all().delete()
    parent.delete()
    if named and not named.entries.exists() and not named.imports.exists():
        named.delete()
    if dataset and not dataset.imports.exists():
        _forget_empty(dataset)


def _forget_empty(dataset: Dataset) -> None:
    """Erase a dataset that was made for an import that was not written."""
    used = [comparing.model_of(kind).objects.filter(dataset=dataset).exists()
            for kind in (ImportKind.OFFERS, ImportKind.PROVIDERS)]  # fmt: skip
    if any(used) or dataset.runs.exists() or dataset.source_id != f"jeu-{dataset.pk}":
        return
    source = dataset.source
    dataset.delete()
    source.delete()


def forget_old() -> int:
    """Erase the lines of imports older than ``IMPORT_DAYS``, and the imports that were never
    written; return how many imports were touched. What was written keeps its line in the history.
    """
    limit = now() - timedelta(days=settings.MAILLAGE["IMPORT_DAYS"])
    old = Import.objects.filter(Q(updated_at__lt=limit))
    lines = ImportLine.objects.filter(parent__in=old)
    touched = lines.order_by().values("parent").distinct().count()
    lines.delete()
    unwritten = old.exclude(state=ImportState.WRITTEN).filter(run=None)
    unwritten.delete()
    return touched
