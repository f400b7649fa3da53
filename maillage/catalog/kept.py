"""The pages that someone keeps or oversees: which, by whom they are held, what they lack."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.utils.timezone import localdate

from maillage.accounts.enums import OrganisationKind, Role
from maillage.accounts.models import Mandate, User
from maillage.catalog import perms
from maillage.catalog.enums import ClaimState, Publication
from maillage.catalog.models import Claim, Offer, Provider
from maillage.catalog.owners import AGENTS, departments_of, is_local
from maillage.territories.directory import directory

#: Code of the filter → what it says.
BY_BODY, BY_US, BY_NOBODY, TO_CONFIRM, DRAFTS = (
    "offreur", "nous", "personne", "a-confirmer", "brouillons",
)  # fmt: skip
FILTERS: Final = {
    "": "Toutes",
    BY_BODY: "Tenues par l'organisme",
    BY_US: "Tenues par nous",
    BY_NOBODY: "Tenues par personne",
    TO_CONFIRM: "À confirmer",
    DRAFTS: "Avec des brouillons",
}


def keys_inside(departments: Iterable[str]) -> set[str]:
    """Every territory key that is one of these départements, or lies in it."""
    wanted, known = set(departments), directory()
    members = [c for c in known.communes.values() if c.department in wanted]
    keys = (
        {f"dep:{code}" for code in wanted}
        | {commune.key for commune in members}
        | {f"epci:{commune.epci}" for commune in members if commune.epci}
        | {f"arr:{commune.arrondissement}" for commune in members if commune.arrondissement}
    )
    return keys | {name for key in keys for name in known.perimeters.get(key, ())}


def overseen(user: User) -> QuerySet[Provider]:
    """Pages that `user` oversees (`perms.may_oversee` says yes of each). One query, at most."""
    rows = Provider.objects.visible()
    if perms.is_administrator(user):
        return rows
    mine = perms.agent_departments(user)
    if not mine:
        return rows.none()
    near = rows.filter(perimeter__overlap=list(keys_inside(mine))).values_list("pk", "perimeter")
    return rows.filter(
        pk__in=[
            pk for pk, perimeter in near if is_local(perimeter) and mine & departments_of(perimeter)
        ]
    )


def shown_to(user: User) -> QuerySet[Provider]:
    """Pages of the list of `user`: those that they keep, then those that they oversee."""
    if perms.is_administrator(user):
        return Provider.objects.visible()
    bodies = [body.pk for body in perms.agent_bodies(user)]
    theirs = Q(slug__in=perms.kept_slugs(user)) | Q(held_by__in=bodies)
    return Provider.objects.visible().filter(theirs | Q(pk__in=overseen(user).values("pk")))


def with_facts(rows: QuerySet[Provider], user: User) -> QuerySet[Provider]:
    """The same, each with who keeps it (``kept``, ``ours``) and its offers by state."""
    people = Mandate.objects.in_force(localdate()).filter(
        role=Role.PROVIDER, user__is_active=True, organisation__provider=OuterRef("slug")
    )
    ours = [body.pk for body in perms.agent_bodies(user)]
    alive = Q(offers__withdrawn_at=None)
    counts = {
        state: Count("offers", filter=alive & Q(offers__publication=state))
        for state in Publication.values
    }
    waiting = Claim.objects.filter(
        provider=OuterRef("pk"), state=ClaimState.PENDING, confirmed_at__isnull=False
    )
    return rows.annotate(
        kept=Exists(people),
        ours=Q(held_by__in=ours) if ours else Value(False),
        claimed=Exists(waiting),
        **counts,
    ).select_related("held_by")


def condition(code: str, today: date) -> Q:
    """What a filter of the list keeps, among rows `with_facts`."""
    return {
        BY_BODY: Q(kept=True),
        BY_US: Q(ours=True),
        BY_NOBODY: Q(kept=False, held_by=None),
        TO_CONFIRM: to_confirm(today),
        DRAFTS: Q(draft__gt=0),
    }.get(code, Q())


def to_confirm(today: date) -> Q:
    """Entries that nobody has vouched for, or not lately."""
    return Q(state="to_confirm") | Q(next_check__lte=today) | Q(set_aside_at__isnull=False)


def is_to_confirm(entry: Provider | Offer, today: date) -> bool:
    """The same, of an entry that is held."""
    late = entry.next_check is not None and entry.next_check <= today
    return entry.state == "to_confirm" or late or entry.set_aside_at is not None


def keepers(provider: Provider) -> list[Mandate]:
    """Accesses of the people of the body, those in force first. One query."""
    rows = Mandate.objects.filter(role=Role.PROVIDER, organisation__provider=provider.slug)
    today = localdate()
    found = list(rows.select_related("user", "organisation").order_by("pk"))
    return sorted(found, key=lambda one: not in_force(one, today))


def in_force(mandate: Mandate, today: date) -> bool:
    """True of a mandate that opens something today."""
    begun = mandate.starts is None or mandate.starts <= today
    return begun and (mandate.ends is None or mandate.ends >= today) and mandate.user.is_active


def overseers(provider: Provider) -> list[User]:
    """Who checks the claims of a page: the agents of its département when it is local (and has
    some), else the administrators.
    """
    held = Mandate.objects.in_force(localdate()).filter(user__is_active=True)
    found: list[User] = []
    if is_local(provider.perimeter):
        places = [f"dep:{code}" for code in departments_of(provider.perimeter)]
        agents = held.filter(
            role__in=AGENTS,
            organisation__kind=OrganisationKind.PREFECTURE,
            organisation__territory__in=places,
        )
        found = [mandate.user for mandate in agents.select_related("user").order_by("pk")]
    if not found:
        wide = held.filter(role=Role.ADMINISTRATOR).select_related("user").order_by("pk")
        found = [mandate.user for mandate in wide]
        found += User.objects.filter(is_superuser=True, is_active=True).order_by("pk")
    return list({user.pk: user for user in found}.values())


# -- What is missing


@dataclass(frozen=True, slots=True)
class Missing:
    """What an entry lacks: the field to fill in, and its words."""

    field: str
    label: str


def missing_of_page(provider: Provider) -> list[Missing]:
    """What a page lacks to serve a mairie."""
    asked = (
        ("summary", "ce que fait l'organisme, en une phrase"),
        ("contact", "comment le joindre"),
        ("perimeter", "où il agit"),
        ("website", "son site"),
    )
    return [Missing(name, label) for name, label in asked if not getattr(provider, name)]


def missing_of_offer(offer: Any) -> list[Missing]:
    """What an offer lacks to be published. `offer` is an offer, or anything with its fields."""
    asked = (
        ("title", "un titre"),
        ("summary", "ce qu'elle apporte, en une phrase"),
        ("themes", "au moins un sujet"),
        ("phases", "au moins une étape de projet"),
        ("perimeter", "où elle vaut"),
    )
    found = [Missing(name, label) for name, label in asked if not getattr(offer, name)]
    if not offer.apply and not offer.contact:
        found.append(Missing("apply", "comment demander, ou comment joindre le service"))
    return found


# -- What to do next


@dataclass(frozen=True, slots=True)
class Next:
    """The next thing to do with an offer. ``act``: edit, publish, confirm, restore or "" (none)."""

    words: str
    act: str = ""
    late: bool = False


def next_of(offer: Offer, today: date) -> Next:
    """What its keeper should do with an offer now."""
    if offer.withdrawn_at is not None:
        return Next("Retirée du catalogue : elle n'est plus proposée.")
    if offer.publication == Publication.ARCHIVED:
        return Next("Rangée. Vous pouvez la reprendre en brouillon.", "restore")
    lacking = missing_of_offer(offer)
    if offer.publication == Publication.DRAFT:
        if lacking:
            return Next(f"Il manque {lacking[0].label}.", "edit")
        return Next("Prête : relisez-la, puis publiez-la.", "publish")
    if offer.publication == Publication.SUSPENDED:
        return Next("Elle n'est plus proposée. Publiez-la à nouveau, ou archivez-la.", "publish")
    if offer.closes is not None and offer.closes < today:
        return Next("Son dernier jour est passé : donnez une autre date, ou archivez-la.", "edit",
                    late=True)  # fmt: skip
    if offer.set_aside_at is not None:
        return Next("Mise de côté faute de confirmation : dites si elle est juste.", "confirm",
                    late=True)  # fmt: skip
    if is_to_confirm(offer, today):
        return Next("Est-elle toujours juste ? Confirmez-la, ou corrigez-la.", "confirm", late=True)
    if lacking:
        return Next(f"Il manque {lacking[0].label}.", "edit")
    return Next("Rien à faire.")
