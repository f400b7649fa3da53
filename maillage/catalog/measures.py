"""Quality of the ranking on needs judged by hand: JSON Lines in, figures out.

What is measured is the order of pure relevance (`engine.ranking.relevance`), before the rings of
subsidiarity. The figures are those of `engine.measure`, averaged over the needs of which at least
one judgement is above 0, as `bench/engine_quality.py` does.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

from maillage.catalog.columns import columns_of
from maillage.catalog.enums import Origin
from maillage.catalog.models import Offer
from maillage.catalog.snapshot import Shelf, engine_offers, knowledge, shelf, vectors
from maillage.engine import measure
from maillage.engine.ranking import relevance
from maillage.engine.snapshot import Snapshot, build_snapshot
from maillage.engine.types import Need, Territory
from maillage.engine.understanding import read_need
from maillage.engine.vocabulary import State
from maillage.territories.directory import directory

#: How many of the first answers are looked at.
DEPTH: Final = 10
#: Grades of a judgement: off topic, useful, best.
GRADES: Final = (0, 1, 2)
#: What each value may be called in a file: the first name is the documented one.
_NEED: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "identifiant", "need_id", "besoin_id"),
    "text": ("text", "texte", "need", "besoin"),
    "commune": ("commune", "code_commune", "insee", "code_insee"),
}
_JUDGEMENT: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "need", "need_id", "besoin", "besoin_id"),
    "entry": ("entry", "entry_id", "fiche", "fiche_id", "offre", "offer"),
    "grade": ("grade", "note"),
}


class BadFile(ValueError):
    """A file cannot be used: the message says where and what to do."""


@dataclass(frozen=True, slots=True)
class Question:
    """A need to answer. ``commune`` is an official code, empty when nothing is filtered by place;
    ``line`` its line in the file.
    """

    id: str
    text: str
    commune: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Judgements:
    """Grades by need then entry, and how many lines speak of a need that is not asked."""

    grades: Mapping[str, Mapping[str, int]]
    count: int
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """One question: what was found, in order, in how many milliseconds, and its measures
    (``None`` when no judgement tells). ``empty``: nothing was found, or nothing of the question is
    known (no word, no type of project, no theme) and nothing of what was found is judged useful.
    """

    question: Question
    found: tuple[str, ...]
    missed: tuple[str, ...]
    milliseconds: float
    ndcg: float | None
    recall: float | None
    precision: float | None
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of a whole file of needs. Shares are in [0, 1], times in milliseconds."""

    entries: int
    answers: Sequence[Answered]
    judgements: int
    judgements_elsewhere: int
    judgements_unknown: int
    unknown: Sequence[str] = field(default=())

    @property
    def counted(self) -> list[Answered]:
        """The questions on which quality is averaged."""
        return [one for one in self.answers if one.ndcg is not None]

    def figures(self) -> dict[str, float | int]:
        """Every figure, by the stable names of the JSON output."""
        counted = self.counted
        times = sorted(one.milliseconds for one in self.answers)
        return {
            "ndcg_at_10": measure.mean([one.ndcg for one in counted]),
            "recall_grade2_at_10": measure.mean([one.recall for one in counted]),
            "precision_at_5": measure.mean([one.precision for one in counted]),
            "empty": measure.empty_rate([() if one.empty else one.found for one in self.answers]),
            "ms_per_question": median(times) if times else 0.0,
            "ms_per_question_p95": times[min(len(times) * 95 // 100, len(times) - 1)]
            if times
            else 0.0,
            "questions": len(self.answers),
            "questions_judged": len(counted),
            "judgements": self.judgements,
            "judgements_unknown_entry": self.judgements_unknown,
            "judgements_unknown_need": self.judgements_elsewhere,
            "entries": self.entries,
        }


# -- What is measured


def shipped() -> Shelf:
    """The entries shipped with Maillage alone: no invented one, none deduced from the official
    code of territories, no experience. They are what the judgements of `bench/data` speak of.
    """
    rows = Offer.objects.published().with_provider().filter(origin=Origin.FILE)
    rows = rows.exclude(state=State.DEMONSTRATION).exclude(provider__state=State.DEMONSTRATION)
    built = build_snapshot(replace(knowledge(), offers=engine_offers(rows)), vectors())
    return Shelf(snapshot=built, details={}, columns=columns_of(built.offers))


def in_force() -> Shelf:
    """The catalogue that answers visitors."""
    return shelf()


def run(snapshot: Snapshot, questions: Sequence[Question], judged: Judgements) -> Measured:
    """Answer every question and measure. A commune keeps only the offers that cover it."""
    known = directory()
    relevance(Need("projet"), snapshot, DEPTH)  # the first one pays for what is loaded once
    answers = []
    for question in questions:
        place = known.engine_territory(question.commune) if question.commune else None
        answers.append(_answered(question, snapshot, place, judged.grades.get(question.id, {})))
    cited = [entry for graded in judged.grades.values() for entry in graded]
    unknown = [entry for entry in cited if entry not in snapshot.number_of]
    return Measured(
        entries=len(snapshot.offers),
        answers=answers,
        judgements=judged.count,
        judgements_elsewhere=judged.elsewhere,
        judgements_unknown=len(unknown),
        unknown=sorted(set(unknown)),
    )


def _answered(
    question: Question, snapshot: Snapshot, place: Territory | None, grades: Mapping[str, int]
) -> Answered:
    start = perf_counter()
    ranked = relevance(Need(question.text), snapshot, DEPTH, place)
    milliseconds = 1000 * (perf_counter() - start)
    found = tuple(entry for entry, _ in ranked)
    tells = any(grades.values())
    ndcg = measure.ndcg(found, grades, DEPTH) if tells else None
    return Answered(
        question=question,
        found=found,
        missed=tuple(e for e, grade in grades.items() if grade == max(GRADES) and e not in found),
        milliseconds=milliseconds,
        ndcg=ndcg,
        recall=measure.recall(found, grades, DEPTH) if tells else None,
        precision=measure.precision(found, grades) if tells else None,
        empty=not ranked or not (ndcg or _is_known(question.text, snapshot)),
    )


def _is_known(text: str, snapshot: Snapshot) -> bool:
    """Whether anything of a need is known: a word of the catalogue, a type of project, a theme."""
    read = read_need(Need(text), snapshot)
    return (
        any(word.term >= 0 for word in read.words)
        or bool(read.read_terms or read.types or read.bearing)
        or bool(read.themes.any())
    )


# -- The files


def read_questions(path: Path, *, with_places: bool = True) -> list[Question]:
    """Needs of a JSON Lines file: ``{"id", "text", "commune"?}``. Raises `BadFile`."""
    out: list[Question] = []
    lines: dict[str, int] = {}
    known = directory()
    for number, said in _objects(path, "besoins"):
        name = _text(said, _NEED["id"], path, number)
        if name in lines:
            raise _bad(
                path, number, f"le besoin « {name} » est déjà à la ligne {lines[name]} : "
                "donnez-lui un autre identifiant."
            )  # fmt: skip
        lines[name] = number
        place = said.get(_called(said, _NEED["commune"]) or "")
        code = ""
        if with_places and place not in (None, ""):
            found = known.resolve(str(place).strip())
            if found is None:
                raise _bad(
                    path, number,
                    f"« {place} » n'est le code d'aucune commune ni intercommunalité : "
                    "donnez le code COG (5 caractères), ou retirez-le : rien n'est alors filtré.",
                )  # fmt: skip
            code = found
        out.append(Question(name, _text(said, _NEED["text"], path, number), code, number))
    if not out:
        raise BadFile(f"{path.name} ne contient aucun besoin : un objet JSON par ligne.")
    return out


def read_judgements(path: Path, questions: Iterable[Question]) -> Judgements:
    """Judgements of a JSON Lines file: ``{"id", "entry", "grade"}``. Raises `BadFile`."""
    grades: dict[str, dict[str, int]] = {question.id: {} for question in questions}
    lines: dict[tuple[str, str], int] = {}
    count = elsewhere = 0
    for number, said in _objects(path, "jugements"):
        need = _text(said, _JUDGEMENT["id"], path, number)
        entry = _text(said, _JUDGEMENT["entry"], path, number)
        grade = _grade(said, path, number)
        count += 1
        if need not in grades:
            elsewhere += 1
        elif grades[need].get(entry, grade) != grade:
            raise _bad(
                path, number, f"la fiche « {entry} » est déjà notée {grades[need][entry]} pour le "
                f"besoin « {need} », ligne {lines[need, entry]} : gardez une seule des deux notes."
            )  # fmt: skip
        else:
            lines.setdefault((need, entry), number)
            grades[need][entry] = grade
    if not count:
        raise BadFile(f"{path.name} ne contient aucun jugement : un objet JSON par ligne.")
    return Judgements(grades, count, elsewhere)


def _objects(path: Path, what: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Objects of a JSON Lines file, each with its line. Raises `BadFile`."""
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadFile(
            f"Le fichier de {what} « {path} » ne peut pas être lu : {_why(error)}."
        ) from error
    except UnicodeDecodeError as error:
        number = error.object[: error.start].count(b"\n") + 1
        raise _bad(
            path, number, "un caractère n'est pas en UTF-8. Enregistrez le fichier en UTF-8."
        ) from error
    # Not `splitlines`: it also cuts at separators that JSON allows inside a text.
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        try:
            said = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _bad(
                path, number, "ce n'est pas du JSON. Chaque ligne est un objet entre accolades, "
                'comme {"id": "n1", …}.'
            ) from error  # fmt: skip
        if not isinstance(said, dict):
            raise _bad(path, number, "chaque ligne doit être un objet JSON, entre accolades.")
        yield number, said


def _why(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "il n'existe pas"
    return "c'est un dossier" if isinstance(error, IsADirectoryError) else str(error.strerror)


def _bad(path: Path, number: int, text: str) -> BadFile:
    return BadFile(f"{path.name}, ligne {number} : {text}")


def _called(said: Mapping[str, Any], names: Sequence[str]) -> str | None:
    return next((name for name in names if name in said), None)


def _text(said: Mapping[str, Any], names: Sequence[str], path: Path, number: int) -> str:
    """A text that must be there; numbers are read as they are written."""
    value = said.get(_called(said, names) or "")
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise _bad(path, number, f"il manque « {names[0]} », un texte non vide.")
    return str(value).strip()


def _grade(said: Mapping[str, Any], path: Path, number: int) -> int:
    name = _called(said, _JUDGEMENT["grade"])
    value = said.get(name or "")
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    if isinstance(value, bool) or value not in GRADES:
        raise _bad(
            path, number,
            "« grade » doit être 0 (hors sujet), 1 (utile) ou 2 (la meilleure réponse).",
        )  # fmt: skip
    return int(value)
