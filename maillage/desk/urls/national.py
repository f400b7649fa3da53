"""Addresses of the ANCT's committee."""

from django.urls import path

from maillage.desk.views import national

app_name = "national"
urlpatterns = [path("", national.listing, name="list")]
