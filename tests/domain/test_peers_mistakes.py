"""What other help desks got wrong about clocks, each with the issue in which somebody paid for it.

Those about calendars alone are in test_calendar; the change of rules (glpi #6902) also in tests/desk/test_policy_versions.
"""

from __future__ import annotations

from datetime import datetime

from frontdesk.domain.duties import duties
from frontdesk.domain.explain import explain
from frontdesk.domain.moves import Draft
from frontdesk.domain.sla import clocks, face
from frontdesk.domain.timing import DAY, HOUR, MINUTE, instant
from tests.builders import POLICY, TEN, Story
from tests.domain.test_sla_working_time import OFFICE


def test_zammad_5177_the_next_update_does_not_override_the_first_response() -> None:
    story = Story(channel="wechat")
    first, update = story.clock("first_response"), story.clock("progress")
    assert (first.due_at, update.due_at) == (TEN + 15 * MINUTE, TEN + DAY)
    assert face(story.ticket, POLICY).due_kind == "first_response"
    story.after(20 * MINUTE).progress()
    assert story.clock("first_response") == first._replace(met_at=story.now), "late stays late"
    assert story.clock("progress").due_at == story.now + DAY
    inner = Story(channel="wechat")
    for step in ("note", "dispatch", "accept", "pause", "resume", "escalate", "transfer"):
        assert inner.after(MINUTE).go(step).clock("first_response") == first, step


def test_zammad_188_a_reopened_ticket_starts_anew_and_keeps_what_was() -> None:
    story = Story().after(2 * HOUR).resolve().after(HOUR).follow_up().close().after(9 * DAY).reopen()
    old, new = story.clocks("resolution")
    assert (old.started_at, old.due_at, old.met_at) == (TEN, TEN + DAY, TEN + 2 * HOUR)
    assert (new.started_at, new.due_at, new.state(story.now)) == (story.now, story.now + DAY, "running")
    assert story.sla == "on_track", "nine closed days are no delay"
    assert story.clock("progress").started_at == story.now
    (up,) = [duty for duty in duties(story.ticket, POLICY) if duty.clock == "resolution"]
    assert up.at == story.now + DAY


def test_frappe_helpdesk_3776_resolved_from_a_hold_the_hold_counts() -> None:
    story = Story().after(20 * HOUR).dispatch(due_in=9 * DAY).pause().after(30 * HOUR).resume().resolve()
    run = story.clock("resolution")
    assert (run.due_at, run.state(story.now)) == (TEN + DAY + 30 * HOUR, "met")
    # What resolves a held ticket ends the hold at that moment, and the whole hold counts.
    held = Story().after(20 * HOUR).dispatch(due_in=9 * DAY).pause().after(30 * HOUR)
    held.write(Draft("resolved", {"note": "好了", "task": 1}))
    run = held.clock("resolution")
    assert (run.due_at, run.state(held.now), held.ticket.paused) == (TEN + DAY + 30 * HOUR, "met", False)


def test_erpnext_47884_each_hold_is_counted_once() -> None:
    story = Story().after(HOUR).pause().after(2 * HOUR).resume().after(HOUR).pause().after(3 * HOUR).resume()
    assert story.clock("resolution").due_at == TEN + DAY + 5 * HOUR
    assert story.clock("red_light").due_at == TEN + 2 * HOUR + 2 * HOUR, (
        "the second hold came after it was due"
    )
    # A hold that goes on is not in the due time yet, whatever is written meanwhile.
    story.after(HOUR).pause().after(HOUR).note().after(HOUR).progress()
    run = story.clock("resolution")
    assert (run.held, run.due_at) == (True, TEN + DAY + 5 * HOUR)


def test_glpi_7946_nothing_expires_while_it_is_held() -> None:
    story = Story().dispatch(due_in=99 * DAY).accept().after(HOUR).pause(until_in=20 * DAY)
    for _ in range(10):
        story.after(23 * HOUR).progress()
        assert (story.state("resolution"), story.sla) == ("paused", "paused")
        acts = [
            duty.act
            for duty in duties(story.ticket, POLICY)
            if duty.clock in ("resolution", "red_light", "task")
        ]
        assert acts == ["resume"], "all that time demands of it is that the hold ends at its hour"
    story.resume()
    (up,) = [duty for duty in duties(story.ticket, POLICY) if duty.clock == "resolution"]
    assert up.at == story.now + 23 * HOUR


def test_glpi_6902_other_rules_keep_the_holds() -> None:
    story = Story().after(HOUR).pause().after(5 * HOUR).resume().after(HOUR)
    stricter = POLICY._replace(
        version="0123456789ab",
        targets={**POLICY.targets, "resolution": POLICY.targets["resolution"]._replace(seconds=8 * HOUR)},
    )
    story.rebase(stricter)
    assert story.ticket.policy == "0123456789ab"
    assert story.clock("resolution").due_at == TEN + 8 * HOUR + 5 * HOUR
    assert story.clock("resolution").started_at == TEN


def test_zendesk_biz_103_a_due_time_lands_on_the_worked_saturday() -> None:
    story = Story(at=instant(datetime(2026, 10, 9, 16)), policy=OFFICE)
    # Friday from four to five, then Saturday the 10th, worked for the National Day holiday.
    assert story.clock("resolution").due_at == instant(datetime(2026, 10, 10, 16))


def test_glpi_6835_a_due_time_knows_the_half_day() -> None:
    story = Story(at=instant(datetime(2026, 11, 27, 16)), policy=OFFICE)
    # One hour on Friday, three on Saturday morning, three on Monday.
    assert story.clock("resolution").due_at == instant(datetime(2026, 11, 30, 11, 30))


def test_chatwoot_14009_a_due_time_knows_the_lunch_break() -> None:
    story = Story(at=instant(datetime(2026, 11, 23, 11)), policy=OFFICE)
    assert story.clock("resolution").due_at == instant(datetime(2026, 11, 24, 11))


def test_zammad_3180_a_day_is_1440_minutes_whichever_night_it_spans() -> None:
    for day in (datetime(2028, 2, 28), datetime(2028, 2, 29), datetime(2026, 12, 31)):
        start = instant(day.replace(hour=23, minute=59))
        run = Story(at=start).clock("resolution")
        assert run.due_at - start == 1440 * MINUTE
        assert run.state(start + 1440 * MINUTE - 1) == "at_risk"
        assert run.state(start + 1440 * MINUTE) == "breached"


def test_the_reason_is_told_with_the_calendar_and_what_was_left() -> None:
    story = Story(at=instant(datetime(2026, 11, 23, 11)), policy=OFFICE).after(HOUR // 2).pause()
    story.after(4 * HOUR).resume()
    words = explain(story.ticket, OFFICE, story.now)
    assert "办结（T3，按日历 office）" in words
    assert "2小时处理剩余 1小时30分，办结剩余 6小时30分，15:30 恢复" in words
    assert all(run.calendar in ("", "office") for run in clocks(story.ticket, OFFICE))
