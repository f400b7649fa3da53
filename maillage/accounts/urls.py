"""Addresses of the area."""

from django.urls import path

from maillage.accounts import views

app_name = "accounts"
urlpatterns = [path("demonstration/", views.demo, name="demo")]
