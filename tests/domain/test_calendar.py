"""Working time: split shifts, nights, half days, 调休, and every minute of a day counted once (DESIGN §5)."""

from __future__ import annotations

import timeit
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.calendar import Calendar, Windows, day_number
from frontdesk.domain.errors import BadInput
from frontdesk.domain.timing import DAY, HOUR, MINUTE, Instant, instant

TRIALS = settings(derandomize=True, deadline=None, max_examples=150)
SPLIT: Windows = ((8 * HOUR + 30 * MINUTE, 12 * HOUR), (13 * HOUR + 30 * MINUTE, 18 * HOUR))
HALF: Windows = ((9 * HOUR, 12 * HOUR),)
NIGHT: Windows = ((22 * HOUR, 30 * HOUR),)
ROUND: Windows = ((0, DAY),)
OFFICE = Calendar("office", [SPLIT] * 5 + [(), ()])


def at(month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, year: int = 2026) -> Instant:
    return instant(datetime(year, month, day, hour, minute, second))


def number(month: int, day: int, year: int = 2026) -> int:
    return day_number(at(month, day, year=year))


# Monday 2026-11-23 is the first working day of every example.


def test_a_day_has_several_windows_and_the_break_counts_nothing() -> None:
    assert OFFICE.add(at(11, 23, 11), HOUR) == at(11, 23, 12), (
        "over when the window ends, not when the next opens"
    )
    assert OFFICE.add(at(11, 23, 11), HOUR + 1) == at(11, 23, 13, 30, 1)
    assert OFFICE.between(at(11, 23, 11), at(11, 23, 14)) == 90 * MINUTE
    assert OFFICE.between(at(11, 23, 12), at(11, 23, 13, 30)) == 0
    assert OFFICE.opens_at(at(11, 23, 12)) == at(11, 23, 13, 30)
    assert OFFICE.opens_at(at(11, 23, 11, 59, 59)) == at(11, 23, 11, 59, 59)


def test_a_weekend_is_passed_over() -> None:
    assert OFFICE.add(at(11, 27, 17), 2 * HOUR) == at(11, 30, 9, 30)
    assert OFFICE.opens_at(at(11, 27, 18)) == at(11, 30, 8, 30)


def test_nothing_to_do_is_over_at_once_even_at_night() -> None:
    assert OFFICE.add(at(11, 22, 3), 0) == at(11, 22, 3)
    assert OFFICE.add(at(11, 22, 3), -5) == at(11, 22, 3)
    assert OFFICE.between(at(11, 24), at(11, 23)) == 0


def test_a_window_across_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    nights = Calendar("nights", [NIGHT] * 5 + [(), ()])
    assert nights.between(at(11, 28), at(11, 29)) == 6 * HOUR, "Friday's night ends on Saturday morning"
    assert nights.between(at(11, 23), at(11, 24)) == 2 * HOUR, "Sunday night is free"
    assert nights.add(at(11, 23, 23), 2 * HOUR) == at(11, 24, 1)
    assert nights.opens_at(at(11, 28, 6)) == at(11, 30, 22)


def test_a_night_that_runs_into_the_next_days_window_counts_once() -> None:
    both = Calendar("both", [((0, 8 * HOUR), (20 * HOUR, 32 * HOUR))] * 7)
    assert both.between(at(11, 23), at(11, 24)) == 12 * HOUR


def test_a_closed_day_closes_its_own_windows_alone() -> None:
    closed = Calendar("closed", [NIGHT] * 7, {number(11, 24): ()})
    assert closed.between(at(11, 24), at(11, 25)) == 6 * HOUR, "the night that began on the 23rd"
    assert closed.between(at(11, 25), at(11, 26)) == 2 * HOUR


