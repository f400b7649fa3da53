"""Financing plans (a document by version, so that nothing is lost), what is attached to their
lines, vintages of rules.
"""

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import now

from maillage.accounts.models import User
from maillage.common.models import Dated
from maillage.funding.enums import BodyKind, Paper, RuleState
from maillage.projects.models import Project


class RuleVintage(Dated):
    """A vintage of a rule written here by the staff: it adds to the shipped ones, and wins over
    them on the days that it says. Same fields as in ``maillage/data/rules``.
    """

    rule = models.SlugField("règle", max_length=60)
    title = models.CharField("titre", max_length=200)
    sentence = models.TextField("ce qu'elle dit")
    scope = models.TextField("à qui elle s'applique")
    parameters = models.JSONField("nombres", default=dict, blank=True)
    valid_from = models.DateField("à partir du", null=True, blank=True)
    valid_to = models.DateField("jusqu'au", null=True, blank=True)
    reference = models.CharField("texte de loi", max_length=300)
    source = models.CharField("où cela a été lu", max_length=300)
    state = models.CharField("état", max_length=10, choices=RuleState, default=RuleState.TO_CONFIRM)
    active = models.BooleanField("appliquée", default=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+",
        verbose_name="écrite par",
    )  # fmt: skip

    class Meta:
        verbose_name = "millésime d'une règle"
        verbose_name_plural = "millésimes des règles"
        ordering = ("rule", "-valid_from")

    def __str__(self) -> str:
        return self.title


class PlanQuerySet(models.QuerySet["Plan"]):
    """Plans, by who may see them: those of the projects that they may see."""

    def visible_to(self, user: User) -> "PlanQuerySet":
        """Plans of the projects that this person may see."""
        return self.filter(project__in=Project.objects.visible_to(user))


class Plan(Dated):
    """A financing plan of a project. What it holds is `content`, in the shape of
    `maillage.funding.document`; each change leaves the former one in `PlanRevision`.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    project = models.ForeignKey(
        Project, models.CASCADE, related_name="plans", verbose_name="projet"
    )
    name = models.CharField("nom", max_length=120)
    chosen = models.BooleanField("retenu", default=False)
    #: Made by a desk for the body that carries the project, which has not chosen it yet.
    proposed = models.BooleanField("proposé par un guichet", default=False)
    content = models.JSONField("contenu", default=dict)
    #: What was said of when costs are paid and aids come (`maillage.funding.cash.Choices`); empty
    #: for the usual ones. Beside the plan: checks and papers do not read it, no form carries it.
    cash = models.JSONField("échéancier de trésorerie", default=dict, blank=True)
    #: Number of the revision in force.
    version = models.PositiveIntegerField("version", default=1)
    #: Changed to close the private addresses of its calendar (`maillage.funding.feed`).
    calendar_turn = models.PositiveIntegerField("tour de l'agenda", default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+",
        verbose_name="créé par",
    )  # fmt: skip

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = "plan de financement"
        verbose_name_plural = "plans de financement"
        ordering = ("-chosen", "created_at")
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(chosen=True), name="one_chosen_plan_by_project"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("funding:plan", args=[self.pk])


class PlanRevision(models.Model):
    """What a plan held at one version, who wrote it, and what was done in words."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="revisions", verbose_name="plan")
    number = models.PositiveIntegerField("version")
    content = models.JSONField("contenu")
    cash = models.JSONField("échéancier de trésorerie", default=dict, blank=True)
    said = models.CharField("ce qui a été fait", max_length=300)
    at = models.DateTimeField("le", auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="par"
    )
    on_behalf_of = models.CharField("pour", max_length=200, blank=True)

    class Meta:
        verbose_name = "version d'un plan"
        verbose_name_plural = "versions d'un plan"
        ordering = ("-number",)
        constraints = [models.UniqueConstraint("plan", "number", name="one_revision_by_number")]

    def __str__(self) -> str:
        return f"{self.plan}, version {self.number}"


class PlanEvent(models.Model):
    """What was done with a plan that its content does not say (chosen, renamed…): no version is
    made of it, so that nobody who is editing the plan has to begin again.
    """

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="events", verbose_name="plan")
    said = models.CharField("ce qui a été fait", max_length=300)
    at = models.DateTimeField("le", default=now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="par"
    )
    on_behalf_of = models.CharField("pour", max_length=200, blank=True)

    class Meta:
        verbose_name = "fait de la vie d'un plan"
        verbose_name_plural = "faits de la vie des plans"
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return self.said


