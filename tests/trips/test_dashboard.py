"""The manager looks at the day: the dashboard in the real console, and from a figure down to one ticket."""

from __future__ import annotations

import json
import re
import sys

import pyte
import pytest

from tests.trips.driver import DESK, NIGHT, Console, Estate
from tests.trips.test_terminals import ambiguous_is_wide

ALWAYS = (
    "今日流量",
    "新增",
    "关闭",
    "接听",
    "未接",
    "近30天",
    "结转",
    "时限  未结",
    "未结分类",
    "方向键 选数字",
)


@pytest.mark.parametrize("size", [DESK, NIGHT])
def test_from_the_command_line_to_a_figure_to_its_tickets_to_one(
    estate: Estate, size: tuple[int, int]
) -> None:
    figures = json.loads(estate.does("dashboard", "--json"))
    shell = [sys.executable, "-m", "frontdesk", "dashboard"]
    with Console(shell, estate.environment("xiaolin"), size) as desk:
        desk.sees(*ALWAYS, f"未结{figures['open']}")
        if size == DESK:
            desk.sees("首问责任人", "今日到期的承诺", "阿珍")
        top = figures["categories"][0]
        leaf = top["category"].rpartition("-")[2]
        # The page opens on the first state that has a ticket, an emergency; the categories stand at its right.
        desk.sees("应急 1件").press("Right").sees(f"{top['category']} {top['open']}件")
        desk.press("Enter").sees(f"未结：{top['category']}  共{top['open']}", "Esc 回看板")
        listed = re.findall(rf"{leaf} \S.* (\d{{4}}-\d+)$", desk.text, re.M)
        assert len(listed) == top["open"]
        desk.press("Esc").sees("近30天").press("Enter").sees("Esc 回看板")
        desk.press("Down", "Enter").sees("下一步", "F10 退出").loses("Esc 回看板")
        desk.until(lambda: desk.number == listed[1], "not the second ticket of the list")
        desk.press("F10")
        assert desk.ends() == 0


def test_another_desk_saves_and_the_open_dashboard_counts_it(estate: Estate) -> None:
    with estate.console(size=NIGHT) as desk:
        desk.sees("未结工单 F3").press("Ctrl+P").types("kb").sees("看板 (kb)").press("Enter").sees(*ALWAYS)
        before = int(desk.found(r"时限  未结(\d+)"))
        estate.does("ticket", "open", "--text", "楼道里有异响")
        desk.sees(f"时限  未结{before + 1}", "─ 看板", f"未结{before + 1} ─")


def test_where_blocks_are_wide_the_bars_are_ascii_and_the_columns_stand_straight(
    estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wide(character: str) -> int:
        return 2 if character in "█▄▌" else ambiguous_is_wide(character)

    monkeypatch.setattr(pyte.screens, "wcwidth", wide)
    shell = [sys.executable, "-m", "frontdesk", "dashboard"]
    with Console(shell, estate.environment("xiaolin"), NIGHT) as desk:
        desk.sees(*ALWAYS, "####").loses("█", "▄", "▌", "─")
        starts = {desk.cells(y).index("峰") for y, row in enumerate(desk.rows) if row.count("峰") == 2}
        assert len(starts) <= 1


def test_a_move_of_the_cursor_sends_two_rows_and_the_head_never_the_page(estate: Estate) -> None:
    shell = [sys.executable, "-m", "frontdesk", "dashboard"]
    with Console(shell, estate.environment("xiaolin"), NIGHT) as desk:
        desk.sees(*ALWAYS, "应急 1件").press("Down").sees("超时 ", "件 ─").press("Up").sees("应急 1件")
        start = len(desk.raw)
        desk.press("Down").loses("应急 1件")
        assert 0 < len(desk.raw) - start < 1_000


@pytest.mark.parametrize("changes", [{"TERM": "xterm"}, {"NO_COLOR": "1"}])
def test_the_cursor_is_seen_in_sixteen_colours_and_in_none(estate: Estate, changes: dict[str, str]) -> None:
    shell = [sys.executable, "-m", "frontdesk", "dashboard"]
    with Console(shell, estate.environment("xiaolin", **changes), NIGHT) as desk:
        desk.sees(*ALWAYS, "应急 1件")
        place = next(y for y, row in enumerate(desk.rows) if row.startswith("急 应急"))
        looks = []
        for y in (place, place + 1):
            with desk._news:
                cell = desk._screen.buffer[y][20]
                looks.append((cell.bg, cell.reverse))
        assert looks[0] != looks[1]
