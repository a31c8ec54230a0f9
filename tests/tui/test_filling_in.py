"""While a form is filled in: a digit chooses at once, and an earlier ticket about the same is seen in time."""

from __future__ import annotations

import pytest

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
