"""Who writes and how they take leave is not what they need: « je suis secrétaire de mairie ».

These pieces are blanked (same length, so that what is quoted stays in its place) before a need is
read; « la mairie n'a plus de secrétaire » is left as it is.
"""

import re
from typing import Final

_ROLE: Final = (
    r"(?:maire|mairesse|secr[eé]taire(?: g[eé]n[eé]rale?)?(?: de mairie)?"
    r"|adjointe? au maire|adjointe?s?"
    r"|(?:premi[eè]re?|\d\w*) adjointe?|[eé]lue?s?|conseill[eè]re?s? municipa\w+"
    r"|directeur g[eé]n[eé]ral des services|dgs|agente?s?(?: territoria\w+| communa\w+| technique)?"
    r"|pr[eé]sidente? d\w*['’]? ?\w+|habitante?s?|administr[eé]e?s?|b[eé]n[eé]vole|riveraine?s?)"
)
_COMMUNE: Final = (
    r"(?:\s+(?:de|dans|à|pour|au sein de)?\s*(?:d['’])?\s*(?:une?|la|notre|ma|deux|trois|quatre)?"
    r"\s*(?:toute\s+)?(?:petites?\s+)?(?:communes?|mairies?|villages?)(?:\s+rurales?)?)?"
    r"(?:\s+(?:de|d['’]environ|d['’])\s*\d[\d\s]*(?:habitants?|hab\b\.?|âmes))?"
)
_PIECES: Final = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"\b(?:je suis|nous sommes|en tant qu(?:e|['’])|moi,?)\s*(?:l[ae]s?\s|une?\s|des\s|l['’])?"
        rf"\s*(?:nouve(?:au|lle|l)\s+|jeune\s+|simple\s+)?{_ROLE}\b{_COMMUNE}",
        r"\b(?:nous sommes|on est|je suis)\s+(?:dans\s+)?une?\s+(?:toute\s+)?(?:petite\s+)?"
        r"(?:commune|mairie|collectivit[eé])(?:\s+rurale?)?"
        r"(?:\s+(?:de|d['’]environ|d['’])\s*\d[\d\s]*(?:habitants?|hab\b\.?|âmes))?",
        rf"\b(?:M\.|Mr|monsieur|madame|Mme)\s+l[ae]\s+{_ROLE}\b",
        rf"\b{_ROLE}\s+d['’]une\s+(?:petite\s+)?commune(?:\s+rurale)?"
        r"(?:\s+de\s*\d[\d\s]*(?:habitants?|hab\b\.?|âmes))?",
        r"\b(?:bien )?cordialement\b.{0,200}\Z",
        r"\b(?:merci d['’]avance|bonne journ[eé]e)\b",
        r"\bdans l['’]attente de votre (?:r[eé]ponse|retour)\b",
        r"\b(?:bien à vous|à votre disposition|en vous remerciant)\b.{0,200}\Z",
        rf"\n\s*(?:l[ae]s?\s+|l['’])?{_ROLE}[\s.!]*\Z",
    )
)


def without_preamble(text: str) -> str:
    """The text with introductions and leave-taking blanked; all of it when nothing would be left.

    >>> without_preamble("Je suis secrétaire de mairie, le toit fuit").strip(" ,")
    'le toit fuit'
    >>> without_preamble("La mairie n'a plus de secrétaire")
    "La mairie n'a plus de secrétaire"
    """
    out = text
    for piece in _PIECES:
        out = piece.sub(lambda m: " " * len(m.group()), out)
    return out if len(re.findall(r"[^\W\d_]{3,}", out)) >= 2 else text
