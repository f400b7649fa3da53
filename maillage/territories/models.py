"""Communes, EPCI, arrondissements, départements, régions, named perimeters, programme labels.

Keys are official codes (COG, SIREN). The rows come from files: nothing here is typed by hand.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse

from maillage.engine.text import words
from maillage.territories.enums import (
    LABEL_NAMES,
    Carrier,
    EpciType,
    FiscalRegime,
    FormerKind,
    PerimeterType,
    Zone,
)


def sort_key(name: str) -> str:
    """Fold a name to sort and search it: the database knows neither accents nor « Œ ».

    >>> sort_key("L'Haÿ-les-Roses")
    'l hay les roses'
    """
    return " ".join(words(name))


class Region(models.Model):
    """A région, or an overseas collectivity taken as one (COG)."""

    code = models.CharField("code", max_length=3, primary_key=True)
    name = models.CharField("nom", max_length=60)
    sort_key = models.CharField(max_length=60, editable=False)
    zone = models.CharField("zone", max_length=5, choices=Zone)
    seat = models.ForeignKey(
        "Commune", models.PROTECT, null=True, related_name="+", verbose_name="chef-lieu"
    )

    class Meta:
        verbose_name = "région"
        ordering = ("sort_key",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("territories:region", args=[self.code])


class Department(models.Model):
    """A département, or an overseas collectivity taken as one (COG)."""

    code = models.CharField("code", max_length=3, primary_key=True)
    name = models.CharField("nom", max_length=60)
    sort_key = models.CharField(max_length=60, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="région")
    zone = models.CharField("zone", max_length=5, choices=Zone)
    seat = models.ForeignKey(
        "Commune", models.PROTECT, null=True, related_name="+", verbose_name="préfecture"
    )

    class Meta:
        verbose_name = "département"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("territories:department", args=[self.code])


class Arrondissement(models.Model):
    """An arrondissement of a département; its seat has the sous-préfecture (or the préfecture)."""

    code = models.CharField("code", max_length=4, primary_key=True)
    name = models.CharField("nom", max_length=60)
    department = models.ForeignKey(Department, models.PROTECT, verbose_name="département")
    seat = models.ForeignKey(
        "Commune", models.PROTECT, null=True, related_name="+", verbose_name="chef-lieu"
    )

    class Meta:
        verbose_name = "arrondissement"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class EpciQuerySet(models.QuerySet["Epci"]):
    """EPCI by place and by name."""

    def of_department(self, code: str) -> "EpciQuerySet":
        """EPCI with at least one member in the département `code`."""
        return self.filter(members__department_id=code).distinct()

    def named(self, text: str) -> "EpciQuerySet":
        """EPCI whose name holds `text`, accents and hyphens aside."""
        return self.filter(sort_key__contains=sort_key(text))


class Epci(models.Model):
    """An EPCI à fiscalité propre."""

    siren = models.CharField("SIREN", max_length=9, primary_key=True)
    name = models.CharField("nom", max_length=150)
    sort_key = models.CharField(max_length=150, editable=False)
    type = models.CharField("type", max_length=5, choices=EpciType)
    fiscal_regime = models.CharField("régime fiscal", max_length=3, choices=FiscalRegime)
    population = models.PositiveIntegerField("population municipale", null=True)

    objects = EpciQuerySet.as_manager()

    class Meta:
        verbose_name = "intercommunalité"
        verbose_name_plural = "intercommunalités"
        ordering = ("sort_key",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("territories:epci", args=[self.siren])

    @property
    def key(self) -> str:
        """Territory key (``epci:200040392``)."""
        return f"epci:{self.siren}"


class CommuneQuerySet(models.QuerySet["Commune"]):
    """Communes by place and by name; `for_display` brings what a page says of each."""

    def of_department(self, code: str) -> "CommuneQuerySet":
        """Communes of the département `code`."""
        return self.filter(department_id=code)

    def of_region(self, code: str) -> "CommuneQuerySet":
        """Communes of the région `code`."""
        return self.filter(department__region_id=code)

    def of_epci(self, siren: str) -> "CommuneQuerySet":
        """Members of the EPCI `siren`."""
        return self.filter(epci_id=siren)

    def without_epci(self) -> "CommuneQuerySet":
        """Communes that belong to no EPCI (four islands, overseas collectivities)."""
        return self.filter(epci__isnull=True)

    def named(self, text: str) -> "CommuneQuerySet":
        """Communes whose name holds `text`, accents and hyphens aside, or with this postal code."""
        if text.strip().isdigit():
            return self.filter(postal_codes__contains=[text.strip()])
        return self.filter(sort_key__contains=sort_key(text))

    def for_display(self) -> "CommuneQuerySet":
        """Bring along département, région, arrondissement with its seat, and EPCI."""
        return self.select_related("department__region", "arrondissement__seat", "epci")


class Commune(models.Model):
    """A commune of the COG in force."""

    code = models.CharField("code COG", max_length=5, primary_key=True)
    name = models.CharField("nom", max_length=80)
    sort_key = models.CharField(max_length=80, editable=False)
    department = models.ForeignKey(Department, models.PROTECT, verbose_name="département")
    arrondissement = models.ForeignKey(Arrondissement, models.PROTECT, null=True)
    epci = models.ForeignKey(
        Epci, models.PROTECT, null=True, related_name="members", verbose_name="intercommunalité"
    )
    siren = models.CharField("SIREN", max_length=9, blank=True)
    population = models.PositiveIntegerField("population municipale", null=True)
    postal_codes = ArrayField(models.CharField(max_length=5), verbose_name="codes postaux")
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)

    objects = CommuneQuerySet.as_manager()

    class Meta:
        verbose_name = "commune"
        ordering = ("sort_key", "code")

    def __str__(self) -> str:
        return f"{self.name} ({self.department_id})"

    def get_absolute_url(self) -> str:
        return reverse("territories:commune", args=[self.code])

    @property
    def key(self) -> str:
        """Territory key (``com:24061``)."""
        return f"com:{self.code}"


class FormerCommune(models.Model):
    """A code that now leads to another commune, or a name that a commune keeps inside.

    ``code`` may be the commune's own: a commune nouvelle often keeps the code of its seat, whose
    name lives on as commune déléguée.
    """

    code = models.CharField("code", max_length=5, primary_key=True)
    name = models.CharField("nom", max_length=80, blank=True)
    commune = models.ForeignKey(Commune, models.CASCADE, related_name="former")
    kind = models.CharField("nature", max_length=10, choices=FormerKind)

    class Meta:
        verbose_name = "ancienne commune"
        verbose_name_plural = "anciennes communes"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name or self.code


class Perimeter(models.Model):
    """A named union of official codes: park, basin, massif, GAL… cited as ``per:<slug>``."""

    slug = models.SlugField("identifiant", primary_key=True, max_length=60)
    name = models.CharField("nom", max_length=120)
    type = models.CharField("type", max_length=12, choices=PerimeterType)
    codes = ArrayField(models.CharField(max_length=20), verbose_name="codes")
    approximate = models.BooleanField("approché", default=False)
    note = models.TextField("note", blank=True)
    source = models.CharField("source", max_length=60, blank=True)

    class Meta:
        verbose_name = "périmètre"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """Territory key (``per:parc-morvan``)."""
        return f"per:{self.slug}"


class ReferenceSet(models.Model):
    """Which edition of the reference files is loaded; the digest tells whether to load again."""

    name = models.CharField("jeu", max_length=20, primary_key=True)
    vintage = models.CharField("millésime", max_length=20)
    digest = models.CharField("empreinte", max_length=64)
    loaded_at = models.DateTimeField("chargé le", auto_now=True)

    class Meta:
        verbose_name = "jeu de référence"
        verbose_name_plural = "jeux de référence"

    def __str__(self) -> str:
        return f"{self.name} {self.vintage}"


class LabelFileQuerySet(models.QuerySet["LabelFile"]):
    """Files of labels."""

    def current(self) -> "LabelFileQuerySet":
        """The files in force, one by label and kind of territory."""
        return self.filter(current=True)


class LabelFile(models.Model):
    """An imported file: what it says, of whom, as of when, and where it came from.

    With ``complete``, a territory of `zones` that the file does not name does not carry the label,
    except `silent` ones (communes that a file listing all others leaves out). Without it, a
    territory that the file does not name is unknown.
    """

    label = models.CharField("label", max_length=20, choices=list(LABEL_NAMES.items()))
    carrier = models.CharField("porteur", max_length=8, choices=Carrier)
    vintage = models.CharField("millésime", max_length=20)
    source = models.CharField("source", max_length=300)
    file_name = models.CharField("fichier", max_length=200)
    digest = models.CharField("empreinte", max_length=64)
    complete = models.BooleanField("dit aussi qui ne l'a pas", default=False)
    zones = ArrayField(models.CharField(max_length=5), default=list, verbose_name="zones couvertes")
    silent = ArrayField(models.CharField(max_length=9), default=list, verbose_name="codes omis")
    note = models.TextField("note", blank=True)
    count = models.PositiveIntegerField("affectations")
    remapped = models.PositiveIntegerField("codes anciens convertis", default=0)
    current = models.BooleanField("en vigueur", default=True)
    imported_at = models.DateTimeField("importé le", auto_now_add=True)

    objects = LabelFileQuerySet.as_manager()

    class Meta:
        verbose_name = "fichier de labels"
        verbose_name_plural = "fichiers de labels"
        ordering = ("label", "carrier", "-imported_at")
        constraints = (
            models.UniqueConstraint(
                fields=("label", "carrier"),
                condition=models.Q(current=True),
                name="one_current_file_by_label",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_label_display()}, {self.vintage}"


class LabelAssignment(models.Model):
    """A territory carries a label: with which value, under which name, since when."""

    file = models.ForeignKey(LabelFile, models.CASCADE, related_name="assignments")
    territory = models.CharField("territoire", max_length=15)
    value = models.CharField("valeur", max_length=120, blank=True)
    name = models.CharField("libellé", max_length=250, blank=True)
    signed_on = models.DateField("date", null=True)
    former_code = models.CharField("code d'origine", max_length=5, blank=True)

    class Meta:
        verbose_name = "affectation de label"
        verbose_name_plural = "affectations de labels"
        ordering = ("territory", "value")
        constraints = (
            models.UniqueConstraint(
                fields=("file", "territory", "value"), name="assignment_once_by_file"
            ),
        )
        indexes = (models.Index(fields=("territory",)),)

    def __str__(self) -> str:
        return f"{self.territory} {self.value}".strip()
