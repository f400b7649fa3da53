"""Form fields of lists: several texts, several codes."""

from collections.abc import Sequence
from typing import Any

from django import forms


class LinesField(forms.CharField):
    """A list of texts, one a line. Gives back a list, without empty lines."""

    widget = forms.Textarea(attrs={"rows": 5})

    def prepare_value(self, value: Any) -> Any:
        """Write a list with one text a line; leave what was typed as it is."""
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        """Read the lines."""
        lines = value if isinstance(value, list | tuple) else str(value or "").splitlines()
        return [" ".join(str(line).split()) for line in lines if str(line).strip()]

    def has_changed(self, initial: Sequence[str] | None, data: Any) -> bool:
        """True when the lines differ, blank ones aside."""
        return list(initial or []) != self.to_python(data)
