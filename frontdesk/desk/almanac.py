"""Public holidays and 调休 working days, frozen into the rules: a ticket is replayed years later with the same days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

YEARS = 10
"""How many of the library's years are frozen: as old as a ticket may be that is imported into a new home."""


def frozen(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The policy document with the State Council's days as `calendar.public`, where one of its calendars follows them.

    A document that brings its own table keeps it: it was frozen before, or on a machine with a newer library.
    """
    calendars = document.get("calendar")
    if not isinstance(calendars, Mapping) or "public" in calendars:
        return document
    follows = any(
        isinstance(each, Mapping) and each.get("holidays", True)
        for name, each in calendars.items()
        if name != "days"
    )
    return {**document, "calendar": {**calendars, "public": public_days()}} if follows else document


def public_days() -> dict[str, Any]:
    """First and last year that the library knows, its days off and its days of work at a weekend, as ranges of dates."""
    import chinese_calendar  # type: ignore[import-untyped]  # only rules with working hours need it

    last = max(chinese_calendar.holidays).year
    off, work = (
        sorted(day for day in found if day.year > last - YEARS)
        for found in (chinese_calendar.holidays, chinese_calendar.workdays)
    )
    return {"years": [off[0].year, off[-1].year], "off": _ranges(off), "work": _ranges(work)}


def _ranges(found: Iterable[date]) -> list[str]:
    ranges: list[list[date]] = []
    for day in found:
        if ranges and day - ranges[-1][1] == timedelta(days=1):
            ranges[-1][1] = day
        else:
            ranges.append([day, day])
    return [first.isoformat() + (f"..{last.isoformat()}" if last > first else "") for first, last in ranges]
