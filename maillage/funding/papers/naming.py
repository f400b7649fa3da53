"""How a paper names who carries the project: « la commune des Eyzies », « de la commune
d'Aubazine », « du PETR Sud Lozère », « de Bordeaux Métropole ».
"""

from dataclasses import dataclass
from typing import Final

from maillage.engine.funding.types import BearerKind
from maillage.engine.text import fold
from maillage.territories.naming import elides, of_town

#: First words that say what the bearer is, by kind: feminine ones, then masculine ones.
_FEMININE: Final[dict[BearerKind, tuple[str, ...]]] = {
    BearerKind.COMMUNE: ("commune", "ville", "mairie"),
    BearerKind.EPCI: ("communaute", "metropole", "eurometropole"),
    BearerKind.SYNDICATE: ("communaute", "regie"),
    BearerKind.DEPARTMENT: ("collectivite",),
    BearerKind.REGION: ("region", "collectivite"),
    BearerKind.ASSOCIATION: ("association", "amicale", "fondation", "federation", "regie", "mjc"),
    BearerKind.COMPANY: ("societe", "sarl", "sas", "scop", "scic", "cooperative", "entreprise"),
}
_MASCULINE: Final[dict[BearerKind, tuple[str, ...]]] = {
    BearerKind.SYNDICATE: (
        "syndicat", "petr", "pole", "pays", "parc", "sivu", "sivom", "sivos", "siaep", "sictom",
        "smictom", "sm",
    ),
    BearerKind.DEPARTMENT: ("departement", "conseil"),
    BearerKind.REGION: ("conseil",),
    BearerKind.ASSOCIATION: ("comite", "centre", "club", "foyer", "groupement"),
    BearerKind.COMPANY: ("groupement", "groupe"),
}  # fmt: skip
#: What the official names of EPCI begin with.
_SHORT: Final = {
    "CC": "Communauté de communes", "CA": "Communauté d'agglomération", "CU": "Communauté urbaine",
}  # fmt: skip
#: What is put before a name that does not say what it is.
_PUT: Final = {
    BearerKind.ASSOCIATION: "Association", BearerKind.COMPANY: "Entreprise",
    BearerKind.REGION: "Région",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Called:
    """A name in its three shapes: « Commune des Eyzies », « la commune des Eyzies », « de la
    commune des Eyzies ».
    """

    title: str
    the: str
    of: str


NOBODY: Final = Called("Porteur du projet", "le porteur du projet", "du porteur du projet")


def called(kind: BearerKind, name: str) -> Called:
    """How a bearer is named; its articles follow what it is."""
    said = " ".join(name.split())
    if not said:
        return NOBODY
    first, _, rest = said.partition(" ")
    if kind is BearerKind.EPCI and first in _SHORT:
        said = f"{_SHORT[first]} {rest}".strip()
    elif kind is BearerKind.COMMUNE and fold(first) not in _FEMININE[kind]:
        said = f"Commune {of_town(said)}"
    elif kind in _PUT and not _says(kind, first):
        said = f"{_PUT[kind]} « {said} »" if kind is not BearerKind.REGION else f"Région {said}"
    word = said.split(" ")[0]
    head = fold(word)
    lowered = said if word.isupper() else said[0].lower() + said[1:]
    if head in _FEMININE[kind]:
        the = f"l'{lowered}" if elides(lowered) else f"la {lowered}"
        return Called(said, the, f"de {the}")
    # « SIRP », « SMO »… : the initials of a syndicate are those of « syndicat », or « union ».
    initials = kind is BearerKind.SYNDICATE and word.isupper() and len(word) > 1
    if head in _MASCULINE.get(kind, ()) or initials:
        if elides(lowered):
            return Called(said, f"l'{lowered}", f"de l'{lowered}")
        return Called(said, f"le {lowered}", f"du {lowered}")
    return Called(said, said, of_town(said))


def _says(kind: BearerKind, first: str) -> bool:
    return fold(first) in (*_FEMININE[kind], *_MASCULINE.get(kind, ()))


def quoted(text: str) -> str:
    """A text between quotes; those that it holds become inner ones.

    >>> quoted("Fonds « cœur de village »")
    '« Fonds “cœur de village” »'
    """
    inner = text.strip()
    for typed, kept in (("« ", "“"), ("«\u00a0", "“"), ("«", "“"), (" »", "”"), ("\u00a0»", "”"),
                        ("»", "”")):  # fmt: skip
        inner = inner.replace(typed, kept)
    return f"« {inner} »"
