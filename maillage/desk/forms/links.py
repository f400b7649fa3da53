"""Form of a link sent to a mairie, and the filters of the list of links."""

from dataclasses import dataclass
from typing import Final

from django import forms
from django.http import QueryDict

from maillage.desk.forms.filing import PlaceFirst

#: States of a link, by the word of the address.
STATES: Final = {"envoyes": "Envoyés", "ouverts": "Ouverts", "expires": "Plus valables"}


class SendLink(PlaceFirst):
    """To which mairie, at which address."""

    missing = "À quelle commune ?"

    email = forms.EmailField(
        label="Adresse électronique de la mairie", max_length=254,
        help_text="En l'envoyant, vous attestez que c'est bien la sienne : elle verra toutes les "
        "demandes de la commune.",
        error_messages={
            "required": "Indiquez l'adresse de la mairie.",
            "invalid": "Cette adresse n'est pas complète : mairie@exemple.fr.",
        },
    )  # fmt: skip

    field_order = ("lieu", "commune", "email")


@dataclass(frozen=True, slots=True)
class LinkFilters:
    """What is searched in the list: a text (address or commune), a state."""

    text: str = ""
    state: str = ""

    @classmethod
    def read(cls, data: QueryDict) -> "LinkFilters":
        """Read the parameters of a GET; what is not understood is left out."""
        state = data.get("etat", "")
        return cls(
            text=data.get("q", "").replace("\x00", "").strip()[:100],
            state=state if state in STATES else "",
        )
