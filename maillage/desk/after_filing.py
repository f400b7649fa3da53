"""What a mairie is told when it has filed: what happens next, who does it, by when."""

from dataclasses import dataclass
from datetime import date

from maillage.common.templatetags.maillage import lettres
from maillage.common.workdays import add_working_days
from maillage.desk.enums import DeskMode
from maillage.desk.models import Request


@dataclass(frozen=True, slots=True)
class NextStep:
    """A step of `lifecycle.STEPS` as it is announced. ``by``: the last day, when there is one."""

    title: str
    text: str
    by: date | None = None
    done: bool = False

    @property
    def sentence(self) -> str:
        """The step in a line, for the paper."""
        last = f" Au plus tard le {lettres(self.by)}." if self.by else ""
        return f"{self.title} : {self.text}{last}"


def next_steps(request: Request) -> list[NextStep]:
    """The five steps of a filed request of a desk, by its own deadlines (working days)."""
    desk = request.desk
    received = NextStep(
        "Reçue", f"votre demande est arrivée le {lettres(request.received_on)}.", done=True
    )
    support = NextStep(
        "Accompagnement",
        "votre interlocuteur unique suit le projet avec vous. Vous lui écrivez ici, ou vous "
        "l'appelez.",
    )
    end = NextStep("Terminée", "quand vous avez votre réponse, et que vous le dites.")
    if desk is None or request.received_on is None:
        return [received, support, end]
    if desk.mode == DeskMode.EXISTING_CIRCUIT:
        who = desk.circuit.name if desk.circuit else "le circuit du département"
        return [
            received,
            NextStep("Transmise", f"{who} la suit, comme d'habitude dans ce département."),
            support,
            end,
        ]
    first = request.first_answer_due
    decided = first and add_working_days(first, desk.decision_days, desk.department)
    return [
        received,
        NextStep("Comprise", "un agent du guichet la lit et vous répond.", first),
        NextStep(
            "Un interlocuteur vous est désigné",
            "le délégué territorial choisit qui vous suit, au plus près de chez vous.",
            decided,
        ),
        support,
        end,
    ]
