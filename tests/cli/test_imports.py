"""What is hot starts light (DESIGN §12): modules that cost more than the command itself are not loaded."""

from __future__ import annotations

import subprocess

import platformdirs
import pytest

from frontdesk.settings import load
from tests.builders import House
from tests.cli.conftest import PROGRAM, Shell

HEAVY = (
    *("typer", "click", "pydantic", "sqlmodel", "sqlalchemy", "rich", "textual", "alembic", "keyring"),
    *(
        "xlsxwriter",
        "openpyxl",
        "python_calamine",
        "pypinyin",
        "asyncio",
        "dataclasses",
        "tomllib",
        "platformdirs",
        "httpx",
        "PIL",
        "html",
        "email",
    ),
)
AT_FIRST_FRAME = (
    "sqlmodel",
    "sqlalchemy",
    "typer",
    "pydantic",
    "openpyxl",
    "pypinyin",
    "xlsxwriter",
    "alembic",
    "httpx",
)


def loaded(shell: Shell, code: str) -> tuple[set[str], str]:
    """The names of the modules that were loaded at the end, and what was printed before."""
    told = f"{code}\nimport sys; print('\\n' + ' '.join(sys.modules))"
    done = subprocess.run(
        [PROGRAM[0], "-c", told], env=shell.environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    *said, modules = done.stdout.splitlines()
    return set(modules.split()), "\n".join(said)


def test_a_hot_command_loads_nothing_heavy(house: House, shell: Shell) -> None:
    number = house.open().number
    commands = [
        ["board"],
        ["board", "--json"],
        ["call", "log", "--phone", "19900001234", "--name", "王", "--json"],
        ["ticket", "show", number],
        ["ticket", "show", number, "--json"],
        ["summary"],
        ["summary", "--json"],
        ["--version"],
    ]
    modules, said = loaded(
        shell,
        f"from frontdesk.cli import main\nassert [main(args) for args in {commands!r}] == [0] * {len(commands)}",
    )
    assert number in said
    assert not modules & set(HEAVY)


def test_the_console_loads_no_library_of_the_store_or_the_command_line_before_its_first_picture(
    house: House, shell: Shell
) -> None:
    house.open()
    picture, _ = loaded(
        shell, "import frontdesk.cli, frontdesk.tui, frontdesk.bootstrap as b\nassert b.glance().open == 1"
    )
    assert not picture & {*HEAVY} - {"textual"} and "textual" not in picture
    opened, _ = loaded(
        shell, "from frontdesk.bootstrap import open_desk\nimport frontdesk.tui.app\nopen_desk().board()"
    )
    assert "textual" in opened and not opened & {*AT_FIRST_FRAME}


def test_other_commands_do_without_pydantic(house: House, shell: Shell) -> None:
    """Typer's own reading of values would load it, at more than Typer's own price."""
    modules, said = loaded(
        shell, "from frontdesk.cli import main\nassert main(['call', 'list', '--limit', '3']) == 0"
    )
    assert "没有来电" in said and "typer" in modules and "pydantic" not in modules


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"XDG_DATA_HOME": "/srv/data", "XDG_CONFIG_HOME": "/srv/config"},
        {"XDG_DATA_HOME": "", "XDG_CONFIG_HOME": "relative"},
        {"HOME": "relative"},
        {"HOME": "/home/lin/"},
    ],
)
def test_the_short_way_to_the_home_is_that_of_the_library(
    monkeypatch: pytest.MonkeyPatch, words: dict[str, str]
) -> None:
    for name in ("FRONTDESK_HOME", "FRONTDESK_KEY_FILE", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in words.items():
        monkeypatch.setenv(name, value)
    found = load()
    assert found.home == platformdirs.user_data_path("frontdesk")
    assert found.key_file == platformdirs.user_config_path("frontdesk") / "settings" / "master.key"
