"""The national branch."""

from maillage.desk.notifications.base import AboutRequest, AboutText, by_day


class NationalAsked(AboutRequest):
    slug = "national-asked"
    label = "Appui national demandé"

    def subject(self) -> str:
        return f"Appui national demandé : n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        return [
            f"Pour « {self.request.title} », aucune réponse locale ne suffit : le délégué "
            "territorial demande l'appui de l'Agence nationale de la cohésion des territoires.",
        ]


class CommitteeAsked(AboutRequest):
    slug = "committee-asked"
    label = "Demande à examiner en comité"
    essential = True
    button = "Examiner"

    def subject(self) -> str:
        return f"À examiner : {self.request.bearer_name}, {self.request.title}"

    def paragraphs(self) -> list[str]:
        return [
            f"{self.request.desk.name} demande l'appui national pour {self.request.asker}.",
            f"Les offres locales examinées et les motifs sont sur la page. Décision attendue"
            f"{by_day(self.request.due_on)}.",
        ]


class NationalAccepted(AboutText):
    slug = "national-accepted"
    label = "Appui national accepté"
    essential = True
    example = "Appui de six mois."

    def subject(self) -> str:
        return f"Appui national accepté : n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        return [
            f"Le comité de l'ANCT accepte d'appuyer « {self.request.title} ».",
            *self.quoted,
            "Une convention va être préparée entre les parties.",
        ]


class NationalRefused(AboutText):
    slug = "national-refused"
    label = "Appui national refusé"
    essential = True
    example = "Une réponse régionale existe."

    def subject(self) -> str:
        return f"Appui national refusé : n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        return [
            f"Le comité de l'ANCT n'appuie pas « {self.request.title} » :",
            *self.quoted,
            "Le délégué territorial reprend la recherche d'une réponse locale.",
        ]


class BackToLocal(AboutText):
    slug = "back-to-local"
    label = "Reprise de la recherche locale"
    example = "L'agence technique peut finalement intervenir."

    def subject(self) -> str:
        return f"La recherche locale reprend : n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        return [
            f"Pour « {self.request.title} », le guichet cherche de nouveau une réponse locale.",
            *self.quoted,
        ]


class ConventionSigned(AboutRequest):
    slug = "convention-signed"
    label = "Convention signée"
    essential = True

    def subject(self) -> str:
        return f"Convention signée : n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        return [
            f"La convention d'appui opérationnel pour « {self.request.title} » est signée. "
            "L'exemplaire signé est avec les documents de la demande.",
        ]
