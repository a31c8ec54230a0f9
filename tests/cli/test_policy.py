"""The rules at the shell: checked by line, shown, listed, and open tickets moved to them by hand."""

from __future__ import annotations

from datetime import datetime

import pytest

from frontdesk.domain.timing import HOUR, instant, iso
from tests.builders import POLICY, POLICY_TEXT, TEN, House
from tests.cli.conftest import Command, Shell


def put(house: House, text: str) -> str:
    """The manager's own rules in the home; answers the file's path."""
    path = house.home / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def line(text: str, words: str) -> int:
    lines = enumerate(text.splitlines(), 1)
    return next(number for number, each in lines if words in each and each[:1] != "#")


OFFICE = """
[[clocks.resolution.rules]]
when.kind = ["suggestion"]
when.category = ["工程维修-*"]
span = "21h"
calendar = "office"
escalate_to = 2

[calendar.office]
workdays = ["08:30-12:00", "22:00-01:00"]
days.2027-01-01 = "休"
"""


def test_the_shipped_rules_are_in_order(frontdesk: Command) -> None:
    answer = frontdesk("policy", "check")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("规则没有问题：「标准时限」") and "8 个时限" in answer.out
    found = frontdesk("policy", "check", "--json").json
    assert (found["problems"], found["warnings"], found["version"]) == ([], [], POLICY.version)


def test_a_mistake_is_told_by_file_and_line_with_a_remedy(house: House, frontdesk: Command) -> None:
    text = POLICY_TEXT.replace('span = "2h"', 'span = "soon"')
    path = put(house, text)
    answer = frontdesk("policy", "check")
    assert (answer.code, answer.err) == (1, "规则有 1 处要改。\n")
    where = f"{path}:{line(text, 'soon')} clocks.red_light.span"
    assert answer.out == f"{where}：「soon」不是时长。请写成 15m、2h 或 7d\n"


def test_programs_get_one_document_also_of_a_torn_file(house: House, shell: Shell) -> None:
    for text, number in (("[policy]\nname =", 2), ("[policy]\nrisk_share = 3\n", 2)):
        put(house, text)
        done = shell.run("policy", "check", "--json")
        assert done.returncode == 1 and f'"line": {number}' in done.stdout
    (house.home / "policy.toml").write_bytes("[policy]\nname = '时限'\n".encode("gb18030"))
    done = shell.run("policy", "check")
    assert done.returncode == 1 and "policy.toml:2：不是 UTF-8 编码" in done.stdout


def test_a_byte_order_mark_is_no_mistake(house: House, frontdesk: Command) -> None:
    (house.home / "policy.toml").write_text(POLICY_TEXT, encoding="utf-8-sig")
    assert frontdesk("policy", "check").code == 0
    assert frontdesk("policy", "show").code == 0


def test_what_is_odd_stops_nobody(house: House, frontdesk: Command) -> None:
    text = POLICY_TEXT + OFFICE.replace('calendar = "office"\n', "")
    path = put(house, text)
    answer = frontdesk("policy", "check")
    assert answer.code == 0 and "规则没有问题" in answer.out
    assert f"提醒 {path}:{line(text, '[calendar.office]')} calendar.office：没有一个时限用它" in answer.err


def test_checking_needs_no_database(house: House, shell: Shell) -> None:
    before = {path.name for path in house.home.rglob("*")}
    assert shell.run("policy", "check").returncode == 0
    assert {path.name for path in house.home.rglob("*")} == before


def test_a_version_is_shown_in_words(house: House, frontdesk: Command) -> None:
    plain = frontdesk("policy", "show").out
    for words in (
        "版本 " + POLICY.version,
        "首次响应（T1）：15分钟\n",
        "2小时处理（T2）：2小时，超时上移客服主任",
        "通报进展（R-S5-02）：1天，应急时 10分钟",
        "承诺（R-S5-01）：期限由当时所说的时间定",
        "1 客服主任，10分钟内确认",
        "业主免打扰：21:00–08:00（突发除外）；员工汇总：08:30、17:30",
        "超过 5 条合成一份，1分钟没有动静由别处接手",
    ):
        assert words in plain
    text = OFFICE + "weekend = ['00:00-24:00']\nholidays = false\n"
    put(house, POLICY_TEXT.replace('"15m"\noffset = "48h"', '"15m"\noffset = "1h"') + text)
    shown = frontdesk("policy", "show").out
    for words in (
        "例外 1：建议、工程维修-*：21小时（日历 office 的工作时间），超时上移项目经理",
        "周一 08:30–12:00、22:00–次日01:00",
        "周日 00:00–24:00",
        "另有不上班 1 天，照别的时段上班 0 天",
        "2 项目经理，15分钟内确认，下级被上移 1小时 后仍未了结",
    ):
        assert words in shown
    assert frontdesk("policy", "show", "--version", "ffff").code == 1
    assert frontdesk("policy", "show", "--json").json["policy"]["calendar"]["office"]["holidays"] is False


