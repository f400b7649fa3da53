"""Who may open and end the accounts of others: one table, with its reasons."""

from collections.abc import Iterable
from typing import Final

from maillage.accounts.enums import Role
from maillage.common.rights import Allowed, Denied, Right

_FROM_DESK: Final = frozenset({Role.APPLICANT, Role.AGENT, Role.PROVIDER, Role.OBSERVER})
#: Role → the roles that it may give or end. Nobody gives a role above their own: the délégué is
#: named by the State, the committee by the ANCT, so that an administrator writes them.
GIVES: Final[dict[str, frozenset[str]]] = {
    Role.AGENT: _FROM_DESK,
    Role.DEPUTY: _FROM_DESK,
    Role.DELEGATE: _FROM_DESK | {Role.DEPUTY},
    Role.ADMINISTRATOR: frozenset(Role.values),
}
#: What is said to who may not give a role.
REASONS: Final[dict[str, str]] = {
    Role.DEPUTY: "Le délégué territorial choisit ses adjoints : demandez-le-lui.",
    Role.DELEGATE: "Le délégué territorial est nommé par l'État : demandez à l'administrateur.",
    Role.COMMITTEE: "L'ANCT nomme les membres de son comité : demandez à l'administrateur.",
    Role.ADMINISTRATOR: "Seul un administrateur en nomme un autre.",
}
_DEFAULT: Final = "Seules les personnes d'un guichet ouvrent des accès."
_SIGNS: Final = "Seul le délégué territorial donne délégation pour décider à sa place."
_SIGNS_FOR: Final = "La délégation pour décider ne va qu'à un délégué territorial adjoint."


def may_give(giver: Iterable[str], role: str, *, signs: bool = False) -> Right:
    """May a person who has the roles `giver` open or end a mandate in `role`, and with `signs`?"""
    roles = set(giver)
    if not any(role in GIVES.get(one, ()) for one in roles):
        return Denied(REASONS.get(role, _DEFAULT) if roles & set(GIVES) else _DEFAULT)
    if signs and role != Role.DEPUTY:
        return Denied(_SIGNS_FOR)
    if signs and not roles & {Role.DELEGATE, Role.ADMINISTRATOR}:
        return Denied(_SIGNS)
    return Allowed()


def givable(giver: Iterable[str]) -> list[tuple[str, str]]:
    """Roles that these roles may give, with their names, in the order of `Role`."""
    roles = set(giver)
    return [(role, label) for role, label in Role.choices if may_give(roles, role)]
