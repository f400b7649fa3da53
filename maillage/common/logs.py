"""What must never be read in a log: the secret of a link, which an address carries."""

import logging
import re
from typing import Any, Final

from gunicorn.glogging import Logger

#: What would begin a line, or move the cursor of who reads the log in a terminal.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SECRET: Final = re.compile(r"(/demandes/lien/|/catalogue/alertes/lien/|/plans/lien/)[^/\s?'\"]+")


def without_secrets(text: str) -> str:
    """`text` without the secrets of links.

    >>> without_secrets("Forbidden: /demandes/lien/Zx81_a-b/")
    'Forbidden: /demandes/lien/***/'
    """
    return _SECRET.sub(r"\1***", text)


def on_one_line(text: str) -> str:
    r"""`text` with its control characters written, not obeyed: a log's line cannot be forged.

    >>> on_one_line("/x\nFAKE")
    '/x\\nFAKE'
    """
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)


class WithoutSecrets(logging.Filter):
    """Takes secrets out of what Django and the areas log."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the message; every record passes."""
        text = record.getMessage()
        if "/lien/" in text:
            record.msg, record.args = without_secrets(text), ()
        return True


class AccessLog(Logger):
    """Gunicorn's log of accesses: without secrets, one line each."""

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        """What a line is made of."""
        made = super().atoms(resp, req, environ, request_time)
        return {
            name: on_one_line(without_secrets(value)) if isinstance(value, str) else value
            for name, value in made.items()
        }
