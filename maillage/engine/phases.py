"""The stage of a project, when the words of the need say it."""

import re
from typing import Final

from maillage.engine.text import fold

#: Stage words on folded text; the weight settles « étude pour des travaux ».
_SAID: Final = (
    (
        "strategie", 2.0,
        r"par ou commencer|par quoi commencer|etat des lieux|diagnostic\w*|strategi\w+|"
        r"schema directeur|reflexion|reflechi\w*|vision|feuille de route|inventaire",
    ),
    ("strategie", 1.0, r"idees?|envie|on se demande|pistes?|premiers? pas"),
    (
        "faisabilite", 2.0,
        r"faisabilite|etudes?|programmation|programmiste|scenarios?|esquisses?|"
        r"chiffr\w+|estimation|estimer|combien (?:ca|cela) coute\w*|pre-?etude",
    ),
    (
        "montage", 2.0,
        r"subventions?|subv|financ\w+|plan de financement|montage|juridique\w*|statuts?|"
        r"bail|delegation de service|dsp|conventions?|aides? cumulables|cofinanc\w+|"
        r"dossier\w*|deposer|emprunt\w*|detr|dsil|fonds vert",
    ),
    (
        "travaux", 2.0,
        r"maitr\w+ d.?o?euvre|appel d.?offres|marches? publics?|dce|moe|chantier\w*|"
        r"consultation des entreprises|artisans?|entreprises? de travaux",
    ),
    ("travaux", 1.0, r"travaux|reparer|reparation\w*|remplacer|poser|installer|demolir"),
    (
        "animation", 2.0,
        r"animer|animation\w*|animateur|faire vivre|evalu\w+|bilan|suivi|"
        r"exploitation|gerant\w*|gestion|recruter|embauch\w+|benevoles?",
    ),
)  # fmt: skip
_PATTERNS: Final = tuple((phase, weight, re.compile(rf"\b(?:{p})\b")) for phase, weight, p in _SAID)


def phase_said(text: str) -> str | None:
    """The stage that the words say, or ``None`` when they say none or several equally.

    >>> phase_said("on cherche un bureau pour une étude de faisabilité")
    'faisabilite'
    >>> phase_said("l'école est une passoire") is None
    True
    """
    folded = fold(text[:5000])
    weights: dict[str, float] = {}
    for phase, weight, pattern in _PATTERNS:
        count = len(set(pattern.findall(folded)))
        if count:
            weights[phase] = weights.get(phase, 0.0) + weight * min(count, 2)
    if not weights:
        return None
    ranked = sorted(weights.items(), key=lambda item: -item[1])
    if len(ranked) > 1 and ranked[0][1] == ranked[1][1]:
        return None
    return ranked[0][0]
