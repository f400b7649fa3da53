"""Who may do what to a request, and what each reads of it.

Two things make a right: a mandate in force (role, body) and the capacity in which that body takes
part in the request. Nothing comes from a département's number.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404

from maillage.accounts.enums import Role
from maillage.accounts.models import Organisation, User
from maillage.common.rights import Allowed, Denied, Right
from maillage.desk.enums import Audience, Capacity, ConsultationState, State, Verb
from maillage.desk.models import (
    Attachment,
    Consultation,
    JournalEntry,
    Message,
    Party,
    Request,
    Task,
)
from maillage.desk.models.desks import DESK_ROLES
from maillage.desk.models.requests import CAPACITIES_OF


@dataclass(frozen=True, slots=True)
class Standing:
    """How a person stands to a request. ``bodies`` are those through which they take part."""

    user: User
    request: Request
    bodies: frozenset[int] = frozenset()
    applicant: bool = False
    agent: bool = False
    decider: bool = False
    lead: bool = False
    asked: bool = False
    informed: bool = False
    committee: bool = False
    observer: bool = False
    administrator: bool = False

    @property
    def reader(self) -> bool:
        """True of those who only read."""
        return not (
            self.applicant or self.agent or self.decider or self.lead or self.asked
            or self.committee
        )  # fmt: skip

    @property
    def sees_contact(self) -> bool:
        """True of those who may read the names, telephones and addresses of persons."""
        return self.applicant or self.agent or self.lead or self.committee


def find(user: User, pk: UUID | str, *, queryset: QuerySet[Request] | None = None) -> Request:
    """The request `pk`, if `user` may read it. Raises ``Http404`` (it does not say which)."""
    found = queryset if queryset is not None else Request.objects.all()
    request = (
        found.filter(pk__in=Request.objects.visible_to(user).filter(pk=pk).values("pk"))
        .select_related("desk", "desk__organisation", "applicant", "lead", "assigned_to")
        # Once: `standing` reads who takes part, pages name them.
        .prefetch_related(
            Prefetch("parties", queryset=Party.objects.select_related("organisation"))
        )
        .first()
    )
    if request is None:
        raise Http404("Cette demande n'existe pas, ou votre compte n'y donne pas accès.")
    return request


def standing(user: User, request: Request) -> Standing:
    """How `user` stands to `request`, today (two queries at most)."""
    parts = {
        (part.organisation_id, part.capacity)
        for part in request.parties.all()
        if part.ended_at is None
        # A draft is its author's and its mairie's.
        and (not request.is_draft or part.capacity == Capacity.APPLICANT)
    }
    bodies: set[int] = set()
    held: set[tuple[str, str]] = set()
    signs = False
    for mandate in user.acting:
        allowed = CAPACITIES_OF.get(mandate.role, frozenset())
        for capacity in allowed:
            if (mandate.organisation_id, capacity) in parts:
                bodies.add(mandate.organisation_id)
                held.add((mandate.role, capacity))
                if capacity in _DESK and _signs(mandate.role, mandate.signs):
                    signs = True
    capacities = {capacity for _, capacity in held}
    territories = {m.organisation.territory for m in user.acting if m.role == Role.OBSERVER}
    author = request.created_by_id == user.pk and (request.is_draft or not request.address_checked)
    agent = any(role in DESK_ROLES and capacity in _DESK for role, capacity in held)
    # Who types for a mairie works for the desk, whose part in it begins at the filing.
    typing = author and request.is_draft and request.on_behalf and bool(user.bodies(*DESK_ROLES))
    return Standing(
        user=user,
        request=request,
        bodies=frozenset(bodies),
        applicant=Capacity.APPLICANT in capacities or (author and not request.on_behalf),
        agent=agent or typing,
        decider=signs,
        lead=Capacity.LEAD in capacities,
        asked=Capacity.ASKED in capacities,
        informed=Capacity.INFORMED in capacities,
        committee=Capacity.COMMITTEE in capacities,
        observer=not request.is_draft and bool(territories & set(request.keys)),
        administrator=not request.is_draft and _administers(user),
    )


_DESK: Final = frozenset({Capacity.DESK, Capacity.PILOT})


def _administers(user: User) -> bool:
    return user.is_staff or any(m.role == Role.ADMINISTRATOR for m in user.acting)


def _signs(role: str, delegation: bool) -> bool:
    return role == Role.DELEGATE or (role == Role.DEPUTY and delegation)


_AGENT: Final = "C'est au guichet de le faire : ses agents, le délégué territorial ou ses adjoints."
_DECIDER: Final = (
    "Cette décision appartient au délégué territorial, ou à un adjoint qui a délégation. "
    "Un agent du guichet peut la lui préparer."
)
_LEAD: Final = "C'est à l'interlocuteur désigné de répondre, ou au guichet en son nom."
_COMMITTEE: Final = "La décision appartient au comité de suivi des projets de l'ANCT."
_APPLICANT: Final = "C'est à la mairie de le faire, ou au guichet en son nom."

#: Verb → (standings that may, what is said to the others).
_WHO: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    Verb.FILE: (("applicant", "agent"), _APPLICANT),
    Verb.ASK_INFORMATION: (("agent",), _AGENT),
    Verb.GIVE_INFORMATION: (("applicant", "agent"), _APPLICANT),
    Verb.QUALIFY: (("agent",), _AGENT),
    Verb.PREPARE: (("agent",), _AGENT),
    Verb.DESIGNATE: (("decider",), _DECIDER),
    Verb.REPLACE_LEAD: (("decider",), _DECIDER),
    Verb.ACCEPT_LEAD: (("lead", "agent"), _LEAD),
    Verb.DECLINE_LEAD: (("lead", "agent"), _LEAD),
    Verb.OPEN_NATIONAL: (("decider",), _DECIDER),
    Verb.SUBMIT: (("decider",), _DECIDER),
    Verb.ACCEPT_NATIONAL: (("committee",), _COMMITTEE),
    Verb.REFUSE_NATIONAL: (("committee",), _COMMITTEE),
    Verb.RETURN_TO_LOCAL: (("decider",), _DECIDER),
    Verb.SIGN_CONVENTION: (("agent",), _AGENT),
    Verb.START_SUPPORT: (("decider",), _DECIDER),
    Verb.ENTRUST: (("agent",), _AGENT),
    Verb.CLOSE: (("agent", "lead"), "C'est au guichet ou à l'interlocuteur unique de terminer."),
    Verb.WITHDRAW: (("applicant", "agent"), _APPLICANT),
    Verb.REORIENT: (("agent",), _AGENT),
    Verb.REOPEN: (("agent", "applicant"), "C'est à la mairie ou au guichet de rouvrir."),
}


def may(verb: str, who: Standing) -> Right:
    """May this person use `verb` on this request, whatever its state? Page and API say why not."""
    standings, refusal = _WHO[verb]
    return Allowed() if any(getattr(who, name) for name in standings) else Denied(refusal)


def may_work(who: Standing) -> Right:
    """May this person do the desk's work: assign, examine, ask opinions, keep tasks, documents?"""
    return Allowed() if who.agent else Denied(_AGENT)


