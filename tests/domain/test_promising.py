"""A promise without a date, one that lies far ahead (T12, T13, T14), and one whose sentence was changed or deleted."""

from __future__ import annotations

from datetime import datetime

import pytest

from frontdesk.domain import moves
from frontdesk.domain.promising import standing
from frontdesk.domain.record import words
from frontdesk.domain.timing import DAY, HOUR, instant
from tests.builders import TEN, Story


def promised(story: Story, due_at: int | None, completion: bool) -> Story:
    return story.write(*moves.promise(story.ticket, story.now, "给您回话", due_at, completion))


@pytest.mark.parametrize("hour, minute", [(0, 0), (10, 0), (23, 59)])
def test_what_was_agreed_without_a_date_is_done_the_same_day(hour: int, minute: int) -> None:
    story = promised(Story(at=instant(datetime(2026, 11, 22, hour, minute))), None, completion=True)
    run = story.clock("resolution")
    assert (run.due_at, run.source) == (instant(datetime(2026, 11, 23)), "X1")
    assert run.state(run.due_at - 1) == "at_risk" and run.state(run.due_at) == "breached"


def test_a_reply_without_a_time_comes_within_a_day() -> None:
    story = promised(Story(), None, completion=False)
    assert story.clock("promise").due_at == TEN + DAY
    assert "需说明" not in words(story.log[-1], TEN)


@pytest.mark.parametrize(
    "ahead, completion, named",
    [(DAY, False, False), (DAY + 1, False, True), (3 * DAY, False, True), (3 * DAY, True, False)],
)
def test_a_reply_later_than_a_day_is_taken_and_named(ahead: int, completion: bool, named: bool) -> None:
    story = promised(Story(), TEN + ahead, completion)
    assert story.clocks("promise")[0].due_at == TEN + ahead
    assert ("超过 24 小时，需说明" in words(story.log[-1], TEN)) is named


def test_a_new_date_leaves_the_old_one_in_the_ledger() -> None:
    story = promised(Story(), TEN + HOUR, completion=True).after(HOUR // 2)
    promised(story, None, completion=True)
    assert [run.cancelled for run in story.clocks("promise")] == [True, False]


VISIT = ("师傅今天16:30前到，到之前给您打电话。", instant(datetime(2026, 11, 22, 16, 30)))
REPLY = ("今天16:30前我给您回话。", VISIT[1])
LATER = ("11月25日9:00前修好。", instant(datetime(2026, 11, 25, 9, 0)))


@pytest.mark.parametrize(
    "record, left",
    [
        (f"{VISIT[0]}\n{LATER[0]}", [VISIT, LATER]),
        ("", []),
        ("业主说不用来了", []),
        ("王师傅今天16:30前上门，先打电话", [VISIT]),
        (VISIT[0].replace("今天16:30", "今天17:30"), []),
        (VISIT[0].replace("今天16:30", "明天16:30"), []),
    ],
)
def test_a_pledge_stands_as_long_as_the_record_tells_its_time(
    record: str, left: list[tuple[str, int]]
) -> None:
    assert standing(record, [VISIT, LATER]) == left


def test_of_two_sentences_with_the_same_time_the_one_that_was_deleted_pledges_nothing() -> None:
    assert standing(REPLY[0], [VISIT, REPLY]) == [REPLY]
    assert standing(f"{REPLY[0]}{REPLY[0]}", [REPLY, REPLY]) == [REPLY, REPLY]
    assert standing(REPLY[0], [REPLY, REPLY]) == [REPLY]
