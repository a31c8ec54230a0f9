"""The short road and Typer's: two parsers, one behaviour."""

from __future__ import annotations

import gc

import pytest

from frontdesk.cli import commands, hot
from tests.builders import UNIT, House
from tests.cli.conftest import Command

SHORT = [
    ["board"],
    ["board", "--json"],
    ["ticket", "show", "261122-01"],
    ["ticket", "show", "--json", "1122-01"],
    ["ticket", "show", "999999-99"],
]
LONG = [
    ["board", "--help"],
    ["board", "extra"],
    ["board", "--json", "--json"],
    ["board", "--json=yes"],
    ["ticket", "show"],
    ["ticket", "show", ""],
    ["ticket", "show", "261122-01", "261122-02"],
    ["ticket", "show", "--", "261122-01"],
    ["ticket", "list"],
    ["call", "log"],
    ["call", "log", "--phone"],
    ["call", "log", "--phone", "--json"],
    ["call", "log", "--phone", "-1"],
    ["call", "log", "--phone", "19900001234", "--phone", "19900001235"],
    ["call", "log", "--phone", "19900001234", "--nam", "王"],
    ["call"],
    ["boards"],
]


@pytest.mark.parametrize("args", SHORT)
def test_both_roads_answer_the_same(
    house: House, frontdesk: Command, monkeypatch: pytest.MonkeyPatch, args: list[str]
) -> None:
    house.open()
    short = frontdesk(*args)
    monkeypatch.setattr(hot, "attempt", lambda _args: None)
    assert frontdesk(*args) == short


@pytest.mark.parametrize("args", LONG)
def test_what_is_not_plainly_right_goes_to_typer(args: list[str]) -> None:
    assert hot.attempt(args) is None


def test_the_short_road_takes_a_call_with_everything(frontdesk: Command) -> None:
    given = ("--phone=+86 199-0000-1234", "--name", "王女士", "--at", "2026-11-22 09:58", "--json")
    short = frontdesk("call", "log", *given).json
    assert (short["phone"], short["called"], short["at"]) == (
        "199****1234",
        "王**",
        "2026-11-22T09:58:00+08:00",
    )
    assert commands.run(["call", "log", *given]) == 0
    assert frontdesk("call", "list", "--json").json["calls"][0]["at"] == short["at"]


def test_garbage_is_collected_again_after_a_hot_command(frontdesk: Command) -> None:
    assert frontdesk("board").code == 0
    assert gc.isenabled()


def test_the_board_for_pipes_is_a_line_a_ticket(house: House, frontdesk: Command) -> None:
    house.open(text="电梯停了", title="三号梯停了", unit=UNIT).after(3 * 3600)
    frontdesk("call", "log", "--phone", "19900001234")
    head, _, calls, call, _, names, row = frontdesk("board").out.splitlines()
    assert head == "云栖苑  2026-11-22 13:00  超时1  将超0  应急0  未结1  今日1"
    assert calls.split()[:3] == ["来电", "时间", "号码"] and "199****1234" in call
    assert names.split() == ["状态", "剩余", "房号", "事项", "单号", "首问"]
    assert row.split()[:2] == ["红", "超时"] and "三号梯停了" in row and "261122-01" in row


def test_the_board_as_json_is_the_contract(house: House, frontdesk: Command) -> None:
    house.open(text="电梯停了", unit=UNIT)
    board = frontdesk("board", "--json").json
    assert set(board) == {"now", "calls", "tickets", "counts"}
    assert board["now"] == "2026-11-22T10:00:00+08:00"
    assert set(board["counts"]) == {"breached", "at_risk", "emergency", "open", "today"}
    (ticket,) = board["tickets"]
    assert (ticket["kind"], ticket["kind_label"], ticket["sla"]) == ("repair", "报修", "on_track")
    assert ticket["due_at"].endswith("+08:00")


def test_an_empty_board_says_so(frontdesk: Command) -> None:
    assert "没有未结的工单" in frontdesk("board").out
