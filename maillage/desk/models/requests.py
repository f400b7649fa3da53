"""A request (demande), the bodies that take part in it, and its journal."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Concat, Lower, Replace
from django.urls import reverse

from maillage.accounts.enums import Role
from maillage.accounts.models import Organisation, User
from maillage.common.models import Dated, codes
from maillage.desk import lifecycle
from maillage.desk.enums import (
    ENDED_STATES,
    OPEN_STATES,
    Branch,
    Capacity,
    Channel,
    Hand,
    LeadKind,
    NeedLevel,
    Outcome,
    State,
)
from maillage.desk.models.desks import DESK_ROLES, Desk
from maillage.engine.text import words
from maillage.engine.vocabulary import AUDIENCE_LABELS, PHASES, THEMES, Audience
from maillage.projects.models import Project

_WORKING = frozenset(
    {Capacity.DESK, Capacity.PILOT, Capacity.LEAD, Capacity.ASKED, Capacity.INFORMED}
)
#: What a mandate in each role opens: the capacities in which its body must take part.
CAPACITIES_OF: dict[str, frozenset[str]] = {
    Role.APPLICANT: frozenset({Capacity.APPLICANT}),
    Role.AGENT: _WORKING,
    Role.DELEGATE: _WORKING,
    Role.DEPUTY: _WORKING,
    Role.PROVIDER: frozenset({Capacity.LEAD, Capacity.ASKED, Capacity.INFORMED}),
    Role.COMMITTEE: frozenset({Capacity.COMMITTEE}),
}

_ACCENTED = "àâäáãåçéèêëíìîïñóòôöõúùûüýÿÀÂÄÁÃÅÇÉÈÊËÍÌÎÏÑÓÒÔÖÕÚÙÛÜÝŸ"
_PLAIN = "aaaaaaceeeeiiiinooooouuuuyyaaaaaaceeeeiiiinooooouuuuyy"


def folded_text(*fields: str) -> models.Expression:
    """Texts end to end, in small letters, without accents: PostgreSQL's own functions suffice."""
    parts = [part for name in fields for part in (name, Value(" "))]
    text = models.Func(
        Lower(Concat(*parts, output_field=models.TextField())),
        Value(_ACCENTED),
        Value(_PLAIN),
        function="translate",
        output_field=models.TextField(),
    )
    for ligature in ("œ", "Œ"):
        text = Replace(text, Value(ligature), Value("oe"), output_field=models.TextField())
    return text


class RequestQuerySet(models.QuerySet["Request"]):
    """Requests. `visible_to` is the one door: pages, API, exports, files and searches use it."""

    def visible_to(self, user: User) -> "RequestQuerySet":
        """Requests that `user` may read, by the mandates in force today.

        A mandate opens the requests in which its body takes part, in a capacity that its role
        goes with; an observer reads the filed requests of their territory; an administrator reads
        them all. Who wrote a request reads it while it is a draft, and as long as the desk has not
        yet checked that they act for the mairie (it then gives them a mandate). A draft is also
        its mairie's. No right comes from a département's number.
        """
        if not user.is_authenticated:
            return self.none()
        filed = ~Q(state=State.DRAFT)
        mine = Q(created_by=user) & (Q(state=State.DRAFT) | Q(address_checked=False))
        if user.is_staff or user.bodies(Role.ADMINISTRATOR):
            return self.filter(mine | filed)
        taking_part = Q()
        for role, capacities in CAPACITIES_OF.items():
            bodies = [body.pk for body in user.bodies(role)]
            if bodies:
                taking_part |= Q(organisation__in=bodies, capacity__in=capacities)
        allowed = mine
        if taking_part:
            parties = Party.objects.filter(taking_part, request=OuterRef("pk"), ended_at=None)
            own = Q(applicant__in=[body.pk for body in user.bodies(Role.APPLICANT)])
            allowed |= Exists(parties) & (filed | own)
        territories = [body.territory for body in user.bodies(Role.OBSERVER) if body.territory]
        if territories:
            allowed |= filed & Q(keys__overlap=territories)
        return self.filter(allowed)

    def handled_by(self, user: User) -> "RequestQuerySet":
        """Filed requests that `user` works on for a desk: agent, delegate or deputy of the body
        that holds the desk, or of a service that pilots for it.
        """
        bodies = [body.pk for body in user.bodies(*DESK_ROLES)]
        parties = Party.objects.filter(
            request=OuterRef("pk"), organisation__in=bodies, ended_at=None,
            capacity__in=[Capacity.DESK, Capacity.PILOT],
        )  # fmt: skip
        return self.filter(Exists(parties)).exclude(state=State.DRAFT)

    def saying(self, text: str) -> "RequestQuerySet":
        """Those that hold every word of `text` in what all their readers read: no one's name."""
        read = folded_text("bearer_name", "body_name", "number", "need")
        found = self
        for word in words(text):
            # The stored text holds more (contacts): it only spares most rows the computation.
            found = found.filter(folded__contains=word).alias(read=read)
            found = found.filter(read__contains=word)
        return found

    def filed(self) -> "RequestQuerySet":
        """Those that have a number."""
        return self.exclude(state=State.DRAFT)

    def open(self) -> "RequestQuerySet":
        """Filed and not ended."""
        return self.filter(state__in=OPEN_STATES)


