"""The CLCT (comité local de cohésion territoriale): its meetings and what they decide."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from maillage.common.models import Dated
from maillage.desk.enums import SessionState
from maillage.desk.models.desks import Desk
from maillage.desk.models.requests import Request


class CommitteeSession(Dated):
    """A meeting of the CLCT: agenda, then minutes (relevé de décisions)."""

    desk = models.ForeignKey(Desk, models.PROTECT, related_name="sessions", verbose_name="guichet")
    held_on = models.DateField("date")
    place = models.CharField("lieu", max_length=200, blank=True)
    state = models.CharField(
        "état", max_length=10, choices=SessionState, default=SessionState.PLANNED
    )
    present = models.TextField("présents", blank=True)
    minutes = models.TextField("relevé", blank=True)
    closed_at = models.DateTimeField("arrêté le", null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="arrêté par",
    )  # fmt: skip
    version = models.PositiveIntegerField("version", default=0)

    class Meta:
        verbose_name = "séance du CLCT"
        verbose_name_plural = "séances du CLCT"
        ordering = ("-held_on", "-id")

    def __str__(self) -> str:
        return f"CLCT du {self.held_on}"


class AgendaItem(Dated):
    """A request on the agenda of a meeting, and what the committee decided of it."""

    session = models.ForeignKey(CommitteeSession, models.CASCADE, related_name="items")
    request = models.ForeignKey(Request, models.PROTECT, related_name="agenda_items")
    position = models.PositiveSmallIntegerField("ordre", default=0)
    why = models.CharField("pourquoi elle est à l'ordre du jour", max_length=250)
    decision = models.TextField("décision", blank=True)
    task = models.CharField("suite à donner", max_length=250, blank=True)

    class Meta:
        verbose_name = "point à l'ordre du jour"
        verbose_name_plural = "points à l'ordre du jour"
        ordering = ("position", "id")
        constraints: ClassVar = [
            models.UniqueConstraint("session", "request", name="a_request_once_by_session")
        ]

    def __str__(self) -> str:
        return f"{self.session} · {self.request}"
