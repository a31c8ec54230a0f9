"""While a form is filled in: a digit chooses at once, and an earlier ticket about the same is seen in time."""

from __future__ import annotations

import pytest

from frontdesk.tui.form import Filling, thaw
from tests.builders import UNIT, House
from tests.tui.stage import NARROW, WIDE, Stage, stage


async def at_the_kind(on: Stage) -> None:
    """A new ticket's form, its keys in the choice 类型."""
    on.work.errands.taking.start()
    await on.until(lambda: on.work.form.filling is not None)
    filling = on.work.form.filling
    assert filling is not None
    filling.at = [each.name for each in filling.form.fields].index("kind")
    on.work.form.take_keys()
    await on.sees("1 报修")


def kind(on: Stage) -> tuple[str, str]:
    """The value of 类型, and the field that has the keys."""
    filling = on.work.form.filling
    assert filling is not None
    return filling.values["kind"], filling.form.fields[filling.at].name


async def test_a_digit_chooses_at_once_whatever_was_typed_before_it(house: House) -> None:
    async with stage(house) as on:
        await at_the_kind(on)
        await on.type("qq")
        await on.sees("没有「qq」，按数字直接选", "1 报修", "2 投诉")
        await on.type("2")
        await on.hears("「qq」在「类型」里找不到，已清掉")
        assert kind(on) == ("complaint", "category")


@pytest.mark.parametrize("key", ["enter", "tab", "f9"])
async def test_a_wrong_text_is_cleared_and_told_and_chooses_nothing(house: House, key: str) -> None:
    async with stage(house) as on:
        await at_the_kind(on)
        await on.type("qq")
        await on.press(key)
        await on.hears("「qq」在「类型」里找不到")
        assert kind(on) == ("", "kind") and on.work.form.line_editor.value == ""
        await on.type("ts")
        await on.press("tab")
        assert kind(on) == ("complaint", "category")


async def test_a_digit_that_names_nothing_clears_the_wrong_text_too(house: House) -> None:
    async with stage(house) as on:
        await at_the_kind(on)
        await on.type("qq9")
        await on.hears("已清掉")
        assert kind(on) == ("", "kind") and on.work.form.line_editor.value == ""


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_an_earlier_ticket_about_the_same_is_seen_while_the_text_has_the_keys(
    house: House, size: tuple[int, int]
) -> None:
    case = house.open(text="楼上卫生间漏水", unit=UNIT)
    async with stage(house, size) as on:
        on.work.errands.taking.start()
        await on.until(lambda: on.work.form.filling is not None)
        filling = on.work.form.filling
        assert filling is not None
        filling.values["unit"] = UNIT
        await on.type("楼上卫生间又漏水了")
        await on.hears(f"七天内有同类旧单 {case.number}")
        assert filling.form.fields[filling.at].name == "text"
        assert f"选「记到 {case.number[2:]}」就不另开单" in "".join(on.pane("form").split("\n")).replace(
            "  ", ""
        )


async def new_ticket(on: Stage, text: str) -> Filling:
    """A new ticket's form with that text in it, thought about."""
    on.work.errands.taking.start()
    await on.until(lambda: on.work.form.filling is not None)
    await on.type(text)
    filling = on.work.form.filling
    assert filling is not None
    await on.until(lambda: filling.values["category"])
    return filling


async def test_other_words_take_back_what_the_desk_had_made_of_the_first(house: House) -> None:
    async with stage(house) as on:
        filling = await new_ticket(on, "燃气泄漏")
        await on.sees("回车打开预案", "涉及人身安全")
        on.work.form.long_editor.text = "楼道灯不亮"
        await on.until(lambda: filling.values["category"] == "工程维修-供电照明")
        assert filling.values["priority"] == "normal" and filling.values["send"] == "yes"
        assert "预案" not in on.pane("form") and "涉及人身安全" not in on.pane("form")
        assert "预案" not in on.said


