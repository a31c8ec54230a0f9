"""The handover page in the console: it lies in front, Enter takes, what is left keeps its name (A-DAY 08:28)."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from frontdesk.desk import Desk
from frontdesk.domain.roster import Turn
from frontdesk.domain.timing import HOUR, MINUTE
from frontdesk.store.shifts import Shifts
from tests.builders import Case, House
from tests.tui.stage import NARROW, WIDE, Stage, stage


@pytest.fixture
def night(house: House) -> Desk:
    """老周's desk at 08:20."""
    house.time.now -= 100 * MINUTE
    return house.desk("laozhou", "agent")


def promised(house: House, night: Desk) -> list[Case]:
    """Promises alone: a line a ticket."""
    found = []
    for place, text in enumerate(("楼道灯不亮", "单元门禁打不开", "电梯异响")):
        case = house.open(night, text=text)
        case.correct(priority="low").dispatch().accept()
        found.append(case.promise(due_in=(1 + place) * HOUR))
    return found


def page_is_open(on: Stage) -> bool:
    return on.console.desktop.scene.page == "handover"


def left(on: Stage) -> int:
    return sum(matter.waits for matter in on.work.handover.pane.items)


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_the_night_s_page_lies_in_front_and_enter_takes_line_by_line(
    house: House, night: Desk, size: tuple[int, int]
) -> None:
    cases = promised(house, night)
    night.handovers.give()
    house.time.forward(9 * MINUTE)
    day = house.desk("xiaolin", "agent")
    async with stage(house, size, day) as on:
        await on.sees("接班　laozhou 08:20 交", "谁手上", "Enter 接这一件", "F9 全部接下")
        assert on.focused() == "handover" and page_is_open(on)
        lines = on.work.handover.pane.items
        assert [m.item.kind for m in lines[:3]] == ["promise"] * 3
        assert all(cell_len(row) <= size[0] for row in on.rows)
        await on.press("enter")
        await on.hears("已接，还剩")
        assert cases[0].view.case_owner == "xiaolin" and cases[1].view.case_owner == "laozhou"
        await on.sees("xiaolin 08:29")
        current = on.work.handover.pane.current
        assert current is not None and current.item.ticket == cases[1].number, "the cursor goes on"
        await on.press("escape")
        await on.until(lambda: not page_is_open(on))
        await on.hears("件在laozhou名下；再接：Ctrl+P 打「交接班」")
        assert on.focused() == "tickets" and cases[1].view.case_owner == "laozhou"
        assert ("待接班" in on.shown) == (size == WIDE)


async def test_enter_three_times_at_once_takes_three(house: House, night: Desk) -> None:
    cases = promised(house, night)
    night.handovers.give()
    day = house.desk("xiaolin", "agent")
    async with stage(house, NARROW, day) as on:
        await on.until(lambda: page_is_open(on))
        await on.press("enter", "enter", "enter")
        await on.until(lambda: all(case.view.case_owner == "xiaolin" for case in cases))
        await on.hears("全部接下了")
        await on.until(lambda: not page_is_open(on))


async def test_a_digit_takes_its_line_and_f9_the_rest(house: House, night: Desk) -> None:
    cases = promised(house, night)
    night.handovers.give()
    async with stage(house, NARROW, house.desk("xiaolin", "agent")) as on:
        await on.until(lambda: page_is_open(on))
        await on.press("2")
        await on.until(lambda: cases[1].view.case_owner == "xiaolin")
        assert cases[0].view.case_owner == "laozhou"
        await on.press("f9")
        await on.hears("全部接下了")
        assert {case.view.case_owner for case in cases} == {"xiaolin"}
        assert day_is_empty(house)


def day_is_empty(house: House) -> bool:
    return house.desk("xiaolin").handovers.waiting() is None


async def test_whoever_is_second_is_told_who_has_it_and_the_page_follows(house: House, night: Desk) -> None:
    promised(house, night)
    given = night.handovers.give()
    other = house.desk("azhen", "agent")
    async with stage(house, NARROW, house.desk("xiaolin", "agent")) as on:
        await on.until(lambda: page_is_open(on))
        before = left(on)
        other.handovers.take(given.id, [given.lines[0].item.key])
        await on.press("1")
        await on.until(lambda: left(on) < before, "the page shows what the other has taken")
        await on.sees("azhen")
        assert left(on) == sum(m.waits for m in other.handovers.seen(given.id or 0).lines)
        await on.press("1")
        await on.hears("这一件不用接了：azhen")


