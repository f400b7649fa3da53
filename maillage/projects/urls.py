"""Addresses of the area."""

from django.urls import path

from maillage.projects import views

app_name = "projects"
urlpatterns = [
    path("", views.listing, name="list"),
    path("nouveau/", views.new, name="new"),
    path("<uuid:pk>/", views.page, name="project"),
    path("<uuid:pk>/modifier/", views.edit, name="edit"),
    path("<uuid:pk>/effacer/", views.erase, name="erase"),
    path("<uuid:pk>/partager/<int:body>/", views.share, name="share"),
    path("<uuid:pk>/ne-plus-partager/<int:body>/", views.unshare, name="unshare"),
]
