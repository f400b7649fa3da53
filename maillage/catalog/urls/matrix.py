"""Addresses of « qui fait quoi », open to all: they are made to be quoted, and do not change."""

from django.urls import path

from maillage.catalog.views import matrix as views

app_name = "matrix"
urlpatterns = [
    path("", views.matrix, name="france"),
]