async def test_what_a_person_chose_outlives_the_console(house: House) -> None:
    async with stage(house) as on:
        filling = await new_ticket(on, "楼道灯不亮")
        await on.press("pagedown", "1", "9")
        chosen = filling.values["category"]
        assert chosen != "工程维修-供电照明"
        await on.until(lambda: thaw(on.desk.drafts.all().get("form:open:-", "")).get("category") == chosen)
    async with stage(house) as on:
        await on.sees("楼道灯不亮", "因为")
        again = on.work.form.filling
        assert again is not None and again.values["category"] == chosen


async def test_page_down_goes_from_the_text_to_each_choice_and_back(house: House) -> None:
    async with stage(house) as on:
        filling = await new_ticket(on, "楼道灯不亮")
        seen = []
        for key in ("pagedown", "pagedown", "pagedown", "pageup", "pageup", "pageup"):
            await on.press(key)
            seen.append(filling.form.fields[filling.at].name)
        assert seen == ["kind", "category", "priority", "category", "kind", "text"]


async def test_digits_reach_the_three_that_may_be_meant(house: House) -> None:
    async with stage(house) as on:
        filling = await new_ticket(on, "电梯广告太吵")
        likely = next(each.likely for each in filling.form.fields if each.name == "category")
        assert len(likely) >= 2 and likely[0] == filling.values["category"]
        await on.press("pagedown", "pagedown")
        await on.sees(f"1 {likely[0]}", f"2 {likely[1]}")
        await on.type("2")
        assert filling.values["category"] == likely[1]


async def test_what_is_not_sure_says_which_digits_choose(house: House) -> None:
    async with stage(house) as on:
        filling = await new_ticket(on, "电梯广告太吵")
        await on.until(lambda: "拿不准：1 " in on.pane("form"))
        on.work.form.long_editor.text = "喂，您好"
        await on.until(lambda: "没有线索" in on.pane("form"))
        assert filling.values["category"] == on.desk.categories.fallback


async def test_the_key_bar_says_what_enter_does(house: House) -> None:
    async with stage(house) as on:
        await new_ticket(on, "楼道灯不亮")
        await on.sees("Enter 换行")
        await on.press("tab")
        await on.sees("Enter 下一项")
        await on.press(*["pagedown"] * 12)
        await on.sees("Enter 保存")


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_what_a_field_expects_is_read_whole_where_there_is_room(
    house: House, size: tuple[int, int]
) -> None:
    house.open(text="楼道灯不亮").go("dispatch", "accept", "resolve", "follow_up")
    async with stage(house, size) as on:
        on.work.errands.start("close")
        await on.until(lambda: on.work.form.filling is not None)
        await on.press("tab")
        await on.until(
            lambda: "免回访请以「匿名无法联系：」" in on.pane("form").replace("\n", "").replace(" ", "")
        )


async def test_an_error_goes_with_the_form_it_was_about(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house, NARROW) as on:
        on.console.desktop.say("没有存上", "error")
        await on.press("escape")
        await on.sees("F10 退出")
        assert on.said == ""


async def test_a_new_ticket_that_waited_while_somebody_rang_is_advised_on_again(house: House) -> None:
    async with stage(house) as on:
        waiting = await new_ticket(on, "楼道灯不亮")
        on.work.errands.taking.start()
        assert on.work.form.filling is waiting
        house.desk().calls.ring("19900001234")
        await on.sees("响铃 00:00")
        await on.press("f2")
        await on.until(lambda: on.work.form.filling is not waiting)
        await on.type("电梯停了，没有人在里面")
        await on.until(lambda: on.work.form.filling and on.work.form.filling.values["category"])
        await on.press("f9")
        await on.hears("已开单")
        await on.until(lambda: on.work.form.filling is waiting)
        on.work.form.take_keys()
        on.work.form.long_editor.text = "楼上漏水到我家厨房"
        await on.until(lambda: waiting.values["category"] == "工程维修-给排水漏水")
