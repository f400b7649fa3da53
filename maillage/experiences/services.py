"""Writes of the area: loading of the experiences shipped as data."""

import tomllib
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from maillage.common.models import DataVersion
from maillage.common.services import load_sources
from maillage.experiences.models import Experience, ExperienceCost, ExperienceFunder

FILES: Final = Path(__file__).resolve().parents[1] / "data" / "experiences"
_FIELDS: Final = (
    "title", "initiative", "territory_name", "territory_kind", "territory_codes", "departments",
    "started", "population", "population_note", "themes", "themes_printed", "words", "summary",
    "what", "partners", "results", "watch_points", "again", "principles", "crosses_total", "page",
    "data_notes",
)  # fmt: skip


@transaction.atomic
def load_experiences(files: Path = FILES) -> int:
    """Load every experience of the TOML files; return how many. Idempotent, all or nothing."""
    load_sources()
    count = 0
    for file in sorted(files.glob("*.toml")):
        for entry in tomllib.loads(file.read_text(encoding="utf-8"))["experiences"]:
            _load(entry)
            count += 1
    DataVersion.objects.bump("experiences")
    return count


def _load(entry: dict[str, Any]) -> None:
    values = {name: entry[name] for name in _FIELDS if name in entry}
    values["source_id"] = entry["source"]
    experience, _ = Experience.objects.update_or_create(slug=entry["id"], defaults=values)
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
