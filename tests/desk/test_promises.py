"""The promise ledger (承诺账本): who told an owner which time, and what became of it."""

from __future__ import annotations

from frontdesk.domain.timing import DAY, HOUR, MINUTE
from tests.builders import TEN, House


def test_what_is_owed_stands_first_and_what_was_kept_is_gone(house: House) -> None:
    desk = house.desk()
    late = house.open(desk).promise(due_in=HOUR, completion=True)
    house.open(desk).promise(due_in=2 * HOUR).after(MINUTE).progress()
    soon = house.open(desk).promise(due_in=3 * HOUR)
    house.time.forward(2 * HOUR)
    ledger = desk.tickets.promises()
    assert [(each.ticket, each.state) for each in ledger] == [(late.number, "broken"), (soon.number, "owed")]
    assert ledger[0].by == "lin" and ledger[0].words == "下午给您回话" and ledger[0].unit == "7栋3单元2604"


def test_with_days_the_whole_history_is_told(house: House) -> None:
    case = (
        house.open().promise(due_in=DAY, completion=True).after(HOUR).promise(due_in=2 * DAY, completion=True)
    )
    case.after(HOUR).promise(due_in=HOUR).after(30 * MINUTE).progress().go("resolve", "follow_up", "close")
    states = [each.state for each in case.desk.tickets.promises(days=7)]
    assert states == ["kept", "renegotiated", "kept"]
    assert case.desk.tickets.promises() == []
    shown = case.view.json()["promises"]
    assert [each["state_label"] for each in shown] == ["已改期", "守约", "守约"]


def test_an_ended_ticket_keeps_the_result_that_it_had(house: House) -> None:
    case = house.open().promise(due_in=DAY, completion=True).void()
    house.time.now = TEN + 9 * DAY
    assert [each.state for each in case.view.promises] == ["owed"]


def test_an_agent_sees_the_ledger_masked(house: House) -> None:
    case = house.open().promise(due_in=DAY)
    (line,) = house.desk("wang", "agent").tickets.promises()
    assert line.unit == "**04" and line.ticket == case.number
