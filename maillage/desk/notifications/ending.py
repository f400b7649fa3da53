"""The end of a request, lateness, and the messages of the thread."""

from maillage.accounts.models import User
from maillage.common.templatetags.maillage import lettres
from maillage.desk.enums import Audience
from maillage.desk.models import Message
from maillage.desk.notifications.base import AboutRequest, AboutText, sample_request
from maillage.notifications import messages


class RequestClosed(AboutRequest):
    slug = "request-closed"
    label = "Demande terminée"
    essential = True
    button = "Voir ce que cela a donné"

    def subject(self) -> str:
        return f"Votre demande n° {self.request.number} est terminée"

    def paragraphs(self) -> list[str]:
        return [
            f"« {self.request.title} » : {self.request.get_outcome_display().lower()}.",
            self.request.outcome_text,
            "Si ce n'est pas fini pour vous, vous pouvez rouvrir la demande depuis sa page.",
        ]


class RequestReoriented(AboutText):
    slug = "request-reoriented"
    label = "Demande réorientée"
    essential = True
    example = "Elle instruit ces dossiers elle-même."

    def subject(self) -> str:
        return f"Vers qui vous tourner : demande n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        return [
            f"Pour « {self.request.title} », le mieux placé est : {self.request.reoriented_to}.",
            *self.quoted,
        ]


class RequestWithdrawn(AboutText):
    slug = "request-withdrawn"
    label = "Demande retirée par la mairie"
    example = "Le conseil a changé d'avis."

    def subject(self) -> str:
        return f"{self.request.bearer_name} retire sa demande n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        return [f"La mairie retire « {self.request.title} ».", *self.quoted]


class RequestReopened(AboutText):
    slug = "request-reopened"
    label = "Demande rouverte"
    example = "L'accompagnement s'est arrêté trop tôt."

    def subject(self) -> str:
        return f"Demande rouverte : n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        return [f"« {self.request.title} » est rouverte.", *self.quoted]


class YourTurn(AboutRequest):
    slug = "your-turn"
    label = "Rappel : le guichet attend votre réponse"
    essential = True
    button = "Répondre"

    def subject(self) -> str:
        return f"Le guichet attend votre réponse : n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        return [
            f"Votre demande « {self.request.title} » attend une précision de votre part.",
            "Quelques mots suffisent. Vous pouvez aussi appeler le guichet.",
        ]


class RequestLate(AboutRequest):
    slug = "request-late"
    label = "Échéance dépassée"

    def subject(self) -> str:
        return f"En retard : {self.request.bearer_name}, n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        return [
            f"L'échéance du {lettres(self.request.due_on)} est passée sur la demande {self.named}.",
            f"État : {self.request.get_state_display()}.",
        ]


class NewMessage(messages.Message):
    slug = "new-message"
    label = "Nouveau message"

    def __init__(self, message: Message) -> None:
        self.message = message
        self.request = message.request

    def topic(self) -> str:
        """Name of the request."""
        return f"{self.request.number} · {self.request.bearer_name} : {self.request.title}"

    def subject(self) -> str:
        return f"Message sur la demande n° {self.request.number} ({self.request.bearer_name})"

    def paragraphs(self) -> list[str]:
        author = self.message.author_label
        if self.message.on_behalf_of:
            author = f"{author}, pour {self.message.on_behalf_of}"
        reads = {
            Audience.APPLICANT: "Lu par la mairie, le guichet et l'interlocuteur unique.",
            Audience.PARTNER: f"Lu par {self.message.partner} et le guichet.",
            Audience.INTERNAL: "Interne au guichet : la mairie ne le voit pas.",
            Audience.REMARK: "Remarque d'élu, lue par le guichet.",
        }[Audience(self.message.audience)]
        return [f"{author} écrit :", f"« {self.message.body[:1200]} »", reads]

    def action(self) -> tuple[str, str] | None:
        return "Lire et répondre", f"{self.request.get_absolute_url()}#echanges"

    @classmethod
    def sample(cls) -> "NewMessage":
        return cls(
            Message(
                request=sample_request(), audience=Audience.APPLICANT,
                author=User(email="guichet@exemple.test"), body="Pouvez-vous envoyer le plan ?",
                author_label="Agent du guichet, Préfecture de la Dordogne",
            )
        )  # fmt: skip
