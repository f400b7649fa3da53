"""Compared lines → the catalogue: new entries, changes, what is gone, and their history."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.timezone import now

from maillage.accounts.models import User
from maillage.catalog.enums import Action, Origin, Verb
from maillage.catalog.imports.bulk import copy, copy_keyed
from maillage.catalog.imports.comparing import (
    ABSENT,
    Judge,
    NamedJudge,
    Verdict,
    fields_of,
    gone,
    model_of,
)
from maillage.catalog.imports.providers import entry_slug
from maillage.catalog.models import (
    Condition,
    Import,
    ImportLine,
    NamedEntry,
    Offer,
    Rate,
    Revision,
)
from maillage.catalog.services import history
from maillage.catalog.services.entries import next_check_after
from maillage.common.progress import Progress

#: Lines that are held in memory together.
BATCH: Final = 500
_DAYS: Final = ("opens", "closes", "available_until", "checked_on")
_ALSO: Final = ("external_id", "withdrawn_at", "set_aside_at", "reminded_on", "next_check",
                "updated_at")  # fmt: skip


class Changed(Exception):
    """The entries of some lines are no longer what was compared: nothing was written."""


def batches(parent: Import, *, acting: bool = False) -> Iterator[list[ImportLine]]:
    """The lines of the file, in order, some hundreds at a time. `acting`: only those that change
    something.
    """
    after = 0
    while True:
        rows = ImportLine.objects.filter(parent=parent, pk__gt=after).exclude(number=0)
        if acting:
            rows = rows.filter(action__in=(Action.NEW, Action.CHANGED))
        found = list(rows.defer("raw").order_by("pk")[:BATCH])
        if not found:
            return
        yield found
        after = found[-1].pk


def write_entries(parent: Import, by: User | None, progress: Progress) -> int:
    """Write an import into its dataset; return how many entries were touched. Raises `Changed`.

    A line that changes nothing is not judged again, nor its entry locked: what someone has edited
    of it meanwhile stays.
    """
    judge = Judge(parent)
    body = f"Import de « {judge.dataset.title} »"[:200]
    writer = _Writer(parent, judge, by, body)
    total = sum(parent.counts.values())
    done = parent.counts.get(Action.SAME, 0)
    for lines in batches(parent, acting=True):
        verdicts = judge.verdicts(lines, hold=True)
        _same_as_shown(lines, verdicts)
        writer.write(lines, verdicts)
        done += len(lines)
        progress("fiches écrites", done, total)
    absent = ImportLine.objects.filter(parent=parent, action=Action.GONE)
    if gone(parent).count() != absent.count():
        raise Changed
    writer.withdraw(gone(parent))
    progress("fiches écrites", total, total)
    return writer.touched


def _same_as_shown(lines: Sequence[ImportLine], verdicts: Sequence[Verdict]) -> None:
    for line, verdict in zip(lines, verdicts, strict=True):
        if line.action != verdict.action or line.changes != verdict.changes:
            raise Changed


class _Writer:
    """Writes batches of verdicts."""

    def __init__(self, parent: Import, judge: Judge, by: User | None, body: str) -> None:
        self._parent = parent
        self._judge = judge
        self._by = by
        self._body = body
        self._model = model_of(parent.kind)
        self._fields = fields_of(parent.kind)
        self.touched = 0

    def write(self, lines: Sequence[ImportLine], verdicts: Sequence[Verdict]) -> None:
        """Write what a batch of lines changes."""
        acting = [
            (line, verdict)
            for line, verdict in zip(lines, verdicts, strict=True)
            if verdict.action in (Action.NEW, Action.CHANGED)
        ]
        if not acting:
            return
        self._judge.providers.make(
            [v.provider for _, v in acting if v.provider], self._by, self._body
        )
        fresh = [(self._new(line, v), v) for line, v in acting if v.action == Action.NEW]
        held = [(self._change(line, v), v) for line, v in acting if v.action == Action.CHANGED]
        copy_keyed(self._model, [row for row, _ in fresh])
        self._model.objects.bulk_create(
            [row for row, _ in held],
            update_conflicts=True,
            unique_fields=["slug"],
            update_fields=[*self._fields, *_ALSO, *self._provider_field()],
        )
        if self._model is Offer:
            self._children(fresh, held)
        copy(Revision, list(self._revisions(fresh, held)))
        self.touched += len(acting)

    def _provider_field(self) -> tuple[str, ...]:
        return ("provider",) if self._model is Offer else ()

    def _new(self, line: ImportLine, verdict: Verdict) -> Any:
        values = {name: v for name, v in verdict.values.items() if name in self._fields}
        row = self._model(
            slug=entry_slug(self._judge.dataset.pk, line.key),
            origin=Origin.IMPORTED,
            source_id=self._judge.dataset.source_id,
            dataset=self._judge.dataset,
            external_id=line.key,
            **typed(values),
        )
        if isinstance(row, Offer) and verdict.provider:
            row.provider_id = verdict.provider.pk
        if row.checked_on:
            row.next_check = next_check_after(row.checked_on)
        return row

    def _change(self, line: ImportLine, verdict: Verdict) -> Any:
        row = verdict.row
        written = verdict.written
        new = {name: one["new"] for name, one in written.items() if name in self._fields}
        for name, value in typed(new).items():
            setattr(row, name, value)
        if "provider" in written and verdict.provider:
            row.provider_id = verdict.provider.pk
        if "checked_on" in written:
            row.next_check = next_check_after(row.checked_on)
            row.reminded_on = row.set_aside_at = None
        if "withdrawn_at" in written:
            row.withdrawn_at = None
        row.external_id = line.key
        return row

    def _children(self, fresh: Sequence[Any], held: Sequence[Any]) -> None:
        for name, model, made in (("rates", Rate, self._rates), ("conditions", Condition, _asked)):
            again = [row for row, verdict in held if name in verdict.written]
            model.objects.filter(offer__in=again).delete()
            rows = [
                one
                for row, verdict in (*fresh, *held)
                if verdict.action == Action.NEW or name in verdict.written
                for one in made(row, verdict.values.get(name) or ())
            ]
            copy(model, rows)

    def _rates(self, offer: Offer, said: Iterable[dict[str, Any]]) -> Iterator[Rate]:
        for one in said:
            yield Rate(
                offer=offer,
                kind=one["kind"],
                value=Decimal(str(one["value"])),
                unit=one["unit"],
                base=one.get("base") or "",
                valid_from=_day(one.get("valid_from")),
                valid_to=_day(one.get("valid_to")),
                source_id=self._judge.dataset.source_id,
                state=offer.state,
            )

    def _revisions(self, fresh: Sequence[Any], held: Sequence[Any]) -> Iterator[Revision]:
        for row, _ in fresh:
            yield history.revision(row, Verb.CREATED, by=self._by, body=self._body)
        for row, verdict in held:
            written = verdict.written
            if "withdrawn_at" in written:
                yield history.revision(row, Verb.PUT_BACK, by=self._by, body=self._body)
            changes = [
                {name: one[name] for name in ("field", "old", "new")}
                for one in written.values()
                if one["field"] not in ("withdrawn_at", "external_id")
            ]
            if changes:
                yield history.revision(row, Verb.IMPORTED, changes, by=self._by, body=self._body)

    def withdraw(self, rows: Any) -> None:
        """Take out of the catalogue what the file no longer has. Nothing is deleted."""
        moment = now()
        while found := list(rows.select_for_update()[:BATCH]):
            pks = [row.pk for row in found]
            self._model.objects.filter(pk__in=pks).update(withdrawn_at=moment, updated_at=moment)
            revisions = [
                history.revision(row, Verb.WITHDRAWN, by=self._by, body=self._body, reason=ABSENT)
                for row in found
            ]
            copy(Revision, revisions)
            self.touched += len(found)


def typed(values: dict[str, Any]) -> dict[str, Any]:
    """Values in JSON form as our models hold them: dates are dates."""
    return {name: _day(v) if name in _DAYS else v for name, v in values.items()}


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None


def _asked(offer: Offer, said: Iterable[dict[str, Any]]) -> Iterator[Condition]:
    for one in said:
        yield Condition(offer=offer, **one)


def write_named(parent: Import, progress: Progress) -> int:
    """Replace the entries of a named catalogue, of one kind, by those of the file."""
    judge = NamedJudge(parent)
    total = sum(parent.counts.values())
    for lines in batches(parent):
        _same_as_shown(lines, judge.verdicts(lines))
    if judge.gone().count() != ImportLine.objects.filter(parent=parent, action=Action.GONE).count():
        raise Changed
    judge.rows().delete()
    done = 0
    for lines in batches(parent):
        entries = [
            NamedEntry(
                catalogue_id=parent.named_id,
                kind=parent.kind,
                key=line.key,
                data={**line.cleaned, "id": line.key},
            )
            for line in lines
        ]
        copy(NamedEntry, entries)
        done += len(lines)
        progress("fiches écrites", done, total)
    return done
