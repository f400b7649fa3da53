"""LibreOffice, when this machine has it: to open our files as those who receive them will.

Nothing of the site needs it; only commands that check do.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

#: How it is called, by system.
NAMES: Final = ("soffice", "libreoffice")
#: Seconds given to a conversion; the first one also makes the profile.
LIMIT: Final = 120
#: All the sheets, a file each; formulas as their values, as they are shown.
CSV: Final = "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,true,false,false,-1"
TEXT: Final = "txt:Text (encoded):UTF8"
PDF: Final = "pdf"


class OfficeError(Exception):
    """LibreOffice could not convert; the message says what and why, in French."""


def find_office() -> str | None:
    """Where LibreOffice is; ``None`` when it is not installed."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def convert(
    program: str, files: Iterable[Path], kind: str, into: Path, limit: float = LIMIT
) -> list[Path]:
    """Convert `files` to `kind` (`CSV`, `TEXT`, `PDF`) in the folder `into`; return what was made.

    It runs without a window, with a profile of its own in `into`, so that it neither disturbs nor
    reads the LibreOffice that someone has open. Raises `OfficeError`, after `limit` seconds too.
    """
    named = list(files)
    before = set(into.iterdir())
    profile = into / ".profil"
    command = [
        program, f"-env:UserInstallation={profile.resolve().as_uri()}", "--headless", "--norestore",
        "--nolockcheck", "--convert-to", kind, "--outdir", str(into), *map(str, named),
    ]  # fmt: skip
    said = _run(command, into, limit)
    made = sorted(set(into.iterdir()) - before - {profile})
    lacking = [
        file.name
        for file in named
        if not any(one.name.startswith(file.stem) and one.stat().st_size for one in made)
    ]
    if lacking:
        raise OfficeError(f"LibreOffice n'a pas pu convertir {', '.join(lacking)} : {said[-400:]}")
    return made


def _run(command: list[str], home: Path, limit: float) -> str:
    """What it said. Its children are ended with it when it takes too long."""
    process = subprocess.Popen(  # noqa: S603 - found on this machine, and run without a shell
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "HOME": str(home)}, start_new_session=True,
    )  # fmt: skip
    try:
        return process.communicate(timeout=limit)[0]
    except subprocess.TimeoutExpired as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise OfficeError(f"LibreOffice n'a pas fini en {limit:g} secondes.") from error
