from django.apps import AppConfig


class FundingConfig(AppConfig):
    """Financing plans."""

    name = "maillage.funding"
    label = "funding"
    verbose_name = "Financement"
