"""Clocks by working time: holds at night move nothing, what was left comes back to the second (DESIGN §5)."""

from __future__ import annotations

import tomllib
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.calendar import Calendar
from frontdesk.domain.errors import DeskError
from frontdesk.domain.policy import Policy, parse_policy
from frontdesk.domain.sla import FAR, clocks, face
from frontdesk.domain.tickets import Event, fold
from frontdesk.domain.timing import DAY, HOUR, MINUTE, Instant, instant
from tests.builders import POLICY_TEXT, Story

TRIALS = settings(derandomize=True, deadline=None, max_examples=60)
WORKING = """
[calendar.public]
years = [2026, 2026]
off = ["2026-10-01..2026-10-07"]
work = ["2026-10-10"]

[calendar.office]
workdays = ["08:30-12:00", "13:30-17:00"]
sat = ["09:00-12:00"]

[calendar.nights]
workdays = ["20:00-04:00"]
weekend = ["20:00-08:00"]
"""


def policy(calendar: str = "office", span: str = "7h") -> Policy:
    """The shipped rules with that calendar for everything that may have one."""
    document: dict[str, Any] = tomllib.loads(POLICY_TEXT + WORKING)
    for name in ("resolution", "progress", "follow_up"):
        document["clocks"][name] |= {"calendar": calendar, "span": span}
    return parse_policy(document)


OFFICE = policy()


def at(day: int, hour: int, minute: int = 0) -> Instant:
    """In November 2026; the 23rd is a Monday."""
    return instant(datetime(2026, 11, day, hour, minute))


def monday(hour: int = 10, minute: int = 0, **opened: Any) -> Story:
    return Story(at=at(23, hour, minute), policy=OFFICE, **opened)


def test_a_span_is_working_time_and_so_is_the_share_at_risk() -> None:
    run = monday().clock("resolution")
    assert (run.due_at, run.risk_at) == (at(24, 10), at(24, 8, 36))
    assert [run.state(when) for when in (at(23, 20), at(24, 8, 35), at(24, 8, 36), at(24, 10))] == [
        "running",
        "running",
        "at_risk",
        "breached",
    ]


def test_what_comes_in_at_night_is_counted_from_the_morning() -> None:
    assert monday(21).clock("resolution").due_at == at(24, 17)
    assert monday(21).clock("progress").due_at == at(24, 17)


def test_first_response_and_red_light_run_through_the_night() -> None:
    story = monday(21, channel="wechat")
    assert story.clock("first_response").due_at == at(23, 21, 15)
    assert story.clock("red_light").due_at == at(23, 23)


def test_an_emergency_runs_through_the_night_until_it_is_over() -> None:
    story = monday(21, priority="urgent")
    assert story.clock("resolution").due_at == at(24, 4)
    assert story.clock("on_site").due_at == story.clock("repair").due_at == at(23, 21, 30)
    assert story.clock("progress").due_at == at(23, 21, 10)
    story.after(HOUR).go("dispatch", "accept", "resolve")
    assert story.clock("follow_up").due_at == at(24, 17), "the follow-up waits for the morning"


def test_a_hold_at_night_moves_nothing() -> None:
    story = monday(16).after(2 * HOUR).pause().after(12 * HOUR).resume()
    assert story.now == at(24, 6)
    assert story.clock("resolution").due_at == at(24, 16)


def test_a_hold_over_the_evening_moves_by_its_working_part() -> None:
    story = monday(16).after(30 * MINUTE).pause().after(16 * HOUR + 30 * MINUTE).resume()
    assert story.now == at(24, 9)
    # Half an hour on Monday evening and half on Tuesday morning were lost.
    assert story.clock("resolution").due_at == at(24, 17)
    assert story.clock("resolution").risk_at == at(24, 15, 36)


def test_a_held_clock_stays_where_it_was_and_a_red_one_red() -> None:
    story = monday(16).after(30 * MINUTE).pause().after(30 * DAY)
    assert (story.state("resolution"), story.clock("resolution").due_at) == ("paused", at(24, 16))
    late = monday(10).after(2 * DAY).pause().after(DAY).resume()
    assert (late.state("resolution"), late.clock("resolution").due_at) == ("breached", at(24, 10))


def test_an_agreed_date_is_at_risk_by_working_time() -> None:
    story = monday(10).promise(due_in=2 * DAY, completion=True)
    run = story.clock("resolution")
    # Fourteen working hours lie before it; the last 2.8 of them begin on Tuesday afternoon.
    assert (run.due_at, run.risk_at) == (at(25, 10), at(24, 15, 42))
    night = monday(20).promise(due_in=5 * HOUR, completion=True).clock("resolution")
    assert (night.due_at, night.risk_at) == (at(24, 1), at(24, 0)), "with no work before it, by the wall"


def test_a_night_calendar_counts_across_midnight() -> None:
    story = Story(at=at(23, 23), policy=policy("nights", "8h"))
    assert story.clock("resolution").due_at == at(24, 23)
    assert Story(at=at(28, 23), policy=policy("nights", "8h")).clock("resolution").due_at == at(29, 7)


