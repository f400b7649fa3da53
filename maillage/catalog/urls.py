"""Addresses of the area."""

from django.urls import path

from maillage.catalog import views

app_name = "catalog"
urlpatterns = [
    path("", views.offers, name="list"),
    path("offres/<slug:slug>/", views.offer, name="offer"),
    path("offreurs/", views.providers, name="providers"),
    path("offreurs/<slug:slug>/", views.provider, name="provider"),
]
