"""Where Textual and real terminals part: each hole has a test in which the console would fall into it."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len

from frontdesk.bootstrap import open_desk
from frontdesk.tui import terminal_problem
from frontdesk.tui.terminal import judge, prepare_environment, title
from tests.builders import House, Time
from tests.processes import ROOT
from tests.tui.terminals import CONSOLE, PATIENCE, Terminal

PROBE = b"\x1b[6n"
RESTORED = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?2004l", b"\x1b[?1000l")
FAILING = f"""
from frontdesk.store.files import Drafts
def full(self, slot, text):
    raise OSError(28, "No space left on device")
Drafts.save = full
{CONSOLE}"""
BROKEN = f"""
from frontdesk.tui import desktop
def tick(self):
    raise ZeroDivisionError("secret 19900004821")
desktop.Desktop.tick = tick
{CONSOLE}"""
ENDING = f"""
from frontdesk.tui import app, terminal
settled = app.Console.settle
def ending(self):
    self.on_probed(terminal.Probed("foreign"))
    self.desktop._running = False
    settled(self)
    raise ZeroDivisionError("while it ends")
app.Console.settle = ending
{CONSOLE}"""
"""The terminal's answer comes with the first frame, and something breaks on the way out."""


@pytest.fixture
def home(house: House) -> Path:
    """A home with two open tickets by the machine's clock."""
    house.time = Time(int(time.time()) - 600)
    house.open(text="楼道灯不亮")
    house.open(text="水管爆裂", priority="normal")
    return house.home


def ready(terminal: Terminal) -> Terminal:
    """The console is there and at rest."""
    terminal.sees("未结工单", "F5 处理记录")
    terminal.until(lambda: "下一步" in terminal.text)
    terminal.quiet()
    return terminal


def drafts(home: Path) -> dict[str, str]:
    """What lies in the drawer of `lin`."""
    return open_desk(House(home).settings()).drafts.all()


def test_a_byte_that_is_no_utf8_does_not_end_the_console(home: Path) -> None:
    with Terminal(home) as terminal:
        ready(terminal)
        terminal.press(b"\x1b[15~")
        terminal.press("水管".encode("gbk") + "好".encode())
        terminal.sees("好")
        assert not terminal.ended()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_told_to_end_it_saves_and_gives_the_terminal_back(home: Path, number: signal.Signals) -> None:
    with Terminal(home) as terminal:
        ready(terminal)
        terminal.press(b"\x1b[15~")
        os.write(terminal.fd, "写了半".encode())
        terminal.sees("写了半")
        os.kill(terminal.pid, number)
        assert terminal.until_ended() == 128 + number
        tail = terminal.out[-300:]
        assert all(sequence in tail for sequence in RESTORED)
    assert list(drafts(home).values()) == ["写了半"]


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_it_ends_even_where_saving_fails(home: Path, number: signal.Signals) -> None:
    with Terminal(home, code=FAILING) as terminal:
        ready(terminal)
        terminal.press(b"\x1b[15~")
        os.write(terminal.fd, "写了半".encode())
        terminal.sees("写了半")
        os.kill(terminal.pid, number)
        assert terminal.until_ended() == 128 + number
        assert RESTORED[0] in terminal.out[-300:]


def test_a_vanished_terminal_ends_it_and_nothing_is_lost(home: Path) -> None:
    with Terminal(home) as terminal:
        ready(terminal)
        terminal.press(b"\x1b[15~")
        os.write(terminal.fd, "线断了".encode())
        terminal.sees("线断了")
        terminal.hang_up()
        terminal.until_gone()
    assert list(drafts(home).values()) == ["线断了"]


def test_killed_half_a_second_after_the_last_key_nothing_is_lost(home: Path) -> None:
    with Terminal(home) as terminal:
        ready(terminal)
        terminal.press(b"\x1b[15~")
        os.write(terminal.fd, "噪音投诉，业主".encode())
        terminal.until(lambda: list(drafts(home).values()) == ["噪音投诉，业主"])
        os.kill(terminal.pid, signal.SIGKILL)
        terminal.until_ended()
    with Terminal(home, (80, 24)) as terminal:
        terminal.sees("噪音投诉，业主", "已恢复没存的内容")


def test_continued_after_a_stop_it_draws_everything_again(home: Path) -> None:
    with Terminal(home) as terminal:
        ready(terminal)
        os.kill(terminal.pid, signal.SIGSTOP)
        terminal.quiet()
        terminal.screen.reset()
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.sees("未结工单", "F10 退出")


