"""What is asked of bodies, and their answers."""

from maillage.common.templatetags.maillage import lettres
from maillage.desk.enums import ConsultationKind
from maillage.desk.notifications.base import AboutConsultation, by_day


class HelpAsked(AboutConsultation):
    slug = "help-asked"
    label = "Votre organisme est sollicité"
    essential = True

    def subject(self) -> str:
        what = "Avis demandé" if self._is_opinion else "Aide demandée"
        return f"{what} : {self.request.bearer_name}, {self.request.title}"

    @property
    def _is_opinion(self) -> bool:
        return self.consultation.kind == ConsultationKind.OPINION

    def paragraphs(self) -> list[str]:
        asked = "un avis" if self._is_opinion else "votre aide"
        return [
            f"{self.request.desk.name} demande {asked} à {self.consultation.organisation} pour "
            f"{self.request.asker}.",
            f"« {self.consultation.question} »",
            f"Réponse attendue{by_day(self.consultation.due_on)}.",
        ]


class HelpAnswered(AboutConsultation):
    slug = "help-answered"
    label = "Un organisme a répondu"

    def subject(self) -> str:
        return f"{self.consultation.organisation} a répondu : n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        state = self.consultation.get_state_display()
        return [
            f"{self.consultation.organisation} : {state.lower()}.",
            *([f"« {self.consultation.answer} »"] if self.consultation.answer else []),
        ]


class DateProposed(AboutConsultation):
    slug = "date-proposed"
    label = "Une date est proposée"

    def subject(self) -> str:
        return f"{self.consultation.organisation} propose une date : n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        return [
            f"{self.consultation.organisation} propose le "
            f"{lettres(self.consultation.proposed_on)} pour « {self.request.title} ».",
            *([f"« {self.consultation.answer} »"] if self.consultation.answer else []),
        ]


class HelpCancelled(AboutConsultation):
    slug = "help-cancelled"
    label = "Sollicitation sans objet"

    def subject(self) -> str:
        return f"Plus de réponse attendue : {self.request.bearer_name}, {self.request.title}"

    def paragraphs(self) -> list[str]:
        return [f"Le guichet n'attend plus de réponse sur « {self.request.title} ». Merci."]

    def action(self) -> None:
        return None  # there is nothing left to open


class AnswerLate(AboutConsultation):
    slug = "answer-late"
    label = "Rappel : une réponse est attendue"
    essential = True

    def subject(self) -> str:
        return f"Rappel : votre réponse pour {self.request.bearer_name}"

    def paragraphs(self) -> list[str]:
        return [
            f"Une réponse de {self.consultation.organisation} était attendue"
            f"{by_day(self.consultation.due_on)} sur « {self.request.title} ».",
            f"« {self.consultation.question} »" if self.consultation.question else "",
            "C'est le seul rappel que vous recevrez.",
        ]


class StillNoAnswer(AboutConsultation):
    slug = "still-no-answer"
    label = "Réponse toujours attendue, signalée à l'agent"

    def subject(self) -> str:
        return f"Toujours sans réponse de {self.consultation.organisation}"

    def paragraphs(self) -> list[str]:
        return [
            f"Malgré un rappel, {self.consultation.organisation} n'a pas répondu sur la demande "
            f"n° {self.request.number} ({self.request.title}).",
            "Un appel est sans doute le plus simple.",
        ]
