"""What a plan tells people: its mairie when a desk writes in it, the desk when the mairie chooses.

None is essential: each goes when the person chose to be written to, or only to « Mes messages ».
"""

from datetime import date
from typing import ClassVar, Final

from django.urls import reverse

from maillage.accounts.models import Organisation
from maillage.funding.models import Plan
from maillage.notifications import messages
from maillage.projects.models import Project

_ONCE: Final = "Un seul message par jour : la suite est dans l'histoire du plan."


class AboutPlan(messages.Message):
    """Base of these messages: the plan, who did it (with their body), what was done in words."""

    example: ClassVar[str] = ""

    def __init__(self, plan: Plan, who: str, said: str = "") -> None:
        self.plan, self.who, self.said = plan, who, said.rstrip(".")

    def topic(self) -> str:
        """Name of the project, by which a summary groups."""
        return f"{self.project.owner} : {self.project.name}"

    @property
    def project(self) -> Project:
        """The project of the plan."""
        return self.plan.project

    @property
    def about(self) -> str:
        """What a person is told of once a day."""
        return f"plan:{self.plan.pk}"

    def key_of(self, day: date) -> str:
        """What makes two of these messages the same one: the plan and the day."""
        return f"{self.about}:{day.isoformat()}"

    @classmethod
    def sample(cls) -> "AboutPlan":
        """An invented plan of Bourrou, never saved."""
        owner = Organisation(name="Mairie de Bourrou")
        project = Project(name="Rouvrir le café dans l'ancienne école", owner=owner)
        who = "Camille Roche (Préfecture de la Dordogne)"
        return cls(Plan(project=project, name="Plan de la commune"), who, cls.example)


class PlanChanged(AboutPlan):
    """A desk changed what the plan holds."""

    slug = "plan-changed"
    label = "Un guichet a modifié votre plan de financement"
    example = "Modifié : « Toiture » : 120 000 € au lieu de 100 000 €"

    def subject(self) -> str:
        """The plan is named: several may be changed."""
        return f"Votre plan « {self.plan.name} » a été modifié"

    def paragraphs(self) -> list[str]:
        """Who, what, and that nothing is lost."""
        return [
            f"{self.who} a modifié « {self.plan.name} » pour {self.project.owner}, dans le projet "
            f"« {self.project.name} ».",
            f"{self.said}.",
            f"La version d'avant est gardée : vous pouvez y revenir. {_ONCE}",
        ]

    def action(self) -> tuple[str, str] | None:
        """The history of the plan."""
        return "Voir ce qui a été fait", reverse("funding:versions", args=[self.plan.pk])


class PlanNoted(AboutPlan):
    """A desk noted where a dossier stands, or attached a document."""

    slug = "plan-noted"
    label = "Un guichet a noté où en est un dossier de votre plan"
    example = "DETR : accusé de réception le 21/11/2026"

    def subject(self) -> str:
        """What was noted: it is often all that one wants to know."""
        return f"Noté dans « {self.plan.name} » : {self.said}"

    def paragraphs(self) -> list[str]:
        """Who, what, and where to correct it."""
        return [
            f"{self.who} a noté pour {self.project.owner}, dans le projet « {self.project.name} » :"
            f" {self.said}.",
            f"Si ce n'est pas juste, corrigez-le dans le plan, ou appelez le guichet. {_ONCE}",
        ]

    def action(self) -> tuple[str, str] | None:
        """The plan."""
        return "Ouvrir le plan", self.plan.get_absolute_url()


class PlanProposed(AboutPlan):
    """A desk made a plan for the project of a mairie."""

    slug = "plan-proposed"
    label = "Un guichet vous propose un plan de financement"

    def subject(self) -> str:
        """The project: it is what the mairie knows."""
        return f"Un plan de financement vous est proposé : {self.project.name}"

    def paragraphs(self) -> list[str]:
        """Who proposes what, and that nothing is decided."""
        return [
            f"{self.who} vous propose « {self.plan.name} », un plan de financement de votre projet "
            f"« {self.project.name} ».",
            "Il ne compte comme le vôtre que si vous le retenez. Lisez-le, modifiez-le, ou laissez-"
            "le : vos autres plans n'ont pas changé.",
        ]

    def action(self) -> tuple[str, str] | None:
        """The project, which shows every plan: several may be proposed the same day."""
        return "Voir les plans du projet", self.project.get_absolute_url()

    @property
    def about(self) -> str:
        """The project: several plans are tried before one is good."""
        return f"project:{self.project.pk}"


class PlanChosenFor(AboutPlan):
    """A desk noted that the mairie chose a plan."""

    slug = "plan-chosen-for"
    label = "Un guichet a noté que vous retenez un plan"
    example = "Plan retenu, dit par Mme Martin, maire, au téléphone"

    def subject(self) -> str:
        """The plan that is now the chosen one."""
        return f"Noté pour vous : « {self.plan.name} » est le plan retenu"

    def paragraphs(self) -> list[str]:
        """Who noted it, who is said to have chosen, and what to do if that is wrong."""
        return [
            f"{self.who} l'a noté pour {self.project.owner}, dans le projet "
            f"« {self.project.name} » : {self.said}.",
            "Si ce n'est pas votre choix, ouvrez le plan que vous voulez et choisissez « Retenir "
            "ce plan » : vous seuls décidez.",
        ]

    def action(self) -> tuple[str, str] | None:
        """The project, which shows every plan."""
        return "Voir les plans du projet", self.project.get_absolute_url()


class PlanChosen(AboutPlan):
    """The mairie chose a plan: told to those of the desk who worked on it."""

    slug = "plan-chosen"
    label = "La collectivité a retenu un plan de financement"

    def subject(self) -> str:
        """Who chose what."""
        return f"{self.project.owner} a retenu « {self.plan.name} »"

    def paragraphs(self) -> list[str]:
        """The choice, as the history of the plan says it."""
        return [
            f"{self.project.owner} a choisi son plan de financement pour « {self.project.name} » : "
            f"« {self.plan.name} ».",
            "Vous avez écrit dans un plan de ce projet : vous pouvez continuer à le suivre.",
        ]

    def action(self) -> tuple[str, str] | None:
        """The plan."""
        return "Ouvrir le plan", self.plan.get_absolute_url()
