"""A ticket is its log: what `fold` makes of events, and that it makes the same of them every time."""

from __future__ import annotations

import pytest

from frontdesk.domain.moves import Draft
from frontdesk.domain.tickets import Ticket, fold, undone
from frontdesk.domain.timing import DAY, HOUR, MINUTE
from tests.builders import NAME, PHONE, ROADS, TEN, UNIT, Story, at_status


@pytest.mark.parametrize("status", ROADS)
def test_each_road_leads_to_its_status(status: str) -> None:
    story = at_status(Story(), status)
    assert story.ticket.status == status
    assert story.ticket.open == (status not in ("closed", "void"))


def test_opening_keeps_who_said_what() -> None:
    ticket = Story(place="3 号梯", outcome="今天修好", case="B2").ticket
    assert (ticket.caller.name, ticket.caller.unit, ticket.caller.phone) == (NAME, UNIT, PHONE)
    assert (ticket.case_owner, ticket.opened_by, ticket.opened_at, ticket.version) == ("lin", "lin", TEN, 1)
    assert (ticket.place, ticket.outcome, ticket.case) == ("3 号梯", "今天修好", "B2")


def test_what_r_001_06_and_07_ask_for_and_is_missing_is_a_gap() -> None:
    story = Story()
    assert list(story.ticket.gaps) == ["时间", "地点", "期望解决方式"]
    story.correct({"place": "3 号梯", "happened": "早上八点", "outcome": "修好"})
    assert list(story.ticket.gaps) == []
    story.correct(sealed={"phone": ""})
    assert list(story.ticket.gaps) == ["联系方式"]


def test_an_anonymous_ticket_lacks_no_person() -> None:
    ticket = Story(anonymous=True).ticket
    assert ticket.caller.phone == "" and ticket.gaps == ("时间", "地点", "期望解决方式")


def test_correcting_one_thing_leaves_the_rest() -> None:
    story = Story().correct({"category": "工程维修-门禁"}, {"unit": "7栋3单元2605"})
    ticket = story.ticket
    assert (ticket.category, ticket.kind, ticket.text) == ("工程维修-门禁", "repair", "电梯停了")
    assert (ticket.caller.name, ticket.caller.unit, ticket.caller.phone) == (NAME, "7栋3单元2605", PHONE)


def test_several_departments_share_a_ticket() -> None:
    story = Story().dispatch("工程部").dispatch("保洁部").accept(task=2).after(HOUR).arrive(task=1)
    one, two = story.ticket.tasks
    assert (one.number, one.department, one.accepted_at, one.arrived_at) == (1, "工程部", None, TEN + HOUR)
    assert (two.number, two.department, two.accepted_at, two.arrived_at) == (2, "保洁部", TEN, None)
    assert story.ticket.department == "保洁部"
    story.resolve(task=1)
    assert story.ticket.status == "in_progress" and story.ticket.tasks[0].done_at == TEN + HOUR
    story.resolve()
    assert story.ticket.status == "resolved" and all(task.done_at for task in story.ticket.tasks)


def test_the_first_human_contact_is_the_first_response() -> None:
    written = Story(channel="wechat")
    for step in ("note", "dispatch", "accept", "arrive", "evidence", "escalate", "acknowledge", "transfer"):
        written.after(MINUTE).go(step)
        assert written.ticket.first_response_at is None, f"{step} is no contact with the owner"
    written.after(MINUTE).progress(told=False)
    assert written.ticket.first_response_at is None
    written.after(MINUTE).call(answered=False)
    assert written.ticket.first_response_at is None
    assert written.after(MINUTE).progress().ticket.first_response_at == written.now


@pytest.mark.parametrize(
    "channel, spoken", [("phone", True), ("walk_in", True), ("wechat", False), ("web", False)]
)
def test_a_call_or_a_visit_is_contact_at_once(channel: str, spoken: bool) -> None:
    assert Story(channel=channel).ticket.contacts == ((TEN,) if spoken else ())


def test_history_is_no_human_contact() -> None:
    assert Story(channel="phone", imported=True).ticket.contacts == ()


@pytest.mark.parametrize("step", ["call", "progress", "promise", "decline", "follow_up"])
def test_contact_keeps_an_open_reply_promise(step: str) -> None:
    story = Story().promise(due_in=DAY)
    if step in ("decline", "follow_up"):
        story.resolve()
    assert story.ticket.promises[0].kept_at is None
    story.after(HOUR).go(step)
    assert story.ticket.promises[0].kept_at == story.now


def test_only_doing_the_work_keeps_a_completion_date() -> None:
    story = Story().promise(due_in=DAY, completion=True).after(HOUR).progress()
    assert story.ticket.promises[0].kept_at is None
    story.after(HOUR).resolve()
    assert story.ticket.promises[0].kept(story.now) is True


def test_a_new_completion_date_in_time_replaces_the_old_one() -> None:
    story = Story().promise(due_in=DAY, completion=True).after(HOUR).promise(due_in=3 * DAY, completion=True)
    old, new = story.ticket.promises
    assert old.withdrawn and old.kept(story.now + 9 * DAY) is None
    assert not new.withdrawn and new.kept(story.now + 9 * DAY) is False


def test_a_new_completion_date_does_not_mend_the_one_already_broken() -> None:
    story = Story().promise(due_in=HOUR, completion=True).after(2 * HOUR).promise(due_in=DAY, completion=True)
    assert [p.kept(story.now) for p in story.ticket.promises] == [False, None]


def test_reopening_begins_a_cycle_and_keeps_the_earlier_ones() -> None:
    story = at_status(Story(), "closed").after(DAY).reopen().after(HOUR).resolve()
    first, second = story.ticket.cycles
    assert (first.started_at, first.closed_at, first.ground) == (TEN, TEN, "satisfied")
    assert (second.started_at, second.resolved_at, second.closed_at) == (TEN + DAY, TEN + DAY + HOUR, None)
    assert story.ticket.score is None, "the old stars are no answer about the new work"


def test_what_was_taken_back_has_not_happened() -> None:
    story = Story().dispatch().after(MINUTE).undo()
    assert (story.ticket.status, story.ticket.tasks, story.ticket.version) == ("new", (), 3)
    assert undone(story.log) == {2}
    assert story.dispatch().ticket.tasks[0].number == 1


def test_an_event_of_a_later_version_is_passed_over() -> None:
    story = Story().write(Draft("told_by_drone", {}))
    assert story.ticket == Story().ticket._replace(version=2)


def test_an_empty_log_is_an_empty_ticket() -> None:
    assert fold("261122-01", ()) == Ticket("261122-01")


def test_folding_is_pure() -> None:
    story = at_status(Story(), "closed")
    before = story.log
    assert fold(story.number, before) == fold(story.number, before)
    assert story.log is before
