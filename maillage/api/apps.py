from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The public API."""

    name = "maillage.api"
    label = "api"
    verbose_name = "API"
