"""Notifications (what the application shows), mails (what leaves it), and preferences."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import BooleanField, ExpressionWrapper, F, Q

from maillage.accounts.models import User
from maillage.common.models import Dated
from maillage.engine.text import words
from maillage.notifications.enums import TO_SEND, Frequency, MailState


def folded(*texts: str) -> str:
    """Return texts as they are searched: without accents, in lower case, words only."""
    return " ".join(words(" ".join(texts)))


class Preference(models.Model):
    """How often a person wants mails. Absent: the default of their mandates (see `services`)."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, verbose_name="personne"
    )
    frequency = models.CharField("fréquence", max_length=10, choices=Frequency)

    class Meta:
        verbose_name = "préférence"

    def __str__(self) -> str:
        return f"{self.user} · {self.get_frequency_display()}"


class SearchedQuerySet(models.QuerySet):
    """Rows that keep the `folded` form of what can be searched in them."""

    def search(self, text: str) -> "SearchedQuerySet":
        """Rows that hold every word of `text`, or its beginning; all rows for an empty text."""
        found = self
        for word in words(text):
            found = found.filter(Q(folded__startswith=word) | Q(folded__contains=f" {word}"))
        return found


class NotificationQuerySet(SearchedQuerySet):
    """Notifications by owner, by whether they were read."""

    def visible_to(self, user: User | AnonymousUser) -> "NotificationQuerySet":
        """Those of `user`: nobody reads another's, administrators included."""
        return self.filter(user_id=user.pk) if user.is_authenticated else self.none()

    def unread(self) -> "NotificationQuerySet":
        """Those that were not read in the application."""
        return self.filter(read_at__isnull=True)

    def for_digest(self) -> "NotificationQuerySet":
        """Those that wait for the next summary; what was read meanwhile is left out of it."""
        return self.unread().filter(awaits_digest=True)

    def unread_first(self) -> "NotificationQuerySet":
        """Unread first, then the newest."""
        unread = ExpressionWrapper(Q(read_at__isnull=True), BooleanField())
        return self.order_by(unread.desc(), "-created_at", "-pk")


class Notification(Dated):
    """One message to one person, as the application shows it. Every mail to a person has one."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="notifications",
        verbose_name="personne",
    )
    slug = models.CharField("message", max_length=60)
    key = models.CharField("clé", max_length=200)
    topic = models.CharField("sujet", max_length=200)
    subject = models.CharField("objet", max_length=250)
    text = models.TextField("texte")
    action_label = models.CharField("bouton", max_length=80, blank=True)
    action_path = models.CharField("adresse du bouton", max_length=500, blank=True)
    folded = models.TextField(editable=False)
    awaits_digest = models.BooleanField("attend un résumé", default=False)
    read_at = models.DateTimeField("lu le", null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = "message"
        constraints = [
            models.UniqueConstraint("user", "slug", "key", name="one_notification_by_key")
        ]
        indexes = [
            models.Index("user", F("created_at").desc(), name="notification_newest"),
            models.Index("user", name="notification_unread", condition=Q(read_at__isnull=True)),
            models.Index(
                "created_at",
                name="notification_for_digest",
                condition=Q(awaits_digest=True, read_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class MailQuerySet(SearchedQuerySet):
    """Mails by what remains to be done with them."""

    def due(self, now: datetime) -> "MailQuerySet":
        """Those that must be sent at `now`, the oldest first."""
        return self.filter(state__in=TO_SEND, next_try_at__lte=now).order_by("next_try_at", "pk")


class Mail(Dated):
    """One mail to one address: written in the transaction of what it tells, sent by the worker.

    Its `key` holds no address (it is a digest), so that it can outlive the content and go on
    refusing a second sending.
    """

    key = models.CharField("clé", max_length=64, unique=True)
    slug = models.CharField("message", max_length=60)
    to = models.CharField("destinataire", max_length=320, blank=True)
    subject = models.CharField("objet", max_length=250, blank=True)
    text = models.TextField("texte", blank=True)
    html = models.TextField("HTML", blank=True)
    folded = models.TextField(editable=False, blank=True)
    state = models.CharField(
        "état", max_length=10, choices=MailState, default=MailState.WAITING, db_index=True
    )
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    next_try_at = models.DateTimeField("prochain essai", null=True)
    last_error = models.CharField("dernière erreur", max_length=300, blank=True)
    sent_at = models.DateTimeField("envoyé le", null=True, blank=True)
    erased_at = models.DateTimeField("contenu effacé le", null=True, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = "courriel"
        indexes = [
            models.Index(
                "next_try_at", "id", name="mail_due", condition=Q(state__in=["waiting", "failing"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"
