"""Forms of the CLCT: the meeting, and what was typed of its agenda and minutes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django import forms
from django.http import QueryDict

from maillage.common.forms import Day, SiteForm
from maillage.desk.models import AgendaItem

LONGEST_TASK: Final = 250


class SessionForm(SiteForm):
    """When and where a meeting is held."""

    held_on = Day(
        label="Date de la séance",
        error_messages={"required": "Donnez la date de la séance."},
    )
    place = forms.CharField(
        label="Lieu",
        max_length=200,
        required=False,
        help_text="Par exemple : « Préfecture, salle Aliénor, 14 h ».",
    )


class MinutesForm(SiteForm):
    """What is said of the whole meeting."""

    present = forms.CharField(
        label="Présents et excusés",
        max_length=4000,
        required=False,
        help_text="Un nom par ligne, avec l'organisme.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    minutes = forms.CharField(
        label="Notes générales",
        max_length=10000,
        required=False,
        help_text="Ce qui ne tient à aucune demande. Les mairies ne le lisent pas.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )


@dataclass(slots=True)
class AgendaInput:
    """What an agent has done of the agenda, read from the form: nothing is lost when it is shown
    again. Keys of requests; ``order`` holds those on the agenda, ``kept`` those still ticked.
    """

    order: list[UUID] = field(default_factory=list)
    kept: set[UUID] = field(default_factory=set)
    proposed: set[UUID] = field(default_factory=set)
    found: set[UUID] = field(default_factory=set)
    text: str = ""

    @classmethod
    def read(cls, data: QueryDict) -> "AgendaInput":
        """Read a posted agenda; what is not a key is dropped."""
        return cls(
            order=_keys(data.getlist("point")),
            kept=set(_keys(data.getlist("garde"))),
            proposed=set(_keys(data.getlist("propose"))),
            found=set(_keys(data.getlist("ajoute"))),
            text=" ".join(data.get("q", "").replace("\x00", " ").split())[:200],
        )

    def moved(self, pk: str, step: int) -> None:
        """Move the item `pk` up (-1) or down (1) among those that are kept."""
        kept = [one for one in self.order if one in self.kept]
        index = next((n for n, one in enumerate(kept) if str(one) == pk), None)
        if index is not None and 0 <= index + step < len(kept):
            kept[index], kept[index + step] = kept[index + step], kept[index]
        self.order = [*kept, *(one for one in self.order if one not in self.kept)]

    def chosen(self, proposals: Sequence[UUID]) -> list[UUID]:
        """The agenda as asked for: what is kept in order, then what is added."""
        added = [pk for pk in proposals if pk in self.proposed]
        added += sorted(self.found - set(added), key=str)
        return [*(pk for pk in self.order if pk in self.kept), *added]


@dataclass(frozen=True, slots=True)
class ItemInput:
    """What is typed of an item of the minutes; ``theirs`` is what someone else saved meanwhile."""

    item: AgendaItem
    decision: str
    task: str
    theirs: str = ""


def read_items(data: QueryDict, items: Iterable[AgendaItem]) -> dict[int, tuple[str, str]]:
    """Decision and task typed of each item that the form held."""
    return {
        item.pk: (
            _plain(data[f"decision-{item.pk}"]),
            _plain(data.get(f"task-{item.pk}", ""))[:LONGEST_TASK],
        )
        for item in items
        if f"decision-{item.pk}" in data
    }


def _plain(text: str) -> str:
    return text.replace("\x00", "").replace("\r\n", "\n")


def _keys(texts: Iterable[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
