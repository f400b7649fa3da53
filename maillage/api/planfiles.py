"""What the two commands on plans share: reading a plan from a file."""

import json
import sys
from pathlib import Path
from typing import Final

from django.core.management.base import CommandError, CommandParser
from django.utils.timezone import localdate

from maillage.api.bearers import placed
from maillage.funding.document import BadDocument, PlanDocument, read

#: Bytes of a file at most, as for the API.
MOST: Final = 2_000_000


def add_file(parser: CommandParser) -> None:
    """The argument that both take."""
    parser.add_argument(
        "fichier",
        help="plan en JSON, tel que l'API le prend (docs/api.md) ; « - » pour le lire ici",
    )


def opened(name: str) -> PlanDocument:
    """The plan of a file, or of the input for « - ». Raises ``CommandError`` (exit code 2)."""
    try:
        text = sys.stdin.read(MOST + 1) if name == "-" else Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        why = getattr(error, "strerror", None) or "ce n'est pas un texte UTF-8"
        raise _unreadable(f"« {name} » n'a pas pu être lu : {why}.") from error
    if len(text) > MOST:
        raise _unreadable(f"« {name} » est trop volumineux : deux millions de caractères au plus.")
    try:
        return read(placed(json.loads(text)), localdate())
    except BadDocument as error:
        said = "\n".join(f"  {place} : {what}" for place, what in error.problems)
        raise _unreadable(f"Ce plan ne peut pas être lu :\n{said}") from error
    except (ValueError, RecursionError) as error:
        where = f" (ligne {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise _unreadable(f"« {name} » n'est pas du JSON{where} : voir docs/api.md.") from error


def _unreadable(text: str) -> CommandError:
    return CommandError(text, returncode=2)
