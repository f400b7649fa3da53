"""The form that sends a file to import."""

from typing import Any, Final

from django import forms

from maillage.accounts.models import Organisation, User
from maillage.catalog.enums import ImportKind
from maillage.catalog.imports.scope import accepts, may_import_into
from maillage.catalog.models import Dataset
from maillage.catalog.perms import is_administrator
from maillage.catalog.services import importing
from maillage.common.forms import SiteForm
from maillage.common.uploads import MEGABYTE, largest_upload

#: Value of the choice that makes a dataset.
NEW: Final = "+"
_NOBODY: Final = "0"
_HELP: Final = {
    ImportKind.OFFERS: "Offres : ce que des organismes apportent (conseil, étude, appui)",
    ImportKind.AIDS: "Aides : ce que des organismes versent (subvention, prêt)",
    ImportKind.PROVIDERS: "Offreurs : les organismes eux-mêmes",
}


class ImportForm(SiteForm):
    """What the file holds, the file, and the dataset that it goes into, among those of `user`."""

    kind = forms.ChoiceField(
        label="Que contient le fichier ?",
        widget=forms.RadioSelect,
        choices=list(_HELP.items()),
        error_messages={"required": "Dites ce que contient le fichier.",
                        "invalid_choice": "Choisissez une des réponses proposées."},
    )  # fmt: skip
    file = forms.FileField(
        label="Le fichier",
        max_length=200,
        error_messages={
            "required": "Choisissez le fichier à importer.",
            "empty": "Ce fichier est vide : vérifiez-le et choisissez-le à nouveau.",
            "max_length": "Le nom de ce fichier est trop long : raccourcissez-le.",
        },
    )
    dataset = forms.ChoiceField(
        label="Le jeu de données",
        help_text="Choisissez le même à chaque envoi du même tableau : c'est ainsi que l'on sait "
        "ce qui est nouveau, ce qui a changé et ce qui a disparu.",
        error_messages={"required": "Choisissez un jeu de données, ou créez-en un.",
                        "invalid_choice": "Choisissez un des jeux de données proposés."},
    )  # fmt: skip
    title = forms.CharField(
        label="Nom du nouveau jeu de données",
        help_text="Par exemple « Offres de l'agence technique ». À remplir si vous en créez un.",
        required=False,
        max_length=200,
        error_messages={"max_length": "200 caractères au plus."},
    )
    body = forms.ChoiceField(
        label="Pour quel organisme ?",
        error_messages={"required": "Dites pour lequel de vos organismes.",
                        "invalid_choice": "Choisissez un de vos organismes."},
    )  # fmt: skip

    field_order = ("kind", "body", "file", "dataset", "title")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.kinds = importing.kinds(user)
        self._field("kind").choices = [(code, _HELP[ImportKind(code)]) for code, _ in self.kinds]
        self.bodies = {str(body.pk): body for body in importing.bodies(user)}
        self.datasets = {
            row.pk: row for row in importing.datasets(user).select_related("organisation")
        }
        # One body alone: nothing to ask. The administrator may act for nobody in particular.
        choices = [(pk, body.name) for pk, body in self.bodies.items()]
        if is_administrator(user):
            choices.insert(0, (_NOBODY, "Maillage (administration)"))
        self._bodies = {pk: self.bodies.get(pk) for pk, _ in choices}
        if len(choices) > 1:
            self._field("body").choices = choices
        else:
            del self.fields["body"]
        named = [(pk, _named(row, len(choices) > 1)) for pk, row in self.datasets.items()]
        self._field("dataset").choices = [
            ("", "Choisissez…"), *named, (NEW, "Un nouveau jeu de données"),
        ]  # fmt: skip
        if not named:
            self._field("dataset").widget = forms.HiddenInput()
            self.initial["dataset"] = NEW
            self.fields["title"].required = True
            self.fields["title"].help_text = (
                "Par exemple « Offres de l'agence technique ». Vous reprendrez le même à chaque "
                "envoi de ce tableau."
            )
            self.fields["title"].error_messages["required"] = "Donnez un nom au jeu de données."
        self.fields[
            "file"
        ].help_text = f"CSV, ODS, XLSX ou JSON Lines, {largest_upload() // MEGABYTE} Mo au plus."
        self.fields["file"].widget.attrs["accept"] = ".csv,.tsv,.txt,.ods,.xlsx,.jsonl,.ndjson"

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def clean_file(self) -> Any:
        """The file, when it is not too big (what is beyond the limit was not even kept)."""
        sent = self.cleaned_data["file"]
        if sent.size > largest_upload():
            raise forms.ValidationError(
                f"Ce fichier pèse {sent.size / MEGABYTE:.0f} Mo, pour "
                f"{largest_upload() // MEGABYTE} au plus : découpez-le en plusieurs jeux de "
                "données."
            )
        return sent

    def clean_title(self) -> str:
        """One line."""
        return " ".join(self.cleaned_data["title"].split())

    def clean(self) -> dict[str, Any]:
        """The body and the dataset as rows; what may not go together is said beside its field."""
        said = super().clean() or {}
        chosen = said.get("dataset")
        only = next(iter(self._bodies.values()), None)
        body = self._bodies.get(said["body"]) if "body" in said else only
        row: Dataset | None = self.datasets.get(chosen) if chosen else None
        if row is not None and row.organisation is not None:
            # A dataset says whose it is: what is chosen for the body cannot contradict it.
            body = row.organisation
        self.body, self.row = body, row
        if chosen == NEW and not said.get("title") and "title" not in self.errors:
            self.add_error("title", "Donnez un nom au nouveau jeu de données.")
        if "kind" in said and (row is not None or chosen == NEW):
            right = may_import_into(self.user, body, kind=said["kind"], dataset=row)
            if not right:
                self.add_error("kind", right.reason)
            elif row is not None and not (fits := accepts(row, said["kind"])):
                self.add_error("dataset", fits.reason)
        return said

    def target(self) -> tuple[Dataset, Organisation | None]:
        """The dataset (made when it is a new one) and the body. Call it on a valid form."""
        row = self.row or importing.new_dataset(self.cleaned_data["title"], self.body)
        return row, self.body


def _named(row: Dataset, several: bool) -> str:
    """Its title; with whose it is for who may import for several bodies."""
    return f"{row.title} ({row.organisation})" if several and row.organisation else row.title
