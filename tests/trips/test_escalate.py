"""10:05, a man shouts (A-DAY): F8, the owner agrees, F8 again; the supervisor takes it, and the desk sees who has him."""

from __future__ import annotations

import pytest

from tests.trips.driver import SOON, Estate

NOISE = "楼上装修"
UNIT = "4栋2单元0602"
SHOUTS = "业主情绪激动超过五分钟，要求主任出面"
NEWEST_NOTICE = """
SELECT kind, recipient, state, event_seq FROM notice WHERE ticket_id = ? ORDER BY id DESC LIMIT 1
"""


@pytest.mark.alone
def test_a_shouting_owner_is_handed_up_and_the_supervisor_takes_him(estate: Estate) -> None:
    with estate.console("xiaolin") as desk, estate.console("chenzr") as supervisor:
        number = desk.goes_to(NOISE).number

        desk.press("F8").sees("服务上移", "上移原因", "F8 确认上移", "您同意吗")
        desk.press("F8").sees("还没有填")
        desk.types(SHOUTS).press("Tab").sees("1 客服主任", "2 项目经理")
        desk.press("1").sees("1 业主同意").press("1").sees("交接摘要")
        desk.press("F8").sees("服务上移：已保存", "客服主任（未确认）")

        ticket = estate.ticket(number)
        up = ticket.data("escalated")
        assert ticket.kinds[-1] == "escalated"
        assert (up["level"], up["consent"], up["reason"]) == (1, "同意", SHOUTS)
        assert "午休" in up["summary"], "what happened so far goes with it: the owner need not begin again"
        assert UNIT not in up["summary"] + str(estate.rows("SELECT body FROM notice"))
        queued = ("escalated", "客服主任", "queued", len(ticket.events))
        assert estate.rows(NEWEST_NOTICE, ticket.id) == [queued]

        supervisor.goes_to(NOISE).sees("客服主任（未确认）", UNIT)
        supervisor.picks("确认接手").sees("确认接手：已保存")
        desk.loses("（未确认）", within=SOON).sees("客服主任")
        kind, by, _ = estate.ticket(number).events[-1]
        assert (kind, by) == ("acknowledged", "chenzr")


def test_what_only_the_supervisor_may_take_is_refused_to_the_receptionist(estate: Estate) -> None:
    with estate.console("xiaolin") as desk:
        desk.goes_to("固定车位又被占").sees("（未确认）")
        desk.picks("确认接手").sees("这一步需要客服主任").sees("（未确认）")
