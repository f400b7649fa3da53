"""Seeded synthetic catalogues and territories, for speed only: never for quality.

The texts are drawn from the vocabularies of the project types, so that lists of words have
realistic lengths; the country has the numbers of the real one (34 969 communes, 1 255 EPCI,
101 départements, 18 régions).
"""

import json
import random
import tomllib
from pathlib import Path

from maillage.engine.types import (
    Catalogue,
    Offer,
    ProjectType,
    Territory,
    ThesaurusEntry,
)
from maillage.engine.vocabulary import LABELS, PHASES, THEMES, Audience, Family, Kind, Level

DATA = Path(__file__).resolve().parent.parent / "maillage" / "data"
COMMUNES, EPCIS, DEPARTMENTS, REGIONS = 34_969, 1_255, 101, 18


def project_types(jsonl: Path | None = None) -> tuple[ProjectType, ...]:
    """Types of the project's TOML files, or of a JSON-lines file of the same content."""
    if jsonl is not None:
        rows = [json.loads(line) for line in jsonl.read_text("utf-8").splitlines() if line.strip()]
    else:
        rows = [
            row
            for path in sorted((DATA / "project_types").glob("*.toml"))
            for row in tomllib.loads(path.read_text("utf-8")).get("types", [])
        ]
    return tuple(
        ProjectType(
            id=row["id"],
            label=row["label"],
            themes=tuple(row["themes"]),
            phases=tuple(row["phases"]),
            vocabulary=tuple(row.get("vocabulary") or row.get("vocabulaire") or ()),
            phrases=tuple(row["phrases"]),
            first_step=row.get("first_step") or row.get("dabord") or "",
        )
        for row in rows
    )


def thesaurus() -> tuple[ThesaurusEntry, ...]:
    """The project's thesaurus, empty when the file is not there."""
    path = DATA / "thesaurus.toml"
    if not path.is_file():
        return ()
    return tuple(
        ThesaurusEntry(row["expression"], tuple(row["terms"]), tuple(row.get("themes", ())))
        for row in tomllib.loads(path.read_text("utf-8")).get("entries", [])
    )


def territories(count: int = COMMUNES, seed: int = 1) -> list[Territory]:
    """Communes with the keys of their EPCI, département and région."""
    rnd = random.Random(seed)
    labels = list(LABELS)
    out: list[Territory] = []
    for number in range(count):
        epci = number * EPCIS // count
        department = epci * DEPARTMENTS // EPCIS
        region = department * REGIONS // DEPARTMENTS
        carried = frozenset(rnd.sample(labels, rnd.choice((0, 0, 1, 2))))
        out.append(
            Territory(
                code=f"{number:05d}",
                name=f"Commune {number}",
                keys=frozenset(
                    {"FR", f"reg:{region}", f"dep:{department}", f"arr:{department * 3}",
                     f"epci:{epci}", f"com:{number:05d}"}
                ),
                population=int(rnd.lognormvariate(6.2, 1.2)) + 10,
                labels=carried,
                labels_absent=frozenset(labels[:6]) - carried,
                density=rnd.randint(1, 7),
            )
        )  # fmt: skip
    return out


def offers(count: int, types: tuple[ProjectType, ...], seed: int = 2) -> list[Offer]:
    """Offers whose texts speak of one to three types, in the proportions of a real catalogue."""
    rnd = random.Random(seed)
    common = sorted({w for t in types for p in t.phrases for w in p.split()})
    themes, phases, labels = list(THEMES), list(PHASES), list(LABELS)
    out: list[Offer] = []
    for number in range(count):
        level = rnd.choices(list(Level), (15, 45, 15, 25))[0]
        place = {
            Level.MUNICIPAL: f"epci:{rnd.randrange(EPCIS)}",
            Level.DEPARTMENT: f"dep:{rnd.randrange(DEPARTMENTS)}",
            Level.REGION: f"reg:{rnd.randrange(REGIONS)}",
            Level.NATIONAL: "FR",
        }[level]
        about = rnd.sample(types, rnd.choice((1, 1, 2, 3)))
        words = [w for t in about for w in t.vocabulary]
        rnd.shuffle(words)
        filler = " ".join(rnd.choices(common, k=50))
        listed = [x for t in about for x in t.themes if x in themes] or [rnd.choice(themes)]
        out.append(
            Offer(
                id=f"offre-{number:05d}",
                title=f"{about[0].label} : {words[0]}",
                provider_id=f"organisme-{number % 997}",
                provider_name=f"Organisme {number % 997}",
                family=rnd.choice(list(Family)),
                level=level,
                kind=rnd.choices(list(Kind), (60, 30, 10))[0],
                perimeter=frozenset({place}),
                summary=" ".join(words[1:5]),
                description=f"{filler} {' '.join(words[5:15])}",
                themes=frozenset(listed[:3]),
                phases=frozenset(rnd.sample(phases, rnd.randint(1, 3))),
                audiences=frozenset(
                    {Audience.COMMUNE, rnd.choice(list(Audience))}
                    if rnd.random() < 0.9 else {Audience.ASSOCIATION}
                ),
                population_max=rnd.choice((None, None, None, 2000, 3500, 10_000)),
                population_kind=rnd.choice(("municipal", "municipal", "dgf")),
                labels_any=frozenset(rnd.sample(labels, 1)) if rnd.random() < 0.1 else frozenset(),
                words=tuple(words[15:25]),
            )
        )  # fmt: skip
    return out


def needs(types: tuple[ProjectType, ...], count: int, seed: int = 3) -> list[str]:
    """Varied needs: a word or two, a line, several lines, with a few misspelt words."""
    rnd = random.Random(seed)
    out: list[str] = []
    for _ in range(count):
        shape = rnd.random()
        text = rnd.choice(rnd.choice(types).phrases)
        if shape < 0.2:
            text = " ".join(text.split()[:2])
        elif shape > 0.75:
            text = ". ".join([text, *(rnd.choice(rnd.choice(types).phrases)
                                      for _ in range(rnd.randint(1, 4)))])  # fmt: skip
        if rnd.random() < 0.3 and len(text) > 12:
            at = rnd.randrange(5, len(text) - 2)
            text = text[:at] + text[at + 1 :]
        out.append(text)
    return out


def catalogue(count: int, types: tuple[ProjectType, ...]) -> Catalogue:
    """A synthetic catalogue of ``count`` offers over real knowledge."""
    return Catalogue(tuple(offers(count, types)), (), types, thesaurus(), f"synthetic-{count}")
