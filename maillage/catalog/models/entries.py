"""Providers, offers, their dated figures and their conditions.

An aid (money) is an offer of kind ``funding``. Codes of themes, phases, audiences, labels and
territory keys are those of ``maillage.engine.vocabulary`` and ``maillage.engine.types``.
"""

from datetime import date

from django.conf import settings
from django.db import models
from django.urls import reverse

from maillage.accounts.models import Organisation
from maillage.catalog.enums import (
    AUDIENCES,
    COSTS,
    FAMILIES,
    KINDS,
    LEVELS,
    STATES,
    CapacityUnit,
    Origin,
    PopulationKind,
    Publication,
    RateKind,
)
from maillage.common.models import Dated, Source, codes, texts
from maillage.engine.vocabulary import PHASES, THEMES, State


class Sourced(Dated):
    """What every entry says of itself: where it comes from, of when, how far to trust it."""

    slug = models.SlugField("identifiant", max_length=100, unique=True)
    origin = models.CharField("origine", max_length=20, choices=Origin, default=Origin.EDITED)
    state = models.CharField("état", max_length=20, choices=STATES, default="to_confirm")
    source = models.ForeignKey(Source, models.PROTECT, verbose_name="source", related_name="+")
    source_detail = models.CharField("précision sur la source", max_length=250, blank=True)
    vintage = models.CharField("millésime", max_length=20, blank=True)
    #: The feed that it comes from, when it was imported, and its identifier there.
    dataset = models.ForeignKey(
        "catalog.Dataset", models.PROTECT, null=True, blank=True, verbose_name="jeu de données",
        related_name="+",
    )  # fmt: skip
    external_id = models.CharField("identifiant d'origine", max_length=200, blank=True)
    #: Names of the fields that people have corrected here: no load and no import changes them.
    curated = codes("champs tenus à la main")
    #: The last day on which someone said that it is right, and when to look again.
    checked_on = models.DateField("confirmée le", null=True, blank=True)
    next_check = models.DateField("à revoir le", null=True, blank=True)
    reminded_on = models.DateField("dernier rappel", null=True, blank=True, editable=False)
    #: Out of the answers because nobody has confirmed it for too long.
    set_aside_at = models.DateTimeField("mise de côté le", null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField("retiré le", null=True, blank=True)

    class Meta:
        abstract = True


class WithCapacity(models.Model):
    """How much help is left to give, and how long one waits for it."""

    available = models.PositiveIntegerField("reste disponible", null=True, blank=True)
    available_unit = models.CharField(
        "compté en", max_length=10, choices=CapacityUnit, default=CapacityUnit.CASES
    )
    available_until = models.DateField("jusqu'au", null=True, blank=True)
    waiting_weeks = models.PositiveSmallIntegerField("attente (semaines)", null=True, blank=True)
    capacity = models.CharField("capacité", max_length=250, blank=True)

    class Meta:
        abstract = True


def _invented(field: str) -> dict[str, list[str]]:
    """Condition that is true of what must not be shown because it was made up, here and now."""
    hidden = [] if settings.MAILLAGE["DEMO_OFFERS"] else [State.DEMONSTRATION.value]
    return {f"{field}__in": hidden}


class ProviderQuerySet(models.QuerySet["Provider"]):
    """Providers."""

    def visible(self) -> "ProviderQuerySet":
        """Those that have a page, withdrawn ones included: invented ones in the demonstration."""
        return self.exclude(**_invented("state"))

    def published(self) -> "ProviderQuerySet":
        """Those that are listed: visible, neither withdrawn nor set aside."""
        return self.visible().filter(withdrawn_at=None, set_aside_at=None)


class Provider(WithCapacity, Sourced):
    """A body that helps or pays. No person: only the body's own channel.

    ``held_by`` is the body (a préfecture) whose agents keep the page of one that will not.
    """

    name = models.CharField("nom", max_length=200)
    full_name = models.CharField("nom complet", max_length=300, blank=True)
    family = models.CharField("famille", max_length=20, choices=FAMILIES)
    level = models.CharField("échelon", max_length=20, choices=LEVELS)
    perimeter = codes("périmètre")
    summary = models.TextField("en une phrase", blank=True)
    website = models.URLField("site", blank=True)
    contact = models.TextField("comment le joindre", blank=True)
    generalist = models.BooleanField("interlocuteur généraliste", default=False)
    held_by = models.ForeignKey(
        Organisation, models.SET_NULL, null=True, blank=True, verbose_name="tenue par",
        related_name="held_pages",
    )  # fmt: skip

    objects = ProviderQuerySet.as_manager()

    class Meta(Sourced.Meta):
        verbose_name = "offreur"
        ordering = ("name", "slug")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Page of the provider."""
        return reverse("catalog:provider", args=[self.slug])


class OfferQuerySet(models.QuerySet["Offer"]):
    """Offers."""

    def visible(self) -> "OfferQuerySet":
        """Those that have a page: all but drafts, and invented ones out of the demonstration.

        Suspended, archived and withdrawn ones have a page, which says so.
        """
        shown = self.exclude(publication=Publication.DRAFT)
        return shown.exclude(**_invented("state")).exclude(**_invented("provider__state"))

    def published(self) -> "OfferQuerySet":
        """Those that are proposed: published, neither withdrawn nor set aside, nor their provider.

        What is past its last day is left to the engine, which says so.
        """
        return self.visible().filter(
            publication=Publication.PUBLISHED,
            withdrawn_at=None,
            set_aside_at=None,
            provider__withdrawn_at=None,
            provider__set_aside_at=None,
        )

    def with_provider(self) -> "OfferQuerySet":
        """Bring the provider along in the same query."""
        return self.select_related("provider")


class Offer(WithCapacity, Sourced):
    """What a provider gives: people's help, money, or both. Bounds of population are inclusive."""

    provider = models.ForeignKey(
        Provider, models.PROTECT, related_name="offers", verbose_name="offreur"
    )
    publication = models.CharField(
        "publication", max_length=10, choices=Publication, default=Publication.PUBLISHED
    )
    title = models.CharField("titre", max_length=250)
    summary = models.TextField("en une phrase", blank=True)
    description = models.TextField("description", blank=True)
    kind = models.CharField("nature", max_length=20, choices=KINDS)
    level = models.CharField("échelon", max_length=20, choices=LEVELS)
    perimeter = codes("périmètre")
    themes = codes("thèmes", list(THEMES.items()))
    phases = codes("phases", list(PHASES.items()))
    audiences = codes("publics", AUDIENCES)
    population_min = models.PositiveIntegerField("population minimale", null=True, blank=True)
    population_max = models.PositiveIntegerField("population maximale", null=True, blank=True)
    population_kind = models.CharField(
        "population comptée", max_length=20, choices=PopulationKind, default="municipal"
    )
    labels_any = codes("labels requis (au moins un)")
    cost = models.CharField("coût pour la commune", max_length=20, choices=COSTS, default="unknown")
    cost_note = models.TextField("précision sur le coût", blank=True)
    words = texts("mots des usagers")
    apply = models.TextField("comment demander", blank=True)
    contact = models.TextField("comment joindre", blank=True)
    link = models.URLField("adresse", max_length=400, blank=True)
    opens = models.DateField("ouvre le", null=True, blank=True)
    closes = models.DateField("dernier jour", null=True, blank=True)
    generalist = models.BooleanField("interlocuteur généraliste", default=False)

    objects = OfferQuerySet.as_manager()

    class Meta(Sourced.Meta):
        verbose_name = "offre"
        ordering = ("title", "slug")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Page of the offer."""
        return reverse("catalog:offer", args=[self.slug])


class Condition(models.Model):
    """What an offer asks of one kind of body, where it is not the same for all."""

    offer = models.ForeignKey(
        Offer, models.CASCADE, related_name="conditions", verbose_name="offre"
    )
    audience = models.CharField("pour", max_length=20, choices=AUDIENCES)
    cost = models.CharField("coût", max_length=20, choices=COSTS, default="unknown")
    note = models.TextField("conditions", blank=True)

    class Meta:
        verbose_name = "condition par public"
        verbose_name_plural = "conditions par public"
        ordering = ("offer", "id")
        constraints = [
            models.UniqueConstraint("offer", "audience", name="one_condition_by_audience")
        ]

    def __str__(self) -> str:
        return f"{self.get_audience_display()} : {self.get_cost_display()}"


class Rate(models.Model):
    """A dated figure of an offer: a rate (in %), a cap, a floor, a flat amount (in €)."""

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="rates", verbose_name="offre")
    kind = models.CharField("nature", max_length=20, choices=RateKind)
    value = models.DecimalField("valeur", max_digits=14, decimal_places=3)
    unit = models.CharField("unité", max_length=20)
    base = models.CharField("assiette", max_length=300, blank=True)
    valid_from = models.DateField("à partir du", null=True, blank=True)
    valid_to = models.DateField("jusqu'au", null=True, blank=True)
    source = models.ForeignKey(Source, models.PROTECT, verbose_name="source", related_name="+")
    state = models.CharField("état", max_length=20, choices=STATES, default="to_confirm")

    class Meta:
        verbose_name = "taux ou montant"
        verbose_name_plural = "taux et montants"
        ordering = ("offer", "kind", "id")

    def __str__(self) -> str:
        return self.in_words()

    def in_force(self, day: date) -> bool:
        """True when the figure is valid on `day` (open bounds are valid)."""
        started = self.valid_from is None or self.valid_from <= day
        return started and (self.valid_to is None or self.valid_to >= day)

    def in_words(self) -> str:
        """« Taux maximum : 80 % (dépense éligible HT) »."""
        value = f"{self.value.normalize():f}"
        whole, _, decimals = value.partition(".")
        grouped = f"{int(whole):,}".replace(",", "\u202f") + (f",{decimals}" if decimals else "")
        base = f" ({self.base})" if self.base else ""
        return f"{self.get_kind_display()} : {grouped}\u202f{self.unit}{base}"
