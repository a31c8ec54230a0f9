"""An emergency at the console: Enter confirms, Enter opens the plan, the board says what to read out, F2 attaches (A-DAY 09:15)."""

from __future__ import annotations

import pytest

from frontdesk.domain.timing import MINUTE
from frontdesk.tui.panes.emergency import paint_board
from frontdesk.tui.paper import measure
from frontdesk.tui.places import Scene, places
from tests.builders import House
from tests.tui.stage import NARROW, WIDE, Stage, stage

TRAPPED = "电梯停了，我妈被困在里面"


async def answers(on: Stage) -> None:
    """Enter on a form that opened by itself, which takes no key in its first moment."""
    await on.until(lambda: on.work.form.filling is not None)
    while not on.console.desktop.scene.full:
        await on.press("enter")
    await on_board(on)


async def on_board(on: Stage) -> None:
    await on.until(lambda: on.console.desktop.scene.full == "emergency", "the board did not open")
    await on.until(lambda: on.focused() == "emergency", "the board has no keys")


async def opened(on: Stage, house: House) -> str:
    """An emergency on the board."""
    case = house.open(on.desk, text=TRAPPED).plan()
    on.work.emergencies.show(case.view.id)
    await on_board(on)
    await on.sees("现在念 第一次通报")
    return case.number


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_four_letters_and_two_enters_open_the_plan(house: House, size: tuple[int, int]) -> None:
    async with stage(house, size) as on:
        on.work.errands.taking.start()
        await on.until(lambda: on.console.desktop.scene.task == "form")
        await on.type("dtkr")
        await on.sees("紧急：回车打开预案「电梯困人」")
        await on.press("enter")
        await on.sees("紧急：电梯困人", "1 打开预案")
        await on.press("enter")
        await on_board(on)
        await on.sees("突发 1/1", "现在念 第一次通报", "安保部", "工程部", "客服部", "先打 电梯维保单位")
        (row,) = on.desk.board().rows
        view = on.desk.tickets.by_id(row.id)
        assert (view.plan, len(view.tasks), view.case) == ("lift", 3, "B2")


async def test_who_is_not_sure_goes_on_filling_in(house: House) -> None:
    async with stage(house) as on:
        on.work.errands.taking.start()
        await on.until(lambda: on.console.desktop.scene.task == "form")
        await on.type("dtkr")
        await on.sees("回车打开预案")
        await on.press("enter")
        await on.sees("2 接着填单")
        await on.press("2")
        await on.until(lambda: on.console.desktop.scene.task == "form")
        filling = on.work.form.filling
        assert filling is not None and filling.form.fields[filling.at].name == "unit"
        assert on.desk.board().rows == []


async def test_enter_in_an_ordinary_report_is_a_new_line(house: House) -> None:
    async with stage(house) as on:
        on.work.errands.taking.start()
        await on.until(lambda: on.console.desktop.scene.task == "form")
        await on.type("楼道灯不亮")
        await on.sees("供电照明")
        await on.press("enter")
        await on.type("三楼")
        filling = on.work.form.filling
        assert filling is not None
        await on.until(lambda: filling.values["text"] == "楼道灯不亮\n三楼")


async def test_a_report_sent_without_its_plan_has_it_offered(house: House) -> None:
    async with stage(house) as on:
        on.work.errands.taking.start()
        await on.until(lambda: on.console.desktop.scene.task == "form")
        await on.type(TRAPPED)
        await on.sees("回车打开预案")
        filling = on.work.form.filling
        assert filling is not None
        filling.values["send"] = "no"
        await on.press("f9")
        await on.sees("突发预案", "回车打开「电梯困人」")
        await answers(on)
        await on.sees("现在念 第一次通报")


