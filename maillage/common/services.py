"""Writes of the common base: sources, data versions."""

import tomllib
from pathlib import Path
from typing import Final

from maillage.common.models import Source

SOURCES: Final = Path(__file__).resolve().parents[1] / "data" / "sources.toml"


def load_sources(file: Path = SOURCES) -> int:
    """Create or update the sources that entries cite; return how many there are. Idempotent."""
    entries = tomllib.loads(file.read_text(encoding="utf-8"))["sources"]
    Source.objects.bulk_create(
        [
            Source(
                slug=entry["id"],
                title=entry["title"],
                publisher=entry["publisher"],
                year=entry["year"],
                url=entry.get("url", ""),
            )
            for entry in entries
        ],
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=["title", "publisher", "year", "url"],
    )
    return len(entries)
