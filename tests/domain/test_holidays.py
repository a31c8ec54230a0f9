"""Years that the library does not know yet: the days a manager has written, and who is told of the rest."""

from __future__ import annotations

from datetime import datetime

import pytest

from frontdesk.domain.calendar import day_number
from frontdesk.domain.holidays import own_days, unstated, whole
from frontdesk.domain.timing import instant


def number(*day: int) -> int:
    return day_number(instant(datetime(*day)))  # type: ignore[arg-type]


OWN = {"2027-01-01..2027-01-03": "休", "2027-02-14": "班", "2027-02-05": ["08:30-12:00"]}


def test_own_days_are_free_or_worked() -> None:
    found = own_days({"calendar": {"days": OWN}})
    free = {number(2027, 1, day): True for day in (1, 2, 3)}
    assert found == {**free, number(2027, 2, 14): False, number(2027, 2, 5): False}


@pytest.mark.parametrize("document", [{}, {"calendar": 5}, {"calendar": {"days": "休"}}])
def test_what_cannot_be_read_is_no_day(document: dict[str, object]) -> None:
    assert own_days(document) == {}


def test_a_year_is_whole_with_the_days_that_are_off_in_every_year() -> None:
    days = [number(2027, 1, 1), number(2027, 5, 1), number(2027, 10, 1)]
    assert whole(2027, days) and not whole(2027, days[:2]) and not whole(2028, days)


@pytest.mark.parametrize(
    "now, known, field",
    [
        (datetime(2026, 10, 31), (2017, 2026), None),
        (datetime(2026, 11, 1), (2017, 2026), "calendar.days"),
        (datetime(2027, 1, 1), (2017, 2026), "calendar.days"),
        (datetime(2027, 1, 1), (2018, 2027), None),
        (datetime(2027, 1, 1), None, None),
    ],
)
def test_rules_without_a_calendar_need_holidays_for_the_sheet_alone(
    now: datetime, known: tuple[int, int] | None, field: str | None
) -> None:
    found = unstated({"clocks": {}}, instant(now), known)
    assert (found.field if found else None) == field


def test_each_calendar_that_follows_holidays_is_asked_for_its_own() -> None:
    whole_year = {"2027-01-01": "休", "2027-05-01": "休", "2027-10-01": "休"}
    calendars = {
        "public": {"years": [2017, 2026]},
        "guard": {"holidays": False},
        "desk": {"days": whole_year},
        "office": {},
    }
    found = unstated({"calendar": calendars}, instant(datetime(2027, 1, 1)))
    assert found is not None and found.field == "calendar.office"
