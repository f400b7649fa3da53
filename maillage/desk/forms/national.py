"""Forms of the national branch: its opening, the committee's decision, the convention."""

from typing import Any, Final

from django import forms
from django.utils.timezone import localdate

from maillage.common.forms import Day, SiteForm
from maillage.desk.enums import ConventionState, Ground
from maillage.desk.forms.acting import ActForm, Subject
from maillage.desk.models import Convention

#: Each ground, told so that an agent knows whether it is theirs.
GROUNDS: Final = {
    Ground.FRAGILITY: "peu d'habitants, peu de moyens, pas de personnel technique "
    "(va avec le motif suivant)",
    Ground.LOCAL_LACK: "personne, près d'ici, ne peut répondre (va avec le motif précédent)",
    Ground.INNOVATIVE: "ce projet n'a pas encore été fait ici, ou pas ainsi",
    Ground.COMPLEX: "plusieurs sujets, plusieurs partenaires, un montage inhabituel",
    Ground.RARE: "un savoir-faire que peu d'organismes ont en France (ouvrages d'art, par exemple)",
    Ground.NATIONAL_SCALE: "le projet dépasse le département et la région",
}


class OpenNational(ActForm):
    """Why national support is asked for."""

    grounds = forms.MultipleChoiceField(
        label="Pour quels motifs ?",
        choices=[(g.value, f"{g.label} : {GROUNDS[g]}") for g in Ground],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins un motif."},
    )
    explanation = forms.CharField(
        label="Expliquez en quelques phrases",
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Le comité de l'ANCT et la mairie lisent ce texte.",
        error_messages={"required": "Expliquez en quelques phrases : le comité de l'ANCT le lira."},
    )
    support = forms.CharField(
        label="Quel appui demandez-vous ?",
        required=False,
        widget=forms.Textarea,
        help_text="Par exemple : dix jours d'un bureau d'études pour le montage juridique.",
    )
    none_found = forms.BooleanField(
        label="Je confirme qu'aucune offre locale n'est proposée pour ce besoin, et que je n'en "
        "connais pas",
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.subject.demand.examinations.exists():  # then some were proposed
            del self.fields["none_found"]

    def first(self, subject: Subject) -> dict[str, Any]:
        """What the agent had prepared."""
        return {"explanation": subject.demand.prepared.get("text", "")}


class AcceptNational(ActForm):
    """The committee validates."""

    reason = forms.CharField(
        label="Un mot au délégué et à la mairie",
        required=False,
        widget=forms.Textarea,
        help_text="L'appui accordé, qui le donnera, à quelles conditions.",
    )


class RefuseNational(ActForm):
    """The committee refuses, and says why."""

    reason = forms.CharField(
        label="Pourquoi ?",
        widget=forms.Textarea,
        help_text="Le délégué et la mairie lisent ce texte.",
        error_messages={"required": "Dites pourquoi : le délégué et la mairie le liront."},
    )


class SignConvention(ActForm):
    """The signed convention."""

    signed_on = Day(
        label="Date de signature",
        error_messages={"required": "Indiquez la date de signature."},
    )
    file = forms.FileField(
        label="L'exemplaire signé",
        help_text="Un PDF, ou une image de chaque page. Il est conservé avec la demande.",
        error_messages={
            "required": "Joignez l'exemplaire signé.",
            "empty": "Ce fichier est vide : choisissez-en un autre.",
        },
    )

    def first(self, subject: Subject) -> dict[str, Any]:
        """Today."""
        return {"signed_on": localdate()}

    def clean_signed_on(self) -> Any:
        """A day that has come."""
        day = self.cleaned_data["signed_on"]
        if day > localdate():
            raise forms.ValidationError("La date de signature est à venir.")
        return day


class ConventionText(SiteForm):
    """The text of the convention, filled from the request at first."""

    parties = forms.CharField(label="Entre", widget=forms.Textarea(attrs={"rows": 6}))
    object = forms.CharField(label="Objet", widget=forms.Textarea(attrs={"rows": 5}))
    starts = Day(label="Début de l'appui", required=False)
    months = forms.IntegerField(
        label="Durée, en mois",
        required=False,
        min_value=1,
        max_value=120,
        error_messages={
            "invalid": "Écrivez un nombre de mois.",
            "min_value": "La durée est d'au moins un mois.",
            "max_value": "La durée est de dix ans au plus.",
        },
    )
    commitments_anct = forms.CharField(
        label="Ce à quoi l'ANCT s'engage", widget=forms.Textarea(attrs={"rows": 5})
    )
    commitments_bearer = forms.CharField(
        label="Ce à quoi la collectivité s'engage", widget=forms.Textarea(attrs={"rows": 5})
    )
    commitments_delegate = forms.CharField(
        label="Ce à quoi le délégué territorial s'engage", widget=forms.Textarea(attrs={"rows": 5})
    )
    follow_up = forms.CharField(
        label="Suivi et évaluation", required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, locked: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.disabled = locked
            field.error_messages.setdefault("required", "Ce paragraphe est vide.")
            if field.required:
                field.error_messages["required"] = "Ce paragraphe est vide : complétez-le."


def is_signed(convention: Convention | None) -> bool:
    """True when its text may not change any more."""
    return convention is not None and convention.state == ConventionState.SIGNED
