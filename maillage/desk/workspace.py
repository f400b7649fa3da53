"""What a signed-in person works with: the entries of their menu, by the mandates in force."""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.desk.models import Desk, Request
from maillage.desk.models.desks import DESK_ROLES


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu; ``current`` on its own pages."""

    label: str
    address: str
    current: bool = False


#: The role, of our own, of who works for a desk that exists.
_AT_A_DESK: Final = "at_a_desk"
_DESK: Final = frozenset({_AT_A_DESK})
#: Roles, label, name of the address, in the order of the menu.
_ENTRIES: Final[tuple[tuple[frozenset[str], str, str], ...]] = (
    (_DESK, "La file du guichet", "queue:list"),
    (frozenset({Role.COMMITTEE}), "Comité de l'ANCT", "national:list"),
    (frozenset({Role.PROVIDER, *DESK_ROLES}), "Ce qui m'est demandé", "asked:list"),
    (frozenset({Role.APPLICANT}), "Mes demandes", "requests:mine"),
    (_DESK | {Role.APPLICANT}, "Mes projets", "projects:list"),
    (frozenset({Role.OBSERVER}), "Demandes du territoire", "asked:list"),
    (_DESK | {Role.OBSERVER}, "CLCT", "committee:list"),
    (_DESK | {Role.COMMITTEE, Role.OBSERVER}, "Bilan", "consolidation:current"),
    (frozenset({Role.PROVIDER}), "Mes fiches", "keeping:list"),
    (_DESK | {Role.ADMINISTRATOR}, "Tenir le catalogue", "keeping:list"),
    (_DESK, "Liens envoyés", "links:list"),
    (_DESK, "Réglages", "settings:desk"),
)

#: Pages that stand under another line of the menu than the one their address begins with.
_ALSO: Final = (
    ("/plans/", "projects:list"),
    ("/guichet/absences/", "settings:desk"),
    ("/guichet/personnes/", "settings:desk"),
    ("/qualite/", "keeping:list"),
    ("/imports/", "keeping:list"),
    ("/mots/", "keeping:list"),
)
#: What stands beside the pages of the catalogue, for those who keep it.
_BESIDE: Final[tuple[tuple[frozenset[str], str, str], ...]] = (
    (_DESK | {Role.PROVIDER, Role.ADMINISTRATOR}, "Fiches", "keeping:list"),
    (_DESK | {Role.PROVIDER, Role.ADMINISTRATOR}, "Qualité", "quality:list"),
    (_DESK | {Role.PROVIDER, Role.ADMINISTRATOR}, "Signalements", "quality:reports"),
    (_DESK | {Role.PROVIDER, Role.ADMINISTRATOR}, "Imports", "imports:list"),
    (_DESK | {Role.ADMINISTRATOR}, "Mots", "words:list"),
    (_DESK | {Role.ADMINISTRATOR}, "Connecteurs", "connectors:home"),
)


def entries(user: User, path: str = "") -> list[Entry]:
    """Lines of the menu of `user`, on the page of this `path`.

    Who acts for nobody (a link opened it, the desk has not checked yet) sees their requests.
    """
    return _entries(user, _roles(user), path)


def _roles(user: User) -> set[str]:
    roles: set[str] = {mandate.role for mandate in user.acting}
    if roles & set(DESK_ROLES) and Desk.objects.worked_by(user).exists():
        roles.add(_AT_A_DESK)
    return roles


def _entries(user: User, roles: set[str], path: str) -> list[Entry]:
    found: dict[str, str] = {}
    for wanted, label, name in _ENTRIES:
        if roles & wanted:
            found.setdefault(reverse(name), label)
    if not found and not user.is_staff:
        found[reverse("requests:mine")] = "Mes demandes"
    path = next((reverse(to) for start, to in _ALSO if path.startswith(start)), path)
    return _marked(found, path)


def beside(roles: set[str], path: str) -> list[Entry]:
    """Lines that stand beside the page of this `path`, when it is one of those of the catalogue."""
    found = {reverse(name): label for wanted, label, name in _BESIDE if roles & wanted}
    marked = _marked(found, path)
    return marked if len(marked) > 1 and any(entry.current for entry in marked) else []


def _marked(found: dict[str, str], path: str) -> list[Entry]:
    near = max((a for a in found if path.startswith(a)), key=len, default="")
    return [Entry(label, address, address == near) for address, label in found.items()]


def first_page(user: User) -> str:
    """Where one lands when signing in: the first line of one's menu; their pages, for who keeps
    some and was never asked anything.
    """
    found = [entry.address for entry in entries(user)]
    asked, kept = reverse("asked:list"), reverse("keeping:list")
    if found[:1] == [asked] and kept in found and not Request.objects.visible_to(user).exists():
        return kept
    return next(iter(found), reverse("home"))


def workspace(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: the menu of the signed-in person (two queries at most)."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"workspace": (), "beside": ()}
    roles = _roles(user)
    return {
        "workspace": _entries(user, roles, request.path),
        "beside": beside(roles, request.path),
    }
