"""Leases: work that one process at a time should do, whoever it is; a holder that dies lets go when its time is over."""

from __future__ import annotations

from frontdesk.domain.timing import Instant
from frontdesk.store.database import Database


def take(db: Database, name: str, holder: str, now: Instant, seconds: int) -> bool:
    """Take or renew the lease until `now + seconds`; False while somebody else holds it.

    A look comes before the write: whoever does not get it writes nothing, so that no console rereads for it.
    """
    with db.read() as conn:
        row = conn.execute("SELECT holder, until FROM lease WHERE name = ?", (name,)).fetchone()
    if row is not None and row[0] != holder and row[1] > now:
        return False
    if row is not None and row[0] == holder and row[1] - now > seconds // 2:
        return True
    with db.write() as conn:
        return bool(
            conn.execute(
                "INSERT INTO lease(name, holder, until) VALUES (?, ?, ?) ON CONFLICT(name) DO UPDATE "
                "SET holder = excluded.holder, until = excluded.until "
                "WHERE lease.holder = excluded.holder OR lease.until <= ?",
                (name, holder, now + seconds, now),
            ).rowcount
        )
