"""What owners were promised lies one command away, and leads to its ticket."""

from __future__ import annotations

import pytest

from frontdesk.domain.timing import HOUR, MINUTE
from tests.builders import House
from tests.tui.stage import NARROW, WIDE, Stage, stage


async def open_ledger(on: Stage) -> None:
    await on.press("ctrl+p")
    await on.sees("新单")
    await on.type("cnzb")
    await on.sees("承诺账本 (cnzb)")
    await on.press("enter")


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_what_is_owed_stands_in_order_and_leads_to_its_ticket(
    house: House, size: tuple[int, int]
) -> None:
    desk = house.desk()
    late = house.open(desk).promise(due_in=HOUR)
    soon = house.open(desk).promise(due_in=3 * HOUR)
    house.open(desk).promise(due_in=HOUR).after(MINUTE).progress()
    house.time.forward(2 * HOUR)
    async with stage(house, size, desk) as on:
        await open_ledger(on)
        await on.sees(
            "欠着的承诺 2 个，1 个已失约", f"1 11:00 {late.number[2:]}", f"2 13:00 {soon.number[2:]}"
        )
        await on.press("2")
        await on.until(lambda: on.work.view is not None and on.work.view.number == soon.number)


async def test_nothing_owed_is_said(house: House) -> None:
    async with stage(house, WIDE, house.desk()) as on:
        await open_ledger(on)
        await on.hears("没有欠着的承诺")
