"""What a day's summary tells beside its figures, from the ticket's own log."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.day import (
    NO_CALLS,
    OpenLine,
    Ring,
    broken_promises,
    emergency,
    tally_calls,
    unclosed_line,
)
from frontdesk.domain.facts import facts, unclosed
from frontdesk.domain.sla import face
from frontdesk.domain.timing import DAY, HOUR, MINUTE, day_start
from tests.builders import POLICY, ROADS, TEN, Story, at_status


def cached(story: Story) -> OpenLine:
    """What the store's cache holds of the ticket."""
    ticket, shown = story.ticket, face(story.ticket, POLICY)
    return OpenLine(
        *(1, ticket.number, ticket.title, None, ticket.category, ticket.priority, ticket.status),
        *(shown.base, shown.due_kind, shown.due_at, shown.risk_at),
        *(ticket.level, ticket.department, ticket.case_owner, ticket.opened_at),
    )


@pytest.mark.parametrize("status", [status for status in ROADS if status not in ("closed", "void")])
@pytest.mark.parametrize("later", [0, 3 * HOUR, 2 * DAY])
def test_the_cache_says_the_same_as_the_log(status: str, later: int) -> None:
    story = at_status(Story(), status).after(later)
    told = story.ticket if status == "resolved" else None
    line = unclosed_line(cached(story), told, "**04", story.ticket.case_owner, story.now)
    assert line == unclosed(story.ticket, POLICY, "**04", story.now)


@pytest.mark.parametrize(
    "steps",
    [
        ("dispatch", "promise"),
        ("dispatch", "escalate"),
        ("dispatch", "escalate", "acknowledge", "escalate"),
        ("dispatch", "accept", "resolve", "decline"),
        ("dispatch", "accept", "resolve", "follow_up"),
    ],
)
def test_a_log_with_something_to_tell_is_told_whole(steps: tuple[str, ...]) -> None:
    story = Story()
    for step in steps:
        story.after(5 * MINUTE).go(step)
    story.after(DAY)
    line = unclosed_line(cached(story), story.ticket, "**04", story.ticket.case_owner, story.now)
    assert line == unclosed(story.ticket, POLICY, "**04", story.now)


def test_an_emergency_knows_when_somebody_was_there_and_when_it_was_over() -> None:
    story = Story(priority="urgent").after(9 * MINUTE).go("dispatch", "accept", "arrive")
    open_one = emergency(story.ticket, "**04", "小林")
    assert open_one is not None and open_one.open
    assert (open_one.since, open_one.arrived_at, open_one.resolved_at) == (TEN, TEN + 9 * MINUTE, None)
    over = emergency(story.after(HOUR).resolve().ticket, "**04", "小林")
    assert over is not None and over.resolved_at == TEN + HOUR + 9 * MINUTE


def test_an_ordinary_ticket_and_a_mistake_are_no_emergency() -> None:
    assert emergency(Story().ticket, "", "") is None
    assert emergency(Story(priority="urgent").void().ticket, "", "") is None


def test_a_broken_promise_is_told_on_the_day_it_fell_due_with_what_became_of_it() -> None:
    story = Story().promise(2 * HOUR).promise(3 * HOUR).after(2 * HOUR).progress()
    start = day_start(TEN)

    def told(end: int) -> list[tuple[int, int | None]]:
        ticket = story.ticket
        found = broken_promises(ticket, facts(ticket, POLICY, ""), "小林", start, end)
        return [(each.due_at, each.kept_at) for each in found]

    # Said at the very second it was due: too late for the first, in time for the second. A new promise is contact too.
    assert [due for due, _ in told(TEN + DAY)] == [due for due in facts(story.ticket, POLICY, "").broken]
    late = Story().promise(2 * HOUR).after(3 * HOUR).progress()
    found = list(
        broken_promises(late.ticket, facts(late.ticket, POLICY, ""), "小林", start, TEN + 2 * HOUR + 1)
    )
    assert [(each.due_at, each.kept_at) for each in found] == [(TEN + 2 * HOUR, TEN + 3 * HOUR)]
    assert not list(
        broken_promises(late.ticket, facts(late.ticket, POLICY, ""), "小林", start, TEN + 2 * HOUR)
    )


def test_a_promise_of_a_ticket_opened_by_mistake_is_not_told() -> None:
    story = Story().promise(HOUR).after(2 * HOUR).void()
    assert not list(
        broken_promises(story.ticket, facts(story.ticket, POLICY, ""), "", day_start(TEN), TEN + DAY)
    )


def test_calls_are_answered_within_three_rings_later_missed_or_still_ringing() -> None:
    now = TEN + HOUR
    rings = [
        Ring(TEN, TEN + 15, "a"),
        Ring(TEN, TEN + 16, "b"),
        Ring(TEN, TEN + 59, "c"),
        Ring(TEN, TEN + 60, "d"),  # called back
        Ring(TEN + 1, None, "e"),
        Ring(TEN, TEN + 2 * HOUR, "f"),  # called back later than now: not yet
        Ring(now - 59, None, "g"),
        Ring(now - 60, None, "h"),
        Ring(TEN, None, "i", True),
        Ring(now - 1, None, "j", True),
    ]
    found = tally_calls(rings, now)
    assert (found.answered, found.quick, found.missed, found.ringing, found.total) == (3, 1, 6, 1, 10)
    assert [ring.phone for ring in found.unreturned] == ["f", "e", "h"]
    assert tally_calls([], now) == NO_CALLS


@settings(derandomize=True, max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(TEN, TEN + DAY), st.none() | st.integers(0, 3 * HOUR))),
    st.integers(TEN, TEN + DAY),
)
def test_every_call_is_counted_once_in_any_order(raw: list[tuple[int, int | None]], now: int) -> None:
    rings = [Ring(at, None if wait is None else at + wait) for at, wait in raw if at <= now]
    found = tally_calls(rings, now)
    assert found.total == len(rings) and found.quick <= found.answered
    assert len(found.unreturned) <= found.missed
    assert tally_calls(rings[::-1], now) == found
