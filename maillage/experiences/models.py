"""What territories have done, as facts: costs, funders, partners, results, what to watch.

Figures are those printed in the source; its inconsistencies are noted (`data_notes`), never
corrected in silence.
"""

from django.db import models
from django.urls import reverse

from maillage.common.models import Dated, Source, codes, texts
from maillage.engine.vocabulary import THEMES
from maillage.experiences.enums import Origin, TerritoryKind


class Experience(Dated):
    """One experience. ``principles`` maps each of the guide's five principles to ``certain``,
    ``probable`` or ``inconnu``; ``population`` is the number printed, in inhabitants.
    """

    slug = models.SlugField("identifiant", max_length=100, unique=True)
    origin = models.CharField("origine", max_length=20, choices=Origin, default=Origin.EDITED)
    title = models.CharField("titre", max_length=250)
    initiative = models.CharField("nom de la démarche", max_length=200, blank=True)
    territory_name = models.CharField("territoire", max_length=200)
    territory_kind = models.CharField("nature du territoire", max_length=20, choices=TerritoryKind)
    territory_codes = codes("codes du territoire")
    departments = codes("départements")
    started = models.PositiveSmallIntegerField("année de départ", null=True, blank=True)
    population = models.PositiveIntegerField("population imprimée", null=True, blank=True)
    population_note = models.TextField("note sur la population", blank=True)
    themes = codes("thèmes", list(THEMES.items()))
    themes_printed = texts("thématiques imprimées")
    words = texts("mots des usagers")
    summary = models.TextField("résumé")
    what = texts("ce qui a été fait")
    partners = texts("partenaires")
    results = texts("résultats")
    watch_points = texts("points de vigilance")
    again = texts("ce qui serait refait")
    principles = models.JSONField("principes", default=dict, blank=True)
    crosses_total = models.PositiveSmallIntegerField("nombre de croix", null=True, blank=True)
    page = models.PositiveSmallIntegerField("page", null=True, blank=True)
    source = models.ForeignKey(Source, models.PROTECT, related_name="+", verbose_name="source")
    data_notes = texts("incohérences relevées dans le document")

    class Meta:
        verbose_name = "expérience"
        ordering = ("title",)

    def __str__(self) -> str:
        return f"{self.territory_name} : {self.title}"

    def get_absolute_url(self) -> str:
        """Page of the experience."""
        return reverse("experiences:experience", args=[self.slug])


class ExperienceCost(models.Model):
    """A cost as printed, in euros when an amount is given."""

    experience = models.ForeignKey(Experience, models.CASCADE, related_name="costs")
    label = models.CharField("objet", max_length=300)
    amount = models.DecimalField(
        "montant (€)", max_digits=14, decimal_places=2, null=True, blank=True
    )
    note = models.TextField("note", blank=True)

    class Meta:
        verbose_name = "coût"
        ordering = ("experience", "id")

    def __str__(self) -> str:
        return self.label


class ExperienceFunder(models.Model):
    """Who paid, with the amount (€) and/or the share (%) as printed."""

    experience = models.ForeignKey(Experience, models.CASCADE, related_name="funders")
    name = models.CharField("financeur", max_length=300)
    amount = models.DecimalField(
        "montant (€)", max_digits=14, decimal_places=2, null=True, blank=True
    )
    share = models.DecimalField("part (%)", max_digits=6, decimal_places=2, null=True, blank=True)
    note = models.TextField("note", blank=True)

    class Meta:
        verbose_name = "financeur"
        ordering = ("experience", "id")

    def __str__(self) -> str:
        return self.name
