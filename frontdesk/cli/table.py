"""The board as a Rich table, for a terminal that eyes look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from frontdesk.cli.out import guard
from frontdesk.cli.render import BOARD_HEAD, CALL_HEAD, board_line, board_rows, call_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from frontdesk.domain.board import Board

_STYLES = {
    "emergency": "bold white on red",
    "breached": "bold red",
    "at_risk": "yellow",
    "escalated": "magenta",
    "new": "cyan",
}
"""Colour repeats what the hanzi says (DESIGN §10)."""


def show(board: Board, site: str) -> None:
    """Print it as wide as the terminal is."""
    console = Console(highlight=False, soft_wrap=False)
    console.print(Text(guard(board_line(board, site)), style="bold"))
    if board.calls:
        console.print(_table(CALL_HEAD, [(row, "") for row in call_rows(board.calls, board.at)], 3))
    if not board.rows:
        console.print("没有未结的工单。")
        return
    looks = [_STYLES.get(row.look(board.at), "") for row in board.rows]
    console.print(_table(BOARD_HEAD, zip(board_rows(board), looks, strict=True), 3))


def _table(head: Sequence[str], rows: Iterable[tuple[Sequence[str], str]], flexible: int) -> Table:
    """Without lines, whose width terminals disagree about; the flexible column gives way in a narrow one."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for place, name in enumerate(head):
        table.add_column(name, no_wrap=True, overflow="crop", ratio=1 if place == flexible else None)
    for cells, style in rows:
        first, *others = (Text(guard(cell)) for cell in cells)
        first.stylize(style)
        table.add_row(first, *others)
    return table
