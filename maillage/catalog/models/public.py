"""What readers of the catalogue keep: favourites, and alerts on a search."""

from django.conf import settings
from django.db import models

from maillage.catalog.enums import AlertFrequency
from maillage.catalog.models.entries import Offer
from maillage.common.models import Dated, codes


class Favourite(models.Model):
    """An offer that a person who signs in has put aside."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="favourites", verbose_name="personne"
    )
    offer = models.ForeignKey(
        Offer, models.CASCADE, related_name="favourites", verbose_name="offre"
    )
    added_at = models.DateTimeField("ajoutée le", auto_now_add=True)

    class Meta:
        verbose_name = "offre mise de côté"
        verbose_name_plural = "offres mises de côté"
        ordering = ("-id",)
        constraints = [models.UniqueConstraint("user", "offer", name="one_favourite_by_offer")]

    def __str__(self) -> str:
        return f"{self.offer}"


class Alert(Dated):
    """A search whose new answers are sent by e-mail, once the address was proved.

    ``query`` is the query string of the list, in one order; ``known`` the offers already found.
    """

    email = models.EmailField("adresse électronique")
    query = models.CharField("recherche", max_length=1000, blank=True)
    label = models.CharField("en mots", max_length=500)
    frequency = models.CharField("rythme", max_length=10, choices=AlertFrequency)
    #: Digest of the secret that is in its mails: confirms, then changes or ends the alert.
    digest = models.CharField("empreinte", max_length=64, unique=True)
    confirmed_at = models.DateTimeField("confirmée le", null=True, blank=True)
    sent_at = models.DateTimeField("dernier envoi", null=True, blank=True)
    known = codes("offres déjà connues")

    class Meta:
        verbose_name = "alerte"
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint("email", "query", name="one_alert_by_search"),
        ]

    def __str__(self) -> str:
        return f"{self.label}"
