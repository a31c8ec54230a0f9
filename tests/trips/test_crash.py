"""Whatever kills a desk: answered saves stay, half saves never were, what was being typed comes back (DESIGN §9, §10)."""

from __future__ import annotations

import signal
import subprocess

import pytest

from frontdesk.domain.timing import DAY
from tests.builders import TEN, House
from tests.processes import python


def lines_until(process: subprocess.Popen[str], last: str) -> list[str]:
    """What it printed, up to the line `last`."""
    assert process.stdout is not None
    told = []
    for line in process.stdout:
        told.append(line.rstrip("\n"))
        if told[-1] == last:
            return told
    raise AssertionError(process.stderr.read() if process.stderr else told)


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL


TYPE = """
from frontdesk.bootstrap import open_desk
desk = open_desk()
text = ""
for word in ("业主", "林女士", "说", "电梯", "又停了，", "孩子还在里面，"):
    text += word
    desk.drafts.save("note:1", text)
    desk.drafts.save("form:escalate:1", '{"reason": "' + text + '"}')
print("typed", flush=True)
input()
"""


def test_what_was_being_typed_comes_back_after_kill_9(house: House) -> None:
    typing = python(TYPE, house.home)
    lines_until(typing, "typed")
    kill(typing)
    found = house.desk().drafts.all()
    assert found["note:1"] == "业主林女士说电梯又停了，孩子还在里面，"
    assert set(found) == {"note:1", "form:escalate:1"}
    assert [path.suffix for path in house.settings().drafts.iterdir()] == [".draft"] * 2


SAVE = """
import itertools
from frontdesk.bootstrap import open_desk
desk = open_desk()
for turn in itertools.count():
    desk.tickets.note("261122-01", f"第 {turn} 条")
    print(turn, flush=True)
"""


def test_every_answered_save_is_there_after_kill_9(house: House) -> None:
    case = house.open()
    saving = python(SAVE, house.home)
    answered = lines_until(saving, "25")
    kill(saving)
    notes = [event.note for event in house.desk().tickets.view(case.number).events[1:]]
    assert notes[: len(answered)] == [f"第 {turn} 条" for turn in answered]
    assert house.desk().examine() == []
    assert case.note().view.version == len(notes) + 2, "and nobody is kept from going on"


DIE = """
import os, signal, sys
from frontdesk.bootstrap import open_desk
from frontdesk.store import tickets

desk = open_desk()
if sys.argv[1] == "queue":
    with desk._access.db._turn():
        os.kill(os.getpid(), signal.SIGKILL)
real = getattr(tickets, sys.argv[1])

def dead(*words):
    real(*words)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(tickets, sys.argv[1], dead)
if sys.argv[2] == "sweep":
    desk.sweep(int(sys.argv[3]))
else:
    desk.tickets.escalate("261122-01", "业主要求上级处理", "同意")
"""


@pytest.mark.parametrize("where", ["_withdraw", "_post", "queue"])
@pytest.mark.parametrize("what", ["escalate", "sweep"])
def test_killed_between_event_and_notice_there_is_neither(house: House, where: str, what: str) -> None:
    case = house.open()
    dying = python(DIE, house.home, where, what, str(TEN + DAY))
    dying.communicate(timeout=60)
    assert dying.returncode == -signal.SIGKILL
    desk = house.desk()
    assert (case.view.version, case.view.level, desk.notices.list()) == (1, 0, ())
    assert desk.examine() == []
    assert len(desk.sweep(TEN + DAY)) == 1, "the action was not marked as done either"
    assert [notice.kind for notice in desk.notices.list()] == ["escalated"]


def test_killed_while_a_photo_is_stored_leaves_no_half_of_one(house: House) -> None:
    code = """
import os, signal, pathlib
from frontdesk.bootstrap import open_desk
desk = open_desk()
photo = desk.settings.home / "a.png"
photo.write_bytes(b"\\x89PNG\\r\\n\\x1a\\n" + b"x" * 100_000)
os.fsync = lambda fd: os.kill(os.getpid(), signal.SIGKILL)
desk.tickets.attach_file("261122-01", photo)
"""
    case = house.open()
    dying = python(code, house.home)
    dying.communicate(timeout=60)
    assert dying.returncode == -signal.SIGKILL
    assert case.view.evidence == ()
    desk = house.desk()
    view = desk.tickets.attach_file(case.number, house.home / "a.png")
    (item,) = view.evidence
    assert len(desk.tickets.evidence(item["digest"])) == item["size"]
