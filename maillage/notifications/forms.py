"""Forms of the area: the filters of its lists, the choice of a frequency."""

from dataclasses import dataclass
from typing import Final

from django import forms
from django.forms.boundfield import BoundWidget
from django.http import QueryDict

from maillage.notifications.enums import FREQUENCY_HINTS, Frequency

LONGEST_TEXT: Final = 300
#: The state by which one asks for unread messages only.
UNREAD: Final = "non-lus"


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of a list; "" when one is not set. Unknown values were dropped."""

    text: str = ""
    state: str = ""

    @classmethod
    def read(cls, data: QueryDict, *states: str) -> "Filters":
        """Read the parameters of a GET; `states` are the values that « etat » may take."""
        text = "".join(c if c.isprintable() else " " for c in data.get("q", "")[:LONGEST_TEXT])
        state = data.get("etat", "")
        return cls(text=" ".join(text.split()), state=state if state in states else "")


class FrequencyForm(forms.Form):
    """How often one wants mails."""

    frequency = forms.ChoiceField(
        label="Quand recevoir les courriels",
        choices=Frequency.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez l'une des quatre fréquences."},
    )

    @property
    def choices(self) -> list[tuple[BoundWidget, str]]:
        """Each radio button, and what it means."""
        hints = FREQUENCY_HINTS.values()
        return list(zip(self["frequency"].subwidgets, hints, strict=True))
