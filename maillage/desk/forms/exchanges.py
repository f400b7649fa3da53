"""Forms of the exchanges: a message, an answer to what is asked of a body."""

from datetime import date
from typing import Any, Final

from django import forms
from django.utils.timezone import localdate

from maillage.common.forms import Day, SiteForm
from maillage.desk.enums import ConsultationKind
from maillage.desk.forms.base import OnBehalf
from maillage.desk.models import Consultation

LONGEST_MESSAGE: Final = 10_000
ACCEPT: Final = "accepter"
DATE: Final = "date"
DECLINE: Final = "decliner"


def _text(**said: Any) -> forms.CharField:
    too_long = f"Ce texte est trop long ({LONGEST_MESSAGE} signes au plus) : joignez un document."
    errors = {"max_length": too_long, **said.pop("error_messages", {})}
    return forms.CharField(
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages=errors,
        **said,
    )


class MessageForm(SiteForm):
    """A message. ``vers``, posted with it, says where it goes (`threads.Writing.key`)."""

    body = _text(label="Votre message", error_messages={"required": "Écrivez votre message."})

    def __init__(self, *args: Any, key: str = "", **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"{key}-%s" if key else "id_%s", **kwargs)


class TranscriptionForm(MessageForm, OnBehalf):
    """What the mairie said otherwise than here, noted by an agent: how it came, and from whom."""

    body = _text(label="Ce qu'elle a dit", error_messages={"required": "Écrivez ce qui a été dit."})
    field_order = ("channel", "on_behalf_of", "body")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, typing=True, **kwargs)


class AnswerForm(OnBehalf):
    """The answer of a body that is asked to help: accept, propose a date, or decline."""

    choice = forms.ChoiceField(
        label="Votre réponse",
        choices=[
            (ACCEPT, "Accepter"),
            (DATE, "Proposer une date"),
            (DECLINE, "Décliner"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez : accepter, proposer une date ou décliner."},
    )
    day = Day(
        label="Date proposée",
        required=False,
        help_text="Le jour où vous pourrez répondre, ou rencontrer la mairie.",
    )
    text = _text(label="Votre message", required=False)
    field_order = ("channel", "on_behalf_of", "choice", "day", "text")

    def __init__(self, *args: Any, asked: Consultation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "on_behalf_of" in self.fields:
            self.fields["text"].label = "Ce qui a été dit"
        self.fields["text"].help_text = (
            "Lu par le guichet et la mairie si vous acceptez ou proposez une date. Si vous "
            "déclinez, dites pourquoi : lu par le guichet seulement."
            if asked.as_lead
            else "Lu par le guichet. Si vous déclinez, dites pourquoi."
        )

    def clean(self) -> dict[str, Any]:
        """Ask for the date of who proposes one, and for the reason of who declines."""
        data = super().clean() or {}
        choice = data.get("choice")
        day: date | None = data.get("day")
        if choice == DATE and "day" not in self.errors:
            if day is None:
                self.add_error("day", "Donnez la date que vous proposez.")
            elif day < localdate():
                self.add_error("day", "Cette date est passée : proposez-en une à venir.")
        if choice == DECLINE and not data.get("text"):
            self.add_error("text", "Dites pourquoi vous déclinez : le guichet cherchera ailleurs.")
        return data


class OpinionForm(OnBehalf):
    """The opinion of a service."""

    text = _text(
        label="Votre avis",
        help_text="Lu par le guichet, et par le comité de l'ANCT si la demande lui est soumise.",
        error_messages={"required": "Écrivez votre avis."},
    )
    field_order = ("channel", "on_behalf_of", "text")

    def __init__(self, *args: Any, asked: Consultation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


def answer_form(asked: Consultation, *args: Any, typing: bool = False) -> OnBehalf:
    """The form that answers `asked`; with `typing`, an agent says who answered them and how."""
    kind = OpinionForm if asked.kind == ConsultationKind.OPINION else AnswerForm
    form = kind(*args, asked=asked, typing=typing, auto_id=f"reponse-{asked.pk}-%s")
    if typing:
        form.fields["on_behalf_of"].help_text = "Nom et fonction de qui vous a répondu."
    return form
