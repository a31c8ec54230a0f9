"""Notices that did not get out are shown in the console with the reason, and sent again with one key."""

from __future__ import annotations

import pytest

from frontdesk.desk import Desk
from tests.builders import House
from tests.tui.stage import NARROW, WIDE, Stage, stage


def stuck(house: House) -> Desk:
    """A desk with a failed notice, one without a route, and one that is still queued."""
    desk = house.desk()
    house.open(desk).dispatch().escalate()
    house.open(desk).dispatch()
    with desk._access.db.write() as conn:
        conn.execute(
            "UPDATE notice SET state = 'failed', tries = 8, next_at = NULL, "
            "error = '值班群：安全设置不符（310000）' WHERE id = 1"
        )
        conn.execute(
            "UPDATE notice SET state = 'unrouted', next_at = NULL, error = '没有「客服主任」' WHERE id = 2"
        )
    return desk


async def open_outbox(on: Stage) -> None:
    await on.press("ctrl+p")
    await on.sees("新单")
    await on.type("tongzhi")
    await on.sees("通知 (tz)")
    await on.press("enter")


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_what_did_not_get_out_is_listed_with_the_reason(house: House, size: tuple[int, int]) -> None:
    async with stage(house, size, stuck(house)) as on:
        await open_outbox(on)
        await on.sees("没发出的通知 2 条", "#1 1122-01 值班群", "工程部", "#2 1122-01 没有「客")
        await on.press("2")
        await on.sees("#1", "试了 8 次", "值班群：安全设置不符（310000）", "【派单】", "没有「客服主任」")
        await on.press("escape")
        await on.until(lambda: not on.console.desktop.scene.page)


async def test_one_or_all_are_sent_again(house: House) -> None:
    async with stage(house, WIDE, stuck(house)) as on:
        await open_outbox(on)
        await on.sees("#1 1122-01")
        await on.press("4")
        await on.hears("通知 1 已排队，下一轮就发")
        assert [n.id for n in on.desk.notices.list(stuck=True)] == [2]
        await open_outbox(on)
        await on.sees("没发出的通知 1 条")
        await on.press("1")
        await on.hears("1 条通知已排队")
        assert on.desk.notices.list(stuck=True) == () and on.desk.notices.failed() == 0


async def test_when_everything_got_out_it_says_so(house: House) -> None:
    async with stage(house) as on:
        await open_outbox(on)
        await on.hears("没有失败的")


async def test_an_auditor_is_told_that_he_changes_nothing(house: House) -> None:
    stuck(house)
    async with stage(house, WIDE, house.desk("shen", "auditor")) as on:
        await open_outbox(on)
        await on.press("1")
        await on.hears("审计只能查看")
        assert len(on.desk.notices.list(stuck=True)) == 2


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_what_was_given_up_stands_in_the_status_line_until_it_is_sent_again(
    house: House, size: tuple[int, int]
) -> None:
    async with stage(house, size, stuck(house)) as on:
        await on.until(lambda: "未送达1" in on.pane("status"))
        on.desk.notices.retry_all()
        await on.until(lambda: "未送达" not in on.pane("status"))
        with on.desk._access.db.write() as conn:
            conn.execute("UPDATE notice SET state = 'failed', next_at = NULL")
        await on.until(lambda: "未送达" in on.pane("status"), "what fails later is seen too")
