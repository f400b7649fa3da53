"""What tells whether an entry is still true: its links, the errors that people report."""

from django.conf import settings
from django.db import models

from maillage.catalog.enums import LinkState, ReportState
from maillage.catalog.models.entries import Offer, Provider
from maillage.common.models import Dated


class LinkCheck(models.Model):
    """What the last look at an address of the catalogue found. Nobody waits for it on a page."""

    url = models.URLField("adresse", max_length=400, unique=True)
    state = models.CharField(
        "état", max_length=10, choices=LinkState, default=LinkState.UNKNOWN, db_index=True
    )
    status = models.PositiveSmallIntegerField("réponse", null=True, blank=True)
    detail = models.CharField("précision", max_length=250, blank=True)
    final_url = models.URLField("mène à", max_length=1000, blank=True)
    failures = models.PositiveSmallIntegerField("échecs de suite", default=0)
    failing_since = models.DateField("en échec depuis", null=True, blank=True)
    checked_at = models.DateTimeField("vérifiée le", null=True, blank=True, db_index=True)

    class Meta:
        verbose_name = "lien vérifié"
        verbose_name_plural = "liens vérifiés"
        ordering = ("url",)

    def __str__(self) -> str:
        return self.url


class ErrorReport(Dated):
    """« Signaler une erreur » : what someone says is wrong with an entry.

    ``email`` only for who wants an answer; it is erased when the report is closed.
    """

    provider = models.ForeignKey(
        Provider, models.CASCADE, related_name="reports", verbose_name="offreur"
    )
    #: Empty when the report is about the provider itself.
    offer = models.ForeignKey(
        Offer, models.CASCADE, null=True, blank=True, related_name="reports", verbose_name="offre"
    )
    message = models.TextField("ce qui ne va pas")
    email = models.EmailField("adresse électronique", blank=True)
    state = models.CharField(
        "état", max_length=10, choices=ReportState, default=ReportState.OPEN, db_index=True
    )
    answer = models.TextField("réponse", blank=True)
    closed_at = models.DateTimeField("traité le", null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="traité par",
    )  # fmt: skip

    class Meta:
        verbose_name = "erreur signalée"
        verbose_name_plural = "erreurs signalées"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.offer or self.provider}, le {self.created_at:%d/%m/%Y}"
