"""The last step before the terminal: only cells that differ from what the terminal already shows are written (DESIGN §10, §12).

Textual repaints whole widgets for a focus change and whole screens for a pop-up; over a slow line that is seconds. The glass
remembers every cell, so whatever is repainted, what goes out is the difference. It is also the one place that knows what the
terminal can show: 256 colours, sixteen, none; ambiguous-width characters or ASCII in their stead; never a control character.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from rich.cells import get_character_cell_size
from rich.color import Color, ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, LayoutUpdate
from textual.geometry import Offset, Region, Size
from textual.widget import Widget

from frontdesk.tui.looks import INKS, SURFACES
from frontdesk.tui.text import clean

BRIDGE = 4
"""Unchanged cells between two changes that are cheaper to write again than to jump over."""
KEPT_CELLS = 1_000
"""Characters that are remembered for a pen; a console is open for weeks."""


class Pen(NamedTuple):
    """What a cell is written with, as SGR parameters; equal pens look equal."""

    attributes: str
    ink: str
    ground: str


BLACK: Final = "30"
Cell = tuple[str, Pen]
"""A character and its pen; the second cell of a hanzi holds an empty string."""

_PLAIN: Final = Pen("", "39", "49")
_NAMES: Final = {Color.parse(ink.hex).triplet: name for name, ink in INKS.items()}

_ASCII: Final = {
    "─": "-", "━": "-", "│": "|", "┃": "|", "“": '"', "”": '"', "‘": "'", "’": "'", "…": ".", "—": "-", "–": "-", "·": ".",
    "×": "x", "÷": "/", "°": "o", "±": "+", "→": ">", "←": "<", "↑": "^", "↓": "v", "●": "*", "○": "o", "★": "*", "☆": "*",
    "■": "#", "□": "#", "◆": "*", "▲": "^", "▼": "v", "√": "v", "①": "1", "②": "2", "③": "3", "④": "4", "⑤": "5",
    "█": "#", "▄": ".", "▌": "-",
}  # fmt: skip


class _Shown(dict[int, str]):
    """What stands on the screen for a character, of the same width; filled as characters are met."""

    def __init__(self, ascii_only: bool) -> None:
        self._ascii_only = ascii_only

    def __missing__(self, code: int) -> str:
        character = chr(code)
        shown = clean(character)
        if self._ascii_only and shown and get_character_cell_size(shown) == 1 and not shown.isascii():
            shown = _ASCII.get(shown) or _narrow(shown)
        self[code] = shown
        return shown


class _Inked(dict[str, Cell]):
    """Cells of one pen by their character: thousands on a screen are a few hundred different ones, each made once."""

    def __init__(self, pen: Pen) -> None:
        self.tail: Cell = ("", pen)
        self._pen = pen

    def __missing__(self, character: str) -> Cell:
        if len(self) >= KEPT_CELLS:
            self.clear()
        self[character] = cell = (character, self._pen)
        return cell


def _narrow(character: str) -> str:
    import unicodedata  # 1 MiB of tables, for terminals that cannot draw these

    if "BOX DRAWINGS" in unicodedata.name(character, ""):
        return "+"
    return "?" if unicodedata.east_asian_width(character) == "A" else character


class Frame(CompositorUpdate):
    """A finished difference."""

    def __init__(self, text: str) -> None:
        self._text = text

    def render_segments(self, console: Console) -> str:
        """The escape sequences, ready to be written."""
        return self._text


class Panes(Compositor):
    """Textual's compositor, which renders only the panes that a change touches.

    Textual asks whether the box around all changes touches a widget's clip, which for every pane is the whole screen.
    """

    _touched: Sequence[Region] = ()

    @property
    def visible_widgets(self) -> dict[Widget, tuple[Region, Region]]:
        """Each widget's region, clipped to itself; while a change is rendered only those that it touches."""
        shown = {
            widget: (region, clip.intersection(region))
            for widget, (region, clip) in super().visible_widgets.items()
        }
        if not self._touched:
            return shown
        return {
            widget: place
            for widget, place in shown.items()
            if any(place[1].overlaps(region) for region in self._touched)
        }

    @property
    def cuts(self) -> list[list[int]]:
        """Where each line's widgets begin and end: of the whole screen, for Textual keeps them until the next layout."""
        touched, self._touched = self._touched, ()
        try:
            return super().cuts
        finally:
            self._touched = touched

    def render_partial_update(self) -> ChopsUpdate | None:
        """The change, if there is one."""
        self._touched = tuple(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._touched = ()


class Glass:
    """What one terminal shows now. `depth` is 256, 16 or 0 (no colour); changing `ascii_only` needs a `reset`."""

    def __init__(self, depth: int, ascii_only: bool = False) -> None:
        self.depth = depth
        self._inks: dict[Style | None, _Inked] = {}
        self._rows: list[list[Cell | None]] = []
        self._cursor: tuple[Offset, bool] | None = None
        self.reset(ascii_only)

    def reset(self, ascii_only: bool | None = None) -> None:
        """Forget what the terminal shows: the next full update writes every cell."""
        if ascii_only is not None:
            self.ascii_only = ascii_only
            self._shown = _Shown(ascii_only)
        self._rows = []
        self._cursor = None

    def thin(
        self, update: CompositorUpdate, size: Size, cursor: Offset, cursor_shown: bool
    ) -> CompositorUpdate | None:
        """The update as a difference; None where the terminal shows it already. Kinds it does not know pass unchanged."""
        if not isinstance(update, LayoutUpdate | ChopsUpdate):
            self.reset()
            return update
        if len(self._rows) != size.height or (self._rows and len(self._rows[0]) != size.width):
            self._rows = [[None] * size.width for _ in range(size.height)]
        out: list[str] = []
        self._held: Pen | None = None
        for y, x, cells in self._pieces(update):
            self._write(out, y, x, cells)
        if out:
            out.insert(0, "\x1b[?25l") if self._cursor is None or self._cursor[1] else None
            out.append("\x1b[0m")
        elif self._cursor == (cursor, cursor_shown):
            return None
        if cursor_shown:
            out.append("\x1b[?25h")
        elif self._cursor is None or self._cursor[1]:
            out.append("\x1b[?25l")
        self._cursor = (cursor, cursor_shown)
        return Frame("".join(out))

    def _pieces(self, update: LayoutUpdate | ChopsUpdate) -> Iterator[tuple[int, int, list[Cell]]]:
        if isinstance(update, LayoutUpdate):
            for y, strips in enumerate(update.strips, update.region.y):
                yield y, update.region.x, [cell for strip in strips for cell in self._cells(strip)]
            return
        for y, first, last in update.spans:
            for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if strip is None or x >= last or end <= first:
                    continue
                cells = self._cells(strip)
                # A span may end in the middle of a hanzi: what lay over its other half is gone now.
                start, stop = _whole(cells, max(first - x, 0), min(last - x, len(cells)))
                yield y, x + start, cells[start:stop]

    def _cells(self, strip: Iterable[Segment]) -> list[Cell]:
        out: list[Cell] = []
        for segment in strip:
            if segment.control:
                continue
            start, text = len(out), segment.text
            inked = self._inks.get(segment.style)
            if inked is None:
                inked = self._ink(segment.style)
            if text.isascii() and text.isprintable():
                out += map(inked.__getitem__, text)
                continue
            for character in text.translate(self._shown):
                out.append(inked[character])
                if get_character_cell_size(character) > 1:
                    out.append(inked.tail)
            short = segment.cell_length - (len(out) - start)
            if short:  # a cluster that Textual measured as a whole
                del out[start + segment.cell_length :]
                out += [inked[" "]] * max(short, 0)
        return out

    def _write(self, out: list[str], y: int, x: int, cells: list[Cell]) -> None:
        if not 0 <= y < len(self._rows):
            return
        row = self._rows[y]
        del cells[max(len(row) - x, 0) :]
        _halve(cells)
        if row[x : x + len(cells)] == cells:
            return
        for start, end in _changes(row, x, cells):
            out.append(f"\x1b[{y + 1};{x + start + 1}H{self._run(cells[start:end])}")
        row[x : x + len(cells)] = cells
        # A terminal blanks the half of a hanzi whose other half is written over.
        for place, torn in ((x - 1, _is_wide), (x + len(cells), _is_tail)):
            if 0 <= place < len(row) and (cell := row[place]) is not None and torn(cell):
                row[place] = None

    def _run(self, cells: list[Cell]) -> str:
        out = []
        for character, pen in cells:
            if pen is not self._held:
                if pen != self._held:
                    out.append(_switch(self._held, pen))
                self._held = pen
            out.append(character)
        return "".join(out)

    def _ink(self, style: Style | None) -> _Inked:
        self._inks[style] = inked = _Inked(self._made(style) if style is not None else _PLAIN)
        return inked

    def _made(self, style: Style) -> Pen:
        reverse = bool(style.reverse)
        ground = _name(style.bgcolor)
        if (
            self.depth == 0
            and ground not in SURFACES
            and style.bgcolor is not None
            and not style.bgcolor.is_default
        ):
            reverse = not reverse
        if self.depth == 0 and ground == "cursor":
            reverse = not reverse
        ink, ground_code = (
            ("39", "49") if self.depth == 0 else (self._colour(style, True), self._colour(style, False))
        )
        # At sixteen colours bold black is drawn as grey.
        bold = style.bold and not (self.depth == 16 and ink == BLACK)  # noqa: PLR2004 - the terminals' sixteen colours
        attributes = (("1", bold), ("3", style.italic), ("4", style.underline), ("7", reverse))
        return Pen(";".join(code for code, on in attributes if on), ink, ground_code)

    def _colour(self, style: Style, ink: bool) -> str:
        colour = style.color if ink else style.bgcolor
        if colour is None or colour.is_default:
            return "39" if ink else "49"
        known = INKS.get(_name(colour))
        if self.depth == 16:  # noqa: PLR2004 - the terminals' sixteen colours
            if known:
                # On the light cursor row of sixteen colours every word is black.
                on_light = ink and _name(style.bgcolor) == "cursor"
                return f"{3 if ink else 4}{0 if on_light else known.basic}"
            return ";".join(colour.downgrade(ColorSystem.STANDARD).get_ansi_codes(foreground=ink))
        if known:
            return f"{38 if ink else 48};5;{known.entry}"
        return ";".join(colour.downgrade(ColorSystem.EIGHT_BIT).get_ansi_codes(foreground=ink))


def _name(colour: Color | None) -> str:
    return _NAMES.get(colour.triplet, "") if colour is not None and colour.triplet is not None else ""


def _is_wide(cell: Cell) -> bool:
    return not cell[0].isascii() and get_character_cell_size(cell[0]) > 1


def _is_tail(cell: Cell) -> bool:
    return not cell[0]


def _halve(cells: list[Cell]) -> None:
    """A hanzi that lies half outside is a space, as on a terminal."""
    if cells and _is_tail(cells[0]):
        cells[0] = " ", cells[0][1]
    if cells and _is_wide(cells[-1]):
        cells[-1] = " ", cells[-1][1]


def _changes(row: list[Cell | None], x: int, cells: list[Cell]) -> Iterator[tuple[int, int]]:
    """Spans of `cells` that differ from the row, widened to whole hanzi, near ones joined."""
    start = end = -1
    for place, cell in enumerate(cells):
        if row[x + place] == cell:
            continue
        if start >= 0 and place - end > BRIDGE:
            yield _whole(cells, start, end)
            start = place
        start, end = (place if start < 0 else start), place + 1
    if start >= 0:
        yield _whole(cells, start, end)


def _whole(cells: list[Cell], start: int, end: int) -> tuple[int, int]:
    while start > 0 and not cells[start][0]:
        start -= 1
    while end < len(cells) and not cells[end][0]:
        end += 1
    return start, end


def _switch(held: Pen | None, pen: Pen) -> str:
    """The shortest SGR sequence from one pen to the next; attributes can only be taken away by starting anew."""
    if held is None or held.attributes != pen.attributes:
        codes = ["0", pen.attributes, *(c for c in (pen.ink, pen.ground) if c not in ("39", "49"))]
        return f"\x1b[{';'.join(code for code in codes if code)}m"
    codes = [new for old, new in ((held.ink, pen.ink), (held.ground, pen.ground)) if old != new]
    return f"\x1b[{';'.join(codes)}m"
