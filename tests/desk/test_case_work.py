"""A case of the handbook taken up by a ticket: clocks, repeated limits, facts that closing demands (T24–T39)."""

from __future__ import annotations

from datetime import datetime

import pytest

from frontdesk.desk import Desk
from frontdesk.desk.ticket_desk import NewTicket
from frontdesk.domain.errors import BadInput, Refused
from frontdesk.domain.timing import DAY, HOUR, MINUTE, instant
from tests.builders import House

TRAPPED = "2栋电梯停了，我妈被困在里面"
SMOKE = "楼道烟感一直误报"


def opened(desk: Desk, text: str) -> str:
    return desk.tickets.open(NewTicket(text, "李丽", "2-1-801", "19900000002")).number


def test_until_it_is_taken_up_a_case_is_only_what_the_words_suggest(desk: Desk) -> None:
    view = desk.tickets.view(opened(desk, TRAPPED))
    assert (view.case, view.case_taken, view.limits, view.missing) == ("B2", False, (), ())
    taken = desk.tickets.case(view.number, "b2")
    assert (taken.case, taken.case_taken, taken.scenario) == ("B2", True, "B2-1")
    assert taken.events[-1].note == "按案例 B2-1 电梯困人或突然下滑 办理"


def test_the_limits_that_every_emergency_has_are_not_run_twice(desk: Desk) -> None:
    view = desk.tickets.case(opened(desk, TRAPPED), "B2")
    rules = [clock.source for clock in view.clocks]
    assert len([rule for rule in rules if rule == "T4"]) == 1
    assert not {limit["rule"] for limit in view.limits} & {"T4", "T5", "T6"}


def test_closing_waits_for_the_facts_and_keeps_them_encrypted(house: House, desk: Desk) -> None:
    number = desk.tickets.case(opened(desk, TRAPPED), "B2").number
    desk.tickets.dispatch(number)
    desk.tickets.resolve(number, "人已救出")
    with pytest.raises(Refused, match="关闭前要采到：几点开始被困"):
        desk.tickets.close(number, "signed", "业主已签字")
    house.time.forward(2 * HOUR)
    told = {"trapped_from": "08:10", "trapped_until": "08:30", "maintainer_arrived": "08:20"}
    view = desk.tickets.facts(number, told)
    assert view.missing == ("受影响程度",)
    assert dict(view.facts)["trapped_from"].endswith("08:10")
    assert desk.tickets.facts(number, {"effect": "受了惊吓"}).missing == ()
    assert desk.tickets.close(number, "signed", "业主已签字").status == "closed"
    raw = house.settings().database.read_bytes()
    assert "受了惊吓".encode() not in raw


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"effect": "还行"}, "受影响程度"),
        ({"trapped_from": "明天 8:00"}, "几点开始被困"),
        ({"colour": "红"}, "事实"),
        ({"trapped_from": " "}, "事实"),
    ],
)
def test_a_wrong_fact_is_named_and_nothing_is_saved(desk: Desk, values: dict[str, str], wrong: str) -> None:
    number = desk.tickets.case(opened(desk, TRAPPED), "B2").number
    with pytest.raises(BadInput) as problem:
        desk.tickets.facts(number, values)
    assert problem.value.field == wrong
    assert desk.tickets.view(number).facts == ()


def test_a_daily_limit_runs_anew_each_time_it_is_met_and_ends_with_the_ticket(
    house: House, desk: Desk
) -> None:
    number = opened(desk, SMOKE)
    view = desk.tickets.case(number, "B6")
    daily = next(limit for limit in view.limits if limit["rule"] == "T36")
    if daily["due_at"] is None:
        view = desk.tickets.case_limit(number, daily["id"])
    first = next(clock for clock in view.clocks if clock.source == "T36")
    assert first.due_at > house.time.now
    house.time.forward(3 * DAY)
    again = next(c for c in desk.tickets.case_limit(number, daily["id"]).clocks if c.source == "T36")
    assert again.due_at > house.time.now
    assert (again.due_at - first.due_at) % DAY == 0
    assert again.state(house.time.now) in ("running", "at_risk")
    with pytest.raises(BadInput, match="没有还在走的"):
        desk.tickets.case_limit(number, "nothing")


