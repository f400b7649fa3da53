"""PostgreSQL full text beside the engine: the same entries, the same needs, nothing tuned.

Used by the measures of quality when ``DATABASE_URL`` is set. Entries go to a temporary table that
disappears with the connection: nothing of the database is read or changed.
"""

import os
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import psycopg

from maillage.engine.types import Offer

_TABLE = """
CREATE TEMPORARY TABLE bench_entries AS
SELECT id, setweight(to_tsvector('french', title), 'A')
        || setweight(to_tsvector('french', said), 'B')
        || setweight(to_tsvector('french', summary), 'C')
        || setweight(to_tsvector('french', rest), 'D') AS said
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
     AS entry(id, title, said, summary, rest)
"""
#: Every word asked must be there; or any of them.
_QUERIES = {
    "AND": "websearch_to_tsquery('french', %s)",
    "OR": "replace(plainto_tsquery('french', %s)::text, '&', '|')::tsquery",
}


def database_url() -> str | None:
    """Where PostgreSQL is, or ``None``: then these rows are left out."""
    return os.environ.get("DATABASE_URL") or None


class PostgresSearch:
    """``ts_rank_cd`` over title, words of users, summary, description (weights A to D)."""

    def __init__(self, url: str, offers: Sequence[Offer]) -> None:
        """Raises ``psycopg.OperationalError`` when the database does not answer."""
        self._connection = psycopg.connect(url)
        self._connection.execute(
            _TABLE,
            (
                [o.id for o in offers],
                [o.title for o in offers],
                [" . ".join(o.words) for o in offers],
                [o.summary for o in offers],
                [f"{o.provider_name} {o.description}" for o in offers],
            ),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        self._connection.rollback()
        self._connection.close()

    def ranked(self, text: str, mode: str, limit: int = 10) -> list[str]:
        """Ids of the best entries; ``mode`` is ``AND`` or ``OR``; ties by id."""
        found = self._connection.execute(
            "SELECT id FROM bench_entries, (SELECT " + _QUERIES[mode] + " AS asked) AS q "
            "WHERE said @@ asked ORDER BY ts_rank_cd(said, asked) DESC, id LIMIT %s",
            (text.replace("\x00", " "), limit),
        )
        return [str(row[0]) for row in found]
