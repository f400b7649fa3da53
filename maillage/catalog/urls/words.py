"""Addresses of the words: kinds of projects, thesaurus, offers, needs that were not understood."""

from django.urls import path

from maillage.catalog.views import words, words_editing, words_needs

app_name = "words"
urlpatterns = [
    path("", words.types, name="list"),
    path("nouveau-type/", words_editing.type_page, name="type_new"),
    path("types/<slug:slug>/", words_editing.type_page, name="type"),
    path("types/<slug:slug>/supprimer/", words_editing.type_delete, name="type_delete"),
    path("types/<slug:slug>/remettre/", words_editing.type_restore, name="type_restore"),
    path("thesaurus/", words.thesaurus, name="thesaurus"),
    path("thesaurus/nouvelle-expression/", words_editing.entry_page, name="entry_new"),
    path("thesaurus/<int:pk>/", words_editing.entry_page, name="entry"),
    path("thesaurus/<int:pk>/supprimer/", words_editing.entry_delete, name="entry_delete"),
    path("thesaurus/<int:pk>/remettre/", words_editing.entry_restore, name="entry_restore"),
    path("offres/", words.offers, name="offers"),
    path("offres/<slug:slug>/", words_editing.offer_page, name="offer"),
    path("besoins/", words_needs.needs, name="needs"),
    path("besoins/marquer/", words_needs.mark, name="mark"),
]
