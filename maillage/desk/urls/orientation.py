"""Addresses of the area."""

from django.urls import path

from maillage.desk.views import public as views

app_name = "desk"
urlpatterns = [
    path("", views.orientation, name="orientation"),
    path("pdf/", views.orientation_pdf, name="orientation_pdf"),
]
