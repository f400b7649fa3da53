"""Imports in four layers (raw, cleaned, compared, written), named catalogues, connector runs."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from maillage.accounts.models import Organisation
from maillage.catalog.enums import Action, DatasetKind, ImportKind, ImportState, RunState
from maillage.common.models import Dated, Source


class Dataset(Dated):
    """A feed of entries: a body's file, or a connector. Its entries come and go with it alone."""

    slug = models.SlugField("identifiant", primary_key=True, max_length=50)
    title = models.CharField("titre", max_length=200)
    kind = models.CharField("nature", max_length=10, choices=DatasetKind, default=DatasetKind.FILE)
    #: The body that may import into it; empty: administrators only.
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, verbose_name="tenu par",
        related_name="datasets",
    )  # fmt: skip
    source = models.ForeignKey(Source, models.PROTECT, verbose_name="source", related_name="+")
    licence = models.CharField("licence", max_length=100, blank=True)

    class Meta:
        verbose_name = "jeu de données"
        verbose_name_plural = "jeux de données"
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.title


class NamedCatalogue(Dated):
    """A catalogue beside the shipped one, for measures: its entries are never shown to anyone."""

    slug = models.SlugField("nom", primary_key=True, max_length=50)

    class Meta:
        verbose_name = "catalogue nommé"
        verbose_name_plural = "catalogues nommés"
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.slug


class NamedEntry(models.Model):
    """An entry of a named catalogue: the cleaned line of its file (``kind`` as in `ImportKind`)."""

    catalogue = models.ForeignKey(
        NamedCatalogue, models.CASCADE, related_name="entries", verbose_name="catalogue"
    )
    kind = models.CharField("nature", max_length=10, choices=ImportKind)
    key = models.CharField("identifiant", max_length=200)
    data = models.JSONField("contenu")

    class Meta:
        verbose_name = "fiche d'un catalogue nommé"
        verbose_name_plural = "fiches d'un catalogue nommé"
        ordering = ("catalogue", "kind", "key")
        constraints = [
            models.UniqueConstraint("catalogue", "kind", "key", name="one_named_entry_by_key")
        ]

    def __str__(self) -> str:
        return f"{self.catalogue_id} : {self.key}"


class Import(Dated):
    """A file that was read: what it holds, what would change, and whether it was written.

    ``counts`` is action → lines; ``problems`` what is wrong with the file as a whole;
    ``version`` the version of the catalogue it was compared with. Goes into `dataset`, or into the
    named catalogue `named`.
    """

    kind = models.CharField("nature", max_length=10, choices=ImportKind)
    dataset = models.ForeignKey(
        Dataset, models.CASCADE, null=True, blank=True, related_name="imports",
        verbose_name="jeu de données",
    )  # fmt: skip
    named = models.ForeignKey(
        NamedCatalogue, models.CASCADE, null=True, blank=True, related_name="imports",
        verbose_name="catalogue nommé",
    )  # fmt: skip
    file_name = models.CharField("fichier", max_length=200)
    format = models.CharField("format", max_length=10)
    state = models.CharField("état", max_length=10, choices=ImportState, db_index=True)
    counts = models.JSONField("comptes", default=dict)
    problems = models.JSONField("problèmes du fichier", default=list)
    options = models.JSONField("options", default=dict)
    version = models.PositiveBigIntegerField("version comparée", default=0)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="par",
    )  # fmt: skip
    body = models.ForeignKey(
        Organisation, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="pour",
    )  # fmt: skip
    written_at = models.DateTimeField("écrit le", null=True, blank=True)

    class Meta:
        verbose_name = "import"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.file_name}, le {self.created_at:%d/%m/%Y}"

    def get_absolute_url(self) -> str:
        """Its report."""
        return reverse("imports:import", args=[self.pk])


class ImportLine(models.Model):
    """A line of an import, in its layers: as read, cleaned, compared. ``number`` is that of the
    file (its header is line 1); a line made for an entry that is gone has none (0).
    """

    parent = models.ForeignKey(Import, models.CASCADE, related_name="lines", verbose_name="import")
    number = models.PositiveIntegerField("ligne")
    key = models.CharField("identifiant", max_length=200, blank=True)
    title = models.CharField("titre", max_length=250, blank=True)
    raw = models.JSONField("lu", default=dict)
    cleaned = models.JSONField("compris", default=dict)
    #: ``[{"field", "message"}]``: what stops the import, then what does not.
    problems = models.JSONField("problèmes", default=list)
    warnings = models.JSONField("remarques", default=list)
    action = models.CharField("effet", max_length=10, choices=Action)
    #: ``[{"field", "old", "new", "kept"}]``; ``kept`` when a curated field is not changed.
    changes = models.JSONField("changements", default=list)

    class Meta:
        verbose_name = "ligne d'import"
        verbose_name_plural = "lignes d'import"
        ordering = ("parent", "id")
        indexes = [
            models.Index(fields=["parent", "action", "id"], name="import_line_by_action"),
            models.Index(fields=["parent", "key"], name="import_line_by_key"),
        ]

    def __str__(self) -> str:
        return f"ligne {self.number}"


class ConnectorRun(Dated):
    """One passage of a connector: where it stands, what it read, what it did not understand.

    ``cursor`` is the number of the next page: a run that was cut goes on from it. ``unknown`` is
    kind → label → ``{"times", "aids"}``, with some aids as examples: ``[id, title, address]``.
    ``error`` is why it ended badly, or what is to be known of a run that ended well.
    """

    dataset = models.ForeignKey(
        Dataset, models.CASCADE, related_name="runs", verbose_name="jeu de données"
    )
    parent = models.OneToOneField(
        Import, models.SET_NULL, null=True, related_name="run", verbose_name="import"
    )
    state = models.CharField("état", max_length=10, choices=RunState, db_index=True)
    address = models.URLField("adresse", max_length=400)
    version = models.CharField("version de l'API", max_length=10)
    cursor = models.CharField("page suivante", max_length=1000, blank=True)
    pages = models.PositiveIntegerField("pages lues", default=0)
    expected = models.PositiveIntegerField("aides annoncées", default=0)
    read = models.PositiveIntegerField("aides lues", default=0)
    retries = models.PositiveIntegerField("essais répétés", default=0)
    unknown = models.JSONField("non compris", default=dict)
    error = models.TextField("erreur", blank=True)
    ended_at = models.DateTimeField("fini le", null=True, blank=True)

    class Meta:
        verbose_name = "passage d'un connecteur"
        verbose_name_plural = "passages d'un connecteur"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.dataset_id}, le {self.created_at:%d/%m/%Y}"
