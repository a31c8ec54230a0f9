"""A second in which nobody does anything: 200 open tickets, some in their last ten minutes and counting seconds.

The floor is a DataTable whose rows in sight are rewritten every second.
"""

from __future__ import annotations

import time
from statistics import median

from frontdesk.desk.watch import LEASE
from frontdesk.domain.timing import HOUR, MINUTE
from frontdesk.store.leases import take
from scripts.bench.estate import Home, build
from scripts.bench.keys import TABLE
from scripts.bench.measure import CONSOLE, Plan, Row, absolute, against
from scripts.bench.terminal import Spent, Terminal

BUSY = 0, 2 * HOUR - 3 * MINUTE
"""Ages at which the two-hour limit is near for some and past for none."""
CALM = 30 * MINUTE, 40 * MINUTE
"""Ages at which every limit is an hour away, or past."""
OPEN = 200


def rows(plan: Plan) -> list[Row]:
    """A busy board against a DataTable, and a calm one against silence."""
    busy = build(plan.folder / "busy", OPEN, OPEN, BUSY)
    calm = build(plan.folder / "calm", OPEN, OPEN, CALM, grain=MINUTE)
    ours, table = [], []
    for _ in range(plan.times(4)):
        ours.append(watched(busy, 10.0))
        table.append(ticking(5.0))
    sent = [spent.sent / spent.wall for spent in ours], [spent.sent / spent.wall for spent in table]
    used = [1e3 * spent.cpu / spent.wall for spent in ours], [1e3 * spent.cpu / spent.wall for spent in table]
    return [
        absolute("an idle second", median(sent[0]), 400, "bytes", "bytes"),
        against("an idle second, of DataTable's bytes", *sent, 1 / 50, "bytes", "bytes"),
        against("an idle second, of DataTable's CPU", *used, 1 / 8, "ms", "cpu"),
        absolute(
            "seconds in which nothing changes", watched(calm, 10.0, calmly=True).sent, 0, "bytes", "bytes"
        ),
    ]


def watched(home: Home, seconds: float, calmly: bool = False) -> Spent:
    """Our console left alone; `calmly` within one minute of the clock, so that no minute turns, and with the watch in
    other hands: what it does when a limit is past is a change.
    """
    if calmly:
        desk = home.desk()
        take(desk._access.db, LEASE, "bench", int(time.time()), HOUR)
        desk.close()
    with Terminal(CONSOLE, home.environment) as terminal:
        terminal.until(lambda text: f"共{OPEN}" in text and "下一步" in text)
        terminal.listen(3.0)
        while calmly and not 2 <= time.time() % 60 <= 55 - seconds:
            terminal.listen(0.5)
        return terminal.idle(seconds)


def ticking(seconds: float) -> Spent:
    """The DataTable."""
    with Terminal([*TABLE, "--tick"]) as terminal:
        terminal.until(lambda text: "1122-20" in text)
        terminal.listen(3.0)
        return terminal.idle(seconds)
