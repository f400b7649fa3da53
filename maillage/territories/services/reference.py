"""Load `maillage/data/cog/` and `perimeters.toml`: fast, as often as one likes, all or nothing."""

import csv
import gzip
import hashlib
import io
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.db import connection, models, transaction

from maillage.common.models import DataVersion
from maillage.common.progress import Progress, silent
from maillage.territories.models import (
    Arrondissement,
    Commune,
    Department,
    Epci,
    FormerCommune,
    LabelAssignment,
    Perimeter,
    ReferenceSet,
    Region,
    sort_key,
)

DATA: Final = Path(__file__).resolve().parents[2] / "data"
VINTAGE: Final = "2026-01-01"
#: To be raised when the way files become rows changes: the next load then runs again.
SHAPE: Final = "1"
FILES: Final = ("regions", "departements", "arrondissements", "epci", "communes")

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class ReferenceReport:
    """What a load did. ``changed`` is false when the same files were loaded already."""

    changed: bool
    communes: int
    moved: tuple[tuple[str, str], ...] = ()


def load_reference(progress: Progress = silent) -> ReferenceReport:
    """Bring the database to the reference files; do nothing when it is there already.

    A commune that left the COG hands what refers to it to the commune it merged into. Raises
    ``ValueError`` when it merged into none.
    """
    digest = _digest()
    known = ReferenceSet.objects.filter(name="cog").values_list("digest", flat=True).first()
    if known == digest:
        return ReferenceReport(changed=False, communes=Commune.objects.count())
    tables = {name: list(_read(name)) for name in (*FILES, "anciennes_communes")}
    with transaction.atomic(), connection.cursor() as cursor:
        moved = _write(cursor, tables, progress)
        _perimeters()
        ReferenceSet.objects.update_or_create(
            name="cog", defaults={"vintage": VINTAGE, "digest": digest}
        )
        DataVersion.objects.bump("territories")
    # Plans made on empty tables would stay in use until the next automatic analysis.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE territories_commune, territories_formercommune, territories_epci")
    return ReferenceReport(changed=True, communes=len(tables["communes"]), moved=moved)


def _digest() -> str:
    digest = hashlib.sha256(SHAPE.encode())
    for path in [*sorted((DATA / "cog").glob("*.csv.gz")), DATA / "perimeters.toml"]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _read(name: str) -> Iterable[Row]:
    data = gzip.decompress((DATA / "cog" / f"{name}.csv.gz").read_bytes())
    return csv.DictReader(io.StringIO(data.decode()))


def _write(
    cursor: Any, tables: dict[str, list[Row]], progress: Progress
) -> tuple[tuple[str, str], ...]:
    communes = {row["code"]: row for row in tables["communes"]}

    def seat(row: Row, field: str) -> str | None:
        """The seat, when it really lies there (the source lends some TOM a distant one)."""
        place = communes.get(row["chef_lieu"])
        return place["code"] if place and place[field] == row["code"] else None

    steps: list[tuple[type[models.Model], str, Sequence[str], Callable[[Row], tuple[Any, ...]]]] = [
        (
            Region,
            "regions",
            ("code", "name", "sort_key", "zone", "seat_id"),
            lambda r: (r["code"], r["nom"], sort_key(r["nom"]), r["zone"], seat(r, "reg")),
        ),
        (
            Department,
            "departements",
            ("code", "name", "sort_key", "region_id", "zone", "seat_id"),
            lambda r: (
                *(r["code"], r["nom"], sort_key(r["nom"]), r["reg"], r["zone"]),
                seat(r, "dep"),
            ),
        ),
        (
            Arrondissement,
            "arrondissements",
            ("code", "name", "department_id", "seat_id"),
            lambda r: (r["code"], r["nom"], r["dep"], seat(r, "arr")),
        ),
        (
            Epci,
            "epci",
            ("siren", "name", "sort_key", "type", "fiscal_regime", "population"),
            lambda r: (
                *(r["siren"], r["nom"], sort_key(r["nom"]), r["type"], r["financement"]),
                int(r["population"]) if r["population"] else None,
            ),
        ),
        (
            Commune,
            "communes",
            (
                *("code", "name", "sort_key", "department_id", "arrondissement_id", "epci_id"),
                *("siren", "population", "postal_codes", "longitude", "latitude"),
            ),
            _commune,
        ),
        (
            FormerCommune,
            "anciennes_communes",
            ("code", "name", "commune_id", "kind"),
            lambda r: (r["code"], r["nom"], r["commune"], r["nature"]),
        ),
    ]
    total = sum(len(tables[name]) for _, name, _, _ in steps)
    done = 0
    stale: dict[type[models.Model], list[str]] = {}
    for model, name, columns, convert in steps:
        stale[model] = _sync(cursor, model, columns, map(convert, tables[name]))
        done += len(tables[name])
        progress("Territoires", done, total)
    FormerCommune.objects.filter(pk__in=stale[FormerCommune]).delete()
    moved = _leave(stale[Commune])
    for model in (Epci, Arrondissement, Department, Region):
        model._default_manager.filter(pk__in=stale[model]).delete()
    return moved


