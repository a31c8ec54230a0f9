"""Two consoles on one file: how long after one has saved the other holds the new board, and what watching costs.

The watching console is a process of its own, as at another desk; it waits on the desk's own watch and rereads.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection

from frontdesk.desk.ticket_desk import NewTicket
from scripts.bench.estate import Home, build
from scripts.bench.measure import Plan, Row, absolute

TEXT = "楼道灯不亮已多次报修，要求尽快处理并回复"


def rows(plan: Plan) -> list[Row]:
    """Saves at random moments, then a quiet time."""
    home = build(plan.folder / "home", 2000, 200)
    desk, chance = home.desk(), random.Random(3)
    ours, theirs = get_context("spawn").Pipe()
    watcher = get_context("spawn").Process(target=watch, args=(home, theirs), daemon=True)
    watcher.start()
    theirs.close()
    ours.recv()
    seen = []
    for _ in range(plan.times(45)):
        time.sleep(0.15 + 0.2 * chance.random())
        desk.tickets.open(NewTicket(TEXT))
        saved = time.monotonic()
        seen.append((ours.recv() - saved) * 1e3)
    quiet = 12.0 if not plan.quick else 4.0
    ours.send(quiet)
    busy = ours.recv()
    watcher.join()
    return [
        absolute("another console's save seen, median", statistics.median(seen), 150, "ms"),
        absolute("watching while nobody saves", 100 * busy / quiet, 0.5, "%", "cpu"),
    ]


def watch(home: Home, pipe: Connection) -> None:
    """Tell when each save was on this console's board; then, asked for a quiet time, the CPU seconds it cost."""
    desk = home.desk()
    desk.board()
    changes = desk.changes()
    pipe.send(None)
    while not pipe.poll():
        if changes.wait(1.0):
            desk.board()
            pipe.send(time.monotonic())
    start = time.process_time()
    for _ in waits(pipe.recv()):
        changes.wait(1.0)
    pipe.send(time.process_time() - start)


def waits(seconds: float) -> Iterator[None]:
    """As often as asked for, until so many seconds are over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
