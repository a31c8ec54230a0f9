"""Whatever terminal the desk is opened in (DESIGN §10): it works there, or says what is wrong, and is never left in ruins."""

from __future__ import annotations

import sys

import pyte
import pytest
from wcwidth import wcwidth

from tests.trips.driver import DESK, NIGHT, Console, Estate

SIXTEEN = {"default", "black", "red", "green", "brown", "blue", "magenta", "cyan", "white"}
SIXTEEN |= {f"bright{name}" for name in SIXTEEN}


def test_opened_in_a_window_too_small_it_says_so_and_comes_alive_when_the_window_is_drawn_larger(
    estate: Estate,
) -> None:
    with estate.console(size=(70, 20)) as desk:
        desk.sees("窗口太小", "现在 70x20，至少要 80x24").loses("未结工单")
        desk.resize(*NIGHT).sees("未结工单 F3", "下一步", "F10 退出").loses("窗口太小")
        desk.press("F5").types("拉大以后写的").sees("拉大以后写的")
        desk.resize(60, 12).sees("窗口太小").resize(*DESK).sees("话术 F4", "拉大以后写的")
        desk.sees("│").loses("窗口太小")


def test_in_sixteen_colours_and_in_none_the_state_is_still_a_word(estate: Estate) -> None:
    for changes, allowed in (({"TERM": "xterm"}, SIXTEEN), ({"NO_COLOR": "1"}, {"default"})):
        with estate.console(size=NIGHT, **changes) as desk:
            desk.sees("急 ", "红 超时", "下一步")
            assert desk.colours() <= allowed
            assert len(desk.colours()) > 3 or allowed == {"default"}


@pytest.mark.real("zh_CN.GB18030")
def test_in_a_gb18030_locale_a_stray_gbk_byte_costs_one_character_and_no_more(estate: Estate) -> None:
    with estate.console(LC_ALL="zh_CN.GB18030") as desk:
        desk.goes_to("楼上装修").press("F5").sends(b"\xcb\xae").types("管工已到").sees("管工已到")
        desk.press("F9").sees("已保存").loses("[稿]")
        assert "小林".encode() in desk.raw
        assert "小林".encode("gb18030") not in desk.raw
    listed = estate.run("board", LC_ALL="zh_CN.GB18030")
    assert "未结" in listed.stdout


def ambiguous_is_wide(character: str) -> int:
    """As PuTTY counts with «treat CJK ambiguous characters as wide»."""
    return 2 if character in "─│●→…—“”·①★" else int(wcwidth(character))


def test_where_ambiguous_characters_are_wide_everything_is_drawn_in_ascii_and_stands_straight(
    estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pyte.screens, "wcwidth", ambiguous_is_wide)
    with estate.console() as desk:
        desk.sees("- 未结工单 F3", "话术 F4", "下一步").loses("─", "│")
        desk.press("F8").sees("上移原因").press("Esc").loses("上移原因")
        assert not set("─│●→…—“”·①★") & set(desk.text)
        assert len({desk.cells(y).index("|") for y, row in enumerate(desk.rows) if "|" in row}) == 1


def test_without_a_terminal_it_says_where_to_go_and_ends_with_1(estate: Estate) -> None:
    done = estate.run()
    assert (done.returncode, done.stdout) == (1, "")
    assert "frontdesk board" in done.stderr
    with Console([sys.executable, "-m", "frontdesk"], estate.environment("xiaolin", TERM="dumb")) as dumb:
        assert dumb.ends() == 1
        assert dumb.sees("frontdesk board").raw.count(b"\x1b") == 0


def test_a_stranger_is_told_so_on_the_terminal_he_had_before(estate: Estate) -> None:
    with estate.console("mallory") as desk:
        assert desk.ends() == 1
        desk.sees("「mallory」还没有登记", "frontdesk operator add mallory").loses("物业前台")
