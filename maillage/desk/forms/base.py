"""What the forms of the desk share: what an agent says when they type for another."""

from typing import Any

from django import forms

from maillage.common.forms import SiteForm
from maillage.desk.enums import Channel


class OnBehalf(SiteForm):
    """Fields of an agent who types what another said: how it came, and from whom.

    They are asked only when `typing` is true, and then both are needed: the journal says them.
    """

    channel = forms.ChoiceField(
        label="Comment l'avez-vous reçu ?",
        choices=[(c.value, c.label) for c in Channel if c != Channel.ONLINE],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites comment cette réponse vous est parvenue."},
    )
    on_behalf_of = forms.CharField(
        label="De qui ?",
        max_length=200,
        help_text="Nom et fonction. Par exemple : « Mme Martin, secrétaire de mairie ».",
        error_messages={"required": "Dites qui vous a donné cette réponse."},
    )

    field_order = ("channel", "on_behalf_of")

    def __init__(self, *args: Any, typing: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not typing:
            del self.fields["channel"], self.fields["on_behalf_of"]
