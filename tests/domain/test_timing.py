"""Instants at the edges: Shanghai's days, and every way in which people write a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.errors import BadInput
from frontdesk.domain.timing import (
    DAY,
    EARLIEST,
    HOUR,
    MINUTE,
    SHANGHAI,
    clock,
    day_start,
    instant,
    iso,
    local,
    month_bounds,
    parse,
    span,
)
from tests.builders import TEN

TRIALS = settings(derandomize=True, deadline=None, max_examples=200)


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> int:
    return instant(datetime(year, month, day, hour, minute, second))


@pytest.mark.parametrize(
    "text, when",
    [
        ("2026-11-22 10:05", at(2026, 11, 22, 10, 5)),
        ("2026-11-22 10:05:09", at(2026, 11, 22, 10, 5, 9)),
        ("2026/11/22 10:05", at(2026, 11, 22, 10, 5)),
        ("2026-11-22", at(2026, 11, 22)),
        ("2026/1/2", at(2026, 1, 2)),
        ("20261122", at(2026, 11, 22)),
        ("２０２６－１１－２２　１０：０５", at(2026, 11, 22, 10, 5)),
        ("2026-11-22T10:05:00+08:00", at(2026, 11, 22, 10, 5)),
        ("2026-11-22T02:05:00Z", at(2026, 11, 22, 10, 5)),
        ("2026-11-22T10:05", at(2026, 11, 22, 10, 5)),
        ("10:05", at(2026, 11, 22, 10, 5)),
        ("10:00", at(2026, 11, 23, 10, 0)),
        ("9：30", at(2026, 11, 23, 9, 30)),
        ("今天 9:30", at(2026, 11, 22, 9, 30)),
        ("明天 8:30", at(2026, 11, 23, 8, 30)),
        ("明日08:30", at(2026, 11, 23, 8, 30)),
        ("后天 0:00", at(2026, 11, 24)),
        ("30分钟", TEN + 30 * MINUTE),
        ("30分钟后", TEN + 30 * MINUTE),
        ("2小时内", TEN + 2 * HOUR),
        ("2h", TEN + 2 * HOUR),
        ("+45m", TEN + 45 * MINUTE),
        ("3 天", TEN + 3 * DAY),
        (" 3日 ", TEN + 3 * DAY),
    ],
)
def test_a_time_as_people_write_it(text: str, when: int) -> None:
    assert parse(text, TEN) == when


@pytest.mark.parametrize(
    "text",
    [
        *("", "很快", "25:00", "10:60", "明天 24:00", "1899-12-31", "1900-01-01", "2999-01-01", "2026-02-30"),
        *(
            "2026-13-01",
            "99999天",
            "-3天",
            "10:05:06:07",
            "2026-11-22 25:00",
            "0001-01-01T00:00:00+14:00",
            "9999天",
        ),
    ],
)
def test_what_is_no_sensible_time_is_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(BadInput) as bad:
        parse(text, TEN, "承诺时间")
    assert bad.value.field == "承诺时间" and bad.value.remedy


@TRIALS
@given(st.text(max_size=24) | st.from_regex(r"[0-9明后今天日分小时:：/ T.+-]{1,20}", fullmatch=True))
def test_any_text_is_a_time_in_range_or_a_bad_input(text: str) -> None:
    try:
        found = parse(text, TEN)
    except BadInput:
        return
    assert EARLIEST <= found <= TEN + 3653 * DAY


@TRIALS
@given(st.integers(EARLIEST, TEN + 3653 * DAY))
def test_iso_and_back(when: int) -> None:
    assert iso(when).endswith("+08:00")
    assert parse(iso(when), TEN) == when
    assert instant(local(when)) == when


@TRIALS
@given(st.integers(EARLIEST, TEN * 2))
def test_a_day_begins_at_shanghais_midnight(when: int) -> None:
    start = day_start(when)
    assert start <= when < start + DAY
    assert f"{local(start):%H:%M:%S}" == "00:00:00"


def test_a_naive_time_is_shanghais_and_another_zone_is_converted() -> None:
    assert instant(datetime(2026, 11, 22, 8)) == instant(datetime(2026, 11, 22, 0, tzinfo=UTC))
    newyork = timezone(timedelta(hours=-5))
    assert instant(datetime(2026, 11, 21, 21, tzinfo=newyork)) == TEN
    assert local(TEN).utcoffset() == SHANGHAI.utcoffset(None) == timedelta(hours=8)


@pytest.mark.parametrize(
    "month, first, after",
    [("2026-11", (2026, 11, 1), (2026, 12, 1)), ("2026-12", (2026, 12, 1), (2027, 1, 1))],
)
def test_a_month_is_half_open(month: str, first: tuple[int, int, int], after: tuple[int, int, int]) -> None:
    assert month_bounds(month) == (at(*first), at(*after))


@pytest.mark.parametrize(
    "month", ["", "2026-13", "2026-00", "2026-1", "202611", "1999-01", "2026-11-22", "十一月"]
)
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(BadInput, match="2026-11 这样"):
        month_bounds(month)


@pytest.mark.parametrize(
    "when, words",
    [
        (TEN + 5 * MINUTE, "10:05"),
        (TEN - 10 * HOUR, "00:00"),
        (TEN + 22 * HOUR + 30 * MINUTE, "明日08:30"),
        (TEN - DAY, "昨日10:00"),
        (TEN + 2 * DAY, "11-24 10:00"),
        (TEN + 60 * DAY, "2027-01-21"),
    ],
)
def test_a_clock_for_the_screen(when: int, words: str) -> None:
    assert clock(when, TEN) == words


@pytest.mark.parametrize(
    "seconds, words",
    [
        (0, "0分钟"),
        (59, "0分钟"),
        (42 * MINUTE, "42分钟"),
        (-42 * MINUTE, "42分钟"),
        (HOUR, "1小时"),
        (80 * MINUTE, "1小时20分"),
        (DAY, "1天"),
        (76 * HOUR + 59, "3天4小时"),
    ],
)
def test_a_length_of_time_in_words(seconds: int, words: str) -> None:
    assert span(seconds) == words
