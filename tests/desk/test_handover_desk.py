"""The change of shift at real desks: signed by both, taken once, owners follow, no clock is touched (A-DAY 08:28)."""

from __future__ import annotations

import threading

import pytest

from frontdesk.desk import Desk
from frontdesk.desk.handover_desk import Quicker
from frontdesk.domain.errors import Refused, StoreTrouble
from frontdesk.domain.handover import KINDS, Handover
from frontdesk.domain.roster import Turn
from frontdesk.domain.timing import DAY, HOUR, MINUTE
from frontdesk.store.shifts import Shifts
from tests.builders import NAME, PHONE, TEN, UNIT, Case, House
from tests.processes import python

CALLER = "19900006110"


@pytest.fixture
def night(house: House) -> Desk:
    """老周's desk; it is 08:20."""
    house.time.now = TEN - 100 * MINUTE
    return house.desk("laozhou", "agent")


@pytest.fixture
def day(house: House, night: Desk) -> Desk:
    """小林's desk."""
    return house.desk("xiaolin", "agent")


def a_night(house: House, night: Desk) -> Case:
    """Two promises, one escalation without an answer, one missed call, one hold that ends; answers the promised ticket."""
    promised = house.open(night, text="楼道灯不亮").promise(due_in=40 * MINUTE)
    house.open(night, text="单元门禁打不开").promise(due_in=30 * HOUR)
    house.open(night, text="电梯异响").escalate()
    house.open(night, text="水管渗水").go("dispatch", "accept").pause(until_in=3 * HOUR)
    night.calls.miss(night.calls.ring(CALLER, "王女士").call_id)
    return promised


def kinds(found: Handover) -> list[str]:
    return [matter.item.kind for matter in found.lines]


def keys(found: Handover, number: str = "") -> list[str]:
    return [matter.item.key for matter in found.lines if matter.item.ticket == number]


def clocks(case: Case) -> list[tuple[object, ...]]:
    return [(c.kind, c.started_at, c.due_at, c.met_at) for c in case.view.clocks]


def test_the_page_holds_what_the_night_leaves_and_every_line_has_a_name(house: House, night: Desk) -> None:
    a_night(house, night)
    page = night.handovers.preview()
    assert [kind for kind in KINDS if kind in kinds(page)] == [
        *("escalation", "promise", "call", "due", "pause"),
    ]
    assert kinds(page).count("promise") == 2 and kinds(page).count("call") == 1
    assert all(matter.item.owner_name == "laozhou" == matter.holder for matter in page.lines)
    assert page.id is None and night.handovers.list() == ()


def test_nothing_on_a_kept_page_is_in_clear(house: House, night: Desk) -> None:
    house.open(night, text=f"楼道灯不亮，打我 {PHONE}").promise()
    night.calls.miss(night.calls.ring(CALLER, "王女士").call_id)
    number = house.desk("chen", "manager").handovers.give().id
    assert number is not None
    kept = Shifts(night._access.db).get(number).page
    assert all(secret not in kept for secret in (NAME, UNIT, PHONE, CALLER, "王女士"))
    assert "199****6110" in kept and "**04" in kept


def test_whoever_comes_takes_a_line_and_becomes_the_ticket_s_owner_without_any_clock_moving(
    house: House, night: Desk, day: Desk
) -> None:
    case = a_night(house, night)
    given = night.handovers.give()
    house.time.forward(10 * MINUTE)
    before = clocks(case)
    taken = day.handovers.take(keys=keys(given, case.number)[:1])
    assert case.view.case_owner == "xiaolin"
    last = case.view.events[-1]
    assert (last.kind, last.by) == ("transferred", "xiaolin") and "交接班" in last.note
    assert clocks(case) == before, "taking is a change of hands, not a new start"
    mine = {matter.item.key for matter in taken.lines if matter.holder == "xiaolin"}
    assert mine == set(keys(given, case.number)), "a ticket's lines go together"
    assert all(matter.holder == "laozhou" for matter in taken.waiting)
    assert (taken.taken_by, taken.taken_at) == ("xiaolin", house.time.now)
    assert day.examine() == []


