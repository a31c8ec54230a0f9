"""Working time: which seconds count on a calendar, when an amount of them is over (DESIGN §5).

Instants are UTC seconds; a calendar's days are Shanghai's, 1,440 minutes each. All intervals are half-open.
"""

# Annotations are evaluated here: NamedTuple would compile each one left as text (see tickets.py).

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from frontdesk.domain.errors import BadInput
from frontdesk.domain.timing import DAY, HOUR, Instant

Windows = tuple[tuple[int, int], ...]
"""(start, end) in seconds from the midnight of the day on which they begin; an end beyond 24 h lies on the next day."""

WEEK_DAYS: Final = 7
_EAST: Final = 8 * HOUR
_MONDAY: Final = 3
"""Added to a day's number it makes Mondays multiples of seven: 1970-01-01 was a Thursday."""


class _Shape(NamedTuple):
    """A day's working time, midnight to midnight; `after[i]` is what has been worked when window i ends."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    after: tuple[int, ...]
    total: int

    def worked(self, until: int) -> int:
        """Working seconds of the day before second `until` of it."""
        place = bisect_right(self.starts, until) - 1
        if place < 0:
            return 0
        return self.after[place] - max(0, self.ends[place] - until)

    def when(self, worked: int) -> int:
        """The second of the day at which that much, more than nothing, has been worked."""
        place = bisect_left(self.after, worked)
        return self.ends[place] - (self.after[place] - worked)


def day_number(at: Instant) -> int:
    """The Shanghai day of an instant, counted from 1970-01-01."""
    return (at + _EAST) // DAY


class Calendar:
    """Working windows by weekday (Monday first) and by day where a day has its own: holidays, 调休, half days.

    A window across midnight belongs to the day on which it begins and runs to its end whatever the next day is.
    Answers come from sums over weeks and a bisection, never from walking through time.
    """

    __slots__ = ("_before", "_extra", "_irregular", "_shapes", "_week_shapes", "days", "name", "week")

    def __init__(self, name: str, week: Sequence[Windows], days: Mapping[int, Windows] | None = None) -> None:
        """`week` holds seven days; `days` the windows of days of their own, by `day_number`, none for a closed one."""
        self.name, self.week, self.days = name, tuple(week), dict(days or {})
        self._week_shapes = tuple(
            _shape(self.week[place - 1], self.week[place]) for place in range(WEEK_DAYS)
        )
        self._before = tuple(accumulate((each.total for each in self._week_shapes), initial=0))
        self._shapes: dict[int, _Shape] = {}
        for day in sorted({day + late for day in self.days for late in (0, 1)}):
            shape = _shape(self._windows(day - 1), self._windows(day))
            if shape is not self._regular(day):
                self._shapes[day] = shape
        self._irregular = tuple(self._shapes)
        changes = (shape.total - self._regular(day).total for day, shape in self._shapes.items())
        self._extra = tuple(accumulate(changes, initial=0))

    def __eq__(self, other: object) -> bool:
        """Equal rules, equal calendar."""
        if not isinstance(other, Calendar):
            return NotImplemented
        return (self.name, self.week, self.days) == (other.name, other.week, other.days)

    def __hash__(self) -> int:
        """By name and week; the rest seldom tells two apart."""
        return hash((self.name, self.week))

    def __repr__(self) -> str:
        """For a failing test."""
        return f"Calendar({self.name!r}, {self.week!r}, {self.days!r})"

    def add(self, start: Instant, seconds: int) -> Instant:
        """When that many working seconds from `start` on are over; `start` itself for none.

        `BadInput` where the calendar is not open that long any more.
        """
        if seconds <= 0:
            return start
        day = day_number(start)
        goal = self._until(start) + seconds
        return self._moment(goal, day, self._first_enough(goal, day))

    def between(self, start: Instant, end: Instant) -> int:
        """Working seconds in [start, end); none where `end` is not later."""
        return self._until(end) - self._until(start) if end > start else 0

    def opens_at(self, at: Instant) -> Instant:
        """The first working instant at or after `at`; `BadInput` where there is none any more."""
        return self.add(at, 1) - 1

    def _windows(self, day: int) -> Windows:
        own = self.days.get(day)
        return self.week[(day + _MONDAY) % WEEK_DAYS] if own is None else own

    def _regular(self, day: int) -> _Shape:
        return self._week_shapes[(day + _MONDAY) % WEEK_DAYS]

    def _sum(self, day: int) -> int:
        """Working seconds before the day, from a fixed day on."""
        weeks, weekday = divmod(day + _MONDAY, WEEK_DAYS)
        extra = self._extra[bisect_left(self._irregular, day)]
        return weeks * self._before[WEEK_DAYS] + self._before[weekday] + extra

    def _until(self, at: Instant) -> int:
        day, second = divmod(at + _EAST, DAY)
        shape = self._shapes.get(day)
        return self._sum(day) + (self._regular(day) if shape is None else shape).worked(second)

    def _first_enough(self, goal: int, day: int) -> int:
        """A day before which the goal has been reached: twice as far ahead each time."""
        ahead = 1
        while self._sum(day + ahead) < goal:
            if not self._before[WEEK_DAYS] and day + ahead > max(self._irregular, default=0):
                raise BadInput(
                    f"calendar.{self.name}", "往后再没有工作时间", "请在 policy.toml 里给这个日历写上时段"
                )
            ahead *= 2
        return day + ahead

    def _moment(self, goal: int, low: int, high: int) -> Instant:
        """The second at which the goal is reached; not yet before day `low`, already before day `high`."""
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._sum(middle) < goal else (low, middle)
        shape = self._shapes.get(low)
        rest = goal - self._sum(low)
        return low * DAY - _EAST + (self._regular(low) if shape is None else shape).when(rest)


@lru_cache(maxsize=256)
def _shape(before: Windows, own: Windows) -> _Shape:
    """A day from its windows and from what those of the day before leave for after midnight."""
    spans = [(start - DAY, end - DAY) for start, end in before] + list(own)
    starts: list[int] = []
    ends: list[int] = []
    for start, end in sorted((max(0, start), min(DAY, end)) for start, end in spans):
        if end <= start:
            continue
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    after = tuple(accumulate(end - start for start, end in zip(starts, ends, strict=True)))
    return _Shape(tuple(starts), tuple(ends), after, after[-1] if after else 0)


def overlap(windows: Iterable[tuple[int, int]]) -> bool:
    """Whether two windows of one day share a second."""
    found = sorted(windows)
    return any(later[0] < earlier[1] for earlier, later in pairwise(found))
