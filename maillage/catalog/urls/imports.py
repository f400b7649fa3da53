"""Addresses of the imports: for agents, providers and the administrator."""

from django.urls import path

from maillage.catalog.views import imports as views
from maillage.catalog.views import imports_files as files

app_name = "imports"
urlpatterns = [
    path("", views.listing, name="list"),
    path("nouveau/", views.new, name="new"),
    path("colonnes/<slug:kind>/", files.schema_page, name="schema"),
    path("modele/<slug:kind>/<slug:format>/", files.template_file, name="template"),
    path("<int:pk>/", views.report, name="import"),
    path("<int:pk>/lignes/", views.lines, name="lines"),
    path("<int:pk>/a-corriger/", files.rejects, name="rejects"),
    path("<int:pk>/ecrire/", views.write, name="write"),
    path("<int:pk>/abandonner/", views.cancel, name="cancel"),
]
