"""What a day's summary reads: open tickets from the cache, logs only where there is something to tell, no closed history.

Every query here is answered from an index: its cost grows with what is open and with what ended since the day began,
never with what the desk has done in all its years (DESIGN §12).
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from frontdesk.domain.day import TELLING, OpenLine
from frontdesk.domain.timing import Instant
from frontdesk.store.calls import PHONE
from frontdesk.store.cipher import Cipher
from frontdesk.store.database import Database
from frontdesk.store.notices import NoticeDraft, post

if TYPE_CHECKING:
    from frontdesk.domain.enclosure import Enclosure

_OPEN = "FROM ticket t INDEXED BY ix_ticket_open WHERE t.open = 1"
_LINES = f"SELECT {', '.join(OpenLine._fields)} {_OPEN}".replace("unit,", "unit_sealed,")
_TELLING = f"""
SELECT id FROM ticket INDEXED BY ix_ticket_closed_at WHERE closed_at >= ?
UNION
SELECT t.id {_OPEN} AND (t.priority = 'urgent' OR EXISTS (
    SELECT 1 FROM event e WHERE e.ticket_id = t.id AND e.kind IN ({", ".join(f"'{kind}'" for kind in TELLING)})))
"""
_THEN = f"""
SELECT t.id {_OPEN} AND t.opened_at < ?
UNION
SELECT id FROM ticket INDEXED BY ix_ticket_closed_at WHERE closed_at >= ? AND opened_at < ?
"""


class Rung(NamedTuple):
    """An incoming call as it is kept, its number in clear."""

    at: Instant
    answered_at: Instant | None
    phone: str
    seen_to: bool


class Posted(NamedTuple):
    """A summary in the outbox: its edition of the day, and whether it has just been put there."""

    edition: int
    new: bool


class Shifts(NamedTuple):
    """Turns of duty as half-open spans, by login and by what the duty is called."""

    people: dict[str, list[tuple[Instant, Instant]]]
    duties: dict[str, list[tuple[Instant, Instant]]]


class Days:
    """The day's reads of one database, and its summaries in the outbox."""

    def __init__(self, db: Database, cipher: Cipher) -> None:
        """`cipher` opens the numbers of missed calls."""
        self._db, self._cipher = db, cipher

    def open_lines(self) -> list[OpenLine]:
        """Every open ticket, from the cache."""
        with self._db.read() as conn:
            return list(map(OpenLine._make, conn.execute(_LINES)))

    def telling(self, start: Instant) -> list[int]:
        """Row ids of the tickets that ended since `start`, and of the open ones whose log has something to tell."""
        with self._db.read() as conn:
            return [row[0] for row in conn.execute(_TELLING, (start,))]

    def open_between(self, start: Instant, end: Instant) -> list[int]:
        """Row ids of the tickets opened before `end` that had not ended before `start`."""
        with self._db.read() as conn:
            return [row[0] for row in conn.execute(_THEN, (end, start, end))]

    def calls(self, start: Instant, end: Instant) -> list[Rung]:
        """The calls that came in [start, end); only an unanswered one's number is opened."""
        with self._db.read() as conn:
            rows = conn.execute(
                "SELECT at, answered_at, phone_sealed, state FROM call WHERE at >= ? AND at < ? ORDER BY at, id",
                (start, end),
            ).fetchall()
        return [
            Rung(at, answered, self._phone(sealed, answered, end), answered is None and state == "done")
            for at, answered, sealed, state in rows
        ]

    def shifts(self, start: Instant, end: Instant) -> Shifts:
        """The roster's turns that touch [start, end)."""
        found = Shifts({}, {})
        with self._db.read() as conn:
            rows = conn.execute(
                "SELECT login, duty, starts_at, ends_at FROM shift WHERE ends_at > ? AND starts_at < ?",
                (start, end),
            ).fetchall()
        for login, duty, begins, ends in rows:
            found.people.setdefault(login, []).append((begins, ends))
            found.duties.setdefault(duty, []).append((begins, ends))
        return found

    def _phone(self, sealed: bytes | None, answered: Instant | None, end: Instant) -> str:
        if sealed is None or (answered is not None and answered < end):
            return ""
        return self._cipher.open(sealed, PHONE)

    def post_summary(
        self, at: Instant, date: str, head: str, body: str, enclosures: tuple[Enclosure, ...] = ()
    ) -> Posted:
        """Put the day's summary into the outbox for the group, unless the newest of that day says the same.

        `body` decides what is the same; `head` is the line above it, in which `{edition}` becomes ` 第 2 版` from the
        second one on. A summary that was given up keeps its `enclosures` until this newer one.
        """
        with self._db.write() as conn:
            edition, before = _newest(conn, date)
            if edition and before.partition("\n")[2] == body:
                return Posted(edition, False)
            edition += 1
            text = f"{head.format(edition=f' 第 {edition} 版' if edition > 1 else '')}\n{body}"
            # Otherwise a group that nothing reaches would fill the disk, a picture a day.
            conn.execute(
                "DELETE FROM enclosure WHERE notice_id IN "
                "(SELECT id FROM notice WHERE state IN ('failed', 'unrouted') AND kind = 'summary')"
            )
            key = f"summary:{date}:{edition}"
            post(conn, at, NoticeDraft("summary", "group", text, "group", key=key, enclosures=enclosures))
        return Posted(edition, True)


def _newest(conn: sqlite3.Connection, date: str) -> tuple[int, str]:
    """(edition, text) of the newest summary of that day; (0, "") before the first."""
    rows = conn.execute(
        "SELECT key, body FROM notice WHERE key > ? AND key < ?", (f"summary:{date}:", f"summary:{date};")
    )
    return max(((int(key.rpartition(":")[2]), body) for key, body in rows), default=(0, ""))
