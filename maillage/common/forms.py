"""What every form of the site has: the design system's classes, plain French errors.

Written by ``forms/_fields.html`` (each field with its label, help and error) after
``forms/_errors.html`` (what is wrong, at the top, with links to the fields).
"""

from datetime import date
from typing import Any, Final

from django import forms
from django.forms import widgets

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
    """A date, with the browser's own calendar; it takes « 2026-12-04 » and « 04/12/2026 »."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%d/%m/%Y"])
        super().__init__(**kwargs)
        self.error_messages["invalid"] = "Écrivez la date comme ceci : 04/12/2026."

    def to_python(self, value: Any) -> date | None:
        """The date; one of another age is a slip of the keyboard."""
        day: date | None = super().to_python(value)
        if day is not None and not 1900 <= day.year <= 2100:
            raise forms.ValidationError("Vérifiez l'année de cette date.", code="invalid")
        return day


class SiteForm(forms.Form):
    """A form of the site. Errors are said by the server, in French, once: not by the browser."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            css = next((css for kind, css in _CLASSES if isinstance(field.widget, kind)), "")
            if css:
                field.widget.attrs.setdefault("class", css)
            # Django gives ten rows to each text: most answers are a few lines.
            if isinstance(field.widget, widgets.Textarea) and field.widget.attrs["rows"] == "10":
                field.widget.attrs["rows"] = 4
