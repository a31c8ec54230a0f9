"""Why red, in one sentence that ends the argument (A-DAY 14:00)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.domain.explain import explain, worst
from frontdesk.domain.sla import clocks, face
from frontdesk.domain.timing import DAY, HOUR, MINUTE
from tests.builders import POLICY, ROADS, Story, at_status


def first_line(story: Story, **names: str) -> str:
    return explain(story.ticket, POLICY, story.now, names).splitlines()[0]


def test_the_sentence_tells_opening_department_hold_what_was_left_and_who_has_it() -> None:
    story = Story().after(12 * MINUTE).dispatch(due_in=DAY).after(98 * MINUTE).pause("owner")
    story.after(25 * MINUTE).resume().after(52 * MINUTE).escalate()
    assert first_line(story) == (
        "2小时内未处理：10:00 受理，10:12 派单工程部，无人接单；11:50 因等业主暂停 25分钟，剩余 10分钟，12:15 恢复；"
        "现超时 42分钟，已升级至客服主任（未确认）。"
    )
    assert "首次响应（T1）" in explain(story.ticket, POLICY, story.now)


def test_whoever_answered_is_named_and_a_task_that_was_taken_says_so() -> None:
    story = Story().dispatch(due_in=DAY).after(HOUR).accept().after(90 * MINUTE).escalate()
    story.as_("chen").after(5 * MINUTE).acknowledge()
    assert first_line(story, chen="陈主任") == (
        "通报进展：10:00 受理，派单工程部，11:00 接单；明日10:00 到期，还剩 21小时25分，"
        "已升级至客服主任（陈主任 12:35 已确认）。"
    )


def test_the_first_receiver_on_duty_is_named_while_nobody_has_answered() -> None:
    story = Story().after(3 * HOUR).escalate()
    steps = tuple(step._replace(person="chen") for step in story.ticket.escalations)
    ticket = story.ticket._replace(escalations=steps)
    line = explain(ticket, POLICY, story.now, {"chen": "陈主任"}).splitlines()[0]
    assert line == (
        "2小时内未处理：10:00 受理，还没有派单；现超时 1小时，已升级至客服主任（第一受理人陈主任，未确认）。"
    )


def test_red_without_a_step_up_says_that_too_and_in_time_says_how_long() -> None:
    story = Story().after(3 * HOUR)
    assert first_line(story).endswith("现超时 1小时，还没有上移。")
    assert first_line(Story()) == "2小时处理：10:00 受理，还没有派单；12:00 到期，还剩 2小时。"


def test_a_broken_promise_is_named_in_the_words_that_were_said() -> None:
    story = Story().dispatch(due_in=DAY).progress().after(HOUR).promise(due_in=HOUR).after(2 * HOUR)
    assert first_line(story) == (
        "答应的「下午给您回话」到时未兑现：10:00 受理，派单工程部，无人接单；11:00 起算；现超时 1小时，还没有上移。"
    )


def test_a_hold_moves_the_department_s_limit_and_is_told_for_it() -> None:
    story = Story().dispatch(due_in=HOUR).progress().after(HOUR // 2).pause(until_in=DAY)
    listed = explain(story.ticket, POLICY, story.now)
    assert "因等配件挂起 0分钟，办结剩余 23小时30分，预计 明日10:30 恢复" in listed
    story.after(5 * HOUR).resume().after(HOUR)
    assert first_line(story) == (
        "工程部到时未完成任务：10:00 受理，派单工程部，无人接单；10:30 因等配件暂停 5小时，剩余 30分钟，15:30 恢复；"
        "现超时 30分钟，还没有上移。"
    )


def test_the_duty_that_no_hold_stops_is_told_in_the_hours_of_its_rule() -> None:
    story = Story().dispatch(due_in=2 * DAY).progress().after(HOUR).pause(until_in=3 * DAY).after(29 * HOUR)
    assert first_line(story) == (
        "24小时内未通报进展：昨日10:00 受理，派单工程部，无人接单；现超时 6小时，还没有上移。"
    )


def test_what_has_ended_says_that_nothing_runs() -> None:
    assert first_line(at_status(Story(), "closed")).startswith("已关闭：10:00 受理")
    assert first_line(at_status(Story(), "void")).endswith("没有在走的时限。")


def test_a_reopened_ticket_tells_of_this_round_alone() -> None:
    story = Story().dispatch().resolve().after(HOUR).follow_up(1, words="又漏了").after(25 * HOUR)
    line = first_line(story)
    assert "昨日11:00 重开" in line and "还没有派单" in line and "派单工程部" not in line


@given(st.sampled_from(sorted(ROADS)), st.integers(0, 60 * HOUR))
def test_the_sentence_is_about_the_clock_that_colours_the_board(status: str, later: int) -> None:
    story = at_status(Story(), status).after(later)
    runs = clocks(story.ticket, POLICY)
    run, shown = worst(runs, story.now), face(story.ticket, POLICY)
    red = story.now >= shown.due_at
    assert (run is not None and run.state(story.now) == "breached") == red
    line = first_line(story)
    assert line.count("\n") == 0 and line.endswith("。") and ("现超时" in line) == red
