"""Turns of duty and handovers: what was planned, what was signed, and whose each thing is (A-DAY 08:28)."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from frontdesk.domain.errors import Refused
from frontdesk.domain.roster import Turn
from frontdesk.domain.timing import DAY, Instant, day_start
from frontdesk.store.database import Database

_TURN = "login, name, duty, starts_at, ends_at"
_CHUNK = 500
"""Keys in one question."""
_NEWEST = 20_000
"""Notices that are looked through for those that nobody got: a few days' worth, not all that ever were."""


class Replaced(NamedTuple):
    """What importing a roster did: turns that are new, were there already, and were taken out."""

    added: int
    same: int
    removed: tuple[Turn, ...]


class Kept(NamedTuple):
    """A handover as it is kept; `held`: key → (login of who has it, when it was taken)."""

    id: int
    given_at: Instant
    given_by: str
    taken_at: Instant | None
    taken_by: str
    page: str
    held: Mapping[str, tuple[str, Instant | None]]


class GivenUp(NamedTuple):
    """A notice that did not reach anybody and is not tried any more."""

    id: int
    at: Instant
    ticket: str
    kind: str
    recipient: str


class Shifts:
    """The turns and handovers of one database."""

    def __init__(self, db: Database) -> None:
        """Pages are written masked, so nothing here needs a key."""
        self._db = db

    # --- turns -----------------------------------------------------------------------------------------------

    def turns(self, start: Instant, end: Instant) -> tuple[Turn, ...]:
        """The turns that reach into [start, end), in the order of their beginning."""
        with self._db.read() as conn:
            return _turns(conn, start, end)

    def replace(
        self, turns: Sequence[Turn], kept: Collection[tuple[Instant, str]] = (), dry_run: bool = False
    ) -> Replaced:
        """Make these the turns of their days and duties; a day and duty in `kept` loses none that it has.

        All or nothing; the same turns again change nothing. A turn belongs to the day on which it begins.
        """
        if not turns:
            return Replaced(0, 0, ())
        if dry_run:
            with self._db.read() as conn:
                return _compared(conn, turns, kept)
        with self._db.write() as conn:
            done = _compared(conn, turns, kept)
            conn.executemany(
                "DELETE FROM shift WHERE login = ? AND name = ? AND duty = ? AND starts_at = ? AND ends_at = ?",
                [(t.login, t.name, t.duty, t.starts_at, t.ends_at) for t in done.removed],
            )
            conn.executemany(
                f"INSERT INTO shift({_TURN}) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT(login, name, duty, starts_at) DO UPDATE SET ends_at = excluded.ends_at",
                turns,
            )
        return done

    # --- handovers -------------------------------------------------------------------------------------------

    def give(self, at: Instant, by: str, page: str, holders: Mapping[str, str]) -> int:
        """Keep a page that was signed over; `holders` key → login of whose it is until somebody takes it. Answers its id."""
        with self._db.write() as conn:
            cursor = conn.execute(
                "INSERT INTO handover(given_at, given_by, taken_by, page) VALUES (?, ?, '', ?)",
                (at, by, page),
            )
            handover_id = int(cursor.lastrowid or 0)
            conn.executemany(
                "INSERT INTO handover_item(handover_id, key, owner) VALUES (?, ?, ?)",
                [(handover_id, key, holder) for key, holder in holders.items()],
            )
        return handover_id

    def get(self, handover_id: int) -> Kept:
        """The handover with that id; `Refused` where there is none."""
        with self._db.read() as conn:
            row = conn.execute(
                "SELECT id, given_at, given_by, taken_at, taken_by, page FROM handover WHERE id = ?",
                (handover_id,),
            ).fetchone()
            if row is None:
                raise Refused(f"没有第 {handover_id} 号交接。请用 handover --list 核对。")
            held = conn.execute(
                "SELECT key, owner, taken_at FROM handover_item WHERE handover_id = ?", (handover_id,)
            ).fetchall()
        return Kept._make((*row, {key: (owner, taken_at) for key, owner, taken_at in held}))

    def newest(self) -> int | None:
        """The id of the handover that was given last."""
        with self._db.read() as conn:
            row = conn.execute("SELECT id FROM handover ORDER BY id DESC LIMIT 1").fetchone()
        return int(row[0]) if row else None

    def recent(self, limit: int) -> list[int]:
        """The ids of the newest handovers, the newest first."""
        with self._db.read() as conn:
            rows = conn.execute("SELECT id FROM handover ORDER BY id DESC LIMIT ?", (limit,))
            return [row[0] for row in rows]

    def untaken(self, keys: Sequence[str]) -> dict[str, str]:
        """Key → login of who has had the matter since an earlier page from which nobody took it."""
        found: dict[str, str] = {}
        with self._db.read() as conn:
            for start in range(0, len(keys), _CHUNK):
                chunk = keys[start : start + _CHUNK]
                found |= dict(
                    conn.execute(
                        "SELECT key, owner FROM handover_item "
                        f"WHERE taken_at IS NULL AND key IN ({', '.join('?' * len(chunk))}) ORDER BY handover_id",
                        chunk,
                    ).fetchall()
                )
        return found

    @staticmethod
    def take(
        conn: sqlite3.Connection, handover_id: int, key: str, by: str, at: Instant
    ) -> tuple[str, Instant] | None:
        """One matter becomes somebody's, on every page that has it; None, or who was quicker and when."""
        row = conn.execute(
            "SELECT owner, taken_at FROM handover_item WHERE handover_id = ? AND key = ?", (handover_id, key)
        ).fetchone()
        if row is not None and row[1] is not None:
            return row[0], row[1]
        conn.execute(
            "UPDATE handover_item SET owner = ?, taken_at = ? WHERE key = ? AND taken_at IS NULL",
            (by, at, key),
        )
        Shifts.sign(conn, handover_id, by, at)
        return None

    @staticmethod
    def sign(conn: sqlite3.Connection, handover_id: int, by: str, at: Instant) -> None:
        """The second signature, of whoever takes first."""
        conn.execute(
            "UPDATE handover SET taken_at = ?, taken_by = ? WHERE id = ? AND taken_at IS NULL",
            (at, by, handover_id),
        )

    # --- what else a page needs --------------------------------------------------------------------------------

    def given_up(self, since: Instant) -> list[GivenUp]:
        """Notices of that time on that nobody got and that are not tried any more."""
        with self._db.read() as conn:
            rows = conn.execute(
                "SELECT n.id, n.created_at, coalesce(t.number, ''), n.kind, n.recipient FROM notice n "
                "LEFT JOIN ticket t ON t.id = n.ticket_id "
                "WHERE n.id > (SELECT coalesce(max(id), 0) - ? FROM notice) AND n.next_at IS NULL "
                "AND n.state NOT IN ('sent', 'withdrawn') AND n.created_at >= ? ORDER BY n.id",
                (_NEWEST, since),
            )
            return [GivenUp._make(row) for row in rows]

    def people(self) -> list[tuple[str, str, str]]:
        """(login, name, role) of the active operators, in the order in which they came."""
        with self._db.read() as conn:
            return conn.execute("SELECT login, name, role FROM operator WHERE active ORDER BY id").fetchall()


def _turns(conn: sqlite3.Connection, start: Instant, end: Instant) -> tuple[Turn, ...]:
    rows = conn.execute(
        f"SELECT {_TURN} FROM shift WHERE ends_at > ? AND starts_at < ? ORDER BY starts_at, duty, name, login",
        (start, end),
    )
    return tuple(map(Turn._make, rows))


def _compared(
    conn: sqlite3.Connection, turns: Iterable[Turn], kept: Collection[tuple[Instant, str]]
) -> Replaced:
    wanted = set(turns)
    days = {(day_start(turn.starts_at), turn.duty) for turn in wanted}
    first, last = min(days)[0], max(days)[0] + DAY
    here = {turn for turn in _turns(conn, first, last) if (day_start(turn.starts_at), turn.duty) in days}
    gone = [turn for turn in here - wanted if (day_start(turn.starts_at), turn.duty) not in kept]
    return Replaced(
        len(wanted - here), len(wanted & here), tuple(sorted(gone, key=lambda t: (t.starts_at, t.name)))
    )
