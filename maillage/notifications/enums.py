"""Words of the area: how often one is written to, where a mail stands."""

from django.db import models


class Frequency(models.TextChoices):
    AT_ONCE = "at_once", "Tout de suite"
    DAILY = "daily", "Un résumé par jour"
    WEEKLY = "weekly", "Un résumé par semaine"
    ESSENTIAL = "essential", "Seulement l'essentiel"


#: What each choice means, for the page of preferences.
FREQUENCY_HINTS: dict[str, str] = {
    Frequency.AT_ONCE: "Un courriel pour chaque message.",
    Frequency.DAILY: "Un seul courriel, à 7 h 30, les jours ouvrés ; rien s'il n'y a rien.",
    Frequency.WEEKLY: "Un seul courriel, le premier matin ouvré de la semaine.",
    Frequency.ESSENTIAL: "Le reste vous attend dans « Mes messages », sans courriel.",
}


class MailState(models.TextChoices):
    WAITING = "waiting", "En attente"
    FAILING = "failing", "En échec (réessai prévu)"
    ABANDONED = "abandoned", "Abandonné"
    SENT = "sent", "Envoyé"


#: One and many mails in each state, to count them.
MAIL_COUNTS: dict[str, str] = {
    MailState.WAITING: "en attente,en attente",
    MailState.FAILING: "en échec (réessai prévu),en échec (réessai prévu)",
    MailState.ABANDONED: "abandonné,abandonnés",
    MailState.SENT: "envoyé,envoyés",
}
#: A mail in one of these states still has to leave.
TO_SEND = (MailState.WAITING, MailState.FAILING)
