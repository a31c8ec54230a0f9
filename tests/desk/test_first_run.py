"""Two first runs at once make one key, one vault, one admin; a killed one can be repeated (DESIGN §9)."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.builders import House
from tests.processes import answers, python

OPEN = """
import sys
from frontdesk.bootstrap import open_desk
desk = open_desk()
print(desk.key_status()[0], desk.operator.role, bool(desk.welcome), len(desk.board().rows))
"""


def test_several_first_runs_at_once_agree(tmp_path: Path) -> None:
    home = tmp_path / "home"
    told = [out.split() for out in answers(*(python(OPEN, home) for _ in range(3)))]
    assert len({key for key, *_ in told}) == 1
    assert {role for _, role, *_ in told} == {"admin"}
    assert [welcome for _, _, welcome, _ in told].count("True") == 1, "the key is announced once"
    house = House(home)
    desk = house.desk()
    with desk._access.db.read() as conn:
        assert conn.execute("SELECT count(*) FROM vault").fetchone() == (1,)
        assert conn.execute("SELECT login, role FROM operator").fetchall() == [("lin", "admin")]
    assert [path.name for path in house.settings().key_file.parent.iterdir()] == ["master.key"]
    assert desk.examine() == []


STOP = """
import os, signal, sys
from frontdesk import bootstrap, settings
from frontdesk.store import cipher, database, files, migrate

def dead(*_words, **_named):
    os.kill(os.getpid(), signal.SIGKILL)

place, name = sys.argv[1].rsplit(".", 1)
setattr(eval(place), name, dead)
bootstrap.open_desk()
"""


@pytest.mark.parametrize(
    "where",
    [
        "database._prepare",
        "migrate.command.upgrade",
        "settings.os.link",
        "cipher._fill",
        "bootstrap._operator",
    ],
)
def test_a_first_run_killed_anywhere_is_finished_by_the_next(tmp_path: Path, where: str) -> None:
    home = tmp_path / "home"
    killed = python(STOP, home, where)
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    house = House(home)
    house.open()
    assert len(house.desk().board().rows) == 1 and house.desk().examine() == []
