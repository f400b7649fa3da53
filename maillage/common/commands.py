"""The base of our commands: French help under one name, progress, clear ends."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from maillage.common.progress import Terminal


class Command(BaseCommand):
    """A command called as ``maillage <verb> <what>``; errors are sentences, not traces."""

    #: How the command is called, for its help: ``importer labels``.
    called = ""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Show the help under the name that people type."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.prog = f"maillage {self.called or subcommand}"
        return parser

    def progress(self) -> Terminal:
        """Progress on the terminal's error stream (the output stays usable by other programs)."""
        return Terminal()

    def refuse(self, text: str) -> CommandError:
        """Return the error to raise when what was asked cannot be done; `text` says what to do."""
        return CommandError(text, returncode=1)
