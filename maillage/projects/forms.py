"""What is said of a project."""

from typing import Any, Final

from django import forms

from maillage.common.forms import Day, Euros, SiteForm
from maillage.common.templatetags.maillage import euros
from maillage.engine.vocabulary import PHASES, THEMES
from maillage.projects.enums import ProjectState
from maillage.projects.models import Project

LONGEST_NEED: Final = 4_000
#: Fields of a project that a form gives.
FIELDS: Final = ("name", "need", "phase", "state", "budget", "starts_on", "ends_on", "themes")


class ProjectForm(SiteForm):
    """A project: its name is all that must be said."""

    owner = forms.ChoiceField(label="Pour qui ?")
    name = forms.CharField(
        label="Le nom du projet", max_length=200,
        help_text="Comme vous en parlez : « Rouvrir le café dans l'ancienne école ».",
        error_messages={"required": "Donnez un nom au projet : vous le retrouverez ainsi."},
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

    def __init__(self, *args: Any, bodies: Any = (), project: Project | None = None,
                 **kwargs: Any) -> None:  # fmt: skip
        if project is not None:
            held = {name: getattr(project, name) for name in FIELDS}
            kwargs["initial"] = {**held, "budget": euros(project.budget)}
        else:
            kwargs.setdefault("initial", {"state": ProjectState.IDEA, "phase": "faisabilite"})
        super().__init__(*args, **kwargs)
        self.bodies = {str(body.pk): body for body in bodies}
        if len(self.bodies) < 2:
            del self.fields["owner"]
        else:
            self.fields["owner"].choices = [(pk, str(body)) for pk, body in self.bodies.items()]

    def clean(self) -> dict[str, Any]:
        """The end comes after the start."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = said.get("starts_on"), said.get("ends_on")
        if start and end and end < start:
            self.add_error("ends_on", "La fin vient avant le début : vérifiez les deux dates.")
        return said

    @property
    def said(self) -> dict[str, Any]:
        """Fields of the project."""
        return {name: self.cleaned_data[name] for name in FIELDS}

    @property
    def carried_by(self) -> Any:
        """The body that carries it."""
        return self.bodies[self.cleaned_data.get("owner") or next(iter(self.bodies))]
