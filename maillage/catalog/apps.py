from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "maillage.catalog"
    label = "catalog"
    verbose_name = "Catalogue"