def test_nothing_is_open_any_more_is_said_and_does_not_hang() -> None:
    never = Calendar("never", [()] * 7)
    once = Calendar("once", [()] * 7, {number(11, 24): SPLIT})
    assert once.opens_at(at(1, 1)) == at(11, 24, 8, 30)
    for calendar in (never, once):
        with pytest.raises(BadInput, match=rf"calendar\.{calendar.name}.*再没有工作时间"):
            calendar.add(at(11, 25), 1)
        with pytest.raises(BadInput):
            calendar.opens_at(at(11, 25))
    assert never.between(at(1, 1), at(12, 31)) == 0


def test_a_century_ahead_is_found_without_walking_there() -> None:
    days = {number(1, 1, 2000 + year): () for year in range(60)}
    calendar = Calendar("office", OFFICE.week, days)
    assert calendar.between(at(1, 1), calendar.add(at(1, 1), 200_000 * HOUR)) == 200_000 * HOUR
    year = min(timeit.repeat(lambda: calendar.add(at(1, 1), 2000 * HOUR), number=200, repeat=5)) / 200
    walk = min(timeit.repeat(lambda: sum(range(365 * 1440)), number=1, repeat=3))
    assert year < walk / 20, "far below one pass over the minutes of a year"


def test_equal_rules_are_equal_calendars() -> None:
    again = Calendar("office", [SPLIT] * 5 + [(), ()])
    assert (again, hash(again)) == (OFFICE, hash(OFFICE)) and again != "office"
    assert again != Calendar("office", again.week, {1: ()})
    assert eval(repr(again), {"Calendar": Calendar}) == again


# --- what peers got wrong ------------------------------------------------------------------------------------


def test_zendesk_biz_103_a_saturday_worked_for_a_holiday_is_a_working_day() -> None:
    # 2026: National Day 1-7 October; Saturday the 10th is worked instead (调休).
    days: dict[int, Windows] = {number(10, day): () for day in range(1, 8)} | {number(10, 10): SPLIT}
    calendar = Calendar("office", OFFICE.week, days)
    assert calendar.opens_at(at(9, 30, 18)) == at(10, 8, 8, 30)
    assert calendar.add(at(10, 9, 17), 2 * HOUR) == at(10, 10, 9, 30)
    assert calendar.between(at(10, 11), at(10, 12)) == 0, "the Sunday after it stays free"


def test_glpi_6835_a_half_day_ends_at_noon() -> None:
    calendar = Calendar("office", [SPLIT] * 5 + [HALF, ()], {number(11, 25): HALF})
    assert calendar.between(at(11, 25), at(11, 26)) == 3 * HOUR
    assert calendar.add(at(11, 25, 11), 2 * HOUR) == at(11, 26, 9, 30)
    assert calendar.add(at(11, 28, 11), 2 * HOUR) == at(11, 30, 9, 30)


def test_chatwoot_14009_two_shifts_a_day_are_two_windows() -> None:
    for start, seconds, end in (
        (at(11, 23, 8), 3 * HOUR + 30 * MINUTE, at(11, 23, 12)),
        (at(11, 23, 8), 8 * HOUR, at(11, 23, 18)),
        (at(11, 23, 12, 30), HOUR, at(11, 23, 14, 30)),
        (at(11, 23, 17, 30), HOUR, at(11, 24, 9)),
    ):
        assert OFFICE.add(start, seconds) == end


@pytest.mark.parametrize("year", [2024, 2026, 2028])
def test_zammad_3180_no_minute_is_lost_at_midnight(year: int) -> None:
    round_the_clock = (Calendar("always", [ROUND] * 7), Calendar("shifts", [((20 * HOUR, 44 * HOUR),)] * 7))
    for calendar in round_the_clock:
        for day in range(date(year, 2, 26).toordinal(), date(year, 3, 3).toordinal()):
            start = instant(datetime.fromordinal(day))
            assert calendar.between(start, start + DAY) == 1440 * MINUTE
            assert calendar.add(start, DAY) == start + DAY
            assert calendar.add(start - 1, 1) == start
            assert calendar.between(start - 1, start + 1) == 2


# --- over all calendars --------------------------------------------------------------------------------------

MINUTES = st.integers(0, 1439)


