"""Who writes and how they take leave is not what they need: « je suis secrétaire de mairie ».

These pieces are blanked (same length, so that what is quoted stays in its place) before a need is
read; « la mairie n'a plus de secrétaire » is left as it is. Every repetition of a pattern is
bounded, so that no text, however odd, takes long.
"""

import re
from typing import Final

#: A possible space, a space, an apostrophe.
_O: Final = r"\s{0,3}"
_S: Final = r"\s{1,3}"
_A: Final = "['’]"
_ROLE: Final = (
    r"(?:maire|mairesse|secr[eé]taire(?: g[eé]n[eé]rale?)?(?: de mairie)?"
    r"|adjointe? au maire|adjointe?s?|(?:premi[eè]re?|\d\w{0,4}) adjointe?|[eé]lue?s?"
    r"|conseill[eè]re?s? municipa\w{1,5}|directeur g[eé]n[eé]ral des services|dgs"
    r"|agente?s?(?: territoria\w{1,5}| communa\w{1,5}| technique)?|habitante?s?|riveraine?s?"
    rf"|pr[eé]sidente? d\w{{0,3}}{_A}? ?\w{{1,30}}|administr[eé]e?s?|b[eé]n[eé]vole)"
)
_PEOPLE: Final = (
    rf"(?:{_S}(?:de|d{_A}environ|d{_A}){_O}\d[\d\s]{{0,9}}(?:habitants?|hab\b\.?|âmes))?"
)
_OF_A_COMMUNE: Final = (
    rf"(?:{_S}(?:de|dans|à|pour|au sein de)?{_O}(?:d{_A})?{_O}"
    rf"(?:une?|la|notre|ma|deux|trois|quatre)?{_O}(?:toute{_S})?(?:petites?{_S})?"
    rf"(?:communes?|mairies?|villages?)(?:{_S}rurales?)?)?{_PEOPLE}"
)
_PIECES: Final = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"\b(?:je suis|nous sommes|en tant qu(?:e|{_A})|moi,?){_O}"
        rf"(?:l[ae]s?\s|une?\s|des\s|l{_A})?{_O}(?:(?:nouve(?:au|lle|l)|jeune|simple){_S})?"
        rf"{_ROLE}\b{_OF_A_COMMUNE}",
        rf"\b(?:nous sommes|on est|je suis){_S}(?:dans{_S})?une?{_S}(?:toute{_S})?(?:petite{_S})?"
        rf"(?:commune|mairie|collectivit[eé])(?:{_S}rurale?)?{_PEOPLE}",
        rf"\b(?:M\.|Mr|monsieur|madame|Mme){_S}l[ae]{_S}{_ROLE}\b",
        rf"\b{_ROLE}{_S}d{_A}une{_S}(?:petite{_S})?commune(?:{_S}rurale)?{_PEOPLE}",
        r"\b(?:bien )?cordialement\b.{0,200}\Z",
        rf"\b(?:merci d{_A}avance|bonne journ[eé]e)\b",
        rf"\bdans l{_A}attente de votre (?:r[eé]ponse|retour)\b",
        r"\b(?:bien à vous|à votre disposition|en vous remerciant)\b.{0,200}\Z",
        rf"\n{_O}(?:l[ae]s?{_S}|l{_A})?{_ROLE}[\s.!]{{0,9}}\Z",
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
