"""What is asked of « qui fait quoi »: what is counted, of whom; and the naming of a lead."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.timezone import localdate

from maillage.catalog.enums import FAMILIES, LEVEL_BY_CODE
from maillage.catalog.matrix.reading import NATURES
from maillage.catalog.providers import ProviderLine
from maillage.common.forms import Day, SiteForm
from maillage.engine.matrix import Cell
from maillage.engine.vocabulary import LEVEL_LABELS, Family

#: What is counted, as people choose it.
NATURE_LABELS: Final = {
    "ingenierie": "Aide humaine (ingénierie)",
    "financement": "Argent (financement)",
    "tout": "Les deux",
}
USUAL: Final = "ingenierie"
#: The same choice in the list of offers.
_IN_THE_LIST: Final = {"ingenierie": "engineering", "financement": "funding", "tout": ""}


@dataclass(frozen=True, slots=True)
class MatrixFilters:
    """What is counted, and the families that are shown (all when none is chosen)."""

    nature: str = USUAL
    families: tuple[Family, ...] = ()

    @classmethod
    def read(cls, data: QueryDict) -> "MatrixFilters":
        """Read the parameters of a GET; what is not known is dropped."""
        nature, asked = data.get("nature", USUAL), set(data.getlist("famille"))
        return cls(
            nature=nature if nature in NATURES else USUAL,
            families=tuple(family for family in Family if family.value in asked),
        )

    @property
    def query(self) -> str:
        """Query string of these filters, « ? » included; "" when all is usual."""
        return _query([("nature", self.nature)] if self.nature != USUAL else [], self.families)

    @property
    def in_the_list(self) -> list[tuple[str, str]]:
        """The same filters as parameters of the list of offers."""
        nature = _IN_THE_LIST[self.nature]
        return [*([("nature", nature)] if nature else []), *_families(self.families)]

    @property
    def counts_operators(self) -> bool:
        """The State operators are among those that are shown."""
        return not self.families or Family.STATE_OPERATOR in self.families


def _families(families: Iterable[Family]) -> list[tuple[str, str]]:
    return [("famille", family.value) for family in families]


def _query(pairs: list[tuple[str, str]], families: Iterable[Family]) -> str:
    text = urlencode([*pairs, *_families(families)])
    return f"?{text}" if text else ""


FAMILY_CHOICES: Final = FAMILIES


# -- A lead


class LeadForm(SiteForm):
    """The provider that a committee chose for a cell, by whom, when, and in what sense."""

    provider = forms.ChoiceField(
        label="Chef de file",
        help_text="D'abord ceux qui disent agir dans cette case, puis les autres, du plus proche "
        "au plus lointain.",
        error_messages={
            "required": "Choisissez l'organisme.",
            "invalid_choice": "Cet organisme n'est plus au catalogue : choisissez-en un autre.",
        },
    )
    decided_by = forms.CharField(
        label="Décidé par", max_length=200,
        help_text="Le comité, sans nom de personne : « CLCT de la Dordogne ».",
        error_messages={"required": "Dites quel comité l'a décidé."},
    )  # fmt: skip
    decided_on = Day(label="Le", error_messages={"required": "Dites la date de la décision."})
    note = forms.CharField(
        label="Précision", required=False, max_length=1000, widget=forms.Textarea,
        help_text="Par exemple : ce qu'il fait, ce qu'il confie à d'autres. Tout le monde la lira.",
    )  # fmt: skip

    def __init__(
        self, *args: Any, cell: Cell, providers: Sequence[ProviderLine], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["provider"].choices = [("", "Choisir…"), *_choices(cell, providers)]

    def clean_decided_on(self) -> date:
        """A decision is in the past."""
        return _not_later(self.cleaned_data["decided_on"])


class EndForm(SiteForm):
    """Until when a lead was in force."""

    ended_on = Day(label="Il n'est plus chef de file depuis le",
                   error_messages={"required": "Dites depuis quelle date."})  # fmt: skip

    def clean_ended_on(self) -> date:
        """Said once it is so."""
        return _not_later(self.cleaned_data["ended_on"])


def _not_later(day: date) -> date:
    if day > localdate():
        raise forms.ValidationError("Cette date n'est pas encore arrivée. Vérifiez-la.")
    return day


def _choices(
    cell: Cell, providers: Sequence[ProviderLine]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups of (identifier, name): those of the cell, then the others, by level."""
    here = [(one.provider, one.name) for one in cell.presences]
    known = {identifier for identifier, _ in here}
    groups = [("Disent agir dans cette case", here)] if here else []
    for code, level in LEVEL_BY_CODE.items():
        others = [(p.slug, p.name) for p in providers if p.level == code and p.slug not in known]
        if others:
            groups.append((LEVEL_LABELS[level], others))
    return groups