@st.composite
def windows(draw: st.DrawFn) -> Windows:
    """Up to three windows in order, the last one perhaps across midnight."""
    edges = sorted(draw(st.sets(MINUTES, max_size=6)))
    found = [(a * MINUTE, b * MINUTE) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    if draw(st.booleans()):
        latest = found[-1][1] if found else 0
        start = draw(st.integers(latest // MINUTE, 1439)) * MINUTE
        first = found[0][0] if found else start
        found.append((start, DAY + draw(st.integers(0, first // MINUTE)) * MINUTE))
    return tuple(found)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Any week, and some days of their own around the days that are asked for."""
    week = draw(st.lists(windows(), min_size=7, max_size=7).filter(any))
    days = draw(st.dictionaries(st.integers(BASE - 3, BASE + 12), windows(), max_size=5))
    return Calendar("any", week, days)


BASE = number(2, 26, 2028)
START = at(2, 26, year=2028)
"""Saturday before a 29 February."""

MOMENTS = st.integers(START, START + 9 * DAY)


def oracle(calendar: Calendar, start: Instant, end: Instant) -> int:
    """Working seconds by asking every minute."""
    total = 0
    for minute in range(start - start % MINUTE, end, MINUTE):
        day = day_number(minute)
        for began in (day - 1, day):
            own = calendar.days.get(began, calendar.week[date.fromordinal(719163 + began).weekday()])
            second = minute + 8 * HOUR - began * DAY
            if any(first <= second < last for first, last in own):
                total += min(end, minute + MINUTE) - max(start, minute)
                break
    return total


@settings(derandomize=True, deadline=None, max_examples=60)
@given(calendars(), MOMENTS, st.integers(0, 3 * DAY))
def test_a_naive_walk_over_the_minutes_agrees(calendar: Calendar, start: Instant, length: int) -> None:
    worked = oracle(calendar, start, start + length)
    assert calendar.between(start, start + length) == worked
    if worked:
        end = calendar.add(start, worked)
        assert end <= start + length
        assert oracle(calendar, start, end) == worked and oracle(calendar, start, end - 1) == worked - 1


@TRIALS
@given(calendars(), MOMENTS, st.integers(0, 9 * DAY), st.integers(0, 9 * DAY))
def test_due_times_never_go_back(calendar: Calendar, start: Instant, first: int, second: int) -> None:
    low, high = sorted((first, second))
    assert calendar.add(start, low) <= calendar.add(start, high)
    assert calendar.add(start, high) <= calendar.add(start + low, high)


@TRIALS
@given(calendars(), MOMENTS, st.integers(0, 40 * DAY))
def test_add_and_between_undo_each_other(calendar: Calendar, start: Instant, seconds: int) -> None:
    end = calendar.add(start, seconds)
    assert calendar.between(start, end) == seconds
    assert calendar.add(start, calendar.between(start, end)) == end


@TRIALS
@given(calendars(), MOMENTS, st.integers(0, 9 * DAY), st.integers(0, 9 * DAY))
def test_time_is_cut_anywhere_without_loss(calendar: Calendar, start: Instant, one: int, two: int) -> None:
    middle, end = start + one, start + one + two
    whole = calendar.between(start, end)
    assert calendar.between(start, middle) + calendar.between(middle, end) == whole
    assert 0 <= whole <= end - start


@TRIALS
@given(calendars(), MOMENTS)
def test_it_opens_at_the_first_working_second(calendar: Calendar, at: Instant) -> None:
    opens = calendar.opens_at(at)
    assert opens >= at
    assert calendar.between(at, opens) == 0 and calendar.between(opens, opens + 1) == 1


@TRIALS
@given(st.integers(instant(datetime(2000, 1, 1)), instant(datetime(2036, 1, 1))), st.integers(0, 5000))
def test_every_day_has_1440_minutes(start: Instant, days: int) -> None:
    always = Calendar("always", [ROUND] * 7)
    assert always.between(start, start + days * DAY) == days * 1440 * MINUTE
    assert always.add(start, days * DAY) == start + days * DAY
