"""The editions of the monthly sheet, and the stamp that tells at a glance whether a month's tickets have changed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from hashlib import sha256

from frontdesk.domain.editions import Edition, from_document
from frontdesk.domain.timing import Instant
from frontdesk.store.database import Database

_COLUMNS = 'month, number, at, "by", reason, digest, state'


class Editions:
    """What has been written, month by month."""

    def __init__(self, db: Database) -> None:
        """In the database that the tickets are in."""
        self._db = db

    def last(self, month: str) -> Edition | None:
        """The newest edition of a month."""
        with self._db.read() as conn:
            row = conn.execute(
                f"SELECT {_COLUMNS}, content FROM edition WHERE month = ? ORDER BY number DESC LIMIT 1",
                (month,),
            ).fetchone()
        return None if row is None else from_document(row[:7], json.loads(zlib.decompress(row[7])))

    def history(self) -> list[tuple[str, int, Instant, str, str, str, str]]:
        """(month, number, at, by, reason, digest, state) of every edition, the oldest first."""
        with self._db.read() as conn:
            return conn.execute(f"SELECT {_COLUMNS} FROM edition ORDER BY month, number").fetchall()

    def oldest_open(self) -> str | None:
        """The first month that has been written and not closed yet."""
        with self._db.read() as conn:
            row = conn.execute("SELECT min(month) FROM edition WHERE state = 'open'").fetchone()
        return None if row[0] is None else str(row[0])

    def newest(self) -> str | None:
        """The last month that has been written."""
        with self._db.read() as conn:
            row = conn.execute("SELECT max(month) FROM edition").fetchone()
        return None if row[0] is None else str(row[0])

    def advance(self, month: str, choose: Callable[[Edition | None], Edition]) -> Edition:
        """Let `choose` decide on the newest edition and keep its answer, all in one transaction.

        So of two exports that close a month at once the second finds it closed.
        """
        with self._db.write() as conn:
            row = conn.execute(
                f"SELECT {_COLUMNS}, content FROM edition WHERE month = ? ORDER BY number DESC LIMIT 1",
                (month,),
            ).fetchone()
            last = None if row is None else from_document(row[:7], json.loads(zlib.decompress(row[7])))
            chosen = choose(last)
            if chosen is not last:
                told = json.dumps(chosen.document, ensure_ascii=False, separators=(",", ":"))
                head = (chosen.month, chosen.number, chosen.at, chosen.by, chosen.reason)
                conn.execute(
                    f"INSERT INTO edition({_COLUMNS}, content, stamp, file) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', '') "
                    'ON CONFLICT(month, number) DO UPDATE SET at = excluded.at, "by" = excluded."by", '
                    "reason = excluded.reason, digest = excluded.digest, state = excluded.state, "
                    "content = excluded.content, stamp = '', file = ''",
                    (*head, chosen.digest, chosen.state, zlib.compress(told.encode())),
                )
        return chosen

    def settled(self, month: str) -> tuple[str, str]:
        """(stamp, SHA-256 of the file) of the newest edition's last writing; empty where there was none."""
        with self._db.read() as conn:
            row = conn.execute(
                "SELECT stamp, file FROM edition WHERE month = ? ORDER BY number DESC LIMIT 1", (month,)
            ).fetchone()
        return ("", "") if row is None else (str(row[0]), str(row[1]))

    def settle(self, edition: Edition, stamp: str, file: str) -> None:
        """Remember what the file of that edition was made of and what it is."""
        with self._db.write() as conn:
            conn.execute(
                "UPDATE edition SET stamp = ?, file = ? WHERE month = ? AND number = ? AND digest = ?",
                (stamp, file, edition.month, edition.number, edition.digest),
            )

    def first_ticket(self) -> Instant | None:
        """When the oldest ticket was opened."""
        with self._db.read() as conn:
            row = conn.execute("SELECT min(opened_at) FROM ticket").fetchone()
        return None if row[0] is None else int(row[0])

    def stamp(self, windows: list[tuple[Instant, Instant]]) -> str:
        """A digest over the newest event of every ticket that was open in one of the half-open windows.

        The event's hash stands for the whole chain before it, so equal stamps mean equal tickets.
        """
        found = sha256()
        with self._db.read() as conn:
            for start, end in windows:
                rows = conn.execute(
                    "SELECT t.id, e.hash FROM ticket t JOIN event e ON e.ticket_id = t.id AND e.seq = t.version "
                    "WHERE t.opened_at < ? AND (t.closed_at IS NULL OR t.closed_at >= ?) ORDER BY t.id",
                    (end, start),
                )
                for row in rows:
                    found.update(f"{row[0]}:{row[1]}\n".encode())
                found.update(b"--\n")
        return found.hexdigest()
