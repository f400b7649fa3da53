"""Where this installation keeps its state, and which database it speaks to.

Everything that a machine makes (database, secrets, built files, mails of the demonstration) is
under one folder, ``.maillage/`` beside the README, or ``MAILLAGE_STATE`` when it is set.
"""

import os
import secrets
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = Path(os.environ.get("MAILLAGE_STATE") or ROOT / ".maillage")


def secret(name: str) -> str:
    """Read a secret kept under the state folder; make it, readable by its owner only, if absent."""
    file = STATE / name
    try:
        value = file.read_text().strip()
    except FileNotFoundError:
        value = ""
    if value:
        return value
    STATE.mkdir(parents=True, exist_ok=True)
    value = secrets.token_urlsafe(50)
    file.touch(mode=0o600)
    file.write_text(value)
    return value


def private_folder(name: str) -> Path:
    """A folder of the state that its owner alone reads, made if absent."""
    folder = STATE / name
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def database_url() -> str:
    """Address of the database: ``DATABASE_URL``, or the embedded server's once it has started.

    Without either (a command that needs no database, such as ``makemigrations --check``), an
    address on which nothing listens, so that a forgotten start fails at once and clearly.
    """
    return os.environ.get("DATABASE_URL") or "postgresql://maillage@127.0.0.1:1/maillage"


def demonstration(on: bool | None = None) -> bool:
    """True when the demonstration was asked for here; `on` says it (or takes it back).

    Kept as a file, so that the commands answer as the site does.
    """
    file = STATE / "demonstration"
    if on is not None:
        STATE.mkdir(parents=True, exist_ok=True)
        file.touch() if on else file.unlink(missing_ok=True)
    return file.exists()
