"""Writes of the area: loading of the experiences shipped as data.

An experience edited here stays as it is; one that has left the files is taken away.
"""

from pathlib import Path
from typing import Any, Final

from django.db import transaction

from maillage.common.models import DataVersion
from maillage.common.services import load_sources
from maillage.experiences.enums import Origin
from maillage.experiences.files import FILES, read
from maillage.experiences.models import Experience, ExperienceCost, ExperienceFunder

#: Fields and what they are when an entry leaves them out.
_FIELDS: Final[dict[str, Any]] = {
    "title": "", "initiative": "", "territory_name": "", "territory_kind": "",
    "territory_codes": [], "departments": [], "started": None, "population": None,
    "population_note": "", "themes": [], "themes_printed": [], "words": [], "summary": "",
    "what": [], "partners": [], "results": [], "watch_points": [], "again": [],
    "principles": {}, "crosses_total": None, "page": None, "data_notes": [],
}  # fmt: skip


@transaction.atomic
def load_experiences(files: Path = FILES) -> int:
    """Load every experience of the TOML files; return how many. Idempotent, all or nothing.

    Raises ``files.ExperienceFileError`` (nothing is written then).
    """
    entries = read(files)
    load_sources()
    edited = set(Experience.objects.filter(origin=Origin.EDITED).values_list("slug", flat=True))
    for entry in entries:
        if entry["id"] not in edited:
            _load(entry)
    shipped = Experience.objects.filter(origin=Origin.FILE)
    shipped.exclude(slug__in=[entry["id"] for entry in entries]).delete()
    DataVersion.objects.bump("experiences")
    return len(entries)


def _load(entry: dict[str, Any]) -> None:
    values = {name: entry.get(name, absent) for name, absent in _FIELDS.items()}
    experience, _ = Experience.objects.update_or_create(
        slug=entry["id"],
        defaults={**values, "source_id": entry["source"], "origin": Origin.FILE},
    )
    experience.costs.all().delete()
    ExperienceCost.objects.bulk_create(
        ExperienceCost(
            experience=experience,
            label=cost["label"],
            amount=cost.get("amount"),
            note=cost.get("note", ""),
        )
        for cost in entry.get("costs", [])
    )
    experience.funders.all().delete()
    ExperienceFunder.objects.bulk_create(
        ExperienceFunder(
            experience=experience,
            name=funder["name"],
            amount=funder.get("amount"),
            share=funder.get("share"),
            note=funder.get("note", ""),
        )
        for funder in entry.get("funders", [])
    )
