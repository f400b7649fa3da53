"""Addresses of the open data, open to all: other sites rely on them."""

from django.urls import path

from maillage.catalog.views import opendata as views

app_name = "opendata"
urlpatterns = [
    path("", views.home, name="home"),
    path("catalogue.jsonld", views.dcat, name="dcat"),
    path("fichiers/<str:name>", views.file, name="file"),
]
