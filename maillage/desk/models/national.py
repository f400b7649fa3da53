"""The national branch: local offers examined, justification, convention d'appui opérationnel."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from maillage.common.models import Dated
from maillage.desk.enums import ConventionState, Ground, Verdict
from maillage.desk.models.exchanges import Attachment
from maillage.desk.models.requests import Request


class Examination(Dated):
    """A local offer that the desk examined for a request, and why it answers or not."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="examinations")
    offer = models.SlugField("offre du catalogue", max_length=100)
    title = models.CharField("intitulé", max_length=250)
    provider = models.CharField("organisme", max_length=200)
    level = models.CharField("échelon", max_length=20)
    verdict = models.CharField("conclusion", max_length=10, choices=Verdict)
    why = models.TextField("pourquoi")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+",
        verbose_name="examinée par",
    )  # fmt: skip

    class Meta:
        verbose_name = "offre examinée"
        verbose_name_plural = "offres examinées"
        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint("request", "offer", name="an_offer_is_examined_once")
        ]

    def __str__(self) -> str:
        return f"{self.title} : {self.get_verdict_display()}"


class Justification(Dated):
    """Why the national branch was opened, as the 2020 protocol demands.

    ``examined`` keeps the examinations as they were; ``none_found`` is true when the orientation
    proposed no adequate local offer at all.
    """

    request = models.ForeignKey(Request, models.CASCADE, related_name="justifications")
    grounds = ArrayField(models.CharField(max_length=20, choices=Ground), verbose_name="motifs")
    explanation = models.TextField("explication")
    none_found = models.BooleanField("aucune offre locale proposée", default=False)
    examined = models.JSONField("offres locales examinées", default=list)
    support = models.TextField("appui demandé", blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+",
        verbose_name="justifiée par",
    )  # fmt: skip
    decision = models.TextField("motif du comité", blank=True)
    decided_at = models.DateTimeField("décidé le", null=True, blank=True)

    class Meta:
        verbose_name = "justification"
        ordering = ("created_at", "id")

    def __str__(self) -> str:
        return f"{self.request_id} : {', '.join(self.grounds)}"

    @property
    def ground_labels(self) -> list[str]:
        """Grounds in words."""
        return [Ground(code).label for code in self.grounds]


class Convention(Dated):
    """The convention d'appui opérationnel of a request."""

    request = models.OneToOneField(Request, models.CASCADE, related_name="convention")
    state = models.CharField(
        "état", max_length=10, choices=ConventionState, default=ConventionState.DRAFT
    )
    parties = models.TextField("parties", blank=True)
    object = models.TextField("objet", blank=True)
    starts = models.DateField("début", null=True, blank=True)
    months = models.PositiveSmallIntegerField("durée (mois)", null=True, blank=True)
    commitments_anct = models.TextField("engagements de l'ANCT", blank=True)
    commitments_bearer = models.TextField("engagements du porteur", blank=True)
    commitments_delegate = models.TextField("engagements du délégué", blank=True)
    follow_up = models.TextField("suivi", blank=True)
    signed_on = models.DateField("signée le", null=True, blank=True)
    signed_file = models.ForeignKey(
        Attachment, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="exemplaire signé",
    )  # fmt: skip
    version = models.PositiveIntegerField("version", default=0)

    class Meta:
        verbose_name = "convention d'appui opérationnel"
        verbose_name_plural = "conventions d'appui opérationnel"

    def __str__(self) -> str:
        return f"Convention de la demande {self.request_id}"
