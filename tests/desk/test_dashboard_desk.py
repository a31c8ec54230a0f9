"""The dashboard against what the tickets' own logs say, and off which indexes it is read."""

from __future__ import annotations

import sqlite3

import pytest

from frontdesk.desk import Desk
from frontdesk.domain.timing import DAY, HOUR, MINUTE, day_start
from tests.builders import TEN, House

TODAY = day_start(TEN)


@pytest.fixture
def lived(house: House) -> Desk:
    """Four days: tickets of every fate, two calls today."""
    house.time.now = TODAY - 3 * DAY + 9 * HOUR
    house.open(text="电梯停了", priority="normal").go("dispatch", "accept", "resolve", "follow_up", "close")
    house.open(text="楼道灯不亮").promise(due_in=3 * DAY + 2 * HOUR)
    house.time.now = TODAY - DAY
    house.open(text="停车位被占").go("void")
    house.open(text="单元门关不上").go("dispatch", "accept", "resolve", "follow_up", "close").after(
        HOUR
    ).reopen()
    house.time.now = TODAY + 8 * HOUR
    house.open(text="垃圾没人收").promise(due_in=30 * MINUTE).after(10 * MINUTE).progress()
    desk = house.desk()
    card = desk.calls.ring("19900001111")
    desk.calls.answer(card.call_id)
    desk.calls.ring("19900002222")
    house.time.now = TODAY + 11 * HOUR
    return desk


def test_what_came_went_and_stayed_is_what_the_logs_say(lived: Desk, house: House) -> None:
    found = lived.dashboard.read()
    trend = {(day.start - TODAY) // DAY: (day.opened, day.closed, day.carried) for day in found.days}
    assert trend[-3] == (2, 1, 1)
    assert trend[-2] == (0, 0, 1)
    # Reopened, it is no longer closed: the cache and the trend tell how a ticket stands now.
    assert trend[-1] == (2, 1, 2)
    assert trend[0] == (1, 0, 3)
    assert len(trend) == 30 and sum(opened for opened, _, _ in trend.values()) == 5
    assert found.days[-1].carried == len(found.rows) == len(lived.board().rows)
    assert found.total[1:] == (1, 0, 1, 1)
    assert found.hours[8][1:] == (1, 0, 1, 1)


def test_promises_that_fall_due_today_are_found_whenever_they_were_made(lived: Desk, house: House) -> None:
    found = lived.dashboard.read()
    states = [(share.key, share.size) for share in found.pledged(found.at)]
    assert states == [("kept", 1), ("broken", 1), ("owed", 0)]
    assert [(share.key, share.size) for share in found.pledged(TODAY + 8 * HOUR)][-1] == ("owed", 1)


def test_the_tickets_behind_a_day_and_a_promise(lived: Desk) -> None:
    found = lived.dashboard.read()
    yesterday = lived.dashboard.opened(TODAY - DAY, TODAY)
    assert [(row.base, row.title) for row in yesterday.rows] == [
        ("working", "单元门关不上"),
        ("closed", "停车位被占"),
    ]
    assert yesterday.rows[1].look(found.at) == "closed"
    ids = [each.ticket_id for each in found.promises]
    assert [row.title for row in lived.dashboard.tickets(ids).rows] == ["楼道灯不亮", "垃圾没人收"]
    assert lived.dashboard.tickets([999]).rows == []


def test_every_read_goes_by_an_index(lived: Desk, house: House) -> None:
    """Of a million tickets only those of thirty days may be touched; a scan would take a second."""
    seen: list[str] = []
    lived._access.db.connection.set_trace_callback(seen.append)
    lived.dashboard.read()
    lived._access.db.connection.set_trace_callback(None)
    asked = {words for words in seen if words.lstrip().startswith("SELECT") and "operator" not in words}
    assert len(asked) >= 5
    with sqlite3.connect(house.home / "data" / "frontdesk.db") as conn:
        plans = [row[3] for words in asked for row in conn.execute(f"EXPLAIN QUERY PLAN {words}")]
    conn.close()
    assert any("ix_event_promised" in plan for plan in plans)
    # The open tickets' partial index holds nothing but what is wanted: to go through it is to read the answer.
    scans = [plan for plan in plans if plan.startswith("SCAN") and "ix_ticket_open" not in plan]
    assert scans == []


def test_it_is_masked_for_an_agent_as_the_board_is(lived: Desk, house: House) -> None:
    agent = house.desk("xiaowu", "agent")
    found = agent.dashboard.read()
    assert {found.unit_of(row.unit) for row in found.rows} == {"**04"}
    assert {lived.dashboard.read().unit_of(row.unit) for row in found.rows} == {"7栋3单元2604"}
