"""08:42, the phone rings (A-DAY): from the first ring to the stars, by keys alone, and nothing in clear on the screen."""

from __future__ import annotations

import csv

from frontdesk.settings import shipped
from tests.trips.driver import Estate

NAME, UNIT, PHONE = "欧阳明月", "3栋2单元1802", "19900005678"
"""A caller of the sample estate: night shift, third call about the same leak, her last promise was kept."""


def residents() -> list[dict[str, str]]:
    with shipped("sample", "residents.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_ring_becomes_a_ticket_that_is_worked_followed_up_and_closed(estate: Estate) -> None:
    with estate.console("xiaolin") as desk:
        desk.sees("未结工单", "下一步", "F2 接听").loses("响铃")

        estate.does("call", "log", "--phone", f"+86 {PHONE[:3]}-{PHONE[3:7]}-{PHONE[7:]}")
        desk.sees(
            "响铃 00:", "199****5678", "**02 欧阳**", "夜班族", "未结1件", "30天内第4次", "上次承诺守约"
        )
        desk.until(lambda: "响铃" in desk.title, "the title does not ring")
        desk.until(lambda: len(desk.bells) == 2, "the bell does not sound again")
        assert desk.bells[1] - desk.bells[0] > 1.9, "more than one bell in two seconds"

        desk.press("F2").sees(
            "新单  199****5678", "来电登记 **02，不填即用", "来电登记 欧阳**，不填即用"
        ).loses("响铃 00:")
        desk.until(lambda: "响铃" not in desk.title, "the title still rings")
        desk.types("楼上卫生间漏水，滴到枕头边上了").sees("报修 给排水漏水", "因为：", "同类旧单")
        desk.press("F9").sees("已开单，已派工程部")
        number = desk.found(r"(\d{6}-\d+) 已开单")

        desk.picks("接单").sees("接单人").types("水工小郭").press("F9").sees("接单：已保存")
        desk.picks("到场").sees("到场人").press("F9").sees("到场：已保存")
        desk.picks("办结").sees("处理结果").types("楼上地漏重做防水，闭水两小时不漏").press("F9").sees(
            "办结：已保存"
        )
        desk.press("F7").sees("受理过程", "满意度").press("1", "1", "1", "5").sees("5 很满意")
        desk.types("总算不漏了").press("F9").sees("回访：已保存", "5星")
        desk.picks("关闭").sees("关闭依据").press("F9").sees("关闭：已保存")
        desk.until(lambda: number[2:] not in "\n".join(desk.rows[8:-2]), "still on the board")
        desk.press("F10")
        assert desk.ends() == 0

        ticket = estate.ticket(number)
        assert ticket.kinds == [
            "opened",
            "dispatched",
            "accepted",
            "arrived",
            "resolved",
            "followed_up",
            "closed",
        ]
        assert ticket.authors == {"xiaolin"}
        assert ticket.data("followed_up")["score"] == 5
        assert ticket.data("closed")["ground"] == "satisfied"
        assert estate.rows("SELECT kind, recipient FROM notice WHERE ticket_id = ?", ticket.id) == [
            ("dispatched", "工程部")
        ]
        assert estate.rows("SELECT state, answered_by FROM call WHERE ticket_id = ?", ticket.id) == [
            ("done", "xiaolin")
        ]

        people = residents()
        assert {"姓名": NAME, "电话": PHONE, "房号": UNIT}.items() <= next(
            p for p in people if p["房号"] == UNIT
        ).items()
        names = {person["姓名"] for person in people if len(person["姓名"]) > 2}
        phones = {phone for person in people for phone in person["电话"].split("、") if phone}
        shown = desk.history
        assert "欧阳**" in shown
        assert not [word for word in {UNIT, "1802", *names, *phones} if word in shown]
