"""Several desks, a watcher and commands on one file at once: nobody's work is lost, everybody sees it (DESIGN §4, §9)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from frontdesk.desk import Desk
from frontdesk.desk.ticket_desk import NewTicket
from frontdesk.domain.errors import Conflict
from frontdesk.domain.timing import HOUR, MINUTE
from tests.builders import House
from tests.processes import answers, python


@pytest.fixture
def other(house: House, desk: Desk) -> Desk:
    return house.desk("wang", "agent")


def test_the_slower_of_two_desks_is_told_what_changed_and_keeps_its_text(
    house: House, desk: Desk, other: Desk
) -> None:
    case = house.open(desk)
    seen = case.view.version
    assert other.tickets.view(case.number).version == seen, "both look at the same ticket"
    text = "业主说明天下午在家，请师傅先打电话"
    other.drafts.save(f"note:{case.view.id}", text)
    case.dispatch().after(MINUTE).transfer("zhao")
    with pytest.raises(Conflict) as late:
        other.tickets.note(case.number, text, seen=seen)
    words = str(late.value)
    assert "lin派单" in words and "lin转交" in words and "您写的还在" in words
    assert other.drafts.load(f"note:{case.view.id}") == text
    newest = other.tickets.view(case.number)
    assert other.tickets.note(case.number, text, seen=newest.version).version == newest.version + 1
    assert [event.kind for event in case.view.events] == ["opened", "dispatched", "transferred", "noted"]
    assert desk.examine() == []


def test_who_does_not_insist_on_what_he_saw_is_simply_saved_after_the_other(
    house: House, desk: Desk, other: Desk
) -> None:
    case = house.open(desk)
    case.note("一")
    other.tickets.note(case.number, "二")
    assert [event.note for event in case.view.events[1:]] == ["一", "二"]


def test_a_move_that_the_other_desk_made_illegal_is_refused_not_forced(
    house: House, desk: Desk, other: Desk
) -> None:
    case = house.open(desk).resolve().after(HOUR)
    seen = case.view.version
    other.tickets.follow_up(case.number, 5)
    other.tickets.close(case.number, "satisfied")
    with pytest.raises(Conflict, match="wang回访、wang关闭"):
        desk.tickets.reopen(case.number, "业主来电", seen=seen)
    assert case.view.status == "closed"


def test_eight_desks_writing_one_ticket_at_once_lose_nothing(house: House, desk: Desk) -> None:
    case = house.open(desk)
    start = threading.Barrier(8)

    def write(who: int) -> None:
        mine = house.desk()
        start.wait()
        for turn in range(6):
            mine.tickets.note(case.number, f"{who}-{turn}")
        mine.close()

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(write, who) for who in range(8)]:
            done.result()
    notes = [event.note for event in case.view.events[1:]]
    assert sorted(notes) == sorted(f"{who}-{turn}" for who in range(8) for turn in range(6))
    for who in range(8):
        assert [note for note in notes if note.startswith(f"{who}-")] == [
            f"{who}-{turn}" for turn in range(6)
        ]
    assert desk.examine() == []


WORK = """
import sys
from frontdesk.bootstrap import open_desk
from frontdesk.desk.ticket_desk import NewTicket
desk = open_desk()
who = sys.argv[1]
desk.categories
print("ready", flush=True)
sys.stdin.readline()
for turn in range(5):
    number = desk.tickets.open(NewTicket(text=f"{who} 号台第 {turn} 件：楼道灯不亮")).number
    desk.tickets.dispatch(number)
    desk.tickets.note("261122-01", f"{who}-{turn}")
    print(number)
"""


def test_processes_opening_tickets_at_once_get_a_number_each_and_lose_nothing(
    house: House, desk: Desk
) -> None:
    shared = house.open(desk)
    desks = [python(WORK, house.home, str(who)) for who in range(4)]
    for process in desks:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in desks:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    numbers = " ".join(answers(*desks)).split()
    assert len(numbers) == len(set(numbers)) == 20
    assert all(desk.tickets.view(number).status == "dispatched" for number in numbers)
    noted = sorted(event.note for event in shared.view.events[1:])
    assert noted == sorted(f"{who}-{turn}" for who in range(4) for turn in range(5))
    assert len(desk.notices.list()) == 20
    assert desk.examine() == []


RING = """
from frontdesk.bootstrap import open_desk
desk = open_desk()
input()
desk.calls.ring("19900004821")
print("rung", flush=True)
input()
"""


def test_another_process_is_seen_within_a_second(house: House, desk: Desk) -> None:
    ringing = python(RING, house.home)
    assert ringing.stdin is not None and ringing.stdout is not None
    ringing.stdin.write("\n")
    changes = desk.changes()
    ringing.stdin.flush()
    assert ringing.stdout.readline() == "rung\n"
    assert changes.wait(1), "its commit is seen although it is still running"
    (call,) = desk.board().calls
    assert (call.state, call.phone) == ("ringing", "199****4821")
    assert not changes.wait(0), "nothing more has happened"
    ringing.stdin.write("\n")
    answers(ringing)


def test_a_board_is_one_moment_whatever_is_written_meanwhile(house: House, desk: Desk, other: Desk) -> None:
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            other.tickets.void(other.tickets.open(NewTicket(text="楼道灯不亮")).number, "误开")
        other.close()

    writing = threading.Thread(target=busy)
    writing.start()
    for _ in range(30):
        board = desk.board()
        assert board.today >= len(board.rows)
        assert all(row.status == "new" for row in board.rows)
    stop.set()
    writing.join()
    assert desk.examine() == []


def test_a_watch_notices_nothing_of_its_own_desks_reads(house: House, desk: Desk) -> None:
    changes = desk.changes()
    desk.board()
    desk.examine()
    assert not changes.wait(0.05, step=0.01)
    changes.close()
