"""Every policy version that a ticket was opened under, so that its clocks can always be replayed (DESIGN §2)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from frontdesk.domain.errors import StoreTrouble
from frontdesk.domain.policy import Policy, canonical, parse_policy
from frontdesk.domain.timing import Instant
from frontdesk.store.database import Database


class Kept(NamedTuple):
    """A version in the database: when it was first used, and how many open tickets are measured by it."""

    version: str
    since: Instant
    name: str
    open: int


def audit(at: Instant, by: str, what: str, reason: str) -> Callable[[sqlite3.Connection], None]:
    """What writes the audit's line in the transaction of the step that it is about."""

    def write(conn: sqlite3.Connection) -> None:
        words = 'INSERT INTO audit(at, "by", what, reason) VALUES (?, ?, ?, ?)'
        conn.execute(words, (at, by, what, reason))

    return write


class Policies:
    """Policy versions by their digest; read once, kept in memory."""

    def __init__(self, db: Database) -> None:
        """Versions are written once and never change."""
        self._db = db
        self._known: dict[str, Policy] = {}

    def keep(self, policy: Policy, document: Mapping[str, Any], now: Instant) -> None:
        """Make sure that the version can be found again; writes only the first time."""
        self._known[policy.version] = policy
        with self._db.read() as conn:
            if conn.execute("SELECT 1 FROM policy WHERE version = ?", (policy.version,)).fetchone():
                return
        with self._db.write() as conn:
            conn.execute(
                "INSERT INTO policy(version, since, document) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (policy.version, now, canonical(document)),
            )

    def of(self, version: str) -> Policy:
        """The policy of that version; `StoreTrouble` where the database has lost it."""
        if version not in self._known:
            self._known[version] = parse_policy(self.document(version), version)
        return self._known[version]

    def document(self, version: str) -> dict[str, Any]:
        """The whole document of that version; `StoreTrouble` where the database has lost it."""
        with self._db.read() as conn:
            row = conn.execute("SELECT document FROM policy WHERE version = ?", (version,)).fetchone()
        if row is None:
            raise StoreTrouble(f"数据库里缺少时限规则版本 {version}。请从备份恢复，或运行 frontdesk doctor。")
        found: dict[str, Any] = json.loads(row[0])
        return found

    def kept(self) -> list[Kept]:
        """Every version, the newest first."""
        with self._db.read() as conn:
            rows = conn.execute("SELECT version, since, document FROM policy ORDER BY since DESC, version")
            found = rows.fetchall()
            counts = dict(conn.execute("SELECT policy, count(*) FROM ticket WHERE open = 1 GROUP BY policy"))
        return [
            Kept(
                version,
                since,
                str(json.loads(text).get("policy", {}).get("name", "")),
                counts.get(version, 0),
            )
            for version, since, text in found
        ]

    def under_others(self, version: str) -> list[str]:
        """The numbers of the open tickets that another version measures, oldest first."""
        with self._db.read() as conn:
            rows = conn.execute(
                "SELECT number FROM ticket WHERE open = 1 AND policy <> ? ORDER BY id", (version,)
            )
            return [row[0] for row in rows]