def _commune(row: Row) -> tuple[Any, ...]:
    return (
        row["code"],
        row["nom"],
        sort_key(row["nom"]),
        row["dep"],
        row["arr"] or None,
        row["epci"] or None,
        row["siren"],
        int(row["population"]) if row["population"] else None,
        row["codes_postaux"].split("|") if row["codes_postaux"] else [],
        float(row["lon"]) if row["lon"] else None,
        float(row["lat"]) if row["lat"] else None,
    )


def _sync(
    cursor: Any, model: type[models.Model], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> list[str]:
    """Insert or update `rows`, touching only what differs. Return the keys no longer in them."""
    table, key = model._meta.db_table, columns[0]
    fresh = f"fresh_{table}"
    names = ", ".join(columns)
    values = ", ".join(f"excluded.{column}" for column in columns)
    current = ", ".join(f"{table}.{column}" for column in columns)
    # Names of tables and columns come from our own models, never from a file.
    cursor.execute(f"CREATE TEMP TABLE {fresh} (LIKE {table})")
    with cursor.copy(f"COPY {fresh} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    cursor.execute(
        f"INSERT INTO {table} ({names}) SELECT {names} FROM {fresh} "  # noqa: S608
        f"ON CONFLICT ({key}) DO UPDATE SET ({names}) = ROW ({values}) "
        f"WHERE ROW ({current}) IS DISTINCT FROM ROW ({values})"
    )
    cursor.execute(
        f"SELECT {key} FROM {table} EXCEPT SELECT {key} FROM {fresh}"  # noqa: S608
    )
    gone = [code for (code,) in cursor.fetchall()]
    cursor.execute(f"DROP TABLE {fresh}")
    return gone


def _leave(codes: list[str]) -> tuple[tuple[str, str], ...]:
    """Take away communes that left the COG, after handing over what refers to them."""
    heirs = dict(FormerCommune.objects.filter(pk__in=codes).values_list("pk", "commune_id"))
    orphans = sorted(set(codes) - set(heirs))
    if orphans:
        raise ValueError(f"Communes disparues du COG sans héritière : {', '.join(orphans)}")
    for old, new in heirs.items():
        for relation in Commune._meta.related_objects:
            name = relation.field.name
            relation.related_model._base_manager.filter(**{name: old}).update(**{name: new})
        kept = LabelAssignment.objects.filter(territory=f"com:{new}").values("file_id", "value")
        for assignment in LabelAssignment.objects.filter(territory=f"com:{old}"):
            if {"file_id": assignment.file_id, "value": assignment.value} in kept:
                assignment.delete()
            else:
                assignment.territory, assignment.former_code = f"com:{new}", old
                assignment.save(update_fields=["territory", "former_code"])
    Commune.objects.filter(pk__in=codes).delete()
    return tuple(sorted(heirs.items()))


def _perimeters() -> None:
    entries = tomllib.loads((DATA / "perimeters.toml").read_text("utf-8"))["perimeters"]
    Perimeter.objects.bulk_create(
        [
            Perimeter(
                slug=entry["id"],
                name=entry["name"],
                type=entry["type"],
                codes=entry["codes"],
                approximate=entry.get("approximate", False),
                note=entry.get("note", ""),
                source=entry.get("source", ""),
            )
            for entry in entries
        ],
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=["name", "type", "codes", "approximate", "note", "source"],
    )
    Perimeter.objects.exclude(pk__in=[entry["id"] for entry in entries]).delete()
