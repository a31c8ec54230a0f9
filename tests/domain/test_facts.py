"""Facts: what a ticket's log says to the month and the day, step by step."""

from __future__ import annotations

import pytest

from frontdesk.domain.facts import Resolution, Span, TicketFacts, facts, unclosed
from frontdesk.domain.moves import Draft
from frontdesk.domain.timing import DAY, HOUR, MINUTE
from tests.builders import TEN, Story


def told(story: Story) -> TicketFacts:
    return facts(story.ticket, story.policy, "···04")


def test_open_ticket_is_one_span_without_an_end() -> None:
    found = told(Story())
    assert found.spans == (Span(TEN),)
    assert (found.number, found.unit, found.resolutions, found.scores) == ("261122-01", "···04", (), ())


def test_closing_ends_the_span_with_its_ground() -> None:
    found = told(
        Story().go("dispatch", "accept").after(HOUR).go("resolve").after(HOUR).go("follow_up", "close")
    )
    assert found.spans == (Span(TEN, TEN + 2 * HOUR, "satisfied"),)
    assert found.resolutions == (Resolution(TEN + HOUR, True),)
    assert found.scores == ((TEN + 2 * HOUR, 5),)


def test_reopening_a_closed_ticket_starts_the_next_span() -> None:
    story = Story().go("dispatch", "resolve", "follow_up").after(HOUR).go("close").after(DAY).go("reopen")
    assert told(story).spans == (Span(TEN, TEN + HOUR, "satisfied"), Span(TEN + HOUR + DAY))


def test_reopening_a_resolved_ticket_goes_on_with_its_span_and_both_results_count() -> None:
    story = (
        Story().go("dispatch").after(HOUR).go("resolve").after(HOUR).go("reopen").after(2 * DAY).go("resolve")
    )
    found = told(story)
    assert found.spans == (Span(TEN),)
    assert found.resolutions == (Resolution(TEN + HOUR, True), Resolution(TEN + 2 * HOUR + 2 * DAY, False))


def test_low_score_goes_up_and_stays_open() -> None:
    found = told(Story().go("dispatch", "resolve").after(HOUR).follow_up(2))
    assert found.spans == (Span(TEN),)
    assert found.scores == ((TEN + HOUR, 2),)
    assert found.escalations == ((TEN + HOUR, 1, "dissatisfied"),)


@pytest.mark.parametrize(("step", "ground"), [("void", "void"), ("merge", "merged")])
def test_mistake_and_duplicate_end_the_span(step: str, ground: str) -> None:
    assert told(Story().after(HOUR).go(step)).spans == (Span(TEN, TEN + HOUR, ground),)


def test_undone_closing_never_happened() -> None:
    story = Story().go("dispatch", "resolve", "follow_up").after(HOUR).go("close").after(MINUTE).go("undo")
    assert told(story).spans == (Span(TEN),)


def test_imported_ticket_is_closed_when_it_was_closed() -> None:
    story = Story(channel="import", imported=True).after(3 * DAY).write(Draft("closed", {"ground": "signed"}))
    found = told(story)
    assert found.spans == (Span(TEN, TEN + 3 * DAY, "signed"),)
    assert found.resolutions == (Resolution(TEN + 3 * DAY, False),)


def test_signature_counts_only_where_no_follow_up_has_scored() -> None:
    signed = Story().go("dispatch", "resolve").after(HOUR).close("signed", "业主现场签字")
    assert told(signed).signed == (TEN + HOUR,)
    asked = Story().go("dispatch", "resolve", "follow_up").after(HOUR).close("signed", "业主现场签字")
    assert told(asked).signed == ()


@pytest.mark.parametrize(("seconds", "on_time"), [(DAY - 1, True), (DAY, False)])
def test_on_time_is_strictly_before_the_limit(seconds: int, on_time: bool) -> None:
    assert told(Story().go("dispatch").after(seconds).go("resolve")).resolutions[0].on_time is on_time


def test_pause_gives_its_time_back() -> None:
    story = (
        Story().go("dispatch").after(HOUR).go("pause").after(DAY).go("resume").after(22 * HOUR).go("resolve")
    )
    assert told(story).resolutions[0].on_time is True


def test_agreed_date_still_judges_its_own_cycle_after_a_reopening() -> None:
    story = Story().go("dispatch").promise(5 * DAY, completion=True).after(4 * DAY).go("resolve")
    assert [done.on_time for done in told(story).resolutions] == [True]
    story.go("follow_up", "close").after(DAY).go("reopen").after(2 * DAY).go("resolve")
    assert [done.on_time for done in told(story).resolutions] == [True, False]


def test_date_agreed_after_a_reopening_does_not_excuse_what_was_late_before() -> None:
    story = Story().go("dispatch").after(2 * DAY).go("resolve", "follow_up", "close").after(HOUR).go("reopen")
    story.promise(5 * DAY, completion=True).after(4 * DAY).go("resolve")
    assert [done.on_time for done in told(story).resolutions] == [False, True]


def test_promise_kept_in_time() -> None:
    found = told(Story().promise(4 * HOUR).after(HOUR).progress())
    assert (found.kept, found.broken) == ((TEN + HOUR,), ())


@pytest.mark.parametrize("seconds", [4 * HOUR, 5 * HOUR])
def test_promise_kept_at_or_after_its_time_is_broken(seconds: int) -> None:
    found = told(Story().promise(4 * HOUR).after(seconds).progress())
    assert (found.kept, found.broken) == ((), (TEN + 4 * HOUR,))


def test_new_date_in_time_withdraws_the_old_one() -> None:
    story = Story().promise(4 * HOUR, completion=True).after(HOUR).promise(DAY, completion=True)
    found = told(story.after(HOUR).go("dispatch", "resolve"))
    assert (found.kept, found.broken) == ((TEN + 2 * HOUR,), ())


def test_new_date_too_late_does_not_mend_the_old_one() -> None:
    story = Story().promise(4 * HOUR, completion=True).after(5 * HOUR).promise(DAY, completion=True)
    assert told(story).broken[0] == TEN + 4 * HOUR


def test_void_ticket_owes_no_promise_that_was_not_due_yet() -> None:
    assert told(Story().promise(4 * HOUR).after(HOUR).void()).broken == ()
    assert told(Story().promise(4 * HOUR).after(5 * HOUR).void()).broken == (TEN + 4 * HOUR,)


def test_changes_name_every_moment_that_a_figure_counts() -> None:
    story = Story().promise(4 * HOUR).after(HOUR).go("dispatch", "escalate").after(HOUR).go("resolve")
    story.after(HOUR).go("follow_up").after(HOUR).go("close")
    hours = [(at - TEN) // HOUR for at in told(story).changes]
    assert sorted(hours) == [0, 1, 2, 3, 3, 4]


def test_unclosed_says_who_follows_what_is_owed_and_who_has_not_answered() -> None:
    story = Story().go("dispatch", "escalate").promise(4 * HOUR).after(2 * DAY)
    found = unclosed(story.ticket, story.policy, "···04", story.now)
    assert (found.follower, found.department, found.unit, found.sla) == ("lin", "工程部", "···04", "breached")
    assert (found.escalated_to, found.escalated_at, found.level) == ("客服主任", TEN, 1)
    assert found.promises == ((TEN + 4 * HOUR, "下午给您回话"),)
    story.acknowledge().progress()
    after = unclosed(story.ticket, story.policy, "···04", story.now)
    assert (after.escalated_to, after.escalated_at, after.promises) == ("", None, ())
