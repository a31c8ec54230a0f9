"""Emergencies and their plans at the shell: what scripts read, what people read, and how a slip is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from frontdesk.domain.timing import MINUTE
from frontdesk.settings import shipped
from tests.builders import NAME, PHONE, UNIT, House
from tests.cli.conftest import Command, Shell

TRAPPED = "电梯停了，我妈被困在里面"


@pytest.fixture
def number(house: House) -> str:
    return house.open(text=TRAPPED).number


def test_open_answers_the_whole_emergency_and_twice_is_once(frontdesk: Command, number: str) -> None:
    first = frontdesk("emergency", "open", number, "--json").json
    assert (first["number"], first["plan"], first["plan_label"], first["where"]) == (
        number,
        "lift",
        "电梯困人",
        "7栋",
    )
    assert [(task["department"], task["state"]) for task in first["tasks"]] == [
        ("安保部", "sent"),
        ("工程部", "sent"),
        ("客服部", "sent"),
    ]
    assert [run["kind"] for run in first["clocks"]] == ["on_site", "repair", "progress"]
    assert first["bulletin"]["stage"] == "first" and first["bulletin"]["due_at"].endswith("+08:00")
    assert frontdesk("emergency", "open", number, "--json").json["tasks"] == first["tasks"]
    assert frontdesk("ticket", "show", number, "--json").json["plan"] == "lift"


def test_people_read_what_to_do(frontdesk: Command, number: str) -> None:
    told = frontdesk("emergency", "open", number, "--plan", "lift").out
    for words in (
        "先打：电梯维保单位",
        "应急到场 10:30 前，剩 30分钟",
        "安保部 已派",
        "现在念：7栋电梯困人",
        "10:10 前通报",
    ):
        assert words in told
    assert not any(secret in told for secret in (NAME, UNIT, PHONE))


def test_list_tell_attach_and_timeline(house: House, frontdesk: Command, number: str, tmp_path: Path) -> None:
    assert frontdesk("emergency", "list", "--json").json == {
        "emergencies": [],
        "unopened": [{"number": number, "title": TRAPPED}],
    }
    assert "还没开预案" in frontdesk("emergency", "list").out
    frontdesk("emergency", "open", number)
    (listed,) = frontdesk("emergency", "list", "--json").json["emergencies"]
    assert listed["number"] == number

    refused = frontdesk("emergency", "attach", number)
    assert refused.code == 1 and "没有正在响或刚来的来电" in refused.err
    frontdesk("call", "log", "--phone", "19900007733")
    attached = frontdesk("emergency", "attach", number, "--json").json
    assert attached["opened"] and attached["told"] == listed["bulletin"]["text"]
    assert attached["ticket"]["incident"] == number

    house.time.forward(5 * MINUTE)
    told = frontdesk("emergency", "tell", number, "--json").json
    assert told["told"].startswith("7栋电梯困人") and told["emergency"]["bulletin"]["stage"] == "coming"
    assert told["emergency"]["callers"] == 1

    paper = tmp_path / "经过.md"
    done = frontdesk("emergency", "timeline", number, "--out", str(paper), "--json").json
    assert done["file"] == str(paper) and paper.read_text(encoding="utf-8").startswith("# 突发事件经过")
    kinds = [each["kind"] for each in frontdesk("emergency", "timeline", number, "--json").json["timeline"]]
    assert kinds.count("progressed") == 2 and kinds.count("linked") == 1 and kinds[0] == "opened"
    assert "打开预案" in frontdesk("emergency", "timeline", number).out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("emergency", "open", "0101-99"), "没有工单"),
        (("emergency", "open", "{number}", "--plan", "quake"), "可选：fire 着火冒烟"),
        (("emergency", "show", "{number}"), "还没有打开预案"),
        (("emergency", "timeline", "{number}"), "没有打开过预案"),
        (("emergency", "attach", "{number}", "7"), "没有编号 7 的来电"),
        (("plan", "show", "quake"), "现有：fire"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(
    frontdesk: Command, number: str, words: tuple[str, ...], said: str
) -> None:
    if words[1] == "attach":
        frontdesk("emergency", "open", number)
    refused = frontdesk(*(word.replace("{number}", number) for word in words))
    assert refused.code == 1 and said in refused.err and refused.out == ""


def test_plans_need_no_database(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "nothing")
    assert "预案没有问题" in shell.run("plan", "check").stdout
    assert "电梯困人" in shell.run("plan", "list").stdout
    shown = shell.run("plan", "show", "gas").stdout
    assert "别碰灯和电器的开关" in shown and "燃气公司抢修" in shown
    listed = json.loads(shell.run("plan", "list", "--json").stdout)["plans"]
    assert {plan["id"] for plan in listed} == {"power", "lift", "pipe", "fire", "gas", "flood", "hurt"} | {
        *("violence", "suicidal", "stuck", "lost", "falling")
    }
    assert not (tmp_path / "nothing" / "data").exists()


def test_a_slip_in_the_manager_s_copy_is_told_and_the_shipped_one_used(shell: Shell, house: House) -> None:
    own = house.home / "plans" / "gas.toml"
    own.parent.mkdir()
    text = shipped("plans", "gas.toml").read_text(encoding="utf-8")
    own.write_text(text.replace("minutes = 10", "minutes = -1", 1), encoding="utf-8")
    line = 1 + text[: text.index("minutes = 10")].count("\n")
    checked = shell.run("plan", "check")
    assert checked.returncode == 1 and f"{own}:{line} task guard：minutes" in checked.stdout
    (problem,) = json.loads(shell.run("plan", "check", "--json").stdout)["problems"]
    assert (problem["file"], problem["line"], problem["entry"]) == (str(own), line, "task guard")
    shown = shell.run("plan", "show", "gas")
    assert shown.returncode == 0 and "没有采用：gas.toml" in shown.stderr and "（10 分钟）" in shown.stdout


def test_a_copy_is_taken_once_and_never_over_another(shell: Shell, house: House) -> None:
    own = house.home / "plans" / "lift.toml"
    assert shell.run("plan", "copy", "lift").stdout.strip() == str(own)
    assert own.read_bytes() == shipped("plans", "lift.toml").read_bytes()
    own.write_text("mine", encoding="utf-8")
    again, stray = shell.run("plan", "copy", "lift"), shell.run("plan", "copy", "../handbook/case-B2")
    assert (again.returncode, stray.returncode, own.read_text(encoding="utf-8")) == (1, 1, "mine")
    assert "没有动它" in again.stderr and "没有「" in stray.stderr


@pytest.mark.parametrize(
    "words", [("emergency", "--help"), ("emergency", "open", "--help"), ("plan", "--help")]
)
def test_help_speaks_chinese(frontdesk: Command, words: tuple[str, ...]) -> None:
    told = frontdesk(*words).out
    assert "用法" in told and "预案" in told
