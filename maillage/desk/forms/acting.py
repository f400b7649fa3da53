"""Forms of the acts on a request: one class by act, filled beforehand with what is known.

`said` gives what the service is told; the reason, the channel and the person behind an act typed
for another are read by `views.common.act_of`.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django import forms
from django.http import QueryDict

from maillage.accounts.models import User
from maillage.common.forms import Day, SiteForm
from maillage.desk.enums import NeedLevel, Outcome
from maillage.desk.forms.base import OnBehalf
from maillage.desk.models import Request
from maillage.desk.orientation import Answer
from maillage.desk.perms import Standing
from maillage.desk.services.core import in_days
from maillage.engine.vocabulary import PHASES, THEMES

_NOT_SAID: Final = frozenset({"reason", "channel", "on_behalf_of", "search"})


@dataclass(frozen=True, slots=True)
class Subject:
    """What a form is filled from: the request, who acts, the proposals on screen (when the act
    keeps them), the address of the page, and the colleagues of the desk.
    """

    demand: Request
    who: Standing
    given: QueryDict
    shown: Answer | None = None
    colleagues: tuple[User, ...] = ()


class ActForm(OnBehalf):
    """Base of the forms of acts. ``by`` is whose act it is: for another, one says of whom and how
    it came (`OnBehalf`).
    """

    by: ClassVar[str] = ""

    def __init__(self, *args: Any, subject: Subject, **kwargs: Any) -> None:
        self.subject = subject
        first = self.first(subject) | (kwargs.pop("initial", None) or {})
        typing = bool(self.by) and not getattr(subject.who, self.by)
        super().__init__(*args, typing=typing, initial=first, **kwargs)

    def first(self, subject: Subject) -> dict[str, Any]:
        """What the fields hold at first."""
        return {}

    def said(self) -> dict[str, Any]:
        """What the service is told, by its names."""
        return {name: v for name, v in self.cleaned_data.items() if name not in _NOT_SAID}


class Nothing(ActForm):
    """An act that asks for nothing more than to be confirmed."""


class Reason(ActForm):
    """An act that only takes a reason, which may be left out."""

    reason = forms.CharField(label="Un mot d'explication", required=False, widget=forms.Textarea)


class Withdraw(Reason):
    """The mairie takes its request back."""

    by = "applicant"
    reason = forms.CharField(
        label="Pourquoi ?", required=False, widget=forms.Textarea,
        help_text="Vous n'avez pas à vous justifier ; cela aide le guichet à mieux répondre.",
    )  # fmt: skip


class Reopen(ActForm):
    """Open again what had ended."""

    reason = forms.CharField(
        label="Pourquoi rouvrir cette demande ?", widget=forms.Textarea,
        error_messages={"required": "Dites pourquoi vous rouvrez cette demande."},
    )  # fmt: skip


class Qualify(ActForm):
    """What the request is about, as the agent reads it."""

    themes = forms.MultipleChoiceField(
        label="De quoi s'agit-il ?", choices=list(THEMES.items()),
        widget=forms.CheckboxSelectMultiple, help_text="De un à quatre thèmes.",
        error_messages={"required": "Choisissez de un à quatre thèmes."},
    )  # fmt: skip
    phase = forms.ChoiceField(
        label="Où en est le projet ?", choices=list(PHASES.items()), widget=forms.RadioSelect,
        error_messages={"required": "Choisissez l'étape du projet."},
    )  # fmt: skip
    level = forms.ChoiceField(
        label="Quelle aide faut-il ?", choices=NeedLevel.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choisissez le niveau du besoin."},
    )  # fmt: skip
    staff = forms.CharField(
        label="Qui travaille à la mairie ?", required=False, max_length=200,
        help_text="Ce que la mairie en dit. Par exemple : « une secrétaire à mi-temps ».",
    )  # fmt: skip
    note = forms.CharField(
        label="Votre lecture du besoin", required=False, widget=forms.Textarea,
        help_text="Pour vos collègues et le délégué. La mairie ne la lit pas.",
    )  # fmt: skip

    def first(self, subject: Subject) -> dict[str, Any]:
        """What the desk had said; else what was understood of the text."""
        demand, read = subject.demand, subject.shown and subject.shown.orientation.understanding
        return {
            "themes": demand.themes or (list(read.themes[:4]) if read else []),
            "phase": demand.phase or demand.stage or (read.phase if read else "") or "",
            "level": demand.level,
            "staff": demand.staff,
            "note": demand.agent_note,
        }

    def clean_themes(self) -> list[str]:
        """Four at most: beyond, the request is not understood yet."""
        themes: list[str] = self.cleaned_data["themes"]
        if len(themes) > 4:
            raise forms.ValidationError("Choisissez de un à quatre thèmes.")
        return themes


class AskInformation(ActForm):
    """A question to the mairie."""

    question = forms.CharField(
        label="Votre question à la mairie", widget=forms.Textarea,
        help_text="Avec des mots simples : c'est ce texte qu'elle lira.",
        error_messages={"required": "Écrivez ce que vous voulez savoir."},
    )  # fmt: skip
    due_on = Day(label="Réponse souhaitée avant le", required=False)

    def first(self, subject: Subject) -> dict[str, Any]:
        """The delay of the desk."""
        return {"due_on": in_days(subject.demand, subject.demand.desk.information_days)}


class GiveInformation(ActForm):
    """The mairie's answer."""

    by = "applicant"
    text = forms.CharField(
        label="La réponse", widget=forms.Textarea,
        error_messages={"required": "Écrivez la réponse."},
    )  # fmt: skip


