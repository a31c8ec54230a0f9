"""The handbook that thinks along: cases taken up, facts collected, the coach, what was said already, search by typing."""

from __future__ import annotations

from pathlib import Path

import pytest

from frontdesk.desk import Desk
from frontdesk.domain.phrases import blanks
from frontdesk.domain.timing import MINUTE
from frontdesk.tui import saying
from frontdesk.tui.attention import HANDBOOK_SECONDS
from frontdesk.tui.intake import spelled_out
from frontdesk.tui.stopwatch import Stopwatch
from tests.builders import UNIT, House
from tests.tui.stage import NARROW, Stage, stage

TRAPPED = "2栋电梯停了，我妈被困在里面"


async def pick(on: Stage, label: str) -> None:
    """The action of that label, out of the menu of the ticket under the cursor."""
    await on.press("enter")
    await on.until(lambda: on.console.desktop.scene.task == "menu")
    place = [choice.label for choice in on.work.menu.items].index(label)
    await on.press(*["down"] * place, "enter")


async def test_a_case_is_taken_up_and_its_facts_are_asked_for_until_closing(house: House) -> None:
    case = house.open(text=TRAPPED)
    async with stage(house) as on:
        await on.sees("B2?")
        await pick(on, "采用案例")
        await on.sees("B2-1 电梯困人")
        await on.press("f9")
        await on.hears("采用案例：已保存")
        await on.sees("待采 几点开始被困、几点全部出来", "受影响程度")
        assert case.view.case_taken

        await pick(on, "采集事实")
        await on.sees("几点开始被困", "维保几点到场")
        await on.type("9:05")
        await on.press("f9")
        await on.hears("采集事实：已保存")
        await on.until(lambda: "待采 几点全部出来" in on.shown)
        assert dict(case.view.facts)["trapped_from"].endswith("09:05")


async def test_after_the_follow_up_the_missing_facts_are_named_before_closing(house: House) -> None:
    case = house.open(text="单元门禁坏了很久没人修")
    house.desk().tickets.case(case.number, "B1")
    case.go("resolve", "follow_up")
    async with stage(house, NARROW) as on:
        await on.sees("下一步 采集事实：为什么一直没修（问过工程主管）、", "再关闭")
        assert "可关闭" not in on.shown


async def test_a_new_ticket_is_saved_with_the_case_that_was_offered(house: House) -> None:
    async with stage(house) as on:
        on.work.errands.taking.start()
        await on.until(lambda: on.console.desktop.scene.task == "form")
        await on.type(TRAPPED)
        await on.until(lambda: "B2 电梯困人" in on.pane("form"))
        await on.press("f9")
        await on.hears("已开单")
        (row,) = on.desk.board().rows
        assert on.desk.tickets.by_id(row.id).case_taken


async def test_an_emergency_has_its_own_words_first(house: House) -> None:
    async with stage(house) as on:
        on.work.errands.taking.start()
        await on.until(lambda: on.console.desktop.scene.task == "form")
        await on.type("我女儿不见了，在滑梯那里转眼就没了")
        await on.until(lambda: [each.id for each in on.work.phrases_pane.items[:2]] == ["lost-01", "lost-02"])


async def test_an_emergency_that_nothing_points_at_begins_with_the_three_questions(house: House) -> None:
    case = house.open(text="救命啊，快来人", priority="urgent")
    async with stage(house) as on:
        await on.until(
            lambda: on.work.phrases_pane.items and on.work.phrases_pane.items[0].id == "emergency-01"
        )
        case.go("resolve")
        on.console.reread()
        await on.until(lambda: on.work.phrases_pane.items[0].step != "emergency")


async def test_a_phrase_that_was_said_stands_last_and_says_so(house: House) -> None:
    case = house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await on.until(lambda: on.work.phrases_pane.items)
        first = next(p for p in on.work.phrases_pane.items if "{" not in p.text and len(p.text) > 10)
        case.desk.tickets.note(case.number, f"接电话时说了：{first.text}")
        on.console.reread()
        await on.until(lambda: on.work.phrases_pane.items[-1].id == first.id)
        await on.press("f4", "end")
        await on.sees("已说")


