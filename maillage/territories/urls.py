from django.urls import path, register_converter

from maillage.territories import views


class CodeConverter:
    """An official code (COG or SIREN): nothing else reaches the views."""

    regex = "[0-9A-Za-z]{1,9}"

    def to_python(self, value: str) -> str:
        """As it stands in the address."""
        return value

    def to_url(self, value: str) -> str:
        """As it stands in the data."""
        return value


register_converter(CodeConverter, "code")

app_name = "territories"
urlpatterns = [
    path("", views.search_page, name="search"),
    path("recherche/", views.suggest, name="suggest"),
    path("communes/<code:code>/", views.commune, name="commune"),
    path("epci/<code:siren>/", views.epci, name="epci"),
    path("departements/<code:code>/", views.department, name="department"),
    path("regions/<code:code>/", views.region, name="region"),
]
