"""The sum of all the desks, a row for each."""

from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Any

from maillage.common.templatetags.maillage import pluriel
from maillage.desk.consolidation import facts as f
from maillage.desk.consolidation.facts import Facts
from maillage.desk.consolidation.places import days_of
from maillage.desk.consolidation.report import (
    FEW,
    Consolidation,
    Section,
    Share,
    definition,
    number,
    percents,
    share_of,
    share_sentence,
)
from maillage.desk.models import Desk


def france(year: int, desks: Sequence[Desk]) -> Consolidation:
    """All the desks, a row for each (three queries)."""
    period = f.period_of(year)
    every = f.facts_of(desks, period)
    by_desk: dict[int, list[Facts]] = {desk.pk: [] for desk in desks}
    for one in every:
        by_desk[one.desk].append(one)
    rows = [(desk.name, *_desk_row(by_desk[desk.pk], desk, year)) for desk in desks]
    share = share_of(every, year)
    count = f.fates(one for one in every if one.received_in_year)
    total = (
        "France", sum(count.values()), share.decided, share.local,
        *(sum(row[n] for row in rows) for n in (4, 5)),
        count[f.OPEN], count[f.CIRCUIT], percent(share), "",
    )  # fmt: skip
    active = sum(row[1] > 0 for row in rows)
    sentences = [
        f"En {year}, {pluriel(active, 'guichet a,guichets ont')} reçu des demandes, sur "
        f"{len(desks)} : {pluriel(sum(count.values()), 'demande,demandes')} en tout.",
        share_sentence(share, year),
    ]
    section = Section(
        f"Les guichets en {year}",
        (
            "Guichet", "Reçues", "Décidées", "Réponse locale", "Appui national", "Sans réponse",
            "En cours", "Circuit existant", "Part locale",
            "Première réponse (médiane, jours ouvrés)",
        ),
        (*rows, total),
        "« Décidées » et les trois colonnes qui suivent comptent les demandes décidées dans "
        "l'année ; « en cours » et « circuit existant », celles reçues dans l'année. Sous "
        f"{FEW} décisions, la part est suivie d'un astérisque : elle veut dire peu de chose.",
    )  # fmt: skip
    return Consolidation(year, "Tous les guichets", sentences, [section], share, definition())


def _desk_row(facts: Sequence[Facts], desk: Desk, year: int) -> tuple[Any, ...]:
    received = [one for one in facts if one.received_in_year]
    decided = Counter(one.solution for one in facts if one.decided_in(year))
    share = share_of(facts, year)
    count = f.fates(received)
    days = [
        days_of(one, desk.department) for one in received if one.first_answer and not one.circuit
    ]
    return (
        len(received), share.decided, decided[f.LOCAL], decided[f.NATIONAL],
        decided[f.UNANSWERED], count[f.OPEN], count[f.CIRCUIT], percent(share),
        number(median(days)) if days else "",
    )  # fmt: skip


def percent(share: Share) -> str:
    """The share of a row, with a mark when it says little; "" when nothing was decided."""
    if share.percent is None:
        return ""
    return f"{percents(share.percent)}{' *' if share.few else ''}"
