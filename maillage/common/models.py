"""The base of dated tables, sources, and the versions that tell processes when to look again."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F


class Dated(models.Model):
    """A row that knows when it was made and last changed."""

    created_at = models.DateTimeField("créé le", auto_now_add=True)
    updated_at = models.DateTimeField("modifié le", auto_now=True)

    class Meta:
        abstract = True


def codes(verbose_name: str, choices: list[tuple[str, str]] | None = None) -> ArrayField:
    """Field for a list of codes, empty by default."""
    base = models.CharField(max_length=80, choices=choices)
    return ArrayField(base, verbose_name=verbose_name, default=list, blank=True)


def texts(verbose_name: str) -> ArrayField:
    """Field for a list of expressions, empty by default."""
    return ArrayField(models.TextField(), verbose_name=verbose_name, default=list, blank=True)


class Source(models.Model):
    """A document or data set that entries refer to."""

    slug = models.SlugField(primary_key=True, max_length=60)
    title = models.CharField("titre", max_length=250)
    publisher = models.CharField("éditeur", max_length=250)
    year = models.PositiveSmallIntegerField("année")
    url = models.URLField("adresse", blank=True)

    class Meta:
        verbose_name = "source"
        ordering = ("slug",)

    def __str__(self) -> str:
        return f"{self.title}, {self.publisher}, {self.year}"


class DataVersionQuerySet(models.QuerySet["DataVersion"]):
    """Versions by name."""

    def number(self, name: str) -> int:
        """Version of the set of data `name`; 0 when it was never written."""
        return self.filter(name=name).values_list("number", flat=True).first() or 0

    def bump(self, name: str) -> None:
        """Say that the set of data `name` has changed (call it in the writing transaction)."""
        if not self.filter(name=name).update(number=F("number") + 1):
            self.create(name=name, number=1)


class DataVersion(models.Model):
    """A counter by set of data (``catalogue``, ``territories``).

    Each process holds those sets in memory and compares its number with this one: data changed
    by another process are seen without a message bus and without a restart.
    """

    name = models.CharField("ensemble", max_length=40, primary_key=True)
    number = models.PositiveBigIntegerField("version", default=0)

    objects = DataVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "version de données"
        verbose_name_plural = "versions de données"

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class LoadedData(models.Model):
    """Which shipped data were last loaded: a digest of their files by set of data."""

    name = models.CharField("ensemble", max_length=40, primary_key=True)
    digest = models.CharField("empreinte", max_length=64)
    loaded_at = models.DateTimeField("chargé le", auto_now=True)

    class Meta:
        verbose_name = "données chargées"
        verbose_name_plural = "données chargées"

    def __str__(self) -> str:
        return self.name
