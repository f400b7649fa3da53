"""Writes of the area: accounts and mandates that are opened and ended, absences and their relays.

Who may open what for whom is checked by the area that asks (`perms` holds the table of roles).
"""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils.timezone import localdate

from maillage.accounts.models import Absence, Mandate, Organisation, User


class Refused(Exception):
    """It cannot be done; ``field`` says where to correct, the message why, in French."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


# -- Mandates


@transaction.atomic
def open_mandate(
    *,
    email: str,
    name: str,
    organisation: Organisation,
    role: str,
    starts: date | None = None,
    ends: date | None = None,
    signs: bool = False,
) -> Mandate:
    """Give the person of address `email` a mandate for `organisation`; make their account at need.

    An ended mandate of the same role is taken up again. They sign in by a code sent to that
    address. Raises `Refused` for a closed account, or when the mandate is already in force.
    """
    address = User.objects.normalize_email(email).strip().lower()
    user = User.objects.select_for_update().filter(email=address).first()
    if user is None:
        user = User.objects.create_user(address, name=name.strip())
    elif not user.is_active:
        raise Refused("email", "Ce compte est fermé : demandez à l'administrateur de le rouvrir.")
    elif not user.name and name.strip():
        user.name = name.strip()
        user.save(update_fields=["name", "updated_at"])
    mandate, made = Mandate.objects.select_for_update().get_or_create(
        user=user, organisation=organisation, role=role,
        defaults={"starts": starts, "ends": ends, "signs": signs},
    )  # fmt: skip
    if made:
        return mandate
    if mandate.ends is None or mandate.ends >= localdate():
        raise Refused("email", f"{user} a déjà ce rôle pour {organisation}.")
    mandate.starts, mandate.ends, mandate.signs = starts, ends, signs
    mandate.save()
    return mandate


@transaction.atomic
def end_mandate(*, mandate: Mandate) -> None:
    """Close at once the access that `mandate` gives: it was good until yesterday."""
    held = Mandate.objects.select_for_update().get(pk=mandate.pk)
    yesterday = localdate() - timedelta(days=1)
    if held.ends is not None and held.ends <= yesterday:
        return
    held.ends = yesterday
    if held.starts is not None:  # begun today, or not yet begun
        held.starts = min(held.starts, yesterday)
    held.save()


# -- Absences


@transaction.atomic
def add_absence(*, user: User, relay: User, starts: date, ends: date) -> Absence:
    """Note that `user` is away from `starts` to `ends` (included) and that `relay` takes over.

    Raises `Refused` for dates that mean nothing, that overlap another absence of the same person,
    or when the relay is away too.
    """
    User.objects.select_for_update().get(pk=user.pk)  # one at a time: no overlap by a double click
    if ends < starts:
        raise Refused("ends", "La fin vient avant le début : corrigez une des deux dates.")
    if ends < localdate():
        raise Refused("ends", "Cette absence est déjà finie.")
    if relay == user:
        raise Refused("relay", "Choisissez une autre personne que vous.")
    same = user.absences.filter(starts__lte=ends, ends__gte=starts).first()
    if same is not None:
        raise Refused(
            "starts",
            f"Une absence est déjà notée du {same.starts:%d/%m/%Y} au {same.ends:%d/%m/%Y} : "
            "retirez-la d'abord.",
        )
    away = relay.absences.filter(starts__lte=ends, ends__gte=starts).first()
    if away is not None:
        raise Refused(
            "relay",
            f"{relay} est aussi absent(e) du {away.starts:%d/%m/%Y} au {away.ends:%d/%m/%Y} : "
            "choisissez un autre relais.",
        )
    return Absence.objects.create(user=user, relay=relay, starts=starts, ends=ends)


@transaction.atomic
def remove_absence(*, absence: Absence) -> None:
    """Forget an absence: the person is there again."""
    absence.delete()


def relays_of(users: Iterable[User], day: date) -> dict[int, User]:
    """Who takes, on `day`, the place of each of `users` who is away: key of the absent → relay.

    From relay to relay when the relay is away too; an absent person of whom nobody is left to take
    the place is not in it. One query.
    """
    away = {
        absence.user_id: absence.relay
        for absence in Absence.objects.on(day).select_related("relay").order_by("pk")
    }
    found = {}
    for user in users:
        seen, relay = {user.pk}, away.get(user.pk)
        while relay is not None and relay.pk in away and relay.pk not in seen:
            seen.add(relay.pk)
            relay = away[relay.pk]
        if relay is not None and relay.pk not in seen and relay.is_active:
            found[user.pk] = relay
    return found
