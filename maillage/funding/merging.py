"""Two people changed the same plan: what each of them changed, put together field by field.

Three versions are compared: the one from which both began, the present one (*theirs*), and what was
typed (*mine*). What only one of them changed is as they left it; what both changed is as it was
typed, and said, so that the person decides.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import chain, count
from typing import Any, Final, TypeVar

from maillage.engine.funding.types import CostLine
from maillage.engine.funding.words import short
from maillage.funding.document import TERRITORY, PlanDocument, Source
from maillage.funding.fieldwords import WORDS, value_said
from maillage.funding.source import among, renamed

L = TypeVar("L", CostLine, Source)
#: Fields that mean something only together: they are taken from the same person.
_TOGETHER: Final = (
    ("net", "gross"), ("paid", "paid_on", "payments"), ("kind", "name", "department"),
)  # fmt: skip
_AROUND: Final = ("date", "in_net", "economic", "own_most", "total")


@dataclass(frozen=True, slots=True)
class Merged:
    """The plan with the changes of both; ``kept``: what the other changed, and stays; ``asked``:
    what both changed, where the plan holds what was typed. Sentences, in French.
    """

    document: PlanDocument
    kept: tuple[str, ...]
    asked: tuple[str, ...]


def merge(
    base: PlanDocument | None, theirs: PlanDocument, mine: PlanDocument, untouched: PlanDocument
) -> Merged:
    """The present plan (`theirs`) with what was changed in `mine`, both made from `base`; without
    it, all that differs is asked, and no line is lost. `untouched` is what the form of `base` says
    when nothing is typed in it: what a form cannot say is no change.
    """
    merger = _Merger(base, theirs, mine, untouched)
    made = merger.document()
    return Merged(made, tuple(merger.kept), tuple(merger.asked))


@dataclass
class _Merger:
    base: PlanDocument | None
    theirs: PlanDocument
    mine: PlanDocument
    untouched: PlanDocument
    kept: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def document(self) -> PlanDocument:
        """The plan of both."""
        base, theirs, untouched = self.base, self.theirs, self.untouched
        mine = self._apart(self.mine)
        self.names = _labels(base, theirs, mine)
        costs = self._lines(base.costs if base else None, theirs.costs, mine.costs, untouched.costs)
        resources = self._lines(
            base.resources if base else None, theirs.resources, mine.resources,
            untouched.resources,
        )  # fmt: skip
        known = {line.id for line in costs}
        whose: list[str] = []
        bearer = self._fields(
            "Le porteur", base.bearer if base else None, theirs.bearer, mine.bearer,
            untouched.bearer, whose,
        )  # fmt: skip
        around = {
            name: getattr(one, name)
            for one, name in self._chosen("Le plan", base, theirs, mine, untouched, _AROUND)
        }
        return replace(
            theirs, bearer=bearer, costs=costs, notes=self._notes(mine, "name" in whose),
            resources=among(self._tied(one, known) for one in resources), **around,
        )  # fmt: skip

    # -- Lines

    def _apart(self, mine: PlanDocument) -> PlanDocument:
        """What was typed, where a new line does not have the identifier of a new line of theirs."""
        if self.base is None:
            return mine
        costs = _renamed("c", self.base.costs, self.theirs.costs, mine.costs)
        resources = _renamed("r", self.base.resources, self.theirs.resources, mine.resources)
        return replace(
            mine,
            costs=tuple(replace(one, id=costs.get(one.id, one.id)) for one in mine.costs),
            resources=tuple(
                replace(one, lines=tuple(costs.get(x, x) for x in one.lines))
                for one in renamed(mine.resources, resources)
            ),
        )  # fmt: skip

    def _lines(
        self, base: Sequence[L] | None, theirs: Sequence[L], mine: Sequence[L],
        untouched: Sequence[L],
    ) -> tuple[L, ...]:  # fmt: skip
        before, now, typed, blank = (
            {one.id: one for one in lines} for lines in (base or (), theirs, mine, untouched)
        )
        made: dict[str, L] = {}
        for name in _order(before, now, typed):
            former, other, own = before.get(name), now.get(name), typed.get(name)
            label = _called(own or other)
            if other is not None and own is not None:
                made[name] = self._fields(label, former, other, own, blank.get(name, former))
            elif other is not None:  # it is not in what was typed
                if base is None or former is None:
                    self.kept.append(f"{label} : ajoutée")
                elif name in blank and other != former:
                    self.asked.append(
                        f"{label} : vous l'avez retirée, mais elle a changé depuis ; elle est "
                        "gardée. Retirez-la à nouveau si c'est bien ce que vous voulez"
                    )
                elif name in blank:
                    continue
                made[name] = other
            elif own is not None:  # it is in what was typed only
                if former is not None and own == blank.get(name, former):
                    self.kept.append(f"{label} : retirée")
                    continue
                if former is not None:
                    self.asked.append(
                        f"{label} : quelqu'un l'a retirée, mais vous l'avez changée ; elle est "
                        "gardée. Retirez-la si c'est ce qu'il faut"
                    )
                made[name] = own
        return tuple(made.values())

    def _tied(self, one: Source, known: set[str]) -> Source:
        """A resource, tied to costs that are still there."""
        left = tuple(name for name in one.lines if name in known)
        if one.lines and not left:
            self.asked.append(
                f"{_called(one)} : les dépenses qu'elle payait sont retirées, elle peut maintenant "
                "payer toutes les autres"
            )
        return one if left == one.lines else replace(one, lines=left)

    # -- Fields

    def _fields(
        self, label: str, base: Any, theirs: Any, mine: Any, untouched: Any,
        whose: list[str] | None = None,
    ) -> Any:  # fmt: skip
        """A line or the bearer, its fields from one or the other; `whose` notes mine."""
        names = [one.name for one in fields(theirs) if one.name != "id"]
        chosen = self._chosen(label, base, theirs, mine, untouched, names)
        taken = {name: getattr(one, name) for one, name in chosen if one is mine}
        if whose is not None:
            whose += taken
        return replace(theirs, **taken) if taken else theirs

    def _chosen(
        self, label: str, base: Any, theirs: Any, mine: Any, untouched: Any, names: Iterable[str]
    ) -> Iterator[tuple[Any, str]]:
        """Each field with who says it: theirs, or mine."""
        for group in _grouped(names):
            if _same(group, theirs, mine):
                chosen = theirs
            elif untouched is not None and base is not None and _same(group, mine, untouched):
                chosen = theirs
                self._note(self.kept, label, group, base, theirs)
            elif base is not None and _same(group, theirs, base):
                chosen = mine
            else:
                chosen = mine
                self._ask(label, group, theirs, mine)
            for name in group:
                yield chosen, name

    def _note(
        self, noted: list[str], label: str, group: Sequence[str], before: Any, after: Any
    ) -> None:
        for name in group:
            was, now = getattr(before, name), getattr(after, name)
            if was != now:
                noted.append(
                    f"{label}, {WORDS.get(name, 'détails')} : {self._said(name, now)} (avant : "
                    f"{self._said(name, was)})"
                )

    def _ask(self, label: str, group: Sequence[str], theirs: Any, mine: Any) -> None:
        for name in group:
            other, own = getattr(theirs, name), getattr(mine, name)
            if other != own:
                self.asked.append(
                    f"{label}, {WORDS.get(name, 'détails')} : {self._said(name, own)} dans votre "
                    f"saisie, {self._said(name, other)} dans le plan"
                )

    def _said(self, name: str, value: Any) -> str:
        return value_said(name, value, self.names)

    def _notes(self, mine: PlanDocument, my_place: bool) -> dict[str, str]:
        """The notes of both; the code of the place goes with its name."""
        before = self.base.notes if self.base else {}
        made = {**self.theirs.notes}
        for name in {**before, **mine.notes}:
            own, blank = mine.notes.get(name), self.untouched.notes.get(name)
            if own != blank and name != TERRITORY:
                made[name] = own or ""
        if my_place or not made.get(TERRITORY):
            made[TERRITORY] = mine.notes.get(TERRITORY, "")
        return {name: said for name, said in made.items() if said}


def _same(names: Sequence[str], one: Any, other: Any) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _grouped(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Fields by those that go together."""
    groups = {name: group for group in _TOGETHER for name in group}
    held = tuple(names)
    return list(dict.fromkeys(
        group if set(group := groups.get(name, (name,))) <= set(held) else (name,) for name in held
    ))  # fmt: skip