async def test_a_phrase_that_the_owner_heard_on_another_ticket_stands_last_too(house: House) -> None:
    house.open(text="楼道灯不亮", unit=UNIT)
    other, stranger = house.open(text="门禁坏了", unit=UNIT), house.open(text="门禁坏了", unit="7-3-2702")
    async with stage(house) as on:
        pane = on.work.phrases_pane
        await on.until(lambda: pane.items)
        said, kept = [p for p in pane.items if "{" not in p.text and len(p.text) > 10][:2]
        other.desk.tickets.note(other.number, f"接电话时说了：{said.text}")
        stranger.desk.tickets.note(stranger.number, kept.text)
        on.console.reread()
        await on.until(lambda: pane.items[-1].id == said.id)
        assert pane._told == {said.id}

        on.work.errands.taking.start()
        await on.until(lambda: on.work.form.filling is not None)
        await on.type("楼道灯不亮")
        await on.press("tab")
        await on.type(UNIT)
        await on.until(lambda: said.id in pane._told)


async def test_who_confirmed_a_time_stands_in_the_record_and_not_in_the_promise(house: House) -> None:
    case = house.open(text="楼道灯不亮")
    async with stage(house) as on:
        phrase = next(each for each in on.desk.handbook.phrases if each.confirm and len(blanks(each)) == 2)
        on.work.writing.insert(phrase)
        await on.until(lambda: on.work.form.filling is not None)
        await on.type("明天10:00")
        await on.press("enter")
        await on.type("张工")
        await on.press("f9")
        await on.until(lambda: f"（{phrase.confirm}张工确认）" in on.work.note_area.text)
        await on.press("f9")
        await on.hears("已保存")
        (promise,) = case.view.promises
        assert "确认" not in promise.words and promise.words in case.view.events[-2].note


async def test_ctrl_p_looks_for_what_is_no_command(house: House) -> None:
    sought = house.open(text="地下车库有积水")
    async with stage(house) as on:
        await on.press("ctrl+p")
        await on.until(lambda: len(on.console.screen_stack) > 1)
        await on.type("积水")
        await on.sees("查找「积水」")
        await on.press("enter")
        await on.sees("查找  积水", sought.number[2:])


