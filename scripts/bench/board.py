"""The board opened from a million tickets, 2,000 of them open; the floor fetches the same rows as tuples by raw SQL."""

from __future__ import annotations

import sqlite3

from scripts.bench.estate import million
from scripts.bench.measure import Plan, Row, cpu, interleaved

SAME = """SELECT id, number, kind, category, priority, status, base, due_kind, due_at, risk_at, level, title, unit_sealed,
case_owner, opened_at FROM ticket INDEXED BY ix_ticket_open WHERE open = 1 ORDER BY lane, due_at"""


def rows(plan: Plan) -> list[Row]:
    """All open tickets against raw SQL; what one screen holds, and today in figures, against all of it."""
    home = million(plan)
    desk, raw = home.desk(), sqlite3.connect(home.database)
    raw.execute("PRAGMA mmap_size=268435456")
    board = desk.board()
    assert [tuple(row) for row in board.rows] == raw.execute(SAME).fetchall()
    store = desk._access.open_tickets
    whole = interleaved(cpu(desk.board, 3), cpu(lambda: raw.execute(SAME).fetchall(), 3), plan.times(60))
    screen = interleaved(cpu(lambda: store.rows(40), 3), cpu(desk.board, 3), plan.times(60))
    figures = interleaved(cpu(desk.dashboard.read, 3), cpu(desk.board, 3), plan.times(60))
    size = f"{plan.million:,} tickets, {len(board.rows):,} open"
    return [
        whole.row(f"open the board: {size}", 1.6, "ms", "cpu"),
        figures.row("all figures of the dashboard, of the whole board", 4.0, "ms", "cpu"),
        screen.row("40 visible rows, of the whole board", 0.1, "ms", "cpu"),
    ]