def _called(one: CostLine | Source | None) -> str:
    return f"« {short(one.label, 60) if one and one.label else 'ligne sans nom'} »"


def _labels(*documents: PlanDocument | None) -> Mapping[str, str]:
    """The labels of lines by identifier, the last document first."""
    held = [one for one in documents if one is not None]
    return {line.id: line.label for one in held for line in chain(one.resources, one.costs)}


def _order(
    before: Mapping[str, Any], now: Mapping[str, Any], typed: Mapping[str, Any]
) -> list[str]:
    """The identifiers as they were typed when they were moved, else as the plan has them; those
    that only one has come where they stand in it.
    """
    both = [name for name in typed if name in before]
    moved = both != [name for name in before if name in typed]
    first, then = (typed, now) if moved else (now, typed)
    made = list(first)
    for place, name in enumerate(then):
        if name not in first:
            previous = next((x for x in reversed(list(then)[:place]) if x in made), None)
            made.insert(made.index(previous) + 1 if previous is not None else 0, name)
    return made


def _renamed(
    kind: str, base: Sequence[L], theirs: Sequence[L], mine: Sequence[L]
) -> dict[str, str]:
    """New identifiers for the new lines of mine that have that of another new line of theirs."""
    before = {one.id for one in base}
    new = {one.id: one for one in theirs if one.id not in before}
    taken = before | set(new) | {one.id for one in mine}
    free = (name for number in count(1) if (name := f"{kind}{number}") not in taken)
    return {
        one.id: next(free)
        for one in mine
        if one.id in new and one != new[one.id]
    }  # fmt: skip
