"""What one says to be told of new offers."""

from typing import Final

from django import forms

from maillage.catalog.enums import AlertFrequency
from maillage.common.forms import SiteForm

_RHYTHM: Final = {
    "label": "À quel rythme ?",
    "choices": AlertFrequency.choices,
    "widget": forms.RadioSelect,
    "error_messages": {
        "required": "Choisissez un rythme.",
        "invalid_choice": "Choisissez un rythme parmi ceux proposés.",
    },
}


class AskAlert(SiteForm):
    """Address and rhythm of a new alert."""

    email = forms.EmailField(
        label="Votre adresse électronique",
        help_text="Exemple : mairie@commune.fr. Elle ne sert qu'à cette alerte.",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": "Écrivez votre adresse électronique.",
            "invalid": "Vérifiez l'adresse : elle s'écrit comme mairie@commune.fr.",
        },
    )
    frequency = forms.ChoiceField(
        **_RHYTHM,
        initial=AlertFrequency.WEEKLY,
        help_text="Un courriel ne part que s'il y a du nouveau.",
    )


class ChangeAlert(SiteForm):
    """Another rhythm."""

    frequency = forms.ChoiceField(**_RHYTHM)
