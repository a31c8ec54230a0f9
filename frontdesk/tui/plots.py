"""Bars drawn in a terminal, of exact width and height, from half blocks or from ASCII (DESIGN §10).

Half blocks stand in every terminal's font; the eighths do not. A terminal that draws ambiguous characters two cells wide
gets ASCII. Whatever is more than nothing shows at least half a cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from frontdesk.tui.text import width


class Pen(NamedTuple):
    """What bars are drawn with: a whole cell, its lower half, its left half, and a rule."""

    full: str
    lower: str
    left: str
    rule: str


BLOCKS, ASCII = Pen("█", "▄", "▌", "─"), Pen("#", ".", "-", "-")


def halves(value: int, most: int, cells: int) -> int:
    """How many half cells stand for a value where `most` fills `cells`: 0 for nothing, else at least one."""
    if value <= 0 or most <= 0 or cells <= 0:
        return 0
    return max(1, min(2 * cells, round(2 * cells * value / most)))


def across(value: int, most: int, cells: int, pen: Pen) -> str:
    """A bar from left to right in exactly `cells` cells."""
    whole, half = divmod(halves(value, most, cells), 2)
    bar = pen.full * whole + pen.left * half
    return bar + " " * (cells - whole - half)


def upright(values: Sequence[int], most: int, rows: int, cells: int, pen: Pen) -> tuple[str, ...]:
    """Bars side by side, `cells` wide each with a gap where there is room for one; a text for each row, from the top."""
    heights = [halves(value, most, rows) for value in values]
    bar = cells - (cells > 2)  # noqa: PLR2004 - bars of one or two cells stand close
    lines = []
    for row in range(rows - 1, -1, -1):
        signs = (pen.full if h >= 2 * row + 2 else pen.lower if h == 2 * row + 1 else " " for h in heights)
        lines.append("".join(sign * bar + " " * (cells - bar) for sign in signs))
    return tuple(lines)


def axis(labels: Sequence[tuple[int, str]], cells: int) -> str:
    """Labels under a plot, each beginning at its cell, in exactly `cells` cells; one that would run out ends at the edge.

    No label is ever cut or dropped: a label that another one leaves no room for moves right, the last ones move left.
    """
    starts: list[int] = []
    end = 0
    for start, label in labels:
        starts.append(max(start, end))
        end = starts[-1] + width(label) + 1
    end = cells
    for place in range(len(labels) - 1, -1, -1):
        starts[place] = min(starts[place], end - width(labels[place][1]))
        end = starts[place] - 1
    text = ""
    for start, (_, label) in zip(starts, labels, strict=True):
        text += " " * (start - width(text)) + label
    return text + " " * (cells - width(text))
