"""Text made harmless, cut and wrapped."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.tui.text import breaks, clean, clip, fit, width, wrap

ANY = st.text(st.characters(), max_size=60)
CHINESE = st.text("漏水电梯停了，。：（）「」abc 123-", max_size=80)
ALWAYS = settings(derandomize=True, max_examples=300)


@given(ANY)
@ALWAYS
def test_nothing_that_steers_a_terminal_survives(text: str) -> None:
    assert not any(unicodedata.category(character)[0] == "C" for character in clean(text))


@given(ANY)
@ALWAYS
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_what_is_a_blank_and_what_is_nothing_is_as_unicode_says() -> None:
    for character in map(chr, range(0x110000)):
        kind = unicodedata.category(character)
        if kind in ("Zs", "Zl", "Zp") and character != "　":
            assert clean(character) == " ", hex(ord(character))
        elif kind[0] == "C" and character not in "\t\n\v\f\r\x85":
            assert clean(character) == "", hex(ord(character))


def test_what_people_write_stays() -> None:
    plain = "3栋2单元1801 林*生，吊顶已湿：㎡ “引号” ℃"
    assert clean(plain) == plain


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("灯\x1b[31m坏了", "灯[31m坏了"),
        ("一\n二\t三", "一 二 三"),
        ("好👍的", "好〓的"),
        ("a\u0301\u200b\u202eb", "ab"),
        ("\ud800", ""),
    ],
)
def test_cleaned(raw: str, shown: str) -> None:
    assert clean(raw) == shown


@given(ANY, st.integers(2, 40))
@ALWAYS
def test_fit_is_exactly_as_wide_as_asked(text: str, cells: int) -> None:
    assert width(fit(clean(text), cells)) == cells


def test_a_hanzi_is_never_cut_in_half() -> None:
    assert clip("电梯停了", 5) == "电.."
    assert clip("电梯停了", 8) == "电梯停了"


@given(CHINESE, st.integers(6, 40))
@ALWAYS
def test_wrapped_lines_fit_and_lose_nothing_but_blanks(text: str, cells: int) -> None:
    lines = wrap(text, cells)
    assert all(width(row) <= cells for row in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(CHINESE, st.integers(6, 40))
@ALWAYS
def test_breaks_are_in_order_and_inside_the_text(text: str, cells: int) -> None:
    found = breaks(text, cells)
    assert found == sorted(set(found))
    assert all(0 < place < len(text) for place in found)


def test_a_line_neither_begins_with_a_stop_nor_ends_with_a_bracket() -> None:
    assert wrap("请您先关水阀，再移开东西", 12) == ("请您先关水", "阀，再移开东", "西")
    assert wrap("一二三四（五六）七", 10) == ("一二三四", "（五六）七")


def test_words_and_numbers_stay_whole() -> None:
    assert wrap("工程师傅10:05前到abc", 12) == ("工程师傅", "10:05前到abc")


def test_line_breaks_in_the_text_are_kept() -> None:
    assert wrap("一\n\n二", 10) == ("一", "", "二")
