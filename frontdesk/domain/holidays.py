"""Public holidays that are not known yet: what a manager has written of a year, and whether that is the whole of it.

The State Council sets a year's days off and 调休 each November; the library has them with its next release.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

from frontdesk.domain.errors import BadInput
from frontdesk.domain.policy_entries import SHARED, Slips, days
from frontdesk.domain.timing import Instant, local

_AUTUMN: Final = 11
"""The month from which next year's days are out."""
_FIXED: Final = ((1, 1), (5, 1), (10, 1))
"""Days off in every year: who has written them has copied the whole notice, and not just a day of the company's own."""
_EPOCH: Final = date(1970, 1, 1).toordinal()

REMEDY: Final = (
    "请照国务院通知写进 policy.toml 的 [calendar.days]，元旦、劳动节、国庆节都要有，或升级 chinesecalendar"
)


def own_days(document: Mapping[str, Any]) -> dict[int, bool]:
    """The days of `[calendar.days]` by `calendar.day_number`: True where nobody works."""
    return {day: what == () for day, what in _written(document.get("calendar"), "calendar").items()}


def whole(year: int, written: Collection[int]) -> bool:
    """Whether a year's public holidays are among the days written down."""
    return all(date(year, month, day).toordinal() - _EPOCH in written for month, day in _FIXED)


def unstated(
    document: Mapping[str, Any], now: Instant, known: Sequence[int] | None = None
) -> BadInput | None:
    """What to tell a manager where this year, or from November on the next, has weekends alone; None where all is known.

    `known` are the first and the last year of the library, for rules without a calendar that has frozen them; where it
    is left out, such rules need no holidays.
    """
    calendars = document.get("calendar", {})
    first, last = calendars.get("public", {}).get("years", known or (0, 0))
    shared = _written(calendars, "calendar")
    asked = {
        f"calendar.{name}": {**shared, **_written(each, f"calendar.{name}")}
        for name, each in calendars.items()
        if name not in SHARED and each.get("holidays", True)
    }
    if known and not asked:
        asked = {"calendar.days": shared}
    today = local(now)
    for year in dict.fromkeys((today.year, today.year + (today.month >= _AUTUMN))):
        for field, written in asked.items():
            if not first <= year <= last and not whole(year, written):
                problem = f"{year} 年的法定节假日和调休还没有写全，没写的日子只按周一到周日算"
                return BadInput(field, problem, REMEDY)
    return None


def _written(entry: object, field: str) -> dict[int, object]:
    """A table's own days; what cannot be read there is told by `policy check`."""
    return days(f"{field}.days", entry.get("days", {}) if isinstance(entry, Mapping) else {}, Slips(True))
