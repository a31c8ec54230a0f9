"""Incoming calls and what is known about a number: one indexed read on the way to the ring (DESIGN §12)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from frontdesk.domain.errors import Refused
from frontdesk.domain.phones import Phone, match_keys
from frontdesk.domain.timing import DAY, Instant
from frontdesk.store.cipher import Cipher
from frontdesk.store.database import Database

PHONE, NAME = "call.phone", "call.name"
RING_SECONDS = 60
"""A call still marked ringing after this long was lost with its exchange; the board stops showing it as ringing."""


class Call(NamedTuple):
    """One call in clear; masked by the desk before anybody sees it.

    `answered_by` has lifted it or called back; without an `answered_at` it was missed, and they have seen to it.
    """

    id: int
    at: Instant
    state: str
    kind: str
    phone: str
    name: str
    answered_by: str
    ticket_id: int | None
    answered_at: Instant | None


class Owner(NamedTuple):
    """A resident whom a number may belong to, in clear."""

    id: int
    name: str
    unit: str
    tags: tuple[str, ...]


class Known(NamedTuple):
    """What the store knows of a number: its owners, their open tickets, calls in 30 and in 7 days, the ids of their last
    tickets.
    """

    owners: tuple[Owner, ...]
    open_tickets: tuple[tuple[str, str], ...]
    calls_30_days: int
    recent: tuple[int, ...]
    calls_7_days: int


_COLUMNS = "id, at, state, phone_kind, phone_sealed, name_sealed, answered_by, ticket_id, answered_at"


class Calls:
    """The calls of one database."""

    def __init__(self, db: Database, cipher: Cipher) -> None:
        """`cipher` seals numbers and names and makes the blind index that finds them."""
        self._db, self._cipher = db, cipher

    def ring(self, at: Instant, phone: Phone, name: str, uid: str = "") -> int:
        """Log a ringing call; the same exchange `uid` twice is one call. Answers its id."""
        sealed_phone = self._cipher.seal(phone.text, PHONE) if phone.digits else None
        index = self._cipher.index(phone.digits, "phone") if phone.digits else None
        with self._db.write() as conn:
            if uid and (row := conn.execute("SELECT id FROM call WHERE uid = ?", (uid,)).fetchone()):
                return int(row[0])
            cursor = conn.execute(
                "INSERT INTO call(uid, at, state, live, phone_kind, phone_index, phone_sealed, name_sealed, answered_by) "
                "VALUES (?, ?, 'ringing', 1, ?, ?, ?, ?, '')",
                (
                    uid or None,
                    at,
                    phone.kind,
                    index,
                    sealed_phone,
                    self._cipher.seal(name, NAME) if name else None,
                ),
            )
            return int(cursor.lastrowid or 0)

    def get(self, call_id: int) -> Call:
        """The call with that id; `Refused` where there is none."""
        with self._db.read() as conn:
            row = conn.execute(f"SELECT {_COLUMNS} FROM call WHERE id = ?", (call_id,)).fetchone()
        if row is None:
            raise Refused(f"没有编号 {call_id} 的来电。")
        return self._call(row)

    def _call(self, row: Sequence[object]) -> Call:
        call_id, at, state, kind, phone, name, by, ticket, answered_at = row
        shown = self._cipher.open(phone, PHONE) if isinstance(phone, bytes) else ""
        called = self._cipher.open(name, NAME) if isinstance(name, bytes) else ""
        return Call(call_id, at, state, kind, shown, called, by, ticket, answered_at)  # type: ignore[arg-type]

    def live(self, now: Instant, limit: int = 20) -> list[Call]:
        """Calls that still need somebody: ringing, answered without an end, missed and not called back; newest first."""
        with self._db.read() as conn:
            rows = conn.execute(
                f"SELECT {_COLUMNS} FROM call WHERE live = 1 AND at > ? ORDER BY at DESC, id DESC LIMIT ?",
                (now - 2 * DAY, limit),
            ).fetchall()
        return [self._call(row) for row in rows]

    def recent(self, limit: int) -> list[Call]:
        """The newest calls of any state."""
        with self._db.read() as conn:
            rows = conn.execute(
                f"SELECT {_COLUMNS} FROM call ORDER BY at DESC, id DESC LIMIT ?", (limit,)
            ).fetchall()
        return [self._call(row) for row in rows]

    def answer(self, call_id: int, at: Instant, by: str) -> None:
        """Somebody lifted it; the second one to try is told who was quicker."""
        with self._db.write() as conn:
            _move(conn, call_id, "answered", ("ringing", "missed"), at, by)

    def miss(self, call_id: int) -> None:
        """Nobody lifted it: it stays on the board until somebody calls back."""
        with self._db.write() as conn:
            _move(conn, call_id, "missed", ("ringing",), None, "")

    def done(self, call_id: int, at: Instant, by: str) -> None:
        """Nothing more to do about this call. `by` has seen to one that was missed, and nobody has answered it."""
        with self._db.write() as conn:
            # One that rings beside its own ticket was written down by hand and counts as answered (domain/dashboard.py).
            conn.execute(
                "UPDATE call SET state = 'missed' WHERE id = ? AND state = 'ringing' AND at <= ? AND ticket_id IS NULL",
                (call_id, at - RING_SECONDS),
            )
            _move(conn, call_id, "done", ("answered", "missed"), None, by)

    @staticmethod
    def attach(conn: sqlite3.Connection, call_id: int, ticket_id: int) -> None:
        """Tie the call to a ticket, in the ticket's transaction; an answered call is then done."""
        conn.execute(
            "UPDATE call SET ticket_id = ?, state = CASE state WHEN 'answered' THEN 'done' ELSE state END, "
            "live = CASE state WHEN 'answered' THEN 0 ELSE live END WHERE id = ?",
            (ticket_id, call_id),
        )

    def known(self, phone: Phone, now: Instant) -> Known:
        """Who this number may be, from its keyed indexes alone."""
        keys = [self._cipher.index(digits, "phone") for digits in match_keys(phone)]
        if not keys:
            return Known((), (), 0, (), 0)
        marks = ", ".join("?" * len(keys))
        with self._db.read() as conn:
            owners = conn.execute(
                "SELECT DISTINCT r.id, r.name_sealed, r.unit_sealed, r.tags, r.unit_index FROM resident_phone p "
                f"JOIN resident r ON r.id = p.resident_id WHERE p.phone_index IN ({marks}) ORDER BY r.id LIMIT 6",
                keys,
            ).fetchall()
            month, week = conn.execute(
                f"SELECT count(*), coalesce(sum(at > ?), 0) FROM call WHERE phone_index IN ({marks}) AND at > ?",
                (now - 7 * DAY, *keys, now - 30 * DAY),
            ).fetchone()
            tickets = _tickets(conn, keys, [row[4] for row in owners])
        return Known(
            tuple(self._owner(row) for row in owners),
            tuple((number, title) for _id, number, title, is_open in tickets if is_open),
            int(month),
            tuple(row[0] for row in tickets),
            int(week),
        )

    def owner(self, resident_id: int) -> Owner:
        """The resident with that id, in clear; `Refused` where there is none."""
        with self._db.read() as conn:
            row = conn.execute(
                "SELECT id, name_sealed, unit_sealed, tags, unit_index FROM resident WHERE id = ?",
                (resident_id,),
            ).fetchone()
        if row is None:
            raise Refused("这位业主的资料已不在。请重新选择，或手工填写。")
        return self._owner(row)

    def _owner(self, row: Sequence[object]) -> Owner:
        resident_id, name, unit, tags, _index = row
        assert isinstance(name, bytes) and isinstance(unit, bytes)
        shown = self._cipher.open(name, "resident.name"), self._cipher.open(unit, "resident.unit")
        return Owner(int(str(resident_id)), *shown, tuple(str(tags).split("、")) if tags else ())


