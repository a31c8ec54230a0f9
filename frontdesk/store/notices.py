"""The outbox: who must be told what, and how far each notice has come (DESIGN §8 `notice`)."""

from __future__ import annotations

from typing import NamedTuple

from frontdesk.domain.errors import Refused
from frontdesk.store.database import Database


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
                "SELECT n.id, t.number, n.kind, n.recipient, n.state, n.tries, n.error, n.body FROM notice n "
                "JOIN ticket t ON t.id = n.ticket_id ORDER BY n.state IN ('sent', 'withdrawn'), n.id DESC LIMIT ?",
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
            conn.execute("UPDATE notice SET state = 'queued', error = '' WHERE id = ?", (notice_id,))
