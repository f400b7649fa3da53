"""« Garder dans un projet »: in which one, or under which name."""

from typing import Any, Final

from django import forms

from maillage.engine.funding.types import BearerKind
from maillage.funding.document import TERRITORY, PlanDocument
from maillage.projects.forms import NAME_HINT, NO_NAME, ForABody
from maillage.projects.models import Project
from maillage.territories.directory import directory

NEW: Final = "nouveau"


class KeepForm(ForABody):
    """The project that takes a plan of the simulator: one that exists, or a new one."""

    field_order = ("project", "name", "owner")
    project = forms.ChoiceField(label="Dans quel projet ?", widget=forms.RadioSelect)
    name = forms.CharField(
        label="Le nom du nouveau projet", required=False, max_length=200,
        help_text=NAME_HINT,
    )  # fmt: skip

    def __init__(
        self, *args: Any, projects: list[Project], document: PlanDocument, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.document = document
        self.projects = {str(one.pk): one for one in projects}
        choices = [(pk, f"{one.name} ({one.owner})") for pk, one in self.projects.items()]
        if self.bodies:
            choices.append((NEW, "Un nouveau projet"))
        else:
            del self.fields["name"]
        self.fields["project"].choices = choices
        self.fields["project"].initial = NEW if self.bodies else None
        self.fields["project"].error_messages["required"] = "Choisissez un projet."
        if "owner" in self.fields:  # asked for a new project only
            self.fields["owner"].required = False

    def clean(self) -> dict[str, Any]:
        """A new project has a name; the plan of a place goes in no other's project."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("project") == NEW:
            said["name"] = " ".join(said.get("name", "").split())
            if not said["name"] and "name" not in self.errors:
                self.add_error("name", NO_NAME)
        if "project" in said and "owner" not in self.errors:
            self._check_place()
        return said

    def _check_place(self) -> None:
        """Refuse the plan of a commune or EPCI in the project of another."""
        found = directory().resolve(self.document.notes.get(TERRITORY, ""))
        project = self.chosen
        owner = project.owner if project else self.carried_by
        if found is None or self._is_of(found, (project or owner).territory):
            return
        what = f"« {project.name} » est porté par" if project else "un nouveau projet le serait par"
        self.add_error(
            "owner" if project is None and "owner" in self.fields else "project",
            f"Dans ce plan, le projet est porté par {directory().label(found)} ; {what} {owner}. "
            "Choisissez un autre projet, ou changez « Qui fait le projet » dans le simulateur.",
        )

    def _is_of(self, found: str, territory: str) -> bool:
        """Whether `territory` is this place; a syndicate has none, its plan says where it is."""
        kind, _, code = territory.partition(":")
        if kind in ("com", "epci"):
            return directory().resolve(code) == found
        return self.document.bearer.kind not in (BearerKind.COMMUNE, BearerKind.EPCI)

    @property
    def chosen(self) -> Project | None:
        """The project that takes the plan; ``None`` for a new one."""
        return self.projects.get(self.cleaned_data["project"])
