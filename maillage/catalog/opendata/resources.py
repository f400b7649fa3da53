"""What the open files hold: their columns, which are those that imports read, and their rows.

What is given here can be imported again elsewhere: the columns of offers and providers come from
the same Table Schemas (``maillage/data/schemas``).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.db import models

from maillage.catalog.enums import AUDIENCES, COSTS, FAMILIES, KINDS, LEVELS, STATES
from maillage.catalog.imports.schema import Field, schema
from maillage.catalog.models import Condition, Offer, ProjectType, Provider, Rate
from maillage.catalog.wording import perimeter_in_words
from maillage.engine.vocabulary import LABELS, PHASES, THEMES
from maillage.territories.directory import directory
from maillage.territories.models import Perimeter

Value = str | int | float | bool | None | list[Any]
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``type`` is that of Table Schema; ``codes`` code → label when they are closed."""

    name: str
    type: str
    title: str
    description: str
    example: str = ""
    codes: dict[str, str] | None = None

    def described(self) -> dict[str, Any]:
        """The column as Table Schema describes it."""
        said: dict[str, Any] = {
            "name": self.name, "type": self.type, "title": self.title,
            "description": self.description,
        }  # fmt: skip
        if self.example:
            said["example"] = self.example
        if self.codes and self.type == "string":
            said["constraints"] = {"enum": list(self.codes)}
        return said


@dataclass(frozen=True, slots=True)
class Resource:
    """A table of the open data: its name is that of its files."""

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    rows: Callable[[], Iterator[list[Value]]]


def resources() -> tuple[Resource, ...]:
    """Every table, in the order of the page."""
    return (
        Resource(
            "offres", "Offres d'ingénierie et aides",
            "Ce que le catalogue publie : qui aide, qui finance, pour qui, à quelles conditions.",
            _columns("offres"), lambda: _rows("offres", _offers()),
        ),
        Resource(
            "offreurs", "Offreurs",
            "Les organismes qui aident ou qui financent. Aucune personne n'y est nommée.",
            _columns("offreurs"), lambda: _rows("offreurs", _providers()),
        ),
        Resource(
            "types-de-projet", "Types de projet",
            "Les projets que les communes ont vraiment, et comment elles les disent.",
            _TYPE_COLUMNS, _types,
        ),
        Resource(
            "retraits", "Fiches retirées",
            "Les identifiants qui ont quitté le catalogue, pour tenir une copie à jour.",
            _GONE_COLUMNS, _gone,
        ),
        Resource(
            "vocabulaires", "Vocabulaires",
            "Les codes employés dans les autres fichiers, avec leurs libellés.",
            _CODE_COLUMNS, _codes,
        ),
    )  # fmt: skip


_CHANGED: Final = Column("modifie_le", "datetime", "Modifiée le", "Dernier changement de la fiche.")
_PAGE: Final = Column("page", "string", "Page", "Adresse de la fiche sur ce site.")
_TYPE_COLUMNS: Final = (
    Column("id", "string", "Identifiant", "Ne change jamais."),
    Column("intitule", "string", "Intitulé", "Nom du type de projet."),
    Column("themes", "array", "Thèmes", "Codes des thèmes.", codes=THEMES),
    Column("etapes", "array", "Étapes", "Codes des étapes.", codes=PHASES),
    Column("vocabulaire", "array", "Vocabulaire", "Mots de l'administration."),
    Column("phrases", "array", "Phrases", "Comment les gens le disent."),
    Column("premier_pas", "string", "Premier pas", "Par quoi l'on commence."),
    Column("etat", "string", "État", "Confiance dans la fiche.", codes=dict(STATES)),
)
_GONE_COLUMNS: Final = (
    Column("nature", "string", "Nature", "Offre ou offreur.",
           codes={"offre": "Offre", "offreur": "Offreur"}),
    Column("id", "string", "Identifiant", "Celui que la fiche avait."),
    Column("retire_le", "datetime", "Retirée le", "Quand la fiche a quitté le catalogue."),
)  # fmt: skip
_CODE_COLUMNS: Final = (
    Column("vocabulaire", "string", "Vocabulaire", "À quoi sert le code."),
    Column("code", "string", "Code", "Ce qui est écrit dans les fichiers."),
    Column("libelle", "string", "Libellé", "Ce que cela veut dire."),
)


