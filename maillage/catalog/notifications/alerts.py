"""Alerts on a search: the link that proves the address, then what is new."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from django.urls import reverse

from maillage.catalog.enums import AlertFrequency
from maillage.catalog.models import Alert
from maillage.common.templatetags.maillage import pluriel
from maillage.notifications import messages
from maillage.notifications.letters import Letter, Line, Section, absolute

_SHOWN: Final = 20
_WHY_ASKED: Final = (
    "Vous recevez ce courriel parce que cette adresse a été tapée sur notre site. Si ce n'est pas "
    "vous, ne faites rien : sans votre accord, elle sera effacée dans sept jours."
)
_WHY_NEWS: Final = (
    "Vous recevez ce courriel parce que vous avez demandé cette alerte. Le lien ci-dessus "
    "l'arrête, sans compte ni mot de passe."
)


class AlertToConfirm(messages.Message):
    slug = "alert-to-confirm"
    label = "Alerte du catalogue : adresse à confirmer"
    essential = True

    def __init__(self, alert: Alert, secret: str) -> None:
        self.alert, self.secret = alert, secret

    def subject(self) -> str:
        return "Confirmez votre alerte sur le catalogue"

    def paragraphs(self) -> list[str]:
        return [
            "Quelqu'un, sans doute vous, demande à être prévenu à cette adresse des nouvelles "
            f"offres du catalogue. Recherche : {self.alert.label}.",
            f"Rythme : {self.alert.get_frequency_display().lower()}, et seulement s'il y a du "
            "nouveau.",
            "Rien ne sera envoyé tant que vous n'avez pas cliqué. Le lien vaut sept jours.",
        ]

    def action(self) -> tuple[str, str] | None:
        return "Confirmer mon alerte", reverse("catalog:alert_confirm", args=[self.secret])

    def letter(self, *, has_account: bool = True) -> Letter:
        return replace(super().letter(has_account=False), why=_WHY_ASKED)

    @classmethod
    def sample(cls) -> "AlertToConfirm":
        return cls(_sample(), "exemple")


class AlertNews(messages.Message):
    slug = "alert-news"
    label = "Alerte du catalogue : nouvelles offres"
    essential = True

    def __init__(self, alert: Alert, secret: str, news: Sequence[tuple[str, str]]) -> None:
        """`news` are the titles of the new offers and the paths of their pages."""
        self.alert, self.secret, self.news = alert, secret, news

    def subject(self) -> str:
        count = pluriel(len(self.news), "nouvelle offre,nouvelles offres")
        return f"{count} : {self.alert.label}"

    def paragraphs(self) -> list[str]:
        count = pluriel(len(self.news), "offre répond,offres répondent")
        return [f"{count} depuis peu à votre recherche : {self.alert.label}."]

    def action(self) -> tuple[str, str] | None:
        query = f"?{self.alert.query}" if self.alert.query else ""
        return "Voir toute la liste", f"{reverse('catalog:list')}{query}"

    def letter(self, *, has_account: bool = True) -> Letter:
        shown = tuple(Line(title, absolute(path)) for title, path in self.news[:_SHOWN])
        more = len(self.news) - len(shown)
        if more:
            shown += (Line(f"et {more} de plus, dans la liste"),)
        links = tuple(
            Line(label, absolute(reverse(name, args=[self.secret])))
            for label, name in (
                ("Arrêter cette alerte", "catalog:alert_end"),
                ("Changer son rythme", "catalog:alert_manage"),
            )
        )
        return replace(
            super().letter(has_account=False),
            sections=(Section("Nouveautés", shown), Section("Cette alerte", links)),
            why=_WHY_NEWS,
        )

    @classmethod
    def sample(cls) -> "AlertNews":
        news = [("Diagnostic d'un pont communal", "/catalogue/offres/exemple/")]
        return cls(_sample(), "exemple", news)


def _sample() -> Alert:
    return Alert(
        email="mairie@exemple.test", query="q=pont", label="« pont »",
        frequency=AlertFrequency.WEEKLY,
    )  # fmt: skip
