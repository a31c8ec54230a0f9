"""A thousand watchers killed at random moments while two consoles work: what is lost, and what is done twice.

Each watcher is killed with SIGKILL after a random number of statements. Afterwards
every ticket's log is read: a duty may be marked once and must be, and each of its notices must be in the outbox once.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.synchronize import Event as Signal

from frontdesk.desk.ticket_desk import NewTicket
from frontdesk.desk.watch import WATCHER
from frontdesk.domain.duties import due
from frontdesk.domain.timing import MINUTE
from frontdesk.store.database import Database
from scripts.bench.estate import Home, build
from scripts.bench.measure import Plan, Row, absolute

HASTE = 120
"""How much faster than the world everybody's clock goes here: some hours' duties fall due while the bench runs."""
BEGUN = int(time.time())
"""When this process began; the spawned ones are told the first one's."""


def hasty(begun: int) -> Callable[[], int]:
    """The clock that consoles and watchers share."""
    return lambda: begun + int((time.time() - begun) * HASTE)


def rows(plan: Plan) -> list[Row]:
    """The kills, then the reckoning."""
    home, context = build(plan.folder / "home", 400, 200), get_context("spawn")
    over = context.Event()
    consoles = [
        context.Process(target=work, args=(home, over, seed, BEGUN), daemon=True) for seed in range(2)
    ]
    for console in consoles:
        console.start()
    count = plan.times(1000)
    killer = context.Process(target=kill_all, args=(home, count, BEGUN))
    killer.start()
    killer.join()
    over.set()
    for console in consoles:
        console.join(60)
    lost, doubled, saved = reckon(home, BEGUN)
    return [
        absolute(f"{count:,} watchers killed at work, beside {saved} saves: lost", lost, 0, "", "count"),
        absolute("the same: done twice", doubled, 0, "", "count"),
    ]


def work(home: Home, over: Signal, seed: int, begun: int) -> None:
    """A console at a desk's pace."""
    desk, chance = home.desk(hasty(begun)), random.Random(seed)
    while not over.wait(0.05 + 0.1 * chance.random()):
        number = desk.tickets.open(NewTicket(text="楼道灯不亮，请尽快处理", channel="wechat")).number
        desk.tickets.dispatch(number)
        if chance.random() < 0.5:
            desk.tickets.promise(number, "给您回话", desk.now() + chance.randint(5, 60) * MINUTE)


def kill_all(home: Home, count: int, begun: int) -> None:
    """Watchers one after the other, each a process that dies at a moment of its own; forked, so that starting one is cheap."""
    chance = random.Random(11)
    for _ in range(count):
        statements = chance.randint(1, 60)
        pid = os.fork()
        if pid == 0:
            sweep_and_die(home, begun, statements)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        if status not in (0, signal.SIGKILL):
            raise RuntimeError(f"a watcher ended with {status}")


def sweep_and_die(home: Home, begun: int, statements: int) -> None:
    """One watcher."""
    left, connect = statements, Database.connect

    def count(_statement: str) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def traced(self: Database) -> sqlite3.Connection:
        conn = connect(self)
        conn.set_trace_callback(count)
        return conn

    Database.connect = traced  # type: ignore[method-assign]
    home.desk(hasty(begun)).sweep()


def reckon(home: Home, begun: int) -> tuple[int, int, int]:
    """(duties and notices that are missing, those that are there twice, tickets opened meanwhile)."""
    clock = hasty(begun)
    desk, end = home.desk(clock), clock()
    desk.sweep(end)
    lost = doubled = 0
    with desk._access.db.read() as conn:
        posted = Counter(
            conn.execute("SELECT ticket_id, event_seq, kind, recipient FROM notice WHERE audience <> 'owner'")
        )
    doubled += sum(count - 1 for count in posted.values())
    told = Counter((ticket, seq) for ticket, seq, _kind, _to in posted)
    opened = 0
    for log in desk._access.tickets.logs():
        opened += log.ticket.channel == "wechat"
        lost += len(due(log.ticket, desk._access.policies.of(log.ticket.policy), end))
        reached: dict[str, int] = {}
        for event in log.events:
            for about, step in event.data.get("done", {}).items():
                doubled += step <= reached.get(about, 0)
                reached[about] = step
            if event.by == WATCHER and event.kind in ("escalated", "reminded"):
                lost += told[log.id, event.seq] < (1 if event.kind == "escalated" else len(event.data["to"]))
    return lost + len(desk.examine()), doubled, opened
