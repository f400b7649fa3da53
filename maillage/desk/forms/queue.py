"""The queue's filters, read from an address: whatever comes, filters are made of it."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.dateparse import parse_date

from maillage.accounts.models import User
from maillage.desk.enums import Branch, Channel, Hand, State
from maillage.engine.vocabulary import PHASES, THEMES

LONGEST_TEXT: Final = 200
#: Values of the filter « suivie par » that name nobody.
MINE: Final = "moi"
NOBODY: Final = "personne"
SORTS: Final = {
    "echeance": "prochaine date",
    "anciennes": "ancienneté",
    "recentes": "nouveauté",
    "commune": "commune",
    "silence": "silence",
    "numero": "numéro",
}
STATES: Final = {code: label for code, label in State.choices if code != State.DRAFT}
HANDS: Final = {code: label for code, label in Hand.choices if code}
_CLOSED: Final = {
    "state": STATES,
    "theme": THEMES,
    "phase": PHASES,
    "hand": HANDS,
    "branch": dict(Branch.choices),
    "channel": dict(Channel.choices),
}
#: Field → its name in the address.
NAMES: Final = {
    "pile": "file", "text": "q", "state": "etat", "theme": "theme", "phase": "etape",
    "epci": "epci", "hand": "main", "agent": "agent", "branch": "branche", "channel": "arrivee",
    "department": "departement", "commune": "commune", "since": "depuis", "until": "jusqua",
    "due": "echeance", "sort": "tri",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """What the queue is narrowed to; "" or ``None`` where nothing is.

    ``since`` and ``until`` bound the day of receipt, ``due`` is one day of the calendar.
    ``commune`` is the code of who asks (COG or SIREN), ``epci`` a SIREN, ``agent`` a key, or
    ``moi``, or ``personne``.
    """

    pile: str = ""
    text: str = ""
    state: str = ""
    theme: str = ""
    phase: str = ""
    epci: str = ""
    hand: str = ""
    agent: str = ""
    branch: str = ""
    channel: str = ""
    department: str = ""
    commune: str = ""
    since: date | None = None
    until: date | None = None
    due: date | None = None
    sort: str = "echeance"

    @classmethod
    def read(cls, data: QueryDict) -> "QueueFilters":
        """Read the parameters of a GET; those that mean nothing are dropped."""
        said = {name: data.get(key, "").strip() for name, key in NAMES.items()}
        for name, known in _CLOSED.items():
            said[name] = said[name] if said[name] in known else ""
        text = "".join(c if c.isprintable() else " " for c in said["text"][:LONGEST_TEXT])
        agent = said["agent"]
        if agent not in (MINE, NOBODY) and not (agent.isascii() and agent.isdigit()):
            agent = ""
        return cls(
            **{
                **{name: said[name] if _code(said[name]) else "" for name in said},
                "text": " ".join(text.split()),
                "agent": agent[:9],
                "since": _day(said["since"]),
                "until": _day(said["until"]),
                "due": _day(said["due"]),
                "sort": said["sort"] if said["sort"] in SORTS else "echeance",
            }
        )

    @property
    def narrowing(self) -> list[str]:
        """Names of the fields that narrow the list, the pile and the order aside."""
        return [
            field.name
            for field in fields(self)
            if field.name not in ("pile", "sort") and getattr(self, field.name)
        ]


def _code(value: str) -> bool:
    """True of what may be a code: short, plain (the database refuses the character NUL)."""
    return len(value) <= 30 and value.isprintable()


def _day(value: str) -> date | None:
    try:
        return parse_date(value)
    except ValueError:  # « 2026-02-31 »
        return None


class SavedViewForm(forms.Form):
    """A name for the filters of the queue that one keeps."""

    name = forms.CharField(
        label="Nom de la vue",
        max_length=60,
        help_text="Par exemple : « Mes dossiers d'eau en retard ».",
        error_messages={"required": "Donnez un nom à cette vue."},
    )
    query = forms.CharField(widget=forms.HiddenInput, max_length=1000, required=False)
    replace = forms.BooleanField(label="Remplacer la vue de ce nom", required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.asks = False

    def clean_query(self) -> str:
        """Keep what the queue understands, one value each: nothing else comes into an address."""
        given = QueryDict(self.cleaned_data["query"])
        kept = {key: given[key] for key in NAMES.values() if given.get(key)}
        return urlencode(kept)

    def clean(self) -> dict[str, Any]:
        """Ask before a view is replaced."""
        data = super().clean() or {}
        name = data.get("name")
        if name and not data.get("replace") and self.user.views.filter(name=name).exists():
            self.asks = True
            self.add_error(
                "name",
                f"Vous avez déjà une vue « {name} » : changez le nom, ou cochez « Remplacer ».",
            )
        return data
