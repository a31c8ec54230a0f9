"""Commands at a real terminal: the board as a table that fits, progress while a file is read."""

from __future__ import annotations

import re
from pathlib import Path

import pexpect
import pytest
from rich.cells import cell_len

from tests.builders import UNIT, House
from tests.cli.conftest import PROGRAM, Shell

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def seen(shell: Shell, *args: str, columns: int = 80, **changes: str) -> str:
    """What the terminal got, escape sequences included."""
    environment = shell.environment | {"TERM": "xterm-256color"} | changes
    child = pexpect.spawn(
        PROGRAM[0],
        [*PROGRAM[1:], *args],
        env=environment,
        dimensions=(24, columns),
        encoding="utf-8",
        timeout=30,
    )
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0, child.before
    return str(child.before)


@pytest.mark.parametrize("columns", [80, 200])
def test_the_board_fits_and_keeps_what_must_be_read(house: House, shell: Shell, columns: int) -> None:
    number = house.open(
        text="电梯停了", title="三号梯停在七楼，里面没有人，门关不上，反复响", unit=UNIT
    ).number
    shown = ESCAPES.sub("", seen(shell, "board", columns=columns))
    assert all(cell_len(line) <= columns for line in shown.splitlines())
    row = next(line for line in shown.splitlines() if number in line)
    assert UNIT in row and "三号梯停在" in row
    assert ("反复响" in row) == (columns == 200)


def test_colour_can_be_refused(house: House, shell: Shell) -> None:
    house.open(text="电梯里关着人，出不来")
    assert "\x1b[1;37;41m" in seen(shell, "board")
    plain = seen(shell, "board", NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*(3[0-7]|4[0-7])m", plain) and "急" in plain


def test_an_import_shows_how_far_it_is(shell: Shell, tmp_path: Path) -> None:
    table = tmp_path / "业主.csv"
    table.write_text("姓名,房号\n" + "".join(f"业主{n},1-1-{n}\n" for n in range(101, 801)), encoding="utf-8")
    shown = seen(shell, "residents", "import", str(table))
    assert "100%" in shown and "新增 700" in shown


def test_json_at_a_terminal_is_indented_for_eyes(house: House, shell: Shell) -> None:
    house.open()
    assert '\n  "number"' in seen(shell, "ticket", "show", "261122-01", "--json").replace("\r", "")