def test_the_input_methods_cursor_stands_where_the_text_is(home: Path) -> None:
    def cursor() -> tuple[int, int, bool]:
        return terminal.screen.cursor.x, terminal.screen.cursor.y, terminal.screen.cursor.hidden

    with Terminal(home) as terminal:
        ready(terminal)
        terminal.press(b"\x1b[15~" + "四个汉字".encode())
        written = x, y, _ = cursor()
        assert terminal.rows[y].endswith("四个汉字")
        assert written == (terminal.width - 48 + 1 + 8, y, False)
        terminal.press(b"\x10")  # the palette opens and is put away again
        terminal.sees("打汉字、拼音或首字母")
        assert cursor()[:2] != (x, y)
        terminal.press(b"\x1b", 0.8)
        terminal.until(lambda: cursor() == written)


def test_function_keys_work_while_a_text_is_written(home: Path) -> None:
    with Terminal(home) as terminal:
        ready(terminal)
        terminal.press(b"\x1b[15~" + "写".encode())
        terminal.press(b"\x1b[18~")  # F7, which a TextArea would take
        terminal.sees("现在不能回访")
        terminal.press(b"\x1b[17~")  # F6
        terminal.sees("─ 话术 F4")
        assert "写" in terminal.text


@pytest.mark.real("zh_CN.GB18030")
def test_a_gb18030_locale_still_gets_utf8(home: Path) -> None:
    with Terminal(home, LC_ALL="zh_CN.GB18030", LANG="zh_CN.GB18030") as terminal:
        ready(terminal)
        assert "未结工单".encode() in terminal.out
        assert "未结工单".encode("gb18030") not in terminal.out


def test_a_terminal_that_draws_ambiguous_characters_wide_gets_ascii(home: Path) -> None:
    widths = iter([b"\x1b[1;3R", b"\x1b[1;3R", b"\x1b[1;4R"])
    with Terminal(home) as terminal:
        terminal.until(lambda: terminal.out.count(PROBE) == 3)
        for answer in widths:
            os.write(terminal.fd, answer)
        terminal.until(lambda: "- 未结工单 F3" in terminal.text)
        terminal.quiet()
        assert not re.search("[─│●“”…]", terminal.text)


def test_a_terminal_that_is_not_utf8_is_told_so_in_ascii(home: Path) -> None:
    with Terminal(home) as terminal:
        terminal.until(lambda: terminal.out.count(PROBE) == 3)
        for column in (3, 4, 4):
            os.write(terminal.fd, f"\x1b[1;{column}R".encode())
        assert terminal.until_ended() == 1
        assert b"Terminal is not UTF-8" in terminal.out


def test_what_breaks_while_it_ends_does_not_change_why_it_ended(home: Path) -> None:
    with Terminal(home, code=ENDING) as terminal:
        assert terminal.until_ended() == 1
        assert b"Terminal is not UTF-8" in terminal.out
    entries = "".join(log.read_text("utf-8") for log in home.rglob("*.log"))
    assert "ZeroDivisionError" in entries
    assert "MountError" not in entries


def test_a_terminal_that_answers_nonsense_is_left_alone(home: Path) -> None:
    with Terminal(home, answers={PROBE: b"\x1b[1;1R"}) as terminal:
        ready(terminal)
        assert "─ 未结工单" in terminal.text


@pytest.mark.parametrize(
    ("columns", "verdict"),
    [
        ([2, 2, 2], "utf8"),
        ([2, 2, 3], "wide"),
        ([2, 2, 4], "wide"),
        ([2, 3, 3], "foreign"),
        ([2, 1, 1], "foreign"),
        ([0, 0, 0], "utf8"),
    ],
)
def test_verdicts(columns: list[int], verdict: str) -> None:
    assert judge(columns) == verdict


def test_the_first_run_says_where_the_key_is_and_opens_on_an_empty_board(tmp_path: Path) -> None:
    with Terminal(tmp_path / "new") as terminal:
        terminal.sees("首次使用", "主密钥", "master.key")
        terminal.press(b"\x1b", 0.8)
        terminal.sees("未结工单 F3  共0", "没有未结工单")
        terminal.press(b"\x1b[21~")
        assert terminal.until_ended() == 0
        assert terminal.out.endswith(RESTORED[1]) or RESTORED[0] in terminal.out[-200:]


