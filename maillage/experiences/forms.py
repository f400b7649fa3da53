"""Form of the administration of an experience."""

from typing import Any

from django import forms

from maillage.experiences.enums import PRINCIPLES, Certainty
from maillage.experiences.models import Experience


def _principle(code: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=PRINCIPLES[code], choices=Certainty.choices, initial=Certainty.UNKNOWN
    )


class ExperienceForm(forms.ModelForm):
    """An experience; each principle is a choice of its own."""

    principle_cooperation = _principle("cooperation")
    principle_participation = _principle("participation")
    principle_numerique = _principle("numerique")
    principle_resilience = _principle("resilience")
    principle_communs = _principle("communs")

    class Meta:
        model = Experience
        exclude = ("principles", "origin")  # noqa: DJ006 - every other field is for the editor

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, certainty in self.instance.principles.items():
            self.initial[f"principle_{code}"] = certainty

    def save(self, commit: bool = True) -> Experience:
        """Put the principles back together."""
        self.instance.principles = {
            code: self.cleaned_data[f"principle_{code}"] for code in PRINCIPLES
        }
        return super().save(commit)
