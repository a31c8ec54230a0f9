"""`frontdesk dashboard` for pipes and programs; in a terminal it is the console (tests/trips)."""

from __future__ import annotations

from frontdesk.domain.dashboard import MEANINGS
from tests.builders import House
from tests.cli.conftest import Command, Shell


def test_the_document_adds_up(house: House, frontdesk: Command) -> None:
    house.open(text="电梯停了", priority="normal").promise()
    house.open(text="楼道灯不亮").go("dispatch", "accept", "resolve", "follow_up", "close")
    found = frontdesk("dashboard", "--json").json
    assert found["open"] == 1 and found["now"] == "2026-11-22T10:00:00+08:00"
    assert found["today"] == {"opened": 2, "closed": 1, "answered": 0, "missed": 0}
    assert [sum(each[name] for each in found["hours"]) for name in ("opened", "closed")] == [2, 1]
    for name in ("states", "categories", "owners"):
        assert sum(each["open"] for each in found[name]) == 1
    assert found["days"][-1] == {"date": "2026-11-22", "opened": 2, "closed": 1, "carried": 1}
    assert len(found["days"]) == 30
    assert found["promises_due_today"] == {"kept": 0, "broken": 0, "owed": 1}
    assert found["meanings"] == dict(MEANINGS)


def test_a_pipe_gets_plain_lines_with_every_figure(house: House, frontdesk: Command) -> None:
    house.open(text="电梯停了", priority="normal")
    for args in (("dashboard",), ("dashboard", "--once")):
        answer = frontdesk(*args)
        assert answer.code == 0 and answer.err == ""
        for words in (
            "未结1  新增1  关闭0",
            "工程维修-电梯",
            "首问责任人",
            "今日到期的承诺",
            "2026-11-22  1     0     1",
        ):
            assert words in answer.out
        assert not set("█▄▌─") & set(answer.out)


def test_without_textual_in_a_pipe(house: House, shell: Shell) -> None:
    house.open(text="电梯停了")
    done = shell.run("dashboard")
    assert done.returncode == 0 and "今日" in done.stdout and done.stderr == ""
