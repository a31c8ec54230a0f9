"""The morning view: what the night was, what today owes, who follows what (R-000-05)."""

from __future__ import annotations

from frontdesk.domain.morning import MOST, Night, morning, morning_text, night
from frontdesk.domain.timing import DAY, HOUR, MINUTE, Instant
from tests.builders import POLICY, TEN, Story

SINCE, MORNING = TEN, TEN + 12 * HOUR


def text(*stories: Story, now: Instant = MORNING, handover: str = "夜班没有签交接。") -> str:
    found = [(story.ticket._replace(case_owner="小林"), POLICY, "**04") for story in stories]
    return morning_text(morning("云栖苑", found, SINCE, now, handover))


def test_the_night_counts_what_began_ended_and_went_red_in_it() -> None:
    story = Story(at=TEN + HOUR)
    assert night(story.ticket, POLICY, SINCE, MORNING) == Night(1, 0, 1), "two hours unhandled"
    assert night(story.ticket, POLICY, SINCE, TEN + 2 * HOUR) == Night(1, 0, 0)
    assert night(story.ticket, POLICY, MORNING, MORNING + HOUR).opened == 0
    story.after(HOUR).go("dispatch", "accept", "resolve", "follow_up", "close")
    assert night(story.ticket, POLICY, SINCE, MORNING) == Night(1, 1, 0)
    assert night(Story(at=TEN).void().ticket, POLICY, SINCE, MORNING) == Night(1, 1, 0)


def test_a_limit_is_counted_in_the_night_in_which_it_passed_and_only_there() -> None:
    story = Story(at=TEN)
    due = story.clock("red_light").due_at
    windows = [(SINCE, due), (due, due + 1), (due + 1, MORNING)]
    assert [night(story.ticket, POLICY, *window).breached for window in windows] == [0, 1, 0]


def test_the_message_names_followers_promises_and_the_handover() -> None:
    story = Story(at=TEN).promise(due_in=13 * HOUR)
    told = text(story, handover="老周 08:20 交 7 件，小林 08:29 接。")
    assert "受理 1 件，结束 0 件" in told
    assert "今天到期的承诺 1 个：" in told and "23:00 261122-01 下午给您回话（小林）" in told
    assert "小林 跟进：" in told and "**04 电梯停了" in told
    assert told.endswith("交接班：老周 08:20 交 7 件，小林 08:29 接。")


def test_a_promise_of_another_day_is_not_today_s_and_an_overdue_one_is() -> None:
    assert "今天没有到期的承诺。" in text(Story(at=TEN).promise(due_in=3 * DAY))
    assert "下午给您回话（小林，已过）" in text(Story(at=TEN).promise(due_in=HOUR))


def test_an_escalation_without_an_answer_is_told() -> None:
    told = text(Story(at=TEN + MINUTE).escalate())
    assert "上移没有人接 1 件：" in told and "10:01 上移至客服主任（小林 跟进）" in told


def test_a_quiet_night_is_one_and_a_long_list_is_cut() -> None:
    assert "未闭环 0 件，其中超时 0 件。" in text()
    told = text(*[Story(at=TEN) for _ in range(MOST + 3)])
    assert "另有 3 件" in told and told.count("电梯停了") == MOST
