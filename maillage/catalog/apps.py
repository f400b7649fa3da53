from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """The catalogue."""

    name = "maillage.catalog"
    label = "catalog"
    verbose_name = "Catalogue"
