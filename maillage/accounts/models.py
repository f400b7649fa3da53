"""Users, organisations and mandates.

A right never comes from a département's number: it comes from a mandate, which says for which
body a person acts, in which role, and from when to when.
"""

from datetime import date
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils.timezone import localdate

from maillage.accounts.enums import OrganisationKind, Role
from maillage.common.models import Dated


class UserManager(BaseUserManager["User"]):
    """Users are known by their e-mail; most have no password (a code is sent to them)."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person. Without a password, they sign in by a code sent by e-mail."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an administrator (``maillage manage createsuperuser``)."""
        return self.create_user(
            email, password, **{**fields, "is_staff": True, "is_superuser": True}
        )


class User(AbstractBaseUser, PermissionsMixin, Dated):
    """A person. Only what is needed to write to them and to name them to their correspondents."""

    email = models.EmailField("adresse électronique", unique=True)
    name = models.CharField("nom affiché", max_length=120, blank=True)
    is_staff = models.BooleanField("accède à l'administration", default=False)
    is_active = models.BooleanField("actif", default=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "personne"
        verbose_name_plural = "personnes"
        ordering = ("email",)

    def __str__(self) -> str:
        return self.name or self.email

    @cached_property
    def acting(self) -> list["Mandate"]:
        """Mandates in force today, with their bodies (one query, kept for the request)."""
        return list(
            self.mandates.in_force(localdate()).select_related("organisation").order_by("id")
        )

    def bodies(self, *roles: str) -> list["Organisation"]:
        """Bodies for which this person acts today in one of `roles`."""
        return [mandate.organisation for mandate in self.acting if mandate.role in roles]


class Organisation(Dated):
    """A body for which people act. ``territory`` is its territory key (``com:24061``…)."""

    kind = models.CharField("nature", max_length=20, choices=OrganisationKind)
    name = models.CharField("nom", max_length=200)
    siren = models.CharField("SIREN", max_length=9, blank=True)
    territory = models.CharField("territoire", max_length=40, blank=True)
    #: Identifier of its page in the catalogue, when it has one.
    provider = models.SlugField("fiche au catalogue", max_length=100, blank=True, db_index=True)
    email = models.EmailField("adresse électronique", blank=True)
    phone = models.CharField("téléphone", max_length=30, blank=True)

    class Meta:
        verbose_name = "organisme"
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "territory"],
                condition=Q(kind__in=[OrganisationKind.COMMUNE, OrganisationKind.EPCI]),
                name="one_body_by_commune_and_epci",
            ),
            models.UniqueConstraint(
                fields=["provider"], condition=~Q(provider=""), name="one_body_by_provider"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MandateQuerySet(models.QuerySet["Mandate"]):
    """Mandates by date."""

    def in_force(self, day: date) -> "MandateQuerySet":
        """Mandates valid on `day`, bounds included."""
        return self.filter(
            Q(starts__isnull=True) | Q(starts__lte=day), Q(ends__isnull=True) | Q(ends__gte=day)
        )


class Mandate(Dated):
    """Who may act for whom, in which role, from when to when."""

    user = models.ForeignKey(User, models.CASCADE, related_name="mandates", verbose_name="personne")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="mandates", verbose_name="organisme"
    )
    role = models.CharField("rôle", max_length=20, choices=Role)
    starts = models.DateField("à partir du", null=True, blank=True)
    ends = models.DateField("jusqu'au", null=True, blank=True)
    signs = models.BooleanField(
        "a délégation pour décider",
        default=False,
        help_text="Pour un adjoint : il peut désigner l'interlocuteur unique et demander l'appui "
        "national. Le délégué le peut toujours.",
    )

    objects = MandateQuerySet.as_manager()

    class Meta:
        verbose_name = "mandat"
        constraints = [
            models.UniqueConstraint("user", "organisation", "role", name="one_mandate_by_role"),
            models.CheckConstraint(
                condition=Q(starts__isnull=True)
                | Q(ends__isnull=True)
                | Q(ends__gte=models.F("starts")),
                name="mandate_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.organisation}"


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Absences by date."""

    def on(self, day: date) -> "AbsenceQuerySet":
        """Absences that cover `day`, bounds included."""
        return self.filter(starts__lte=day, ends__gte=day)


class Absence(Dated):
    """When a person is away, and who takes their files meanwhile."""

    user = models.ForeignKey(User, models.CASCADE, related_name="absences", verbose_name="personne")
    relay = models.ForeignKey(
        User, models.CASCADE, related_name="relayed", verbose_name="relais pendant l'absence"
    )
    starts = models.DateField("du")
    ends = models.DateField("au")

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = "absence"
        ordering = ("-starts",)
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gte=models.F("starts")), name="absence_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=~Q(relay=models.F("user")), name="absence_relay_is_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, du {self.starts} au {self.ends}"
