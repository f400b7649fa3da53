from django.apps import AppConfig


class ExperiencesConfig(AppConfig):
    """The experiences."""

    name = "maillage.experiences"
    label = "experiences"
    verbose_name = "Expériences"
