"""The desks (guichets), their settings, the links they send, the views that agents keep."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from maillage.accounts.enums import Role
from maillage.accounts.models import Organisation, User
from maillage.common.models import Dated
from maillage.desk.enums import DeskMode

#: Roles of those who work on requests, whatever the body they act for.
DESK_ROLES = (Role.AGENT, Role.DELEGATE, Role.DEPUTY)


class DeskQuerySet(models.QuerySet["Desk"]):
    """Desks."""

    def of_keys(self, keys: frozenset[str] | list[str]) -> "DeskQuerySet":
        """Open desks of the territories whose keys are `keys`."""
        return self.filter(territory__in=keys, is_open=True)

    def worked_by(self, user: User) -> "DeskQuerySet":
        """Desks of which `user` is agent, delegate or deputy, by the body that holds it or by a
        service that pilots for it.
        """
        bodies = user.bodies(*DESK_ROLES)
        return self.filter(Q(organisation__in=bodies) | Q(pilots__in=bodies)).distinct()


class Desk(Dated):
    """The single desk that a préfet keeps, for a territory (``dep:24``), with its settings.

    Deadlines are in days; those of first answer are working days (French public holidays of the
    place counted, see `common.workdays`).
    """

    name = models.CharField("nom", max_length=200)
    territory = models.CharField("territoire", max_length=40, unique=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="desks", verbose_name="tenu par"
    )
    is_open = models.BooleanField("ouvert au dépôt", default=True)
    invented = models.BooleanField("démonstration", default=False)
    mode = models.CharField(
        "fonctionnement", max_length=20, choices=DeskMode, default=DeskMode.CARRIED
    )
    circuit = models.ForeignKey(
        Organisation,
        models.PROTECT,
        related_name="circuits",
        null=True,
        blank=True,
        verbose_name="qui porte le circuit existant",
    )
    pilots = models.ManyToManyField(
        Organisation, blank=True, related_name="piloted_desks",
        verbose_name="services qui pilotent avec lui",
        help_text="Leurs agents traitent ses demandes comme les siens (une DDT, par exemple).",
    )  # fmt: skip
    informed = models.ManyToManyField(
        Organisation, blank=True, related_name="+",
        verbose_name="organismes informés de toute demande",
        help_text="Un département voisin, par exemple : ils lisent, ils ne décident pas.",
    )  # fmt: skip
    phone = models.CharField("téléphone", max_length=30, blank=True)
    email = models.EmailField("adresse électronique", blank=True)
    address = models.CharField("adresse postale", max_length=300, blank=True)
    first_answer_days = models.PositiveSmallIntegerField(
        "première réponse (jours ouvrés)", default=5
    )
    decision_days = models.PositiveSmallIntegerField("décision (jours ouvrés)", default=10)
    opinion_days = models.PositiveSmallIntegerField("avis d'un service (jours ouvrés)", default=10)
    provider_days = models.PositiveSmallIntegerField(
        "réponse d'un organisme sollicité (jours ouvrés)", default=7
    )
    information_days = models.PositiveSmallIntegerField(
        "précision demandée à la mairie (jours ouvrés)", default=15
    )
    silent_days = models.PositiveSmallIntegerField("silencieuse après (jours)", default=21)

    objects = DeskQuerySet.as_manager()

    class Meta:
        verbose_name = "guichet"
        ordering = ("territory",)

    def __str__(self) -> str:
        return self.name

    @property
    def department(self) -> str:
        """Code of its département (« 24 »), by which its calendar and its numbers go."""
        return self.territory.removeprefix("dep:")


class FilingLinkQuerySet(models.QuerySet["FilingLink"]):
    """Signed links."""

    def usable(self, now: datetime) -> "FilingLinkQuerySet":
        """Links that can still open a draft at `now`."""
        return self.filter(expires_at__gt=now, used_at=None)

    def visible_to(self, user: User) -> "FilingLinkQuerySet":
        """Links of the desks that `user` works for."""
        return self.filter(desk__in=Desk.objects.worked_by(user))


class FilingLink(Dated):
    """A link sent to a mairie, by which it files without having had an account before.

    Only the digest of its secret is kept. ``sent_by`` is the agent who vouches for the address;
    without one, the mairie asked for it alone and the agent checks the address at qualification.
    ``draft`` keeps what had been typed before the link was asked for.
    """

    digest = models.CharField("empreinte", max_length=64, unique=True)
    email = models.EmailField("adresse électronique")
    code = models.CharField("commune ou EPCI", max_length=9)
    desk = models.ForeignKey(Desk, models.CASCADE, related_name="links", verbose_name="guichet")
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="envoyé par",
    )  # fmt: skip
    draft = models.JSONField("ce qui était déjà saisi", default=dict, blank=True)
    origin = models.CharField("origine (empreinte)", max_length=64, blank=True)
    expires_at = models.DateTimeField("valable jusqu'au")
    used_at = models.DateTimeField("utilisé le", null=True, blank=True)
    request = models.ForeignKey(
        "desk.Request", models.SET_NULL, null=True, blank=True, related_name="links",
        verbose_name="demande",
    )  # fmt: skip

    objects = FilingLinkQuerySet.as_manager()

    class Meta:
        verbose_name = "lien de dépôt"
        verbose_name_plural = "liens de dépôt"
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.email} ({self.code})"


class SavedView(Dated):
    """Filters of the queue that an agent keeps under a name."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="views", verbose_name="personne"
    )
    name = models.CharField("nom", max_length=60)
    query = models.CharField("filtres", max_length=1000, blank=True)

    class Meta:
        verbose_name = "vue enregistrée"
        verbose_name_plural = "vues enregistrées"
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint("user", "name", name="one_view_by_name"),
            models.CheckConstraint(condition=~Q(name=""), name="view_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
