"""Who does what: leads that a committee has chosen, and the catalogue as it was on a day."""

from django.conf import settings
from django.db import models

from maillage.catalog.models.entries import Provider
from maillage.common.models import Dated
from maillage.engine.vocabulary import PHASES, THEMES


class CellLead(Dated):
    """The provider that a committee named to lead one cell of « qui fait quoi », in a territory.

    ``territory`` is a territory key (``dep:24``, ``FR``).
    """

    territory = models.CharField("territoire", max_length=40)
    theme = models.CharField("thème", max_length=20, choices=list(THEMES.items()))
    phase = models.CharField("phase", max_length=20, choices=list(PHASES.items()))
    provider = models.ForeignKey(
        Provider, models.PROTECT, related_name="leads", verbose_name="chef de file"
    )
    decided_by = models.CharField("décidé par", max_length=200)
    decided_on = models.DateField("décidé le")
    note = models.TextField("précision", blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="saisi par",
    )  # fmt: skip
    ended_on = models.DateField("jusqu'au", null=True, blank=True)

    class Meta:
        verbose_name = "chef de file"
        verbose_name_plural = "chefs de file"
        ordering = ("territory", "theme", "phase", "-decided_on")
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "theme", "phase"], condition=models.Q(ended_on=None),
                name="one_lead_by_cell",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.provider} : {self.get_theme_display()}, {self.get_phase_display()}"


class CatalogueDay(models.Model):
    """What the matrix needs of the catalogue, as it was on a day (compressed JSON).

    Kept when it differs from the day before, so that two dates can be compared anywhere.
    """

    day = models.DateField("jour", primary_key=True)
    digest = models.CharField("empreinte", max_length=64)
    offers = models.PositiveIntegerField("offres")
    content = models.BinaryField("contenu")

    class Meta:
        verbose_name = "catalogue d'un jour"
        verbose_name_plural = "catalogues d'un jour"
        ordering = ("-day",)

    def __str__(self) -> str:
        return f"{self.day}"
