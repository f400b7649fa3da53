"""What a visitor chooses of the fund: who pays, how much, who receives, by which keys. A GET."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.http import QueryDict

from maillage.common.forms import SiteForm
from maillage.engine.funding.permille import KINDS, Key, Terms
from maillage.funding.enums import BodyKind

KEY_LABELS: Final[dict[str, tuple[str, str]]] = {
    Key.POPULATION: ("Population", "À proportion des habitants."),
    Key.RURAL: (
        "Ruralité",
        "À proportion des habitants des communes rurales : niveaux 5, 6 et 7 de la grille de "
        "densité de l'INSEE.",
    ),
    Key.SMALL: ("Petites communes", "La même somme pour chaque petite commune."),
    Key.WEALTH: (
        "Faibles ressources",
        "À proportion des habitants, davantage si le potentiel financier par habitant est faible.",
    ),
}
#: What is asked when nothing was chosen.
DEFAULTS: Final[dict[str, list[str]]] = {
    "verse": list(BodyKind.values),
    "taux": ["1"],
    "minimum": [""],
    "plafond": [""],
    "recoit": ["3500"],
    "seuil": ["500"],
    Key.POPULATION: ["50"],
    Key.RURAL: ["25"],
    Key.SMALL: ["25"],
    Key.WEALTH: ["0"],
}
#: The same, while no commune has a density: a key to which nobody answers is not proposed.
_UNGRADED: Final[dict[str, list[str]]] = {Key.POPULATION: ["75"], Key.RURAL: ["0"]}
_NO_GRID: Final = "La grille de densité n'est pas chargée ici : cette clé serait sans effet."
_MOST_PEOPLE: Final = 10_000_000
_MOST_EUROS: Final = 10_000_000


def _typed(value: Any) -> Any:
    """A number as one types it: « 1,5 », « 3 500 », « 25 % »."""
    if not isinstance(value, str):
        return value
    kept = "".join(c for c in value[:40] if not c.isspace() and c not in "\u202f\u00a0%€‰")
    return kept.replace(",", ".")


class _Whole(forms.IntegerField):
    """A whole number; blank is None."""

    def __init__(self, **kwargs: Any) -> None:
        # Text, so that « 3 500 » and even a slip stay on the page as they were typed.
        widget = forms.TextInput(attrs={"inputmode": "numeric"})
        super().__init__(required=False, widget=widget, **kwargs)
        name = self.label
        self.error_messages["invalid"] = f"{name} : écrivez un nombre entier, sans lettres."
        for validator in self.validators:
            limit = f"{getattr(validator, 'limit_value', 0):,}".replace(",", "\u202f")
            least = type(validator).__name__.startswith("Min")
            validator.message = f"{name} : {limit} au {'moins' if least else 'plus'}."  # type: ignore[attr-defined]

    def to_python(self, value: Any) -> int | None:
        """Read it with kindness."""
        number: int | None = super().to_python(_typed(value))
        return number


class _Rate(forms.DecimalField):
    """A rate in thousandths."""

    def to_python(self, value: Any) -> Decimal | None:
        """Read it with kindness."""
        number: Decimal | None = super().to_python(_typed(value))
        return number


def _weight(key: Key) -> _Whole:
    label, help_text = KEY_LABELS[key]
    return _Whole(label=label, help_text=help_text, min_value=0, max_value=100)


class FundForm(SiteForm):
    """The rules of the fund."""

    exercice = forms.TypedChoiceField(
        label="Comptes de l'année", coerce=int, required=False,
        error_messages={"invalid_choice": "Il n'y a pas de comptes de l'année %(value)s ici."},
    )  # fmt: skip
    verse = forms.MultipleChoiceField(
        label="Collectivités qui versent", choices=BodyKind.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Cochez au moins une sorte de collectivités qui verse.",
            "invalid_choice": "« %(value)s » n'est pas une sorte de collectivités.",
        },
    )  # fmt: skip
    taux = _Rate(
        label="Taux (‰ de l'investissement)", min_value=Decimal("0.001"), max_value=Decimal(20),
        max_digits=6, decimal_places=3,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={
            "required": "Écrivez le taux, en millièmes : 1 pour un pour mille.",
            "invalid": "Taux : écrivez un nombre, par exemple 1 ou 0,5.",
            "min_value": "Le taux doit être plus grand que zéro.",
            "max_value": "Taux : 20 ‰ au plus.",
            "max_decimal_places": "Taux : trois chiffres après la virgule au plus.",
            "max_digits": "Taux : trois chiffres après la virgule au plus.",
            "max_whole_digits": "Taux : 20 ‰ au plus.",
        },
    )  # fmt: skip
    minimum = _Whole(
        label="Ne rien demander en dessous de (€)", min_value=0, max_value=_MOST_EUROS,
    )  # fmt: skip
    plafond = _Whole(
        label="Ne pas demander plus de (€)", min_value=1, max_value=_MOST_EUROS,
    )  # fmt: skip
    recoit = _Whole(
        label="Reçoivent les communes d'au plus (habitants)", min_value=1, max_value=_MOST_PEOPLE,
        help_text="Vide : toutes les communes reçoivent.",
    )  # fmt: skip
    seuil = _Whole(
        label="Une petite commune a au plus (habitants)", min_value=1, max_value=_MOST_PEOPLE,
    )  # fmt: skip
    population = _weight(Key.POPULATION)
    rural = _weight(Key.RURAL)
    petites = _weight(Key.SMALL)
    richesse = _weight(Key.WEALTH)
    lieu = forms.CharField(label="Votre commune", max_length=100, required=False)
    commune = forms.CharField(
        max_length=5, required=False, widget=forms.HiddenInput,
        error_messages={"max_length": "Cette commune n'existe pas : cherchez-la par son nom."},
    )  # fmt: skip

    def __init__(self, *args: Any, years: list[int], graded: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not graded:
            self.fields[Key.RURAL].help_text = _NO_GRID
        self.fields["exercice"].choices = [(year, str(year)) for year in years]  # type: ignore[attr-defined]

    @classmethod
    def read(cls, data: QueryDict, years: list[int], *, graded: bool = True) -> "FundForm":
        """The form of a GET; the default choices when it was not sent (no rate). `graded`: is the
        density of communes known?
        """
        asked = data.copy()
        if "taux" not in data:
            usual = DEFAULTS if graded else DEFAULTS | _UNGRADED
            for name, values in usual.items():
                asked.setlist(name, values)
        return cls(asked, years=years, graded=graded, auto_id="permille-%s")

    def clean(self) -> dict[str, Any]:
        """Something must share the fund."""
        data = super().clean() or {}
        if not self.errors and not any(data.get(key) for key in Key):
            self.add_error(
                None, "Le fonds n'est partagé selon rien : donnez du poids à une clé au moins."
            )
        least, most = data.get("minimum"), data.get("plafond")
        if least and most and least > most:
            self.add_error(
                "plafond", "Ce plafond est plus petit que le minimum : corrigez l'un des deux."
            )
        if data.get("seuil") is None and data.get(Key.SMALL) and "seuil" not in self.errors:
            self.add_error("seuil", "Dites jusqu'à combien d'habitants une commune est petite.")
        return data

    def terms(self) -> Terms:
        """What was chosen, as the engine takes it (of a valid form)."""
        said = self.cleaned_data
        return Terms(
            payers=frozenset(KINDS.index(kind) for kind in said["verse"]),
            rate=int(said["taux"] * 1_000),
            least=(said["minimum"] or 0) * 100,
            most=said["plafond"] * 100 if said["plafond"] else None,
            receivers=said["recoit"],
            small=said["seuil"] or 0,
            weights={key: said[key] or 0 for key in Key},
        )

    def keys(self) -> list[forms.BoundField]:
        """The fields of the keys."""
        return [self[key] for key in KEY_LABELS]
