"""Forms of those who keep pages: the page of a body, its capacity, what is said of a change."""

from datetime import date
from typing import Any, Final

from django import forms
from django.utils.timezone import localdate

from maillage.catalog.enums import FAMILIES, LEVELS, CapacityUnit
from maillage.catalog.perimeters import Question, lines_of, read
from maillage.common.fields import LinesField
from maillage.common.forms import Day, SiteForm
from maillage.common.templatetags.maillage import lettres

#: Name of the answers to « quel lieu ? »: « choix-0 », « choix-1 »… each « key|line ».
_CHOICE: Final = "choix-"
_MOST_PLACES: Final = 2000
EMAIL_ERRORS: Final = {"invalid": "Vérifiez cette adresse : elle doit contenir « @ »."}
_SITE_ERRORS: Final = {"invalid": "Vérifiez cette adresse : elle commence par « https:// »."}


class PlainText(forms.CharField):
    """A text of several lines, with the line ends of the database and not of the browser."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        """The text, stripped."""
        text: str = super().to_python(value)
        return "\n".join(line.rstrip() for line in text.replace("\r", "").split("\n"))


def website(label: str, most: int, **more: Any) -> forms.URLField:
    """An address of another site."""
    return forms.URLField(
        label=label, required=False, max_length=most, assume_scheme="https",
        error_messages=_SITE_ERRORS, **more,
    )  # fmt: skip


class WithPerimeter(SiteForm):
    """A form with a perimeter typed in full words. What is not understood is asked, by line."""

    perimeter = LinesField(
        label="Où ?", required=False,
        help_text="Un lieu par ligne : commune, intercommunalité, département ou région, par son "
        "nom ou son code. « Toute la France » convient aussi.",
    )  # fmt: skip

    def __init__(self, *args: Any, kept: list[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = kept or []
        self.questions: list[tuple[str, Question]] = []
        if not self.is_bound and isinstance(self.initial.get("perimeter"), list):
            self.initial["perimeter"] = lines_of(self.initial["perimeter"])

    def clean_perimeter(self) -> list[str]:
        """The keys. The lines that were understood are written again in full, in the form too."""
        lines = self.cleaned_data["perimeter"]
        if len(lines) > _MOST_PLACES:
            raise forms.ValidationError(
                f"Pas plus de {_MOST_PLACES} lieux : prenez l'intercommunalité ou le département."
            )
        answers = {}
        for name in self.data:
            if name.startswith(_CHOICE):
                key, bar, text = self.data[name].partition("|")
                if bar:
                    answers[text] = key
        found = read(lines, kept=self.kept, chosen=answers)
        self.data = self.data.copy()
        self.data[self.add_prefix("perimeter")] = "\n".join(found.lines)
        self.questions = [
            (f"{_CHOICE}{number}", one) for number, one in enumerate(found.questions) if one.choices
        ]
        if found.questions:
            raise forms.ValidationError([one.message for one in found.questions])
        return found.keys


class CapacityForm(SiteForm):
    """How much help is left, and how long one waits for it."""

    available = forms.IntegerField(
        label="Reste", required=False, min_value=0, max_value=100_000,
        help_text="Un nombre. Zéro : complet. Vide : ce n'est pas dit.",
        error_messages={"invalid": "Donnez un nombre entier."},
    )  # fmt: skip
    available_unit = forms.ChoiceField(label="Compté en", choices=CapacityUnit.choices)
    available_until = Day(label="Jusqu'au", required=False)
    waiting_weeks = forms.IntegerField(
        label="Attente (semaines)", required=False, min_value=0, max_value=260,
        help_text="Entre la demande d'une mairie et votre première visite.",
        error_messages={"invalid": "Donnez un nombre entier de semaines."},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("available", "waiting_weeks"):
            self.fields[name].widget.attrs["class"] = "fr-input d-number-field"

    def clean_available_until(self) -> date | None:
        """A day to come: what is over is not shown. One that was there already may stay."""
        day: date | None = self.cleaned_data["available_until"]
        if day and day < localdate() and day != self.initial.get("available_until"):
            raise forms.ValidationError(
                f"« Jusqu'au » : le {lettres(day)} est déjà passé. Donnez un jour à venir, ou "
                "laissez vide."
            )
        return day


CAPACITY: Final = tuple(CapacityForm.base_fields)


class ProviderForm(WithPerimeter, CapacityForm):
    """The page of a body."""

    name = forms.CharField(
        label="Nom de l'organisme", max_length=200,
        error_messages={"required": "Donnez le nom de l'organisme."},
    )  # fmt: skip
    full_name = forms.CharField(
        label="Nom complet", required=False, max_length=300,
        help_text="Si le nom courant est un sigle.",
    )  # fmt: skip
    summary = PlainText(
        label="Ce que fait l'organisme, en une phrase", required=False, max_length=600,
        help_text="Par exemple : « Des techniciens et des juristes au service des communes "
        "adhérentes. »",
    )  # fmt: skip
    contact = PlainText(
        label="Comment le joindre", required=False, max_length=600,
        help_text="Un accueil, un téléphone, une adresse du service. Jamais le nom d'une "
        "personne : cette page est publique.",
    )  # fmt: skip
    website = website("Son site", 200)
    capacity = forms.CharField(
        label="Votre capacité, en mots", required=False, max_length=250,
        help_text="Par exemple : « 40 études par an ».",
    )  # fmt: skip
    field_order = (
        "name", "full_name", "summary", "contact", "website", "perimeter", "available",
        "available_unit", "available_until", "waiting_weeks", "capacity",
    )  # fmt: skip

    #: Title, what it is for, names of the fields.
    GROUPS: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
        ("L'organisme", "", ("name", "full_name", "family", "level", "distinct", "summary")),
        ("Le joindre", "", ("contact", "website")),
        ("Où il agit", "", ("perimeter",)),
        (
            "Ce qu'il lui reste à donner",
            "Les mairies voient qui a du temps. Une date dépassée n'est plus montrée.",
            ("available", "available_unit", "available_until", "waiting_weeks", "capacity"),
        ),
        ("Qui tient la fiche", "", ("held",)),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["perimeter"].label = "Où agit-il ?"

    def groups(self) -> list[tuple[str, str, list[Any]]]:
        """Title, words, fields of each part that has some."""
        return grouped(self, self.GROUPS)


class NewProviderForm(ProviderForm):
    """The page of a body that has none, made by an agent."""

    family = forms.ChoiceField(
        label="Quelle sorte d'organisme ?", choices=[("", "Choisissez…"), *FAMILIES],
        error_messages={"required": "Choisissez la sorte d'organisme."},
    )  # fmt: skip
    level = forms.ChoiceField(
        label="À quel échelon agit-il ?", choices=[("", "Choisissez…"), *LEVELS],
        error_messages={"required": "Choisissez l'échelon."},
    )  # fmt: skip
    held = forms.BooleanField(
        label="Notre guichet tient cette fiche", required=False,
        help_text="Décoché : invitez ensuite l'organisme à la tenir.",
    )  # fmt: skip
    distinct = forms.BooleanField(
        label="C'est bien un autre organisme", required=False,
        help_text="À cocher si une fiche porte presque le même nom.",
    )  # fmt: skip

    def __init__(self, *args: Any, holds: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["perimeter"].required = True
        self.fields["perimeter"].error_messages["required"] = "Dites où cet organisme agit."
        if not holds:
            del self.fields["held"]


def grouped(
    form: forms.Form, groups: tuple[tuple[str, str, tuple[str, ...]], ...]
) -> list[tuple[str, str, list[Any]]]:
    """The fields of `form` by group; a group of which no field is there is left out."""
    found = [
        (title, words, [form[name] for name in names if name in form.fields])
        for title, words, names in groups
    ]
    return [group for group in found if group[2]]


class ReasonForm(SiteForm):
    """Why something is done."""

    reason = PlainText(
        label="Pourquoi ?", max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Dites pourquoi, en quelques mots."},
    )  # fmt: skip


class InviteForm(SiteForm):
    """Someone of the body, who will keep its page."""

    name = forms.CharField(
        label="Nom de la personne", max_length=120,
        error_messages={"required": "Donnez le nom de la personne."},
    )  # fmt: skip
    email = forms.EmailField(
        label="Son adresse professionnelle",
        help_text="Les codes de connexion y sont envoyés.",
        error_messages={"required": "Donnez son adresse électronique.", **EMAIL_ERRORS},
    )  # fmt: skip


class ClaimForm(SiteForm):
    """« C'est notre organisme » ; `surname` is a trap: people do not see it, machines fill it."""

    name = forms.CharField(
        label="Votre nom", max_length=120, error_messages={"required": "Donnez votre nom."}
    )
    position = forms.CharField(
        label="Votre fonction", max_length=120,
        error_messages={"required": "Donnez votre fonction dans l'organisme."},
    )  # fmt: skip
    email = forms.EmailField(
        label="Votre adresse professionnelle",
        help_text="Un lien y est envoyé, pour vérifier que c'est bien la vôtre.",
        error_messages={"required": "Donnez votre adresse électronique.", **EMAIL_ERRORS},
    )  # fmt: skip
    phone = forms.CharField(label="Téléphone", max_length=30, required=False)
    message = PlainText(
        label="Un mot pour le guichet", required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    surname = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1",
                              "autocomplete": "off"}), label="Laissez cette case vide")  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, what in (("name", "name"), ("email", "email"), ("phone", "tel"),
                           ("position", "organization-title")):  # fmt: skip
            self.fields[name].widget.attrs["autocomplete"] = what


