"""The smaller entries of policy.toml, each read from one value of the file: spans, hours, windows, days, calendars."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeVar

from frontdesk.domain.calendar import Calendar, Windows, overlap
from frontdesk.domain.errors import BadInput
from frontdesk.domain.patterns import pattern
from frontdesk.domain.timing import DAY, HOUR, MINUTE

WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS: Final = "always"
"""The calendar of everything that names none: every second counts."""

SHARED: Final = ("days", "public")
"""Names inside [calendar] that are tables of days and no calendars."""

OFF: Final = ("休", "off")
WORKS: Final = ("班", "work")
_WORK_DAYS: Final = 5
_ENTRIES: Final = ("workdays", "weekend", *WEEK, "holidays", "holiday", "makeup", "days")
_SPAN = pattern(r"([1-9]\d{0,4})([smhd])")
_CLOCK = pattern(r"(\d{1,2})[:：](\d{2})")
_WINDOW = pattern(r"(\d{1,2}[:：]\d{2})\s*[-–—~至到]\s*(\d{1,2}[:：]\d{2})")
_DAYS = pattern(r"(\d{4}-\d{2}-\d{2})(?:\s*(?:\.\.|至|到|~)\s*(\d{4}-\d{2}-\d{2}))?")
_LONGEST: Final = 400
"""Days in one range: more than a year is a slip of the pen."""

_EPOCH: Final = date(1970, 1, 1).toordinal()
T = TypeVar("T")
Table = Mapping[str, Any]
NOTHING: Table = {}
NO_WINDOWS: Windows = ()
_NO_DAYS: Sequence[object] = ()
Days = Mapping[int, object]
"""Day number → closed, works as a weekday does, or windows of its own, as the file has it."""


class Slips:
    """What is wrong, noted while reading on, so that all of it can be told at once."""

    def __init__(self, stored: bool) -> None:
        """`stored`: the document was in order when it was stored, so names that it has too many are passed over."""
        self.found: list[BadInput] = []
        self._stored = stored

    def take(self, default: T, reading: Callable[..., T], *words: Any) -> T:
        """What `reading` answers; where it refuses, the slip is noted and `default` stands in."""
        try:
            return reading(*words)
        except BadInput as bad:
            self.found.append(bad)
            return default

    def known(self, field: str, entry: Table, names: Iterable[str]) -> None:
        """Notes names that nobody reads: most often a misspelt one."""
        allowed = tuple(names)
        unknown = [str(name) for name in entry if name not in allowed]
        if unknown and not self._stored:
            self.found.append(
                BadInput(field, f"不认识 {'、'.join(unknown)}", f"可用的有 {'、'.join(allowed)}")
            )


def table(field: str, value: object) -> Table:
    """A section of the file."""
    if not isinstance(value, Mapping):
        raise BadInput(field, "不是一个小节", f"请写成 [{field}]")
    return value


def seconds(field: str, text: object) -> int:
    """A span such as 90s, 15m, 2h or 7d."""
    match = _SPAN.fullmatch(str(text))
    if not match:
        raise BadInput(field, f"「{text}」不是时长", "请写成 15m、2h 或 7d")
    return int(match[1]) * {"s": 1, "m": MINUTE, "h": HOUR, "d": DAY}[match[2]]


def whole(field: str, value: object, low: int, high: int, hint: str) -> int:
    """A whole number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BadInput(field, f"「{value}」不在 {low}–{high} 之间", hint)
    return value


def hour(field: str, text: object) -> int:
    """A time of day as seconds from midnight; 24:00 is the day's end."""
    match = _CLOCK.fullmatch(str(text).strip())
    found = int(match[1]) * HOUR + int(match[2]) * MINUTE if match and int(match[2]) < MINUTE else DAY + 1
    if found > DAY:
        raise BadInput(field, f"「{text}」不是钟点", "请写成 08:30 这样，一天结束写 24:00")
    return found


def names(field: str, values: object, labels: Mapping[str, str]) -> tuple[str, ...]:
    """A list of identifiers out of `labels`."""
    if not isinstance(values, list) or (bad := [str(value) for value in values if str(value) not in labels]):
        wrong = f"不认识 {'、'.join(bad)}" if isinstance(values, list) else "不是一列名字"
        raise BadInput(field, wrong, f'请写成 ["{next(iter(labels))}"]，可用的有 {"、".join(labels)}')
    return tuple(map(str, values))


def categories(field: str, values: object) -> tuple[str, ...]:
    """A list of categories, each whole or the beginning of some, with a star."""
    good = isinstance(values, list) and all(
        isinstance(value, str) and value.rstrip("*") and "*" not in value[:-1] for value in values
    )
    if not good or not isinstance(values, list):
        raise BadInput(field, "不是一列分类", '请写成 ["工程维修-电梯"] 或 ["工程维修-*"]，星号只能在末尾')
    return tuple(values)


