"""Desks, people and requests for tests, with rows as the services leave them.

What a test does not say is plain: the desk of the Dordogne, the commune of Bourrou, a request
filed a minute ago. `make_request` writes the parties and the journal that go with its state, so
that rights, `lifecycle.replay` and pages see a true request.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import factory
from django.utils.timezone import localdate, now

from maillage.accounts.enums import OrganisationKind, Role
from maillage.accounts.models import Mandate, Organisation, User
from maillage.desk import lifecycle
from maillage.desk.enums import (
    Branch,
    Capacity,
    Channel,
    ConsultationKind,
    ConsultationState,
    Ground,
    LeadKind,
    NeedLevel,
    Outcome,
    State,
    Verb,
)
from maillage.desk.models import Consultation, Desk, JournalEntry, Justification, Party, Request
from maillage.territories.directory import directory

#: Real places (COG codes, SIREN).
BOURROU: Final = "24061"
PERIGUEUX: Final = "24322"
FIGEAC: Final = "46102"
GRAND_PERIGUEUX: Final = "200040392"
#: An EPCI over two départements (Lot and Aveyron).
GRAND_FIGEAC: Final = "200067361"

V, S = Verb, State
_LOCAL: Final = (V.FILE, V.QUALIFY, V.DESIGNATE)
_NATIONAL: Final = (V.FILE, V.QUALIFY, V.OPEN_NATIONAL)
_ACCEPTED: Final = (*_NATIONAL, V.SUBMIT, V.ACCEPT_NATIONAL)
#: Verbs that lead to each state, by the shortest way.
_WAYS: Final[dict[str, tuple[Verb, ...]]] = {
    S.DRAFT: (),
    S.RECEIVED: (V.FILE,),
    S.INFORMATION_WANTED: (V.FILE, V.ASK_INFORMATION),
    S.QUALIFIED: (V.FILE, V.QUALIFY),
    S.LOCAL: _LOCAL,
    S.NATIONAL: _NATIONAL,
    S.COMMITTEE: (*_NATIONAL, V.SUBMIT),
    S.ACCEPTED: _ACCEPTED,
    S.REFUSED: (*_NATIONAL, V.SUBMIT, V.REFUSE_NATIONAL),
    S.CONVENTION: (*_ACCEPTED, V.SIGN_CONVENTION),
    S.ACCOMPANIED: (*_LOCAL, V.ACCEPT_LEAD),
    S.EXISTING_CIRCUIT: (V.FILE, V.ENTRUST),
    S.CLOSED: (*_LOCAL, V.ACCEPT_LEAD, V.CLOSE),
    S.WITHDRAWN: (V.FILE, V.WITHDRAW),
    S.REORIENTED: (V.FILE, V.REORIENT),
}
_NATIONAL_SUPPORT: Final = (*_ACCEPTED, V.SIGN_CONVENTION, V.START_SUPPORT)


# -- Bodies, desks, people


class OrganisationFactory(factory.django.DjangoModelFactory):
    """A body; one by name."""

    class Meta:
        model = Organisation
        django_get_or_create = ("name",)

    kind = OrganisationKind.OTHER
    name = factory.Sequence(lambda n: f"Organisme {n}")


class DeskFactory(factory.django.DjangoModelFactory):
    """The desk of a département (``DeskFactory()``: Dordogne; ``DeskFactory(territory="dep:46")``).

    One by territory; held by its préfecture.
    """

    class Meta:
        model = Desk
        django_get_or_create = ("territory",)

    territory = "dep:24"
    name = factory.LazyAttribute(lambda desk: f"Guichet de l'ingénierie ({_place(desk)})")
    organisation = factory.LazyAttribute(lambda desk: make_prefecture(desk.territory))
    phone = "05 53 00 00 00"
    email = factory.LazyAttribute(lambda desk: f"ingenierie@{desk.territory[4:]}.exemple.test")


def _place(desk: Any) -> str:
    return directory().departments[desk.territory.removeprefix("dep:")].name


def make_prefecture(territory: str = "dep:24") -> Organisation:
    """The préfecture of a département (that of the demonstration for the Dordogne)."""
    names = {"dep:24": "Préfecture de la Dordogne"}
    return OrganisationFactory(
        kind=OrganisationKind.PREFECTURE, territory=territory,
        name=names.get(territory, f"Préfecture {territory[4:]}"),
    )  # fmt: skip


def make_town(code: str = BOURROU) -> Organisation:
    """The body of a commune (COG code) or of an EPCI (SIREN), one by territory."""
    kind, key = OrganisationKind.COMMUNE, f"com:{code}"
    if code in directory().epcis:
        kind, key = OrganisationKind.EPCI, f"epci:{code}"
    name = directory().label(code)
    found = Organisation.objects.filter(territory=key, kind=kind).first()
    return found or Organisation.objects.create(territory=key, kind=kind, name=name)


def make_provider(name: str = "Agence technique départementale", **said: Any) -> Organisation:
    """A body that helps; one by name."""
    return OrganisationFactory(
        name=name, **{"kind": OrganisationKind.PROVIDER, "territory": "dep:24", **said}
    )


def make_anct() -> Organisation:
    """The national agency."""
    return OrganisationFactory(
        name="Agence nationale de la cohésion des territoires",
        kind=OrganisationKind.ANCT, territory="FR",
    )  # fmt: skip


_BODY_OF: Final = {
    Role.APPLICANT: make_town,
    Role.AGENT: make_prefecture,
    Role.DELEGATE: make_prefecture,
    Role.DEPUTY: make_prefecture,
    Role.PROVIDER: make_provider,
    Role.COMMITTEE: make_anct,
    Role.OBSERVER: lambda: OrganisationFactory(name="Élus de la Dordogne", territory="dep:24"),
    Role.ADMINISTRATOR: lambda: OrganisationFactory(name="Équipe de Maillage", territory="FR"),
}


def make_user(
    role: str | None = Role.AGENT,
    organisation: Organisation | None = None,
    *,
    email: str = "",
    name: str = "",
    signs: bool = False,
    **mandate: Any,
) -> User:
    """A person with one mandate (none with ``role=None``); `mandate`: ``starts``, ``ends``.

    Without `organisation`, they act for the plain body of their role: the commune of Bourrou, the
    préfecture of the Dordogne, the agence technique…
    """
    number = User.objects.count() + 1
    user = User.objects.create_user(
        email or f"personne{number}@exemple.test", name=name or f"Personne {number}"
    )
    if role is not None:
        give_mandate(user, role, organisation, signs=signs, **mandate)
    return user


def give_mandate(
    user: User, role: str, organisation: Organisation | None = None, **said: Any
) -> Mandate:
    """One more mandate for `user`."""
    user.__dict__.pop("acting", None)
    body = organisation or _BODY_OF[Role(role)]()
    return Mandate.objects.create(user=user, role=role, organisation=body, **said)


# -- Requests


@dataclass(slots=True)
class Built:
    """A request and its rows, not written yet (`save_all` writes many at once)."""

    request: Request
    parties: list[Party]
    journal: list[JournalEntry]
    consultations: list[Consultation] = field(default_factory=list)
    justifications: list[Justification] = field(default_factory=list)


def make_request(
    state: str = State.RECEIVED,
    commune: str = BOURROU,
    desk: Desk | None = None,
    *,
    lead: Organisation | None = None,
    author: User | None = None,
    parties: Iterable[tuple[Organisation, str]] = (),
    **fields: Any,
) -> Request:
    """A request in `state` in the database, with its parties and journal.

    `commune`: COG code, or SIREN of an EPCI. `lead`: the interlocuteur unique, where the state has
    one. `author`: who wrote it. `parties`: more bodies, with their capacity. `fields`: any field of
    `Request`; ``branch=Branch.NATIONAL`` with ``ACCOMPANIED`` or ``CLOSED`` goes by the committee;
    ``filed_at`` sets every date that depends on it.
    """
    desk = desk or DeskFactory()
    body = make_provider() if lead is None and _has_lead(state) else lead
    anct = make_anct() if Verb.OPEN_NATIONAL in _way(state, fields.get("branch", "")) else None
    built = build_request(
        state, commune, desk, applicant=make_town(commune), lead=body, anct=anct, author=author,
        parties=[
            *((pilot, Capacity.PILOT) for pilot in desk.pilots.all()),
            *((other, Capacity.INFORMED) for other in desk.informed.all()),
            *parties,
        ],
        **fields,
    )  # fmt: skip
    if built.request.number is None and state != State.DRAFT:
        built.request.number = _number(desk, built.request.filed_at)
    save_all([built])
    return Request.objects.get(pk=built.request.pk)


def save_all(built: list[Built]) -> None:
    """Write requests and their rows, in a handful of queries; the journal keeps its dates."""
    Request.objects.bulk_create([one.request for one in built], batch_size=500)
    Party.objects.bulk_create([p for one in built for p in one.parties], batch_size=2000)
    dates = [entry.at for one in built for entry in one.journal]
    entries = JournalEntry.objects.bulk_create(
        [entry for one in built for entry in one.journal], batch_size=2000
    )
    # The column is filled with the present moment at creation: put the past back.
    for entry, at in zip(entries, dates, strict=True):
        entry.at = at
    JournalEntry.objects.bulk_update(entries, ["at"], batch_size=2000)
    Consultation.objects.bulk_create([c for one in built for c in one.consultations])
    Justification.objects.bulk_create([j for one in built for j in one.justifications])


def build_request(
    state: str,
    commune: str,
    desk: Desk,
    *,
    applicant: Organisation,
    lead: Organisation | None = None,
    anct: Organisation | None = None,
    author: User | None = None,
    parties: Iterable[tuple[Organisation, str]] = (),
    **fields: Any,
) -> Built:
    """A request in `state` and its rows, none written: the caller gives every body and the number.

    `lead` is needed by the states that have one, `anct` by the national branch.
    """
    filed_at = fields.pop("filed_at", None) or now() - timedelta(minutes=1)
    way = _way(state, fields.get("branch", ""))
    position = lifecycle.Position()
    request = Request(**{**_plain(state, commune, desk, applicant, author, filed_at), **fields})
    journal = []
    for rank, verb in enumerate(way, 1):
        data = _data(verb, lead)
        before, position = position, lifecycle.after(position, verb, data)
        journal.append(
            JournalEntry(
                request=request, rank=rank, verb=verb, from_state=before.state,
                to_state=position.state, by=author, by_label=str(author or "Essai"), data=data,
                channel=request.channel,
                # Spread between the filing and now, in order.
                at=filed_at + (now() - filed_at) * (rank - 1) / max(len(way), 1),
            )
        )  # fmt: skip
    request.state, request.branch, request.version = position.state, position.branch, len(way)
    request.lead_id = position.lead
    if "hand" not in fields:
        request.hand = lifecycle.hand(request.state, prepared=bool(request.prepared))
    return Built(
        request,
        _parties(request, anct if V.OPEN_NATIONAL in way else None, parties),
        journal,
        _consultations(request, way),
        _justifications(request, way, author),
    )


def _way(state: str, branch: str) -> tuple[Verb, ...]:
    if branch == Branch.NATIONAL and state == State.ACCOMPANIED:
        return _NATIONAL_SUPPORT
    if branch == Branch.NATIONAL and state == State.CLOSED:
        return (*_NATIONAL_SUPPORT, V.CLOSE)
    return _WAYS[State(state)]


def _has_lead(state: str) -> bool:
    return state in {State.LOCAL, State.ACCOMPANIED, State.CLOSED, State.EXISTING_CIRCUIT}


def _data(verb: Verb, lead: Organisation | None) -> dict[str, Any]:
    if verb in {V.DESIGNATE, V.START_SUPPORT, V.ENTRUST}:
        return {"lead": lead.pk if lead else None}
    if verb == V.OPEN_NATIONAL:
        return {"grounds": [Ground.FRAGILITY, Ground.LOCAL_LACK], "examined": []}
    return {"outcome": Outcome.SUPPORTED} if verb == V.CLOSE else {}


def _plain(
    state: str,
    commune: str,
    desk: Desk,
    applicant: Organisation,
    author: User | None,
    filed_at: datetime,
) -> dict[str, Any]:
    """Fields that a test did not say."""
    territory = directory().engine_territory(commune)
    plain: dict[str, Any] = {
        "applicant": applicant, "bearer": territory.code,
        "bearer_name": territory.name,
        "bearer_kind": "epci" if territory.code in directory().epcis else "commune",
        "population": territory.population, "keys": sorted(territory.keys),
        "need": "Rouvrir le bistrot du village dans l'ancienne école, avec un dépôt de pain.",
        "stage": "faisabilite", "contact_name": "Camille Martin", "contact_role": "Secrétaire",
        "contact_email": "mairie@exemple.test", "contact_phone": "05 53 00 00 01",
        "created_by": author, "channel": Channel.ONLINE,
    }  # fmt: skip
    if state == State.DRAFT:
        return plain
    received = localdate(filed_at)
    way = _WAYS[State(state)]
    plain |= {
        "desk": desk, "filed_at": filed_at, "received_on": received,
        "first_answer_due": received + timedelta(days=7), "due_on": received + timedelta(days=7),
        "news_at": filed_at, "seen_at": filed_at,
    }  # fmt: skip
    if V.QUALIFY in way:
        plain |= {"themes": ["commerce"], "phase": "faisabilite", "level": NeedLevel.METHOD,
                  "first_answer_at": filed_at}  # fmt: skip
    if V.DESIGNATE in way:
        plain |= {"lead_kind": LeadKind.LOCAL_PROVIDER, "lead_person": "Dominique Petit",
                  "lead_phone": "05 53 00 00 02"}  # fmt: skip
    if state in lifecycle.ENDED_STATES:
        plain |= {"ended_at": now(), "due_on": None}
    if state == State.CLOSED:
        plain |= {"outcome": Outcome.SUPPORTED, "outcome_text": "Le bistrot a rouvert."}
    if state == State.REORIENTED:
        plain |= {"reoriented_to": "Le Département"}
    return plain


def _parties(
    request: Request, anct: Organisation | None, more: Iterable[tuple[Organisation, str]]
) -> list[Party]:
    taking_part: dict[tuple[int, str], None] = {}
    if request.applicant_id:
        taking_part[request.applicant_id, Capacity.APPLICANT] = None
    if request.desk:
        taking_part[request.desk.organisation_id, Capacity.DESK] = None
    if request.lead_id:
        taking_part[request.lead_id, Capacity.LEAD] = None
    if anct:
        taking_part[anct.pk, Capacity.COMMITTEE] = None
    for body, capacity in more:
        taking_part[body.pk, capacity] = None
    return [
        Party(request=request, organisation_id=body, capacity=capacity)
        for body, capacity in taking_part
    ]


def _consultations(request: Request, way: tuple[Verb, ...]) -> list[Consultation]:
    """What was asked of the body designated as interlocuteur unique."""
    if V.DESIGNATE not in way:
        return []
    waiting = V.ACCEPT_LEAD not in way
    return [
        Consultation(
            request=request, organisation_id=request.lead_id, kind=ConsultationKind.HELP,
            state=ConsultationState.WAITING if waiting else ConsultationState.ACCEPTED,
            as_lead=True, lead_kind=request.lead_kind, asked_by=None,
            due_on=request.due_on if waiting else None,
        )
    ]  # fmt: skip


def _justifications(
    request: Request, way: tuple[Verb, ...], author: User | None
) -> list[Justification]:
    if V.OPEN_NATIONAL not in way:
        return []
    return [
        Justification(
            request=request, grounds=[Ground.FRAGILITY, Ground.LOCAL_LACK], none_found=True,
            explanation="Aucun organisme du département ne connaît ce sujet.", made_by=author,
        )
    ]  # fmt: skip


def _number(desk: Desk, filed_at: datetime) -> str:
    prefix = f"{desk.department}-{localdate(filed_at).year}-"
    return f"{prefix}{Request.objects.filter(number__startswith=prefix).count() + 1:05d}"
