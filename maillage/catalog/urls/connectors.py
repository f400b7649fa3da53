"""Addresses of the connectors: agents read, the administrator starts."""

from django.urls import path

from maillage.catalog.views import connectors as views

app_name = "connectors"
urlpatterns = [
    path("", views.home, name="home"),
    path("lire/", views.start, name="start"),
    path("passages/<int:pk>/", views.run, name="run"),
    path("passages/<int:pk>/non-compris/", views.unknown, name="unknown"),
]
