"""KPI 3:3:4 in the terminal: a table in which a bar draws each total in its three parts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from frontdesk.cli.out import guard
from frontdesk.domain.kpi import WEIGHTS
from frontdesk.sheets.kpi_text import HEAD, lines

if TYPE_CHECKING:
    from frontdesk.domain.kpi import Score, Table

PARTS: Final = (("处理量", "blue", "#"), ("好评率", "green", "+"), ("解决率", "yellow", "="))
"""Each part's colour, and its sign where there is no colour."""
_CELLS: Final = 20


def bar(score: Score, colours: bool) -> Text:
    """The total as a bar of `_CELLS` for 100 points, in three parts; blanks on colour, so that no glyph is of two widths."""
    drawn, end = Text(), 0.0
    for (_, colour, sign), weight, part in zip(PARTS, WEIGHTS, score.parts, strict=True):
        start, end = end, end + weight * part / 100
        cells = round(end * _CELLS / 100) - round(start * _CELLS / 100)
        drawn.append((" " if colours else sign) * cells, f"on {colour}" if colours else "")
    return drawn


def legend(colours: bool) -> Text:
    """What the three parts of a bar are."""
    told = Text("图：")
    for (name, colour, sign), weight in zip(PARTS, WEIGHTS, strict=True):
        told.append("  " if colours else sign, f"on {colour}" if colours else "")
        told.append(f" {name} {weight}%　")
    return told


def show(table: Table, title: str) -> None:
    """Print it as wide as the terminal is; on a narrow one the working goes and the scores stay."""
    console = Console(highlight=False)
    colours = not os.environ.get("NO_COLOR") and console.color_system is not None
    console.print(Text(guard(title), style="bold"))
    wide = console.width >= 120  # noqa: PLR2004 - the desk's own terminal
    last = len(HEAD) - 1
    kept = range(last) if wide else range(6)
    shown = RichTable(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for place in kept:
        shown.add_column(HEAD[place], justify="left" if place == 1 else "right", no_wrap=True)
    shown.add_column("图", no_wrap=True)
    if wide:
        shown.add_column(HEAD[last])
    for row, score in zip(lines(table), table.scores, strict=True):
        cells = [Text(guard(row[place]), style="bold" if place == 2 else "") for place in kept]  # noqa: PLR2004
        shown.add_row(*cells, bar(score, colours), *([Text(guard(row[last]))] if wide else []))
    console.print(shown)
    if not wide:
        for row in lines(table):
            if row[last]:
                console.print(Text(guard(f"{row[1]}：{row[last]}")))
    console.print(legend(colours))
