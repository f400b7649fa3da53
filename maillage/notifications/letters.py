"""A mail as text and as HTML, from the same words. Links are absolute: a mail is read elsewhere.

The HTML holds no style and no script: it reads well as it is, in any mail reader.
"""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

LONGEST_SUBJECT: Final = 250

WHY_MESSAGE: Final = "Vous recevez ce courriel parce que ce sujet vous concerne."
WHY_ESSENTIAL: Final = (
    "Ce courriel est essentiel : il part tout de suite, quelle que soit la fréquence choisie."
)
WHY_ADDRESS: Final = (
    "Vous recevez ce courriel parce que cette adresse a été donnée au guichet. Si c'est une "
    "erreur, dites-le au guichet : elle sera retirée."
)
WHY_DAILY: Final = "Vous avez choisi de recevoir un résumé par jour."
WHY_WEEKLY: Final = "Vous avez choisi de recevoir un résumé par semaine."


def absolute(path: str) -> str:
    """Address of a page of this site, for who reads it elsewhere (setting ``MAILLAGE["URL"]``)."""
    return f"{settings.MAILLAGE['URL']}{path}"


def is_local(path: str) -> bool:
    """True for a path of this site, which no browser could take for another's."""
    return path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)


def one_line(text: str, longest: int = LONGEST_SUBJECT) -> str:
    """Return `text` on one line of at most `longest` characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


@dataclass(frozen=True, slots=True)
class Line:
    """One message in a summary."""

    subject: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The messages of a summary on one topic."""

    topic: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """The content of a mail. `button` is a label and an absolute address."""

    subject: str
    paragraphs: tuple[str, ...]
    why: str
    button: tuple[str, str] | None = None
    sections: tuple[Section, ...] = ()
    #: False for an address without an account, which has no frequency to choose.
    has_account: bool = True

    @property
    def frequency_url(self) -> str:
        """Where one changes how often one is written to; "" without an account."""
        return absolute(reverse("notifications:preferences")) if self.has_account else ""

    @property
    def signature(self) -> tuple[str, ...]:
        """Who writes, and how to reach them."""
        ours = settings.MAILLAGE
        lines = [ours["NAME"], ours["OPERATOR"]]
        if ours["OPERATOR_PHONE"]:
            lines.append(f"Téléphone : {ours['OPERATOR_PHONE']}")
        return tuple(line for line in lines if line)

    def text(self) -> str:
        """The mail as plain text."""
        blocks = ["Bonjour,", *self.paragraphs]
        for section in self.sections:
            lines = [section.topic]
            for line in section.lines:
                lines.append(f"- {line.subject}")
                lines += [f"  {line.url}"] if line.url else []
            blocks.append("\n".join(lines))
        if self.button:
            label, url = self.button
            blocks.append(f"{label} :\n{url}")
        blocks.append("\n".join(["-- ", *self.signature]))
        blocks.append(self.why)
        if self.frequency_url:
            blocks.append(f"Choisir quand recevoir les courriels :\n{self.frequency_url}")
        return "\n\n".join(blocks) + "\n"

    def html(self) -> str:
        """The mail as an HTML page."""
        return render_to_string("emails/letter.html", {"letter": self, "site": settings.MAILLAGE})