class Request(Dated):
    """What a commune, an EPCI or a syndicat asks of its desk.

    ``bearer`` is the official code (COG or SIREN) of the territory; ``keys`` the territory keys
    that contain it when it was filed; ``budget`` is in euros. ``version`` grows at each change: two
    people who act at once are told so. State, branch and lead are what the journal says
    (`lifecycle.replay`), kept here to be searched.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("numéro", max_length=20, null=True, blank=True, unique=True)
    state = models.CharField("état", max_length=20, choices=State, default=State.DRAFT)
    branch = models.CharField("branche", max_length=10, choices=Branch, blank=True)
    version = models.PositiveIntegerField("version", default=0)

    desk = models.ForeignKey(
        Desk, models.PROTECT, related_name="requests", null=True, blank=True, verbose_name="guichet"
    )
    applicant = models.ForeignKey(
        Organisation, models.PROTECT, related_name="requests", null=True, blank=True,
        verbose_name="demandeur",
    )  # fmt: skip
    bearer = models.CharField("code de la commune ou de l'EPCI", max_length=9, blank=True)
    bearer_name = models.CharField("commune ou EPCI", max_length=200, blank=True)
    bearer_kind = models.CharField(
        "qui demande", max_length=20, default=Audience.COMMUNE,
        choices=[(member.value, AUDIENCE_LABELS[member]) for member in Audience],
    )  # fmt: skip
    body_name = models.CharField("nom du syndicat ou de l'association", max_length=200, blank=True)
    population = models.PositiveIntegerField("population", null=True, blank=True)
    keys = codes("clés de territoire")

    need = models.TextField("besoin")
    types = codes("types de projet")
    stage = models.CharField("étape", max_length=20, choices=list(PHASES.items()), blank=True)
    tried = models.TextField("ce qui a été tenté", blank=True)
    calendar = models.TextField("calendrier", blank=True)
    budget = models.DecimalField("budget (€)", max_digits=12, decimal_places=2, null=True,
                                 blank=True)  # fmt: skip
    staff = models.CharField("agents de la commune", max_length=200, blank=True)
    contact_name = models.CharField("nom du contact", max_length=120, blank=True)
    contact_role = models.CharField("fonction", max_length=120, blank=True)
    contact_email = models.EmailField("courriel", blank=True)
    contact_phone = models.CharField("téléphone", max_length=30, blank=True)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="written_requests",
        verbose_name="saisie par",
    )  # fmt: skip
    channel = models.CharField("arrivée", max_length=10, choices=Channel, default=Channel.ONLINE)
    on_behalf = models.BooleanField("saisie pour le compte de la mairie", default=False)
    address_checked = models.BooleanField("adresse vérifiée", default=True)
    once = models.UUIDField("envoi unique", null=True, blank=True, unique=True)

    filed_at = models.DateTimeField("déposée le", null=True, blank=True)
    received_on = models.DateField("reçue le", null=True, blank=True)
    first_answer_due = models.DateField("première réponse avant le", null=True, blank=True)
    first_answer_at = models.DateTimeField("première réponse le", null=True, blank=True)
    due_on = models.DateField("prochaine échéance", null=True, blank=True)
    late_notified_on = models.DateField("retard signalé le", null=True, blank=True)
    seen_at = models.DateTimeField("ouverte par la mairie le", null=True, blank=True)
    news_at = models.DateTimeField("dernière nouvelle à la mairie", null=True, blank=True)
    ended_at = models.DateTimeField("terminée le", null=True, blank=True)

    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="assigned",
        verbose_name="suivie par",
    )  # fmt: skip
    hand = models.CharField("qui a la main", max_length=10, choices=Hand, blank=True)
    themes = codes("thèmes", list(THEMES.items()))
    phase = models.CharField("étape retenue", max_length=20, choices=list(PHASES.items()),
                             blank=True)  # fmt: skip
    level = models.CharField("niveau du besoin", max_length=20, choices=NeedLevel, blank=True)
    agent_note = models.TextField("lecture de l'agent", blank=True)
    duplicate_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="duplicates",
        verbose_name="regroupée avec",
    )  # fmt: skip
    prepared = models.JSONField("décision préparée", default=dict, blank=True)
    #: What was made of it here: the project, and its financing plan.
    project = models.ForeignKey(
        Project, models.SET_NULL, null=True, blank=True, related_name="requests",
        verbose_name="projet",
    )  # fmt: skip

    lead = models.ForeignKey(
        Organisation, models.PROTECT, related_name="led", null=True, blank=True,
        verbose_name="interlocuteur unique",
    )  # fmt: skip
    lead_kind = models.CharField("qualité", max_length=20, choices=LeadKind, blank=True)
    lead_person = models.CharField("personne", max_length=120, blank=True)
    lead_phone = models.CharField("téléphone de l'interlocuteur", max_length=30, blank=True)
    lead_email = models.EmailField("courriel de l'interlocuteur", blank=True)
    outcome = models.CharField("issue", max_length=20, choices=Outcome, blank=True)
    outcome_text = models.TextField("ce que cela a donné", blank=True)
    reoriented_to = models.CharField("réorientée vers", max_length=200, blank=True)
    #: What the queue searches and sorts by; the database keeps it in step by itself.
    folded = models.GeneratedField(
        expression=folded_text("bearer_name", "body_name", "number", "need", "contact_name"),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = "demande"
        ordering = ("-filed_at", "-created_at")
        indexes: ClassVar = [
            models.Index(fields=["desk", "state", "due_on"], name="request_by_desk_state"),
            models.Index(fields=["desk", "-filed_at"], name="request_by_desk_date"),
            models.Index(fields=["applicant", "-filed_at"], name="request_by_applicant"),
            models.Index(fields=["bearer", "-filed_at"], name="request_by_bearer"),
            GinIndex(fields=["keys"], name="request_by_key"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state=State.DRAFT) | Q(number__isnull=False, desk__isnull=False),
                name="filed_request_has_number_and_desk",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.LOCAL, State.ACCOMPANIED]) | Q(lead__isnull=False),
                name="accompanied_request_has_a_lead",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number or 'Brouillon'} · {self.bearer_name}"

    def get_absolute_url(self) -> str:
        """Page of the request."""
        return reverse("requests:request", args=[self.pk])

    @property
    def is_draft(self) -> bool:
        """True until it is filed."""
        return self.state == State.DRAFT

    @property
    def is_ended(self) -> bool:
        """True when nothing more is awaited."""
        return self.state in ENDED_STATES

    @property
    def title(self) -> str:
        """The need in eight words, for lists."""
        words = self.need.split()
        return " ".join(words[:8]).rstrip(",;:.") + "…" if len(words) > 8 else " ".join(words)

    @property
    def asker(self) -> str:
        """Who asks, in words: the commune, or the body that it carries the request of."""
        return f"{self.body_name} ({self.bearer_name})" if self.body_name else self.bearer_name

    @property
    def step(self) -> int:
        """Number of its step among `lifecycle.STEPS`."""
        return lifecycle.step_of(self.state)

    @property
    def position(self) -> lifecycle.Position:
        """Where the row says that it is, as the life cycle reads it."""
        return lifecycle.Position(
            self.state, self.branch, self.lead_id, self.branch == Branch.NATIONAL
        )


class Party(Dated):
    """A body that takes part in a request, in what capacity, and until when."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="parties")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="parts")
    capacity = models.CharField("qualité", max_length=10, choices=Capacity)
    ended_at = models.DateTimeField("jusqu'au", null=True, blank=True)

    class Meta:
        verbose_name = "partie prenante"
        verbose_name_plural = "parties prenantes"
        constraints: ClassVar = [
            models.UniqueConstraint(
                "request", "organisation", "capacity", name="one_part_by_capacity"
            ),
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(capacity=Capacity.LEAD, ended_at=None),
                name="one_lead_at_most",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} ({self.get_capacity_display()})"


