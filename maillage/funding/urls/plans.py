"""Addresses of financing plans, under ``/plans/``."""

from django.urls import path

from maillage.funding.views import (
    cash,
    dossiers,
    editing,
    keeping,
    life,
    managing,
    pieces,
    plans,
    versions,
)

app_name = "funding"
urlpatterns = [
    path("projet/<uuid:pk>/nouveau/", plans.new, name="new"),
    path("garder/", keeping.keep, name="keep"),
    path("<uuid:pk>/", plans.page, name="plan"),
    path("<uuid:pk>/modifier/", editing.edit, name="edit"),
    path("<uuid:pk>/copier/", managing.duplicate, name="duplicate"),
    path("<uuid:pk>/retenir/", managing.choose, name="choose"),
    path("<uuid:pk>/renommer/", managing.rename, name="rename"),
    path("<uuid:pk>/supprimer/", managing.delete, name="delete"),
    path("<uuid:pk>/versions/", versions.listing, name="versions"),
    path("<uuid:pk>/versions/<int:number>/", versions.compare, name="version"),
    path("<uuid:pk>/revenir/", versions.undo, name="undo"),
    path("<uuid:pk>/noter/<slug:verb>/", life.verb, name="verb"),
    path("<uuid:pk>/possibles/", life.following, name="next"),
    path("<uuid:pk>/tresorerie/", cash.page, name="cash"),
    path("<uuid:pk>/dates/", dossiers.calendar, name="calendar"),
    path("<uuid:pk>/dates.ics", dossiers.calendar_ics, name="calendar_ics"),
    path("<uuid:pk>/dates/adresse/", dossiers.calendar_renew, name="calendar_renew"),
    path("lien/<slug:secret>/dates.ics", dossiers.calendar_feed, name="calendar_feed"),
    path("<uuid:pk>/tableau/", plans.table, name="export"),
    path("<uuid:pk>/pieces/", pieces.page, name="pieces"),
    path("<uuid:pk>/pieces.zip", pieces.archive, name="pieces_zip"),
    path("<uuid:pk>/pieces/<int:number>/", pieces.piece, name="piece"),
    path("<uuid:pk>/pieces/<int:number>/retirer/", pieces.remove, name="piece_remove"),
    path("<uuid:pk>/documents/<slug:what>.<slug:kind>", dossiers.paper, name="paper"),
]
