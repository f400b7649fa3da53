"""Sentences that the page, the PDF and the command line share."""

from typing import Final

from maillage.desk.orientation import Answer

#: How each rule that sets aside is counted, in words: one, several.
_RULES: Final = {
    "territory": ("réservée à d'autres territoires", "réservées à d'autres territoires"),
    "audience": ("destinée à d'autres que les communes", "destinées à d'autres que les communes"),
    "population": ("hors de votre taille de commune", "hors de votre taille de commune"),
    "label": ("réservée à un programme", "réservées à un programme"),
    "dates": ("close", "closes"),
    "phase": ("pour une autre étape", "pour une autre étape"),
}
_OTHER: Final = ("pour une autre raison", "pour d'autres raisons")


def set_aside_words(answer: Answer) -> list[str]:
    """« 7 réservées à d'autres territoires », « 2 closes »: the counts by rule, largest first."""
    words = []
    for code, count in answer.orientation.set_aside_summary:
        one, many = _RULES.get(code, _OTHER)
        words.append(f"{count} {many if count > 1 else one}")
    return words


def set_aside_sentence(answer: Answer) -> str:
    """« 9 offres écartées : 7 réservées à d'autres territoires, 2 closes. »; "" when none was."""
    total = answer.orientation.set_aside_total
    if not total:
        return ""
    words = set_aside_words(answer)
    if total == 1:
        return f"1 offre écartée : {words[0].removeprefix('1 ')}."
    return f"{total} offres écartées : {', '.join(words)}."
