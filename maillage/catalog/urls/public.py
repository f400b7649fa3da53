"""Addresses of the catalogue, open to all."""

from django.urls import path

from maillage.catalog.views import alerts, calendar, compare, favourites, feeds, maps, sheets
from maillage.catalog.views import public as views

app_name = "catalog"
urlpatterns = [
    path("", views.offers, name="list"),
    path("offres/<slug:slug>/", sheets.offer, name="offer"),
    path("offreurs/", views.providers, name="providers"),
    path("offreurs/<slug:slug>/", sheets.provider, name="provider"),
    path("carte/", maps.on_map, name="map"),
    path("comparer/", compare.compare, name="compare"),
    path("favoris/", favourites.listing, name="favourites"),
    path("favoris/changer/", favourites.change, name="favourite_change"),
    path("favoris/effacer/", favourites.clear, name="favourites_clear"),
    path("echeances/", calendar.deadlines, name="deadlines"),
    path("echeances.ics", calendar.deadlines_ics, name="deadlines_ics"),
    path("flux/", feeds.feed, name="feed"),
    path("alertes/nouvelle/", alerts.new, name="alert_new"),
    path("alertes/lien/<slug:secret>/", alerts.manage, name="alert_manage"),
    path("alertes/lien/<slug:secret>/confirmer/", alerts.confirm, name="alert_confirm"),
    path("alertes/lien/<slug:secret>/arreter/", alerts.end, name="alert_end"),
]
