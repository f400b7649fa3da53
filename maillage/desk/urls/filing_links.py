"""Addresses under ``/guichet/liens/``: the links that a desk sends to mairies."""

from django.urls import path

from maillage.desk.views.filing import sent

app_name = "links"
urlpatterns = [
    path("", sent.listing, name="list"),
    path("<int:pk>/renvoyer/", sent.resend, name="resend"),
    path("<int:pk>/annuler/", sent.cancel, name="cancel"),
]