async def test_a_ticket_that_becomes_urgent_has_its_plan_offered_and_first_in_its_menu(house: House) -> None:
    case = house.open(text=TRAPPED, priority="normal")
    async with stage(house) as on:
        await on.press("enter")
        await on.until(lambda: on.console.desktop.scene.task == "menu")
        assert on.work.menu.items[0].label != "突发预案"
        await on.press("escape")
        on.work.errands.start("correct")
        await on.until(lambda: on.work.form.filling is not None)
        filling = on.work.form.filling
        assert filling is not None
        filling.values["priority"] = "urgent"
        await on.press("f9")
        await on.sees("回车打开「电梯困人」")
        await on.press("escape")
        await on.until(lambda: not on.console.desktop.scene.task)
        await on.press("enter")
        await on.until(lambda: on.console.desktop.scene.task == "menu")
        assert on.work.menu.items[0].label == "突发预案"
        await on.press("1")
        await on.sees("回车打开「电梯困人」")
        await answers(on)
        assert case.view.plan == "lift"


async def test_a_record_that_tells_of_an_emergency_has_its_plan_offered(house: House) -> None:
    case = house.open(text="电梯按键不亮", priority="normal")
    async with stage(house) as on:
        await on.press("f5")
        await on.type("师傅来电：电梯里现在困住两个人，出不来")
        await on.press("f9")
        await on.hears("记录里说的是突发：电梯困人")
        await on.sees("回车打开「电梯困人」")
        await answers(on)
        assert (case.view.plan, case.view.priority) == ("lift", "urgent")


async def test_the_facts_are_asked_for_as_soon_as_it_is_over(house: House) -> None:
    async with stage(house) as on:
        number = await opened(on, house)
        for task in (1, 2):
            on.desk.tickets.resolve(number, "好了", task)
        on.console.reread()
        await on.sees("已完 工程部")
        await on.press("1")
        await on.until(lambda: on.console.desktop.scene.task == "menu")
        labels = [choice.label for choice in on.work.menu.items]
        await on.press(str(labels.index("办结") + 1))
        await on.sees("处理结果")
        await on.type("人都出来了")
        await on.press("f9")
        await on.sees("几点开始被困", "受影响程度")
        await on.type("9:50")
        await on.press("f9")
        await on.hears("采集事实：已保存")
        await on_board(on)
        await on.sees("现在念 处理完毕", "念过这次就完", "待采 几点全部出来")


async def test_a_form_that_opens_by_itself_takes_no_enter_that_was_meant_for_something_else(
    house: House,
) -> None:
    case = house.open(text=TRAPPED)
    async with stage(house) as on:
        on.work.emergencies.offer(case.view)
        await on.until(lambda: on.work.form.filling is not None)
        filling = on.work.form.filling
        assert filling is not None
        filling.since += 3600.0  # however slow this machine is, it has just opened
        await on.press("enter")
        assert on.work.form.filling is filling and not filling.sending
        assert "plan_opened" not in {event.kind for event in case.view.events}
        filling.since -= 7200.0
        await on.press("enter")
        await on_board(on)
        assert case.view.plan == "lift"


async def test_f9_before_the_advice_has_come_opens_the_plan_all_the_same(house: House) -> None:
    async with stage(house) as on:
        on.work.errands.taking.start()
        await on.until(lambda: on.console.desktop.scene.task == "form")
        await on.type(TRAPPED)
        await on.press("f9")
        await on_board(on)
        await on.sees("现在念 第一次通报")
        (row,) = on.desk.board().rows
        assert [task["department"] for task in on.desk.tickets.by_id(row.id).tasks] == [
            "安保部",
            "工程部",
            "客服部",
        ]


async def test_another_plan_is_a_digit_away(house: House) -> None:
    house.open(text=TRAPPED)
    async with stage(house) as on:
        on.work.errands.start("plan")
        await on.sees("1 电梯困人", "2 着火冒烟")
        await on.press("2", "enter")
        await on_board(on)
        await on.sees("119", "着火冒烟")


async def test_enter_says_that_it_was_read_out(house: House) -> None:
    async with stage(house) as on:
        number = await opened(on, house)
        house.time.forward(4 * MINUTE)
        await on.press("enter")
        await on.hears("已通报")
        await on.sees("现在念 还没人到", "还有 10:00")
        assert on.desk.tickets.view(number).events[-1].kind == "progressed"


