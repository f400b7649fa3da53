"""Addresses under ``/guichet/bilan/``: the annual consolidation."""

from django.urls import path

from maillage.desk.views import consolidation as views

app_name = "consolidation"
urlpatterns = [
    path("", views.current, name="current"),
    path("<int:year>/", views.of_year, name="year"),
    path("<int:year>/france/", views.france, name="france"),
]