def windows(field: str, value: object) -> Windows:
    """Windows of a day: `["08:30-12:00", "13:30-18:00"]`, `["22:00-06:00"]` across midnight, `[]` for a closed day."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list):
        raise BadInput(field, "不是一列时段", '请写成 ["08:30-12:00", "13:30-18:00"]')
    found = tuple(sorted(_window(field, text) for text in texts))
    if overlap(found) or (found and found[-1][1] > found[0][0] + DAY):
        raise BadInput(field, "时段互相重叠", "请让每一段在前一段结束以后开始")
    return found


def _window(field: str, text: object) -> tuple[int, int]:
    match = _WINDOW.fullmatch(str(text).strip())
    if not match:
        raise BadInput(
            field, f"「{text}」不是时段", "请写成 08:30-12:00；过午夜写 22:00-06:00，全天写 00:00-24:00"
        )
    start, end = hour(field, match[1]), hour(field, match[2])
    if start in (end, DAY):
        raise BadInput(field, f"「{text}」起止不对", "全天写 00:00-24:00，不上班的日子写 []")
    return start, end if end > start else end + DAY


def days(field: str, value: object, slips: Slips) -> dict[int, object]:
    """A hand-made table: a date or a range of dates → 休, 班, or windows."""
    found: dict[int, object] = {}
    for key, what in slips.take(NOTHING, table, field, value).items():
        at = f'{field}."{key}"'
        named = slips.take(range(0), _range, at, str(key))
        meant: object = () if what in OFF else WORKS[0] if what in WORKS else None
        found |= dict.fromkeys(named, slips.take(NO_WINDOWS, windows, at, what) if meant is None else meant)
    return found


def _range(field: str, text: str) -> range:
    match = _DAYS.fullmatch(text.strip())
    try:
        first = date.fromisoformat(match[1] if match else text).toordinal() - _EPOCH
        last = date.fromisoformat(match[2]).toordinal() - _EPOCH if match and match[2] else first
    except ValueError:
        first, last = 0, -1
    if not first <= last < first + _LONGEST:
        raise BadInput(field, f"「{text}」不是日期", '请写成 2027-02-06，或一段 "2027-02-06..2027-02-12"')
    return range(first, last + 1)


def public_days(field: str, value: object, slips: Slips) -> dict[int, object]:
    """The frozen table of public holidays (off) and 调休 working days (work)."""
    entry = slips.take(NOTHING, table, field, value)
    slips.known(field, entry, ("years", "off", "work"))
    slips.take(None, _years, f"{field}.years", entry.get("years", [0, 0]))
    found: dict[int, object] = {}
    for name, meant in (("off", OFF[0]), ("work", WORKS[0])):
        for text in slips.take(_NO_DAYS, _list, f"{field}.{name}", entry.get(name, [])):
            found |= dict.fromkeys(slips.take(range(0), _range, f"{field}.{name}", str(text)), meant)
    return found


def _years(field: str, value: object) -> None:
    if not isinstance(value, list) or [type(year) for year in value] != [int, int]:
        raise BadInput(field, "不是首尾两个年份", "请写成 [2017, 2026]，或删去 calendar.public 由系统填写")


def _list(field: str, value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise BadInput(field, "不是一列日期", '请写成 ["2026-10-01..2026-10-07"]')
    return value


def calendar(name: str, value: object, public: Days, shared: Days, slips: Slips) -> Calendar:
    """One calendar. What a company writes itself goes before what the state has set, what is its own before what is shared."""
    field = f"calendar.{name}"
    entry = slips.take(NOTHING, table, field, value)
    slips.known(field, entry, _ENTRIES)

    def read(key: str, default: Windows) -> Windows:
        return slips.take(default, windows, f"{field}.{key}", entry[key]) if key in entry else default

    before = len(slips.found)
    usual, weekend = read("workdays", ()), read("weekend", ())
    week = [read(day, usual if place < _WORK_DAYS else weekend) for place, day in enumerate(WEEK)]
    if not any(week) and len(slips.found) == before:
        slips.found.append(
            BadInput(field, "一周里没有一个时段", '请写上 workdays = ["08:30-12:00", "13:30-18:00"]')
        )
    follows = slips.take(True, _flag, f"{field}.holidays", entry.get("holidays", True))
    closed, makeup = read("holiday", ()), read("makeup", week[0])
    special: dict[int, Windows] = {}
    if follows:
        special |= {day: closed if what == OFF[0] else makeup for day, what in public.items()}
        special |= _meant(shared, makeup)
    special |= _meant(days(f"{field}.days", entry.get("days", {}), slips), makeup)
    return Calendar(name, week, special)


def _flag(field: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise BadInput(field, f"「{value}」只能是 true 或 false", "按法定节假日和调休走的写 true")
    return value


def _meant(found: Days, makeup: Windows) -> dict[int, Windows]:
    return {day: what if isinstance(what, tuple) else makeup for day, what in found.items()}


def calendars(field: str, value: object, slips: Slips) -> dict[str, Calendar]:
    """Every calendar by name."""
    entry = slips.take(NOTHING, table, field, value)
    shared = days(f"{field}.days", entry.get("days", {}), slips)
    public = public_days(f"{field}.public", entry.get("public", {}), slips)
    if ALWAYS in entry:
        slips.found.append(
            BadInput(f"{field}.{ALWAYS}", "是留给全天候的名字", "请换一个名字，不写 calendar 就是全天候")
        )
    return {
        name: calendar(name, each, public, shared, slips)
        for name, each in entry.items()
        if name not in (*SHARED, ALWAYS)
    }
