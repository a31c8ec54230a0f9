"""A ticket's whole life, an import and a month by commands alone; every `--json` answers one document."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from frontdesk.cli import main
from tests.builders import House

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("FRONTDESK_HOME", str(house.home))
    monkeypatch.setenv("FRONTDESK_OPERATOR", "lin")
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    house.desk().close()

    def call(*words: str) -> tuple[int, str, str]:
        code = main(list(words))
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


def document(run: Run, *words: str) -> dict[str, Any]:
    code, told, warned = run(*words, "--json")
    assert (code, warned) == (0, "")
    found: dict[str, Any] = json.loads(told)
    return found


def test_from_the_ring_to_the_closing(run: Run) -> None:
    card = document(run, "call", "log", "--phone", "+86 199-0000-1234", "--name", "王女士")
    assert card["phone"] == "199****1234"
    assert run("call", "answer", str(card["id"]))[0] == 0
    opened = document(
        run,
        "ticket",
        "open",
        "--text",
        "楼上漏水，电话19900001234",
        "--unit",
        "3-2-0902",
        "--call",
        str(card["id"]),
    )
    number = opened["number"]
    assert opened["category"] == "工程维修-给排水漏水"
    assert "19900001234" not in json.dumps(opened)
    steps = (
        ("dispatch", number),
        ("accept", number, "--who", "水工小郭"),
        ("arrive", number),
        ("progress", number, "--text", "已关阀"),
        ("promise", number, "--words", "修好回电", "--at", "2h"),
        ("pause", number, "--cause", "等配件", "--until", "明天 9:00", "--reason", "等软管"),
        ("resume", number),
        ("escalate", number, "--reason", "业主要见主任", "--consent", "同意"),
        ("acknowledge", number),
        ("resolve", number, "--result", "换了软管"),
        ("follow-up", number, "--score", "5"),
        ("close", number),
    )
    for step in steps:
        assert document(run, "ticket", *step)["number"] == number
    shown = document(run, "ticket", "show", number)
    assert (shown["status"], shown["sla"], shown["satisfaction"]) == ("closed", "closed", 5)
    assert [event["kind"] for event in shown["events"]][-3:] == ["resolved", "followed_up", "closed"]
    assert {notice["kind"] for notice in document(run, "notice", "list")["notices"]} == {
        "dispatched",
        "escalated",
    }


def test_a_refusal_says_why_and_exits_one(run: Run) -> None:
    number = document(run, "ticket", "open", "--text", "楼道灯不亮")["number"]
    code, told, warned = run("ticket", "close", number, "--json")
    assert (code, told) == (1, "")
    assert "不能关闭" in warned
    assert run("ticket", "show", "990101-99")[0] == 1


@pytest.mark.parametrize(
    "words", [("ticket", "open"), ("nothing",), ("ticket", "show"), ("board", "--wrong")]
)
def test_wrong_usage_exits_two_and_names_the_help(run: Run, words: tuple[str, ...]) -> None:
    code, told, warned = run(*words)
    assert (code, told) == (2, "")
    assert "--help" in warned


def test_an_import_reports_each_bad_row_and_never_doubles(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "old.csv"
    table.write_text(
        "编号,内容,时间\n1,楼道灯不亮,2026-01-02 10:00\n2,电梯异响,1900-01-01\n1,又一遍,2026-01-02\n3,门禁坏了,\n",
        encoding="gb18030",
    )
    words = ("ticket", "import", str(table), "--at", "2026-02-01..2026-02-10", "--status", "closed", "--json")
    code, told, _warned = run(*words)
    first = json.loads(told)
    assert (code, first["added"], [error["line"] for error in first["errors"]]) == (1, 2, [3, 4])
    assert json.loads(run(*words)[1])["added"] == 0
    assert len(document(run, "ticket", "list", "--all")["tickets"]) == 2


def test_a_month_is_exported_once_and_then_left_alone(run: Run, tmp_path: Path) -> None:
    run("ticket", "open", "--text", "楼道灯不亮")
    month = document(run, "board")["now"][:7]
    assert run("export", "--month", month, "--out", str(tmp_path))[0] == 0
    sheet = next(tmp_path.glob("顾客投诉分类统计表-*.xlsx"))
    before = sheet.read_bytes(), sheet.stat().st_mtime_ns
    code, told, _warned = run("export", "--month", month, "--out", str(tmp_path))
    assert (code, "没有变化" in told) == (0, True)
    assert (sheet.read_bytes(), sheet.stat().st_mtime_ns) == before


def test_the_sample_estate_is_alive_and_in_order(run: Run) -> None:
    assert run("init", "--sample")[0] == 0
    assert run("init", "--sample")[0] == 0
    board = document(run, "board")
    assert board["counts"]["emergency"] == 1
    assert len(document(run, "ticket", "list", "--all")["tickets"]) == 31
    assert run("doctor")[0] == 0
    assert run("audit", "verify")[0] == 0
    code, told, _warned = run("summary")
    assert (code, "未闭环" in told) == (0, True)


def test_the_watch_escalates_once(run: Run) -> None:
    number = document(run, "ticket", "open", "--text", "楼道灯不亮")["number"]
    first = run("watch", "--once", "--as-of", "3天")[1]
    assert number in first
    assert run("watch", "--once", "--as-of", "3天")[1] == ""
    assert document(run, "ticket", "show", number)["escalation_level"] == 1