def test_a_limit_that_waits_has_no_clock_until_it_is_started(desk: Desk) -> None:
    waiting = [
        (case.id, limit)
        for case in desk.handbook.cases.values()
        for limit in case.clocks()
        if not limit.from_intake and limit.scenario is None and limit.minutes != 30
    ]
    assert waiting, "the handbook has limits that begin later"
    case_id, limit = waiting[0]
    number = opened(desk, SMOKE)
    view = desk.tickets.case(number, case_id)
    assert all(clock.words != limit.label for clock in view.clocks)
    assert any(clock.words == limit.label for clock in desk.tickets.case_limit(number, limit.id).clocks)


def test_an_unknown_case_and_the_same_case_twice(desk: Desk) -> None:
    number = opened(desk, TRAPPED)
    with pytest.raises(BadInput, match="手册里没有"):
        desk.tickets.case(number, "Z9")
    with pytest.raises(BadInput, match="没有「B2-7」"):
        desk.tickets.case(number, "B2-7")
    desk.tickets.case(number, "B2")
    with pytest.raises(Refused, match="已经按案例"):
        desk.tickets.case(number, "B2")


def test_taking_a_case_up_can_be_undone(desk: Desk) -> None:
    number = desk.tickets.case(opened(desk, TRAPPED), "B2").number
    view = desk.tickets.undo(number)
    assert (view.case, view.case_taken, view.missing) == ("B2", False, ())


def test_the_cached_clocks_are_what_the_events_say(desk: Desk) -> None:
    for number, case in ((opened(desk, TRAPPED), "B2"), (opened(desk, SMOKE), "B6")):
        desk.tickets.case(number, case)
    assert desk.examine() == []


def test_a_limit_counts_from_the_taking_of_the_ticket(house: House, desk: Desk) -> None:
    number = opened(desk, SMOKE)
    start = house.time.now
    house.time.forward(20 * MINUTE)
    view = desk.tickets.case(number, "B6")
    runs = [clock for clock in view.clocks if clock.kind == "case"]
    assert all(clock.started_at == start for clock in runs)


def test_what_comes_before_something_is_counted_from_it(house: House, desk: Desk) -> None:
    number = opened(desk, "单元门密码换了我进不去")
    desk.tickets.case(number, "B5-1")
    with pytest.raises(BadInput, match="请写改密码的时间"):
        desk.tickets.case_limit(number, "notice")
    change = instant(datetime(2026, 11, 25, 9))
    view = desk.tickets.case_limit(number, "notice", change)
    (run,) = [clock for clock in view.clocks if clock.source == "T34"]
    assert (run.started_at, run.due_at) == (house.time.now, instant(datetime(2026, 11, 25)))
    assert desk.tickets.case_limit(number, "notice").clocks != view.clocks, "now it is met"


def test_what_was_noted_late_counts_from_when_it_happened(house: House, desk: Desk) -> None:
    number = opened(desk, "电梯又坏了报修没人管")
    desk.tickets.case(number, "B3")
    stopped = house.time.now - HOUR
    with pytest.raises(BadInput, match="还没到"):
        desk.tickets.case_limit(number, "notice", house.time.now + 3 * DAY)
    tomorrow = stopped + DAY  # what 9:00 means to a reader of times at ten
    (run,) = [c for c in desk.tickets.case_limit(number, "notice", tomorrow).clocks if c.source == "T32"]
    assert (run.started_at, run.due_at) == (stopped, stopped + 4 * HOUR)


def test_what_is_too_late_already_is_red_at_once(house: House, desk: Desk) -> None:
    number = opened(desk, "单元门密码换了我进不去")
    desk.tickets.case(number, "B5-1")
    view = desk.tickets.case_limit(number, "notice", house.time.now + HOUR)
    (run,) = [clock for clock in view.clocks if clock.source == "T34"]
    assert run.started_at <= run.risk_at <= run.due_at
    assert run.state(house.time.now) == "breached"