def test_taking_all_leaves_nothing_and_the_page_is_shown_later_as_it_was_signed(
    house: House, night: Desk, day: Desk
) -> None:
    a_night(house, night)
    given = night.handovers.give()
    house.time.forward(9 * MINUTE)
    taken = day.handovers.take()
    assert taken.waiting == () and day.handovers.waiting() is None
    assert {case_owner for case_owner in owners(day)} == {"xiaolin"}
    house.time.forward(DAY)
    assert taken.id is not None
    later = night.handovers.show(taken.id)
    assert later.page == given.page
    assert (later.given_at, later.page.given_by) == (given.given_at, "laozhou")
    assert (later.taken_by, later.taken_at) == ("xiaolin", (given.given_at or 0) + 9 * MINUTE)
    assert [each.id for each in night.handovers.list()] == [taken.id]


def owners(desk: Desk) -> list[str]:
    return [row.case_owner for row in desk.listing().rows]


def test_the_second_who_takes_is_told_who_has_it(house: House, night: Desk, day: Desk) -> None:
    case = a_night(house, night)
    given = night.handovers.give()
    other = house.desk("azhen", "agent")
    mine = keys(given, case.number)
    day.handovers.take(keys=mine)
    day.handovers.take(keys=mine)  # once more by the same hand says nothing
    with pytest.raises(Quicker, match=f"{case.number}已由xiaolin 08:20 接走"):
        other.handovers.take(given.id, mine)
    assert case.view.case_owner == "xiaolin"
    rest = other.handovers.take()
    assert {matter.holder for matter in rest.lines} == {"xiaolin", "azhen"}
    with pytest.raises(Quicker, match=r"这一班已由.*xiaolin.*接走"):
        day.handovers.take()


