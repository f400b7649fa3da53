"""Who reads the consolidation."""

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.desk.models import Desk
from maillage.desk.reach import administers, observes


def readable_desks(user: User) -> list[Desk]:
    """Desks of which `user` reads the consolidation: theirs; all, for the ANCT's committee and the
    administrators; those of the territory that an observer follows.
    """
    if reads_france(user):
        return list(Desk.objects.order_by("territory"))
    own = set(Desk.objects.worked_by(user).values_list("pk", flat=True))
    return [
        desk
        for desk in Desk.objects.order_by("territory")
        if desk.pk in own or observes(user, desk)
    ]


def reads_france(user: User) -> bool:
    """True of those who read the sum of all desks."""
    return administers(user) or bool(user.bodies(Role.COMMITTEE))
