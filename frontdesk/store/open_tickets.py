"""The board's reads: open tickets straight from the cache, without the log and the rules that writing one needs."""

from __future__ import annotations

from collections.abc import Mapping
from sys import intern
from typing import Any

from frontdesk.domain.board import BoardRow
from frontdesk.domain.timing import Instant, day_start
from frontdesk.store.cipher import Cipher
from frontdesk.store.database import Database

UNIT = "ticket.unit"
"""The column that a ticket's unit is sealed for."""

COLUMNS = (
    "id, number, kind, category, priority, status, base, due_kind, due_at, risk_at, level, title, "
    "unit_sealed, case_owner, opened_at"
)
"""What a `BoardRow` is made of, in its order."""
_FILTERS = frozenset({"kind", "category", "priority", "status", "case_owner", "department", "channel"})
_BOARD = f"""
SELECT {COLUMNS}
FROM ticket INDEXED BY ix_ticket_open WHERE open = 1 ORDER BY lane, due_at
"""


class OpenTickets:
    """The open tickets of one database, as the board shows them."""

    def __init__(self, db: Database, cipher: Cipher) -> None:
        """`cipher` opens the unit numbers, one by one as they are painted."""
        self._db, self._cipher = db, cipher
        self._last: list[BoardRow] = []

    def rows(self, limit: int = -1) -> list[BoardRow]:
        """In the board's order: emergencies, then by what is due next; `limit` -1 for all.

        A row that nobody has changed is the same object in the next whole reading: two boards cost hardly more than one.
        """
        with self._db.read() as conn:
            if limit >= 0:
                return list(map(BoardRow._make, conn.execute(f"{_BOARD} LIMIT {limit:d}")))
            known, read = {row.id: row for row in self._last}, conn.execute(_BOARD)
            rows = [
                each if (each := known.get(row[0], row)) is not row and each == row else _row(row)
                for row in read
            ]
        self._last = rows
        return rows

    def listing(self, every: bool, wanted: Mapping[str, str], limit: int) -> list[BoardRow]:
        """Tickets in the order of their numbers' days, newest first; `wanted` column → value for kind, category,
        priority, status, case_owner, department and channel; `every` also those that have ended."""
        tests = [] if every else ["open = 1"]
        tests += [f"{name} = ?" for name in wanted if name in _FILTERS]
        where = f"WHERE {' AND '.join(tests)}" if tests else ""
        with self._db.read() as conn:
            rows = conn.execute(
                f"SELECT {COLUMNS} FROM ticket {where} ORDER BY opened_at DESC, id DESC LIMIT ?",
                (*(value for name, value in wanted.items() if name in _FILTERS), limit),
            )
            return list(map(BoardRow._make, rows))

    def unit(self, sealed: bytes | None) -> str:
        """The unit of a row in clear; only the desk's mask may call this."""
        return self._cipher.open(sealed, UNIT) if sealed else ""

    def opened_today(self, now: Instant) -> int:
        """How many tickets were opened since midnight in Shanghai, ended ones too."""
        with self._db.read() as conn:
            row = conn.execute(
                "SELECT count(*) FROM ticket WHERE opened_at >= ?", (day_start(now),)
            ).fetchone()
        return int(row[0])


def _row(read: tuple[Any, ...]) -> BoardRow:
    """A row to keep: what thousands of tickets say alike (kind, category, status, owner) is the same string in all of them."""
    (
        id_,
        number,
        kind,
        category,
        priority,
        status,
        base,
        due_kind,
        due_at,
        risk_at,
        level,
        title,
        unit,
        owner,
        at,
    ) = read
    return BoardRow(
        id_,
        number,
        intern(kind),
        intern(category),
        intern(priority),
        intern(status),
        intern(base),
        intern(due_kind),
        due_at,
        risk_at,
        level,
        title,
        unit,
        intern(owner),
        at,
    )
