"""Forms as values: what is typed, checked, read back and painted."""

from __future__ import annotations

import pytest

from frontdesk.tui.form import Field, Form, Status, freeze, paint, thaw
from frontdesk.tui.paper import measure
from tests.builders import TEN

KINDS = (("repair", "报修"), ("complaint", "投诉"), ("enquiry", "咨询"))
FORM = Form(
    "派单",
    (
        Field("text", "任务内容", "text", needed=True, hint="要做什么"),
        Field("kind", "类型", "choice", "repair", KINDS),
        Field("due_at", "处理时限", "time", "16:30"),
        Field("who", "联系人", hint="可不填"),
    ),
    "form:dispatch:1",
    (("先问清楚，再写。", "strong"),),
)


def painted(at: int = 0, cells: int = 46, faults: dict[str, str] | None = None) -> list[str]:
    found = paint(FORM, Status(FORM.start(), {}, faults or {}, at, ""), TEN, cells)
    assert all(measure(spans) <= cells for spans in found.lines)
    assert len(found.rows) == len(FORM.fields)
    return ["".join(text for text, _ in spans).rstrip() for spans in found.lines]


def test_a_time_is_read_back_as_it_was_understood() -> None:
    assert any("= 16:30（6小时30分后）" in row for row in painted())


@pytest.mark.parametrize("typed", ["下次", "25:00", "2099-01-01 10:00"])
def test_a_time_that_cannot_be_used_says_why(typed: str) -> None:
    assert FORM.fields[2].problem(typed, TEN)
    assert FORM.fields[2].read_back(typed, TEN) == ""


def test_what_is_needed_and_empty_is_a_problem_and_nothing_else_is() -> None:
    assert FORM.fields[0].problem("  ", TEN) == "还没有填"
    assert FORM.fields[3].problem("", TEN) == ""


def test_options_stand_under_the_choice_that_has_the_keys() -> None:
    assert any("1 报修  2 投诉  3 咨询" in row for row in painted(at=1))
    assert not any("1 报修" in row for row in painted(at=0))


@pytest.mark.parametrize(
    ("query", "found"), [("ts", ["投诉"]), ("投", ["投诉"]), ("xx", []), ("", ["报修", "投诉", "咨询"])]
)
def test_a_choice_is_searched_by_initials_and_hanzi(query: str, found: list[str]) -> None:
    assert [label for _, label in FORM.fields[1].fitting(query)] == found


def test_a_fault_stands_below_its_field_and_a_general_one_on_top() -> None:
    rows = painted(faults={"who": "没有这个人"})
    assert rows[-1].strip() == "没有这个人"
    rows = painted(faults={"": "刚被改动"})
    assert "刚被改动" in rows[2]


def test_an_empty_field_shows_what_it_expects() -> None:
    assert painted()[-1].split() == ["联系人", "可不填"]


def test_the_text_that_has_the_keys_has_room_for_three_lines() -> None:
    values = FORM.start()
    found = paint(FORM, Status(values, {}, {}, 0, ""), TEN, 46)
    assert found.rows[0][1] == 3
    assert paint(FORM, Status(values, {}, {}, 1, ""), TEN, 46).rows[0][1] == 1


def test_a_draft_overlays_the_first_values_and_a_damaged_one_does_not() -> None:
    assert FORM.start(freeze({"who": "周工", "stray": "x"}))["who"] == "周工"
    assert "stray" not in FORM.start(freeze({"stray": "x"}))
    assert FORM.start("{not json") == FORM.start() == FORM.start("[1]")
    assert thaw(freeze({"a": "一"})) == {"a": "一"}
