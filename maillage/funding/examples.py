"""The fifteen experiences of the guide as plans: ``maillage/data/plans/exemples.toml``.

Amounts are those of the guide, its errors kept and said. An experience without usable figures is
there too, with the reason.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from maillage.funding.document import PlanDocument, read

EXAMPLES: Final = Path(__file__).resolve().parents[1] / "data" / "plans" / "exemples.toml"
SOURCE: Final = "Guide Smart village, Réseau rural national et ADRETS, 2022"


@dataclass(frozen=True, slots=True)
class Example:
    """An experience. ``errors`` are those of the guide; ``computed`` what it does not print;
    ``none`` why there is no plan to check.
    """

    slug: str
    title: str
    experience: str
    page: int
    plan: Mapping[str, Any] | None
    errors: tuple[str, ...] = ()
    computed: tuple[str, ...] = ()
    none: str = ""
    shown: bool = False

    @property
    def source(self) -> str:
        """Where it comes from."""
        return f"{SOURCE}, page {self.page}"

    def document(self, day: date) -> PlanDocument:
        """Its plan, under the law of a day. Raises ``ValueError`` when it has none."""
        if self.plan is None:
            raise ValueError(self.none)
        return read(self.plan, day)


@cache
def known() -> dict[str, Example]:
    """The experiences, in the order of the guide, by their name in addresses."""
    rows = tomllib.loads(EXAMPLES.read_text(encoding="utf-8"))["examples"]
    return {
        row["slug"]: Example(
            slug=row["slug"],
            title=row["title"],
            experience=row["experience"],
            page=row["page"],
            plan=row.get("plan"),
            errors=tuple(row.get("errors", ())),
            computed=tuple(row.get("computed", ())),
            none=row.get("none", ""),
            shown=row.get("shown", False),
        )
        for row in rows
    }
