"""Addresses of the area: plans."""

from django.urls import URLPattern

app_name = "funding"
urlpatterns: list[URLPattern] = []