def test_dates_of_2027_run_on_plain_weekends_until_its_holidays_are_written(
    house: House, frontdesk: Command
) -> None:
    house.time.now = instant(datetime(2026, 12, 31, 16))  # a Thursday
    office = OFFICE.replace('"22:00-01:00"', '"13:30-17:00"').replace('days.2027-01-01 = "休"\n', "")
    office = office.replace('when.category = ["工程维修-*"]\n', "")
    put(house, POLICY_TEXT + office)

    def due(text: str) -> str:
        told = frontdesk("ticket", "open", "--kind", "suggestion", "--text", text, "--json").json
        return str(next(run["due_at"] for run in told["clocks"] if run["kind"] == "resolution"))

    assert due("多种树") == "2027-01-05T16:00:00+08:00", "New Year's Day counts like any Friday"
    for command in ("policy show", "doctor", "policy check"):
        told = frontdesk(*command.split())
        assert told.code == 0 and "2027 年的法定节假日" in told.err and "[calendar.days]" in told.err, command
    days = "'2027-01-01..2027-01-03' = '休'\n2027-05-01 = '休'\n2027-10-01 = '休'\n"
    put(house, f"{POLICY_TEXT}{office}[calendar.days]\n{days}")
    assert due("装路灯") == "2027-01-06T16:00:00+08:00"
    for command in ("policy show", "doctor", "policy check"):
        assert frontdesk(*command.split()).err.removesuffix("没有发现问题。\n") == "", command


def test_versions_are_listed_and_open_tickets_moved(house: House, frontdesk: Command) -> None:
    case, other = house.open(), house.open()
    put(house, POLICY_TEXT.replace('span = "24h"', 'span = "8h"', 1))
    rows = frontdesk("policy", "list", "--json").json["versions"]
    assert {(row["open"], row["in_force"]) for row in rows} == {(0, True), (2, False)}
    assert frontdesk("policy", "rebase", case.number).code == 1, "a reason is needed"
    assert "换规则的原因" in frontdesk("policy", "rebase", case.number).err
    moved = frontdesk("policy", "rebase", case.number, "--reason", "新合同")
    assert moved.code == 0 and moved.out.startswith(f"{case.number} 由 {POLICY.version} 改按")
    done = frontdesk("policy", "rebase", "--all-open", "--reason", "新合同", "--json").json
    assert [row["number"] for row in done["rebased"]] == [other.number]
    again = frontdesk("policy", "rebase", "--all-open", "--reason", "新合同")
    assert (again.code, again.err) == (0, "没有按旧版本计时的未结工单。\n")
    shown = frontdesk("ticket", "show", case.number, "--json").json
    clock = next(run for run in shown["clocks"] if run["kind"] == "resolution")
    assert clock["due_at"] == iso(TEN + 8 * HOUR)
    assert "时限改按规则" in frontdesk("ticket", "show", case.number).out
    assert "现行" in frontdesk("policy", "list").out


def test_the_list_is_there_also_while_the_rules_are_not_in_order(house: House, frontdesk: Command) -> None:
    house.open()
    put(house, "[policy]\nrisk_share = 3\n")
    answer = frontdesk("policy", "list")
    assert answer.code == 0 and POLICY.version in answer.out and "没有采用" in answer.err


@pytest.mark.parametrize("args", [(), ("261122-01", "--all-open")])
def test_which_tickets_must_be_said(frontdesk: Command, args: tuple[str, ...]) -> None:
    answer = frontdesk("policy", "rebase", *args, "--reason", "新合同")
    assert answer.code == 1 and "要换哪些没有说清" in answer.err


def test_a_copy_is_made_once_and_stands_in(house: House, frontdesk: Command) -> None:
    target = house.home / "policy.toml"
    assert frontdesk("policy", "copy").out == f"{target}\n"
    assert target.read_text(encoding="utf-8") == POLICY_TEXT
    target.write_text("[policy]\n", encoding="utf-8")
    again = frontdesk("policy", "copy")
    assert again.code == 1 and "没有动它" in again.err
    assert target.read_text(encoding="utf-8") == "[policy]\n"
