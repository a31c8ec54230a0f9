"""What time itself demands is done exactly once, whoever sweeps and however often (DESIGN §5, T3)."""

from __future__ import annotations

import threading

import pytest

from frontdesk.desk import Desk
from frontdesk.domain.explain import explain
from frontdesk.domain.timing import DAY, HOUR, MINUTE
from tests.builders import POLICY, TEN, Case, House
from tests.processes import answers, python


def ups(case: Case) -> list[tuple[str, int, str]]:
    steps = case.desk._access.tickets.load(case.view.id).ticket.escalations
    return [(step.cause, step.level, step.by) for step in steps]


def working(house: House, **facts: object) -> Case:
    """A ticket somebody works on, so that only its day runs."""
    return house.open(**facts).go("dispatch", "accept")  # type: ignore[arg-type]


def test_what_nobody_takes_for_two_hours_goes_up_once(house: House) -> None:
    case = house.open().after(2 * HOUR - 1)
    assert case.desk.sweep() == []
    case.after(1)
    assert case.desk.sweep() == [f"{case.number} 超过2小时无人处理，已上移至客服主任"]
    assert case.desk.sweep() == []
    assert ups(case) == [("breach", 1, "watch")]
    assert [notice.kind for notice in case.desk.notices.list()] == ["escalated"]
    assert case.view.look == "breached" and case.view.unacknowledged == "客服主任"
    assert case.desk.examine() == []


def test_what_is_past_its_day_goes_up_once(house: House) -> None:
    case = working(house).after(DAY)
    (line,) = case.desk.sweep()
    assert line.startswith(f"{case.number} 超过1天未办结")
    assert case.desk.sweep() == [] and ups(case) == [("breach", 1, "watch")]


def test_a_sweep_as_of_another_time_does_what_that_time_demands(house: House) -> None:
    case = house.open()
    assert case.desk.sweep(TEN + 2 * HOUR - 1) == []
    assert len(case.desk.sweep(TEN + 2 * HOUR)) == 1
    assert case.view.events[-1].at == TEN + 2 * HOUR


def test_whoever_was_away_for_days_is_called_from_the_lowest_rung(house: House) -> None:
    case = house.open()
    assert len(case.desk.sweep(TEN + 9 * DAY)) == 1 and case.view.level == 1


def test_the_oldest_debt_comes_first(house: House) -> None:
    desk = house.desk()
    cases = [house.open(desk, at=TEN - ago) for ago in (HOUR, 3 * HOUR, 2 * HOUR)]
    house.time.forward(DAY)
    told = [line.split()[0] for line in desk.sweep()]
    assert told == [cases[1].number, cases[2].number, cases[0].number]


def test_a_hold_ends_at_its_hour_by_itself_however_late_the_sweep(house: House) -> None:
    case = working(house).after(HOUR).pause(until_in=2 * HOUR).after(5 * HOUR)
    assert case.desk.sweep()[0] == f"{case.number} 约定的恢复时间到了，已恢复计时"
    assert case.view.status == "accepted"
    (resumed,) = [event for event in case.view.events if event.kind == "resumed"]
    assert resumed.at == TEN + 3 * HOUR and resumed.by == "watch"


def test_what_is_held_or_agreed_is_not_sent_up(house: House) -> None:
    desk = house.desk()
    held = working(house, desk=desk).pause(until_in=9 * DAY)
    agreed = working(house, desk=desk).promise(due_in=3 * DAY, completion=True)
    house.time.forward(2 * DAY)
    desk.sweep()
    assert ups(held) == ups(agreed) == []
    house.time.forward(DAY)
    desk.sweep()
    assert ups(held) == [] and ups(agreed) == [("breach", 1, "watch")]


def test_zammad_4432_nobody_is_woken_for_what_can_wait(house: House) -> None:
    """Mails at midnight (zammad #4432): the ticket goes up on time, its notice leaves and its answer is owed from eight on."""
    case = house.open(at=TEN - 2 * HOUR).go("dispatch", "accept", "progress")
    night = TEN - 2 * HOUR + DAY - 4 * HOUR
    case.after(night - TEN)
    eight = TEN - 2 * HOUR + DAY
    case.promise(due_in=HOUR).after(90 * MINUTE)
    case.desk.sweep()
    with case.desk._access.db.read() as conn:
        kept = conn.execute("SELECT next_at FROM notice WHERE kind = 'reminded'").fetchall()
    assert set(kept) == {(eight,)}
    urgent = house.open(case.desk, text="三号楼电梯困人", priority="urgent").after(40 * MINUTE)
    urgent.desk.sweep()
    with case.desk._access.db.read() as conn:
        at = conn.execute(
            "SELECT min(next_at) FROM notice WHERE kind = 'escalated' AND audience = 'staff' AND urgent = 1"
        ).fetchone()
    assert at == (house.time.now,)


