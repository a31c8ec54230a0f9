"""08:42, the phone rings (A-DAY): from the first ring to the stars, by keys alone, and nothing in clear on the screen."""

from __future__ import annotations

import csv
from time import monotonic

import pytest

from frontdesk.settings import shipped
from frontdesk.tui.farewell import STARTLED
from tests.trips.driver import Estate

NAME, UNIT, PHONE = "欧阳明月", "3栋2单元1802", "19900005678"
"""A caller of the sample estate: works at night, calls about the same leak again, was kept the last promise."""

LIFE = [
    "opened",
    "case_taken",
    "dispatched",
    "noted",
    "promised",
    "accepted",
    "arrived",
    "resolved",
    "followed_up",
    "closed",
]


def private_words() -> set[str]:
    """What an agent may never see of anybody in the estate."""
    with shipped("sample", "residents.csv").open(encoding="utf-8", newline="") as file:
        people = list(csv.DictReader(file))
    names = {person["姓名"] for person in people if len(person["姓名"]) > 2}
    phones = {phone for person in people for phone in person["电话"].split("、") if phone}
    assert {NAME, PHONE} <= names | phones
    return names | phones | {UNIT, "1802"}


@pytest.mark.alone
def test_a_ring_becomes_a_ticket_that_is_worked_followed_up_and_closed(estate: Estate) -> None:
    with estate.console("xiaolin") as desk:
        before = int(desk.sees("下一步", "F2 接听").loses("响铃").found(r"未结工单 F3  共(\d+)"))

        estate.does("call", "log", "--phone", "+86 199-0000-5678")
        desk.sees(
            "响铃 00:", "199****5678", "**02 欧阳**", "夜班族", "未结1件", "30天内第4次", "上次承诺守约"
        )
        desk.until(lambda: "响铃" in desk.title, "the title does not ring")
        desk.until(lambda: len(desk.bells) == 2, "the bell does not sound again")
        assert desk.bells[1] - desk.bells[0] > 1.9, "more than one bell in two seconds"

        desk.press("F2").sees("新单  199****5678", "来电登记 **02", "来电登记 欧阳**").loses("响铃 00:")
        desk.until(lambda: "响铃" not in desk.title, "the title still rings")
        desk.types("楼上卫生间漏水，滴到枕头边上了").sees("报修 给排水漏水", "因为：", "同类旧单")
        desk.press("F9").sees("已开单，已派工程部", f"共{before + 1}")
        number = desk.found(r"(\d{6}-\d+) 已开单")
        desk.sees("话术 F4", f"我都记好了，单号{number}", "前给您回")
        seen = monotonic()
        desk.until(lambda: monotonic() - seen > STARTLED, "no time goes by")
        desk.press("Enter").sees("单号和时间业主知道了")

        desk.does("接单", "水工小郭").does("到场").does("办结", "楼上地漏重做防水，闭水两小时不漏")
        desk.press("F7").sees("受理过程", "满意度").press("1", "1", "1", "5").sees("5 很满意")
        desk.types("总算不漏了").press("F9").sees("回访：已保存", "5星")
        desk.does("关闭").sees(f"共{before}")
        desk.press("F10")
        assert desk.ends() == 0

        ticket = estate.ticket(number)
        assert (ticket.kinds, ticket.authors) == (LIFE, {"xiaolin"})
        assert (ticket.data("followed_up")["score"], ticket.data("closed")["ground"]) == (5, "satisfied")
        told = estate.rows("SELECT kind, recipient FROM notice WHERE ticket_id = ?", ticket.id)
        call = estate.rows("SELECT state, answered_by FROM call WHERE ticket_id = ?", ticket.id)
        assert (told, call) == ([("dispatched", "工程部")], [("done", "xiaolin")])

        shown = desk.history
        assert "欧阳**" in shown
        assert not [word for word in private_words() if word in shown]
