"""Addresses of the area."""

from django.urls import path

from maillage.notifications import supervision, views

app_name = "notifications"
urlpatterns = [
    path("", views.messages, name="list"),
    path("tout-lu/", views.read_all, name="read-all"),
    path("<int:pk>/ouvrir/", views.open_message, name="open"),
    path("<int:pk>/lu/", views.read, name="read"),
    path("preferences/", views.preferences, name="preferences"),
    path("apercu/", supervision.previews, name="previews"),
    path("apercu/<slug:slug>/", supervision.preview, name="preview"),
    path("envois/", supervision.mails, name="mails"),
    path("envois/reessayer/", supervision.try_all_again, name="try-all-again"),
    path("envois/<int:pk>/reessayer/", supervision.try_again, name="try-again"),
    path("demonstration/", supervision.demonstration, name="demo"),
]
