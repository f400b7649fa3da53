"""`maillage mesurer`: does the catalogue answer well the needs that people have judged?"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandParser

from maillage.catalog import measures, named
from maillage.catalog.measures import Answered, Measured
from maillage.catalog.snapshot import Shelf
from maillage.common.commands import Command as Base
from maillage.common.tables import FORMATS, export
from maillage.common.templatetags.maillage import nombre, pluriel

_HEADER: Final = (
    "id", "text", "commune", "ndcg_at_10", "recall_grade2_at_10", "precision_at_5", "ms", "found",
    "missed_grade2",
)  # fmt: skip
#: Unknown entries that are quoted at most.
_QUOTED: Final = 8


class Command(Base):
    called = "mesurer"
    help = (
        "Mesure la qualité des réponses sur des besoins jugés à la main : l'ordre de pertinence, "
        "avant les cercles de proximité. Fichiers JSON Lines ; docs/mesure.md les décrit."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--besoins", type=Path, required=True, metavar="FICHIER",
            help='besoins, un par ligne : {"id", "text", "commune" si elle compte}',
        )  # fmt: skip
        parser.add_argument(
            "--jugements", type=Path, required=True, metavar="FICHIER",
            help='jugements, un par ligne : {"id" du besoin, "entry" (la fiche), "grade" de 0 à 2}',
        )  # fmt: skip
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--catalogue", metavar="NOM", help="un catalogue nommé ; sans lui, celui en vigueur"
        )
        which.add_argument(
            "--livre", action="store_true",
            help="les seules fiches livrées avec Maillage : ni démonstration, ni fiches déduites "
            "du code géographique",
        )  # fmt: skip
        parser.add_argument(
            "--sans-commune", action="store_true", help="ne pas tenir compte des communes"
        )
        parser.add_argument("--json", action="store_true", help="les chiffres en JSON")
        parser.add_argument(
            "--detail", type=Path, metavar="FICHIER",
            help="écrire aussi une ligne par besoin (.jsonl, .csv, .ods ou .xlsx)",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        detail: Path | None = options["detail"]
        if detail is not None and detail.suffix.lstrip(".").lower() not in (*FORMATS, "jsonl"):
            raise self.refuse(f"« {detail} » : terminez le nom par .jsonl, .csv, .ods ou .xlsx.")
        try:
            questions = measures.read_questions(
                options["besoins"], with_places=not options["sans_commune"]
            )
            judged = measures.read_judgements(options["jugements"], questions)
        except measures.BadFile as error:
            raise self.refuse(str(error)) from error
        label, shelf = self._measured(options)
        if not shelf.snapshot.offers:
            raise self.refuse(
                f"{label} ne contient aucune offre ni aide : il n'y a rien à mesurer."
            )
        found = measures.run(shelf.snapshot, questions, judged)
        if detail is not None:
            self._write(detail, found)
        if options["json"]:
            said = {"catalogue": options["catalogue"], **found.figures(), "unknown": found.unknown}
            self.stdout.write(json.dumps(said, ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(in_words(label, found)))

    def _measured(self, options: dict[str, Any]) -> tuple[str, Shelf]:
        if options["livre"]:
            return "Le catalogue livré avec Maillage", measures.shipped()
        if not options["catalogue"]:
            return "Le catalogue en vigueur", measures.in_force()
        try:
            catalogue = named.find(options["catalogue"])
        except named.UnknownName as error:
            raise self.refuse(str(error)) from error
        return f"Le catalogue « {catalogue} »", named.shelf_of(catalogue)

    def _write(self, target: Path, found: Measured) -> None:
        kind = target.suffix.lstrip(".").lower()
        if kind == "jsonl":
            lines = (json.dumps(_object(one), ensure_ascii=False) + "\n" for one in found.answers)
            content = "".join(lines).encode()
        else:
            content = export("mesure", _HEADER, _rows(found), kind).getvalue()
        try:
            target.write_bytes(content)
        except OSError as error:
            raise self.refuse(f"« {target} » ne peut pas être écrit : {error.strerror}.") from error
        self.stderr.write(f"Détail écrit : {target}")


def in_words(label: str, found: Measured) -> Iterator[str]:
    """The lines of a measure, for a terminal."""
    figures = found.figures()
    asked = pluriel(len(found.answers), "question,questions")
    yield f"{label} : {pluriel(found.entries, 'fiche,fiches')}, {asked}."
    left = len(found.answers) - len(found.counted)
    if left:
        aside = pluriel(left, "question n'a,questions n'ont")
        yield f"{aside} aucun jugement utile : hors des moyennes."
    yield ""
    yield f"  nDCG@10                                   {_share(figures['ndcg_at_10'])}"
    yield f"  Meilleures réponses dans les 10 premières {_share(figures['recall_grade2_at_10'])}"
    yield f"  Réponses utiles parmi les 5 premières     {_share(figures['precision_at_5'])}"
    yield f"  Questions sans réponse                    {_share(figures['empty'])}"
    middle, slow = _ms(figures["ms_per_question"]), _ms(figures["ms_per_question_p95"])
    yield f"  Temps par question                        {middle} ms (médiane), {slow} ms (p95)"
    yield f"  Jugements                                 {nombre(found.judgements)}"
    if found.judgements_elsewhere:
        apart = pluriel(found.judgements_elsewhere, "jugement porte,jugements portent")
        yield f"\n{apart} sur des besoins absents du fichier des besoins : laissés de côté."
    if found.judgements_unknown:
        cited = pluriel(found.judgements_unknown, "jugement cite,jugements citent")
        names = ", ".join(found.unknown[:_QUOTED]) + ("…" if len(found.unknown) > _QUOTED else "")
        yield (
            f"\n{cited} {pluriel(len(found.unknown), 'fiche,fiches')} que ce catalogue n'a pas, "
            f"comptées comme non trouvées : {names}"
        )


def _share(value: float) -> str:
    return f"{value:.3f}".replace(".", ",")


def _ms(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def _object(one: Answered) -> dict[str, Any]:
    cells = (
        one.question.id, one.question.text, one.question.commune or None, one.ndcg, one.recall,
        one.precision, round(one.milliseconds, 3), list(one.found), list(one.missed),
    )  # fmt: skip
    return dict(zip(_HEADER, cells, strict=True))


def _rows(found: Measured) -> Iterator[tuple[Any, ...]]:
    for one in found.answers:
        yield tuple(
            " ".join(cell) if isinstance(cell, list) else cell for cell in _object(one).values()
        )
