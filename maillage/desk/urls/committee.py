"""Addresses under ``/guichet/clct/``: the CLCT, its agenda and minutes."""

from django.urls import path

from maillage.desk.views import committee as views

app_name = "committee"
urlpatterns = [
    path("", views.sessions, name="list"),
    path("nouvelle/", views.new, name="new"),
    path("<int:pk>/", views.session, name="session"),
    path("<int:pk>/ordre-du-jour/", views.agenda, name="agenda"),
    path("<int:pk>/releve/", views.minutes, name="minutes"),
    path("<int:pk>/arreter/", views.close, name="close"),
    path("<int:pk>/supprimer/", views.delete, name="delete"),
    path("<int:pk>/<slug:what>.<str:kind>", views.paper, name="paper"),
]