async def test_the_coach_stands_under_the_phrase_and_on_a_page_of_its_own(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await on.until(lambda: on.work.phrases_pane.items)
        await on.press("f4")
        await on.until(lambda: " 要 " in on.pane("phrases"))
        await on.press("ctrl+p")
        await on.until(lambda: len(on.console.screen_stack) > 1)
        await on.press(*"jl")
        await on.sees("教练 (jl)")
        await on.press("enter")
        await on.until(lambda: on.console.desktop.scene.page)
        await on.sees("教练", "开场", "忌 ")


async def test_typing_in_the_list_finds_tickets_by_initials_and_opens_one(house: House) -> None:
    house.open(text="楼道灯不亮")
    sought = house.open(text="地下车库有积水")
    async with stage(house) as on:
        await on.type("dxck")
        await on.sees("查找  dxck", sought.number[2:])
        await on.press("enter")
        await on.until(lambda: on.work.view is not None and on.work.view.number == sought.number)
        assert on.console.desktop.scene.task == ""


async def test_a_search_that_finds_nothing_says_so_and_esc_goes_back_to_the_list(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await on.type("没有的词语")
        await on.sees("查找  没有的词语", "没有")
        await on.press("escape")
        await on.until(lambda: on.focused() == "tickets")


async def test_a_case_is_found_by_its_initials_and_read_whole(house: House) -> None:
    async with stage(house) as on:
        on.work.seeking.start()
        await on.type("dtkr")
        await on.sees("案例 B2")
        await on.press("enter")
        await on.sees("案例 B2", "业主想要", "不许诺")


async def test_an_owner_who_is_found_gets_a_ticket(house: House, tmp_path: Path) -> None:
    desk = house.desk()
    table = tmp_path / "owners.csv"
    table.write_text("姓名,电话,房号\n欧阳明,19900000077,7-1-1203\n", encoding="utf-8")
    desk.imports.residents(table)
    async with stage(house, desk=desk) as on:
        await on.type("7-1-1203")
        await on.sees("业主", "欧阳")
        await on.press("enter")
        await on.sees("新单")
        await on.type("窗户关不上")
        await on.press("f9")
        await on.hears("已开单")
        (row,) = on.desk.board().rows
        assert on.desk.tickets.by_id(row.id).unit == "7栋1单元1203"


async def test_an_upset_owner_starts_the_stopwatch_which_asks_for_a_handover(house: House) -> None:
    async with stage(house) as on:
        on.work.errands.taking.start()
        await on.until(lambda: on.console.desktop.scene.task == "form")
        await on.type("第三次打电话了！！再不处理我就打12345，你们是骗子，我要曝光你们")
        await on.hears("业主情绪激动")
        await on.sees("激动00:0")
        house.time.forward(3 * MINUTE)
        await on.hears("已三分钟")
        house.time.forward(2 * MINUTE)
        await on.hears("已五分钟")
        on.work.attention.calm()
        await on.until(lambda: "激动" not in on.pane("status"))


async def test_calm_words_start_nothing(house: House) -> None:
    async with stage(house) as on:
        on.work.errands.taking.start()
        await on.until(lambda: on.console.desktop.scene.task == "form")
        await on.type("楼道灯不亮，麻烦看一下")
        await on.until(lambda: "因为" in on.pane("form"))
        assert not on.work.attention.stopwatch.runs


def test_the_stopwatch_says_each_thing_once_and_forgets_itself() -> None:
    watch = Stopwatch()
    assert watch.start(1000) and not watch.start(1001)
    told = [(second, words) for second in range(0, 20 * MINUTE) if (words := watch.tick(1000 + second)[0])]
    assert [second for second, _ in told] == [3 * MINUTE, 5 * MINUTE]
    assert not watch.runs


async def test_a_manager_s_copy_is_read_while_the_console_is_open(house: House) -> None:
    house.open(text="楼道灯不亮")
    shipped = (Path(__file__).parents[2] / "data" / "handbook" / "steps-opening.toml").read_text(
        encoding="utf-8"
    )
    mine = house.home / "handbook" / "steps-opening.toml"
    async with stage(house) as on:
        await on.until(lambda: on.work.phrases_pane.items)
        mine.parent.mkdir()
        first = next(phrase for phrase in on.desk.handbook.guides[0].phrases if "{" not in phrase.text)
        await on.press("f4")
        assert on.work.phrases_pane.select(first.id)
        rows = on.pane("phrases").splitlines()
        shown = next(at for at, row in enumerate(rows[1:]) if first.text[:6] in row)
        mine.write_text(shipped.replace(first.text, "您好，我们自己的开场白，请讲。"), encoding="utf-8")
        house.time.forward(HANDBOOK_SECONDS - house.time.now % HANDBOOK_SECONDS)
        await on.hears("手册已更新")
        await on.until(
            lambda: any("我们自己的开场白" in phrase.text for phrase in on.work.phrases_pane.items)
        )
        assert "我们自己的开场白" in on.pane("phrases").splitlines()[1 + shown]
        mine.write_text("id = ", encoding="utf-8")
        house.time.forward(HANDBOOK_SECONDS)
        await on.hears("处不对")
        assert on.work.phrases_pane.items


async def test_a_phrase_for_the_ticket_that_is_being_taken_borrows_nothing_from_the_one_under_the_cursor(
    house: House,
) -> None:
    house.open(text=TRAPPED, place="2栋3单元电梯").note("您别怕，我听见了，电话我不挂。")
    async with stage(house) as on:
        on.work.errands.taking.start()
        await on.until(lambda: on.work.form.filling is not None)
        await on.type("楼上漏水，滴到卧室")
        await on.until(
            lambda: on.work.form.filling is not None and on.work.form.filling.values.get("category")
        )
        filling = on.work.form.filling
        assert filling is not None
        filling.values["outcome"] = "今晚先止住"
        book = on.desk.handbook
        phrase = next(each for each in book.phrases if {"地点", "事项"} <= set(blanks(each)))
        on.work.writing.insert(phrase)
        await on.until(lambda: on.work.form.filling is not filling)
        asked = on.work.form.filling
        assert asked is not None and asked.form.title == "填空"
        assert not any("电梯" in value or "困" in value for value in asked.values.values()), asked.values
        assert saying.heard(on.desk, filling.values)["诉求"] == "今晚先止住"
        assert on.work.phrases_pane._told == frozenset()


async def test_a_search_that_is_given_up_leaves_the_best_phrase_on_top(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house) as on:
        pane = on.work.phrases_pane
        await on.until(lambda: len(pane.items) > 0)
        everything, best = len(pane.items), pane.items[0].id
        await on.press("f4")
        await on.type("约定")
        await on.until(lambda: 0 < len(pane.items) < everything)
        assert pane.chosen == pane.items[0]
        await on.press("down", "escape")
        await on.until(lambda: len(pane.items) == everything)
        assert pane.chosen is not None and pane.chosen.id == best


async def test_shorthand_is_saved_as_it_was_understood_so_that_a_department_can_read_it(house: House) -> None:
    async with stage(house) as on:
        on.work.errands.taking.start()
        await on.until(lambda: on.work.form.filling is not None)
        await on.type("lousx")
        await on.sees("报修 给排水漏水")
        await on.press("f9")
        await on.hears("已开单，已派工程部")
        view = on.desk.tickets.view("1122-01")
        assert view.text == view.title == view.tasks[0]["content"] == "楼上漏水（lousx）"


@pytest.mark.parametrize(
    ("typed", "saved"),
    [
        ("lousx", "楼上漏水（lousx）"),
        ("lou shang lou shui le", "楼上漏水了（lou shang lou shui le）"),
        ("楼上 lous 我很急", "楼上 lous 我很急"),
        ("hello", "hello"),
        ("WiFi", "WiFi"),
        ("19900004821", "19900004821"),
        ("", ""),
    ],
)
def test_only_shorthand_that_is_understood_to_the_last_letter_is_spelled_out(
    desk: Desk, typed: str, saved: str
) -> None:
    assert spelled_out(desk, typed) == saved


async def test_while_it_rings_the_first_words_lie_ready_and_afterwards_those_of_the_ticket(
    house: House,
) -> None:
    house.open(text=TRAPPED)
    async with stage(house) as on:
        pane = on.work.phrases_pane
        await on.until(lambda: pane.items and pane.items[0].case == "B2")
        card = house.desk().calls.ring("19900001234")
        await on.sees("响铃 00:00", "话术 F4  来电", "物业前台，我是")
        assert {phrase.step for phrase in pane.items} == {"opening"}
        house.desk().calls.miss(card.call_id)
        await on.until(lambda: not on.console.desktop.scene.ringing)
        await on.until(lambda: pane.items and pane.items[0].case == "B2")


async def test_a_ring_takes_no_phrases_out_of_the_hand_of_somebody_who_is_choosing(house: House) -> None:
    house.open(text=TRAPPED)
    async with stage(house) as on:
        pane = on.work.phrases_pane
        await on.until(lambda: pane.items and pane.items[0].case == "B2")
        await on.press("f4", "down")
        chosen = pane.chosen
        house.desk().calls.ring("19900001234")
        await on.sees("响铃 00:00")
        await on.until(lambda: not on.console.clerk.busy("handbook"))
        assert pane.chosen == chosen and pane.items[0].case == "B2"
