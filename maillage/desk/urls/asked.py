"""Addresses under ``/sollicitations/``: what is asked of bodies."""

from django.urls import path

from maillage.desk.views import asked, asked_record

app_name = "asked"
urlpatterns = [
    path("", asked.asked, name="list"),
    path("bilan/", asked_record.record, name="record"),
]
