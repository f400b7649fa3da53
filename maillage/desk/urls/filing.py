"""Addresses of a request: its filing, its receipt, its documents."""

from django.urls import path

from maillage.desk.views.filing import link, pieces, receipt, start, steps

urlpatterns = [
    path("deposer/", start.start, name="start"),
    path("deposer/ouvrir/", start.open_draft, name="open"),
    path("deposer/lien/", start.ask_link, name="ask_link"),
    path("lien/<str:secret>/", link.link, name="link"),
    path("<uuid:pk>/deposer/<slug:step>/", steps.step, name="step"),
    path("<uuid:pk>/effacer/", receipt.discard, name="discard"),
    path("<uuid:pk>/recu/", receipt.receipt, name="receipt"),
    path("<uuid:pk>/recu.pdf", receipt.receipt_pdf, name="receipt_pdf"),
    path("<uuid:pk>/pieces/", pieces.attach, name="attach"),
    path("<uuid:pk>/pieces/<int:number>/", pieces.attachment, name="attachment"),
    path("<uuid:pk>/pieces/<int:number>/retirer/", pieces.detach, name="detach"),
]
