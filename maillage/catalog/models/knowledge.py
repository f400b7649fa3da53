"""Kinds of projects, the words people use, and what they asked without being understood."""

from typing import Final

from django.db import models

from maillage.catalog.enums import STATES, Origin, UnmetReason, UnmetState
from maillage.common.models import Dated, codes, texts
from maillage.engine.vocabulary import PHASES, THEMES

#: Characters kept of a need that was not understood.
LONGEST_NEED: Final = 300


class ProjectType(Dated):
    """A kind of project that communes really have, its vocabulary, and how people say it."""

    slug = models.SlugField("identifiant", max_length=100, unique=True)
    label = models.CharField("intitulé", max_length=200)
    themes = codes("thèmes", list(THEMES.items()))
    phases = codes("phases", list(PHASES.items()))
    vocabulary = texts("vocabulaire administratif")
    first_step = models.TextField("par quoi l'on commence", blank=True)
    phrases = texts("phrases des usagers")
    state = models.CharField("état", max_length=20, choices=STATES, default="to_confirm")
    schemes_to_check = texts("dispositifs à vérifier")
    origin = models.CharField("origine", max_length=20, choices=Origin, default=Origin.EDITED)

    class Meta:
        verbose_name = "type de projet"
        verbose_name_plural = "types de projet"
        ordering = ("label",)

    def __str__(self) -> str:
        return self.label


class ThesaurusEntry(Dated):
    """A colloquial expression and the administrative words it stands for."""

    expression = models.CharField("expression", max_length=120, unique=True)
    terms = texts("termes administratifs")
    themes = codes("thèmes", list(THEMES.items()))
    origin = models.CharField("origine", max_length=20, choices=Origin, default=Origin.EDITED)

    class Meta:
        verbose_name = "entrée du thésaurus"
        verbose_name_plural = "thésaurus"
        ordering = ("expression",)

    def __str__(self) -> str:
        return self.expression


class UnmetNeed(Dated):
    """A need that found nothing, or whose chips were corrected: its words, and how often.

    No person, no address, no place: the words alone, from which addresses and numbers were taken
    out. They are erased once nobody has said them again for a time (``UNMET_DAYS``).
    """

    folded = models.CharField("mots repliés", max_length=LONGEST_NEED, unique=True)
    text = models.CharField("ce qui a été écrit", max_length=LONGEST_NEED)
    reason = models.CharField("pourquoi", max_length=10, choices=UnmetReason)
    understood = codes("types compris")
    corrected = codes("types corrigés")
    count = models.PositiveIntegerField("fois", default=1)
    first_on = models.DateField("la première fois")
    last_on = models.DateField("la dernière fois", db_index=True)
    state = models.CharField(
        "suite", max_length=10, choices=UnmetState, default=UnmetState.OPEN, db_index=True
    )

    class Meta:
        verbose_name = "besoin non compris"
        verbose_name_plural = "besoins non compris"
        ordering = ("-count", "-last_on", "id")

    def __str__(self) -> str:
        return self.text
