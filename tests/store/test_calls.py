"""Calls: one ring each, one who lifts it, and what is known of a number (issue: item 4)."""

from __future__ import annotations

import pytest

from frontdesk.domain.errors import BadInput, Refused
from frontdesk.domain.people import Resident
from frontdesk.domain.timing import DAY, HOUR, MINUTE
from frontdesk.store.people import People
from tests.builders import NAME, PHONE, TEN, UNIT, House


def settle_in(house: House, *residents: Resident) -> None:
    access = house.desk()._access
    People(access.db, access.cipher).put(residents, TEN)


def owner(name: str = NAME, unit: str = UNIT, *phones: str) -> Resident:
    return Resident(name=name, phones=phones or (PHONE,), unit=unit, tags=("夜班族",), moved_in=None, note="")


@pytest.mark.parametrize(
    "spelt", [PHONE, "+86 199 0000 4821", "0086-19900004821", "019900004821", "199-0000-4821"]
)
def test_any_spelling_of_a_number_finds_its_owner_masked(house: House, spelt: str) -> None:
    settle_in(house, owner())
    agent = house.desk("wang", "agent")
    card = agent.calls.ring(spelt)
    (found,) = card.owners
    assert (found.name, found.unit, found.tags) == ("林**", "**04", ("夜班族",))
    assert card.shown == "199****4821"


def test_a_number_of_several_owners_shows_them_all(house: House) -> None:
    settle_in(house, owner(), owner("周砚秋", "7栋3单元2605"))
    card = house.desk().calls.ring(PHONE)
    assert [found.name for found in card.owners] == ["林**", "周**"]
    assert "2位业主共用" in card.headline


@pytest.mark.parametrize("spelt, kind", [("", "hidden"), ("anonymous", "hidden"), ("19900009999", "mobile")])
def test_hidden_and_unknown_numbers_are_shown_for_what_they_are(house: House, spelt: str, kind: str) -> None:
    card = house.desk().calls.ring(spelt)
    assert (card.kind, card.owners) == (kind, ())


def test_one_call_of_the_exchange_is_one_call(house: House) -> None:
    desk = house.desk()
    assert desk.calls.ring(PHONE, uid="1.7").call_id == desk.calls.ring(PHONE, uid="1.7").call_id
    assert len(desk.calls.list()) == 1


def test_a_call_cannot_come_from_the_future(house: House) -> None:
    with pytest.raises(BadInput, match="还没到"):
        house.desk().calls.ring(PHONE, at=TEN + 1)


def test_only_one_lifts_a_call(house: House) -> None:
    mine, other = house.desk(), house.desk("wang", "agent")
    call = mine.calls.ring(PHONE).call_id
    assert other.calls.answer(call).state == "answered"
    with pytest.raises(Refused, match="wang 已处理"):
        mine.calls.answer(call)
    other.calls.done(call)
    assert mine.calls.live() == ()
    with pytest.raises(Refused, match="没有编号 99"):
        mine.calls.answer(99)


def test_a_ring_that_nobody_answers_is_missed_and_waits_to_be_called_back(house: House) -> None:
    desk = house.desk()
    call = desk.calls.ring(PHONE).call_id
    house.time.forward(MINUTE)
    assert desk.calls.card(call).state == "missed"
    assert [line.state for line in desk.calls.live()] == ["missed"]
    assert desk.calls.answer(call).state == "answered"


def test_a_missed_call_that_is_dealt_with_was_not_answered(house: House) -> None:
    desk = house.desk()
    missed, rung_out, lifted = (desk.calls.ring(PHONE).call_id for _ in range(3))
    desk.calls.answer(lifted)
    desk.calls.miss(missed)
    desk.calls.done(missed)
    with pytest.raises(Refused, match="已不在等待中"):
        desk.calls.done(rung_out)
    house.time.forward(MINUTE)
    desk.calls.done(rung_out)
    desk.calls.done(lifted)
    assert desk.calls.live() == ()
    told = {line.id: (line.answered_by, line.seen_to_by, line.picked_up) for line in desk.calls.list()}
    assert told == {missed: ("", "lin", "late"), rung_out: ("", "lin", "late"), lifted: ("lin", "", "met")}
    day = desk.reports.summary(None, outside=False).calls
    assert (day.answered, day.quick, day.missed, day.unreturned) == (1, 1, 2, ())
    assert [(hour.answered, hour.missed) for hour in desk.dashboard.read().hours if hour.missed] == [(1, 2)]


def test_the_card_counts_thirty_days_of_calls_and_lists_open_tickets(house: House) -> None:
    desk = house.desk()
    house.time.forward(40 * DAY)
    for ago in (31 * DAY, 29 * DAY, HOUR):
        desk.calls.ring(PHONE, at=house.time.now - ago)
    case = house.open(desk)
    house.open(desk).void()
    card = desk.calls.ring(PHONE)
    assert card.calls_30_days == 3
    assert [number for number, _ in card.open_tickets] == [case.number]


def test_the_card_says_whether_the_last_promise_was_kept(house: House) -> None:
    desk = house.desk()
    assert desk.calls.ring(PHONE).last_promise == ""
    case = house.open(desk).promise(due_in=HOUR)
    assert desk.calls.ring(PHONE).last_promise == "", "not due yet"
    case.after(2 * HOUR)
    assert desk.calls.ring(PHONE).last_promise == "上次承诺失约"
    case.progress().promise(due_in=HOUR).after(MINUTE).progress()
    assert desk.calls.ring(PHONE).last_promise == "上次承诺守约，近2次守约1次"


def test_a_new_date_after_a_broken_one_is_no_kept_promise(house: House) -> None:
    desk = house.desk()
    house.open(desk).promise(due_in=HOUR, completion=True).after(2 * HOUR).promise(
        due_in=DAY, completion=True
    )
    assert desk.calls.ring(PHONE).last_promise.startswith("上次承诺失约")


def test_a_ticket_opened_from_a_call_knows_the_caller_and_ends_the_call(house: House) -> None:
    settle_in(house, owner())
    desk = house.desk()
    call = desk.calls.ring(PHONE).call_id
    desk.calls.answer(call)
    case = house.open(desk, name="", unit="", phone="", call_id=call)
    ticket = desk._access.tickets.load(case.view.id).ticket
    assert (ticket.caller.name, ticket.caller.unit, ticket.caller.phone) == (NAME, UNIT, PHONE)
    assert desk.calls.card(call).ticket == case.number
    assert desk.calls.live() == ()


def test_a_call_is_attached_once_and_an_answered_one_is_contact(house: House) -> None:
    desk = house.desk()
    case = house.open(desk, channel="web")
    ringing = desk.calls.ring(PHONE).call_id
    desk.tickets.attach_call(case.number, ringing)
    assert desk._access.tickets.load(case.view.id).ticket.first_response_at is None
    case.call()
    assert desk._access.tickets.load(case.view.id).ticket.first_response_at == TEN
    with pytest.raises(Refused, match="已经关联"):
        desk.tickets.attach_call(case.number, ringing)
