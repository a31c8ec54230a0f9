"""What time demands, read from the log alone: the same log demands the same, and what was done is not demanded again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.domain import duties, moves
from frontdesk.domain.duties import Duty, due, marks, next_at
from frontdesk.domain.moves import Draft
from frontdesk.domain.terms import STATUSES
from frontdesk.domain.timing import DAY, HOUR, MINUTE
from tests.builders import POLICY, TEN, Story, at_status


def demanded(story: Story) -> list[tuple[str, str, int]]:
    """(act, clock, level) of what is due now."""
    return [(duty.act, duty.clock, duty.level) for duty in due(story.ticket, POLICY, story.now)]


def attend(story: Story) -> Story:
    """Do what is due as the watcher does, with the marks it writes."""
    while found := due(story.ticket, POLICY, story.now):
        done = marks(found, story.now)
        if any(duty.act == "resume" for duty in found):
            story.resume()
        elif any(duty.act == "close" for duty in found):
            story.close("silence", "七日无再诉")
        elif up := [duty for duty in found if duty.act == "escalate"]:
            level = max(duty.level for duty in up)
            story.write(*moves.overdue(story.ticket, story.now, POLICY, level, "超时", done))
        else:
            story.write(*moves.remind("催办", done, {}))
    return story


def handled() -> Story:
    """A ticket somebody works on, so that the two-hour light is out."""
    return Story().go("dispatch", "accept")


def test_two_hours_without_anybody_go_up_and_a_day_without_an_end_goes_up() -> None:
    story = Story()
    assert next_at(story.ticket, POLICY) == TEN + 2 * HOUR
    assert demanded(story.after(2 * HOUR)) == [("escalate", "red_light", 1)]
    assert ("escalate", "resolution", 1) in demanded(handled().after(DAY))


def test_what_was_done_is_not_demanded_again_and_a_new_cycle_begins_anew() -> None:
    story = attend(handled().after(DAY)).acknowledge()
    assert demanded(story) == []
    again = story.after(HOUR).resolve().after(HOUR).reopen().after(DAY)
    assert ("escalate", "resolution", 1) in demanded(again)


def test_freescout_2674_a_ladder_runs_on_and_runs_again() -> None:
    """A ladder that has run once runs again after a reopening, and goes on rung by rung while nobody answers."""
    story = attend(handled().after(DAY))
    assert story.ticket.level == 1
    for level, wait in ((2, 10 * MINUTE), (3, 15 * MINUTE)):
        attend(story.after(wait))
        assert story.ticket.level == level
    top = len(story.ticket.escalations)
    attend(story.after(4 * HOUR))
    attend(story.after(4 * HOUR))
    assert len(story.ticket.escalations) == top, "the top is reminded, not called anew"
    assert story.log[-1].kind == "reminded" and demanded(story) == []
    story.acknowledge().resolve().reopen()
    attend(story.after(DAY))
    assert story.ticket.escalations[-1].cause == "breach" and len(story.ticket.escalations) == top + 1


def test_the_next_rung_is_called_two_days_later_although_the_first_has_answered() -> None:
    story = attend(handled().after(DAY)).acknowledge()
    attend(story.after(2 * DAY - MINUTE).progress())
    assert story.ticket.level == 1
    attend(story.after(MINUTE))
    assert story.ticket.level == 2
    story.acknowledge()
    attend(story.after(2 * DAY))
    assert story.ticket.level == 3


def test_a_rung_that_was_called_by_hand_hears_of_the_breach_too() -> None:
    story = handled().escalate(2).acknowledge().after(DAY)
    attend(story)
    assert [(step.cause, step.level) for step in story.ticket.escalations] == [("manual", 2), ("breach", 2)]


def test_a_night_off_is_caught_up_in_one_step() -> None:
    story = attend(Story(priority="urgent").after(9 * HOUR))
    assert [event.kind for event in story.log] == ["opened", "escalated"]
    assert demanded(story) == []


def test_an_emergency_that_nobody_reports_on_is_reminded_every_ten_minutes() -> None:
    story = Story(priority="urgent").go("dispatch", "accept", "arrive")
    told = 0
    for _ in range(3):
        attend(story.after(10 * MINUTE))
        told += story.log[-1].kind == "reminded"
    assert told >= 2
    soon = story.progress().now + 10 * MINUTE
    assert "progress" not in [duty.clock for duty in due(story.ticket, POLICY, soon - 1)]
    assert "progress" in [duty.clock for duty in due(story.ticket, POLICY, soon)]


def test_who_promised_is_reminded_before_and_at_the_hour() -> None:
    story = handled().promise(due_in=100 * MINUTE)
    attend(story.after(80 * MINUTE))
    assert story.log[-1].kind == "reminded" and "near:promise" in next(iter(story.log[-1].data["done"]))
    attend(story.after(19 * MINUTE))
    count = len(story.log)
    attend(story.after(MINUTE))
    assert len(story.log) == count + 1
    assert demanded(story) == []


def test_a_hold_ends_at_its_hour_and_the_clock_goes_on_from_there() -> None:
    story = handled().after(HOUR).pause(until_in=3 * HOUR)
    assert next_at(story.ticket, POLICY) == story.now + 3 * HOUR, "no reminder of what is held (glpi #7946)"
    attend(story.after(3 * HOUR))
    assert not story.ticket.paused
    assert story.clock("resolution").due_at == TEN + DAY + 3 * HOUR


def test_seven_quiet_days_close_and_a_repeat_begins_them_anew() -> None:
    story = handled().resolve().decline()
    quiet = story.now
    assert next_at(story.ticket, POLICY) == quiet + 7 * DAY
    story.after(3 * DAY).write(*moves.remind("同户同类再诉", {}, {}, repeated_at=story.now))
    assert next_at(story.ticket, POLICY) == quiet + 10 * DAY
    assert attend(story.after(7 * DAY)).ticket.status == "closed"


def test_a_log_from_before_the_marks_does_not_go_up_twice() -> None:
    old = {"level": 1, "to": "客服主任", "cause": "breach", "reason": "", "consent": "", "summary": ""}
    story = handled().after(DAY).write(Draft("escalated", old)).acknowledge()
    assert ("escalate", "resolution", 1) not in demanded(story)


def test_nothing_is_demanded_of_what_has_ended() -> None:
    for status in ("closed", "void"):
        story = at_status(Story(), status)
        assert duties.duties(story.ticket, POLICY) == [] and next_at(story.ticket, POLICY) is None


def test_a_follow_up_that_is_owed_is_reminded() -> None:
    story = handled().resolve().after(DAY)
    assert demanded(story) == [("remind", "follow_up", 0)]


@given(
    st.sampled_from(sorted(STATUSES)),
    st.lists(st.integers(1, 3 * DAY), min_size=1, max_size=7),
    st.booleans(),
)
def test_attending_twice_is_attending_once_and_the_next_duty_lies_ahead(
    status: str, waits: list[int], urgent: bool
) -> None:
    story: Story = at_status(Story(priority="urgent" if urgent else "normal"), status)
    for wait in waits:
        attend(story.after(wait))
        count = len(story.log)
        attend(story)
        assert len(story.log) == count
        following = next_at(story.ticket, POLICY)
        assert following is None or following > story.now


@given(st.integers(1, 40), st.integers(1, 600))
def test_a_repeated_duty_is_caught_up_with_in_one_mark(step: int, late: int) -> None:
    duty = Duty(TEN, "remind", "progress:1", step, "progress", "", every=600)
    reached = duty.done(TEN + late * 60)
    assert TEN + (reached - step + 1) * 600 > TEN + late * 60 >= TEN + (reached - step) * 600
