"""The glass between Textual and the terminal: what pyte shows after the differences is what was painted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Offset, Region, Size
from textual.strip import Strip

from frontdesk.tui.glass import Glass
from frontdesk.tui.looks import LOOKS, style

WIDTH, HEIGHT = 20, 4
SIZE = Size(WIDTH, HEIGHT)
HOME = Offset(0, 0)
STYLES = [
    style(look, "ground", cursor) for look in ("text", "chip-breached", "key") for cursor in (False, True)
]
PIECE = st.tuples(st.text("电梯停了ab 。，─“", min_size=1, max_size=6), st.sampled_from(STYLES))
ROW = st.lists(PIECE, max_size=5)
PICTURE = st.lists(ROW, min_size=HEIGHT, max_size=HEIGHT)
CONSOLE = Console()


def strips(rows: list[list[tuple[str, Style]]]) -> list[Strip]:
    """Rows as Textual hands them over, cut or filled to the width."""
    return [Strip([Segment(*piece) for piece in row]).adjust_cell_length(WIDTH, STYLES[0]) for row in rows]


def full(rows: list[Strip]) -> LayoutUpdate:
    return LayoutUpdate([[row] for row in rows], Region(0, 0, WIDTH, HEIGHT))


class Shown:
    """A terminal fed by a glass."""

    def __init__(self, depth: int = 256, ascii_only: bool = False) -> None:
        self.glass = Glass(depth, ascii_only)
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self.stream = pyte.Stream(self.screen)

    def write(self, update: LayoutUpdate | ChopsUpdate, cursor: Offset = HOME, shown: bool = False) -> str:
        """Through the glass; the bytes that came out."""
        frame = self.glass.thin(update, SIZE, cursor, shown)
        text = frame.render_segments(CONSOLE) if frame is not None else ""
        self.stream.feed(text)
        return text

    def row(self, y: int) -> str:
        return "".join(self.screen.buffer[y][x].data for x in range(WIDTH))


@given(st.lists(PICTURE, min_size=1, max_size=5))
@settings(derandomize=True, max_examples=80, deadline=None)
def test_after_any_pictures_the_terminal_shows_the_last_one(
    pictures: list[list[list[tuple[str, Style]]]],
) -> None:
    kept, fresh = Shown(), Shown()
    for picture in pictures:
        kept.write(full(strips(picture)))
    fresh.write(full(strips(pictures[-1])))
    for y in range(HEIGHT):
        assert kept.row(y) == fresh.row(y)
        for x in range(WIDTH):
            one, other = kept.screen.buffer[y][x], fresh.screen.buffer[y][x]
            assert (one.fg, one.bg, one.bold) == (other.fg, other.bg, other.bold)


def test_the_same_picture_again_costs_nothing() -> None:
    shown, picture = Shown(), strips([[("电梯停了", STYLES[0])]] * HEIGHT)
    assert shown.write(full(picture))
    assert shown.write(full(picture)) == ""


def test_one_changed_character_costs_a_few_bytes() -> None:
    shown = Shown()
    shown.write(full(strips([[("剩03:10 电梯停了", STYLES[0])]] * HEIGHT)))
    after = strips([[("剩03:09 电梯停了", STYLES[0])]] + [[("剩03:10 电梯停了", STYLES[0])]] * (HEIGHT - 1))
    assert 0 < len(shown.write(full(after))) < 60
    assert shown.row(0).startswith("剩03:09 电梯停了")


def test_a_partial_update_touches_its_span_alone() -> None:
    shown = Shown()
    shown.write(full(strips([[("abcdefghij", STYLES[0])]] * HEIGHT)))
    chops = [{0: Strip([Segment("ABCDEFGHIJ" + " " * 10, STYLES[0])])} for _ in range(HEIGHT)]
    shown.write(ChopsUpdate(chops, [(1, 2, 5)], [[WIDTH]] * HEIGHT))
    assert shown.row(1).startswith("abCDEfghij")
    assert shown.row(0).startswith("abcdefghij")


@given(st.text(max_size=30))
@settings(derandomize=True, max_examples=300)
def test_no_control_character_passes(text: str) -> None:
    out = Shown().write(full(strips([[(text, STYLES[0])]] + [[]] * (HEIGHT - 1))))
    rest = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", out)
    assert not any(unicodedata.category(character)[0] == "C" for character in rest)


def test_ascii_mode_leaves_no_ambiguous_character_and_moves_nothing() -> None:
    shown = Shown(ascii_only=True)
    shown.write(full(strips([[("─ 来电 “好” … ●", STYLES[0])]] + [[]] * (HEIGHT - 1))))
    assert shown.row(0).rstrip() == '- 来电 "好" . *'
    assert cell_len(shown.row(0)) == WIDTH


@pytest.mark.parametrize("depth", [256, 16, 0])
def test_every_look_has_its_colours_at_every_depth(depth: int) -> None:
    glass = Glass(depth)
    for look in LOOKS:
        pen = glass._made(style(look, "ground"))
        if depth == 0:
            assert (pen.ink, pen.ground) == ("39", "49")
        elif depth == 16:
            assert re.fullmatch(r"3[0-7]", pen.ink) and re.fullmatch(r"4[0-7]", pen.ground)
        else:
            assert re.fullmatch(r"38;5;\d+", pen.ink) and re.fullmatch(r"48;5;\d+", pen.ground)


def test_without_colours_a_chip_is_reversed() -> None:
    glass = Glass(0)
    assert "7" in glass._made(style("chip-breached", "ground")).attributes.split(";")
    assert "7" not in glass._made(style("text", "ground")).attributes.split(";")


@pytest.mark.parametrize("name", ["emergency", "breached", "at_risk", "new", "escalated"])
def test_chips_are_legible_at_sixteen_colours(name: str) -> None:
    pen = Glass(16)._made(style(f"chip-{name}", "ground"))
    assert pen.ink[-1] != pen.ground[-1]
    assert not ("1" in pen.attributes.split(";") and pen.ink == "30"), "bold black is grey"


def test_the_cursor_is_shown_where_the_text_is_and_hidden_elsewhere() -> None:
    shown, picture = Shown(), full(strips([[("字", STYLES[0])]] * HEIGHT))
    assert shown.write(picture, Offset(2, 0), True).endswith("\x1b[?25h")
    assert shown.write(picture, Offset(2, 0), True) == ""
    assert shown.write(picture, Offset(4, 0), True) != ""
    assert shown.write(picture, Offset(4, 0), False).endswith("\x1b[?25l")


@given(
    PICTURE,
    st.integers(0, WIDTH - 1),
    st.integers(1, WIDTH),
    st.sampled_from(["中文菜单中文菜单中文", "menu"]),
)
@settings(derandomize=True, max_examples=150, deadline=None)
def test_what_lay_over_half_a_hanzi_leaves_the_whole_one_behind(
    picture: list[list[tuple[str, Style]]], left: int, cells: int, words: str
) -> None:
    kept, fresh, below = Shown(), Shown(), strips(picture)
    right = min(left + cells, WIDTH)
    over = Strip([Segment(words, STYLES[1])]).adjust_cell_length(right - left, STYLES[1])
    parts: list[Iterable[Strip]] = [
        [part for part in (row.crop(0, left), over, row.crop(right, WIDTH)) if part.cell_length]
        for row in below
    ]
    kept.write(full(below))
    kept.write(LayoutUpdate(parts, Region(0, 0, WIDTH, HEIGHT)))
    spans = [(y, left, right) for y in range(HEIGHT)]
    kept.write(ChopsUpdate([{0: row} for row in below], spans, [[WIDTH]] * HEIGHT))
    fresh.write(full(below))
    for y in range(HEIGHT):
        assert kept.row(y) == fresh.row(y)
