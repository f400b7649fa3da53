"""The form of an offer, in plain words: the offer, what it asks of each public, its figures."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.forms import BaseFormSet, formset_factory

from maillage.catalog.enums import AUDIENCES, COSTS, KINDS, LEVELS, PopulationKind, RateKind
from maillage.catalog.forms.keeping import CapacityForm, PlainText, WithPerimeter, grouped, website
from maillage.catalog.models import Offer
from maillage.common.fields import LinesField
from maillage.common.forms import Day, SiteForm, name_in_errors
from maillage.engine.vocabulary import LABELS, PHASES, THEMES

_NUMBER: Final = {"invalid": "Donnez un nombre entier d'habitants."}
_COSTS: Final = [("", "Comme dit plus haut"), *COSTS]
_WIDE: Final = Decimal("100")
UNITS: Final = (("%", "%"), ("€", "€"))
#: How many rates an offer may have, and how many empty rows are shown.
MOST_RATES: Final = 30
EMPTY_ROWS: Final = 2


class OfferForm(WithPerimeter, CapacityForm):
    """What an offer says of itself. Only its title is needed for a draft."""

    title = forms.CharField(
        label="Titre", max_length=250,
        help_text="Ce que vous faites, pas le nom du dispositif. Par exemple : « Aider à choisir "
        "un architecte ».",
        error_messages={"required": "Donnez un titre : c'est le seul champ obligatoire."},
    )  # fmt: skip
    kind = forms.ChoiceField(label="Que donnez-vous ?", choices=KINDS, widget=forms.RadioSelect)
    level = forms.ChoiceField(
        label="D'où agissez-vous ?", choices=LEVELS,
        help_text="Les plus proches sont proposés d'abord aux communes.",
    )  # fmt: skip
    summary = PlainText(
        label="En une phrase", required=False, max_length=600,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    description = PlainText(
        label="Description", required=False, max_length=6000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Ce que la commune obtient, ce qu'elle doit faire. Une ligne vide sépare deux "
        "paragraphes.",
    )  # fmt: skip
    themes = forms.MultipleChoiceField(
        label="Sur quels sujets ?", choices=list(THEMES.items()), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    phases = forms.MultipleChoiceField(
        label="À quelles étapes d'un projet ?", choices=list(PHASES.items()), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    words = LinesField(
        label="Les mots des communes", required=False,
        help_text="Une expression par ligne, comme une mairie la dirait : « l'école est une "
        "passoire », « trouver un architecte ». Elles font trouver votre offre.",
    )  # fmt: skip
    audiences = forms.MultipleChoiceField(
        label="Qui peut demander ?", choices=AUDIENCES, required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    population_min = forms.IntegerField(
        label="À partir de (habitants)", required=False, min_value=0, max_value=10_000_000,
        error_messages=_NUMBER, help_text="Vide : pas de limite. Ce nombre est compris.",
    )  # fmt: skip
    population_max = forms.IntegerField(
        label="Jusqu'à (habitants)", required=False, min_value=0, max_value=10_000_000,
        error_messages=_NUMBER, help_text="Vide : pas de limite. Ce nombre est compris.",
    )  # fmt: skip
    population_kind = forms.ChoiceField(label="Population comptée", choices=PopulationKind.choices)
    labels_any = forms.MultipleChoiceField(
        label="Réservée à certains labels ou zonages ?", choices=list(LABELS.items()),
        required=False, widget=forms.CheckboxSelectMultiple,
        help_text="Rien de coché : ouverte à toutes. Sinon, en avoir un suffit.",
    )  # fmt: skip
    cost = forms.ChoiceField(
        label="Ce que paie la commune", choices=COSTS, widget=forms.RadioSelect
    )
    cost_note = PlainText(
        label="Précision sur le coût", required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Par exemple : « Adhésion de 0,90 € par habitant et par an ».",
    )  # fmt: skip
    opens = Day(label="Ouvre le", required=False, help_text="Vide : déjà ouverte.")
    closes = Day(
        label="Dernier jour pour demander", required=False,
        help_text="Passé ce jour, l'offre n'est plus proposée. Vide : toute l'année.",
    )  # fmt: skip
    capacity = forms.CharField(
        label="Votre capacité, en mots", required=False, max_length=250,
        help_text="Par exemple : « 40 études par an ».",
    )  # fmt: skip
    apply = PlainText(
        label="Comment demander", required=False, max_length=2000,
        help_text="Les étapes, les pièces, le délai.",
    )  # fmt: skip
    contact = PlainText(
        label="Comment joindre le service", required=False, max_length=600,
        help_text="Un accueil, un téléphone, une adresse du service. Jamais le nom d'une "
        "personne : cette page est publique.",
    )  # fmt: skip
    link = website("La page de cette offre sur votre site", 400)

    GROUPS: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
        ("L'essentiel", "", ("title", "kind", "level", "summary", "description")),
        ("Sur quoi", "", ("themes", "phases", "words")),
        (
            "Pour qui",
            "",
            ("audiences", "perimeter", "population_min", "population_max", "population_kind",
             "labels_any"),
        ),
        ("Combien ça coûte à la commune", "", ("cost", "cost_note")),
        ("Quand", "", ("opens", "closes")),
        (
            "Ce qu'il vous reste à donner",
            "Vide : c'est ce que dit votre fiche qui compte.",
            ("available", "available_unit", "available_until", "waiting_weeks", "capacity"),
        ),
        ("Comment demander", "", ("apply", "contact", "link")),
    )  # fmt: skip
    #: After this group come the conditions by public and the figures.
    BEFORE_ROWS: Final = "Combien ça coûte à la commune"

    def groups(self) -> list[tuple[str, str, list[Any]]]:
        """Title, words, fields of each part."""
        return grouped(self, self.GROUPS)

    def clean(self) -> dict[str, Any]:
        """Bounds that mean something."""
        data = super().clean() or {}
        low, high = data.get("population_min"), data.get("population_max")
        if low is not None and high is not None and low > high:
            self.add_error(
                "population_max", "La limite haute est sous la limite basse : corrigez l'une."
            )
        opens, closes = data.get("opens"), data.get("closes")
        if opens and closes and closes < opens:
            self.add_error("closes", "Le dernier jour vient avant l'ouverture : corrigez l'un.")
        return data


FIELDS: Final = tuple(OfferForm.base_fields)


class ConditionsForm(SiteForm):
    """A row by public: what it costs it and what is asked of it, when it is not as for all."""

    def __init__(self, *args: Any, offer: Offer | None = None, **kwargs: Any) -> None:
        held = {row.audience: row for row in offer.conditions.all()} if offer else {}
        super().__init__(*args, prefix="conditions", **kwargs)
        for code, label in AUDIENCES:
            row = held.get(code)
            self.fields[f"{code}_cost"] = forms.ChoiceField(
                label=f"Coût, {label}", choices=_COSTS, required=False,
                initial=row.cost if row else "",
                widget=forms.Select(attrs={"class": "fr-select"}),
            )  # fmt: skip
            self.fields[f"{code}_note"] = forms.CharField(
                label=f"Conditions, {label}", max_length=500, required=False,
                initial=row.note if row else "",
                widget=forms.TextInput(attrs={"class": "fr-input"}),
            )  # fmt: skip
        name_in_errors(self.fields)

    def rows(self) -> list[tuple[str, Any, Any]]:
        """Public, field of the cost, field of the conditions."""
        return [(label, self[f"{code}_cost"], self[f"{code}_note"]) for code, label in AUDIENCES]

    @property
    def filled(self) -> bool:
        """True when it says something, or was posted: its part of the page is then unfolded."""
        return self.is_bound or any(field.initial for field in self.fields.values())

    def said(self, cost: str) -> list[dict[str, Any]]:
        """Child rows of the offer; without a cost of its own, a public pays `cost`."""
        data = self.cleaned_data
        return [
            {"audience": code, "cost": data[f"{code}_cost"] or cost, "note": data[f"{code}_note"]}
            for code, _ in AUDIENCES
            if data[f"{code}_cost"] or data[f"{code}_note"]
        ]


class RateForm(SiteForm):
    """A dated figure: a rate, a cap, a floor, a flat amount."""

    kind = forms.ChoiceField(
        label="Quel chiffre ?", choices=[("", "Choisissez…"), *RateKind.choices],
        error_messages={"required": "Dites quel chiffre c'est."},
    )  # fmt: skip
    value = forms.DecimalField(
        label="Valeur", min_value=0, max_digits=14, decimal_places=3, localize=True,
        error_messages={
            "required": "Donnez la valeur.", "invalid": "Donnez un nombre : 80 ou 0,9.",
            "min_value": "Une valeur ne peut pas être négative.",
        },
    )  # fmt: skip
    unit = forms.CharField(
        label="Unité", max_length=20, initial="%", error_messages={"required": "Donnez l'unité."}
    )
    base = forms.CharField(label="De quoi ?", max_length=300, required=False)
    valid_from = Day(label="À partir du", required=False)
    valid_to = Day(label="Jusqu'au", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].widget = forms.TextInput(
            attrs={"class": "fr-input", "inputmode": "decimal"}
        )
        self.fields["unit"].widget.attrs["list"] = "unites"

    def clean(self) -> dict[str, Any]:
        """A rate is at most 100 %, dates follow one another."""
        data = super().clean() or {}
        value, begins, ends = data.get("value"), data.get("valid_from"), data.get("valid_to")
        if value is not None and data.get("unit") == "%" and value > _WIDE:
            self.add_error("value", "Un taux ne dépasse pas 100 %.")
        if begins and ends and ends < begins:
            self.add_error("valid_to", "La fin vient avant le début.")
        return data


class _Rates(BaseFormSet):
    """The figures of an offer. A row left empty is none; one that is ticked goes."""

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        """The box that takes a row off, in French."""
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = "Retirer cette ligne"

    @property
    def filled(self) -> bool:
        """True when it says something, or was posted: its part of the page is then unfolded."""
        return self.is_bound or bool(self.initial)

    def said(self) -> list[dict[str, Any]]:
        """Child rows of the offer."""
        names = tuple(RateForm.base_fields)
        return [
            {name: form.cleaned_data[name] for name in names}
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data["DELETE"]
        ]


Rates = formset_factory(
    RateForm, formset=_Rates, extra=EMPTY_ROWS, can_delete=True, max_num=MOST_RATES,
    validate_max=True,
)  # fmt: skip


def rates_of(offer: Offer | None) -> list[dict[str, Any]]:
    """The figures of an offer, to begin a form with."""
    names = tuple(RateForm.base_fields)
    rows = offer.rates.all() if offer else ()
    return [
        {name: getattr(row, name) for name in names} | {"value": _plain(row.value)} for row in rows
    ]


def _plain(value: Decimal) -> str:
    """« 0,9 » and not « 0,900 »."""
    return f"{value.normalize():f}".replace(".", ",")
