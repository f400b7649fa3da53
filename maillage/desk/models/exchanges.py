"""What is said about a request: messages, what is asked of bodies, documents, tasks."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from maillage.accounts.models import Organisation
from maillage.common.models import Dated
from maillage.desk.enums import Audience, Channel, ConsultationKind, ConsultationState, LeadKind
from maillage.desk.models.requests import Request


class Message(Dated):
    """A message of the thread. Its audience says who reads it, and cannot be changed.

    ``partner`` is the body that reads it when the audience is a partner. ``on_behalf_of`` says for
    whom an agent typed what came by telephone or on paper.
    """

    request = models.ForeignKey(Request, models.CASCADE, related_name="messages")
    audience = models.CharField("lu par", max_length=10, choices=Audience)
    partner = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name="partenaire",
    )  # fmt: skip
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+",
        verbose_name="écrit par",
    )  # fmt: skip
    author_label = models.CharField("écrit par (en clair)", max_length=250)
    on_behalf_of = models.CharField("pour le compte de", max_length=200, blank=True)
    channel = models.CharField("arrivé", max_length=10, choices=Channel, default=Channel.ONLINE)
    body = models.TextField("texte")
    from_applicant = models.BooleanField("vient de la mairie", default=False)
    once = models.UUIDField("envoi unique", null=True, blank=True, unique=True)

    class Meta:
        verbose_name = "message"
        ordering = ("created_at", "id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(models.Q(audience=Audience.PARTNER) & models.Q(partner__isnull=False))
                | (~models.Q(audience=Audience.PARTNER) & models.Q(partner__isnull=True)),
                name="message_to_a_partner_names_it",
            )
        ]

    def __str__(self) -> str:
        return f"{self.author_label} : {self.body[:60]}"


class Consultation(Dated):
    """What is asked of a body: to take the request, to give an opinion, or to know of it."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="consultations")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="consultations", verbose_name="organisme"
    )
    kind = models.CharField("nature", max_length=12, choices=ConsultationKind)
    state = models.CharField(
        "état", max_length=15, choices=ConsultationState, default=ConsultationState.WAITING
    )
    offer = models.SlugField("offre du catalogue", max_length=100, blank=True)
    as_lead = models.BooleanField("comme interlocuteur unique", default=False)
    lead_kind = models.CharField("qualité", max_length=20, choices=LeadKind, blank=True)
    question = models.TextField("ce qui est demandé", blank=True)
    with_documents = models.BooleanField("avec les pièces de la mairie", default=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+",
        verbose_name="demandé par",
    )  # fmt: skip
    due_on = models.DateField("à rendre avant le", null=True, blank=True)
    proposed_on = models.DateField("date proposée", null=True, blank=True)
    answer = models.TextField("réponse", blank=True)
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)
    answered_by = models.CharField("répondu par", max_length=250, blank=True)
    channel = models.CharField("arrivée", max_length=10, choices=Channel, default=Channel.ONLINE)
    reminded_on = models.DateField("relancé le", null=True, blank=True)
    escalated_on = models.DateField("signalé à l'agent le", null=True, blank=True)

    class Meta:
        verbose_name = "sollicitation"
        ordering = ("created_at", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["request", "organisation", "kind"],
                condition=models.Q(
                    state__in=[ConsultationState.WAITING, ConsultationState.DATE_PROPOSED]
                ),
                name="one_open_question_by_body",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation} : {self.get_kind_display()} ({self.get_state_display()})"

    @property
    def is_open(self) -> bool:
        """True while an answer is awaited."""
        return self.state in {ConsultationState.WAITING, ConsultationState.DATE_PROPOSED}


#: Folder of the documents, in the private storage.
FOLDER = "demandes"


def attachment_path(attachment: "Attachment", name: str) -> str:
    """Where a document is kept: by request, under a name that says nothing of it."""
    return f"{FOLDER}/{attachment.request_id}/{attachment.sha256[:32]}"


class Attachment(Dated):
    """A document of a request, kept apart from the site and served through the access door."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="attachments")
    file = models.FileField("fichier", upload_to=attachment_path, max_length=200)
    name = models.CharField("nom", max_length=200)
    kind = models.CharField("nature", max_length=10)
    size = models.PositiveIntegerField("taille (octets)")
    sha256 = models.CharField("empreinte", max_length=64)
    audience = models.CharField(
        "lu par", max_length=10, choices=Audience, default=Audience.APPLICANT
    )
    partner = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name="partenaire",
    )  # fmt: skip
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+",
        verbose_name="ajouté par",
    )  # fmt: skip

    class Meta:
        verbose_name = "pièce"
        ordering = ("created_at", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["request", "sha256", "audience"],
                condition=models.Q(partner=None),
                name="one_copy_of_a_document",
            ),
            models.UniqueConstraint(
                fields=["request", "sha256", "partner"],
                condition=models.Q(partner__isnull=False),
                name="one_copy_of_a_document_by_partner",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Task(Dated):
    """Something that the desk must do for a request."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="tasks")
    label = models.CharField("à faire", max_length=250)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="tasks",
        verbose_name="pour",
    )  # fmt: skip
    due_on = models.DateField("avant le", null=True, blank=True)
    done_at = models.DateTimeField("fait le", null=True, blank=True)

    class Meta:
        verbose_name = "tâche"
        ordering = ("done_at", "due_on", "id")

    def __str__(self) -> str:
        return self.label
