"""The private address of a plan's calendar, which a telephone follows without signing in.

It is made from the site's key, the plan, the person, their password and a turn: nothing of it is
kept. It opens the dates as long as that person may see the plan; another password closes theirs, as
it closes their sessions, and another turn every former address.
"""

from typing import Final
from uuid import UUID

from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac

from maillage.accounts.models import User
from maillage.funding.models import Plan

_SALT: Final = "funding.calendar"
_MOST_KEY: Final = 2**63 - 1


def secret_of(plan: Plan, user: User) -> str:
    """The secret of a person's address."""
    return f"{plan.pk.hex}-{user.pk}-{_proof(plan, user)}"


def held_by(secret: str) -> Plan | None:
    """The plan of this secret; ``None`` when it is wrong, renewed, when the person changed their
    password, or is no longer allowed to see the plan.
    """
    name, _, rest = secret.partition("-")
    person, _, proof = rest.partition("-")
    if not (len(name) == 32 and person.isascii() and person.isdigit()):
        return None
    try:
        key, user_key = UUID(hex=name), int(person)
    except ValueError:
        return None
    plan = Plan.objects.select_related("project__owner").filter(pk=key).first()
    if plan is None or user_key > _MOST_KEY:
        return None
    user = User.objects.filter(pk=user_key, is_active=True).first()
    if user is None or not constant_time_compare(proof, _proof(plan, user)):
        return None
    return plan if Plan.objects.visible_to(user).filter(pk=key).exists() else None


def renew(plan: Plan) -> None:
    """Close every address of the calendar of a plan: others are made at the next page."""
    Plan.objects.filter(pk=plan.pk).update(calendar_turn=F("calendar_turn") + 1)


def _proof(plan: Plan, user: User) -> str:
    said = f"{plan.pk.hex}:{user.pk}:{plan.calendar_turn}:{user.get_session_auth_hash()}"
    return salted_hmac(_SALT, said, algorithm="sha256").hexdigest()[:40]
