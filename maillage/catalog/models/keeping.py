"""Who keeps an entry, and what has become of it: history, and claims of a page."""

from django.conf import settings
from django.db import models

from maillage.catalog.enums import ClaimState, Verb
from maillage.catalog.models.entries import Offer, Provider
from maillage.common.models import Dated


class Revision(models.Model):
    """One change of an entry: when, by whom, for which body, what, field by field.

    ``changes`` is a list of ``{"field", "old", "new"}``. ``by`` is forgotten with the person;
    ``body`` (the organisation, or « Import de … ») stays.
    """

    at = models.DateTimeField("le", auto_now_add=True, db_index=True)
    verb = models.CharField("quoi", max_length=12, choices=Verb)
    provider = models.ForeignKey(
        Provider, models.CASCADE, related_name="revisions", verbose_name="offreur"
    )
    #: Empty for a change of the provider itself.
    offer = models.ForeignKey(
        Offer, models.CASCADE, null=True, related_name="revisions", verbose_name="offre"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name="par", related_name="+"
    )
    body = models.CharField("pour", max_length=200, blank=True)
    changes = models.JSONField("changements", default=list)
    reason = models.TextField("pourquoi", blank=True)

    class Meta:
        verbose_name = "modification"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.get_verb_display()} le {self.at:%d/%m/%Y}"


class Claim(Dated):
    """« C'est notre organisme » : someone asks to keep a page; an agent checks."""

    provider = models.ForeignKey(
        Provider, models.CASCADE, related_name="claims", verbose_name="offreur"
    )
    email = models.EmailField("adresse électronique")
    name = models.CharField("nom", max_length=120)
    position = models.CharField("fonction", max_length=120)
    phone = models.CharField("téléphone", max_length=30, blank=True)
    message = models.TextField("message", blank=True)
    #: Digest of the secret of the link that proves the address; "" once it was followed.
    digest = models.CharField("empreinte", max_length=64, blank=True, db_index=True)
    confirmed_at = models.DateTimeField("adresse prouvée le", null=True, blank=True)
    state = models.CharField(
        "état", max_length=10, choices=ClaimState, default=ClaimState.PENDING, db_index=True
    )
    reason = models.TextField("raison", blank=True)
    decided_at = models.DateTimeField("décidée le", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="décidée par",
    )  # fmt: skip

    class Meta:
        verbose_name = "revendication de fiche"
        verbose_name_plural = "revendications de fiche"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.name}, {self.provider}"
