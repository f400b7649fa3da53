"""Addresses under ``/guichet/`` that show the queue."""

from django.urls import path

from maillage.desk.views.queue import dates, listing, places, saved

app_name = "queue"
urlpatterns = [
    path("", listing.listing, name="list"),
    path("affecter/", listing.assign, name="assign"),
    path("carte/", places.on_map, name="map"),
    path("calendrier/", dates.in_calendar, name="calendar"),
    path("vues/", saved.saved_views, name="views"),
    path("vues/<int:pk>/supprimer/", saved.delete_view, name="delete_view"),
]
