"""A ticket saved: event, hash chain, cache and encryption in one transaction, on disk when it is answered.

The floor is one ready-made row in the same ticket table with the same indexes, without events or encryption.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from frontdesk.desk.ticket_desk import NewTicket
from frontdesk.domain.moves import note
from frontdesk.store.tickets import Step
from scripts.bench.estate import Home, build
from scripts.bench.measure import Plan, Row, interleaved, wall

BURST = 20


def rows(plan: Plan) -> list[Row]:
    """A new ticket, and the next step of one."""
    ours, raw = build(plan.folder / "ours", 2000, 200), build(plan.folder / "raw", 2000, 200)
    desk, insert = ours.desk(), Insert(raw)
    store, policy = desk._access.tickets, desk.policy
    new = NewTicket("楼道灯不亮已多次报修，要求尽快处理并回复", "张三", "3-2-501", "19900001234")
    opening = desk.tickets.opening(new)
    now = desk.now()
    logs = iter([store.load(ticket_id) for ticket_id in range(2000, 0, -1)])

    def create() -> None:
        store.create(now, "bench", [opening], policy)

    def append() -> None:
        log = next(logs)
        store.append(log, Step(now, "bench", note(log.ticket, now, "电话里说明天上午上门"), policy))

    rounds = plan.times(40)
    opened = interleaved(wall(create, BURST), wall(insert, BURST), rounds)
    stepped = interleaved(wall(append, BURST), wall(insert, BURST), rounds)
    return [opened.row("save a new ticket", 3, "µs"), stepped.row("save a ticket's next step", 3, "µs")]


class Insert:
    """One raw insert a call, each in a transaction of its own with WAL and synchronous=FULL."""

    def __init__(self, home: Home) -> None:
        """Copies the newest ticket of `home` under new numbers."""
        self._conn = sqlite3.connect(home.database, isolation_level=None)
        self._conn.execute("PRAGMA synchronous=FULL")
        row = self._conn.execute("SELECT * FROM ticket ORDER BY id DESC LIMIT 1")
        names = [column[0] for column in row.description if column[0] != "id"]
        self._sql = f"INSERT INTO ticket({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        self._values: list[Any] = list(row.fetchone()[1:])
        self._place, self._count = names.index("number"), 0

    def __call__(self) -> None:
        """Insert one."""
        self._count += 1
        self._values[self._place] = f"raw-{self._count}"
        self._conn.execute("BEGIN IMMEDIATE")
        self._conn.execute(self._sql, self._values)
        self._conn.execute("COMMIT")
