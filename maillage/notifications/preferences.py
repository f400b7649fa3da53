"""How often each person is written to: what they chose, or what their mandates suggest."""

from collections import defaultdict
from collections.abc import Iterable

from django.utils.timezone import localdate

from maillage.accounts.enums import Role
from maillage.accounts.models import Mandate, User
from maillage.notifications.enums import Frequency
from maillage.notifications.models import Preference


def frequencies(users: Iterable[User]) -> dict[int, Frequency]:
    """Frequency of each of `users`, by their key.

    Who has chosen nothing is written to at once; who only observes (all their mandates in force
    are an observer's) receives the essential only.
    """
    keys = {user.pk for user in users}
    chosen = dict(Preference.objects.filter(user__in=keys).values_list("user", "frequency"))
    undecided = keys - chosen.keys()
    roles: dict[int, set[str]] = defaultdict(set)
    if undecided:
        in_force = Mandate.objects.in_force(localdate()).filter(user__in=undecided)
        for user, role in in_force.values_list("user", "role"):
            roles[user].add(role)
    found = {key: Frequency(value) for key, value in chosen.items()}
    for key in undecided:
        only_observes = roles[key] == {Role.OBSERVER}
        found[key] = Frequency.ESSENTIAL if only_observes else Frequency.AT_ONCE
    return found
