"""Sums of printed amounts: said for what they are."""

from decimal import Decimal

import pytest

from maillage.experiences.figures import Balance, Total, total

D = Decimal


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], None),
        ([("Prêt", None)], None),
        ([("Achat", D(30)), ("Travaux", D(12))], Total(D(42), False)),
        ([("Coût total", D(50)), ("Étude", D(8))], Total(D(50), True, 1)),
        ([("Ensemble des aides", D(9)), ("Département", D(2))], Total(D(9), True, 1)),
        # « ensemble » at the end names several funders, not a total.
        ([("Commune", D(3)), ("État et Région, ensemble", D(2))], Total(D(5), False)),
        # A line that is the sum of the others is their total.
        ([("Association", D(115)), ("Paniers", D(89)), ("Projet", D(26))], Total(D(115), True, 2)),
        ([("Achat", D(39)), ("Fonctionnement, par an", D(6))], Total(D(39), False, 1)),
        ([("Budget annuel", D(6))], None),
        # Two equal lines are two lines.
        ([("Région", D(5)), ("Département", D(5))], Total(D(10), False)),
    ],
)
def test_total(lines: list[tuple[str, Decimal | None]], expected: Total | None) -> None:
    assert total(lines) == expected


def test_the_gap_is_unknown_without_both() -> None:
    assert Balance(Total(D(3), False), None).gap is None
    assert Balance(Total(D(39), False), Total(D(37), False)).gap == 2
    assert Balance(Total(D(5), False), Total(D(5), True)).gap == 0
