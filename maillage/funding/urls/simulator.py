"""Addresses of the area: simulator."""

from django.urls import path

from maillage.funding.views import simulator

app_name = "simulator"
urlpatterns = [
    path("", simulator.home, name="home"),
    path("verifier/", simulator.check, name="check"),
    path("mieux/", simulator.best, name="best"),
    path("reprendre/", simulator.resume, name="open"),
    path("emporter/", simulator.save, name="save"),
    path("experiences/", simulator.experiences, name="experiences"),
]
