"""How territory keys stand to the département of a desk: which cover it, which lie inside."""

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.desk.models import Desk
from maillage.territories.directory import directory


def covers(key: str, department: str) -> bool:
    """True when the territory `key` contains the whole of `department` (« dep:24 », « reg:75 »,
    « FR »).
    """
    held = directory().departments[department]
    return key in {"FR", f"dep:{department}", f"reg:{held.region}"} or (
        key == "DEP" and held.zone != "com"
    )


def inside(key: str, department: str) -> bool:
    """True when the territory `key` is `department`, or lies in it: a commune, an arrondissement,
    an EPCI that has a commune there.
    """
    known = directory()
    kind, _, code = key.partition(":")
    if kind == "com":
        return code in known.communes and known.communes[code].department == department
    if kind == "epci":
        return department in known.departments_of(code)
    if kind == "arr":
        # The code of an arrondissement is that of its département, then one figure.
        return code[:-1] == department
    return kind == "dep" and code == department


def keys_inside(department: str) -> set[str]:
    """Every territory key that is `inside` the département."""
    known = directory()
    members = [c for c in known.communes.values() if c.department == department]
    return (
        {f"dep:{department}"}
        | {commune.key for commune in members}
        | {f"epci:{commune.epci}" for commune in members if commune.epci}
        | {f"arr:{commune.arrondissement}" for commune in members if commune.arrondissement}
    )


def observes(user: User, desk: Desk) -> bool:
    """True of an observer whose territory covers that of the desk, or lies in it."""
    return any(
        covers(body.territory, desk.department) or inside(body.territory, desk.department)
        for body in user.bodies(Role.OBSERVER)
    )


def administers(user: User) -> bool:
    """True of an administrator."""
    return user.is_staff or bool(user.bodies(Role.ADMINISTRATOR))