def test_too_small_says_so_and_recovers(home: Path) -> None:
    with Terminal(home, (120, 36), LINES="36", COLUMNS="120") as terminal:
        ready(terminal)
        terminal.press(b"\x1b[15~" + "留着".encode())
        terminal.resize(70, 20)
        terminal.sees("窗口太小", "现在 70x20，至少要 80x24")
        terminal.resize(80, 24)
        terminal.sees("未结工单", "留着", "F10 退出")


@pytest.mark.alone
def test_a_ring_sets_the_title_and_rings_three_times_at_most(home: Path) -> None:
    with Terminal(home) as terminal:
        ready(terminal)
        bells = terminal.out.count(b"\x07") - len(terminal.titles)
        open_desk(House(home).settings()).calls.ring("19900009999")
        terminal.sees("响铃 00:0", "F2 接听")
        terminal.until(lambda: any("响铃" in name for name in terminal.titles))
        first = time.monotonic()
        terminal.until(lambda: terminal.out.count(b"\x07") - len(terminal.titles) - bells >= 3)
        assert time.monotonic() - first > 2.5, "three bells in less than four seconds"
        terminal.sees("响铃 00:10")  # a fourth would have come by now
        assert terminal.out.count(b"\x07") - len(terminal.titles) - bells == 3


def test_no_colour_writes_no_colour(home: Path) -> None:
    with Terminal(home, NO_COLOR="1") as terminal:
        ready(terminal)
        found = re.findall(rb"\x1b\[([0-9;]*)m", terminal.out)
        assert not [codes for codes in found if re.search(rb"(?<![0-9])[34][0-8](?![0-9])", codes)]
        assert re.search(rb"\x1b\[(?:0;)?(?:1;)?7m", terminal.out), "chips are reversed"


def test_sixteen_colours_where_the_terminal_has_no_more(home: Path) -> None:
    with Terminal(home, TERM="xterm") as terminal:
        ready(terminal)
        assert b"38;5;" not in terminal.out
        assert re.search(rb"\x1b\[[0-9;]*4[1-7]m", terminal.out)


def test_a_fault_of_the_console_ends_it_in_chinese_without_a_traceback(home: Path) -> None:
    with Terminal(home, code=BROKEN) as terminal:
        assert terminal.until_ended() == 70
        told = terminal.out.decode(errors="replace")
        assert "前台出错退出，编号" in told
        assert "Traceback" not in told and "secret" not in told
        assert RESTORED[0] in terminal.out


def test_not_a_terminal_is_told_where_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "isatty", lambda _fd: False)
    assert "frontdesk board" in str(terminal_problem())
    monkeypatch.setattr(os, "isatty", lambda _fd: True)
    monkeypatch.setenv("TERM", "dumb")
    assert "frontdesk board" in str(terminal_problem())
    monkeypatch.setenv("TERM", "xterm")
    assert terminal_problem() is None


def test_log_in_variables_cannot_make_textual_import_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXTUAL_DRIVER", "evil:Driver")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert prepare_environment() == 256
    assert "TEXTUAL_DRIVER" not in os.environ
    assert os.environ["TEXTUAL_DISABLE_KITTY_KEY"] == "1"


def test_a_title_cannot_be_ended_early() -> None:
    assert title("响铃\x07\x1b]0;x") == "\x1b]2;响铃]0;x\x07"


@pytest.mark.real("tmux")
def test_in_tmux_the_picture_is_whole_and_a_resize_is_followed(home: Path, tmp_path: Path) -> None:
    def tmux(*words: str) -> str:
        command = ["tmux", "-u", "-S", str(tmp_path / "tmux"), "-f", "/dev/null", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def until(condition: Callable[[list[str]], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition(rows := tmux("capture-pane", "-p").splitlines()):
            assert time.monotonic() < end, "\n".join(rows)
            time.sleep(0.1)

    def two_columns(rows: list[str]) -> bool:
        return {cell_len(row.partition("│")[0]) for row in rows[2:30]} == {71} and any(
            "话术 F4" in row for row in rows
        )

    command = f"cd {shlex.quote(str(ROOT))} && exec {shlex.quote(sys.executable)} -c {shlex.quote(CONSOLE)}"
    settings = (f"FRONTDESK_HOME={home}", "FRONTDESK_OPERATOR=lin")
    environment = [word for setting in settings for word in ("-e", setting)]
    tmux("new-session", "-d", "-x", "80", "-y", "24", *environment, command)
    try:
        until(lambda rows: bool(rows) and rows[0].startswith(" 物业前台") and "F10 退出" in rows[-1])
        tmux("resize-window", "-x", "120", "-y", "36")
        until(two_columns)
    finally:
        tmux("kill-server")
