"""Cleaned lines against the catalogue: what each would change, field by field, and what is gone.

`Judge` says it of a batch of lines, at the comparison and again at the writing, on the rows as they
are then: what people were shown is what is written, or nothing is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final

from django.db.models import Q

from maillage.catalog.enums import Action, DatasetKind, ImportKind, Publication, Verb
from maillage.catalog.imports.providers import Known, Providers, entry_slug, level_of
from maillage.catalog.imports.scope import Scope
from maillage.catalog.kept import missing_of_offer
from maillage.catalog.models import Import, ImportLine, NamedEntry, Offer, Provider, Revision
from maillage.catalog.services.history import plain

Change = dict[str, Any]
#: Why an entry that has left its file is withdrawn: so is it known that no one decided it.
ABSENT: Final = "Absente du dernier envoi de son jeu de données."
_COMMON: Final = (
    "summary", "contact", "waiting_weeks", "capacity", "available", "available_unit",
    "available_until", "generalist", "state", "source_detail", "vintage", "checked_on",
)  # fmt: skip
#: Fields of ours that a line may set, as they are.
OFFER: Final = (
    "title", "description", "kind", "level", "perimeter", "themes", "phases", "audiences",
    "population_min", "population_max", "population_kind", "labels_any", "cost", "cost_note",
    "words", "apply", "link", "opens", "closes", *_COMMON,
)  # fmt: skip
PROVIDER: Final = ("name", "full_name", "family", "level", "perimeter", "website", *_COMMON)
#: Fields that people must fill in before they publish an offer (`kept.missing_of_offer`).
_ASKED: Final = ("title", "summary", "themes", "phases", "perimeter", "apply", "contact")
_SETS: Final = frozenset(("perimeter", "themes", "phases", "audiences", "labels_any"))


def fields_of(kind: str) -> tuple[str, ...]:
    """Fields that the lines of an import may set."""
    return PROVIDER if kind == ImportKind.PROVIDERS else OFFER


def model_of(kind: str) -> type[Offer] | type[Provider]:
    """The table that the lines of an import go to."""
    return Provider if kind == ImportKind.PROVIDERS else Offer


def rate_of(row: Any) -> dict[str, Any]:
    """A figure as `Cleaned` writes it."""
    return {name: plain(getattr(row, name))
            for name in ("kind", "value", "unit", "base", "valid_from", "valid_to")}  # fmt: skip


def condition_of(row: Any) -> dict[str, Any]:
    """A condition as `Cleaned` writes it."""
    return {name: getattr(row, name) for name in ("audience", "cost", "note")}


@dataclass(slots=True)
class Verdict:
    """What a line would do; ``values`` is what is to be set, ``row`` the entry that is there."""

    action: str
    changes: list[Change] = field(default_factory=list)
    problems: list[dict[str, str]] = field(default_factory=list)
    warnings: list[dict[str, str]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    row: Any = None
    provider: Known | None = None

    @property
    def written(self) -> dict[str, Change]:
        """The changes that are made (those of fields corrected here are not), by field."""
        return {one["field"]: one for one in self.changes if not one.get("kept")}


class Judge:
    """Judges the lines of one import, batch by batch."""

    def __init__(self, parent: Import) -> None:
        if parent.dataset is None:
            raise ValueError("an import of entries goes into a dataset")
        self.parent = parent
        self.dataset = parent.dataset
        self.kind = parent.kind
        self.model = model_of(parent.kind)
        self.fields = fields_of(parent.kind)
        self.scope = Scope(parent)
        self.providers = Providers(self.dataset)
        #: Of a connector, nobody here can correct the file.
        self.published = self.model is Offer and self.dataset.kind == DatasetKind.FILE

    def verdicts(self, lines: Sequence[ImportLine], *, hold: bool = False) -> list[Verdict]:
        """What each line would do. `hold` locks the entries until the end of the transaction."""
        slugs = {line.pk: entry_slug(self.dataset.pk, line.key) for line in lines if line.key}
        rows = self.model.objects.filter(slug__in=slugs.values())
        if self.model is Offer:
            rows = rows.prefetch_related("rates", "conditions")
        if hold:
            rows = rows.select_for_update()
        present = {row.slug: row for row in rows}
        back = self._may_come_back([row for row in present.values() if row.withdrawn_at])
        return [self._verdict(line, present.get(slugs.get(line.pk, "")), back) for line in lines]

    def _may_come_back(self, withdrawn: list[Any]) -> set[int]:
        """Of entries that are withdrawn, those that an import has, because they were absent."""
        if not withdrawn:
            return set()
        name = "offer_id" if self.model is Offer else "provider_id"
        said = Revision.objects.filter(
            **{f"{name}__in": [row.pk for row in withdrawn]},
            verb__in=(Verb.WITHDRAWN, Verb.PUT_BACK),
        )
        if self.model is Provider:
            said = said.filter(offer=None)
        last = dict(said.order_by("id").values_list(name, "reason"))
        return {pk for pk, reason in last.items() if reason == ABSENT}

    def _verdict(self, line: ImportLine, row: Any, back: set[int]) -> Verdict:
        if line.problems:
            return self._refused(line)
        found = Verdict(Action.NEW, row=row, values=dict(line.cleaned))
        if row is not None and not self._is_ours(row, line.key):
            _problem(found, "id", "une fiche d'un autre jeu de données a déjà cette adresse dans "
                     "Maillage : changez l'identifiant, ou celui du jeu de données.")  # fmt: skip
        self._settle(found)
        if found.problems:
            found.action = Action.REFUSED
        elif row is not None:
            self._compare(found, row, line.key, row.pk in back)
        seen = row is None or row.publication == Publication.PUBLISHED if self.published else False
        if seen and found.action in (Action.NEW, Action.CHANGED):
            self._warn_of_lacks(found, row)
        return found

    def _warn_of_lacks(self, found: Verdict, row: Any) -> None:
        """Say what an offer will lack: a file publishes it as it is, unlike people here."""
        kept_here = row.curated if row is not None else ()
        said = {name: getattr(row, name, "") for name in _ASKED} | {
            name: found.values[name]
            for name in _ASKED
            if name in found.values and name not in kept_here
        }
        lacking = missing_of_offer(SimpleNamespace(**said))
        if lacking:
            _warn(found, "", f"sera publiée incomplète : il manque "
                  f"{' ; '.join(one.label for one in lacking)}.")  # fmt: skip

    def _refused(self, line: ImportLine) -> Verdict:
        """A line already known to be wrong: its provider is looked for all the same, so that all
        there is to correct is said at once.
        """
        found = Verdict(Action.REFUSED)
        said = line.cleaned.get("provider")
        if said and not any(one["field"] in ("", "perimetre") for one in line.problems):
            known, why = self.providers.find(said, line.cleaned.get("perimeter") or [])
            if known is None:
                _problem(found, "offreur", why)
        return found

    def _is_ours(self, row: Any, key: str) -> bool:
        # A provider made from the lines of offers has no identifier of its own yet.
        return row.dataset_id == self.dataset.pk and row.external_id in (key, "")

    def _settle(self, found: Verdict) -> None:
        """Complete what the line leaves to its provider or its perimeter, and check its place."""
        values = found.values
        said = values.pop("provider", None)
        perimeter = values.get("perimeter") or []
        if self.model is Offer and (said or found.row is None):
            if not said:
                _problem(
                    found, "offreur", "« offreur » est vide : écrivez qui propose cette fiche."
                )
                return
            found.provider, why = self.providers.find(said, perimeter)
            if found.provider is None:
                _problem(found, "offreur", why)
                return
            self._check_provider(found, found.provider)
            perimeter = perimeter or found.provider.perimeter
        if "perimeter" in values or found.row is None:
            values["perimeter"] = perimeter
            self._must(found, "perimetre", self.scope.of_perimeter(perimeter))
        if found.row is None and not values.get("level"):
            known = found.provider
            values["level"] = known.level if known else level_of(perimeter)

    def _check_provider(self, found: Verdict, known: Known) -> None:
        self._must(found, "offreur", self.scope.of_provider(known.slug, known.name))
        if known.gone:
            _warn(found, "offreur", f"« {known.name} » est retiré du catalogue : cette fiche ne "
                  "sera pas proposée tant qu'il l'est.")  # fmt: skip
        if not known.pk:
            _warn(found, "offreur", f"la page de « {known.name} » sera créée.")
            self._must(found, "offreur", self.scope.of_perimeter(known.perimeter))

    def _must(self, found: Verdict, name: str, why: str) -> None:
        if why:
            _problem(found, name, why)

    def _compare(self, found: Verdict, row: Any, key: str, may_come_back: bool) -> None:
        """Fill the changes of a line whose entry is there."""
        wanted = {name: found.values[name] for name in self.fields if name in found.values}
        changes = []
        for name, new in wanted.items():
            old = plain(getattr(row, name))
            if name == "checked_on":
                # A confirmation only goes forward: the one made here may be the latest.
                if new is None or (old is not None and new <= old):
                    continue
            elif name in _SETS:
                if set(old) == set(new):
                    continue
            elif old == new:
                continue
            changes.append({"field": name, "old": old, "new": new})
        if self.model is Offer:
            changes += self._compare_children(found, row)
        if row.external_id == "":
            changes.append({"field": "external_id", "old": "", "new": key})
        for one in changes:
            one["kept"] = one["field"] in row.curated
        if row.withdrawn_at and may_come_back:
            changes.append({"field": "withdrawn_at", "old": plain(row.withdrawn_at), "new": None,
                            "kept": False})  # fmt: skip
        elif row.withdrawn_at:
            _warn(
                found, "", "cette fiche a été retirée du catalogue par quelqu'un : elle le reste."
            )
        found.changes = changes
        found.action = Action.CHANGED if found.written else Action.SAME

    def _compare_children(self, found: Verdict, row: Offer) -> Iterable[Change]:
        if found.provider and found.provider.pk != row.provider_id:
            before = self.providers.name_of(row.provider_id)
            yield {"field": "provider", "old": before, "new": found.provider.name}
        held = (
            ("rates", sorted(map(rate_of, row.rates.all()), key=_rank)),
            ("conditions", sorted(map(condition_of, row.conditions.all()), key=_rank)),
        )
        for name, old in held:
            if name in found.values and old != sorted(found.values[name], key=_rank):
                yield {"field": name, "old": old, "new": found.values[name]}


def _rank(one: dict[str, Any]) -> list[str]:
    return [str(part) for part in one.values()]


def _problem(found: Verdict, name: str, message: str) -> None:
    found.problems.append({"field": name, "message": message})


def _warn(found: Verdict, name: str, message: str) -> None:
    found.warnings.append({"field": name, "message": message})


def gone(parent: Import) -> Any:
    """Entries of the dataset that the file no longer has, and that are still in the catalogue."""
    keys = ImportLine.objects.filter(parent=parent).exclude(number=0).values("key")
    rows = model_of(parent.kind).objects.filter(dataset_id=parent.dataset_id, withdrawn_at=None)
    return rows.exclude(external_id="").exclude(external_id__in=keys).order_by("id")


def in_force(parent: Import) -> int:
    """How many entries of the dataset are in the catalogue."""
    rows = model_of(parent.kind).objects.filter(dataset_id=parent.dataset_id, withdrawn_at=None)
    return rows.exclude(external_id="").count()


class NamedJudge:
    """Judges the lines that go to a named catalogue: they replace those that are there."""

    def __init__(self, parent: Import) -> None:
        self.parent = parent

    def rows(self) -> Any:
        """What is there now."""
        return NamedEntry.objects.filter(catalogue_id=self.parent.named_id, kind=self.parent.kind)

    def verdicts(self, lines: Sequence[ImportLine], *, hold: bool = False) -> list[Verdict]:
        """What each line would do."""
        there = dict(
            self.rows().filter(key__in=[line.key for line in lines]).values_list("key", "data")
        )
        return [self._verdict(line, there.get(line.key)) for line in lines]

    def _verdict(self, line: ImportLine, old: dict[str, Any] | None) -> Verdict:
        if line.problems:
            return Verdict(Action.REFUSED)
        new = {**line.cleaned, "id": line.key}
        if old is None:
            return Verdict(Action.NEW, values=new)
        changes = [
            {"field": name, "old": old.get(name), "new": new.get(name), "kept": False}
            for name in sorted(old.keys() | new.keys())
            if old.get(name) != new.get(name)
        ]
        return Verdict(Action.CHANGED if changes else Action.SAME, changes, values=new)

    def gone(self) -> Any:
        """Entries that the file no longer has."""
        keys = ImportLine.objects.filter(parent=self.parent).exclude(number=0).values("key")
        return self.rows().filter(~Q(key__in=keys)).order_by("id")
