"""Residents and operators at rest: sealed, found again, never without an admin (DESIGN §7)."""

from __future__ import annotations

from datetime import date

import pytest

from frontdesk.domain.errors import Refused
from frontdesk.domain.people import Resident
from frontdesk.store.people import People
from tests.builders import NAME, PHONE, TEN, UNIT, House

WHO = Resident(
    name=NAME,
    phones=(PHONE, "075583214321"),
    unit=UNIT,
    tags=("夜班族",),
    moved_in=date(2019, 5, 1),
    note="怕吵",
)


@pytest.fixture
def people(house: House) -> People:
    access = house.desk()._access
    return People(access.db, access.cipher)


def test_a_resident_comes_back_as_it_went_in_and_a_second_import_changes_nothing(people: People) -> None:
    assert people.put([WHO], TEN) == ["added"]
    assert people.put([WHO], TEN + 9) == ["same"]
    assert list(people.residents()) == [WHO]


def test_the_same_person_in_the_same_flat_is_changed_not_doubled(people: People) -> None:
    people.put([WHO], TEN)
    newer = Resident(NAME, ("19900007777",), "7-3-2604", ("夜班族",), date(2019, 5, 1), "怕吵")
    assert people.put([newer], TEN) == ["changed"]
    assert people.count() == 1


def test_a_dry_run_answers_the_same_and_writes_nothing(people: People) -> None:
    assert people.put([WHO], TEN, dry_run=True) == ["added"]
    assert people.count() == 0


def test_one_bad_row_takes_its_batch_back(people: People) -> None:
    with pytest.raises(Exception, match="房号"):
        people.put([WHO, Resident("周砚秋", (), "no unit at all", (), None, "")], TEN)
    assert people.count() == 0


def test_one_admin_always_remains(people: People) -> None:
    with pytest.raises(Refused, match="至少要留一位"):
        people.set_operator("lin", "lin", "agent")
    assert people.operators() == [("lin", "lin", "admin", True)]
    people.set_operator("wang", "王", "admin")
    people.set_operator("lin", "lin", "agent")
    with pytest.raises(Refused, match="至少要留一位"):
        people.set_operator("wang", "王", "admin", active=False)


def test_who_is_not_registered_or_was_retired_has_no_desk(house: House, people: People) -> None:
    with pytest.raises(Refused, match="还没有登记"):
        house.desk("stranger")
    people.set_operator("wang", "王", "agent", active=False)
    with pytest.raises(Refused, match="已停用"):
        house.desk("wang")


@pytest.mark.parametrize("role", ["agent", "supervisor", "manager", "auditor"])
def test_only_an_admin_changes_operators(house: House, role: str) -> None:
    desk = house.desk("wang", role)
    with pytest.raises(Refused, match="需要管理员"):
        desk.people.set_operator("wang", "王", "admin")