class AcceptLead(ActForm):
    """The designated body takes the request."""

    by = "lead"
    text = forms.CharField(
        label="Un mot à la mairie", required=False, widget=forms.Textarea,
        help_text="Par exemple : quand vous l'appellerez.",
    )  # fmt: skip


class DeclineLead(ActForm):
    """The designated body does not take it."""

    by = "lead"
    reason = forms.CharField(
        label="Pourquoi ?", widget=forms.Textarea,
        help_text="Le guichet et le délégué le lisent : cela aide à chercher ailleurs.",
        error_messages={"required": "Dites pourquoi : le guichet cherchera ailleurs."},
    )  # fmt: skip


class Close(ActForm):
    """How the request ends."""

    outcome = forms.ChoiceField(
        label="Comment se termine-t-elle ?", choices=Outcome.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choisissez comment la demande se termine."},
    )  # fmt: skip
    text = forms.CharField(
        label="Ce que cela a donné", widget=forms.Textarea,
        help_text="Une ou deux phrases : la mairie les lira.",
        error_messages={"required": "Dites en une phrase ce que cela a donné."},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.subject.demand.duplicate_of_id is None:
            self.fields["outcome"].choices = [
                (code, label) for code, label in Outcome.choices if code != Outcome.DUPLICATE
            ]


class Reorient(ActForm):
    """Towards a body that answers better, outside the desk."""

    to = forms.CharField(
        label="Vers qui la mairie doit-elle se tourner ?", max_length=200,
        help_text="Le nom de l'organisme, et comment le joindre.",
        error_messages={"required": "Dites vers qui la mairie doit se tourner."},
    )  # fmt: skip
    reason = forms.CharField(
        label="Pourquoi ?", widget=forms.Textarea, help_text="La mairie lira ce texte.",
        error_messages={"required": "Dites pourquoi : la mairie le lira."},
    )  # fmt: skip


class Assign(ActForm):
    """Who follows the request."""

    to = forms.ChoiceField(label="Qui suit cette demande ?", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(one.pk): one for one in self.subject.colleagues}
        self.fields["to"].choices = [
            ("", "Personne en particulier"),
            *((pk, str(one)) for pk, one in self.people.items()),
        ]

    def first(self, subject: Subject) -> dict[str, Any]:
        """Who follows it now, or oneself."""
        return {"to": str(subject.demand.assigned_to_id or subject.who.user.pk)}

    def said(self) -> dict[str, Any]:
        """The person."""
        return {"to": self.people.get(self.cleaned_data["to"])}


class Task(Assign):
    """Something to do."""

    label = forms.CharField(
        label="Quoi ?", max_length=250, error_messages={"required": "Dites ce qu'il y a à faire."}
    )
    due_on = Day(label="Avant le", required=False)
    field_order = ("label", "to", "due_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].label = "Pour qui ?"

    def said(self) -> dict[str, Any]:
        """What, for whom, until when."""
        data = self.cleaned_data
        return {**super().said(), "label": data["label"], "due_on": data["due_on"]}


class Group(ActForm):
    """The other request of a duplicate."""

    number = forms.CharField(
        label="Numéro de l'autre demande", max_length=20,
        help_text="Par exemple : 24-2026-00012.",
        error_messages={"required": "Écrivez le numéro de l'autre demande."},
    )  # fmt: skip

    def first(self, subject: Subject) -> dict[str, Any]:
        """The number that the address names."""
        return {"number": subject.given.get("avec", "")[:20]}

    def clean_number(self) -> str:
        """A request that this person handles."""
        number: str = self.cleaned_data["number"].strip()
        self.other = Request.objects.handled_by(self.subject.who.user).filter(number=number).first()
        if self.other is None:
            raise forms.ValidationError("Aucune demande de vos guichets n'a ce numéro.")
        return number

    def said(self) -> dict[str, Any]:
        """The other request."""
        return {"with_request": self.other}


class Examine(SiteForm):
    """What the examination of a local offer concluded."""

    verdict = forms.ChoiceField(
        choices=[("answers", "Répond au besoin"), ("does_not", "Ne répond pas")],
        label="Votre conclusion", widget=forms.RadioSelect,
        error_messages={"required": "Dites si cette offre répond ou non."},
    )  # fmt: skip
    why = forms.CharField(
        label="Pourquoi ?", widget=forms.Textarea(attrs={"rows": 2}),
        help_text="En une phrase : c'est ce que lira le comité.",
        error_messages={"required": "Dites pourquoi : c'est ce que lira le comité."},
    )  # fmt: skip
