"""What scripts rely on (DESIGN §8): exit codes, one document on stdout, UTF-8 in every locale, never a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.builders import House
from tests.cli.conftest import PROGRAM, Shell

WORDS = "大堂灯不亮，请来修"


def test_done_is_zero_and_stdout_holds_the_document_alone(shell: Shell) -> None:
    opened = shell.run("ticket", "open", "--text", WORDS, "--json")
    assert (opened.returncode, opened.stderr) == (0, "")
    assert json.loads(opened.stdout)["text"] == WORDS
    assert opened.stdout.count("\n") == 1


def test_refused_and_not_found_are_one_with_the_reason_on_stderr(shell: Shell) -> None:
    for move in ("show", "close"):
        refused = shell.run("ticket", move, "991231-01", "--json")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "没有工单「991231-01」" in refused.stderr


def test_wrong_usage_is_two(shell: Shell) -> None:
    wrong = shell.run("call", "log")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "缺少 --phone" in wrong.stderr


def test_a_first_run_sets_the_home_up_and_says_where_the_key_is_on_stderr(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "new")
    first = shell.run("board", "--json")
    assert first.returncode == 0 and json.loads(first.stdout)["tickets"] == []
    assert str(tmp_path / "new" / "settings" / "master.key") in first.stderr
    assert shell.run("board", "--json").stderr == ""


@pytest.mark.parametrize("locale", ["C", "xx_YY.nonsense"])
def test_every_locale_answers_in_utf_8(shell: Shell, locale: str) -> None:
    called = shell.run("call", "log", "--phone", "19900001234", "--name", "王女士", "--json", LC_ALL=locale)
    assert json.loads(called.stdout)["called"] == "王**"
    assert "没有工单「王女士」" in shell.run("ticket", "show", "王女士", LC_ALL=locale).stderr


@pytest.mark.real("zh_CN.GB18030")
def test_a_chinese_locale_that_is_not_utf_8_answers_in_utf_8(shell: Shell) -> None:
    test_every_locale_answers_in_utf_8(shell, "zh_CN.gb18030")


@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_arguments_in_gb18030_are_understood(shell: Shell, locale: str) -> None:
    said = shell.run("ticket", "show", "王女士".encode("gb18030"), text=False, LC_ALL=locale)
    assert "没有工单「王女士」" in said.stderr.decode("utf-8")


@pytest.mark.parametrize("args", [["show"], ["note", "--text", "添一句"]])
def test_a_reader_that_has_enough_ends_the_command_quietly(
    house: House, shell: Shell, args: list[str]
) -> None:
    """More than a buffer holds, so that it fails while it prints; one hot command and one of Typer's."""
    number = house.open(text="楼道灯不亮" * 1900).number
    with subprocess.Popen(
        [*PROGRAM, "ticket", args[0], number, *args[1:], "--json"],
        env=shell.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_no_stdout_no_stderr_and_a_full_disk(shell: Shell) -> None:
    def closed(*fds: int) -> int:
        def close() -> None:
            for fd in fds:
                os.close(fd)

        return subprocess.run(
            [*PROGRAM, "board"], env=shell.environment, preexec_fn=close, check=False
        ).returncode

    assert closed(1) == 0 and closed(0, 1, 2) == 0
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*PROGRAM, "board"], env=shell.environment, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 1 and "磁盘已满" in done.stderr.decode()


def test_an_interrupted_watch_leaves_quietly(shell: Shell) -> None:
    with subprocess.Popen(
        [*PROGRAM, "watch", "--every", "3600"],
        env=shell.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        database = Path(shell.environment["FRONTDESK_HOME"]) / "data" / "frontdesk.db-shm"
        while not database.exists() and process.poll() is None:
            pass  # the database is open, so the command has been read and runs
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "")


def test_the_console_without_a_terminal_points_to_the_board(shell: Shell) -> None:
    refused = shell.run()
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "frontdesk board" in refused.stderr


def test_the_version_needs_no_home(tmp_path: Path) -> None:
    shown = Shell(tmp_path / "none").run("--version")
    assert shown.returncode == 0 and shown.stdout.startswith("frontdesk ")
    assert not (tmp_path / "none").exists()


def test_without_home_variables_the_users_own_folder_is_used(tmp_path: Path) -> None:
    nothing = Shell(None)
    found = nothing.run(
        "board", XDG_DATA_HOME=str(tmp_path / "data"), XDG_CONFIG_HOME=str(tmp_path / "config")
    )
    assert found.returncode == 0
    assert (tmp_path / "data" / "frontdesk" / "data" / "frontdesk.db").exists()


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    told = Shell(tmp_path / "file" / "home").run("init")
    assert told.returncode == 1 and told.stdout == "" and len(told.stderr.splitlines()) == 1


def test_a_damaged_database_is_told_and_left_alone(house: House, shell: Shell) -> None:
    database = house.home / "data" / "frontdesk.db"
    database.write_bytes(b"no database" * 100)
    told = shell.run("board", "--json")
    assert told.returncode == 1 and "没有动它" in told.stderr and told.stdout == ""
    assert database.read_bytes() == b"no database" * 100


def test_a_fault_of_ours_has_a_number_and_a_log_without_what_was_typed(house: House) -> None:
    code = (
        "import frontdesk.cli.hot as hot\n"
        "def broken(*given, **named): raise ZeroDivisionError('张三丰 19900001234')\n"
        "hot.attempt = broken\n"
        "import sys; from frontdesk.cli import main; sys.exit(main(['board']))"
    )
    shell = Shell(house.home)
    done = subprocess.run(
        [PROGRAM[0], "-c", code], env=shell.environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 1 and done.stdout == "" and "Traceback" not in done.stderr
    number = done.stderr.partition("编号 ")[2][:6]
    log = (house.home / "logs" / "faults.log").read_text(encoding="utf-8")
    assert number in log and "ZeroDivisionError" in log
    assert "张三丰" not in log + done.stderr and "19900001234" not in log
