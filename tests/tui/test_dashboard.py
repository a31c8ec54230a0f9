"""看板 in the console: opened, walked, followed down to a ticket, kept up to date."""

from __future__ import annotations

import subprocess
import sys

import pytest

from frontdesk.domain.timing import DAY, HOUR, MINUTE
from tests.builders import House
from tests.processes import ROOT
from tests.tui.stage import NARROW, WIDE, Stage, stage


async def open_dashboard(on: Stage) -> None:
    """By the palette, by its initials."""
    await on.press("ctrl+p")
    await on.until(lambda: on.console.screen is not on.console.desktop)
    await on.type("kb")
    await on.sees("看板 (kb)")
    await on.press("enter")
    await on.until(lambda: on.focused() == "dashboard" and on.work.figures.pane.page.spots, "no dashboard")


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_from_a_figure_to_its_tickets_to_one_of_them_and_back(
    house: House, size: tuple[int, int]
) -> None:
    house.open(text="楼道灯不亮")
    second = house.open(text="电梯停了", priority="normal")
    async with stage(house, size) as on:
        await open_dashboard(on)
        await on.sees("今日流量", "近30天", "时限  未结2", "未结分类", "承诺", "方向键 选数字")
        pane = on.work.figures.pane
        await on.until(lambda: pane.at == ("state", "new"))
        await on.press("right")
        assert pane.at is not None and pane.at[0] == "category"
        while pane.at != ("category", "工程维修-电梯"):
            before = pane.at
            await on.press("down" if pane.at == ("category", "工程维修-供电照明") else "up")
            assert pane.at != before, on.shown
        await on.sees("工程维修-电梯 1件")
        await on.press("enter")
        await on.sees("未结：工程维修-电梯  共1", "电梯停了", "Esc 回看板")
        await on.press("escape")
        await on.until(lambda: on.focused() == "dashboard")
        assert pane.at == ("category", "工程维修-电梯")
        await on.press("enter")
        await on.until(lambda: on.focused() == "found")
        await on.press("enter")
        await on.until(lambda: on.focused() == "tickets" and on.work.view is not None)
        await on.until(lambda: on.work.view is not None and on.work.view.number == second.number)
        assert not on.console.desktop.scene.page


async def test_a_day_lists_what_was_opened_then_closed_tickets_too(house: House) -> None:
    house.open(text="昨天的事").go("dispatch", "accept", "resolve", "follow_up", "close")
    house.time.forward(DAY)
    house.open(text="今天的事")
    async with stage(house) as on:
        await open_dashboard(on)
        pane = on.work.figures.pane
        yesterday = next(
            spot.key
            for spot in pane.page.spots
            if spot.key[0] == "day" and spot.key[1] < str(house.time.now - DAY)
        )
        days = [spot.key for spot in pane.page.spots if spot.key[0] == "day"]
        pane._go(days[-2])
        assert yesterday in days
        await on.sees("11-22 周日 新增1 关闭1 结转0")
        await on.press("enter")
        await on.sees("11-22 周日 受理的工单  共1", "昨天的事", "已闭")
        await on.press("enter")
        await on.until(lambda: on.work.view is not None and on.work.view.status == "closed")


async def test_what_others_save_is_counted_anew_and_a_minute_recolours_without_reading(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.open(text="楼道灯不亮", at=house.time.now)
    async with stage(house) as on:
        await open_dashboard(on)
        await on.sees("时限  未结1")
        house.open(text="又一件")
        await on.sees("时限  未结2")
        await on.until(lambda: not on.console.clerk.busy("dashboard"))
        reads: list[str] = []
        read = on.desk.dashboard.read
        monkeypatch.setattr(on.desk.dashboard, "read", lambda: reads.append("read") or read())  # type: ignore[func-returns-value]
        found = on.work.figures._found
        assert found is not None
        house.time.forward(50)
        on.work.figures.tick(house.time.now)
        later = house.time.now + 25 * HOUR
        on.work.figures.pane.tick(later)
        assert {share.key for share in found.states(later) if share.size} == {"breached"}
        await on.sees("超时 2件" if on.work.figures.pane.at == ("state", "breached") else "红 超时 ████")
        assert reads == []


async def test_f6_brings_it_in_turn_but_never_over_a_form_and_tab_never(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house, NARROW) as on:
        await on.press("f6", "f6", "f6")
        await on.until(lambda: on.focused() == "dashboard")
        await on.press("f6")
        await on.until(lambda: on.focused() == "tickets")
        assert not on.console.desktop.scene.page
        await on.press("tab", "tab", "tab")
        assert on.focused() == "tickets"
        await on.press("f8")
        await on.until(lambda: on.console.desktop.scene.task == "form")
        for _ in range(6):
            await on.press("f6")
            await on.pilot.pause()
            assert not on.console.desktop.scene.page


async def test_f1_explains_the_figures_and_esc_comes_back_to_them(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house, NARROW) as on:
        await open_dashboard(on)
        await on.press("f1")
        await on.sees("响铃 60 秒没有接起算未接")
        await on.press("escape")
        await on.until(lambda: on.focused() == "dashboard")
        await on.sees("时限  未结1")
        await on.press("escape")
        await on.until(lambda: on.focused() == "tickets")


async def test_while_it_rings_f2_answers_over_the_dashboard(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house, NARROW) as on:
        await open_dashboard(on)
        house.desk().calls.ring("19900001234")
        await on.sees("响铃", "F2 接听", "承诺")
        await on.press("f2")
        await on.until(lambda: on.console.desktop.scene.task == "form")
        assert not on.console.desktop.scene.page


async def test_ascii_bars_where_the_settings_ask_for_them(house: House) -> None:
    house.open(text="楼道灯不亮")
    settings = house.settings()._replace(ascii=True)
    desk = house.desk()
    desk._access.settings = settings
    async with stage(house, NARROW, desk) as on:
        await open_dashboard(on)
        await on.sees("####")
        assert not set("█▄▌") & set(on.shown)


async def test_a_figure_without_tickets_says_so_and_stays(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house, NARROW) as on:
        await open_dashboard(on)
        on.work.figures.pane._go(("state", "paused"))
        await on.press("enter")
        await on.hears("这里没有工单")
        assert on.focused() == "dashboard"


async def test_at_midnight_and_after_the_page_turns_to_the_new_day(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house, NARROW) as on:
        await open_dashboard(on)
        await on.sees("看板 11-22 周日 10:00")
        house.time.forward(14 * HOUR + MINUTE)
        on.console.desktop.tick()
        await on.sees("看板 11-23 周一 00:01", "今日流量")
        await on.until(
            lambda: on.work.figures._found is not None and on.work.figures._found.total.opened == 0
        )


def test_the_console_starts_without_it() -> None:
    code = "import sys, frontdesk.tui.app, frontdesk.tui.work; print([n for n in sys.modules if 'dashboard' in n or n.endswith(('overview', 'plots'))])"
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