class JournalEntry(models.Model):
    """A passage in the life of a request: who, when, why, and what was on screen. Never changed.

    ``verb`` is one of `enums.Verb`, or another word for what does not change the state (``note``,
    ``assign``…). ``shown`` holds the ranked proposals with their reasons (`snapshots`).
    """

    request = models.ForeignKey(Request, models.CASCADE, related_name="journal")
    rank = models.PositiveIntegerField("rang")
    verb = models.CharField("acte", max_length=30)
    from_state = models.CharField("de", max_length=20, choices=State)
    to_state = models.CharField("vers", max_length=20, choices=State)
    at = models.DateTimeField("le", auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="par",
    )  # fmt: skip
    by_label = models.CharField("par (en clair)", max_length=250)
    reason = models.TextField("pourquoi", blank=True)
    channel = models.CharField("comment", max_length=10, choices=Channel, default=Channel.ONLINE)
    on_behalf_of = models.CharField("pour le compte de", max_length=200, blank=True)
    data = models.JSONField("détail", default=dict, blank=True)
    shown = models.JSONField("ce qui était à l'écran", default=dict, blank=True)
    internal = models.BooleanField("vu du guichet seulement", default=False)
    once = models.UUIDField("envoi unique", null=True, blank=True, unique=True)

    class Meta:
        verbose_name = "passage"
        ordering = ("request", "rank")
        constraints: ClassVar = [
            models.UniqueConstraint("request", "rank", name="journal_has_one_row_by_rank")
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.rank} {self.verb}"
