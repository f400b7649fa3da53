"""What is said of the freshness and the errors of entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from django.urls import reverse

from maillage.common.templatetags.maillage import lettres, pluriel
from maillage.notifications import messages

#: Entries that a message names; it counts the others.
SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Named:
    """An entry as a message names it. ``day`` is the date that the message speaks of."""

    title: str
    day: date | None = None
    detail: str = ""


def _list(entries: Sequence[str]) -> list[str]:
    """A paragraph for each of the first ones, and how many are left."""
    left = len(entries) - SHOWN
    more = [f"Et {pluriel(left, 'autre fiche,autres fiches')}."] if left > 0 else []
    return [*entries[:SHOWN], *more]


class _AboutEntries(messages.Message):
    """Base of the messages about several entries of one person."""

    state: ClassVar[str] = ""

    def __init__(self, entries: Sequence[Named]) -> None:
        self.entries = list(entries)

    @property
    def counted(self) -> str:
        """« 3 fiches »."""
        return pluriel(len(self.entries), "fiche,fiches")

    def action(self) -> tuple[str, str] | None:
        """The list of quality, on the entries that the message speaks of."""
        return "Voir ces fiches", f"{reverse('quality:list')}?etat={self.state}"

    @classmethod
    def sample(cls) -> "_AboutEntries":
        """Two invented entries."""
        return cls(
            [
                Named("Conseil en urbanisme (CAUE)", date(2026, 12, 21), "page introuvable (404)"),
                Named("Aide aux petits ponts", date(2026, 12, 28), "le site ne répond pas"),
            ]
        )


class EntriesToConfirm(_AboutEntries):
    """The digest of one owner: what is to be looked at again soon, or already."""

    slug = "entries-to-confirm"
    label = "Fiches à confirmer"
    state = "a-confirmer"

    def subject(self) -> str:
        """How many."""
        return f"{self.counted} à relire dans le catalogue"

    def paragraphs(self) -> list[str]:
        """Which, and what happens without an answer."""
        return [
            "Ces fiches n'ont pas été confirmées depuis longtemps. Relisez-les : si tout est "
            "encore vrai, un bouton suffit pour le dire ; sinon, corrigez-les.",
            *_list([self._line(entry) for entry in self.entries]),
            "Sans nouvelles, une fiche est d'abord montrée comme non confirmée, puis elle quitte "
            "les réponses faites aux communes. Elle y revient dès que vous la confirmez.",
        ]

    @staticmethod
    def _line(entry: Named) -> str:
        return f"« {entry.title} », à revoir le {lettres(entry.day)}."


class EntriesSetAside(_AboutEntries):
    """The digest of one owner: what has left the answers last night."""

    slug = "entries-set-aside"
    label = "Fiches mises de côté"
    state = "de-cote"

    def subject(self) -> str:
        """How many."""
        verb = "a quitté" if len(self.entries) == 1 else "ont quitté"
        return f"{self.counted} {verb} les réponses du catalogue"

    def paragraphs(self) -> list[str]:
        """Which, why, and how they come back."""
        return [
            "Ces fiches ne sont plus proposées aux communes. Leur page reste, et le dit.",
            *_list([f"« {entry.title} » : {entry.detail}." for entry in self.entries]),
            "Confirmez-les, ou donnez une nouvelle date à celles qui sont closes : elles "
            "reviennent aussitôt. Archivez celles qui n'existent plus.",
        ]


class LinksBroken(_AboutEntries):
    """The digest of one owner: addresses that have not answered for three nights."""

    slug = "links-broken"
    label = "Liens qui ne répondent plus"
    state = "lien"

    def subject(self) -> str:
        """How many entries."""
        return f"Des liens ne répondent plus : {self.counted}"

    def paragraphs(self) -> list[str]:
        """Which, and what to do."""
        return [
            "L'adresse donnée dans ces fiches n'a pas répondu trois nuits différentes.",
            *_list([f"« {entry.title} » : {entry.detail}." for entry in self.entries]),
            "Remplacez l'adresse, ou effacez-la si la page n'existe plus.",
        ]


class ConfirmationAsked(messages.Message):
    """An agent asks the owner of an entry to look at it."""

    slug = "confirmation-asked"
    label = "Demande de confirmation d'une fiche"

    def __init__(self, title: str, body: str, missing: Sequence[str], search: str) -> None:
        self.title, self.body, self.missing, self.search = title, body, list(missing), search

    def subject(self) -> str:
        """The entry."""
        return f"Votre fiche « {self.title} » est-elle encore vraie ?"

    def paragraphs(self) -> list[str]:
        """Who asks, and what is missing."""
        missing = f"Ce qui l'améliorerait : {', '.join(self.missing)}." if self.missing else ""
        return [
            f"{self.body} vous demande de relire cette fiche du catalogue. Si tout est encore "
            "vrai, un bouton suffit pour le dire ; sinon, corrigez-la.",
            *([missing] if missing else []),
        ]

    def action(self) -> tuple[str, str] | None:
        """The list of quality, on this entry."""
        return "Voir la fiche", f"{reverse('quality:list')}?q={self.search}"

    @classmethod
    def sample(cls) -> "ConfirmationAsked":
        """An invented entry."""
        missing = ["dire comment joindre", "dire ce qu'elle coûte à la commune"]
        return cls("Conseil en urbanisme", "Préfecture de la Dordogne", missing, "conseil")


class ErrorReported(messages.Message):
    """Someone has reported an error: to the owner and the desk."""

    slug = "error-reported"
    label = "Erreur signalée sur une fiche"

    def __init__(self, title: str, text: str, path: str) -> None:
        self.title, self.text, self.path = title, text, path

    def subject(self) -> str:
        """The entry."""
        return f"Une erreur est signalée : {self.title}"

    def paragraphs(self) -> list[str]:
        """What was written, and what to do."""
        return [
            f"Voici ce qui nous est écrit de la fiche « {self.title} » :",
            f"« {self.text} »",
            "Corrigez la fiche s'il le faut, puis dites ce que vous avez fait : la personne est "
            "prévenue si elle a laissé son adresse.",
        ]

    def action(self) -> tuple[str, str] | None:
        """The report."""
        return "Voir le signalement", self.path

    @classmethod
    def sample(cls) -> "ErrorReported":
        """An invented report."""
        text = "Le numéro de téléphone n'est plus attribué."
        return cls("Conseil en urbanisme (CAUE)", text, reverse("quality:reports"))


class ReportAnswered(messages.Message):
    """What became of a report: to who gave an address, which is then erased."""

    slug = "report-answered"
    label = "Suite donnée à un signalement"
    essential = True

    def __init__(self, title: str, corrected: bool, answer: str, path: str) -> None:
        self.title, self.corrected, self.answer, self.path = title, corrected, answer, path

    def subject(self) -> str:
        """The entry."""
        return f"Votre signalement : {self.title}"

    def paragraphs(self) -> list[str]:
        """What was done, and the answer."""
        done = "La fiche a été corrigée." if self.corrected else "La fiche n'a pas été modifiée."
        answer = [f"« {self.answer} »"] if self.answer else []
        thanks = "Merci de nous l'avoir écrit. Votre adresse vient d'être effacée du signalement."
        return [f"Vous aviez signalé une erreur sur « {self.title} ». {done}", *answer, thanks]

    def action(self) -> tuple[str, str] | None:
        """The page of the entry."""
        return "Voir la fiche", self.path

    @classmethod
    def sample(cls) -> "ReportAnswered":
        """An invented answer."""
        answer = "Le bon numéro est sur la fiche."
        return cls("Conseil en urbanisme (CAUE)", True, answer, reverse("home"))
