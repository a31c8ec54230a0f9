"""Cells: text that a spreadsheet, or the CSV made from it, can only ever show."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.timing import instant
from frontdesk.sheets.cells import LIMIT, data_text, lines, note_text, serial, width


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|'/C calc'!A0",
        "+86 19900004821",
        "-5 度",
        "@SUM(A1)",
        "＝1+1",
        "＋1",
        "－1",
        "＠A1",
        "\t=1",
        "\r=1",
        " =1",
        "\u200b=1",
    ],
)
def test_what_might_run_gets_a_visible_mark(text: str) -> None:
    shown = data_text(text)
    assert shown.startswith("'")
    assert shown[1:2] in "=+-@＝＋－＠"


@pytest.mark.parametrize("text", ["电梯停了", "1-2-0803", "a=b", "'已加引号", "", "📞 打不通", "《公约》"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert data_text(text) == text


@given(st.text())
@settings(derandomize=True, max_examples=300)
def test_nothing_that_comes_out_can_start_a_formula_or_break_the_page(text: str) -> None:
    shown = data_text(text)
    assert shown[:1] not in {*"=+-@＝＋－＠\t\r\n "}
    assert all(
        char.isprintable() or char in "\u200d\u3000\xa0" or ord(char) > 0xE000
        for char in shown
        if ord(char) < 0x20 or ord(char) == 0x7F
    )
    assert data_text(shown) == shown or shown.startswith("'")


def test_controls_and_lines_become_one_line() -> None:
    assert data_text("电梯\x00停\x1b[31m了\r\n\u202e等人  修") == "电梯停了 等人 修"


def test_cell_holds_no_more_than_excel_allows() -> None:
    assert data_text("漏" * LIMIT) == "漏" * LIMIT
    cut = data_text("漏" * (LIMIT + 1))
    assert (len(cut), cut[-1]) == (LIMIT, "…")
    emoji = data_text("🏠" * LIMIT)
    assert len(emoji.encode("utf-16-le")) // 2 <= LIMIT
    assert emoji.strip("🏠") == "…"


def test_xml_of_the_library_itself_cannot_be_smuggled_in() -> None:
    assert data_text("<r>x</r>") == "<r>x</r> "
    assert note_text("<r>\n</r>") == "<r>\n</r> "


def test_note_keeps_its_lines_and_its_signs() -> None:
    assert note_text("- 先修\r\n= 再查\x00") == "- 先修\n= 再查"


def test_width_and_lines_count_a_hanzi_twice() -> None:
    assert width("电梯A") == 5
    assert lines("电梯停了", 4) == 2
    assert lines("电梯\n\n停", 10) == 3


def test_serial_is_shanghai_time() -> None:
    assert serial(instant(datetime(2026, 11, 22, 10, 0))) == pytest.approx(46348 + 10 / 24)
    assert (datetime(2026, 11, 22) - datetime(1899, 12, 30)).days == 46348
