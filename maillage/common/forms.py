"""What every form of the site has: the design system's classes, plain French errors.

Written by ``forms/_fields.html`` (each field with its label, help and error) after
``forms/_errors.html`` (what is wrong, at the top, with links to the fields).
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.forms import widgets

from maillage.common.readings import NotADay, amount_of, day_of

_CLASSES: Final[tuple[tuple[type[widgets.Widget], str], ...]] = (
    (widgets.RadioSelect, ""),
    (widgets.CheckboxSelectMultiple, ""),
    (widgets.CheckboxInput, ""),
    (widgets.FileInput, "fr-upload"),
    (widgets.Select, "fr-select"),
    (widgets.Textarea, "fr-input"),
    (widgets.Input, "fr-input"),
)


class Day(forms.DateField):
    """A date, with the browser's own calendar; typed, it is read as people write it."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def to_python(self, value: Any) -> date | None:
        """The date; one of another age is a slip of the keyboard."""
        if not isinstance(value, str) or not value.strip():
            day: date | None = super().to_python(value)
            return day
        try:
            return day_of(value)
        except NotADay as error:
            raise forms.ValidationError(str(error), code="invalid") from error


_MOST_EUROS: Final = Decimal(10) ** 10


def euros_of(text: str) -> Decimal | None:
    """The amount that `text` says, in euros; ``None`` when it says none. Raises ``ValueError``.

    >>> [str(euros_of(t)) for t in ("150 000 €", "150k", "1,5 M€", "environ 80 000 euros HT", "")]
    ['150000.00', '150000.00', '1500000.00', '80000.00', 'None']
    """
    said = text.strip()
    if not said:
        return None
    value = amount_of(said)
    if not 0 < value < _MOST_EUROS:
        raise ValueError(f"no amount in {said!r}")
    return value.quantize(Decimal("0.01"))


class Euros(forms.CharField):
    """An amount as people write it."""

    def clean(self, value: Any) -> Any:
        """Read the amount; what cannot be read stays on the page, with an example."""
        said = super().clean(value)
        try:
            return euros_of(said)
        except ValueError as error:
            raise forms.ValidationError(
                "Nous n'avons pas compris ce montant. Écrivez un seul nombre, par exemple "
                "« 150 000 € », « 150 k€ » ou « 1,5 M€ », ou laissez vide."
            ) from error


#: What Django says of a value without naming its field, in our words.
_WORDS: Final = {
    "required": "à remplir.",
    "max_length": "pas plus de %(limit_value)d caractères (il y en a %(show_value)d).",
    "min_value": "pas moins de %(limit_value)s.",
    "max_value": "pas plus de %(limit_value)s.",
    "null_characters_not_allowed": "un caractère nul s'y est glissé. Retapez ce texte.",
}


def name_in_errors(fields: Mapping[str, forms.Field]) -> None:
    """Begin by its name what is said of each field; its own messages stay as they are."""
    common = forms.Field.default_error_messages
    for field in fields.values():
        label = str(field.label or "").rstrip(" ?")
        if not label:
            continue
        for code, said in _WORDS.items():
            if field.error_messages.get(code) == common.get(code):
                named = f"« {label} » : ".replace("%", "%%") if "%" in said else f"« {label} » : "
                field.error_messages[code] = named + said


class SiteForm(forms.Form):
    """A form of the site. Errors are said by the server, in French, once: not by the browser."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        name_in_errors(self.fields)
        for field in self.fields.values():
            css = next((css for kind, css in _CLASSES if isinstance(field.widget, kind)), "")
            if css:
                field.widget.attrs.setdefault("class", css)
            # Django gives ten rows to each text: most answers are a few lines.
            if isinstance(field.widget, widgets.Textarea) and field.widget.attrs["rows"] == "10":
                field.widget.attrs["rows"] = 4
