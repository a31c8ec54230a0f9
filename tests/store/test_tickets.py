"""Tickets in the store: one transaction for everything a step writes, one number each, nobody's work lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from frontdesk.domain import moves
from frontdesk.domain.errors import Conflict, Refused, StoreTrouble
from frontdesk.domain.moves import Draft
from frontdesk.domain.sla import FAR
from frontdesk.domain.timing import DAY, HOUR, MINUTE, instant, local
from frontdesk.store.notices import NoticeDraft
from frontdesk.store.tickets import Log, Step, Tickets
from tests.builders import POLICY, TEN, UNIT, Case, House

NOTE = (Draft("noted", {"note": "记一笔"}),)
LETTER = (NoticeDraft("escalated", "客服主任", "请回复「接」"),)


@pytest.fixture
def case(house: House) -> Case:
    return house.open()


@pytest.fixture
def store(case: Case) -> Tickets:
    return case.desk._access.tickets


def load(case: Case) -> Log:
    store = case.desk._access.tickets
    return store.load(store.find(case.number))


def everything(case: Case) -> list[tuple[object, ...]]:
    with case.desk._access.db.read() as conn:
        tables = [
            row[0]
            for row in conn.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
            )
        ]
        return [(table, *row) for table in sorted(tables) for row in conn.execute(f"SELECT * FROM {table}")]


def test_what_is_written_is_what_is_read(case: Case, store: Tickets) -> None:
    log = load(case)
    store.append(log, Step(TEN + 5, "wang", NOTE, POLICY))
    newest = load(case)
    assert newest.events[:-1] == log.events
    last = newest.events[-1]
    assert (last.seq, last.at, last.by, last.kind, last.data) == (
        2,
        TEN + 5,
        "wang",
        "noted",
        {"note": "记一笔"},
    )
    assert newest.ticket.caller.unit == UNIT
    assert store.load(log.id, unseal=False).ticket.caller.unit == ""


def test_the_slower_of_two_is_told_what_the_quicker_did(case: Case, store: Tickets) -> None:
    log = load(case)
    store.append(log, Step(TEN, "wang", moves.transfer(log.ticket, TEN, "wang", "交班"), POLICY))
    before = everything(case)
    with pytest.raises(Conflict, match="wang转交"):
        store.append(log, Step(TEN, "lin", NOTE, POLICY))
    assert everything(case) == before


def boom(_conn: sqlite3.Connection) -> None:
    raise ZeroDivisionError


def half(conn: sqlite3.Connection) -> None:
    conn.execute("DELETE FROM operator")
    conn.execute("INSERT INTO no_such_table VALUES (1)")


@pytest.mark.parametrize("also, error", [(boom, ZeroDivisionError), (half, StoreTrouble)])
def test_event_notice_and_whatever_goes_with_them_are_one_transaction(
    case: Case, store: Tickets, also: Callable[[sqlite3.Connection], None], error: type[Exception]
) -> None:
    log, before = load(case), everything(case)
    up = moves.escalate(log.ticket, TEN, POLICY, level=None, reason="业主要求", consent="同意")
    with pytest.raises(error):
        store.append(log, Step(TEN, "lin", up, POLICY, LETTER, also))
    assert everything(case) == before
    store.append(log, Step(TEN, "lin", up, POLICY, LETTER))
    assert {row[0] for row in set(everything(case)) - set(before)} == {"event", "notice", "ticket"}


def test_a_notice_that_cannot_be_written_takes_the_escalation_back(case: Case, store: Tickets) -> None:
    log, before = load(case), everything(case)
    up = moves.escalate(log.ticket, TEN, POLICY, level=None, reason="业主要求", consent="同意")
    broken = NoticeDraft("escalated", None, "无收件人")  # type: ignore[arg-type]
    with pytest.raises(StoreTrouble):
        store.append(log, Step(TEN, "lin", up, POLICY, (*LETTER, broken)))
    assert everything(case) == before


def test_opening_is_one_transaction_and_gives_its_number_back(case: Case, store: Tickets) -> None:
    before = everything(case)

    def fail(_conn: sqlite3.Connection, _ticket_id: int) -> None:
        raise ZeroDivisionError

    opened = load(case).events[0]
    draft = Draft("opened", opened.data, opened.sealed)
    with pytest.raises(ZeroDivisionError):
        store.create(TEN, "lin", [draft], POLICY, fail)
    assert everything(case) == before
    row = store.create(TEN, "lin", [draft], POLICY)
    assert store.load(row).number == "261122-02", "no number is skipped"


def test_numbers_count_up_within_their_day_in_shanghai(house: House) -> None:
    midnight = instant(local(TEN).replace(hour=0, minute=0))
    desk = house.desk()
    found = [house.open(desk, at=at).number for at in (midnight - 1, midnight, TEN, midnight - 2)]
    assert found == ["261121-01", "261122-01", "261122-02", "261121-02"]


@pytest.mark.parametrize("wanted", ["261122-01", " 261122-01 ", "22-01", "-01"])
def test_a_ticket_is_found_by_its_number_or_a_tail_of_it(case: Case, store: Tickets, wanted: str) -> None:
    assert store.find(wanted) == load(case).id


@pytest.mark.parametrize(
    "wanted",
    ["", "  ", "261122-99", "%", "_", "!", "'; DROP TABLE ticket --", "\udcb5\udce7", "1" * 100_000, "\x00"],
)
def test_what_is_no_number_finds_nothing(case: Case, store: Tickets, wanted: str) -> None:
    with pytest.raises(Refused, match="没有工单"):
        store.find(wanted)


def test_a_tail_that_fits_several_tickets_names_them(house: House, case: Case, store: Tickets) -> None:
    house.open(case.desk, at=TEN - DAY)
    with pytest.raises(Refused, match=r"261121-01.*写全单号"):
        store.find("-01")


def test_repeats_are_the_same_unit_and_category_within_the_time(
    house: House, case: Case, store: Tickets
) -> None:
    category = case.view.category
    house.open(case.desk, unit="7-3-2604")  # the same flat, written otherwise
    house.open(case.desk, unit="7栋3单元2605")
    house.open(case.desk, text="门禁坏了", category="工程维修-门禁对讲")
    house.open(case.desk).void()
    house.open(case.desk, at=TEN - 8 * DAY)
    found = [number for number, _, _ in store.repeats(UNIT, category, TEN - 7 * DAY)]
    assert sorted(found) == ["261122-01", "261122-02"]
    assert store.repeats("", category, 0) == []
    assert store.repeated_at(UNIT, category, TEN - 7 * DAY, "261122-01") == TEN
    assert store.repeated_at(UNIT, category, TEN + 1, "261122-01") is None


def test_what_is_due_comes_oldest_first_and_only_when_it_is(house: House, store: Tickets, case: Case) -> None:
    desk = case.desk
    earlier, later = house.open(desk, at=TEN - 3 * HOUR), house.open(desk, at=TEN - HOUR)
    house.open(desk, at=TEN - 2 * HOUR).resolve()
    ids = [store.find(each.number) for each in (earlier, later, case)]
    assert store.due(TEN - HOUR - 1) == []
    assert store.due(TEN - HOUR) == ids[:1]
    assert store.due(TEN + 2 * HOUR) == ids
    assert store.due(TEN + 2 * HOUR, limit=2) == ids[:2]


def test_logs_come_in_order_of_opening_and_can_be_narrowed(house: House, case: Case, store: Tickets) -> None:
    old = house.open(case.desk, at=TEN - 40 * DAY).go("resolve", "follow_up", "close")
    house.open(case.desk, at=TEN - 2 * DAY)
    assert [log.number for log in store.logs()] == [old.number, "261120-01", "261122-01"]
    assert [log.number for log in store.logs(opened_before=TEN)] == [old.number, "261120-01"]
    assert [log.number for log in store.logs(not_closed_before=TEN + 1)] == ["261120-01", "261122-01"]
    assert all(log.ticket.caller.name == "" for log in store.logs())
    assert all(log == store.load(log.id, unseal=False) for log in store.logs())


def test_more_logs_than_one_chunk_are_all_there(house: House, store: Tickets, case: Case) -> None:
    opened = load(case).events[0]
    draft = Draft("opened", opened.data, opened.sealed)
    with case.desk._access.db.write() as conn:
        for _ in range(1_200):
            store.create_in(conn, [(TEN, "lin", draft), (TEN, "lin", NOTE[0])], POLICY)
    assert [log.number for log in store.logs()] == [f"261122-{n:02d}" for n in range(1, 1_202)]
    assert len(list(store.raw_events())) == 2_401


def test_a_step_taken_back_takes_its_unsent_notice_back(case: Case, store: Tickets) -> None:
    case.dispatch().undo()
    (notice,) = case.desk.notices.list()
    assert (notice.kind, notice.state) == ("dispatched", "withdrawn")


@pytest.mark.parametrize("state", ["sending", "sent"])
def test_a_step_whose_notice_has_left_stays(case: Case, store: Tickets, state: str) -> None:
    case.dispatch()
    with case.desk._access.db.write() as conn:
        conn.execute("UPDATE notice SET state = ?", (state,))
    with pytest.raises(Refused, match="通知已经发出"):
        case.undo()
    assert store.left_the_house(load(case).id) == {2}


def test_a_notice_that_leaves_at_the_last_moment_stops_the_undo(case: Case, store: Tickets) -> None:
    log = load(case.dispatch())
    undo = moves.undo(log.events, "lin", frozenset())
    with case.desk._access.db.write() as conn:
        conn.execute("UPDATE notice SET state = 'sent'")
    with pytest.raises(Refused, match="刚刚发出"):
        store.append(log, Step(TEN, "lin", undo, POLICY))
    assert load(case).ticket.status == "dispatched"


def test_an_external_number_is_given_once(house: House, case: Case) -> None:
    house.open(case.desk, external_id="A-17")
    with pytest.raises(Refused, match="A-17"):
        house.open(case.desk, external_id="A-17")


def test_the_cache_holds_what_queries_ask_for(case: Case) -> None:
    case.dispatch()
    with case.desk._access.db.read() as conn:
        row = conn.execute(
            "SELECT version, status, open, lane, base, due_kind, due_at, action_at, department, case_owner, closed_at "
            "FROM ticket"
        ).fetchone()
    assert row == (
        2,
        "dispatched",
        1,
        1,
        "working",
        "red_light",
        TEN + 2 * HOUR,
        TEN + 96 * MINUTE,
        "工程部",
        "lin",
        None,
    )
    case.go("resolve", "follow_up", "close")
    with case.desk._access.db.read() as conn:
        row = conn.execute("SELECT status, open, due_at, action_at, closed_at FROM ticket").fetchone()
    assert row == ("closed", 0, FAR, None, TEN)


def test_what_tickets_say_alike_is_kept_once_and_an_unchanged_row_stays_the_same(house: House) -> None:
    first, second = house.open(), house.open()
    rows = {row.number: row for row in first.desk._access.open_tickets.rows()}
    one, other = rows[first.number], rows[second.number]
    for name in ("kind", "category", "priority", "status", "base", "due_kind", "case_owner"):
        assert getattr(one, name) is getattr(other, name)
    second.go("dispatch")
    again = {row.number: row for row in first.desk._access.open_tickets.rows()}
    assert again[first.number] is one and again[second.number] != other
