"""What is said of a project."""

from collections.abc import Iterable
from typing import Any, Final

from django import forms

from maillage.accounts.models import Organisation
from maillage.common.forms import Day, Euros, SiteForm
from maillage.common.templatetags.maillage import euros
from maillage.engine.vocabulary import PHASES, THEMES
from maillage.projects.enums import ProjectState
from maillage.projects.models import Project

LONGEST_NEED: Final = 4_000
#: Before this year a date is a slip: plans do not take it either.
OLDEST: Final = 2000
#: Fields of a project that a form gives.
FIELDS: Final = ("name", "need", "phase", "state", "budget", "starts_on", "ends_on", "themes")


NAME_HINT: Final = "Comme vous en parlez : « Rouvrir le café dans l'ancienne école »."
NO_NAME: Final = "Donnez un nom au projet : vous le retrouverez ainsi."


class ForABody(SiteForm):
    """A form in the name of one of the `bodies`: which one is asked when they are several."""

    owner = forms.ChoiceField(label="Pour qui ?")

    def __init__(self, *args: Any, bodies: Iterable[Organisation] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bodies = {str(body.pk): body for body in bodies}
        if len(self.bodies) < 2:
            del self.fields["owner"]
        else:
            self.fields["owner"].choices = [(pk, str(body)) for pk, body in self.bodies.items()]

    @property
    def carried_by(self) -> Organisation:
        """The body that was chosen, or the only one."""
        return self.bodies[self.cleaned_data.get("owner") or next(iter(self.bodies))]


class ProjectForm(ForABody):
    """A project: its name is all that must be said."""

    name = forms.CharField(
        label="Le nom du projet", max_length=200, help_text=NAME_HINT,
        error_messages={"required": NO_NAME},
    )  # fmt: skip
    need = forms.CharField(
        label="Ce que vous voulez faire", required=False, max_length=LONGEST_NEED,
        widget=forms.Textarea, help_text="Avec vos mots. Les aides possibles en sont déduites.",
    )  # fmt: skip
    state = forms.ChoiceField(label="Où en est-il ?", choices=ProjectState.choices)
    phase = forms.ChoiceField(label="L'étape qui vient", choices=list(PHASES.items()))
    budget = Euros(label="Budget estimé, hors taxes", required=False, max_length=60)
    starts_on = Day(label="Début souhaité", required=False)
    ends_on = Day(label="Fin souhaitée", required=False)
    themes = forms.MultipleChoiceField(
        label="De quoi s'agit-il ?", required=False, choices=list(THEMES.items()),
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def __init__(self, *args: Any, project: Project | None = None, **kwargs: Any) -> None:
        if project is not None:
            held = {name: getattr(project, name) for name in FIELDS}
            kwargs["initial"] = {**held, "budget": euros(project.budget)}
        else:
            kwargs.setdefault("initial", {"state": ProjectState.IDEA, "phase": "faisabilite"})
        super().__init__(*args, **kwargs)

    def clean_name(self) -> str:
        """On one line."""
        return " ".join(self.cleaned_data["name"].split())

    def clean(self) -> dict[str, Any]:
        """The end comes after the start, and both in years that a plan may have."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = said.get("starts_on"), said.get("ends_on")
        if start and end and end < start:
            self.add_error("ends_on", "La fin vient avant le début : vérifiez les deux dates.")
        for name in ("starts_on", "ends_on"):
            day = said.get(name)
            if day and day.year < OLDEST:
                self.add_error(
                    name, f"{self.fields[name].label} : l'année {day.year} n'est pas possible, "
                    "vérifiez-la.",
                )  # fmt: skip
        return said

    @property
    def said(self) -> dict[str, Any]:
        """Fields of the project."""
        return {name: self.cleaned_data[name] for name in FIELDS}