@pytest.mark.parametrize("name", ["office", "nights"])
@TRIALS
@given(
    start=st.integers(at(20, 0), at(28, 0)),
    holds=st.lists(st.tuples(st.integers(1, 20 * HOUR), st.integers(0, 6 * DAY)), min_size=1, max_size=4),
)
def test_resuming_restores_what_was_left_to_the_second(
    name: str, start: Instant, holds: list[tuple[int, int]]
) -> None:
    rules = policy(name, "30h")
    calendar: Calendar = rules.calendars[name]
    story, lost = Story(at=start, policy=rules), 0
    for worked, held in holds:
        story.after(worked).pause()
        before = story.clock("resolution")
        left = calendar.between(story.now, before.due_at)
        began = story.now
        story.after(held).resume()
        run = story.clock("resolution")
        if began >= before.due_at:
            assert run.due_at == before.due_at
            continue
        lost += calendar.between(began, story.now)
        assert calendar.between(story.now, run.due_at) == left
        assert calendar.between(run.risk_at, run.due_at) == 6 * HOUR
    assert calendar.between(start, story.clock("resolution").due_at) == 30 * HOUR + lost


@TRIALS
@given(st.integers(at(20, 0), at(28, 0)), st.integers(0, 3 * DAY))
def test_whoever_comes_later_is_due_no_sooner(start: Instant, later: int) -> None:
    first, second = (Story(at=when, policy=OFFICE) for when in (start, start + later))
    for kind in ("resolution", "progress"):
        assert first.clock(kind).due_at <= second.clock(kind).due_at
        assert first.clock(kind).risk_at <= second.clock(kind).risk_at


STEPS = (
    "note",
    "dispatch",
    "accept",
    "progress",
    "pause",
    "resume",
    "resolve",
    "reopen",
    "promise",
    "escalate",
)
HISTORIES = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 30 * HOUR)), max_size=12)


def told(history: list[tuple[str, int]]) -> Story:
    story = monday()
    for step, wait in history:
        story.after(wait)
        try:
            story.go(step)
        except DeskError:
            continue
    return story


@TRIALS
@given(HISTORIES)
def test_no_history_leaves_a_clock_in_disorder(history: list[tuple[str, int]]) -> None:
    story = told(history)
    for run in clocks(story.ticket, OFFICE):
        assert run.started_at <= run.risk_at <= run.due_at < FAR
        assert not (run.held and (run.cancelled or run.met_at is not None))


@TRIALS
@given(HISTORIES)
def test_a_replayed_log_has_the_same_clocks(history: list[tuple[str, int]]) -> None:
    story = told(history)
    again = fold(story.number, tuple(Event(*event) for event in story.log))
    fresh = policy()
    assert clocks(again, fresh) == clocks(story.ticket, OFFICE)
    assert face(again, fresh) == face(story.ticket, OFFICE)


FREE = ("note", "progress", "evidence", "link")
"""Steps that take no notice of each other."""


@TRIALS
@given(HISTORIES, st.permutations(FREE))
def test_the_order_of_equal_time_events_is_irrelevant(
    history: list[tuple[str, int]], order: list[str]
) -> None:
    one, two = told(history), told(history)
    if one.ticket.open:
        one.after(HOUR).go(*FREE)
        two.after(HOUR).go(*order)
        assert clocks(one.ticket, OFFICE) == clocks(two.ticket, OFFICE)
        assert face(one.ticket, OFFICE) == face(two.ticket, OFFICE)


def test_a_target_for_some_tickets_leaves_the_others_without() -> None:
    document: dict[str, Any] = tomllib.loads(POLICY_TEXT)
    kinds = ("first_response", "red_light", "resolution", "progress", "follow_up", "silent_close")
    for name in kinds:
        document["clocks"][name]["when"] = {"category": ["工程维修-*"]}
    rules = parse_policy(document)
    for category, wanted in (
        ("工程维修-电梯", {"first_response", "red_light", "resolution"}),
        ("其他", set()),
    ):
        story = Story(policy=rules, category=category)
        assert {run.kind for run in clocks(story.ticket, rules)} == wanted | (
            {"progress"} if wanted else set()
        )
        story.resolve().decline()
        found = {run.kind for run in clocks(story.ticket, rules)}
        assert found == (wanted | {"follow_up", "silent_close"} if wanted else set())
        if not wanted:
            assert face(story.ticket, rules).due_at == FAR and story.after(99 * DAY).sla == "on_track"
            story.close("silence")
    assert story.clocks("resolution") == []


def test_a_cancelled_clock_says_so() -> None:
    story = monday().promise(due_in=2 * HOUR, completion=True).promise(due_in=3 * HOUR, completion=True)
    assert [run.state(story.now) for run in story.clocks("promise")] == ["cancelled", "running"]
