"""Mails kept as files where no mail server is given: they hold codes that sign in."""

from pathlib import Path
from typing import Any

from django.core.mail.backends import filebased


class EmailBackend(filebased.EmailBackend):
    """Django's own, whose folder and files are read by their owner alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        Path(self.file_path).chmod(0o700)

    def open(self) -> bool:
        """Open a file made unreadable to others before anything is in it."""
        Path(self._get_filename()).touch(mode=0o600)
        return bool(super().open())
