"""One row of the table, and how a thing and its floor are measured side by side.

The machine is never quiet and no two are alike, so nothing is judged by the clock on the wall: each round measures the
floor and ours one after the other, in turns as to which goes first, and the ratio is the median of the rounds' ratios.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PYTHON = (sys.executable, "-I")
"""How scripts/run starts Python; floors are started the same way."""

CONSOLE = (*PYTHON, str(ROOT / "frontdesk" / "__main__.py"))
"""The command `frontdesk`, as scripts/run executes it."""


class Plan(NamedTuple):
    """How much to measure. `folder` is for scratch files and is removed afterwards."""

    folder: Path
    quick: bool = False

    def times(self, count: int) -> int:
        """So many rounds, about a third of them in a quick run, never fewer than three."""
        return max(3, count // 3) if self.quick else count

    @property
    def million(self) -> int:
        """The size of the large database, in tickets."""
        return 50_000 if self.quick else 1_000_000


class Row(NamedTuple):
    """One line of the table. With a `floor` the figure bounds `ratio`, without one it bounds `ours` itself.

    `at_most` None is told for the record: no figure holds it. `by` says what was counted: wall or cpu time, bytes, RSS.
    """

    what: str
    ours: float
    floor: float | None
    ratio: float
    at_most: float | None
    unit: str
    by: str = "wall"

    @property
    def met(self) -> bool:
        """Whether the figure of DESIGN §12 is held."""
        return self.at_most is None or self.ratio <= self.at_most


def absolute(what: str, ours: float, at_most: float | None, unit: str, by: str = "wall") -> Row:
    """A row that is held against a number of its own unit."""
    return Row(what, ours, None, ours, at_most, unit, by)


def against(
    what: str,
    ours: Sequence[float],
    floor: Sequence[float],
    at_most: float | None,
    unit: str,
    by: str = "wall",
) -> Row:
    """A row from paired rounds: medians are shown, the ratio is the median of the pairs' ratios."""
    ratio = statistics.median(mine / least for mine, least in zip(ours, floor, strict=True))
    return Row(what, statistics.median(ours), statistics.median(floor), ratio, at_most, unit, by)


class Pair(NamedTuple):
    """Paired rounds of ours and the floor, in seconds."""

    ours: list[float]
    floor: list[float]

    def row(self, what: str, at_most: float | None, unit: str = "ms", by: str = "wall") -> Row:
        """The line of the table, in `unit`."""
        scale = {"s": 1, "ms": 1e3, "µs": 1e6}[unit]
        return against(
            what, [x * scale for x in self.ours], [x * scale for x in self.floor], at_most, unit, by
        )


def interleaved(ours: Callable[[], float], floor: Callable[[], float], rounds: int) -> Pair:
    """Both measurements in turns, after one of each that does not count; either answers seconds."""
    ours(), floor()
    pair = Pair([], [])
    for number in range(rounds):
        if number % 2:
            pair.ours.append(ours())
            pair.floor.append(floor())
        else:
            pair.floor.append(floor())
            pair.ours.append(ours())
    return pair


def wall(call: Callable[[], object], times: int = 1) -> Callable[[], float]:
    """A measurement: the median wall time of one call among `times` in a row."""
    return _measured(call, times, time.perf_counter)


def cpu(call: Callable[[], object], times: int = 1) -> Callable[[], float]:
    """A measurement: the median CPU time of this thread in one call among `times` in a row."""
    return _measured(call, times, time.thread_time)


def _measured(call: Callable[[], object], times: int, clock: Callable[[], float]) -> Callable[[], float]:
    def once() -> float:
        taken = []
        for _ in range(times):
            start = clock()
            call()
            taken.append(clock() - start)
        return statistics.median(taken)

    return once


def command(argv: Sequence[str], environment: dict[str, str] | None = None) -> Callable[[], float]:
    """A measurement: wall time from exec to exit of a command whose output is thrown away; it must succeed."""
    environment = {**os.environ, **(environment or {})}
    silence = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_RDWR, 0) for descriptor in (0, 1)]

    def once() -> float:
        start = time.perf_counter()
        process = os.posix_spawn(argv[0], list(argv), environment, file_actions=silence)
        _, status = os.waitpid(process, 0)
        taken = time.perf_counter() - start
        if status:
            raise RuntimeError(f"{' '.join(argv)}: exit {os.waitstatus_to_exitcode(status)}")
        return taken

    return once


def pass_() -> Callable[[], float]:
    """The floor of every command: `python -c pass`."""
    return command([*PYTHON, "-c", "pass"])
