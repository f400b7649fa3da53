"""What must be true before the site is served: schema, reference data, catalogue, static files.

Each step looks first whether there is anything to do, so that the second start is quick.
"""

import hashlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.timezone import localdate
from procrastinate.exceptions import AlreadyEnqueued

from maillage.accounts.demonstration import load_demo_accounts, retire_demo_accounts
from maillage.catalog.demonstration import load_demo_keeping, retire_demo_keeping
from maillage.catalog.matrix.days import keep_the_first
from maillage.catalog.opendata import files as opendata
from maillage.catalog.services import loading as catalog
from maillage.catalog.tasks import build_open_data
from maillage.common.models import LoadedData
from maillage.common.progress import Terminal
from maillage.config import assets, paths
from maillage.desk.services.demonstration import load_demo_desk, retire_demo_desk
from maillage.experiences import services as experiences
from maillage.funding.demonstration import load_demo_projects, retire_demo_projects
from maillage.territories import services as territories

DATA = Path(__file__).resolve().parents[1] / "data"
STATIC = Path(__file__).resolve().parents[1] / "static"


def everything(*, demo: bool, local: bool, say: Callable[[str], None]) -> None:
    """Bring the database and the static files to what this version of the code expects.

    With `demo`, the invented accounts and desk are opened (the administrator's only when the site
    is `local`, that is reached from this machine alone); without it, those of a former
    demonstration are closed.
    """
    migrate(say)
    load_data(say)
    if demo:
        load_demo_accounts(administrator=local)
        load_demo_desk()
        load_demo_keeping()
        load_demo_projects()
    else:
        retire_demo_projects()
        retire_demo_keeping()
        retire_demo_desk()
        retire_demo_accounts()
    keep_the_first(localdate())
    open_files()
    static_files(say)


def migrate(say: Callable[[str], None]) -> None:
    """Create or update the tables."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        say(f"Tables de la base ({len(plan)} étapes)…")
        call_command("migrate", verbosity=0, interactive=False)


def load_data(say: Callable[[str], None]) -> None:
    """Load the territories, the catalogue and the experiences when their files have changed.

    What is built from the territories is built again when they change.
    """
    progress = Terminal()
    earlier_changed = territories.load_reference(progress).changed
    steps: tuple[tuple[str, str, Iterable[Path], Callable[[], object]], ...] = (
        (
            "catalogue",
            "Catalogue des aides et des appuis…",
            [
                DATA / "sources.toml",
                DATA / "thesaurus.toml",
                DATA / "local.toml",
                *(DATA / "catalog").glob("*.toml"),
                *(DATA / "project_types").glob("*.toml"),
            ],
            lambda: catalog.load_catalogue(progress),
        ),
        (
            "experiences",
            "Expériences de communes…",
            (DATA / "experiences").glob("*.toml"),
            lambda: experiences.load_experiences(),
        ),
    )
    for name, label, files, load in steps:
        digest = _digest(files)
        if earlier_changed or not LoadedData.objects.filter(name=name, digest=digest).exists():
            say(label)
            load()
            LoadedData.objects.update_or_create(name=name, defaults={"digest": digest})
            earlier_changed = True


def open_files() -> None:
    """Ask the worker for the open files when there are none yet; it makes them again each night."""
    if opendata.descriptor() is None:
        with suppress(AlreadyEnqueued):
            build_open_data.defer(timestamp=0)


def static_files(say: Callable[[str], None]) -> None:
    """Build and compress the static files when they, or the packages they come from, changed."""
    ours = [path for path in STATIC.rglob("*") if path.is_file()]
    digest = _digest(
        [*ours, Path(assets.__file__)],
        version("django-dsfr") + version("django-leaflet") + version("django"),
    )
    stamp = paths.STATE / "static.stamp"
    if stamp.exists() and stamp.read_text() == digest:
        return
    say("Feuilles de style et images…")
    assets.build()
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(digest)


def _digest(files: Iterable[Path], *more: str) -> str:
    digest = hashlib.sha256("".join(more).encode())
    for file in sorted(files):
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
