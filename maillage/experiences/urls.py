"""Addresses of the area."""

from django.urls import path

from maillage.experiences import views

app_name = "experiences"
urlpatterns = [
    path("", views.experiences, name="list"),
    path("<slug:slug>/", views.experience, name="experience"),
]