async def test_one_s_own_shift_is_looked_through_and_signed_from_the_palette(
    house: House, night: Desk
) -> None:
    promised(house, night)
    async with stage(house, NARROW, night) as on:
        assert not page_is_open(on), "nothing waits for him"
        on.work.handover.start()
        await on.sees("交接班", "1 交班")
        await on.press("1")
        await on.sees("交班　下一班", "F9 签字交班")
        await on.press("f9")
        await on.hears("第 1 号交接已签字")
        await on.until(lambda: not page_is_open(on))
    (kept,) = night.handovers.list()
    assert kept.page.given_by == "laozhou" and kept.waiting


async def test_enter_on_a_page_to_be_given_opens_the_ticket(house: House, night: Desk) -> None:
    cases = promised(house, night)
    async with stage(house, NARROW, night) as on:
        on.work.handover.give()
        await on.until(lambda: page_is_open(on))
        await on.press("3", "enter")
        await on.until(lambda: not page_is_open(on))
        await on.until(lambda: on.work.view is not None and on.work.view.number == cases[2].number)
        assert night.handovers.list() == ()


async def test_an_earlier_page_is_shown_as_it_was_signed(house: House, night: Desk) -> None:
    promised(house, night)
    night.handovers.give()
    async with stage(house, NARROW, night) as on:
        on.work.handover.start()
        await on.sees("往次", "接班")
        await on.press("3")
        await on.sees("第 1 号", "laozhou")
        await on.press("1")
        await on.sees("交接班记录　第 1 号", "负责人：laozhou")
        await on.press("end")
        await on.sees("接班人：还没有签字")


async def test_the_help_lies_over_the_page_and_esc_brings_it_back(house: House, night: Desk) -> None:
    promised(house, night)
    night.handovers.give()
    async with stage(house, NARROW, house.desk("xiaolin", "agent")) as on:
        await on.until(lambda: page_is_open(on))
        await on.press("f1")
        await on.sees("接班：回车或数字接一件")
        await on.press("escape")
        await on.until(lambda: page_is_open(on) and on.focused() == "handover")


async def test_a_turn_that_begins_without_a_signature_has_its_page_too(house: House, night: Desk) -> None:
    (case, *_others) = promised(house, night)
    day, now = house.desk("xiaolin", "agent"), house.time.now
    Shifts(day._access.db).replace([Turn("xiaolin", "xiaolin", "agent", now, now + 12 * HOUR)])
    async with stage(house, NARROW, day) as on:
        await on.sees("上一班没有签字")
        await on.press("enter")
        await on.until(lambda: case.view.case_owner == "xiaolin")
        await on.until(lambda: left(on) < len(on.work.handover.pane.items))


async def test_a_half_written_ticket_is_not_covered(house: House, night: Desk) -> None:
    promised(house, night)
    night.handovers.give()
    day = house.desk("xiaolin", "agent")
    from frontdesk.tui.form import freeze

    day.drafts.save("form:open:-", freeze({"text": "三楼有人敲墙"}))
    async with stage(house, NARROW, day) as on:
        await on.hears("交班")
        assert on.console.desktop.scene.task == "form" and not page_is_open(on)
        await on.sees("三楼有人敲墙")


async def test_without_anything_to_hand_over_the_board_stands_as_ever(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house, NARROW) as on:
        await on.until(lambda: on.work.handover.begun)
        assert not on.console.desktop.scene.page and on.focused() == "tickets"


async def test_a_page_given_while_the_console_is_open_is_told_on_the_message_line(
    house: House, night: Desk
) -> None:
    promised(house, night)
    async with stage(house, WIDE, house.desk("xiaolin", "agent")) as on:
        await on.until(lambda: on.work.handover.begun)
        assert not on.console.desktop.scene.page
        house.time.forward(MINUTE)
        night.handovers.give()
        await on.hears("laozhou交班")
        await on.sees("待接班")
        assert not on.console.desktop.scene.page, "nobody is pulled out of what they do"


async def test_the_open_page_goes_with_the_time(house: House, night: Desk) -> None:
    promised(house, night)
    night.handovers.give()
    async with stage(house, NARROW, house.desk("xiaolin", "agent")) as on:
        await on.sees("1 承诺     09:20")
        house.time.forward(70 * MINUTE)
        await on.sees("1 承诺     超 10分钟")


async def test_whom_to_ask_is_a_page_of_its_own(house: House, night: Desk) -> None:
    now = house.time.now
    Shifts(night._access.db).replace([Turn("laozhou", "laozhou", "agent", now - HOUR, now + 10 * MINUTE)])
    async with stage(house, NARROW, night) as on:
        on.work.handover.duty()
        await on.sees("现在值班", "前台客服", "当班，08:30 下班", "工程部", "没有排班，用部门联系方式")
        await on.sees("前台没有人当班的时段", "08:30 至 11-29 08:20")