def _move(
    conn: sqlite3.Connection,
    call_id: int,
    state: str,
    allowed: tuple[str, ...],
    answered_at: Instant | None,
    by: str,
) -> None:
    """To its next state; when it was answered and by whom stays as it was first written."""
    row = conn.execute("SELECT state, answered_by FROM call WHERE id = ?", (call_id,)).fetchone()
    if row is None:
        raise Refused(f"没有编号 {call_id} 的来电。")
    if row[0] not in allowed:
        who = f"，{row[1]} 已处理" if row[1] else ""
        raise Refused(f"这个来电已不在等待中{who}。")
    conn.execute(
        "UPDATE call SET state = ?, live = ?, answered_at = coalesce(answered_at, ?), "
        "answered_by = CASE WHEN answered_by = '' THEN ? ELSE answered_by END WHERE id = ?",
        (state, int(state != "done"), answered_at, by, call_id),
    )


def _tickets(
    conn: sqlite3.Connection, phones: list[bytes], units: list[bytes]
) -> list[tuple[int, str, str, int]]:
    """The newest tickets of these numbers and units, open ones first: (id, number, title, open)."""
    found: dict[int, tuple[int, str, str, int]] = {}
    for column, keys in (("phone_index", phones), ("unit_index", units)):
        for key in keys:
            for row in conn.execute(
                f"SELECT id, number, title, open FROM ticket WHERE {column} = ? ORDER BY opened_at DESC LIMIT 10",
                (key,),
            ):
                found[row[0]] = row
    return sorted(found.values(), key=lambda row: (-row[3], -row[0]))
