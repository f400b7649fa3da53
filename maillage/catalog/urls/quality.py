"""Addresses of the quality of the catalogue; reporting an error is open to all."""

from django.urls import path

from maillage.catalog.views import quality as views
from maillage.catalog.views import quality_reports as reports

app_name = "quality"
urlpatterns = [
    path("", views.entries, name="list"),
    path("confirmer/", views.confirm, name="confirm"),
    path("relancer/", views.ask, name="ask"),
    path("signalements/", reports.reports, name="reports"),
    path("signalements/<int:pk>/", reports.close, name="report_close"),
    path("signaler/<str:kind>/<slug:slug>/", reports.report, name="report"),
]
