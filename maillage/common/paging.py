"""Pages of a list: which numbers are shown."""

from typing import Any

from django.core.paginator import Page


def page_numbers(page: Page[Any]) -> list[int | None]:
    """Numbers to show: the ends and those around the present page; ``None`` for a gap."""
    shown = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [number if isinstance(number, int) else None for number in shown]
