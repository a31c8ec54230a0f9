"""Clocks: when each one starts, stops, is held, and what colour that makes (DESIGN §5, REQUIREMENTS T1–T15, X1, X7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.errors import DeskError
from frontdesk.domain.explain import explain
from frontdesk.domain.moves import Draft
from frontdesk.domain.sla import FAR, Clock, clocks, face, next_step, sla_state
from frontdesk.domain.tickets import fold
from frontdesk.domain.timing import DAY, HOUR, MINUTE
from tests.builders import POLICY, TEN, Story, at_status

TRIALS = settings(derandomize=True, deadline=None, max_examples=60)


def urgent(**opened: Any) -> Story:
    return Story(priority="urgent", **opened)


# --- one clock -----------------------------------------------------------------------------------------------


def test_a_due_time_is_half_open() -> None:
    run = Clock("x", "T0", 0, 100, 80)
    assert [run.state(now) for now in (0, 79, 80, 99, 100, 101)] == [
        "running",
        "running",
        "at_risk",
        "at_risk",
        "breached",
        "breached",
    ]
    assert run._replace(met_at=99).state(10**9) == "met"
    assert run._replace(met_at=100).state(10**9) == "met_late"


@pytest.mark.parametrize(
    "kind, opened, span",
    [
        ("first_response", {"channel": "wechat"}, 15 * MINUTE),
        ("red_light", {}, 2 * HOUR),
        ("resolution", {}, DAY),
        ("progress", {}, DAY),
        ("on_site", {"priority": "urgent"}, 30 * MINUTE),
        ("repair", {"priority": "urgent"}, 30 * MINUTE),
    ],
)
def test_targets_run_from_the_opening_and_the_last_fifth_is_at_risk(
    kind: str, opened: dict[str, Any], span: int
) -> None:
    run = Story(**opened).clock(kind)
    assert (run.started_at, run.due_at, run.risk_at) == (TEN, TEN + span, TEN + span * 4 // 5)
    assert [run.state(TEN + at) for at in (0, span * 4 // 5 - 1, span * 4 // 5, span - 1, span)] == [
        "running",
        "running",
        "at_risk",
        "at_risk",
        "breached",
    ]


@pytest.mark.parametrize("wait, state", [(15 * MINUTE - 1, "met"), (15 * MINUTE, "met_late")])
def test_first_response_is_met_strictly_before_fifteen_minutes(wait: int, state: str) -> None:
    assert Story(channel="wechat").after(wait).progress().state("first_response") == state


def test_no_inner_step_is_a_first_response() -> None:
    story = Story(channel="app").go("note", "dispatch", "accept", "arrive", "escalate").after(15 * MINUTE)
    assert story.state("first_response") == "breached"


def test_the_red_light_goes_out_when_somebody_handles_it_not_when_it_is_handed_out() -> None:
    story = Story().dispatch().after(HOUR)
    assert story.state("red_light") == "running"
    assert story.accept().state("red_light") == "met"
    assert Story().dispatch().after(2 * HOUR).state("red_light") == "breached"


def test_a_transfer_touches_no_clock() -> None:
    story = at_status(Story(), "in_progress").promise(due_in=3 * HOUR)
    before = clocks(story.ticket, POLICY)
    story.after(HOUR).transfer("wang").after(HOUR).transfer("zhao")
    assert clocks(story.ticket, POLICY) == before


# --- pauses --------------------------------------------------------------------------------------------------


def test_a_pause_holds_red_light_and_resolution_never_the_duty_to_report() -> None:
    story = Story().after(HOUR).pause()
    for kind in ("red_light", "resolution"):
        assert story.state(kind) == "paused"
    story.after(DAY)
    assert story.clock("resolution").state(story.now) == "paused"
    assert story.state("progress") == "breached"
    assert story.sla == "breached", "a hold does not excuse silence"


def test_after_a_report_a_held_ticket_is_paused_not_red() -> None:
    story = Story().dispatch(due_in=9 * DAY).after(HOUR).pause().after(23 * HOUR).progress()
    assert (story.sla, face(story.ticket, POLICY).base) == ("paused", "paused")


@TRIALS
@given(st.lists(st.tuples(st.integers(1, 5 * HOUR), st.integers(0, 9 * DAY)), min_size=1, max_size=4))
def test_resuming_restores_what_was_left_to_the_second(holds: list[tuple[int, int]]) -> None:
    story = Story()
    for worked, held in holds:
        story.after(worked).pause()
        left = story.clock("resolution").due_at - story.now
        story.after(held).resume()
        run = story.clock("resolution")
        assert run.due_at - story.now == left
        assert run.due_at - run.risk_at == DAY // 5, "the last fifth of the span, however long it was held"
    assert story.clock("resolution").due_at == TEN + DAY + sum(held for _, held in holds)


def test_a_clock_that_was_red_before_the_pause_stays_red() -> None:
    story = Story().after(3 * HOUR).pause()
    assert (story.state("red_light"), story.state("resolution")) == ("breached", "paused")
    story.after(DAY).resume()
    assert story.clock("red_light").due_at == TEN + 2 * HOUR


def test_a_report_during_the_hold_meets_the_red_light_in_time() -> None:
    story = Story().dispatch().after(HOUR).pause().after(5 * HOUR).progress()
    assert story.state("red_light") == "met", "an hour was left when the hold began"
    assert story.after(HOUR).resume().state("red_light") == "met"


def test_a_pause_in_one_cycle_moves_no_clock_of_another() -> None:
    story = Story().after(HOUR).pause().after(HOUR).resume().after(HOUR).resolve().after(HOUR).reopen()
    first, second = sorted(story.clocks("resolution"), key=lambda run: run.started_at)
    assert first.due_at == TEN + DAY + HOUR
    assert second.due_at == story.now + DAY
    story.after(HOUR).pause().after(DAY).resume()
    assert [run.due_at for run in story.clocks("resolution")] == [first.due_at, second.due_at + DAY]


# --- reopening -----------------------------------------------------------------------------------------------


def test_reopening_restarts_resolution_and_reports_both_results() -> None:
    story = Story().after(DAY + 1).resolve().after(HOUR).follow_up().close().after(3 * DAY).reopen()
    assert [run.state(story.now) for run in story.clocks("resolution")] == ["met_late", "running"]
    assert story.clocks("resolution")[1].due_at == story.now + DAY
    story.after(HOUR).resolve()
    assert [run.state(story.now) for run in story.clocks("resolution")] == ["met_late", "met"]


# --- promises (X1) -------------------------------------------------------------------------------------------


def test_an_agreed_date_replaces_the_resolution_target_but_never_the_report() -> None:
    story = Story().after(HOUR).promise(due_in=5 * DAY, completion=True)
    run = story.clock("resolution")
    assert (run.due_at, run.source) == (story.now + 5 * DAY, "X1")
    assert run.risk_at == story.now + 4 * DAY
    assert story.clock("progress").due_at == story.now + DAY
    assert story.after(DAY).state("progress") == "breached"
    assert story.state("resolution") == "running"


def test_a_reply_date_replaces_nothing_and_is_a_clock_of_its_own() -> None:
    story = Story().promise(due_in=HOUR)
    assert story.clock("resolution").due_at == TEN + DAY
    assert story.state("promise") == "running"
    assert story.after(HOUR).state("promise") == "breached"
    assert story.progress().state("promise") == "met_late"


def test_every_promise_keeps_its_own_history() -> None:
    story = Story().promise(due_in=HOUR).after(MINUTE).promise(due_in=2 * HOUR).after(3 * HOUR)
    assert [run.state(story.now) for run in story.clocks("promise")] == ["met", "breached"]


def test_an_agreed_date_belongs_to_its_cycle() -> None:
    story = Story().promise(due_in=3 * DAY, completion=True).after(HOUR).resolve().after(HOUR).reopen()
    assert [run.source for run in story.clocks("resolution")] == ["T3", "X1"]
    assert {run.due_at for run in story.clocks("resolution")} == {TEN + 3 * DAY, story.now + DAY}


# --- emergencies (T4 T5 T6 X7) -------------------------------------------------------------------------------


def test_an_emergency_has_two_half_hours_with_two_owners() -> None:
    story = urgent().dispatch().after(20 * MINUTE).arrive()
    assert (story.state("on_site"), story.state("repair")) == ("met", "running")
    story.after(9 * MINUTE + 59).resolve()
    assert story.state("repair") == "met"
    assert urgent().dispatch().after(30 * MINUTE).arrive().state("on_site") == "met_late"


def test_in_an_emergency_the_owner_hears_every_ten_minutes() -> None:
    story = urgent()
    assert (story.clock("progress").due_at, story.clock("progress").source) == (TEN + 10 * MINUTE, "T6")
    story.after(9 * MINUTE).progress()
    assert story.clock("progress").due_at == TEN + 19 * MINUTE
    assert story.after(MINUTE).progress(told=False).clock("progress").due_at == TEN + 19 * MINUTE


def test_a_pause_stops_no_emergency_clock() -> None:
    story = urgent().dispatch().accept().pause().after(30 * MINUTE)
    assert (story.state("on_site"), story.state("repair"), story.state("progress")) == ("breached",) * 3


def test_an_emergency_discovered_later_starts_its_clocks_then() -> None:
    story = Story().after(5 * HOUR).correct({"priority": "urgent"})
    for kind, span in (("on_site", 30), ("repair", 30), ("progress", 10)):
        run = story.clock(kind)
        assert (run.started_at, run.due_at) == (story.now, story.now + span * MINUTE), kind


def test_an_emergency_discovered_after_reopening_is_not_met_by_the_first_cycle() -> None:
    story = Story().after(HOUR).resolve().after(HOUR).reopen().after(HOUR).correct({"priority": "urgent"})
    assert (story.state("repair"), story.state("on_site")) == ("running", "running")


def test_what_turns_out_to_be_no_emergency_has_no_emergency_clocks() -> None:
    story = urgent().correct({"priority": "normal"})
    assert story.clocks("on_site") == story.clocks("repair") == []
    assert story.clock("progress").due_at == TEN + DAY
    assert face(story.ticket, POLICY).base == "new"


# --- aftercare -----------------------------------------------------------------------------------------------


def test_follow_up_is_due_a_day_after_the_resolution_and_reports_stop() -> None:
    story = at_status(Story(), "resolved")
    assert story.clock("follow_up").due_at == TEN + DAY
    assert story.clocks("progress") == []
    assert story.after(HOUR).follow_up().state("follow_up") == "met"


def test_declining_meets_the_follow_up_and_starts_seven_quiet_days_that_colour_nothing() -> None:
    story = Story().resolve().after(HOUR).decline()
    assert story.state("follow_up") == "met"
    assert story.clock("silent_close").due_at == TEN + 7 * DAY
    assert face(story.ticket, POLICY).due_at == FAR
    assert story.after(30 * DAY).sla == "on_track"
    assert story.call(answered=False).clock("silent_close").started_at == story.now


def test_a_closed_or_void_ticket_owes_nothing() -> None:
    for end in ("closed", "void"):
        story = at_status(urgent(channel="wechat"), end).after(30 * DAY)
        assert story.sla == "closed"
        assert not [run for run in clocks(story.ticket, POLICY) if run.counts]


def test_the_receiver_of_an_escalation_has_a_clock_to_say_so() -> None:
    story = Story().escalate()
    run = story.clock("acknowledge")
    assert (run.due_at - TEN, run.words) == (10 * MINUTE, "客服主任")
    assert story.after(10 * MINUTE).state("acknowledge") == "breached"
    assert story.acknowledge().state("acknowledge") == "met_late"


def test_a_departments_limit_is_a_clock() -> None:
    story = Story().dispatch(due_in=HOUR)
    assert (story.clock("task").due_at, story.clock("task").words) == (TEN + HOUR, "工程部")
    assert story.after(HOUR).state("task") == "breached"
    assert story.resolve().state("task") == "met_late"


# --- the ticket's colour -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make, base",
    [
        (Story, "new"),
        (lambda: Story().dispatch(), "working"),
        (lambda: at_status(Story(), "paused"), "paused"),
        (lambda: at_status(Story(), "resolved"), "follow_up"),
        (lambda: Story().dispatch().escalate(), "escalated"),
        (lambda: Story().dispatch().escalate().acknowledge(), "working"),
        (lambda: urgent().dispatch().escalate(), "emergency"),
        (lambda: at_status(urgent(), "resolved"), "follow_up"),
        (lambda: at_status(Story(), "closed"), "closed"),
        (lambda: at_status(Story(), "void"), "closed"),
    ],
)
def test_the_base_of_a_face(make: Callable[[], Story], base: str) -> None:
    assert face(make().ticket, POLICY).base == base


def test_the_colour_is_that_of_the_worst_open_clock() -> None:
    story = Story().dispatch(due_in=10 * HOUR).promise(due_in=HOUR)
    shown = face(story.ticket, POLICY)
    assert (shown.due_kind, shown.due_at) == ("promise", TEN + HOUR)
    assert [sla_state(shown, TEN + at) for at in (0, 48 * MINUTE - 1, 48 * MINUTE, HOUR)] == [
        "on_track",
        "on_track",
        "at_risk",
        "breached",
    ]


def test_a_long_span_may_be_at_risk_before_a_short_one_is_due() -> None:
    story = Story().dispatch(due_in=100 * HOUR).after(99 * HOUR).progress().promise(due_in=30 * MINUTE)
    assert face(story.ticket, POLICY).risk_at < story.now


# --- what to do, and why -------------------------------------------------------------------------------------


def test_the_next_step_says_what_and_until_when() -> None:
    story = Story(channel="wechat")
    assert next_step(story.ticket, POLICY, TEN) == "10:15 前 联系业主，作首次响应（剩 15分钟）"
    assert next_step(story.ticket, POLICY, TEN + HOUR) == "10:15 前 联系业主，作首次响应（已超 45分钟）"
    assert next_step(at_status(Story(), "closed").ticket, POLICY, TEN) == "已闭环"
    assert next_step(at_status(Story(), "void").ticket, POLICY, TEN) == "已作废"
    declined = Story().resolve().decline()
    assert next_step(declined.ticket, POLICY, TEN) == "等待静默期满后关闭"


def test_after_a_low_score_the_next_step_is_another_follow_up_not_closing() -> None:
    happy = Story().resolve().after(HOUR).follow_up()
    assert next_step(happy.ticket, POLICY, happy.now) == "回访已完成，可关闭"
    sad = Story().resolve().after(HOUR).follow_up(1, words="不行").after(HOUR).resolve()
    assert "可关闭" not in next_step(sad.ticket, POLICY, sad.now)


def test_facts_that_are_missing_are_the_next_step_before_closing() -> None:
    asked = Story().case().resolve().after(HOUR).follow_up()
    assert next_step(asked.ticket, POLICY, asked.now) == "采集事实：原因，再关闭"
    asked.facts()
    assert next_step(asked.ticket, POLICY, asked.now) == "回访已完成，可关闭"
    taken = {"case": "B6", "scenario": "", "title": "烟感", "limits": [], "wanted": [["cause", "伤情"]]}
    declined = Story().write(Draft("case_taken", taken)).resolve().decline()
    assert next_step(declined.ticket, POLICY, declined.now) == "采集事实：伤情，等待静默期满后关闭"


def test_explain_tells_starts_pauses_due_times_and_levels() -> None:
    story = Story().dispatch().after(HOUR).pause().after(HOUR).resume().after(23 * HOUR).escalate()
    words = explain(story.ticket, POLICY, story.now + HOUR)
    for part in (
        "办结（T3）：昨日10:00 起，11:00 到期",
        "因等配件挂起 1小时",
        "通报进展不停",
        "上移至客服主任（未确认）",
        "首次响应（T1）：昨日10:00 起，昨日10:15 到期，按时",
    ):
        assert part in words


# --- over all histories --------------------------------------------------------------------------------------

STEPS = (
    *(
        "note",
        "dispatch",
        "accept",
        "arrive",
        "progress",
        "promise",
        "pause",
        "resume",
        "resolve",
        "follow_up",
    ),
    *(
        "decline",
        "close",
        "reopen",
        "escalate",
        "acknowledge",
        "transfer",
        "evidence",
        "call",
        "link",
        "undo",
        "correct",
    ),
)
HISTORIES = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 9 * HOUR)), max_size=14)


def told(history: list[tuple[str, int]], **opened: Any) -> Story:
    """The history as far as it is legal."""
    story = Story(**opened)
    for step, wait in history:
        story.after(wait)
        try:
            story.go(step)
        except DeskError:
            continue
    return story


@TRIALS
@given(
    HISTORIES,
    st.sampled_from(["normal", "urgent"]),
    st.lists(st.integers(0, 20 * DAY), min_size=1, max_size=6),
)
def test_a_face_colours_the_ticket_as_its_clocks_do_at_any_later_moment(
    history: list[tuple[str, int]], priority: str, waits: list[int]
) -> None:
    story = told(history, priority=priority)
    ticket = story.ticket
    shown, running = face(ticket, POLICY), clocks(ticket, POLICY)
    for wait in waits:
        now = story.now + wait
        states = {run.state(now) for run in running if run.counts}
        worst = next((state for state in ("breached", "at_risk") if state in states), None)
        rest = "closed" if not ticket.open else "paused" if shown.base == "paused" else "on_track"
        assert sla_state(shown, now) == (worst or rest)


@TRIALS
@given(HISTORIES)
def test_no_history_leaves_a_clock_in_disorder(history: list[tuple[str, int]]) -> None:
    story = told(history)
    ticket = story.ticket
    assert fold(story.number, story.log) == ticket
    for run in clocks(ticket, POLICY):
        assert run.started_at <= run.risk_at <= run.due_at
        assert not (run.held and (run.cancelled or run.met_at is not None))
        assert run.met_at is None or run.met_at >= run.started_at
    assert len({(run.kind, run.started_at, run.words, run.due_at) for run in clocks(ticket, POLICY)}) > 0
    if not ticket.open:
        assert face(ticket, POLICY).due_at == FAR
    assert next_step(ticket, POLICY, story.now) and explain(ticket, POLICY, story.now)
