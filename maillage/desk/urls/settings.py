"""Addresses under ``/guichet/`` of the desk's people: settings, absences, accesses."""

from django.urls import path

from maillage.desk.views import settings as views

app_name = "settings"
urlpatterns = [
    path("reglages/", views.settings, name="desk"),
    path("reglages/<slug:what>/<int:pk>/retirer/", views.remove_body, name="remove_body"),
    path("absences/", views.absences, name="absences"),
    path("absences/<int:pk>/retirer/", views.remove_absence, name="remove_absence"),
    path("personnes/", views.people, name="people"),
    path("personnes/ouvrir/", views.open_access, name="open_access"),
    path("personnes/<int:pk>/terminer/", views.end_access, name="end_access"),
]