#: Folder of what is attached to plans, in the private storage.
FOLDER = "plans"


def attachment_path(attachment: "Attachment", name: str) -> str:
    """Where a document is kept: by plan, under a name that says nothing of it."""
    return f"{FOLDER}/{attachment.plan_id}/{attachment.sha256[:32]}"


def cascade_with_files(collector: Any, field: Any, attachments: Any, using: str) -> None:
    """Erase documents with their plan; files that no other plan names leave the disk once that is
    done for good. On the key itself: a plan also goes with its project.
    """
    names = [name for name in attachments.values_list("file", flat=True) if name]
    models.CASCADE(collector, field, attachments, using)
    erase_files(names)


def erase_files(names: list[str]) -> None:
    """Erase, when the transaction is done, those of these files that no document names."""

    def erase() -> None:
        kept = set(Attachment.objects.filter(file__in=names).values_list("file", flat=True))
        for name in set(names) - kept:
            Attachment._meta.get_field("file").storage.delete(name)

    transaction.on_commit(erase)


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    """Documents of plans."""

    def held(self) -> "AttachmentQuerySet":
        """Those that were not removed."""
        return self.filter(removed_at=None)


class Attachment(models.Model):
    """A document of a resource of a plan (a decision, a proof of payment…). `resource` is the
    identifier of the line, `line` its name on that day. Once removed, the file is erased and the
    row stays, to say who had added it and who removed it. Plans that were copied share a file.
    """

    plan = models.ForeignKey(
        Plan, cascade_with_files, related_name="attachments", verbose_name="plan"
    )
    resource = models.CharField("ligne", max_length=200)
    line = models.CharField("intitulé de la ligne", max_length=200)
    paper = models.CharField("nature", max_length=10, choices=Paper)
    file = models.FileField("fichier", upload_to=attachment_path, max_length=200, blank=True)
    name = models.CharField("nom", max_length=200)
    kind = models.CharField("format", max_length=10)
    size = models.PositiveIntegerField("taille (octets)")
    sha256 = models.CharField("empreinte", max_length=64)
    added_at = models.DateTimeField("ajoutée le", default=now)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+",
        verbose_name="ajoutée par",
    )  # fmt: skip
    on_behalf_of = models.CharField("pour", max_length=200, blank=True)
    removed_at = models.DateTimeField("retirée le", null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+",
        verbose_name="retirée par",
    )  # fmt: skip
    removed_for = models.CharField("retirée pour", max_length=200, blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = "pièce d'un plan"
        verbose_name_plural = "pièces des plans"
        ordering = ("added_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "resource", "sha256"], condition=Q(removed_at=None),
                name="one_copy_of_a_document_by_line",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class AccountsFile(models.Model):
    """The accounts of local bodies for one year, as imported: who published them, in which file.

    They feed the study of a fund at 1 ‰, and nothing else.
    """

    year = models.PositiveSmallIntegerField("exercice", unique=True)
    source = models.CharField("source", max_length=300)
    file_name = models.CharField("fichier", max_length=200)
    count = models.PositiveIntegerField("collectivités")
    imported_at = models.DateTimeField("importé le", auto_now=True)

    class Meta:
        verbose_name = "fichier de comptes locaux"
        verbose_name_plural = "fichiers de comptes locaux"
        ordering = ("-year",)

    def __str__(self) -> str:
        return f"Comptes {self.year}, {self.source}"


class LocalAccounts(models.Model):
    """What a local body spent on its investments in the year of `file`. `code`: COG code of a
    commune, département or région in force, SIREN of an EPCI. `wealth`: its potentiel financier
    by inhabitant, when the file says it.
    """

    file = models.ForeignKey(AccountsFile, models.CASCADE, related_name="lines")
    kind = models.CharField("nature", max_length=11, choices=BodyKind)
    code = models.CharField("code", max_length=9)
    investment = models.DecimalField("investissement (€)", max_digits=14, decimal_places=2)
    wealth = models.DecimalField(
        "potentiel financier (€ par habitant)", max_digits=9, decimal_places=2, null=True
    )

    class Meta:
        verbose_name = "comptes d'une collectivité"
        verbose_name_plural = "comptes des collectivités"
        constraints = [
            models.UniqueConstraint(
                fields=["file", "kind", "code"], name="accounts_once_by_body_and_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}"
