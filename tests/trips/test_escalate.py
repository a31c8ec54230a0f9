"""10:05, a man shouts (A-DAY): F8, the owner agrees, F8 again; the supervisor takes it, and the receptionist sees that somebody has him."""

from __future__ import annotations

import json

from tests.trips.driver import SOON, Estate

NOISE = "楼上装修午休"


def test_a_shouting_owner_is_handed_up_and_the_supervisor_takes_him(estate: Estate) -> None:
    with estate.console("xiaolin") as desk, estate.console("chenzr") as supervisor:
        desk.goes_to(NOISE)
        number = "26" + desk.found(r"─ (\d{4}-\d+) 噪音扰民")

        desk.press("F8").sees("服务上移", "上移原因", "F8 确认上移", "您同意吗")
        desk.press("F8").sees("还没有填")
        desk.types("业主情绪激动超过五分钟，要求主任出面").press("Tab").sees("1 客服主任", "2 项目经理")
        desk.press("1").sees("1 业主同意").press("1").sees("交接摘要")
        desk.press("F8").sees("服务上移：已保存", "客服主任（未确认）")

        ticket = estate.ticket(number)
        assert ticket.kinds[-1] == "escalated"
        up = ticket.data("escalated")
        assert (up["level"], up["consent"], up["reason"]) == (
            1,
            "同意",
            "业主情绪激动超过五分钟，要求主任出面",
        )
        assert "装修" in up["summary"], (
            "what happened so far goes with it, so that the owner need not begin again"
        )
        newest = "SELECT kind, recipient, state, event_seq FROM notice WHERE ticket_id = ? ORDER BY id DESC LIMIT 1"
        assert estate.rows(newest, ticket.id) == [("escalated", "客服主任", "queued", len(ticket.events))]
        assert "4栋2单元0602" not in json.dumps(up, ensure_ascii=False) + str(
            estate.rows("SELECT body FROM notice")
        )

        supervisor.goes_to(NOISE).sees("客服主任（未确认）", "4栋2单元0602")
        supervisor.picks("确认接手").sees("确认接手：已保存")
        desk.loses("（未确认）", within=SOON).sees("客服主任")
        kind, by, _ = estate.ticket(number).events[-1]
        assert (kind, by) == ("acknowledged", "chenzr")


def test_what_only_the_supervisor_may_take_is_refused_to_the_receptionist(estate: Estate) -> None:
    with estate.console("xiaolin") as desk:
        desk.goes_to("固定车位又被占").sees("（未确认）")
        desk.picks("确认接手").sees("这一步需要客服主任").sees("（未确认）")
