"""What the list of calls says of each (T8)."""

from __future__ import annotations

from tests.builders import House


def test_every_call_of_the_list_says_it(house: House) -> None:
    desk = house.desk()
    quick, slow, missed = (desk.calls.ring(f"1990000482{n}").call_id for n in (1, 2, 3))
    house.time.forward(9)
    desk.calls.answer(quick)
    house.time.forward(6)
    desk.calls.answer(slow)
    desk.calls.miss(missed)
    again = desk.calls.ring("19900004824").call_id
    told = {line.id: line.picked_up for line in desk.calls.list()}
    assert told == {quick: "met", slow: "late", missed: "late", again: ""}
