"""Forms of the quality pages: an error that is reported, and what becomes of it."""

from typing import Final

from django import forms

from maillage.catalog.enums import ReportState
from maillage.common.forms import SiteForm

LONGEST: Final = 2000


class ReportForm(SiteForm):
    """« Signaler une erreur ». ``website`` is a trap: people do not see it, machines fill it."""

    message = forms.CharField(
        label="Qu'est-ce qui ne va pas ?",
        help_text="Par exemple : le téléphone a changé, le lien est mort, l'aide n'existe plus.",
        widget=forms.Textarea(attrs={"rows": 5}),
        min_length=5,
        max_length=LONGEST,
        error_messages={
            "required": "Dites en quelques mots ce qui ne va pas.",
            "min_length": "Dites-en un peu plus : quelques mots suffisent.",
            "max_length": f"Ce texte est trop long : gardez l'essentiel ({LONGEST} caractères).",
        },
    )
    email = forms.EmailField(
        label="Votre adresse électronique",
        help_text="Seulement si vous voulez savoir ce qui aura été corrigé. Elle est effacée dès "
        "que nous vous avons répondu. Format attendu : nom@domaine.fr",
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": "Écrivez l'adresse comme ceci : nom@domaine.fr."},
    )
    website = forms.CharField(required=False, label="Ne remplissez pas ce champ")


class CloseForm(SiteForm):
    """What was done of a report."""

    state = forms.ChoiceField(
        label="Qu'avez-vous fait ?",
        choices=[
            (ReportState.CORRECTED, "La fiche est corrigée"),
            (
                ReportState.DISMISSED,
                "Sans suite : la fiche était juste",
            ),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites si la fiche est corrigée."},
    )
    answer = forms.CharField(
        label="Réponse",
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": f"Réponse trop longue : {LONGEST} caractères au plus."},
    )
