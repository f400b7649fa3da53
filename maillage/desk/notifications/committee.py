"""What the CLCT said of a request, told to the mairie."""

from datetime import date

from maillage.common.templatetags.maillage import lettres
from maillage.desk.models import Request
from maillage.desk.notifications.base import AboutRequest, sample_request


class CommitteeDecided(AboutRequest):
    slug = "committee-decided"
    label = "Demande examinée par le comité local"

    def __init__(self, request: Request, held_on: date, decision: str) -> None:
        super().__init__(request)
        self.held_on = held_on
        self.decision = decision

    def subject(self) -> str:
        return f"Le comité local a examiné la demande n° {self.request.number}"

    def paragraphs(self) -> list[str]:
        return [
            f"Le comité local de cohésion territoriale a examiné « {self.request.title} » "
            f"le {lettres(self.held_on)}.",
            f"Ce qu'il a décidé : « {self.decision} »",
        ]

    @classmethod
    def sample(cls) -> "CommitteeDecided":
        """An invented decision."""
        return cls(
            sample_request(), date(2026, 12, 1), "Le CAUE visite le bâtiment avant la fin du mois."
        )
