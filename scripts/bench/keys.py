"""The arrow key in the ticket list: until the cursor stands on the next ticket, and the bytes that takes over a line.

The sheet beside the list follows when the cursor has rested; what it sends is shown for the record. All programs run at
the same time and are asked in turns.
"""

from __future__ import annotations

import statistics
from contextlib import ExitStack
from pathlib import Path

from scripts.bench.estate import build
from scripts.bench.measure import CONSOLE, PYTHON, Plan, Row, absolute, against
from scripts.bench.terminal import DOWN, Spent, Terminal

TABLE = (*PYTHON, str(Path(__file__).with_name("datatable.py")))
MOVED, RESTED = 0.1, 0.8
"""Seconds of silence after which the cursor has moved, and the sheet has followed."""
FEW, MANY = 1000, 100_000


def rows(plan: Plan) -> list[Row]:
    """Ours with 1,000 and 100,000 open tickets, DataTable with 1,000 rows."""
    few, many = build(plan.folder / "few", FEW, FEW), build(plan.folder / "many", MANY, MANY)
    with ExitStack() as stack:
        ours = stack.enter_context(Terminal(CONSOLE, few.environment))
        full = stack.enter_context(Terminal(CONSOLE, many.environment))
        table = stack.enter_context(Terminal(TABLE))
        ours.until(lambda text: f"共{FEW}" in text and "下一步" in text)
        full.until(lambda text: f"共{MANY}" in text and "下一步" in text)
        table.until(lambda text: "1122-20" in text)
        pressed: list[list[Spent]] = [[], [], []]
        sheets = []
        for _ in range(plan.times(36)):
            for terminal, spent in zip((ours, full, table), pressed, strict=True):
                terminal.settle(RESTED, limit=60)
                spent.append(terminal.press(DOWN, MOVED))
            sheets.append(ours.settle(RESTED, limit=60))
    mine, hundred, least = ([spent.wall * 1e3 for spent in each] for each in pressed)
    return [
        against("a key in the list, of DataTable with 1,000 rows", mine, least, 0.5, "ms"),
        against("a key among 100,000 tickets, of among 1,000", hundred, mine, 1.3, "ms"),
        absolute(
            "a key in the list", statistics.median(spent.sent for spent in pressed[0]), 600, "bytes", "bytes"
        ),
        absolute(
            "the sheet that follows once the cursor rests", statistics.median(sheets), None, "bytes", "bytes"
        ),
    ]
