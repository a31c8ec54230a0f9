"""Duty from the command line: rosters, handovers, the morning view (DESIGN §8)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from frontdesk.cli.out import width
from frontdesk.cli.shift_commands import PAPER, folded
from frontdesk.domain.timing import DAY, HOUR, MINUTE
from tests.builders import TEN, House
from tests.cli.conftest import Command

ROSTER = """日期,姓名,岗位,开始,结束
2026-11-22,xiaolin,前台客服,08:30,20:30
2026-11-22,laozhou,前台客服,20:30,08:30
2026-11-22,赵师傅,工程部,00:00,24:00
"""


@pytest.fixture
def crew(house: House) -> House:
    for login in ("xiaolin", "laozhou", "azhen"):
        house.desk(login, "agent")
    return house


@pytest.fixture
def as_(monkeypatch: pytest.MonkeyPatch, frontdesk: Command) -> Command:
    """`frontdesk ARGS…` by the operator named first."""

    def run(who: str, *args: object) -> object:
        monkeypatch.setenv("FRONTDESK_OPERATOR", who)
        return frontdesk(*args)

    return run  # type: ignore[return-value]


def test_a_roster_is_tried_imported_shown_and_answers_who_is_there(
    crew: House, frontdesk: Command, tmp_path: Path
) -> None:
    path = tmp_path / "值班表.csv"
    path.write_text(ROSTER, encoding="utf-8")
    tried = frontdesk("roster", "import", path, "--dry-run")
    assert tried.code == 0 and "试导入（没有写入）：共 3 行，新增 3" in tried.out
    assert frontdesk("roster", "show", "--json").json["turns"] == []
    done = frontdesk("roster", "import", path, "--json").json
    assert (done["added"], done["same"], done["removed"], done["errors"]) == (3, 0, [], [])
    shown = frontdesk("roster", "show", "--date", "2026-11-22", "--json").json["turns"]
    assert [(turn["name"], turn["duty_label"]) for turn in shown] == [
        ("赵师傅", "工程部"),
        ("xiaolin", "前台客服"),
        ("laozhou", "前台客服"),
    ]
    assert shown[2]["to"] == "2026-11-23T08:30:00+08:00"
    now = frontdesk("roster", "now", "--json").json
    duties = {each["duty"]: each for each in now["duties"]}
    assert duties["agent"]["people"] == [{"login": "xiaolin", "name": "xiaolin"}]
    assert (duties["agent"]["source"], duties["agent"]["at"]) == ("roster", "2026-11-22T20:30:00+08:00")
    assert (duties["manager"]["source"], duties["manager"]["held"]) == ("above", "admin")
    assert duties["保洁部"]["source"] is None and duties["保洁部"]["contact"]
    assert now["gaps"] == [
        {"duty": "agent", "from": "2026-11-23T08:30:00+08:00", "to": "2026-11-29T10:00:00+08:00"}
    ]
    told = frontdesk("roster", "now")
    assert "当班，20:30 下班" in told.out and "明日08:30 至 11-29 10:00" in told.err


def test_what_gives_way_is_said_and_bad_rows_are_told_by_line(
    crew: House, frontdesk: Command, tmp_path: Path
) -> None:
    path = tmp_path / "值班表.csv"
    path.write_text(ROSTER, encoding="utf-8")
    frontdesk("roster", "import", path)
    path.write_text(
        ROSTER.replace("laozhou", "azhen").replace("赵师傅,工程部", "赵师傅,车队"), encoding="utf-8"
    )
    done = frontdesk("roster", "import", path)
    assert done.code == 1
    assert "新增 1，相同 1，错误 1；替换掉原有的班 1 个。" in done.out
    assert "已换掉：11-22 20:30 至 11-23 08:30 前台客服 laozhou" in done.out
    assert "「第 4 行 岗位」没有「车队」" in done.err
    assert frontdesk("roster", "show", "--date", "后天").code == 1


def test_a_shift_is_looked_at_given_taken_listed_and_shown(
    crew: House, as_: Command, frontdesk: Command
) -> None:
    crew.time.forward(-100 * MINUTE)
    case = crew.open(crew.desk("laozhou"), text="楼道灯不亮").promise(due_in=40 * MINUTE)
    before = as_("laozhou", "handover", "--json").json
    assert (before["id"], before["waiting"], before["given_by"]) == (None, None, "laozhou")
    assert {item["owner"] for item in before["items"]} == {"laozhou"}
    given = as_("laozhou", "handover", "--give", "--json").json
    assert given["id"] == 1 and given["given_at"] == "2026-11-22T08:20:00+08:00"
    assert given["items"] == before["items"]
    looked = as_("xiaolin", "handover")
    assert "交接预览（还没有签字）" in looked.out and "第 1 号交接还有 2 件没有人接" in looked.err
    crew.time.forward(9 * MINUTE)
    key = next(item["key"] for item in given["items"] if item["kind"] == "promise")
    taken = as_("xiaolin", "handover", "--take", "--item", key, "--json").json
    assert (taken["taken_by"], taken["taken_at"]) == ("xiaolin", "2026-11-22T08:29:00+08:00")
    assert {item["holder"] for item in taken["items"]} == {"xiaolin"}, "the ticket's lines go together"
    assert case.view.case_owner == "xiaolin"
    late = as_("azhen", "handover", "--take")
    assert late.code == 1 and "已由xiaolin 08:29 接走" in late.err
    (listed,) = as_("azhen", "handover", "--list", "--json").json["handovers"]
    assert listed["id"] == 1 and listed["items"][0]["key"] == given["items"][0]["key"]
    crew.time.forward(DAY)
    shown = frontdesk("handover", "--show", "1", "--json").json
    unsigned = {"holder", "holder_name", "taken_at"}
    assert [{k: v for k, v in item.items() if k not in unsigned} for item in shown["items"]] == [
        {k: v for k, v in item.items() if k not in unsigned} for item in given["items"]
    ]
    text = frontdesk("handover", "--list").out
    assert "昨日08:20" in text and "昨日08:29" in text


def test_the_paper_fits_and_has_room_for_two_signatures(crew: House, as_: Command) -> None:
    crew.open(crew.desk("laozhou"), text="楼上装修午休时间电钻不停" * 12).promise()
    printed = as_("laozhou", "handover", "--print").out
    assert printed.count("签名：__________") == 2 and "负责人：laozhou" in printed
    assert max(map(width, printed.splitlines())) <= PAPER


def test_a_handover_is_as_wide_as_the_terminal_and_loses_nothing(
    crew: House, frontdesk: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "水泥养护期间木板一直在，师傅下午四点前把坡道铺平，轮椅推得过去；铺好之前每两个小时去看一次"
    crew.open(text="无障碍坡道地砖松动，轮椅打滑").desk.tickets.promise("261122-01", words, TEN + HOUR)
    for cells in (60, 80):
        monkeypatch.setenv("COLUMNS", str(cells))
        lines = frontdesk("handover", "--give" if cells == 60 else "--list").out.splitlines()
        lines += frontdesk("handover").out.splitlines()
        assert max(map(width, lines)) <= cells
        told = "".join(line.strip() for line in lines)
        assert words in told and "261122-01" in told and "11:00" in told
    monkeypatch.setenv("COLUMNS", "200")
    (line,) = (line for line in frontdesk("handover").out.splitlines() if words in line)
    assert "261122-01" in line and "11:00" in line


@pytest.mark.parametrize(
    "line", ["短", "    " + "长" * 100, "a" * 200, "    " + "混a，" * 60, "    （" + "长" * 33 + "）"]
)
def test_a_folded_line_loses_nothing_and_begins_with_no_closing_mark(line: str) -> None:
    parts = folded(line, PAPER)
    assert max(map(width, parts)) <= PAPER
    indent = line[: len(line) - len(line.lstrip(" "))]
    assert indent + "".join(part.removeprefix(indent) for part in parts) == line
    assert not any(part.lstrip(" ")[:1] in "，）" for part in parts)


@pytest.mark.parametrize(
    "args", [("--give", "--take"), ("--item", "call:1"), ("--list", "--show", "1"), ("--show", "0")]
)
def test_wishes_that_do_not_go_together_are_wrong_usage(frontdesk: Command, args: tuple[str, ...]) -> None:
    assert frontdesk("handover", *args).code == 2


def test_nothing_waits_and_nothing_is_there(frontdesk: Command) -> None:
    taken = frontdesk("handover", "--take")
    assert taken.code == 1 and "没有等着接的交接" in taken.err
    assert "没有第 7 号交接" in frontdesk("handover", "--show", "7").err
    assert "还没有交接记录" in frontdesk("handover", "--list").err


def test_the_morning_view_is_read_and_sent_once(crew: House, frontdesk: Command, as_: Command) -> None:
    crew.open(crew.desk("laozhou"), text="楼道灯不亮").promise(due_in=2 * HOUR)
    read = frontdesk("morning", "--json").json
    assert "【晨报】" in read["text"] and not read["sent"]
    assert read["to"] == [{"audience": "staff", "name": "客服主任"}, {"audience": "group", "name": "群"}]
    assert json.loads(frontdesk("notice", "list", "--json").out)["notices"] == []
    assert "晨报已交付发送：客服主任、群" in frontdesk("morning", "--send").err
    assert "今天的晨报已经发过了" in frontdesk("morning", "--send").err
    notices = frontdesk("notice", "list", "--json").json["notices"]
    assert sorted(notice["to"] for notice in notices if notice["kind"] == "morning") == ["客服主任", "群"]
    assert as_("laozhou", "morning", "--send").code == 1


@pytest.mark.parametrize(
    "words", ['time = "25:00"', 'time = "早上"', "time = 830", 'to = ["群"]', 'zeit = "8:00"']
)
def test_a_slip_in_the_setting_is_named(crew: House, frontdesk: Command, words: str) -> None:
    path = crew.home / "config.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("[morning]")] + f"[morning]\n{words}\n", encoding="utf-8")
    said = frontdesk("morning")
    assert said.code == 1 and "config.toml 的 morning" in said.err


def test_the_time_of_the_setting_is_read(
    crew: House, frontdesk: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    from frontdesk.settings import load

    path = crew.home / "config.toml"
    text = path.read_text(encoding="utf-8").replace('time = "08:30"', 'time = "7:45"')
    path.write_text(text.replace('to = "客服主任、群"', 'to = "项目经理"'), encoding="utf-8")
    assert (load().morning, load().morning_to) == ("7:45", "项目经理")
