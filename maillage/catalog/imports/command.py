"""The base of ``maillage importer offres|aides|offreurs``."""

import json
import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.utils.text import slugify

from maillage.catalog.enums import Action, ImportKind, ImportState
from maillage.catalog.imports import pipeline, report
from maillage.catalog.models import Dataset, Import
from maillage.common.commands import Command
from maillage.common.progress import silent

_SLUG: Final = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_LONGEST: Final = 50


class ImportCommand(Command):
    """Import a file: dry unless ``--ecrire``; 0 when all is well, 1 when something is wrong."""

    kind = ImportKind.OFFERS

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, where it goes, and what to do with it."""
        parser.add_argument(
            "fichier", type=Path, help="CSV, ODS, XLSX ou JSON Lines (modèle : maillage exporter "
            f"modele --de {self.kind.value})",
        )  # fmt: skip
        where = parser.add_mutually_exclusive_group()
        where.add_argument(
            "--jeu", metavar="NOM", help="jeu de données où vont les fiches (créé s'il est "
            "nouveau ; nécessaire pour écrire) ; ce qui n'est plus dans le fichier en disparaît",
        )  # fmt: skip
        where.add_argument(
            "--catalogue", metavar="NOM", help="plutôt un catalogue à part, pour les mesures : "
            "jamais montré au public, remplacé d'un bloc, écrit sans attendre --ecrire",
        )  # fmt: skip
        parser.add_argument(
            "--essai", action="store_true", help="n'écrit pas, même un catalogue à part"
        )
        parser.add_argument("--titre", default="", help="titre du jeu de données, s'il est nouveau")
        parser.add_argument(
            "--ecrire",
            action="store_true",
            help="écrit dans le catalogue ; sans cela, montre seulement la différence",
        )
        parser.add_argument(
            "--accepter-disparitions",
            action="store_true",
            help="écrit même si plus de la moitié du jeu de données disparaît",
        )
        parser.add_argument(
            "--rapport", type=Path, metavar="FICHIER", help="rapport complet, ligne par ligne "
            f"({', '.join(report.FORMATS)})",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="dit le résultat en JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, say, and write if asked."""
        path: Path = options["fichier"]
        target: Path | None = options["rapport"]
        if target and target.suffix.lstrip(".").lower() not in report.FORMATS:
            raise self.refuse(f"« {target} » : terminez par {', '.join(report.FORMATS)}.")
        progress = silent if options["json"] else self.progress()
        dataset = None
        if options["catalogue"]:
            self._check(options["catalogue"], "catalogue")
        else:
            name = slugify(path.stem)[:_LONGEST].strip("-_") or "essai"
            if options["ecrire"] and not options["jeu"]:
                # The name of a file changes from a month to the next: its entries would be doubled.
                raise self.refuse(f"Dites dans quel jeu de données écrire, avec --jeu ({name} ?).")
            options["jeu"] = options["jeu"] or name
            dataset = self._dataset(options)
        asked = (options["ecrire"] or options["catalogue"]) and not options["essai"]
        try:
            parent = pipeline.prepare(
                kind=self.kind,
                path=path,
                name=path.name,
                dataset=dataset,
                named=options["catalogue"],
                progress=progress,
            )
        except PermissionDenied as denied:
            raise self.refuse(f"Rien n'a été écrit. {denied}") from denied
        written = False
        refusal = ""
        if asked and parent.state == ImportState.READY:
            try:
                pipeline.write(
                    parent, accept_gone=options["accepter_disparitions"], progress=progress
                )
                written = True
            except pipeline.NotWritten as error:
                refusal = str(error)
                if pipeline.needs_consent(parent):
                    refusal += " Dans cette commande : --accepter-disparitions."
        try:
            self._say(parent, options, refusal)
            if target:
                self._save(parent, target)
        finally:
            if not written:
                pipeline.discard(parent)
        if refusal or parent.state == ImportState.REFUSED:
            raise self.refuse(f"Rien n'a été écrit. {refusal}".strip())

    def _check(self, slug: str, what: str) -> None:
        if not _SLUG.fullmatch(slug) or len(slug) > _LONGEST:
            raise self.refuse(
                f"--{what} « {slug} » : des minuscules sans accent, des chiffres et des tirets, "
                f"{_LONGEST} au plus."
            )

    def _dataset(self, options: dict[str, Any]) -> Dataset:
        self._check(options["jeu"], "jeu")
        return pipeline.dataset(options["jeu"], options["titre"])

    def _say(self, parent: Import, options: dict[str, Any], refusal: str) -> None:
        if options["json"]:
            data = {**report.as_data(parent), "ecrit": parent.state == ImportState.WRITTEN,
                    "refus": refusal}  # fmt: skip
            self.stdout.write(json.dumps(data, ensure_ascii=False, indent=2))
            return
        for line in report.as_text(parent):
            self.stdout.write(line)
        self.stdout.write("")
        if parent.state == ImportState.WRITTEN:
            self.stdout.write(f"Écrit : {report.counts_in_words(parent)}.")
        elif parent.state == ImportState.READY and not refusal:
            acts = sum(parent.counts.get(a, 0) for a in (Action.NEW, Action.CHANGED, Action.GONE))
            self.stdout.write(
                "Rien n'a été écrit : relancez avec --ecrire pour l'appliquer."
                if acts
                else "Rien à écrire : le catalogue dit déjà tout cela."
            )

    def _save(self, parent: Import, target: Path) -> None:
        try:
            report.save(parent, target)
        except OSError as error:
            raise self.refuse(f"« {target} » ne peut pas être écrit : {error.strerror}.") from error
        self.stderr.write(f"Rapport : {target}")
