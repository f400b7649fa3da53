from django.apps import AppConfig


class ExperiencesConfig(AppConfig):
    name = "maillage.experiences"
    label = "experiences"
    verbose_name = "Expériences"
