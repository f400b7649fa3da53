"""French names of places after « de »: « du Juch », « des Eyzies », « d'Aubazine »."""

from typing import Final

from maillage.engine.text import fold

_VOWELS: Final = "aeiou"


def of_town(name: str) -> str:
    """A town after « de ». A name in H is left whole: one may always write « de Hyères ».

    >>> [of_town(n) for n in ("Aubazine", "Le Juch", "Les Eyzies", "L'Haÿ-les-Roses", "La Réole")]
    ["d'Aubazine", 'du Juch', 'des Eyzies', "de L'Haÿ-les-Roses", 'de La Réole']
    """
    for article, contracted in (("Le ", "du "), ("Les ", "des ")):
        if name.startswith(article):
            return contracted + name[len(article) :]
    return f"d'{name}" if elides(name) else f"de {name}"


def elides(name: str) -> bool:
    """Whether « de » and « la » lose their vowel before it: « d'Ydes », but « de Yaté »."""
    bare = fold(name)
    if bare.startswith("y"):
        return bare[1:2] not in (*_VOWELS, "") or bare[1:2] == "e" or bare == "y"
    return bare.startswith(tuple(_VOWELS))
