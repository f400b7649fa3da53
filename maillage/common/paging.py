"""Pages of a list: which numbers are shown."""

from typing import Any

from django.core.paginator import Page
from django.http import QueryDict


def page_numbers(page: Page[Any]) -> list[int | None]:
    """Numbers to show: the ends and those around the present page; ``None`` for a gap."""
    shown = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [number if isinstance(number, int) else None for number in shown]


def text_asked(data: QueryDict, longest: int = 200) -> str:
    """What a list is searched for (« q »), on one line."""
    kept = "".join(c if c.isprintable() else " " for c in data.get("q", "")[:longest])
    return " ".join(kept.split())


def page_asked(data: QueryDict) -> str:
    """The page that an address asks for, for ``get_page``: « 1 » for what is before the first, of
    which Django would make the last.
    """
    asked = data.get("page", "1").strip()
    return "1" if asked.startswith("-") or asked == "0" else asked
