"""Each ticket command writes its one event; labels do as well as identifiers."""

from __future__ import annotations

from pathlib import Path

from tests.builders import PNG, UNIT, House
from tests.cli.conftest import Command


def kinds(frontdesk: Command, number: str) -> list[str]:
    return [event["kind"] for event in frontdesk("ticket", "show", number, "--json").json["events"]]


def test_a_ticket_is_opened_with_everything_that_intake_asks(frontdesk: Command) -> None:
    given = {
        "--text": "客厅顶上渗水，请打19900001234",
        "--unit": "3-2-1801",
        "--phone": "199 0000 1234",
        "--name": "张三丰",
        "--kind": "报修",
        "--category": "工程维修-给排水漏水",
        "--priority": "高",
        "--channel": "前台来访",
        "--title": "渗水",
        "--place": "客厅",
        "--happened": "今早八点",
        "--outcome": "查清漏点",
        "--case": "B4",
        "--at": "2026-11-22 09:30",
    }
    words = [word for pair in given.items() for word in pair]
    ticket = frontdesk("ticket", "open", *words, "--json").json
    assert (ticket["kind"], ticket["priority"], ticket["channel"], ticket["case"]) == (
        "repair",
        "high",
        "walk_in",
        "B4",
    )
    assert ticket["caller"] == {"name": "张**", "phone": "199****1234"} and ticket["unit"] == "3栋2单元1801"
    assert ticket["text"] == "客厅顶上渗水，请打【电话1】" and ticket["gaps"] == []
    assert ticket["opened_at"] == "2026-11-22T09:30:00+08:00"


def test_what_is_not_given_is_classified(frontdesk: Command) -> None:
    ticket = frontdesk("ticket", "open", "--text", "电梯里关着人，出不来", "--anonymous", "--json").json
    assert (ticket["category"], ticket["priority"]) == ("工程维修-电梯", "urgent")


def test_a_step_says_what_happened_and_what_is_next(house: House, frontdesk: Command) -> None:
    number = house.open().number
    told = frontdesk("ticket", "dispatch", number, "--due", "2h", "--contact", "小郭").out.splitlines()
    assert told[0].startswith(f"{number} 派单：派工程部") and told[1].startswith("现为「已派单」。下一步：")


def test_a_tail_of_the_number_is_enough(house: House, frontdesk: Command) -> None:
    number = house.open().number
    assert frontdesk("ticket", "note", number[2:], "--text", "记一笔", "--json").json["number"] == number


def test_the_steps_beside_the_main_road(house: House, frontdesk: Command, tmp_path: Path) -> None:
    photo = tmp_path / "现场.png"
    photo.write_bytes(PNG)
    number, other = house.open().number, house.open(text="整栋停水").number
    call = frontdesk("call", "log", "--phone", "19900001234", "--json").json["id"]
    assert frontdesk("call", "answer", call).code == 0
    for step in (
        ("note", "--text", "记一笔"),
        ("correct", "--set", "unit=3-2-1802", "--set", "priority=high"),
        ("attach", "--file", str(photo), "--caption", "漏点"),
        ("attach", "--call", str(call)),
        ("link", "--incident", other, "--told", "已统一告知"),
        ("transfer", "--to", "wang", "--reason", "下班"),
        ("undo",),
    ):
        done = frontdesk("ticket", step[0], number, *step[1:], "--json")
        assert done.code == 0, (step, done.err)
    assert kinds(frontdesk, number)[1:] == [
        *("noted", "corrected", "evidence", "called", "linked", "transferred", "undone")
    ]
    assert frontdesk("ticket", "merge", number, "--into", other, "--reason", "同一件事").code == 0
    assert frontdesk("ticket", "show", number, "--json").json["merged_into"] == other


def test_a_low_score_reopens_upward(house: House, frontdesk: Command) -> None:
    number = house.open().go("dispatch", "accept", "resolve").number
    ticket = frontdesk("ticket", "follow-up", number, "--score", "2", "--words", "还在漏", "--json").json
    assert (ticket["status"], ticket["escalation_level"]) == ("in_progress", 1)
    assert frontdesk("ticket", "close", number, "--ground", "现场签字满意", "--reason", "签了").code == 1


def test_the_owner_declines_and_seven_quiet_days_close_it(house: House, frontdesk: Command) -> None:
    case = house.open().go("dispatch", "accept", "resolve")
    assert frontdesk("ticket", "decline", case.number, "--words", "不用再打").code == 0
    assert frontdesk("ticket", "close", case.number, "--ground", "silence").code == 1
    case.after(7 * 86_400)
    assert (
        frontdesk("ticket", "close", case.number, "--ground", "silence", "--json").json["status"] == "closed"
    )
    assert (
        frontdesk("ticket", "reopen", case.number, "--reason", "又漏了", "--json").json["status"]
        == "in_progress"
    )


