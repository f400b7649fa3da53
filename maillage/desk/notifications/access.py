"""An access that the desk opens for someone."""

from datetime import date

from django.urls import reverse

from maillage.accounts.enums import Role
from maillage.accounts.models import Mandate, Organisation, User
from maillage.common.templatetags.maillage import lettres
from maillage.notifications import messages


class AccessOpened(messages.Message):
    slug = "access-opened"
    label = "Accès ouvert"
    essential = True

    def __init__(self, mandate: Mandate, by: User) -> None:
        self.mandate = mandate
        self.by = by

    def subject(self) -> str:
        return f"Un accès vous est ouvert pour {self.mandate.organisation.name}"

    def paragraphs(self) -> list[str]:
        role = self.mandate.get_role_display()
        until = f", jusqu'au {lettres(self.mandate.ends)}" if self.mandate.ends else ""
        begins = self.mandate.starts
        body = self.mandate.organisation.name
        return [
            f"{self.by} vous donne un accès : {role}, pour {body}{until}.",
            *([f"Il commence le {lettres(begins)}."] if begins else []),
            "Il n'y a pas de mot de passe : donnez cette adresse sur la page de connexion, un code "
            "vous est envoyé.",
        ]

    def action(self) -> tuple[str, str] | None:
        return "Se connecter", reverse("account_login")

    @classmethod
    def sample(cls) -> "AccessOpened":
        """An invented mandate, never saved."""
        return cls(
            Mandate(
                user=User(email="mairie@exemple.test"), role=Role.APPLICANT,
                organisation=Organisation(name="Commune de Bourrou"), ends=date(2032, 3, 31),
            ),
            User(name="Camille Roche"),
        )  # fmt: skip
