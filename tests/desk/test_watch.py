"""What time itself demands is done exactly once, whoever sweeps and however often (DESIGN §5, T3)."""

from __future__ import annotations

import threading

import pytest

from frontdesk.desk import Desk
from frontdesk.domain.sla import explain
from frontdesk.domain.timing import DAY, HOUR, MINUTE
from tests.builders import POLICY, TEN, Case, House
from tests.processes import answers, python


def ups(case: Case) -> list[tuple[str, int, str]]:
    steps = case.desk._access.tickets.load(case.view.id).ticket.escalations
    return [(step.cause, step.level, step.by) for step in steps]


def test_what_is_past_its_day_goes_up_once(house: House) -> None:
    case = house.open().after(DAY - 1)
    assert case.desk.sweep() == []
    case.after(1)
    assert case.desk.sweep() == [f"{case.number} 超过1天未办结，已上移至客服主任"]
    assert case.desk.sweep() == []
    assert ups(case) == [("breach", 1, "watch")]
    assert [notice.kind for notice in case.desk.notices.list()] == ["escalated"]
    assert case.view.look == "breached" and case.view.unacknowledged == "客服主任"
    assert case.desk.examine() == []


def test_a_sweep_as_of_another_time_does_what_that_time_demands(house: House) -> None:
    case = house.open()
    assert case.desk.sweep(TEN + DAY - 1) == []
    assert len(case.desk.sweep(TEN + DAY)) == 1
    assert case.view.events[-1].at == TEN + DAY


def test_the_oldest_debt_comes_first(house: House) -> None:
    desk = house.desk()
    cases = [house.open(desk, at=TEN - ago) for ago in (HOUR, 3 * HOUR, 2 * HOUR)]
    house.time.forward(DAY)
    told = [line.split()[0] for line in desk.sweep()]
    assert told == [cases[1].number, cases[2].number, cases[0].number]


def test_what_is_held_promised_or_done_is_left_alone(house: House) -> None:
    desk = house.desk()
    house.open(desk).pause()
    house.open(desk).resolve()
    house.open(desk).void()
    promised = house.open(desk).promise(due_in=3 * DAY, completion=True)
    house.time.forward(2 * DAY)
    assert desk.sweep() == []
    house.time.forward(DAY)
    assert len(desk.sweep()) == 1 and len(ups(promised)) == 1


def test_a_resumed_ticket_goes_up_when_what_was_left_is_over(house: House) -> None:
    case = house.open().after(HOUR).pause().after(5 * DAY).resume().after(23 * HOUR - 1)
    assert case.desk.sweep() == []
    assert len(case.after(1).desk.sweep()) == 1


def test_each_cycle_may_go_up_once(house: House) -> None:
    case = house.open().after(DAY)
    case.desk.sweep()
    case.resolve().after(HOUR).reopen().after(DAY)
    assert len(case.desk.sweep()) == 1 and case.desk.sweep() == []
    assert [level for _, level, _ in ups(case)] == [1, 1]


def test_taking_the_resolution_back_does_not_send_it_up_again(house: House) -> None:
    case = house.open().after(DAY)
    case.desk.sweep()
    case.resolve().undo().after(DAY)
    assert case.desk.sweep() == [] and len(ups(case)) == 1


def test_what_a_person_has_sent_higher_does_not_come_down(house: House) -> None:
    case = house.open().escalate(2).after(DAY)
    assert case.desk.sweep() == [f"{case.number} 超过1天未办结，已上移至项目经理"]


def test_two_threads_sweeping_at_once_do_everything_once(house: House) -> None:
    desk = house.desk()
    cases = [house.open(desk) for _ in range(12)]
    house.time.forward(DAY)
    told: list[str] = []
    start = threading.Barrier(2)

    def run(mine: Desk) -> None:
        start.wait()
        told.extend(mine.sweep())
        mine.close()

    threads = [threading.Thread(target=run, args=(house.desk(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(line.split()[0] for line in told) == sorted(case.number for case in cases)
    assert all(ups(case) == [("breach", 1, "watch")] for case in cases)
    assert len(desk.notices.list()) == 12 and desk.examine() == []


SWEEP = """
import sys
from frontdesk.bootstrap import open_desk
desk = open_desk()
print("ready", flush=True)
sys.stdin.readline()
print(len(desk.sweep(int(sys.argv[1]))))
"""


def test_two_processes_sweeping_at_once_do_everything_once(house: House) -> None:
    desk = house.desk()
    cases = [house.open(desk) for _ in range(8)]
    watchers = [python(SWEEP, house.home, str(TEN + DAY)) for _ in range(2)]
    for watcher in watchers:
        assert watcher.stdout is not None and watcher.stdin is not None
        assert watcher.stdout.readline() == "ready\n"
    for watcher in watchers:
        assert watcher.stdin is not None
        watcher.stdin.write("\n")
        watcher.stdin.flush()
    assert sum(int(out) for out in answers(*watchers)) == 8
    assert all(ups(case) == [("breach", 1, "watch")] for case in cases)


def test_a_desk_that_writes_while_the_watch_acts_loses_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, other = house.open().after(DAY), house.desk("wang", "agent")
    store = case.desk._access.tickets
    append = store.append

    def late(*words: object) -> bool:
        monkeypatch.undo()
        other.tickets.note(case.number, "正在赶来")
        return append(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "append", late)
    assert len(case.desk.sweep()) == 1
    assert [event.kind for event in case.view.events] == ["opened", "noted", "escalated"]


def test_explain_says_why_and_that_it_went_up(house: House) -> None:
    case = house.open().after(DAY + 40 * MINUTE)
    case.desk.sweep()
    words = case.desk.tickets.explain(case.number)
    assert "办结（T3）：昨日10:00 起，10:00 到期，已超时 40分钟" in words
    assert "上移至客服主任（未确认）" in words
    ticket = case.desk._access.tickets.load(case.view.id).ticket
    assert words == explain(ticket, POLICY, house.time.now)
