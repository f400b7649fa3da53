"""What the tests of territories share: a still memory, files of labels written on the spot."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maillage.common import held
from maillage.territories.directory import directory, forget
from maillage.territories.search import search
from maillage.territories.services import LabelReport, import_labels, read_labels

EXAMPLES = Path(__file__).resolve().parents[2] / "maillage" / "data" / "labels" / "exemples"
Write = Callable[..., Path]
Load = Callable[..., list[LabelReport]]


@pytest.fixture(autouse=True)
def still_memory(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What processes hold is built, and does not look at the database for changes."""
    directory()
    search("bourrou")
    monkeypatch.setattr(held, "LOOK_EVERY", math.inf)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file: its lines as arguments; gives its path."""

    def make(*lines: str, name: str = "labels.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes("\n".join(lines).encode(encoding))
        return path

    return make


@pytest.fixture
def load(db: None) -> Iterator[Load]:
    """Import a file, then build the memory again: what the site shows after an import."""

    def run(path: Path, label: str | None = None, **options: object) -> list[LabelReport]:
        tolerate = bool(options.pop("tolerate", False))
        reports = read_labels(
            path,
            label=label,
            vintage="2024-09",
            source="https://exemple.fr/labels.csv",
            **options,  # type: ignore[arg-type]
        )
        import_labels(reports, tolerate=tolerate)
        forget()
        return reports

    yield run
    forget()
