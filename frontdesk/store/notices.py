"""The outbox: who must be told what, and how far each notice has come (DESIGN §8 `notice`).

Notices are delivered at least once. Whoever sends one claims it first, for a while: a process that dies between sending
and recording leaves a claim that runs out, and the notice is sent again with the same key.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from frontdesk.domain.errors import Refused
from frontdesk.domain.terms import NOTICE_STATES
from frontdesk.domain.timing import Instant
from frontdesk.store.database import Database

if TYPE_CHECKING:
    from frontdesk.domain.enclosure import Enclosure

SINGLY = 5
"""As many notices that can wait go to one recipient one by one; more become one message."""
TOGETHER = 100
"""The most notices of one message: their numbers must fit into it."""
WHOLE = ("summary", "morning")
"""Kinds whose words are what was asked for, and lie nowhere under a number: each is a message of its own."""


class NoticeDraft(NamedTuple):
    """A line for the outbox, written with its event.

    `audience` is staff, group or owner; `not_before` is when it may leave, at once if 0; `key` lets it be written once.
    `enclosures` differ in their names.
    """

    kind: str
    recipient: str
    body: str
    audience: str = "staff"
    urgent: bool = False
    not_before: Instant = 0
    key: str = ""
    enclosures: tuple[Enclosure, ...] = ()


def post(
    conn: sqlite3.Connection,
    at: Instant,
    notice: NoticeDraft,
    ticket_id: int | None = None,
    event_seq: int | None = None,
) -> None:
    """Put a notice into the outbox, inside the caller's transaction; one whose key is there already is not put again."""
    put = conn.execute(
        "INSERT INTO notice(ticket_id, event_seq, key, kind, audience, recipient, body, urgent, state, tries, error, "
        "created_at, next_at, reached) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'queued', 0, '', ?, ?, '') ON CONFLICT DO NOTHING",
        (
            *(ticket_id, event_seq, notice.key or None, notice.kind, notice.audience, notice.recipient),
            *(notice.body, int(notice.urgent), at, max(at, notice.not_before)),
        ),
    )
    if notice.enclosures and put.rowcount:
        conn.executemany(
            "INSERT INTO enclosure(notice_id, name, media, data) VALUES (?, ?, ?, ?)",
            [(put.lastrowid, *each) for each in notice.enclosures],
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
    audience: str
    urgent: bool
    created_at: Instant
    next_at: Instant | None
    sent_at: Instant | None


class Claimed(NamedTuple):
    """A notice that this process alone may send until `until`. `tries` counts this try and proves whose claim it is.

    `error` is how the try before it ended.
    """

    id: int
    ticket_id: int | None
    ticket: str
    kind: str
    audience: str
    recipient: str
    body: str
    urgent: bool
    tries: int
    reached: frozenset[str]
    error: str
    until: Instant


class Settled(NamedTuple):
    """How a try ended; `next_at` is when to try again, None for never. `untried`: nothing was sent, so none is counted."""

    state: str
    error: str = ""
    next_at: Instant | None = None
    reached: Collection[str] = ()
    untried: bool = False


_LISTED = (
    "SELECT n.id, coalesce(t.number, ''), n.kind, n.recipient, n.state, n.tries, n.error, n.body, n.audience, n.urgent, "
    "n.created_at, n.next_at, n.sent_at FROM notice n LEFT JOIN ticket t ON t.id = n.ticket_id"
)
# Spelled as their indexes are, for SQLite takes those for nothing else: years of sent notices are not looked at.
_STUCK = "n.state IN ('failed', 'unrouted')"
_DONE = "n.next_at IS NULL AND n.state IN ('sent', 'withdrawn')"
# The sign keeps SQLite from walking all notices in the order of their numbers instead.
_NEWEST = "ORDER BY +n.id DESC LIMIT ?"
_DUE = "FROM notice WHERE next_at IS NOT NULL AND next_at <= ?"


class Notices:
    """The outbox of one database."""

    def __init__(self, db: Database) -> None:
        """Bodies are written masked, so nothing here needs a key."""
        self._db = db

    def list(self, limit: int = 200, stuck: bool = False) -> list[Notice]:
        """The newest notices, unsent ones first; with `stuck` only those that wait for a person. No limit below 0."""
        with self._db.read() as conn:
            rows = conn.execute(f"{_LISTED} WHERE {_STUCK} {_NEWEST}", (limit,)).fetchall()
            if not stuck:
                rows += conn.execute(f"{_LISTED} WHERE n.next_at IS NOT NULL {_NEWEST}", (limit,))
                rows = sorted(rows, reverse=True)[: limit if limit >= 0 else None]
                left = limit - len(rows) if limit >= 0 else -1
                rows += conn.execute(f"{_LISTED} WHERE {_DONE} ORDER BY n.id DESC LIMIT ?", (left,))
        return [Notice._make(row)._replace(urgent=bool(row[9])) for row in rows]

    def failed(self) -> int:
        """How many were given up; a look at an index that holds nothing else."""
        with self._db.read() as conn:
            row = conn.execute(f"SELECT count(*) FROM notice n WHERE {_STUCK} AND n.state = 'failed'")
            return int(row.fetchone()[0])

    def retry(self, notice_id: int) -> None:
        """Queue a notice again that failed or had nowhere to go."""
        with self._db.write() as conn:
            row = conn.execute("SELECT state FROM notice WHERE id = ?", (notice_id,)).fetchone()
            if row is None:
                raise Refused(f"没有编号 {notice_id} 的通知。")
            if row[0] not in ("failed", "unrouted"):
                raise Refused(
                    f"通知 {notice_id} 现为「{NOTICE_STATES[row[0]]}」，只有发送失败或没有去向的才需要重发。"
                )
            _queue_again(conn, "id = ?", notice_id)

    def retry_all(self) -> int:
        """Queue everything again that failed or had nowhere to go; answers how many."""
        with self._db.write() as conn:
            return _queue_again(conn, "state IN ('failed', 'unrouted')")

    # --- sending -------------------------------------------------------------------------------------------------

    def due(self, now: Instant) -> bool:
        """Whether anything is to be sent now; nobody has to wait for this answer."""
        with self._db.read() as conn:
            return conn.execute(f"SELECT 1 {_DUE} LIMIT 1", (now,)).fetchone() is not None

    def claim(self, now: Instant, until: Instant, singly: int = SINGLY) -> Sequence[Claimed]:
        """Take what is to be sent next: one notice, or many of one recipient that make one message; () for nothing.

        Urgent ones first. A claim that ran out is taken over as it was made, so that a message that was perhaps sent is
        sent again in the same words.
        """
        with self._db.write() as conn:
            head = conn.execute(
                f"SELECT id, recipient, audience, urgent, state, next_at, reached, kind {_DUE} "
                "ORDER BY urgent DESC, next_at, id LIMIT 1",
                (now,),
            ).fetchone()
            if head is None:
                return ()
            chosen = [head[0]]
            alone = head[3] or head[2] == "owner" or head[7] in WHOLE
            if not alone and len(mates := _mates(conn, head, now)) > singly:
                chosen = mates
            marks = ", ".join("?" * len(chosen))
            conn.execute(
                f"UPDATE notice SET state = 'sending', tries = tries + 1, next_at = ? WHERE id IN ({marks})",
                (until, *chosen),
            )
            rows = conn.execute(
                "SELECT n.id, n.ticket_id, coalesce(t.number, ''), n.kind, n.audience, n.recipient, n.body, n.urgent, "
                "n.tries, n.reached, n.error FROM notice n LEFT JOIN ticket t ON t.id = n.ticket_id "
                f"WHERE n.id IN ({marks}) ORDER BY n.id",
                chosen,
            ).fetchall()
        return [
            Claimed._make(
                (*row[:7], bool(row[7]), row[8], frozenset(row[9].split("\n")) - {""}, row[10], until)
            )
            for row in rows
        ]

    def enclosures(self, notice_id: int) -> tuple[Enclosure, ...]:
        """What goes with a notice, by name."""
        from frontdesk.domain.enclosure import Enclosure  # only for whoever sends

        with self._db.read() as conn:
            rows = conn.execute(
                "SELECT name, media, data FROM enclosure WHERE notice_id = ? ORDER BY name", (notice_id,)
            )
            return tuple(map(Enclosure._make, rows))

    def settle(self, claimed: Iterable[Claimed], now: Instant, how: Settled) -> None:
        """Record how the try ended.

        What was sent is sent, whoever holds the claim by now; everything else counts only for the holder. What went with a
        notice that is over goes; one that was given up may be tried again, and keeps it.
        """
        sent = how.state == "sent"
        with self._db.write() as conn:
            for notice in claimed:
                reached = "\n".join(sorted(notice.reached | set(how.reached)))
                done = conn.execute(
                    "UPDATE notice SET state = ?, error = ?, next_at = ?, sent_at = ?, reached = ?, tries = tries - ? "
                    "WHERE id = ? AND "
                    + ("state IN ('sending', 'queued')" if sent else "state = 'sending' AND tries = ?"),
                    (
                        *(
                            how.state,
                            how.error,
                            how.next_at,
                            now if sent else None,
                            reached,
                            int(how.untried),
                        ),
                        *((notice.id,) if sent else (notice.id, notice.tries)),
                    ),
                )
                if done.rowcount and how.state in ("sent", "withdrawn"):
                    conn.execute("DELETE FROM enclosure WHERE notice_id = ?", (notice.id,))


def _mates(conn: sqlite3.Connection, head: Sequence[object], now: Instant) -> list[int]:
    """The due notices that may go out with this one, known at the same places; of a claim that ran out, its own."""
    _id, recipient, audience, _urgent, state, next_at, reached, _kind = head
    whole = ", ".join(f"'{kind}'" for kind in WHOLE)
    words = f"recipient = ? AND audience = ? AND reached = ? AND urgent = 0 AND kind NOT IN ({whole})"
    if state == "sending":
        rows = conn.execute(
            f"SELECT id FROM notice WHERE next_at = ? AND state = 'sending' AND {words} ORDER BY id LIMIT ?",
            (next_at, recipient, audience, reached, TOGETHER),
        )
    else:
        rows = conn.execute(
            f"SELECT id {_DUE} AND state = 'queued' AND {words} ORDER BY id LIMIT ?",
            (now, recipient, audience, reached, TOGETHER),
        )
    return [row[0] for row in rows]


def _queue_again(conn: sqlite3.Connection, which: str, *words: int) -> int:
    return conn.execute(
        f"UPDATE notice SET state = 'queued', tries = 0, next_at = created_at WHERE {which}",
        words,
    ).rowcount