def test_why_a_ticket_is_red(house: House, frontdesk: Command) -> None:
    number = house.open(channel="wechat").after(3 * 3600).number
    told = frontdesk("ticket", "explain", number)
    assert "首次响应（T1）" in told.out and "已超时" in told.out
    assert frontdesk("ticket", "explain", number, "--json").json["text"] == told.out.rstrip("\n")


def test_the_list_is_filtered_by_its_facts(house: House, frontdesk: Command) -> None:
    lift, light = house.open(text="电梯停了", unit=UNIT).number, house.open(text="楼道灯不亮").number
    house.open(text="垃圾没人收").void()

    def listed(*filters: str) -> list[str]:
        found = frontdesk("ticket", "list", *filters, "--json").json["tickets"]
        return [ticket["number"] for ticket in found]

    assert listed() == [light, lift] and len(listed("--all")) == 3
    assert listed("--category", "工程维修-电梯") == [lift]
    assert listed("--kind", "报修", "--limit", "1") == [light]
    assert len(listed("--status", "void")) == 1
    assert (
        listed("--owner", "nobody") == []
        and "没有符合" in frontdesk("ticket", "list", "--owner", "nobody").out
    )


def test_calls_are_answered_missed_and_done(frontdesk: Command) -> None:
    first, second = (
        frontdesk("call", "log", "--phone", f"1990000000{n}", "--json").json["id"] for n in (1, 2)
    )
    assert "接听" in frontdesk("call", "answer", first).out
    assert "未接" in frontdesk("call", "miss", second).out
    assert frontdesk("call", "done", first).code == 0
    refused = frontdesk("call", "answer", first)
    assert refused.code == 1 and "lin" in refused.err
    states = {call["id"]: call["state"] for call in frontdesk("call", "list", "--json").json["calls"]}
    assert states == {first: "done", second: "missed"}
    assert "199****0002" in frontdesk("call", "list").out


def test_operators_by_command(house: House, frontdesk: Command) -> None:
    assert frontdesk("operator", "add", "wang", "--name", "小王", "--role", "supervisor").code == 0
    assert frontdesk("operator", "disable", "wang").code == 0
    found = {each["login"]: each for each in frontdesk("operator", "list", "--json").json["operators"]}
    assert found["wang"] == {"login": "wang", "name": "小王", "role": "supervisor", "active": False}
    assert "已停用" in frontdesk("operator", "list").out
    assert frontdesk("operator", "disable", "lin").code == 1


def test_a_case_is_taken_up_its_facts_collected_and_its_limits_met(house: House, frontdesk: Command) -> None:
    number = house.open(text="2栋电梯停了，我妈被困在里面").number
    taken = frontdesk("ticket", "case", number, "b2", "--json").json
    assert (taken["case"], taken["scenario"], taken["case_taken"]) == ("B2", "B2-1", True)
    assert "几点开始被困" in taken["missing_facts"]
    told = frontdesk("ticket", "fact", number, "trapped_from=9:50", "effect=受了惊吓", "--json").json
    assert told["missing_facts"] == ["几点全部出来", "维保几点到场"]
    assert {"id": "effect", "value": "受了惊吓"} in told["facts"]
    wrong = frontdesk("ticket", "fact", number, "effect")
    assert wrong.code == 1 and "没有写成 事实=内容" in wrong.err
    assert "手册里没有" in frontdesk("ticket", "case", number, "Z1").err
    assert frontdesk("ticket", "limit", number, "nothing").code == 1


def test_a_limit_of_a_case_is_met_by_its_name(house: House, frontdesk: Command) -> None:
    number = house.open(text="楼道烟感一直误报").number
    limits = frontdesk("ticket", "case", number, "B6", "--json").json["case_limits"]
    daily = next(limit for limit in limits if limit["rule"] == "T36")
    again = frontdesk("ticket", "limit", number, daily["id"], "--json").json
    clock = next(clock for clock in again["clocks"] if clock["source"] == "T36")
    assert clock["kind"] == "case" and clock["state"] in ("running", "at_risk")


def test_a_promise_without_a_time_and_one_that_is_far(house: House, frontdesk: Command) -> None:
    number = house.open().number
    today = frontdesk("ticket", "promise", number, "--words", "今天修好", "--completion", "--json").json
    due = next(run for run in today["clocks"] if run["kind"] == "resolution")["due_at"]
    assert due == "2026-11-23T00:00:00+08:00"
    far = frontdesk("ticket", "promise", number, "--words", "回话", "--at", "3d")
    assert far.code == 0 and "（超过 24 小时，需说明）" in far.out


def test_a_limit_counts_from_when_its_cause_happened(house: House, frontdesk: Command) -> None:
    number = house.open(text="电梯又坏了报修没人管").number
    frontdesk("ticket", "case", number, "B3")
    told = frontdesk("ticket", "limit", number, "notice", "--since", "2026-11-22 09:00", "--json").json
    assert next(run for run in told["clocks"] if run["source"] == "T32")["due_at"].startswith(
        "2026-11-22T13:00"
    )
