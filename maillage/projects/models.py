"""A commune's project. Everything that hangs from it is reached through `visible_to`."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from maillage.accounts.enums import Role
from maillage.accounts.models import Organisation, User
from maillage.common.models import Dated, codes
from maillage.engine.text import fold, words
from maillage.engine.vocabulary import PHASES, THEMES
from maillage.projects.enums import ProjectState

#: Roles of a body with which a project is shared that may work on it.
SHARED_ROLES = (Role.AGENT, Role.DELEGATE, Role.DEPUTY)


class ProjectQuerySet(models.QuerySet["Project"]):
    """Projects, by who may see them."""

    def visible_to(self, user: User) -> "ProjectQuerySet":
        """Those of the bodies for which this person acts as applicant, and those shared with the
        desk for which they work. Nobody else: a project is private.
        """
        if not user.is_authenticated:
            return self.none()
        own = [body.pk for body in user.bodies(Role.APPLICANT)]
        shared = [body.pk for body in user.bodies(*SHARED_ROLES)]
        kept = Q(owner__in=own) | Q(shared_with__in=shared)
        return self.filter(pk__in=self.model.objects.filter(kept).values("pk"))

    def telling(self, text: str) -> "ProjectQuerySet":
        """Those whose name, need or owner hold every word of `text`, whatever its accents (a person
        has few of them: they are read one by one).
        """
        wanted = words(text)
        if not wanted:
            return self
        said = self.values_list("pk", "name", "need", "owner__name")
        held = [
            pk for pk, *texts in said.iterator()
            if all(word in fold(" ".join(texts)) for word in wanted)
        ]  # fmt: skip
        return self.filter(pk__in=held)


class Project(Dated):
    """What a commune (or another body) wants to do. ``territory`` is a territory key."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField("nom du projet", max_length=200)
    owner = models.ForeignKey(
        Organisation, models.PROTECT, related_name="projects", verbose_name="porté par"
    )
    territory = models.CharField("territoire", max_length=40)
    need = models.TextField("le besoin, avec vos mots", blank=True)
    themes = codes("thèmes", list(THEMES.items()))
    phase = models.CharField(
        "étape", max_length=20, choices=list(PHASES.items()), default="faisabilite"
    )
    state = models.CharField("état", max_length=10, choices=ProjectState, default=ProjectState.IDEA)
    budget = models.DecimalField(
        "budget estimé (€ HT)", max_digits=14, decimal_places=2, null=True, blank=True
    )
    starts_on = models.DateField("début souhaité", null=True, blank=True)
    ends_on = models.DateField("fin souhaitée", null=True, blank=True)
    #: Bodies (a préfecture) whose desk may read it and work on it.
    shared_with = models.ManyToManyField(
        Organisation, blank=True, related_name="shared_projects", verbose_name="partagé avec"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+",
        verbose_name="créé par",
    )  # fmt: skip

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = "projet"
        ordering = ("-updated_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None)
                | Q(ends_on__gte=models.F("starts_on")),
                name="project_ends_after_it_starts",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> str | None:
        """Code of its commune or EPCI; ``None`` for another territory (a département…)."""
        kind, _, code = self.territory.partition(":")
        return code if kind in ("com", "epci") else None

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("projects:project", args=[self.pk])
