"""A receptionist's moves through the console, on a real desk."""

from __future__ import annotations

import gc
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from textual.command import CommandList
from textual.pilot import Pilot

from frontdesk.domain.errors import StoreTrouble
from frontdesk.domain.timing import HOUR, MINUTE
from frontdesk.tui.app import Console
from frontdesk.tui.form import freeze
from frontdesk.tui.notes import pack
from frontdesk.tui.opening import Opening
from tests.builders import NAME, PHONE, House
from tests.tui.stage import NARROW, PATIENCE, Stage, stage


async def open_menu(on: Stage) -> None:
    """Enter on the ticket under the cursor."""
    await on.press("enter")
    await on.until(lambda: on.console.desktop.scene.task == "menu")


async def choose(on: Stage, label: str) -> None:
    """The line of the open menu that bears this label."""
    labels = [choice.label for choice in on.work.menu.items]
    place = labels.index(label)
    if place < 9:
        await on.press(str(place + 1))
    else:
        await on.press(*["down"] * place, "enter")


async def test_the_first_screen_shows_what_is_open_and_what_to_do_next(house: House) -> None:
    house.open(text="电梯停了，一老一小困在里面")
    house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await on.sees("未结工单 F3  共2", "急", "下一步", "话术 F4", "F10 退出")
        assert on.console.desktop.tickets.current is not None
        assert "急 " in on.pane("tickets").splitlines()[2]