def _columns(kind: str) -> tuple[Column, ...]:
    return (*(_column(field) for field in _kept(kind)), _CHANGED, _PAGE)


def _kept(kind: str) -> list[Field]:
    """Fields of a schema, but the columns of figures: « chiffres » says them all."""
    return [field for field in schema(kind).fields if not field.target.startswith("rates.")]


def _column(field: Field) -> Column:
    many = field.many or field.target in _LISTS
    return Column(
        name=field.name,
        type="array" if many else "string" if field.type == "url" else field.type,
        title=field.title,
        description=field.description,
        example=field.example,
        codes=field.codes or None,
    )


#: Fields that hold several values, however the schema reads them.
_LISTS: Final = frozenset({"words", "perimeter_keys", "rates", "conditions"})


def _offers() -> Iterable[Offer]:
    rows = Offer.objects.published().with_provider().select_related("source")
    return rows.prefetch_related("rates", "conditions").order_by("slug").iterator(_CHUNK)


def _providers() -> Iterable[Provider]:
    rows = Provider.objects.published().select_related("source")
    return rows.order_by("slug").iterator(_CHUNK)


def _rows(kind: str, entries: Iterable[Offer] | Iterable[Provider]) -> Iterator[list[Value]]:
    fields, site = _kept(kind), settings.MAILLAGE["URL"]
    places, perimeters = directory(), {row.slug: row for row in Perimeter.objects.all()}

    def read(row: Any, target: str) -> Value:
        holder = row.provider if target.startswith("provider.") else row
        name = target.removeprefix("provider.")
        if name == "id":
            return str(holder.slug)
        if name == "perimeter":
            return perimeter_in_words(holder.perimeter, places, perimeters)
        if name == "perimeter_keys":
            return list(holder.perimeter)
        if name == "source_detail":
            return ". ".join(filter(None, (holder.source.title, holder.source_detail)))
        if name == "rates":
            return [_rate(rate) for rate in holder.rates.all()]
        if name == "conditions":
            return [_condition(one) for one in holder.conditions.all()]
        return _plain(getattr(holder, name))

    for entry in entries:
        said = [read(entry, field.target) for field in fields]
        yield [*said, entry.updated_at.isoformat(), f"{site}{entry.get_absolute_url()}"]


def _plain(value: Any) -> Value:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list | str | int | float | bool) or value is None:
        return value
    return str(value.isoformat())


def _rate(rate: Rate) -> dict[str, Any]:
    return {
        "kind": rate.kind, "value": f"{rate.value.normalize():f}", "unit": rate.unit,
        "base": rate.base, "valid_from": _plain(rate.valid_from), "valid_to": _plain(rate.valid_to),
        "text": rate.in_words(),
    }  # fmt: skip


def _condition(one: Condition) -> dict[str, Any]:
    words = f"{one.get_audience_display()} : {one.get_cost_display()}"
    note = f" ({one.note})" if one.note else ""
    return {"audience": one.audience, "cost": one.cost, "note": one.note, "text": words + note}


def _types() -> Iterator[list[Value]]:
    for row in ProjectType.objects.order_by("slug"):
        yield [row.slug, row.label, list(row.themes), list(row.phases), list(row.vocabulary),
               list(row.phrases), row.first_step, row.state]  # fmt: skip


def _gone() -> Iterator[list[Value]]:
    both: tuple[tuple[str, models.QuerySet[Any]], ...] = (
        ("offre", Offer.objects.visible().exclude(pk__in=Offer.objects.published())),
        ("offreur", Provider.objects.visible().exclude(pk__in=Provider.objects.published())),
    )
    for nature, rows in both:
        for row in rows.order_by("slug"):
            moment = row.withdrawn_at or row.set_aside_at or row.updated_at
            yield [nature, row.slug, moment.isoformat()]


def _codes() -> Iterator[list[Value]]:
    lists: tuple[tuple[str, Iterable[tuple[str, str]]], ...] = (
        ("themes", THEMES.items()), ("etapes", PHASES.items()), ("familles", FAMILIES),
        ("echelons", LEVELS), ("natures", KINDS), ("couts", COSTS), ("publics", AUDIENCES),
        ("etats", STATES), ("labels", LABELS.items()),
    )  # fmt: skip
    for name, pairs in lists:
        for code, label in pairs:
            yield [name, code, label]
