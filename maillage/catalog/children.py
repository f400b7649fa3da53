"""The figures and the conditions of an offer in JSON form (imports, history), in words."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from maillage.catalog.enums import RateKind
from maillage.catalog.models import Condition, Rate


def figures_in_words(rates: Iterable[Mapping[str, Any]], today: date | None = None) -> list[str]:
    """« Taux maximum : 80 % (dépense HT) » of each figure; with `today`, those in force alone.

    What is no number is left out.
    """
    out = []
    for said in rates:
        try:
            value = Decimal(str(said.get("value")))
        except InvalidOperation:
            continue
        figure = Rate(
            kind=said.get("kind") or RateKind.RATE,
            value=value,
            unit=said.get("unit") or "",
            base=said.get("base") or "",
            valid_from=day(said.get("valid_from")),
            valid_to=day(said.get("valid_to")),
        )
        if today is None or figure.in_force(today):
            out.append(figure.in_words())
    return out


def conditions_in_words(conditions: Iterable[Mapping[str, Any]]) -> list[str]:
    """« Commune : Gratuit (sur convention) » of each condition."""
    out = []
    for said in conditions:
        row = Condition(audience=said.get("audience") or "", cost=said.get("cost") or "unknown")
        out.append(f"{row} ({said['note']})" if said.get("note") else str(row))
    return out


def day(value: object) -> date | None:
    """A date from its ISO form; ``None`` of anything else."""
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
