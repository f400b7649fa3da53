"""Words of the area."""

from django.db import models


class ProjectState(models.TextChoices):
    """Where a project stands, as the mairie says it (guide Smart village: stages of a project)."""

    IDEA = "idea", "Une idée"
    STUDY = "study", "À l'étude"
    FUNDING = "funding", "On cherche l'argent"
    WORKS = "works", "En travaux"
    DONE = "done", "Terminé"
    DROPPED = "dropped", "Abandonné"
