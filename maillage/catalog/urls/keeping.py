"""Addresses under ``/mes-fiches/``: the pages that people keep, and claims of them."""

from django.urls import path

from maillage.catalog.views import keeping, keeping_claims, keeping_forms, keeping_people

app_name = "keeping"
urlpatterns = [
    path("", keeping.listing, name="list"),
    path("nouvelle/", keeping_people.new_provider, name="new_provider"),
    path("revendiquer/lien/<str:secret>/", keeping_claims.claim_link, name="claim_link"),
    path("revendiquer/<slug:slug>/", keeping_claims.claim, name="claim"),
    path("revendications/", keeping_claims.listing, name="claims"),
    path("revendications/<int:pk>/", keeping_claims.decide, name="claim_decide"),
    path("offres/<slug:slug>/", keeping_forms.offer, name="offer"),
    path("offres/<slug:slug>/apercu/", keeping_forms.preview, name="preview"),
    path("offres/<slug:slug>/modifier/", keeping_forms.offer_edit, name="offer_edit"),
    path("offres/<slug:slug>/faire/<slug:verb>/", keeping_forms.offer_verb, name="offer_verb"),
    path("<slug:slug>/", keeping.provider, name="provider"),
    path("<slug:slug>/modifier/", keeping_forms.provider_edit, name="provider_edit"),
    path("<slug:slug>/confirmer/", keeping.confirm, name="confirm"),
    path("<slug:slug>/capacite/", keeping.capacity, name="capacity"),
    path("<slug:slug>/historique/", keeping.history, name="history"),
    path("<slug:slug>/nouvelle-offre/", keeping_forms.offer_new, name="offer_new"),
    path("<slug:slug>/inviter/", keeping_people.invite, name="invite"),
    path("<slug:slug>/acces/<int:pk>/terminer/", keeping_people.end_access, name="end_access"),
    path("<slug:slug>/guichet/", keeping_people.hold, name="hold"),
]
