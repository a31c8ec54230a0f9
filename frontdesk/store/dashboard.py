"""The dashboard's reads: counts off indexes alone, so that they cost what today and thirty days hold, never what there is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from frontdesk.domain.board import BoardRow
from frontdesk.domain.dashboard import Ringing
from frontdesk.domain.timing import Instant
from frontdesk.store.database import Database
from frontdesk.store.open_tickets import COLUMNS


class Flow:
    """How tickets and calls of one database have come and gone."""

    def __init__(self, db: Database) -> None:
        """Nothing personal is read, so no cipher is needed."""
        self._db = db

    def opened(self, edges: Sequence[Instant]) -> list[int]:
        """How many tickets were opened between each edge and the next."""
        return self._counts("opened_at", edges)

    def closed(self, edges: Sequence[Instant]) -> list[int]:
        """How many tickets ended between each edge and the next, as they stand now."""
        return self._counts("closed_at", edges)

    def _counts(self, column: str, edges: Sequence[Instant]) -> list[int]:
        # A count for each span: grouping by an expression would sort what the index has in order already.
        words = f"SELECT count(*) FROM ticket WHERE {column} >= ? AND {column} < ?"
        with self._db.read() as conn:
            return [int(conn.execute(words, span).fetchone()[0]) for span in pairwise(edges)]

    def calls(self, first: Instant, last: Instant) -> list[Ringing]:
        """The calls in [first, last)."""
        with self._db.read() as conn:
            rows = conn.execute(
                "SELECT at, state, answered_at, ticket_id IS NOT NULL FROM call WHERE at >= ? AND at < ?",
                (first, last),
            )
            return [Ringing(at, state, answered, bool(ticket)) for at, state, answered, ticket in rows]

    def promised(self, first: Instant, last: Instant) -> list[int]:
        """Row ids of the tickets with a promise that falls due in [first, last)."""
        with self._db.read() as conn:
            # Worded as the index ix_event_promised is, or SQLite would not take it.
            rows = conn.execute(
                "SELECT DISTINCT ticket_id FROM event WHERE kind = 'promised' "
                "AND json_extract(data, '$.due_at') >= ? AND json_extract(data, '$.due_at') < ? ORDER BY ticket_id",
                (first, last),
            )
            return [row[0] for row in rows]

    def opened_between(self, first: Instant, last: Instant, limit: int) -> list[BoardRow]:
        """The tickets opened in [first, last), the newest first, ended ones too."""
        with self._db.read() as conn:
            rows = conn.execute(
                f"SELECT {COLUMNS} FROM ticket WHERE opened_at >= ? AND opened_at < ? "
                "ORDER BY opened_at DESC, id DESC LIMIT ?",
                (first, last, limit),
            )
            return list(map(BoardRow._make, rows))

    def rows(self, ids: Sequence[int]) -> list[BoardRow]:
        """The tickets with these row ids, in their order."""
        found: dict[int, BoardRow] = {}
        with self._db.read() as conn:
            for start in range(0, len(ids), 500):
                chunk = ids[start : start + 500]
                marks = ", ".join("?" * len(chunk))
                for row in conn.execute(f"SELECT {COLUMNS} FROM ticket WHERE id IN ({marks})", chunk):
                    found[row[0]] = BoardRow._make(row)
        return [found[each] for each in ids if each in found]
