"""Painting: a pane is lines, a line is spans of text with a look; one widget paints them all and repaints what changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from frontdesk.tui.looks import style
from frontdesk.tui.text import clean, clip, width

Span = tuple[str, str]
"""Text and the name of its look. Text from outside is `clean` before it becomes a span."""
Line = tuple[Span, ...]

BLANK: Line = ()


def line(*spans: Span) -> Line:
    """A line from spans, each made harmless."""
    return tuple((clean(text), look) for text, look in spans if text)


def measure(spans: Iterable[Span]) -> int:
    """The line's width in cells."""
    return sum(width(text) for text, _ in spans)


def trim(spans: Line, cells: int) -> Line:
    """The line in at most `cells` cells."""
    used, out = 0, []
    for text, look in spans:
        size = width(text)
        if used + size > cells:
            out.append((clip(text, cells - used), look))
            break
        out.append((text, look))
        used += size
    return tuple(out)


def rule(title: str, cells: int, *, focused: bool, right: str = "") -> Line:
    """A pane's head: `─ 来电 F2 ───── 3/12 ─`, amber where the keys go now."""
    look = "title-on" if focused else "title"
    head = clip(clean(title), max(cells - 6 - width(right), 4))
    tail = f" {right} ─" if right else ""
    gap = max(cells - width(head) - width(tail) - 4, 0)
    return (("─ ", "rule"), (head, look), (" " + "─" * gap, "rule"), (tail, "dim" if right else "rule"))


def strip(spans: Line, cells: int, ground: str, *, cursor: bool = False) -> Strip:
    """The line as Textual wants it, exactly `cells` wide."""
    segments = [Segment(text, style(look, ground, cursor)) for text, look in trim(spans, cells)]
    fill = style(spans[0][1] if spans and spans[0][1] in ("ring", "next") else "text", ground, cursor)
    return Strip(segments).adjust_cell_length(cells, fill)


class Paper(Widget):
    """Lines on a ground. `show` compares with what is there and repaints the lines that differ."""

    ground = "ground"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self._lines: Sequence[Line] = ()
        self._strips: dict[int, tuple[Line, int, Strip]] = {}

    def show(self, lines: Sequence[Line]) -> None:
        """Replace what is written."""
        old, self._lines = self._lines, lines
        blank: Line = BLANK
        cells, rows = self.size  # asked for once: Textual works it out anew every time
        changed = [
            Region(0, y, cells, 1)
            for y in range(min(max(len(old), len(lines)), rows))
            if (old[y] if y < len(old) else blank) != (lines[y] if y < len(lines) else blank)
        ]
        if changed:
            self.refresh(*changed)

    @property
    def written(self) -> str:
        """The text that is shown, a line a row; what tests and screen readers see."""
        return "\n".join("".join(text for text, _ in spans) for spans in self._lines)

    def render_line(self, y: int) -> Strip:
        """One row of cells; kept until its line or the width changes."""
        spans, cells = self._lines[y] if y < len(self._lines) else BLANK, self.size.width
        held = self._strips.get(y)
        if held is not None and held[0] == spans and held[1] == cells:
            return held[2]
        made = strip(spans, cells, self.ground)
        self._strips[y] = (spans, cells, made)
        return made

    def render(self) -> Any:
        """Never asked for: the pane is painted line by line."""
        return ""


def blank_strip(cells: int, ground: str) -> Strip:
    """An empty row."""
    look: Style = style("text", ground)
    return Strip.blank(cells, look)
