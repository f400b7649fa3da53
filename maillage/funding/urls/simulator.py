"""Addresses of the area: simulator."""

from django.urls import URLPattern

app_name = "simulator"
urlpatterns: list[URLPattern] = []
