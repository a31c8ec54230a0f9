"""Which days people work: weekends, public holidays and the 调休 days on which a weekend is worked."""

from __future__ import annotations

from datetime import date

_SATURDAY = 5


def day_mark(day: date, own: bool | None = None) -> tuple[bool, str]:
    """Whether the day is free, and 休 or 班 where that is not what its weekday says.

    `own` is what the company has said of it. Beyond the years whose holidays are known, weekends alone are free.
    """
    weekend = day.weekday() >= _SATURDAY
    known = _free(day)
    free = own if own is not None else weekend if known is None else known
    return free, "" if free == weekend else "休" if free else "班"


def known(year: int) -> bool:
    """Whether the library has the year's holidays."""
    return _free(date(year, 1, 1)) is not None


def _free(day: date) -> bool | None:
    from chinese_calendar import is_holiday  # type: ignore[import-untyped]

    try:
        return bool(is_holiday(day))
    except NotImplementedError:
        return None
