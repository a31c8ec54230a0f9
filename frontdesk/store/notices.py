"""The outbox: who must be told what, and how far each notice has come (DESIGN §8 `notice`)."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from frontdesk.domain.errors import Refused
from frontdesk.domain.timing import Instant
from frontdesk.store.database import Database


class NoticeDraft(NamedTuple):
    """A line for the outbox, written with its event.

    `audience` is staff, group or owner; `not_before` is when it may leave, at once if 0; `key` lets it be written once.
    """

    kind: str
    recipient: str
    body: str
    audience: str = "staff"
    urgent: bool = False
    not_before: Instant = 0
    key: str = ""


def post(
    conn: sqlite3.Connection,
    at: Instant,
    notice: NoticeDraft,
    ticket_id: int | None = None,
    event_seq: int | None = None,
) -> None:
    """Put a notice into the outbox, inside the caller's transaction; one whose key is there already is not put again."""
    conn.execute(
        "INSERT INTO notice(ticket_id, event_seq, key, kind, audience, recipient, body, urgent, state, tries, error, "
        "created_at, next_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'queued', 0, '', ?, ?) ON CONFLICT DO NOTHING",
        (
            *(ticket_id, event_seq, notice.key or None, notice.kind, notice.audience, notice.recipient),
            *(notice.body, int(notice.urgent), at, max(at, notice.not_before)),
        ),
    )


class Notice(NamedTuple):
    """One line of the outbox."""

    id: int
    ticket: str
    kind: str
    recipient: str
    state: str
    tries: int
    error: str
    body: str


class Notices:
    """The outbox of one database."""

    def __init__(self, db: Database) -> None:
        """Bodies are written masked, so nothing here needs a key."""
        self._db = db

    def list(self, limit: int = 200) -> list[Notice]:
        """The newest notices, unsent ones first."""
        with self._db.read() as conn:
            rows = conn.execute(
                "SELECT n.id, coalesce(t.number, ''), n.kind, n.recipient, n.state, n.tries, n.error, n.body FROM notice n "
                "LEFT JOIN ticket t ON t.id = n.ticket_id ORDER BY n.state IN ('sent', 'withdrawn'), n.id DESC LIMIT ?",
                (limit,),
            )
            return [Notice._make(row) for row in rows]

    def retry(self, notice_id: int) -> None:
        """Queue a failed notice again."""
        with self._db.write() as conn:
            row = conn.execute("SELECT state FROM notice WHERE id = ?", (notice_id,)).fetchone()
            if row is None:
                raise Refused(f"没有编号 {notice_id} 的通知。")
            if row[0] != "failed":
                raise Refused(f"通知 {notice_id} 现为「{row[0]}」，只有发送失败的才需要重发。")
            conn.execute(
                "UPDATE notice SET state = 'queued', error = '', next_at = created_at WHERE id = ?",
                (notice_id,),
            )
