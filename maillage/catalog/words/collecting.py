"""From the lines put down by the answer page to the list of needs, every hour; and their end."""

import time
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localdate

from maillage.catalog.enums import UnmetState
from maillage.catalog.models import UnmetNeed
from maillage.catalog.models.knowledge import LONGEST_NEED
from maillage.catalog.words import spool
from maillage.common.models import LoadedData
from maillage.engine.text import words

#: Needs kept at most: beyond, those said least, and longest ago, are erased.
MOST_NEEDS: Final = 5_000
_LAST: Final = "besoins-non-compris"


def run(today: date) -> int:
    """Collect what waits, erase what is too old; how many lines were collected."""
    if settings.MAILLAGE["UNMET_DAYS"] <= 0:
        spool.forget()
        UnmetNeed.objects.all().delete()
        return 0
    count = collect()
    forget(today)
    return count


def collect() -> int:
    """Bring the waiting lines into the list; return how many.

    A line is counted once, wherever this stops: the file is set apart first, its name is written
    with its needs, and it is erased last.
    """
    count = 0
    with spool.alone() as mine:
        if not mine:
            return 0
        spool.set_apart(f"{time.time_ns():020d}")
        for path in spool.apart():
            count += _collect(path)
            path.unlink()
    return count


@transaction.atomic
def _collect(path: Path) -> int:
    last, _ = LoadedData.objects.get_or_create(name=_LAST)
    if last.digest == path.stem:
        return 0  # it was counted, and could not be erased
    lines = spool.read(path)
    _count(lines)
    last.digest = path.stem
    last.save()
    return len(lines)


def folded(text: str) -> str:
    """What tells two needs apart: their words, without accents, capitals and marks.

    >>> folded("Plus de médecin !") == folded("plus de MEDECIN")
    True
    """
    return " ".join(words(text))[:LONGEST_NEED].strip()


def _count(lines: Iterable[spool.Line]) -> None:
    """Add lines to the list. What was handled and is said again, later, is to be looked at.

    The same words said several times between two collections count once a day: nothing tells people
    apart, and who ticks three boxes asks three times.
    """
    said: dict[str, list[spool.Line]] = {}
    for line in lines:
        if key := folded(line.text):
            said.setdefault(key, []).append(line)
    present = {row.folded: row for row in UnmetNeed.objects.filter(folded__in=said)}
    made, changed = [], []
    for key, group in said.items():
        first, last = min(one.day for one in group), max(one.day for one in group)
        row = present.get(key)
        if row is None:
            row = UnmetNeed(folded=key, count=0, first_on=first, last_on=last)
            made.append(row)
        else:
            if row.state == UnmetState.HANDLED and last > localdate(row.updated_at):
                row.state = UnmetState.OPEN
            changed.append(row)
        # The words of the last who said it; what was corrected says more than nothing found.
        best = next((one for one in reversed(group) if one.corrected), group[-1])
        row.text, row.reason = best.text[:LONGEST_NEED], best.reason
        row.understood = list(best.understood) or row.understood
        row.corrected = list(best.corrected) or row.corrected
        row.count += len({one.day for one in group})
        row.first_on, row.last_on = min(row.first_on, first), max(row.last_on, last)
    UnmetNeed.objects.bulk_create(made, batch_size=1000)
    fields = ["text", "reason", "understood", "corrected", "count", "first_on", "last_on", "state"]
    UnmetNeed.objects.bulk_update(changed, fields, batch_size=500)


def forget(today: date) -> int:
    """Erase the needs that nobody has said for ``UNMET_DAYS``, and those beyond `MOST_NEEDS`."""
    limit = today - timedelta(days=settings.MAILLAGE["UNMET_DAYS"])
    count, _ = UnmetNeed.objects.filter(last_on__lt=limit).delete()
    kept = UnmetNeed.objects.order_by("-count", "-last_on", "-id").values("pk")[:MOST_NEEDS]
    more = UnmetNeed.objects.exclude(pk__in=kept)
    if UnmetNeed.objects.count() > MOST_NEEDS:
        count += more.delete()[0]
    return count
