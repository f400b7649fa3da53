"""From the link to file until the request is understood."""

from datetime import date

from django.urls import reverse

from maillage.common.templatetags.maillage import lettres
from maillage.desk.models import FilingLink, Request
from maillage.desk.notifications.base import (
    AboutRequest,
    AboutText,
    by_day,
    sample_request,
)
from maillage.notifications import messages


class LinkToFile(messages.Message):
    slug = "link-to-file"
    label = "Lien pour déposer une demande"
    essential = True

    def __init__(self, link: FilingLink, secret: str) -> None:
        self.link, self.secret = link, secret

    def subject(self) -> str:
        return "Votre lien pour déposer une demande au guichet"

    def paragraphs(self) -> list[str]:
        who = self.link.desk.name
        begin = (
            f"{who} vous envoie ce lien pour déposer votre demande, sans mot de passe."
            if self.link.sent_by_id
            else f"Vous avez demandé à déposer une demande auprès de : {who}."
        )
        return [
            begin,
            "Ce que vous tapez est gardé à chaque étape : vous pouvez vous arrêter et reprendre.",
            f"Le lien sert une fois, jusqu'au {lettres(self.link.expires_at)}. Ensuite, vous vous "
            "connectez avec cette adresse et un code reçu par courriel.",
            "Si vous n'avez rien demandé, ne faites rien : sans votre clic, rien n'est déposé.",
        ]

    def action(self) -> tuple[str, str] | None:
        return "Déposer ma demande", reverse("requests:link", args=[self.secret])

    @classmethod
    def sample(cls) -> "LinkToFile":
        from_now = sample_request()
        return cls(
            FilingLink(desk=from_now.desk, email="mairie@exemple.test", code="24061",
                       sent_by_id=1, expires_at=date(2026, 12, 4)),
            "exemple",
        )  # fmt: skip


class RequestReceived(AboutRequest):
    slug = "request-received"
    label = "Accusé de réception"
    essential = True
    button = "Suivre ma demande"

    def subject(self) -> str:
        return f"Votre demande est reçue : n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        phone = f" Téléphone : {self.request.desk.phone}." if self.request.desk.phone else ""
        return [
            f"Votre demande {self.named} est arrivée le {lettres(self.request.received_on)}.",
            f"{self.request.desk.name} vous répond{by_day(self.request.first_answer_due)}.",
            f"Gardez le numéro : il suffit pour en parler au téléphone.{phone}",
        ]


class RequestToQualify(AboutRequest):
    slug = "request-to-qualify"
    label = "Nouvelle demande à qualifier"

    def subject(self) -> str:
        return f"Nouvelle demande : {self.request.bearer_name}, {self.request.title}"

    def paragraphs(self) -> list[str]:
        return [
            f"{self.request.asker} a déposé la demande n° {self.request.number}.",
            f"« {self.request.need[:400]} »",
            f"Première réponse attendue{by_day(self.request.first_answer_due)}.",
        ]


class ForInformation(AboutRequest):
    slug = "for-information"
    label = "Demande portée à votre connaissance"

    def subject(self) -> str:
        return f"Pour information : {self.request.bearer_name}, {self.request.title}"

    def paragraphs(self) -> list[str]:
        return [
            f"{self.request.desk.name} vous informe de la demande {self.named}.",
            "Vous n'avez pas d'avis à rendre.",
        ]


class EntrustedToCircuit(AboutRequest):
    slug = "entrusted-to-circuit"
    label = "Demande suivie par le circuit existant"
    essential = True

    def subject(self) -> str:
        return f"Qui suit la demande n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        who = self.request.lead.name if self.request.lead else "le circuit du département"
        return [
            f"La demande de {self.request.asker} ({self.request.title}) est suivie par : {who}.",
            "Ce département a déjà son organisation : le guichet est informé et ne la remplace "
            "pas.",
        ]


class InformationWanted(AboutText):
    slug = "information-wanted"
    label = "Précision demandée à la mairie"
    essential = True
    button = "Répondre"

    def subject(self) -> str:
        return f"Une question sur votre demande n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        return [
            f"Pour avancer sur « {self.request.title} », le guichet vous demande :",
            *self.quoted,
            f"Répondez{by_day(self.request.due_on)}, ici ou par téléphone.",
        ]


class InformationGiven(AboutText):
    slug = "information-given"
    label = "La mairie a répondu"
    example = "Oui, depuis 1987."

    def subject(self) -> str:
        return f"{self.request.bearer_name} a répondu : n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        return [f"Sur la demande {self.named}, la mairie répond :", *self.quoted]


class RequestQualified(AboutRequest):
    slug = "request-qualified"
    label = "Demande comprise par le guichet"
    button = "Suivre ma demande"

    def subject(self) -> str:
        return f"Votre demande n° {self.request.number} est comprise"

    def paragraphs(self) -> list[str]:
        return [
            f"Le guichet a lu votre demande « {self.request.title} » et l'a comprise.",
            f"Il cherche qui peut la suivre, au plus près de chez vous. Prochaine "
            f"nouvelle{by_day(self.request.due_on)}.",
        ]


class DecisionPrepared(AboutRequest):
    slug = "decision-prepared"
    label = "Décision préparée pour le délégué"
    button = "Décider"

    def subject(self) -> str:
        return f"À décider : {self.request.bearer_name}, n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        prepared = self.request.prepared
        name = prepared.get("organisation_name")
        what = f"désigner {name}" if name else "demander l'appui national"
        return [
            f"Pour la demande {self.named}, {prepared.get('by', 'un agent')} propose : {what}.",
            *([f"« {prepared['text']} »"] if prepared.get("text") else []),
        ]

    @classmethod
    def sample(cls) -> "DecisionPrepared":
        request = sample_request()
        request.prepared = {"by": "Agent du guichet", "organisation_name": "CAUE de la Dordogne",
                            "text": "Le CAUE a déjà vu le bâtiment."}  # fmt: skip
        return cls(request)


class RequestAssigned(AboutRequest):
    slug = "request-assigned"
    label = "Demande qui vous est confiée"

    def subject(self) -> str:
        return f"Vous suivez : {self.request.bearer_name}, n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        return [
            f"La demande {self.named} vous est confiée.",
            f"État : {self.request.get_state_display()}. Prochaine échéance"
            f"{by_day(self.request.due_on) or ' : aucune'}.",
        ]


class RequestsAssigned(messages.Message):
    slug = "requests-assigned"
    label = "Demandes qui vous sont confiées"

    def __init__(self, requests: list[Request]) -> None:
        self.requests = requests

    def subject(self) -> str:
        return f"Vous suivez {len(self.requests)} demandes de plus"

    def paragraphs(self) -> list[str]:
        lines = [
            f"{one.bearer_name}, n° {one.number} : {one.title}" for one in self.requests[:_LISTED]
        ]
        more = len(self.requests) - len(lines)
        return [
            "Ces demandes vous sont confiées :",
            *lines,
            *([f"Et {more} de plus."] if more else []),
        ]

    def action(self) -> tuple[str, str] | None:
        return "Ouvrir la file du guichet", reverse("queue:list")

    @classmethod
    def sample(cls) -> "RequestsAssigned":
        """Two invented requests, never saved."""
        return cls([sample_request(), sample_request()])


#: Requests named in full; the queue has them all.
_LISTED = 12
