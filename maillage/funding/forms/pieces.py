"""Forms of the documents of a plan: what it is, and the file."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from maillage.common.documents.checking import ACCEPT, Checked, check, clean_name, formats
from maillage.common.documents.content import Refused
from maillage.common.forms import SiteForm
from maillage.engine.funding.types import Status
from maillage.funding.document import Source
from maillage.funding.enums import Paper
from maillage.funding.services.attachments import Piece

#: What comes next for a line, by where it stands.
_EXPECTED = {
    Status.FILED: Paper.RECEIPT,
    Status.RECEIVED: Paper.DECISION,
    Status.GRANTED: Paper.PAYMENT,
    Status.REFUSED: Paper.DECISION,
    Status.PAID: Paper.PAYMENT,
}


class PieceField(forms.FileField):
    """A file that may be kept: cleaned as (the file, what it is), ``None`` when none was sent."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.FileInput(attrs={"accept": ACCEPT}), **kwargs)
        self.error_messages |= {
            "required": "Choisissez le fichier à joindre.",
            "empty": "Ce fichier est vide : vérifiez-le et choisissez-le à nouveau.",
        }

    def clean(self, data: Any, initial: Any = None) -> tuple[UploadedFile, Checked] | None:
        """Read what the file is; why it is refused is said at the field."""
        upload = super().clean(data, initial)
        if not upload:
            return None
        try:
            return upload, check(upload)
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class WithPiece(SiteForm):
    """A form with a file (``file``). A browser gives a file once: when the form is shown again, it
    says that the file must be chosen again.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = f"{formats()}."

    def say_lost(self) -> None:
        """Say that the file that was sent is not kept (call it before the form is shown again)."""
        sent = self.files.get("file") if "file" in self.fields else None
        if sent is not None and "file" not in self.errors:
            name = clean_name(sent.name or "")
            self.add_error("file", f"« {name} » n'a pas été gardé : choisissez-le à nouveau.")

    def piece(self, source: Source, paper: str) -> Piece | None:
        """What to attach to this line, if a file was sent."""
        sent = self.cleaned_data.get("file")
        return Piece(source, paper, *sent) if sent else None


class PieceForm(WithPiece):
    """A document to attach to a line."""

    paper = forms.ChoiceField(
        label="Qu'est-ce que c'est ?", choices=Paper,
        help_text="Décision : arrêté, notification, convention. Preuve de versement : avis de "
        "paiement, relevé du comptable.",
        error_messages={"invalid_choice": "Choisissez une des natures proposées.",
                        "required": "Dites ce qu'est ce document."},
    )  # fmt: skip
    file = PieceField(label="Le fichier")

    def __init__(self, *args: Any, source: Source, **kwargs: Any) -> None:
        kwargs["initial"] = {"paper": _EXPECTED.get(source.status, Paper.LETTER)}
        super().__init__(*args, **kwargs)
