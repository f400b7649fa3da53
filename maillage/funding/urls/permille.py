"""Addresses of the area: permille."""

from django.urls import URLPattern

app_name = "permille"
urlpatterns: list[URLPattern] = []
