"""Addresses of the area: rules."""

from django.urls import path

from maillage.funding.views import rules

app_name = "rules"
urlpatterns = [
    path("", rules.rule_list, name="list"),
    path("millesime/", rules.vintage, name="vintage"),
    path("<slug:rule>/", rules.rule, name="rule"),
]
