"""Addresses of the area: permille."""

from django.urls import path

from maillage.funding.views import permille

app_name = "permille"
urlpatterns = [
    path("", permille.home, name="home"),
    path("collectivites/", permille.bodies, name="bodies"),
]
