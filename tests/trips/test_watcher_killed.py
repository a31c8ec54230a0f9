"""Watchers are killed at every step of their work; nothing is lost, nothing is doubled (DESIGN §5)."""

from __future__ import annotations

import functools
import os
import random
import signal
import sqlite3

import pytest

from frontdesk.domain.timing import DAY, HOUR
from frontdesk.store.database import Database
from tests.builders import TEN, Case, House
from tests.processes import end_of, python

DIE_AT = """
import os, signal, sqlite3, sys
from frontdesk.bootstrap import open_desk
from frontdesk.store.database import Database

left, connect = int(sys.argv[2]), Database.connect

def count(_statement):
    global left
    left -= 1
    if left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)

def traced(self):
    conn = connect(self)
    conn.set_trace_callback(count)
    return conn

desk = open_desk()
desk._access.db.close()
Database.connect = traced
print(len(desk.sweep(int(sys.argv[1]))))
"""


def sweep_until(house: House, as_of: int, statement: int) -> None:
    """The same in a process that was forked for it: a fresh Python a hundred and fifty times would only take longer."""
    left, connect = statement, Database.connect

    def count(_statement: str) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def traced(db: Database) -> sqlite3.Connection:
        conn = connect(db)
        conn.set_trace_callback(count)
        return conn

    desk = house.desk()
    desk._access.db.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "connect", traced)
        desk.sweep(as_of)


def estate(house: House, tickets: int) -> list[Case]:
    """Tickets of every sort that time demands something of."""
    desk, cases = house.desk(), []
    for place in range(tickets):
        case = house.open(desk, text="电梯停了", priority="urgent" if place % 5 == 4 else "normal")
        if place % 5 == 1:
            case.go("dispatch", "accept", "pause")
        elif place % 5 == 2:
            case.go("resolve", "decline")
        elif place % 5 == 3:
            case.go("dispatch", "promise")
        cases.append(case)
    return cases


def story(case: Case) -> list[tuple[str, str, str]]:
    return [(event.kind, event.by, event.note) for event in case.view.events]


@pytest.mark.parametrize("seed", range(50))
def test_a_watcher_killed_at_any_step_leaves_what_one_that_lived_would_have_done(
    house: House, seed: int
) -> None:
    cases = estate(house, 5)
    cases[0].desk.close()  # a database that nobody has open may be copied
    other = house.copy(house.home.with_name("other"))
    as_of = TEN + 9 * DAY
    other.desk().sweep(as_of)
    chance = random.Random(seed)
    for _ in range(3):
        watch = functools.partial(sweep_until, house, as_of, chance.randint(1, 130))
        assert end_of(watch) in (0, -signal.SIGKILL)
    desk = house.desk()
    desk.sweep(as_of)
    assert desk.sweep(as_of) == [] and desk.examine() == []
    for case in cases:
        assert story(case) == story(Case(other.desk(), other.time, case.number))
    mine, theirs = (
        sorted((notice.ticket, notice.kind, notice.to, notice.body) for notice in each.desk().notices.list())
        for each in (house, other)
    )
    assert mine == theirs


def test_a_desk_works_on_while_watchers_die_around_it(house: House) -> None:
    (case,) = estate(house, 1)
    for turn in range(6):
        dying = python(DIE_AT, house.home, str(TEN + (3 + turn) * HOUR), str(5 + 9 * turn))
        case.note(f"第 {turn} 条")
        dying.communicate(timeout=60)
    assert [event.note for event in case.view.events if event.kind == "noted"] == [
        f"第 {n} 条" for n in range(6)
    ]
    assert case.desk.examine() == []
