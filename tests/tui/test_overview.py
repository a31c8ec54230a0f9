"""The dashboard's page: exact in cells at every size, no label dropped, the cursor reaches everything."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.board import FACES, BoardRow
from frontdesk.domain.dashboard import Dashboard, Day, Hour, Pledge
from frontdesk.domain.timing import DAY, HOUR, day_start
from frontdesk.tui.looks import LOOKS
from frontdesk.tui.overview import Page, about, paint, step
from frontdesk.tui.plots import ASCII, BLOCKS, across, axis, halves, upright
from frontdesk.tui.text import width
from tests.builders import TEN

MIDNIGHT = day_start(TEN)
PENS = {"blocks": BLOCKS, "ascii": ASCII}
CATEGORIES = (
    "工程维修-给排水漏水",
    "工程维修-电梯",
    "服务态度-人员",
    "收费-停车费",
    "秩序维护-停车车辆",
    "业委会与公示",
    "",
)


def made_up(scale: int = 3, people: int = 4) -> Dashboard:
    """A day with something in every corner."""
    rows = [
        BoardRow(
            place, f"261122-{place:02d}", "repair", CATEGORIES[place % 7], "normal", "new",
            list(FACES)[place % 8], "resolution", TEN + (place - 8) * HOUR, TEN + (place - 9) * HOUR, 0, "电梯停了", None,
            f"o{place % people}", TEN - HOUR,
        )
        for place in range(1, 25)
    ]  # fmt: skip
    by_hour = tuple(Hour(MIDNIGHT + h * HOUR, scale * h, h, scale * (h % 5), h % 3) for h in range(24))
    by_day = tuple(Day(MIDNIGHT - (29 - d) * DAY, scale * d, d, 40 + scale * d) for d in range(30))
    promises = (
        Pledge(1, TEN + HOUR, None, None),
        Pledge(2, TEN - HOUR, None, None),
        Pledge(3, TEN, TEN - 9, None),
    )
    return Dashboard(TEN, rows, by_hour, by_day, promises, {"o0": "欧阳小林"}, lambda _sealed: "")


def text(page: Page) -> list[str]:
    return ["".join(part for part, _ in line) for line in page.lines]


@pytest.mark.parametrize("pen", PENS)
@pytest.mark.parametrize(
    "size", [(80, 22), (80, 21), (99, 30), (100, 29), (100, 30), (120, 20), (120, 33), (200, 57)]
)
def test_the_page_fills_its_size_exactly_and_drops_no_label(size: tuple[int, int], pen: str) -> None:
    found = made_up()
    page = paint(found, TEN, *size, PENS[pen], ("state", "breached"))
    lines = text(page)
    assert len(lines) == size[1]
    assert {width(line) for line in lines} == {size[0]}
    whole = "\n".join(lines)
    for label in (
        "今日流量",
        "新增",
        "关闭",
        "接听",
        "未接",
        "结转",
        "时限",
        "未结分类",
        "近30天",
        "10-24",
        "今日",
        "承诺",
    ):
        assert label in whole, label
    for _hanzi, word in list(FACES.values())[:-1]:
        assert word in whole
    for label in ("给排水漏水", "电梯", "人员", "停车费", "停车车辆", "业委会与公示", "未分类"):
        assert label in whole, label
    assert "兑现" in whole and "失约" in whole and "未到" in whole
    assert {look for line in page.lines for _, look in line} <= {*LOOKS}
    if pen == "ascii":
        assert all(ch.isascii() or width(ch) == 2 for ch in whole)


def test_at_120_columns_who_has_how_many_is_there_too() -> None:
    whole = "\n".join(text(paint(made_up(), TEN, 120, 33, BLOCKS, None)))
    assert "首问责任人" in whole and "欧阳小林" in whole


@settings(max_examples=60)
@given(st.integers(0, 10**7), st.integers(1, 30), st.integers(80, 200), st.integers(20, 60))
def test_no_figure_however_large_breaks_the_page(scale: int, people: int, cells: int, rows: int) -> None:
    page = paint(made_up(scale, people), TEN, cells, rows, BLOCKS, None)
    assert {width(line) for line in text(page)} == {cells}
    assert len(page.lines) == rows
    assert all(spot.y < rows and spot.x + spot.cells <= cells for spot in page.spots)


@given(st.integers(-5, 10**9), st.integers(-5, 10**9), st.integers(0, 300))
def test_a_bar_is_as_wide_as_it_must_be_and_shows_whatever_is_more_than_nothing(
    value: int, most: int, cells: int
) -> None:
    for pen in PENS.values():
        bar = across(value, most, cells, pen)
        assert width(bar) == cells
        drawn = 2 * bar.count(pen.full) + bar.count(pen.left)
        assert drawn == halves(value, most, cells)
        assert (drawn > 0) == (value > 0 and most > 0 and cells > 0)
        assert value < most or most <= 0 or drawn == 2 * cells


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=40), st.integers(1, 12), st.integers(1, 5))
def test_upright_bars_are_exact_and_stand_in_the_order_of_their_values(
    values: list[int], rows: int, cells: int
) -> None:
    lines = upright(values, max(values), rows, cells, BLOCKS)
    assert len(lines) == rows
    assert {width(line) for line in lines} == {cells * len(values)}
    heights = [
        sum({"█": 2, "▄": 1, " ": 0}[line[place * cells]] for line in lines) for place in range(len(values))
    ]
    assert heights == [halves(value, max(values), rows) for value in values]
    ranked = sorted(zip(values, heights, strict=True))
    assert [height for _, height in ranked] == sorted(heights)


@given(st.lists(st.integers(0, 8), min_size=1, max_size=7), st.integers(60, 90))
def test_an_axis_keeps_every_label_whole(gaps: list[int], cells: int) -> None:
    labels, at = [], 0
    for place, gap in enumerate(gaps):
        at += gap
        labels.append((at, f"1{place}-今"))
    line = axis(labels, cells)
    assert width(line) == cells
    assert line.split() == [label for _, label in labels]


@pytest.mark.parametrize("size", [(80, 22), (120, 33)])
def test_the_arrows_reach_every_figure_and_the_head_says_each_in_words(size: tuple[int, int]) -> None:
    found = made_up()
    page = paint(found, TEN, *size, BLOCKS, None)
    keys = {spot.key for spot in page.spots}
    reached, waiting = set(), [("state", "emergency")]
    while waiting:
        key = waiting.pop()
        if key in reached:
            continue
        reached.add(key)
        for way in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            ahead = step(page.spots, key, *way)
            assert ahead is not None
            waiting.append(ahead)
    assert reached == keys
    for key in keys:
        words = about(found, TEN, key, page.categories, page.owners)
        assert words
        assert words in text(paint(found, TEN, *size, BLOCKS, key))[0]


def test_up_and_down_in_a_list_of_bars_go_line_by_line() -> None:
    page = paint(made_up(), TEN, 80, 22, BLOCKS, None)
    states = [spot.key for spot in page.spots if spot.key[0] == "state"]
    key = states[0]
    for wanted in states[1:]:
        found = step(page.spots, key, 0, 1)
        assert found == wanted
        assert step(page.spots, wanted, 0, -1) == key
        key = wanted


def test_what_the_cursor_is_on_is_set_off_and_nothing_else() -> None:
    for key in (
        ("state", "breached"),
        ("category", "工程维修-电梯"),
        ("day", str(MIDNIGHT - DAY)),
        ("pledge", ""),
    ):
        page = paint(made_up(), TEN, 80, 22, BLOCKS, key)
        marked = [y for y, line in enumerate(page.lines) if any(look == "spot" for _, look in line)]
        assert marked == [next(spot.y for spot in page.spots if spot.key == key)]
    assert not any(
        look == "spot" for line in paint(made_up(), TEN, 80, 22, BLOCKS, None).lines for _, look in line
    )
