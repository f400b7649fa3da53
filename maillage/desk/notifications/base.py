"""What the messages of the desk have in common, and the invented request of their previews."""

from datetime import date
from typing import ClassVar

from maillage.accounts.models import Organisation
from maillage.common.templatetags.maillage import lettres
from maillage.desk.enums import (
    ConsultationKind,
    ConsultationState,
    Hand,
    Outcome,
    State,
)
from maillage.desk.models import Consultation, Desk, Request
from maillage.notifications import messages


class AboutRequest(messages.Message):
    """Base of the messages about a request: what they open, and the example of the preview."""

    button: ClassVar[str] = "Ouvrir la demande"

    def __init__(self, request: Request) -> None:
        self.request = request

    def topic(self) -> str:
        """Name of the request, by which a summary groups."""
        return f"{self.request.number} · {self.request.bearer_name} : {self.request.title}"

    def action(self) -> tuple[str, str] | None:
        """The page of the request."""
        return self.button, self.request.get_absolute_url()

    @property
    def named(self) -> str:
        """« votre demande n° 24-2026-00012 (Rouvrir le bistrot) » without its first words."""
        return f"n° {self.request.number} ({self.request.title})"

    @classmethod
    def sample(cls) -> "AboutRequest":
        """An invented request of Bourrou, never saved."""
        return cls(sample_request())


class AboutText(AboutRequest):
    """Base of those that carry what someone wrote."""

    example: ClassVar[str] = "Le bâtiment appartient-il à la commune ?"

    def __init__(self, request: Request, text: str) -> None:
        super().__init__(request)
        self.text = text

    @property
    def quoted(self) -> list[str]:
        """What was written, as a paragraph; nothing when it is empty."""
        return [f"« {self.text} »"] if self.text else []

    @classmethod
    def sample(cls) -> "AboutText":
        """An invented text."""
        return cls(sample_request(), cls.example)


class AboutConsultation(messages.Message):
    """Base of the messages about what is asked of a body."""

    def __init__(self, consultation: Consultation) -> None:
        self.consultation = consultation
        self.request = consultation.request

    def topic(self) -> str:
        """Name of the request."""
        return f"{self.request.number} · {self.request.bearer_name} : {self.request.title}"

    def action(self) -> tuple[str, str] | None:
        """The page of the request."""
        return "Ouvrir la demande", self.request.get_absolute_url()

    @classmethod
    def sample(cls) -> "AboutConsultation":
        """An invented question, never saved."""
        return cls(sample_consultation())


def sample_request() -> Request:
    """An invented request of Bourrou, never saved."""
    body = Organisation(name="Agence technique départementale", phone="05 00 00 00 00")
    return Request(
        number="24-2026-00012", state=State.RECEIVED, bearer="24061", bearer_name="Bourrou",
        need="On voudrait rouvrir le bistrot dans l'ancienne école", hand=Hand.DESK,
        received_on=date(2026, 11, 20), first_answer_due=date(2026, 11, 27),
        due_on=date(2026, 11, 27), lead=body, lead_person="Camille Roche",
        lead_phone="05 00 00 00 00", reoriented_to="la Chambre de commerce et d'industrie",
        outcome=Outcome.STARTED, outcome_text="Le café ouvre au printemps.",
        desk=Desk(name="Guichet de l'ingénierie de la Dordogne", phone="05 00 00 00 01"),
    )  # fmt: skip


def sample_consultation() -> Consultation:
    """An invented question, never saved."""
    return Consultation(
        request=sample_request(), organisation=Organisation(name="CAUE de la Dordogne"),
        kind=ConsultationKind.OPINION, state=ConsultationState.GIVEN, due_on=date(2026, 12, 4),
        proposed_on=date(2026, 12, 10), question="Le bâtiment peut-il recevoir du public ?",
        answer="Oui, avec une mise aux normes de l'entrée.",
    )  # fmt: skip


def by_day(day: date | None) -> str:
    """« avant le 27 novembre 2026 », with its first space; nothing without a day."""
    return f" avant le {lettres(day)}" if day else ""