def test_an_escalation_by_night_is_answered_by_day(house: House) -> None:
    case = house.open(at=TEN - 12 * HOUR, channel="import").go("dispatch", "accept")
    case.after(12 * HOUR + 5 * MINUTE)  # 22:05 on the day after
    case.desk.sweep()
    assert ups(case) == [("breach", 1, "watch")]
    case.after(9 * HOUR)  # 07:05: still nobody has to answer
    case.desk.sweep()
    assert len(ups(case)) == 1
    case.after(66 * MINUTE)
    case.desk.sweep()
    assert [level for _, level, _ in ups(case)] == [1, 2]


def test_seven_quiet_days_close_by_themselves_and_a_repeat_begins_them_anew(house: House) -> None:
    case = working(house).resolve().decline().after(6 * DAY)
    case.desk.sweep()
    house.open(case.desk).void()
    again = house.open(case.desk)
    case.after(DAY)
    case.desk.sweep()
    assert case.view.status == "resolved", "the same unit complained of the same again"
    again.void()
    case.after(7 * DAY)
    case.desk.sweep()
    assert case.view.status == "closed" and case.view.events[-1].by == "watch"


def test_what_keeps_a_quiet_ticket_open_is_told_once(house: House) -> None:
    case = working(house).case().resolve().decline().after(8 * DAY)
    told = [line for line in case.desk.sweep() if "还不能关闭" in line]
    assert len(told) == 1 and "采集事实" in told[0]
    assert case.desk.sweep() == []


def test_a_reminder_does_not_hold_up_what_is_being_typed(house: House) -> None:
    case = working(house).promise(due_in=HOUR)
    seen = case.view.version
    case.after(HOUR)
    case.desk.sweep()
    assert case.view.version == seen + 1
    case.note("业主说晚点也行", seen=seen)


def test_undo_takes_back_the_persons_step_behind_a_reminder(house: House) -> None:
    case = working(house).promise(due_in=HOUR).transfer().after(HOUR)
    case.desk.sweep()
    assert case.view.events[-1].kind == "reminded"
    assert case.undo().view.case_owner == "lin"


def test_each_cycle_may_go_up_once(house: House) -> None:
    case = working(house).after(DAY)
    case.desk.sweep()
    case.acknowledge().resolve().after(HOUR).reopen().after(DAY)
    assert any("未办结" in line for line in case.desk.sweep())
    assert [level for _, level, _ in ups(case)] == [1, 1]


def test_taking_the_resolution_back_does_not_send_it_up_again(house: House) -> None:
    case = working(house).after(DAY)
    case.desk.sweep()
    case.acknowledge().resolve().undo().after(DAY)
    case.desk.sweep()
    assert len(ups(case)) == 1


def test_what_a_person_has_sent_higher_does_not_come_down(house: House) -> None:
    case = working(house).escalate(2).acknowledge().after(DAY)
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

    def late(*words: object) -> None:
        monkeypatch.undo()
        other.tickets.note(case.number, "正在赶来")
        append(*words)  # type: ignore[arg-type]

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
    assert words == explain(ticket, POLICY, house.time.now, case.desk._access.names())


def test_one_console_hosts_the_watch_and_another_takes_over_when_it_is_gone(house: House) -> None:
    case = house.open().after(2 * HOUR)
    first, second = house.desk(), house.desk("wang", "agent")
    assert second.host_watch("b:2") and first.host_watch("a:1") == []
    other = house.open(first, at=house.time.now - 2 * HOUR)
    house.time.forward(MINUTE - 1)
    assert first.host_watch("a:1") == [] and ups(other) == []
    house.time.forward(1)
    assert first.host_watch("a:1")[0] == f"{other.number} 超过2小时无人处理，已上移至客服主任"
    assert ups(case) == [("breach", 1, "watch")]


def test_an_auditors_console_changes_nothing(house: House) -> None:
    case = house.open().after(DAY)
    assert house.desk("shen", "auditor").host_watch("c:3") == [] and ups(case) == []


def test_who_is_on_duty_for_the_rung_is_named_the_first_receiver(house: House) -> None:
    desk = house.desk()
    house.desk("chen", "supervisor")
    roster = house.home / "值班.csv"
    roster.write_text(
        "日期,姓名,工号,岗位,开始,结束\n2026-11-22,chen,chen,客服主任,08:00,20:00\n", encoding="utf-8"
    )
    desk.shifts.import_roster(roster)
    case = house.open(desk).escalate()
    step = desk._access.tickets.load(case.view.id).ticket.escalations[-1]
    assert (step.to, step.person) == ("客服主任", "chen")
    assert "第一受理人 chen" in case.view.events[-1].note
    later = house.open(desk).after(11 * HOUR)
    desk.sweep()
    assert desk._access.tickets.load(later.view.id).ticket.escalations[-1].person == "", (
        "nobody is on duty then"
    )
