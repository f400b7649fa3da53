"""Addresses of a request: exchanges."""

from django.urls import path

from maillage.desk.views import applicant, exchanges

urlpatterns = [
    path("", applicant.mine, name="mine"),
    path("<uuid:pk>/messages/", exchanges.message, name="message"),
    path("<uuid:pk>/vu/", exchanges.seen, name="seen"),
    path("<uuid:pk>/sollicitations/<int:number>/", exchanges.consultation, name="consultation"),
]
