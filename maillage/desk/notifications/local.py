"""The local branch: the interlocuteur unique."""

from maillage.desk.models import Request
from maillage.desk.notifications.base import AboutRequest, AboutText, by_day, sample_request


class LeadAsked(AboutRequest):
    slug = "lead-asked"
    label = "Vous êtes désigné interlocuteur unique"
    essential = True
    button = "Répondre"

    def subject(self) -> str:
        return f"Vous êtes désigné pour suivre {self.request.bearer_name}"

    def paragraphs(self) -> list[str]:
        return [
            f"Le délégué territorial désigne {self.request.lead} interlocuteur unique de la "
            f"demande {self.named}.",
            f"« {self.request.need[:400]} »",
            f"Acceptez, proposez une date ou déclinez{by_day(self.request.due_on)}.",
        ]


class LeadDesignated(AboutRequest):
    slug = "lead-designated"
    label = "Votre interlocuteur est désigné"
    essential = True
    button = "Voir ma demande"

    def subject(self) -> str:
        return f"Votre interlocuteur pour la demande n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        lead = self.request.lead.name
        who = f"{self.request.lead_person}, {lead}" if self.request.lead_person else lead
        how = " ou ".join(filter(None, [self.request.lead_phone, self.request.lead_email]))
        return [
            f"Pour « {self.request.title} », votre interlocuteur unique est : {who}.",
            f"Pour le joindre : {how}." if how else "Il prend contact avec vous.",
        ]


class LeadEntrusted(AboutRequest):
    slug = "lead-entrusted"
    label = "Une demande en cours vous est confiée"
    essential = True

    def subject(self) -> str:
        return f"Vous suivez désormais {self.request.bearer_name} : n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        return [
            f"{self.request.lead} est l'interlocuteur unique de la demande {self.named}.",
            f"« {self.request.need[:400]} »",
            f"Prenez contact avec {self.request.asker} : la mairie sait que c'est vous.",
        ]


class LeadReleased(AboutRequest):
    slug = "lead-released"
    label = "Vous n'êtes plus l'interlocuteur"

    def subject(self) -> str:
        return f"Demande n° {self.request.number} : un autre interlocuteur est désigné"

    def paragraphs(self) -> list[str]:
        return [f"La demande {self.named} est désormais suivie par {self.request.lead}."]

    def action(self) -> None:
        return None


class LeadAccepted(AboutText):
    slug = "lead-accepted"
    label = "L'interlocuteur a accepté"
    example = "Je vous appelle lundi matin."

    def subject(self) -> str:
        return f"{self.request.lead} suit la demande n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        return [
            f"{self.request.lead} a accepté de suivre « {self.request.title} ».",
            *self.quoted,
        ]


class LeadDeclined(AboutText):
    slug = "lead-declined"
    label = "L'interlocuteur a décliné"
    example = "Nous n'intervenons plus sur les commerces."
    button = "Chercher ailleurs"

    def __init__(self, request: Request, body: str, text: str) -> None:
        super().__init__(request, text)
        self.body = body

    def subject(self) -> str:
        return f"{self.body} décline : n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        return [
            f"{self.body} ne peut pas suivre la demande {self.named} :",
            *self.quoted,
            "Les propositions suivantes, par proximité, sont sur la page de la demande.",
        ]

    @classmethod
    def sample(cls) -> "LeadDeclined":
        return cls(sample_request(), "CAUE de la Dordogne", cls.example)