async def test_the_countdown_goes_by_seconds_and_repaints_only_its_rows(house: House) -> None:
    async with stage(house) as on:
        await opened(on, house)
        await on.sees("还有 10:00")
        before = on.pane("emergency").split("\n")
        house.time.forward(2)
        on.work.emergencies.tick()
        await on.sees("还有 09:58")
        after = on.pane("emergency").split("\n")
        changed = [y for y, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
        assert len(changed) <= 4, changed
        house.time.forward(11 * MINUTE)
        on.work.emergencies.tick()
        await on.sees("该念了 超01:02")


async def test_f2_lifts_who_rings_and_attaches_them(house: House) -> None:
    async with stage(house) as on:
        number = await opened(on, house)
        call = on.desk.calls.ring("19900007733").call_id
        on.console.reread()
        await on.until(lambda: on.work.attention.ringing.first is not None)
        await on.press("f2")
        await on.hears("来电已附上")
        await on.sees("来电+1")
        assert on.desk.calls.card(call).state == "done"
        assert on.desk.tickets.view(on.desk.calls.card(call).ticket).incident == number
        await on.press("f2")
        await on.hears("没有正在响或刚来的来电")


async def test_the_menu_of_steps_opens_beside_the_board_and_comes_back_to_it(house: House) -> None:
    async with stage(house) as on:
        number = await opened(on, house)
        await on.press("1")
        await on.until(lambda: on.console.desktop.scene.task == "menu")
        assert on.work.menu.items[0].label == "到场"
        assert on.console.desktop.in_sight("emergency") and on.console.desktop.in_sight("menu")
        await on.press("1")
        await on.sees("部门任务", "到场人")
        await on.press("2")
        await on.type("周工")
        await on.press("f9")
        await on.hears("到场：已保存")
        await on_board(on)
        await on.sees("已到 工程部", "现在念 有人到场", "按时")
        task = on.desk.tickets.view(number).tasks[1]
        assert task["arrived_at"] is not None


async def test_digits_choose_among_several_and_esc_goes_back(house: House) -> None:
    async with stage(house) as on:
        await opened(on, house)
        house.time.forward(MINUTE)
        house.open(on.desk, text="9栋厨房着火，冒浓烟").plan("fire")
        on.console.reread()
        await on.sees("突发 1/2", "着火冒烟 9栋")
        await on.press("2")
        await on.sees("突发 2/2", "先打 消防救援  119")
        assert on.work.attention.target == on.work.emergencies._at, "F7 and F8 mean the chosen one"
        await on.press("f1")
        await on.sees("突发看板", "照上面念给他")
        await on.press("escape")
        await on_board(on)
        await on.press("escape")
        await on.until(lambda: not on.console.desktop.scene.full)
        assert on.focused() == "tickets"


async def test_what_another_desk_does_shows_on_the_board(house: House) -> None:
    async with stage(house) as on:
        number = await opened(on, house)
        house.desk("wang", "agent").tickets.accept(number, "周工", 2)
        on.console.reread()
        await on.sees("已接 工程部")


async def test_an_empty_board_says_how_one_is_opened(house: House) -> None:
    house.open(text=TRAPPED)
    async with stage(house) as on:
        on.work.emergencies.show()
        await on.sees("没开预案", "没有按预案在处理的突发")


@pytest.mark.parametrize("cells", [80, 100, 120, 60])
def test_no_line_is_wider_than_the_terminal(house: House, cells: int) -> None:
    desk = house.desk()
    for text, plan in ((TRAPPED, "lift"), ("3栋厨房着火，有人困在里面", "fire"), ("地下车库进水了", "flood")):
        house.open(desk, text=text).plan(plan)
    house.open(desk, text="电梯又困人了，这一回是在九栋的货梯里，里面还有一位抱着孩子的老人家，快来人")
    board = desk.emergencies.running()
    assert len(board.emergencies) == 3 and len(board.unopened) == 1
    for chosen in range(3):
        for later in (0, 12 * MINUTE, 40 * MINUTE):
            for spans in paint_board(board, chosen, house.time.now + later, cells):
                assert measure(spans) <= cells, spans


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("task", ["", "menu", "form"])
def test_the_board_has_the_room_and_shares_it_where_it_is_wide(size: tuple[int, int], task: str) -> None:
    found = places(*size, Scene(task=task, full="emergency"))
    assert "tickets" not in found and "status" in found
    if not task:
        assert found["emergency"].width == size[0]
    else:
        assert task in found and ("emergency" in found) is (size == WIDE)
