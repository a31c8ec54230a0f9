"""Which tickets an export takes, a page of row ids at a time: memory does not grow with what there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from frontdesk.domain.timing import Instant
from frontdesk.store.database import Database

PAGE = 500


class Scope(NamedTuple):
    """Tickets opened in [first, last), all of them or those that are open."""

    first: Instant
    last: Instant
    still_open: bool = False


class Extracts:
    """Pages of tickets in the order of their opening."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def count(self, scope: Scope) -> int:
        """How many tickets there are in it now."""
        where = "INDEXED BY ix_ticket_open WHERE open = 1 AND" if scope.still_open else "WHERE"
        with self._db.read() as conn:
            row = conn.execute(
                f"SELECT count(*) FROM ticket {where} opened_at >= ? AND opened_at < ?",
                (scope.first, scope.last),
            ).fetchone()
        return int(row[0])

    def pages(self, scope: Scope) -> Iterator[list[int]]:
        """Row ids, at most `PAGE` at a time. Each page is a read of its own: writers beside a long export never wait."""
        if scope.still_open:
            yield from self._open(scope)
            return
        at, last_id = scope.first, 0
        while True:
            with self._db.read() as conn:
                rows = conn.execute(
                    "SELECT opened_at, id FROM ticket WHERE (opened_at, id) > (?, ?) AND opened_at < ? "
                    "ORDER BY opened_at, id LIMIT ?",
                    (at, last_id, scope.last, PAGE),
                ).fetchall()
            if not rows:
                return
            yield [row[1] for row in rows]
            at, last_id = rows[-1]

    def _open(self, scope: Scope) -> Iterator[list[int]]:
        with self._db.read() as conn:
            rows = conn.execute(
                "SELECT id FROM ticket INDEXED BY ix_ticket_open WHERE open = 1 AND opened_at >= ? AND opened_at < ? "
                "ORDER BY opened_at, id",
                (scope.first, scope.last),
            ).fetchall()
        for start in range(0, len(rows), PAGE):
            yield [row[0] for row in rows[start : start + PAGE]]