def may_plan(who: Standing) -> Right:
    """May this person make the project and the financing plan of this request?"""
    if who.applicant or who.agent:
        return Allowed()
    return Denied("Le plan de financement se fait par la mairie, ou par son guichet.")


def may_post(audience: str, who: Standing, partner: int | None = None) -> Right:
    """May this person write to `audience` (of the body `partner` when it is a partner's)?"""
    if audience == Audience.APPLICANT:
        if who.applicant or who.agent or who.lead:
            return Allowed()
        return Denied("Pour écrire à la mairie, il faut être le guichet ou son interlocuteur.")
    if audience == Audience.PARTNER:
        if who.agent or (partner in who.bodies and not who.applicant):
            return Allowed()
        return Denied("Ce fil est celui du guichet et de l'organisme sollicité.")
    if audience == Audience.INTERNAL:
        return Allowed() if who.agent else Denied("Ce fil est celui du guichet seulement.")
    if who.observer or who.informed:
        return Allowed()
    return Denied("Les remarques sont pour les élus qui suivent ce territoire.")


def takes_part(organisation: Organisation, request: Request) -> bool:
    """True when this body takes part in the request today: what is written to it, it can read."""
    return request.parties.filter(organisation=organisation, ended_at=None).exists()


def messages(who: Standing) -> QuerySet[Message]:
    """Messages that this person reads."""
    found = who.request.messages.all()
    if who.agent:
        return found
    readable = Q(audience=Audience.PARTNER, partner__in=who.bodies) | Q(
        audience=Audience.REMARK, author=who.user
    )
    if who.applicant or who.lead:
        readable |= Q(audience=Audience.APPLICANT)
    return found.filter(readable)


def attachments(who: Standing) -> QuerySet[Attachment]:
    """Documents that this person reads."""
    found = who.request.attachments.all()
    if who.agent:
        return found
    readable = Q(audience=Audience.PARTNER, partner__in=who.bodies)
    if who.applicant or who.lead or who.committee or _shown_documents(who):
        readable |= Q(audience=Audience.APPLICANT)
    return found.filter(readable)


def _shown_documents(who: Standing) -> bool:
    if not (who.asked or who.informed):
        return False
    given = who.request.consultations.filter(organisation__in=who.bodies, with_documents=True)
    return given.exclude(
        state__in=[ConsultationState.DECLINED, ConsultationState.CANCELLED]
    ).exists()


def consultations(who: Standing) -> QuerySet[Consultation]:
    """What was asked of bodies, as far as this person may read it: theirs; all for the desk.

    The committee reads what local bodies answered, since it judges whether they were asked.
    """
    found = who.request.consultations.select_related("organisation")
    if who.agent or who.committee:
        return found
    return found.filter(organisation__in=() if who.applicant else who.bodies)


def tasks(who: Standing) -> QuerySet[Task]:
    """Tasks of the desk."""
    found = who.request.tasks.select_related("assigned_to")
    return found if who.agent else found.none()


def journal(who: Standing) -> QuerySet[JournalEntry]:
    """Passages that this person reads: all for the desk and the committee, those that are not
    internal for the mairie and its interlocuteur; none for the others.
    """
    found = who.request.journal.all()
    if who.agent or who.committee or who.administrator:
        return found
    if who.applicant or who.lead:
        return found.filter(internal=False)
    return found.none()


def may_edit_draft(who: Standing) -> Right:
    """May this person write in this draft?"""
    if who.request.state != State.DRAFT:
        return Denied("Cette demande est déposée : écrivez au guichet pour la compléter.")
    return Allowed() if who.applicant or who.agent else Denied(_APPLICANT)
