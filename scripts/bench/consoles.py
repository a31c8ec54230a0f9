"""Eight consoles, each a process of its own on one file: saving at a desk's pace, and as fast as they can.

A save is the whole use case, from the text that was typed to the ticket as it is shown. The floor is one console alone
at the same pace in the same run.
"""

from __future__ import annotations

import random
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from typing import NamedTuple

from frontdesk.desk.ticket_desk import NewTicket
from frontdesk.domain.errors import DeskError
from scripts.bench.estate import Home, build
from scripts.bench.measure import Plan, Row, absolute

TEXT = "楼道灯不亮已多次报修，要求尽快处理并回复"
PACE = 5.0
"""Saves a second and console."""


class Saved(NamedTuple):
    """What a console's saves took, in seconds, and how many failed."""

    taken: list[float]
    failed: int


def rows(plan: Plan) -> list[Row]:
    """Eight at a desk's pace against one, then eight saturated."""
    home = build(plan.folder / "home", 2000, 200)
    seconds = plan.times(12)
    alone = consoles(home, 1, seconds, PACE)
    paced = consoles(home, 8, seconds, PACE)
    flooded = consoles(home, 8, plan.times(6), None)
    taken = sorted(paced.taken)
    late, usual = taken[int(len(taken) * 0.99)], statistics.median(alone.taken)
    return [
        absolute("eight consoles: saves that failed", paced.failed + flooded.failed, 0, "", "count"),
        Row(
            f"eight consoles at {PACE:.0f}/s each: p99, of one console's median",
            *(late * 1e3, usual * 1e3, late / usual, 15, "ms"),
        ),
        absolute("eight consoles saturated: the longest save", max(flooded.taken) * 1e3, 250, "ms"),
    ]


def consoles(home: Home, count: int, seconds: float, pace: float | None) -> Saved:
    """So many consoles saving for so long."""
    context = get_context("spawn")
    start = context.Barrier(count)
    with ProcessPoolExecutor(count, context, initializer=share, initargs=(start,)) as pool:
        saved = list(pool.map(partial(console, home, seconds, pace), range(count)))
    return Saved([taken for one in saved for taken in one.taken], sum(one.failed for one in saved))


def share(start: Barrier) -> None:
    """Every console begins when all are open."""
    global begin  # noqa: PLW0603 - a barrier can only be inherited, not sent
    begin = start


begin: Barrier


def console(home: Home, seconds: float, pace: float | None, number: int) -> Saved:
    """Save until the time is over."""
    desk, chance = home.desk(), random.Random(number)
    taken, failed = [], 0
    desk.tickets.open(NewTicket(TEXT))
    begin.wait(timeout=60)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if pace is not None:
            time.sleep(chance.expovariate(pace))
        start = time.perf_counter()
        try:
            desk.tickets.open(NewTicket(TEXT))
        except DeskError:
            failed += 1
        else:
            taken.append(time.perf_counter() - start)
    return Saved(taken, failed)
