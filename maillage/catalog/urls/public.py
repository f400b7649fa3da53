"""Addresses of the catalogue, open to all."""

from django.urls import path

from maillage.catalog.views import public as views

app_name = "catalog"
urlpatterns = [
    path("", views.offers, name="list"),
    path("offres/<slug:slug>/", views.offer, name="offer"),
    path("offreurs/", views.providers, name="providers"),
    path("offreurs/<slug:slug>/", views.provider, name="provider"),
]
