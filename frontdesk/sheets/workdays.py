"""Which days people work: weekends, public holidays and the 调休 days on which a weekend is worked."""

from __future__ import annotations

from datetime import date

_SATURDAY = 5


def day_mark(day: date) -> tuple[bool, str]:
    """Whether the day is free, and 休 or 班 where that is not what its weekday says.

    Beyond the years whose holidays are known, weekends are free and nothing is marked.
    """
    from chinese_calendar import is_holiday  # type: ignore[import-untyped]

    weekend = day.weekday() >= _SATURDAY
    try:
        free = bool(is_holiday(day))
    except NotImplementedError:
        return weekend, ""
    return free, "" if free == weekend else "休" if free else "班"
