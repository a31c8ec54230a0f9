"""Turns replace those of their days and duties and nothing else; a matter is taken once (A-DAY 08:28)."""

from __future__ import annotations

import threading

import pytest

from frontdesk.desk import Desk
from frontdesk.domain.errors import Refused
from frontdesk.domain.roster import Turn
from frontdesk.domain.timing import DAY, HOUR, day_start
from frontdesk.store.shifts import Shifts
from tests.builders import TEN, House

MIDNIGHT = day_start(TEN)


def turn(name: str = "小林", duty: str = "agent", day: int = 0, start: int = 8, hours: int = 12) -> Turn:
    begins = MIDNIGHT + day * DAY + start * HOUR
    return Turn("" if duty == "工程部" else name, name, duty, begins, begins + hours * HOUR)


@pytest.fixture
def shifts(desk: Desk) -> Shifts:
    return Shifts(desk._access.db)


def test_the_same_turns_again_change_nothing(shifts: Shifts) -> None:
    turns = [turn(), turn("老周", start=20), turn("老周", day=1, start=20)]
    assert shifts.replace(turns)[:2] == (3, 0)
    assert shifts.replace(turns) == (0, 3, ())
    assert shifts.turns(MIDNIGHT, MIDNIGHT + 3 * DAY) == tuple(turns)


def test_turns_of_the_same_day_and_duty_give_way_and_no_others(shifts: Shifts) -> None:
    late, next_day, other = turn("老周", start=20), turn(day=1), turn("赵师傅", duty="工程部")
    shifts.replace([turn(), late, next_day, other])
    done = shifts.replace([turn("阿珍")])
    assert (done.added, done.same, done.removed) == (1, 0, (turn(), late))
    assert set(shifts.turns(MIDNIGHT, MIDNIGHT + 3 * DAY)) == {turn("阿珍"), next_day, other}


def test_a_day_and_duty_with_a_bad_row_loses_nothing(shifts: Shifts) -> None:
    late = turn("老周", start=20)
    shifts.replace([turn(), late])
    done = shifts.replace([turn("阿珍")], kept={(MIDNIGHT, "agent")})
    assert done.removed == ()
    assert set(shifts.turns(MIDNIGHT, MIDNIGHT + DAY)) == {turn(), late, turn("阿珍")}


def test_another_end_replaces_the_turn_also_where_nothing_is_removed(shifts: Shifts) -> None:
    shifts.replace([turn()])
    shifts.replace([turn(hours=6)], kept={(MIDNIGHT, "agent")})
    assert shifts.turns(MIDNIGHT, MIDNIGHT + DAY) == (turn(hours=6),)


def test_a_dry_run_says_what_would_happen_and_writes_nothing(shifts: Shifts) -> None:
    shifts.replace([turn()])
    assert shifts.replace([turn("阿珍")], dry_run=True) == (1, 0, (turn(),))
    assert shifts.turns(MIDNIGHT, MIDNIGHT + DAY) == (turn(),)


def test_two_people_of_a_department_may_begin_together(shifts: Shifts) -> None:
    two = [turn("赵师傅", duty="工程部"), turn("钱师傅", duty="工程部")]
    assert shifts.replace(two).added == 2 and len(shifts.turns(MIDNIGHT, MIDNIGHT + DAY)) == 2


def test_turns_that_reach_into_a_span_are_those_that_are_not_over(shifts: Shifts) -> None:
    night = turn("老周", start=20)
    shifts.replace([night])
    assert shifts.turns(night.starts_at - HOUR, night.starts_at) == ()
    assert shifts.turns(night.ends_at - 1, night.ends_at) == (night,)
    assert shifts.turns(night.ends_at, night.ends_at + DAY) == ()


def test_a_matter_is_taken_once_on_every_page_that_has_it(shifts: Shifts, desk: Desk) -> None:
    old = shifts.give(TEN, "laozhou", "{}", {"call:1": "laozhou", "call:2": "laozhou"})
    new = shifts.give(TEN + DAY, "lin", "{}", {"call:1": "laozhou"})
    assert shifts.untaken(["call:1", "call:2", "call:3"]) == {"call:1": "laozhou", "call:2": "laozhou"}
    with desk._access.db.write() as conn:
        assert shifts.take(conn, new, "call:1", "xiaolin", TEN + DAY) is None
        assert shifts.take(conn, new, "call:1", "azhen", TEN + DAY + 5) == ("xiaolin", TEN + DAY)
    assert shifts.get(old).held == {"call:1": ("xiaolin", TEN + DAY), "call:2": ("laozhou", None)}
    assert (shifts.get(new).taken_by, shifts.get(old).taken_by) == ("xiaolin", "")
    assert shifts.newest() == new and shifts.recent(5) == [new, old]


def test_of_many_who_take_at_once_one_has_it(house: House, shifts: Shifts) -> None:
    number = shifts.give(TEN, "laozhou", "{}", {"call:1": "laozhou"})
    start, quicker = threading.Barrier(4), list[object]()

    def take(name: str) -> None:
        db = house.desk()._access.db
        start.wait()
        with db.write() as conn:
            quicker.append(Shifts.take(conn, number, "call:1", name, TEN))
        db.close()

    threads = [threading.Thread(target=take, args=(f"p{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    holder = shifts.get(number).held["call:1"][0]
    assert quicker.count(None) == 1 and quicker.count((holder, TEN)) == 3


def test_a_handover_that_is_not_there_is_said_so(shifts: Shifts) -> None:
    assert shifts.newest() is None
    with pytest.raises(Refused, match="没有第 9 号交接"):
        shifts.get(9)


def test_a_notice_is_given_up_when_it_is_neither_sent_nor_tried_again(house: House, shifts: Shifts) -> None:
    case = house.open().escalate()
    db = case.desk._access.db
    assert shifts.given_up(0) == []
    with db.write() as conn:
        conn.execute("UPDATE notice SET state = 'failed', next_at = NULL")
    (lost,) = shifts.given_up(TEN)
    assert (lost.ticket, lost.kind, lost.recipient) == (case.number, "escalated", "客服主任")
    assert shifts.given_up(TEN + 1) == []
    for state in ("sent", "withdrawn"):
        with db.write() as conn:
            conn.execute("UPDATE notice SET state = ?", (state,))
        assert shifts.given_up(0) == []