class DecideForm(SiteForm):
    """What an agent makes of a claim."""

    decision = forms.ChoiceField(
        label="Votre réponse", widget=forms.RadioSelect,
        choices=[("accept", "Oui : cette personne tiendra la fiche"), ("refuse", "Non")],
        error_messages={"required": "Choisissez oui ou non."},
    )  # fmt: skip
    reason = PlainText(
        label="Si c'est non, pourquoi ?", required=False, max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Ce mot est envoyé à la personne.",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """A refusal says why."""
        data = super().clean() or {}
        if data.get("decision") == "refuse" and not data.get("reason"):
            self.add_error("reason", "Dites pourquoi : la personne lira ce mot.")
        return data


def changed_values(entry: Any, said: dict[str, Any]) -> dict[str, Any]:
    """`said`, with the former value wherever only spaces or the order differ: what nobody changed
    is not written in the history.
    """
    values = {}
    for name, new in said.items():
        old = getattr(entry, name)
        same_text = isinstance(old, str) and isinstance(new, str) and _spaced(old) == _spaced(new)
        same_list = isinstance(old, list) and name != "words" and sorted(old) == sorted(new)
        values[name] = old if same_text or same_list else new
    return values


def _spaced(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


def first_values(entry: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Values of a page or of an offer, to begin a form with."""
    return {name: getattr(entry, name) for name in names}
