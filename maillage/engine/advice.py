"""The advice on the branch: local first; what would have to be shown for the national one.

Rules: ANCT roadmap of 2020, parts I and II.c (as restated in the Sénat reports of 2024): the
délégué territorial asks the national body only with a fragile bearer **and** insufficient local
resources, **and/or** an innovative or particularly complex project; also for rare engineering.
"""

from typing import Final

from maillage.engine.types import Branch, Territory
from maillage.engine.understanding import ReadNeed
from maillage.engine.vocabulary import Level

GROUNDS: Final = (
    "la fragilité de la collectivité qui porte le projet et l'insuffisance des moyens "
    "mobilisables localement",
    "le caractère innovant ou particulièrement complexe du projet",
    "une ingénierie rare, que personne ne propose près de chez vous",
)
#: The last ground when the need is about a bridge or a wall.
_RARE_FOR_STRUCTURES: Final = "une ingénierie rare (par exemple le Cerema pour un ouvrage d'art)"
_STRUCTURES: Final = frozenset(
    ["pont", "ponts", "ponceau", "passerelle", "passerelles", "viaduc", "tunnel", "tablier",
     "mur", "murs", "muret", "murets", "soutenement", "parapet", "parapets", "ouvrage", "ouvrages"]
)  # fmt: skip
_RINGS: Final = {
    Level.MUNICIPAL.code: ("dans votre intercommunalité", "de votre intercommunalité"),
    Level.DEPARTMENT.code: ("dans le département", "du département"),
    Level.REGION.code: ("dans la région", "de la région"),
}


def grounds_for(read: ReadNeed) -> tuple[str, ...]:
    """What would have to be shown for the national branch, for this need."""
    if any(word.folded in _STRUCTURES for word in read.words):
        return (*GROUNDS[:-1], _RARE_FOR_STRUCTURES)
    return GROUNDS


def branch_for(
    counts: dict[str, int], read: ReadNeed, territory: Territory | None, certain: bool = True
) -> Branch:
    """The branch from the bodies that can answer, by level (``counts``, by level code).

    ``certain`` is false when none of the local ones is more than likely.
    """
    understood = read.understanding
    local = sum(counts[code] for code in _RINGS)
    if understood.empty:
        return Branch(
            "ask",
            "Dites-nous en quelques mots ce que vous voulez faire ou ce qui pose problème. "
            "Le guichet peut aussi vous aider à le formuler.",
            counts=counts,
        )
    if local:
        return Branch("local", _local_sentence(counts, local, certain), counts=counts)
    if not understood.confident and not counts[Level.NATIONAL.code]:
        return Branch(
            "ask",
            "Nous ne sommes pas sûrs d'avoir compris. Précisez votre projet en une phrase, ou "
            "appelez le guichet de votre département.",
            counts=counts,
        )
    if territory is None:
        return Branch(
            "ask",
            "Indiquez votre commune : les réponses proches de chez vous passent toujours avant "
            "l'appui national.",
            counts=counts,
        )
    if counts[Level.NATIONAL.code]:
        return Branch(
            "national",
            "Aucune réponse locale suffisante : voici ce qui justifierait l'appui de l'ANCT.",
            grounds_for(read),
            counts,
        )
    return Branch(
        "national",
        "Aucune réponse suffisante dans notre catalogue : parlez-en au guichet de votre "
        "département, qui dira si l'appui de l'ANCT se justifie.",
        grounds_for(read),
        counts,
    )


def _local_sentence(counts: dict[str, int], local: int, certain: bool) -> str:
    rings = [code for code in _RINGS if counts[code]]
    subject = "1 organisme" if local == 1 else f"{local} organismes"
    where = _RINGS[rings[0]][1] if len(rings) == 1 else "près de chez vous"
    verb = "peut répondre" if local == 1 else "peuvent répondre"
    if not certain:
        verb = (
            "peut sans doute répondre, à vérifier auprès de lui"
            if local == 1
            else "peuvent sans doute répondre, à vérifier auprès d'eux"
        )
    start = "Commencez près de chez vous : "
    middle = f"{subject} {where} {verb}" if len(rings) == 1 else f"{subject} {verb}"
    return f"{start}{middle}. L'appui national n'est pas nécessaire à ce stade."