def test_two_who_press_at_once_get_it_once(house: House, night: Desk, day: Desk) -> None:
    case = a_night(house, night)
    given = night.handovers.give()
    key = keys(given, case.number)[0]
    house.desk("azhen", "agent")
    start, outcomes = threading.Barrier(2), dict[str, str]()

    def take(login: str) -> None:
        mine = house.desk(login)
        start.wait()
        try:
            mine.handovers.take(given.id, [key])
            outcomes[login] = "taken"
        except Quicker as quicker:
            outcomes[login] = str(quicker)
        mine.close()

    threads = [threading.Thread(target=take, args=(login,)) for login in ("xiaolin", "azhen")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [login for login, outcome in outcomes.items() if outcome == "taken"]
    (told,) = [outcome for outcome in outcomes.values() if outcome != "taken"]
    assert winner in told and case.view.case_owner == winner
    assert [event.kind for event in case.view.events].count("transferred") == 1
    assert day.examine() == []


def test_what_nobody_took_keeps_the_first_giver_s_name_on_the_next_page(
    house: House, night: Desk, day: Desk
) -> None:
    case = a_night(house, night)
    given = night.handovers.give()
    day.handovers.take(keys=[key for key in keys(given, "") if key.startswith("call:")])
    house.time.forward(11 * HOUR)
    evening = day.handovers.preview()
    held = {matter.item.key: matter.holder for matter in evening.lines}
    promise = next(key for key in keys(given, case.number) if key.startswith("promise"))
    assert held[promise] == "laozhou", "until someone does"
    assert next(holder for key, holder in held.items() if key.startswith("call:")) == "xiaolin"


def test_what_has_been_done_meanwhile_need_not_be_taken(house: House, night: Desk, day: Desk) -> None:
    case = house.open(night, text="楼道灯不亮").promise(due_in=40 * MINUTE)
    call = night.calls.ring(CALLER)
    night.calls.miss(call.call_id)
    night.handovers.give()
    house.time.forward(MINUTE)
    case.go("dispatch", "accept", "resolve")
    waits = day.handovers.waiting()
    assert waits is not None and {matter.item.kind for matter in waits.waiting} == {"call", "promise"}
    assert {matter.item.kind for matter in waits.lines if matter.done} == {"due"}
    case.go("follow_up", "close")
    day.calls.done(call.call_id)
    assert day.handovers.waiting() is None


def test_a_closed_ticket_s_line_is_taken_without_a_transfer(house: House, night: Desk, day: Desk) -> None:
    case = house.open(night).promise()
    given = night.handovers.give()
    case.void()
    day.handovers.take(given.id)
    assert case.view.case_owner == "laozhou" and case.view.events[-1].kind == "voided"


def test_a_page_waits_for_sixteen_hours_and_not_for_the_one_who_gave_it(
    house: House, night: Desk, day: Desk
) -> None:
    house.open(night).promise(due_in=3 * DAY)
    given = night.handovers.give()
    assert night.handovers.at_start() is None
    house.time.forward(16 * HOUR - 1)
    found = day.handovers.at_start()
    assert found is not None and found.id == given.id
    house.time.forward(1)
    assert day.handovers.at_start() is None and day.handovers.waiting() is None


def test_it_lies_before_those_who_sit_at_the_front_desk_alone(house: House, night: Desk) -> None:
    house.open(night).promise()
    night.handovers.give()
    for login, role in (("chen", "supervisor"), ("zheng", "auditor")):
        assert house.desk(login, role).handovers.at_start() is None


def test_signing_the_same_page_twice_is_refused_and_an_auditor_signs_nothing(
    house: House, night: Desk
) -> None:
    case = house.open(night).promise()
    night.handovers.give()
    with pytest.raises(Refused, match="内容没有变化"):
        night.handovers.give()
    case.escalate()
    assert len(night.handovers.give().lines) == 3 and len(night.handovers.list()) == 2
    auditor = house.desk("zheng", "auditor")
    for sign in (auditor.handovers.give, auditor.handovers.take):
        with pytest.raises(Refused, match="审计只能查看"):
            sign()


def test_an_owner_who_has_left_is_nobody_s_name_so_the_giver_answers(
    house: House, night: Desk, day: Desk
) -> None:
    house.open(night, text="楼道灯不亮").promise()
    house.desk().people.disable_operator("laozhou")
    page = day.handovers.give()
    assert page.lines and {matter.item.owner for matter in page.lines} == {"xiaolin"}


def test_an_empty_page_is_signed_by_both_too(house: House, night: Desk, day: Desk) -> None:
    given = night.handovers.give()
    assert given.lines == ()
    assert day.handovers.take(given.id).taken_by == "xiaolin"


def test_a_key_that_is_not_there_and_a_page_that_is_not_there(house: House, night: Desk, day: Desk) -> None:
    with pytest.raises(Refused, match="没有等着接的交接"):
        day.handovers.take()
    house.open(night).promise()
    given = night.handovers.give()
    with pytest.raises(Refused, match="没有「call:99」"):
        day.handovers.take(given.id, ["call:99"])


def test_a_full_disk_takes_nothing_half(
    house: House, night: Desk, day: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = house.open(night).promise()
    given = night.handovers.give()

    def broken(*_words: object) -> None:
        raise StoreTrouble("磁盘已满，没有保存。")

    monkeypatch.setattr(Shifts, "sign", staticmethod(broken))
    with pytest.raises(StoreTrouble):
        day.handovers.take(given.id)
    monkeypatch.undo()
    assert case.view.case_owner == "laozhou"
    waits = day.handovers.waiting()
    assert waits is not None and len(waits.waiting) == len(given.lines)


TAKE = """
import sys
from frontdesk.bootstrap import open_desk
desk = open_desk()
print("ready", flush=True)
sys.stdin.readline()
desk.handovers.take(int(sys.argv[1]))
print("done", flush=True)
"""


@pytest.mark.parametrize("after", [1, 5, 12])
def test_killed_in_the_middle_the_page_and_the_tickets_say_the_same(
    house: House, night: Desk, day: Desk, after: int
) -> None:
    cases = [house.open(night, text=f"楼道灯不亮，{n} 层").promise(due_in=HOUR) for n in range(30)]
    given = night.handovers.give()
    process = python(TAKE, house.home, str(given.id), FRONTDESK_OPERATOR="xiaolin")
    assert process.stdin is not None and process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("\n")
    process.stdin.flush()
    shifts = Shifts(day._access.db)
    while sum(taken is not None for _o, taken in shifts.get(given.id or 0).held.values()) < after:
        assert process.poll() is None or process.returncode == 0
    process.kill()
    process.communicate()
    held = shifts.get(given.id or 0).held
    by_ticket = {item.ticket: held[item.key] for item in given.page.items}
    assert {case.number: case.view.case_owner for case in cases} == {
        number: "laozhou" if taken_at is None else "xiaolin"
        for number, (_owner, taken_at) in by_ticket.items()
    }
    assert day.examine() == []
    assert day.handovers.take(given.id).waiting == ()
    assert {case.view.case_owner for case in cases} == {"xiaolin"}


# --- a shift that nobody has signed over ---------------------------------------------------------------------------


def roster(house: House, *turns: tuple[str, int]) -> None:
    """Twelve hours at the front desk for each (login, hours from now)."""
    now = house.time.now
    Shifts(house.desk()._access.db).replace(
        [Turn(login, login, "agent", now + h * HOUR, now + (h + 12) * HOUR) for login, h in turns]
    )


def test_a_turn_begins_with_the_page_although_nobody_has_signed_it(
    house: House, night: Desk, day: Desk
) -> None:
    case = house.open(night, text="楼道灯不亮").promise()
    roster(house, ("laozhou", -12), ("xiaolin", 0))
    found = day.handovers.at_start()
    assert found is not None and found.id is None and {m.holder for m in found.lines} == {"laozhou"}
    assert night.handovers.at_start() is None, "it is not his turn that begins"
    taken = day.handovers.take_up(keys(found, case.number)[:1])
    assert case.view.case_owner == "xiaolin" and taken.page.given_by == ""
    assert (taken.given_at, taken.taken_by) == (house.time.now, "xiaolin")
    assert day.handovers.at_start() is None, "taken: it does not lie there again"


def test_the_page_of_one_s_own_turn_lies_there_half_an_hour_before_until_an_hour_after(
    house: House, night: Desk, day: Desk
) -> None:
    house.open(night).promise(due_in=3 * DAY)
    roster(house, ("xiaolin", 2))
    shown = []
    for _minute in range(0, 240, 15):
        shown.append(day.handovers.at_start() is not None)
        house.time.forward(15 * MINUTE)
    assert shown == [False] * 6 + [True] * 6 + [False] * 4


def test_a_second_who_takes_up_goes_on_with_the_first_one_s_page(
    house: House, night: Desk, day: Desk
) -> None:
    one, two = house.open(night, text="楼道灯不亮").promise(), house.open(night, text="电梯异响").promise()
    other = house.desk("azhen", "agent")
    roster(house, ("laozhou", -12), ("xiaolin", 0))
    found = day.handovers.at_start()
    assert found is not None
    first = day.handovers.take_up(keys(found, one.number))
    assert other.handovers.take_up(keys(found, two.number)).id == first.id
    with pytest.raises(Quicker, match="已由xiaolin"):
        other.handovers.take_up(keys(found, one.number))


def test_the_morning_says_how_the_night_was_handed_over(house: House, night: Desk, day: Desk) -> None:
    assert "夜班没有签交接。" in night.shifts.morning()
    a_night(house, night)
    given = night.handovers.give()
    assert f"交接班：laozhou 08:20 交 {len(given.lines)} 件，还没有人接" in night.shifts.morning()
    day.handovers.take(keys=keys(given, ""))
    assert (
        "，xiaolin 08:20 接，" in night.shifts.morning() and "件还在laozhou名下。" in night.shifts.morning()
    )
