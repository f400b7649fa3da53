"""A form as a browser would send it: what its fields hold, hidden ones included."""

from html.parser import HTMLParser
from typing import Any


class _Forms(HTMLParser):
    """Every form of a page: its method, and the names and values of its fields."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((said.get("method", "get"), {}))
        elif self.forms and tag == "input" and said.get("type") not in ("submit", "checkbox"):
            self.forms[-1][1][said.get("name", "")] = said.get("value", "")
        elif self.forms and tag == "select":
            self._select = said.get("name", "")
        elif self.forms and tag == "option" and self._select:
            held = self.forms[-1][1]
            if "selected" in said or self._select not in held:
                held[self._select] = said.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def form_with(answer: Any, name: str) -> dict[str, str]:
    """The fields of the form of a page that holds a field called `name`. Raises ``StopIteration``
    when no form has it.
    """
    reader = _Forms()
    reader.feed(answer.content.decode())
    return next(fields for _, fields in reader.forms if name in fields)
