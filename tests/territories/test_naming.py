"""Names of places after « de », as they are said."""

import pytest

from maillage.desk.services.desks import body_for_territory
from maillage.territories.naming import of_town


@pytest.mark.parametrize(("name", "said"), [
    ("Aubazine", "d'Aubazine"), ("Le Juch", "du Juch"), ("Les Eyzies", "des Eyzies"),
    ("L'Haÿ-les-Roses", "de L'Haÿ-les-Roses"), ("La Réole", "de La Réole"), ("Y", "d'Y"),
    ("Ydes", "d'Ydes"), ("Yaté", "de Yaté"), ("Étretat", "d'Étretat"), ("Bourrou", "de Bourrou"),
])  # fmt: skip
def test_a_town_after_de(name: str, said: str) -> None:
    assert of_town(name) == said


@pytest.mark.django_db
def test_a_body_is_named_as_it_is_said() -> None:
    assert body_for_territory("19013").name == "Commune d'Aubazines"
