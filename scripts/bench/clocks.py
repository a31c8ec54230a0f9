"""One tick over 100,000 open tickets: the counts of the status line and how many have changed their look.

The floor asks every ticket in a Python loop, as one would first write it; both must answer the same at every moment.
"""

from __future__ import annotations

from collections import Counter
from itertools import count

from frontdesk.domain.board import Board, Counts
from scripts.bench.estate import build
from scripts.bench.measure import Plan, Row, cpu, interleaved


def rows(plan: Plan) -> list[Row]:
    """The tick against the loop."""
    desk = build(plan.folder / "home", 100_000, 100_000).desk()
    board = desk.board()
    moments, loops = count(board.at), count(board.at)

    def tick() -> None:
        now = next(moments)
        board.counts(now), board.changes(now - 1, now)

    for now in range(board.at - 7200, board.at + 7200, 900):
        assert board.counts(now) == looked(board, now)
        assert board.changes(now - 900, now) >= sum(
            row.look(now) != row.look(now - 900) for row in board.rows
        )
    pair = interleaved(cpu(tick, 200), cpu(lambda: looked(board, next(loops))), plan.times(15))
    return [pair.row("tick over 100,000 open tickets, of a loop over all", 1 / 500, "ms", "cpu")]


def looked(board: Board, now: int) -> Counts:
    """The counts by looking at every ticket."""
    looks = Counter(row.look(now) for row in board.rows)
    return Counts(looks["breached"], looks["at_risk"], looks["emergency"], len(board.rows), board.today)
