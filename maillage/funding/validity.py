"""Since when a rule holds, and until when, in words."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from maillage.common.templatetags.maillage import lettres
from maillage.engine.funding.rules import Period, periods
from maillage.engine.funding.types import Rule
from maillage.funding.law import rules

#: A bound that no text was found for: it is said, never made up.
UNKNOWN: Final = "date de début non connue"
NEVER: Final = "aucun jour : un autre millésime est appliqué à sa place"


def in_force(rule: Rule, day: date) -> str:
    """When a vintage is in force, as one says it on `day`, among those that the site holds (no
    query): « depuis le 1er janvier 2012 », « jusqu'au 31 décembre 2013 (date de début non
    connue) ».
    """
    vintages = [one for one in rules() if one.id == rule.id]
    found = [span for one, span in zip(vintages, periods(vintages), strict=True) if one == rule]
    # A vintage that is only being written is not among them: its own dates tell.
    return said(found[0] if found else [Period(rule.valid_from, rule.valid_to)], day)


def said(spans: Sequence[Period], day: date) -> str:
    """Periods in words, as one says them on `day`."""
    return ", puis ".join(
        f"{'de nouveau ' if number else ''}{_said(one, day)}" for number, one in enumerate(spans)
    ) or NEVER  # fmt: skip


def _said(one: Period, day: date) -> str:
    if one.first and one.last:
        return f"du {lettres(one.first)} au {lettres(one.last)}"
    if one.first:
        since = "depuis le" if one.first <= day else "à partir du"
        return f"{since} {lettres(one.first)}"
    return f"jusqu'au {lettres(one.last)} ({UNKNOWN})" if one.last else UNKNOWN
