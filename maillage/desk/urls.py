"""Addresses of the area."""

from django.urls import path

from maillage.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.orientation, name="orientation"),
    path("pdf/", views.orientation_pdf, name="orientation_pdf"),
]
