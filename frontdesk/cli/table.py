"""The board as a Rich table, for a terminal that eyes look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from frontdesk.cli.out import guard
from frontdesk.cli.render import BOARD_HEAD, CALL_HEAD, board_line, board_rows, call_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from frontdesk.domain.board import Board

_STYLES = {
    "emergency": "bold white on red",
    "breached": "bold red",
    "at_risk": "yellow",
    "escalated": "magenta",
    "new": "cyan",
}
"""Colour repeats what the hanzi says (DESIGN §10)."""
_FLEXIBLE, _GAP = 3, 2


def show(board: Board, site: str) -> None:
    """Print it as wide as the terminal is."""
    console = Console(highlight=False)
    console.print(Text(guard(board_line(board, site)), style="bold"))
    if board.calls:
        console.print(
            _table(console.width, CALL_HEAD, [(row, "") for row in call_rows(board.calls, board.at)])
        )
    if not board.rows:
        console.print("没有未结的工单。")
        return
    looks = [_STYLES.get(row.look(board.at), "") for row in board.rows]
    console.print(_table(console.width, BOARD_HEAD, list(zip(board_rows(board), looks, strict=True))))


def _table(cells: int, head: Sequence[str], rows: Sequence[tuple[Sequence[str], str]]) -> Table:
    """Without lines, whose width terminals disagree about; where it is too wide, the fourth column is cut short."""
    widths = [
        max(cell_len(row[place]) for row in (head, *(row for row, _style in rows)))
        for place in range(len(head))
    ]
    room = max(cells - sum(widths) + widths[_FLEXIBLE] - _GAP * (len(head) - 1), cell_len(head[_FLEXIBLE]))
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for name in head:
        table.add_column(name, no_wrap=True)
    for row, style in rows:
        shown = [Text(guard(cell)) for cell in row]
        shown[0].stylize(style)
        shown[_FLEXIBLE].truncate(room, overflow="crop")
        table.add_row(*shown)
    return table