async def test_a_pane_that_changes_first_after_a_layout_wipes_no_other(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await on.sees("未结工单 F3  共1", "下一步", "F5 处理记录", "话术 F4")
        compositor, desktop = on.console.screen._compositor, on.console.desktop
        before = on.rows
        compositor.reflow(desktop, desktop.size)
        desktop.tickets.refresh()
        compositor.update_widgets({desktop.tickets})
        compositor.render_partial_update()
        assert on.rows == before


async def test_enter_offers_the_legal_moves_and_a_digit_does_one(house: House) -> None:
    case = house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await open_menu(on)
        await on.sees("1 派单")
        assert "接单" not in on.pane("menu")
        await on.press("1")
        await on.sees("责任部门", "工程部", "处理时限")
        await on.press("f9")
        await on.hears("派单：已保存")
        assert case.view.status == "dispatched"
        await on.until(lambda: on.console.desktop.scene.task == "")
        await on.sees("已派单")


async def test_a_whole_life_from_the_menu(house: House) -> None:
    case = house.open(text="楼道灯不亮")
    async with stage(house) as on:
        for label, typed in (
            ("派单", ()),
            ("接单", ()),
            ("到场", ()),
            ("办结", ("换了灯管",)),
            ("回访", ("1", "1", "1", "5")),
            ("关闭", ()),
        ):
            await open_menu(on)
            await choose(on, label)
            await on.until(lambda: on.console.desktop.scene.task == "form", f"no form for {label}")
            for words in typed:
                await on.type(words)
            await on.press("f9")
            await on.hears(f"{label}：已保存")
            await on.until(lambda: on.console.desktop.scene.task == "")
        assert case.view.status == "closed"
        assert case.view.score == 5
        await on.until(lambda: "共0" in on.shown)


async def test_what_the_desk_refuses_is_said_beside_the_field_and_keeps_what_was_typed(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await open_menu(on)
        await choose(on, "承诺时间")
        await on.sees("承诺内容")
        await on.type("灯今天修好")
        await on.press("tab")
        await on.type("昨天")
        await on.press("f9")
        await on.sees("认不出是什么时候")
        assert on.work.form.filling is not None
        assert on.work.form.filling.values["words"] == "灯今天修好"
        await on.press("backspace", "backspace")
        await on.type("9:00")
        await on.sees("= 明日09:00（23小时后）")
        await on.press("f9")
        await on.hears("承诺时间：已保存")


async def test_the_note_is_saved_with_f9_and_its_draft_is_gone(house: House) -> None:
    case = house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await on.press("f5")
        await on.type("业主很着急")
        await on.until(lambda: on.desk.drafts.all() == {f"note:{case.view.id}": "业主很着急"})
        await on.sees("[稿]")
        await on.press("f9")
        await on.hears("已保存")
        assert case.view.events[-1].note == "业主很着急"
        await on.until(lambda: on.desk.drafts.all() == {})
        assert on.work.note_area.text == ""


async def test_a_draft_is_there_again_at_the_next_start(house: House) -> None:
    first, second = house.open(text="楼道灯不亮"), house.open(text="电梯停了", priority="normal")
    desk = house.desk()
    desk.drafts.save(f"note:{second.view.id}", "写到一半的")
    async with stage(house, NARROW) as on:
        await on.hears("已恢复没存的内容")
        await on.until(lambda: on.work.note_area.text == "写到一半的")
        row = on.console.desktop.tickets.current
        assert row is not None
        assert row.id == second.view.id != first.view.id
        await on.until(lambda: on.focused() == "note")


async def test_each_ticket_has_its_own_note(house: House) -> None:
    house.open(text="楼道灯不亮")
    house.open(text="电梯停了", priority="normal")
    async with stage(house) as on:
        await on.press("f5")
        await on.type("甲")
        await on.press("f3", "down")
        await on.until(lambda: on.work.note_area.text == "")
        await on.press("f5")
        await on.type("乙")
        await on.press("f3", "up")
        await on.until(lambda: on.work.note_area.text == "甲")


async def test_two_desks_on_one_ticket_the_second_is_told_and_keeps_the_text(house: House) -> None:
    case = house.open(text="楼道灯不亮")
    other = house.desk("wang", "agent")
    async with stage(house) as on:
        await on.press("f5")
        await on.type("我写的")
        seen = on.work.view
        other.tickets.note(case.number, "别人写的")
        on.work.writing.turn_to(seen)  # however quick the watch is: this is what the person was looking at
        await on.press("f9")
        await on.hears("刚被改动（wang记录）")
        assert on.work.note_area.text == "我写的"
        await on.until(lambda: on.work.view is not None and on.work.view.version == 2)
        await on.press("f9")
        await on.hears("已保存")
        notes = [event.note for event in case.view.events if event.kind == "noted"]
        assert notes == ["别人写的", "我写的"]


async def test_a_phrase_goes_into_the_note_and_its_time_becomes_a_promise(house: House) -> None:
    case = house.open(text="楼上漏水，吊顶湿了")
    async with stage(house) as on:
        await on.until(lambda: len(on.work.phrases_pane.items) > 0)
        await on.press("f4", "5", "1")
        await on.until(
            lambda: on.work.phrases_pane.chosen is not None and on.work.phrases_pane.chosen.digits == "51"
        )
        phrase = on.work.phrases_pane.chosen
        assert phrase is not None
        await on.press("enter")
        await on.until(lambda: on.console.desktop.scene.task == "form")
        await on.sees("填空")
        await on.type("16:30")
        await on.press("f9")
        await on.until(lambda: "今天16:30" in on.work.note_area.text)
        await on.until(lambda: on.focused() == "note")
        await on.press("f9")
        await on.hears("已保存")
        view = case.view
        promise = next(run for run in view.clocks if run.kind == "promise")
        assert promise.due_at == house.time.now + 6 * HOUR + 30 * MINUTE
        assert "今天16:30" in promise.words


async def test_phrases_are_found_by_initials(house: House) -> None:
    house.open(text="楼上漏水，吊顶湿了")
    async with stage(house) as on:
        await on.until(lambda: len(on.work.phrases_pane.items) > 0)
        everything = len(on.work.phrases_pane.items)
        await on.press("f4")
        await on.type("fwsy")
        await on.until(lambda: 0 < len(on.work.phrases_pane.items) < everything)
        assert all(phrase.step == "escalate" for phrase in list(on.work.phrases_pane.items)[:2])
        await on.press("escape")
        await on.until(lambda: len(on.work.phrases_pane.items) == everything)


async def test_a_ring_is_answered_and_becomes_a_dispatched_ticket(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house) as on:
        house.desk().calls.ring(PHONE)
        await on.sees("响铃 00:00", "F2 接听")
        await on.press("f2")
        await on.until(lambda: on.console.desktop.scene.task == "form")
        assert "响铃 00" not in on.shown.replace("响铃 10", "")
        await on.type("楼上卫生间漏水")
        await on.sees("报修 给排水漏水", "因为")
        await on.press("f9")
        await on.hears("已开单，已派")
        row = on.console.desktop.tickets.current
        assert row is not None
        view = on.desk.tickets.by_id(row.id)
        assert (view.status, view.category, view.phone[-4:]) == (
            "dispatched",
            "工程维修-给排水漏水",
            PHONE[-4:],
        )
        assert on.desk.calls.list()[0].ticket == view.number


async def test_a_form_left_with_esc_is_there_again(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await on.press("f8")
        await on.until(lambda: on.console.desktop.scene.task == "form")
        await on.sees("服务上移", "业主意见", "您同意吗")
        await on.type("业主要求主任来")
        await on.press("escape")
        await on.until(lambda: on.console.desktop.scene.task == "")
        await on.press("f8")
        await on.sees("业主要求主任来")


@pytest.mark.parametrize("named", [True, False])
async def test_the_words_before_a_step_up_name_the_owner_and_who_is_called(house: House, named: bool) -> None:
    house.desk("chen", "supervisor")
    roster = house.home / "值班.csv"
    roster.write_text(
        "日期,姓名,工号,岗位,开始,结束\n2026-11-22,chen,chen,客服主任,08:00,20:00\n", encoding="utf-8"
    )
    if named:
        house.desk().shifts.import_roster(roster)
    case = house.open(text="楼道灯不亮")
    desk = house.desk("lin2", "agent")
    masked = desk.tickets.view(case.number).name
    async with stage(house, desk=desk) as on:
        await on.press("f8")
        receiver = "客服主任chen" if named else "客服主任"
        await on.sees("上移原因")
        told = "".join(on.pane("form").split())
        assert f"{masked}，光听我解释" in told and "*" in masked
        assert f"我想请{receiver}过来" in told and f"我请{receiver}来跟您说" in told
        assert "【" not in told


async def test_an_owner_without_a_name_is_greeted_instead(house: House) -> None:
    house.open(text="楼道灯不亮", name="")
    async with stage(house) as on:
        await on.press("f8")
        await on.sees("您好，光听我解释")


async def test_escalation_is_confirmed_by_the_same_key(house: House) -> None:
    case = house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await on.press("f8")
        await on.sees("上移原因")
        await on.press("f8")
        await on.sees("还没有填")
        await on.type("业主要求主任来")
        await on.press("tab", "tab", "1")
        await on.press("f8")
        await on.hears("服务上移：已保存")
        assert case.view.level == 1
        assert case.view.unacknowledged == "客服主任"
        assert on.desk.notices.list()[0].kind == "escalated"


async def test_follow_up_that_is_not_legal_is_refused_with_the_way_out(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await on.press("f7")
        await on.hears("现在不能回访")


async def test_f10_asks_only_where_something_is_not_saved(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await on.press("f5")
        await on.type("半句")
        await on.press("f10")
        await on.sees("还没保存：工单记录 1 份")
        await on.press("2")
        await on.until(lambda: on.console.desktop.scene.task == "")
        assert on.console._exit is False
        await on.press("f10", "1")
        await on.until(lambda: on.console._exit)


async def test_help_speaks_of_the_pane_that_has_the_keys(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await on.press("f5", "f1")
        await on.sees("处理记录", "F9 保存成一条记录", "Ctrl+P")
        await on.press("escape")
        await on.until(lambda: not on.console.desktop.scene.page)
        await on.until(lambda: on.focused() == "note")


async def test_explain_says_why(house: House) -> None:
    house.open(text="楼道灯不亮").after(3 * HOUR)
    async with stage(house) as on:
        await open_menu(on)
        await choose(on, "说明时限")
        await on.sees("已超时 1小时")
        lines = on.pane("page").split("\n")
        first = next(at for at, row in enumerate(lines) if "2小时内未处理：10:00 受理" in row)
        gap = lines.index("", first)
        assert (
            "现超时 1小时，还没有上移。" in "".join(lines[first:gap]) and "首次响应（T1）" in lines[gap + 1]
        )


async def test_copy_shows_plain_text_without_borders(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await on.until(lambda: len(on.work.phrases_pane.items) > 0)
        await on.press("f4", "f12")
        await on.until(lambda: on.console.desktop.scene.page)
        phrase = on.work.phrases_pane.chosen
        assert phrase is not None
        assert on.console.clipboard == phrase.text
        text = on.pane("page")
        assert text.splitlines()[0].startswith(phrase.text[:20])
        assert "─" not in text and "│" not in text


class Late(Opening):
    """An opening that comes to its end when it is told to."""

    def wait(self, seconds: float) -> bool:
        """Not yet."""
        return False

    def tell(self, opened: Callable[[], object]) -> None:
        """Kept."""
        self.opened = opened


@asynccontextmanager
async def early(house: House) -> AsyncIterator[tuple[Console, Late, Pilot[Any]]]:
    """A console whose desk is not there yet."""
    opening = Late(house.desk)
    opening.start()
    assert Opening.wait(opening, PATIENCE)
    console = Console(opening)
    async with console.run_test() as pilot:
        yield console, opening, pilot
    gc.unfreeze()


async def until(pilot: Pilot[Any], condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        await pilot.pause(0.01)


async def test_what_is_pressed_before_the_desk_is_there_is_done_then(house: House) -> None:
    house.open()
    async with early(house) as (console, opening, pilot):
        await pilot.press("f4")
        assert console.desktop.work is None
        opening.opened()
        await until(
            pilot, lambda: console.desktop.work is not None and console.desktop.work.phrases_pane.has_focus
        )


async def test_a_palette_that_is_opened_before_the_desk_is_there_has_its_commands(house: House) -> None:
    house.open()
    async with early(house) as (console, opening, pilot):
        await pilot.press("ctrl+p", "x", "d")
        assert len(console.screen_stack) == 2 and console.desktop.work is None
        opening.opened()
        await until(pilot, lambda: console.desktop.work is not None)
        palette = console.screen.query_one(CommandList)
        await until(pilot, lambda: palette.option_count > 0)
        await pilot.press("enter")
        await until(pilot, lambda: console.desktop.scene.task == "form")


async def test_the_first_key_waits_for_nothing_that_the_palette_holds_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.open()
    monkeypatch.setattr(Console, "call_after_refresh", lambda *_: True)
    opening = Opening(house.desk).start()
    assert opening.wait(PATIENCE)
    console = Console(opening)
    async with console.run_test() as pilot:
        started = [console.desktop.work is not None]
        await pilot.press("ctrl+p")
        started.append(console.desktop.work is not None)
        assert started == [False, True] and len(console.screen_stack) == 2
    gc.unfreeze()


async def test_the_palette_finds_commands_by_initials(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await on.press("ctrl+p")
        await on.until(lambda: on.console.screen is not on.console.desktop)
        await on.type("xd")
        await on.sees("新单 (xd)")
        await on.press("enter")
        await on.until(lambda: on.console.desktop.scene.task == "form")
        await on.sees("具体事项")


async def test_f6_goes_round_the_panes_in_sight(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await on.until(lambda: on.focused() == "tickets")
        seen = []
        for _ in range(6):
            await on.press("f6")
            await on.pilot.pause()
            seen.append(on.focused())
        assert seen == ["detail", "note", "phrases", "calls", "dashboard", "tickets"]


async def test_tab_goes_on_and_back_and_never_to_a_pane_out_of_sight(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house, NARROW) as on:
        await on.until(lambda: on.focused() == "tickets")
        seen = []
        for key in ("tab", "tab", "tab", "shift+tab", "shift+tab"):
            await on.press(key)
            seen.append(on.focused())
        assert seen == ["detail", "note", "tickets", "note", "detail"]


async def test_nothing_but_f10_leaves(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await on.press("ctrl+q", "ctrl+c", "ctrl+d", "ctrl+z", "escape", "escape")
        await on.pilot.pause()
        assert not on.console._exit


async def test_repeats_within_seven_days_are_offered(house: House) -> None:
    old = house.open(text="楼上卫生间漏水").go("dispatch", "accept", "resolve")
    house.desk().calls.ring(PHONE)
    async with stage(house) as on:
        await on.press("f2")
        await on.until(lambda: on.console.desktop.scene.task == "form")
        await on.type("卫生间又漏水了")
        if "同类旧单" not in on.shown:
            await on.until(lambda: on.work.form.filling is not None)
            names = [field.name for field in on.work.form.filling.form.fields] if on.work.form.filling else []
            unit = names.index("unit")
            await on.press(*["tab"] * unit)
            await on.type("7-3-2604")
        await on.sees("同类旧单")
        del old


async def test_nothing_of_the_owner_is_shown_in_clear_to_an_agent(house: House) -> None:
    house.open(text="楼道灯不亮")
    agent = house.desk("wang", "agent")
    async with stage(house, desk=agent) as on:
        await on.sees("林**")
        assert NAME not in on.shown and PHONE not in on.shown and "2604" not in on.shown


async def test_hostile_text_reaches_the_screen_harmless(house: House) -> None:
    house.open(text="灯坏了\x1b[2J\x1b]0;x\x07 [bold red]红[/] \u202e倒 👍🏽 a\u0301")
    async with stage(house) as on:
        await on.sees("灯坏了")
        assert not any(ord(character) < 32 for row in on.rows for character in row)
        assert "[bold red]红[/]" in on.shown
        assert "\u202e" not in on.shown


async def test_f9_pressed_twice_saves_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    case = house.open(text="楼道灯不亮")
    desk = house.desk()
    gate, real = Event(), desk.tickets.note

    def slow(number: str, text: str, seen: int | None = None) -> object:
        gate.wait(PATIENCE)
        return real(number, text, seen)

    monkeypatch.setattr(desk.tickets, "note", slow)
    async with stage(house, desk=desk) as on:
        await on.press("f5")
        await on.type("只记一次")
        await on.press("f9", "f9")
        await on.type("，还有")
        gate.set()
        await on.hears("已保存")
        await on.until(lambda: not on.console.clerk.busy("write"))
        assert [event.note for event in case.view.events if event.kind == "noted"] == ["只记一次"]
        assert on.work.note_area.text == "，还有", "what was written meanwhile stays"


async def test_a_locked_database_keeps_the_text_and_f9_saves_it_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = house.open(text="楼道灯不亮")
    desk = house.desk()
    async with stage(house, desk=desk) as on:
        await on.press("f5")
        await on.type("别丢")
        real = desk.tickets.note

        def locked(*_words: object, **_named: object) -> None:
            raise StoreTrouble("数据库正被别的程序占用。请稍候再试。")

        monkeypatch.setattr(desk.tickets, "note", locked)
        await on.press("f9")
        await on.hears("数据库正被别的程序占用")
        assert on.work.note_area.text == "别丢"
        monkeypatch.setattr(desk.tickets, "note", real)
        await on.press("f9")
        await on.hears("已保存")
        assert case.view.events[-1].note == "别丢"


async def test_an_unexpected_fault_is_told_by_its_number_and_logged_without_what_was_typed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.open(text="楼道灯不亮")
    desk = house.desk()
    async with stage(house, desk=desk) as on:

        def broken(*_words: object, **_named: object) -> None:
            raise KeyError("林晚舟")

        monkeypatch.setattr(desk.tickets, "note", broken)
        await on.press("f5")
        await on.type("别丢")
        await on.press("f9")
        await on.hears("出错了，编号")
        assert on.work.note_area.text == "别丢"
        log = (desk.settings.logs / "faults.log").read_text(encoding="utf-8")
        assert "KeyError" in log and "林晚舟" not in log


async def test_a_form_after_a_conflict_saves_at_the_second_try(house: House) -> None:
    case = house.open(text="楼道灯不亮")
    other = house.desk("wang", "agent")
    async with stage(house) as on:
        await on.press("f8")
        await on.sees("上移原因")
        await on.type("业主要求主任来")
        await on.press("tab", "tab", "1")
        other.tickets.note(case.number, "别人写的")
        await on.press("f8")
        await on.hears("刚被改动（wang记录）")
        await on.sees("业主要求主任来")
        await on.until(lambda: on.work.view is not None and on.work.view.version == 2)
        await on.press("f8")
        await on.hears("服务上移：已保存")


async def test_a_closed_ticket_is_found_by_its_number_and_reopened(house: House) -> None:
    closed = house.open(text="楼道灯不亮").go("dispatch", "accept", "resolve", "follow_up", "close")
    house.open(text="电梯停了", priority="normal")
    async with stage(house) as on:
        await on.press("ctrl+p")
        await on.until(lambda: on.console.screen is not on.console.desktop)
        await on.type("zgd")
        await on.sees("找工单 (zgd)")
        await on.press("enter")
        await on.sees("如 1122-03")
        editor = on.work.form.line_editor
        assert editor.cursor_screen_offset == editor.content_region.offset
        await on.type("1122-99")
        await on.press("enter")
        await on.hears("没有")
        assert editor.cursor_screen_offset.x == editor.content_region.x + len("1122-99")
        await on.press("backspace", "backspace")
        await on.type("01")
        await on.press("enter")
        await on.until(lambda: on.work.view is not None and on.work.view.number == closed.number)
        await on.sees("已关闭")
        await open_menu(on)
        await choose(on, "重开")
        await on.sees("重开原因")
        await on.type("又不亮了")
        await on.press("f9")
        await on.hears("重开：已保存")
        await on.until(lambda: "共2" in on.shown)


async def test_phrases_go_into_the_ticket_that_is_being_taken_and_promise_on_saving(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house) as on:
        house.desk().calls.ring(PHONE)
        await on.sees("响铃 00:00")
        await on.press("f2")
        await on.until(lambda: on.console.desktop.scene.task == "form")
        await on.type("楼上卫生间漏水")
        await on.sees("报修 给排水漏水", "话术 F4  B4给排水漏水")
        await on.press("f4", "5", "2")
        await on.until(
            lambda: on.work.phrases_pane.chosen is not None and on.work.phrases_pane.chosen.digits == "52"
        )
        await on.press("enter")
        await on.sees("填空")
        await on.type("30分钟")
        await on.sees("= 10:30（30分钟后）")
        await on.press("f9")
        await on.sees("今天10:30前到您家查漏")
        await on.press("f9")
        await on.hears("已开单")
        view = on.desk.tickets.view(on.desk.calls.list()[0].ticket)
        assert [run.due_at for run in view.clocks if run.kind == "promise"] == [house.time.now + 30 * MINUTE]
        assert any(event.kind == "noted" and "今天10:30" in event.note for event in view.events)


async def test_what_others_write_is_seen_and_the_cursor_stays(house: House) -> None:
    house.open(text="楼道灯不亮")
    mine = house.open(text="水龙头滴水")
    other = house.desk("wang", "agent")
    async with stage(house) as on:
        await on.press("down")
        await on.until(lambda: on.work.view is not None and on.work.view.number == mine.number)
        house.open(other, text="电梯困人，快来")
        await on.until(lambda: "共3" in on.shown)
        row = on.console.desktop.tickets.current
        assert row is not None and row.number == mine.number
        assert on.pane("tickets").splitlines()[2].startswith("急")


async def test_countdowns_go_on_without_anybody_writing(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await on.sees("剩02:00")
        house.time.forward(2 * HOUR - 5 * MINUTE)
        await on.sees("近 将超", "剩 5:00", "近1")
        house.time.forward(5 * MINUTE)
        await on.sees("红 超时", "红1")


async def test_a_new_ticket_that_was_being_taken_is_there_again_with_its_promises(house: House) -> None:
    house.open(text="楼道灯不亮")
    desk = house.desk()
    due = house.time.now + 2 * HOUR
    told = {
        "text": "楼上卫生间漏水",
        "note": "今天12:00前给您回电",
        "promises": pack([("今天12:00前给您回电", due)]),
    }
    desk.drafts.save("form:open:-", freeze(told))
    async with stage(house, desk=desk) as on:
        await on.hears("已恢复没存的内容")
        await on.sees("楼上卫生间漏水", "今天12:00前给您回电")
        await on.press("f9")
        await on.hears("已开单，已派")
        await on.until(lambda: on.work.view is not None and on.work.view.number.endswith("-02"))
        assert on.work.view is not None
        assert [run.due_at for run in on.work.view.clocks if run.kind == "promise"] == [due]
        await on.until(lambda: desk.drafts.all() == {})


async def test_a_new_ticket_whose_text_was_emptied_again_is_no_draft(house: House) -> None:
    desk = house.desk()
    async with stage(house, desk=desk) as on:
        on.work.errands.taking.start()
        await on.until(lambda: on.work.form.filling is not None)
        await on.type("楼上卫生间漏水")
        await on.sees("报修 给排水漏水")
        await on.until(lambda: "form:open:-" in desk.drafts.all())
        await on.press("ctrl+a", "delete")
        await on.until(lambda: desk.drafts.all() == {})
        await on.press("escape")
        await on.until(lambda: on.work.form.filling is None)
        assert "草稿" not in on.said
    async with stage(house, desk=desk) as on:
        on.work.errands.taking.start()
        await on.until(lambda: on.work.form.filling is not None)
        await on.type("楼")
        await on.until(lambda: "form:open:-" in desk.drafts.all())


async def test_an_empty_draft_of_an_older_version_is_gone_once_it_was_put_away(house: House) -> None:
    desk = house.desk()
    desk.drafts.save("form:open:-", freeze({"channel": "walk_in", "send": "yes", "anonymous": "no"}))
    async with stage(house, desk=desk) as on:
        await on.until(lambda: on.work.form.filling is not None)
        await on.press("escape")
        await on.until(lambda: desk.drafts.all() == {})


async def test_a_number_of_several_owners_asks_which(house: House, tmp_path: Path) -> None:
    house.open(text="楼道灯不亮")
    desk = house.desk()
    people = tmp_path / "people.csv"
    people.write_text(
        "姓名,电话,房号\n贺佳彤,19900001101,1-1-1101\n贺春生,19900001101,1-2-1101\n", encoding="utf-8"
    )
    desk.imports.residents(people)
    async with stage(house, desk=desk) as on:
        desk.calls.ring("199 0000 1101")
        await on.sees("2位业主共用")
        await on.press("f2")
        await on.sees("哪位业主")
        await on.type("厨房水管漏水")
        await on.sees("报修 给排水漏水")
        await on.press("tab")
        await on.sees("1栋1单元1101", "1栋2单元1101")
        await on.press("2", "f9")
        await on.hears("已开单")
        view = desk.tickets.view(desk.calls.list()[0].ticket)
        assert (view.unit, view.name) == ("1栋2单元1101", "贺**")
