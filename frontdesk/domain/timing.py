"""Instants and the words for them. Inside the house an instant is whole UTC seconds; the edges speak Asia/Shanghai."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from frontdesk.domain.errors import BadInput
from frontdesk.domain.patterns import pattern

Instant = int
"""Whole seconds since 1970-01-01T00:00Z."""

MINUTE, HOUR, DAY, WEEK = 60, 3_600, 86_400, 604_800

# China has had one zone and no daylight saving since 1991, so a fixed offset is exact for every date accepted below.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

EARLIEST = 946_656_000  # 2000-01-01T00:00+08:00
_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y%m%d",
)
_CLOCK = pattern(r"(明天|明日|今天|今日|后天)?\s*(\d{1,2})[:：](\d{2})$")
_SPAN = pattern(r"\+?(\d{1,4})\s*(分钟|分|小时|时|天|日|m|min|h|d)(?:后|内)?$")
_UNITS = {"分钟": MINUTE, "分": MINUTE, "m": MINUTE, "min": MINUTE, "小时": HOUR, "时": HOUR, "h": HOUR}


def local(at: Instant) -> datetime:
    """The instant as an aware datetime in Asia/Shanghai."""
    return datetime.fromtimestamp(at, SHANGHAI)


def instant(when: datetime) -> Instant:
    """Whole UTC seconds of a datetime; a naive one is read as Asia/Shanghai."""
    return int((when if when.tzinfo else when.replace(tzinfo=SHANGHAI)).timestamp())


def iso(at: Instant) -> str:
    """ISO 8601 with the +08:00 offset, as every JSON answer carries it (DESIGN §8)."""
    return local(at).isoformat()


def day_start(at: Instant) -> Instant:
    """Midnight in Shanghai at or before the instant."""
    return (at + 8 * HOUR) // DAY * DAY - 8 * HOUR


def month_bounds(month: str) -> tuple[Instant, Instant]:
    """Half-open [start, end) of a Shanghai month written `YYYY-MM`; `BadInput` otherwise."""
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", month):
        raise BadInput("月份", f"「{month[:20]}」不是年月", "请写成 2026-11 这样")
    year, number = int(month[:4]), int(month[5:])
    end = (year + 1, 1) if number == 12 else (year, number + 1)  # noqa: PLR2004
    return instant(datetime(year, number, 1)), instant(datetime(*end, 1))


def clock(at: Instant, now: Instant) -> str:
    """`10:05` today, `明日08:30`, `11-23 08:30` this year, `2025-11-23` before: the short form for screens."""
    days = (at + 8 * HOUR) // DAY - (now + 8 * HOUR) // DAY
    if -1 <= days <= 1:  # a summary says thousands of these: without a datetime
        minutes = (at + 8 * HOUR) % DAY // MINUTE
        return f"{('', '明日', '昨日')[days]}{minutes // 60:02d}:{minutes % 60:02d}"
    when = local(at)
    return f"{when:%m-%d %H:%M}" if when.year == local(now).year else f"{when:%Y-%m-%d}"


def span(seconds: int) -> str:
    """A length of time in words: `42分钟`, `1小时20分`, `3天4小时`; the sign is dropped."""
    minutes = abs(seconds) // MINUTE
    if minutes < 60:  # noqa: PLR2004
        return f"{minutes}分钟"
    hours, rest = divmod(minutes, 60)
    if hours < 24:  # noqa: PLR2004
        return f"{hours}小时{rest}分" if rest else f"{hours}小时"
    days, left = divmod(hours, 24)
    return f"{days}天{left}小时" if left else f"{days}天"


def parse(text: str, now: Instant, field: str = "时间") -> Instant:
    """An instant from what people type.

    Accepts ISO 8601, `2026-11-22 10:05` and its `/` forms, `20261122`, `10:05` (the next one),
    `明天 8:30`, and spans such as `30分钟`, `2h`, `3天`. Times without an offset are Asia/Shanghai.
    Refuses dates before 2000 or more than ten years ahead with `BadInput`.
    """
    words = text.strip().translate(_HALF)
    at = _relative(words, now, field)
    if at is None:
        at = _absolute(words)
    if at is None:
        raise BadInput(
            field, f"「{words[:30]}」认不出是什么时候", "请写成 2026-11-22 10:05、10:05、明天 8:30 或 30分钟"
        )
    if not EARLIEST <= at <= now + 3653 * DAY:
        raise BadInput(field, f"{words[:30]} 不在合理范围（2000 年以后、十年以内）", "请核对年份")
    return at


_HALF = {ord(full): half for full, half in zip("０１２３４５６７８９：－／　", "0123456789:-/ ", strict=True)}


def _relative(words: str, now: Instant, field: str) -> Instant | None:
    if match := _SPAN.match(words):
        return now + int(match[1]) * _UNITS.get(match[2], DAY)
    if match := _CLOCK.match(words):
        hour, minute = int(match[2]), int(match[3])
        if hour > 23 or minute > 59:  # noqa: PLR2004
            raise BadInput(field, f"「{words[:30]}」没有这个钟点", "小时 0–23，分钟 0–59")
        days = {"明天": 1, "明日": 1, "后天": 2}.get(match[1] or "", 0)
        at = day_start(now) + days * DAY + hour * HOUR + minute * MINUTE
        return at + DAY if not match[1] and at <= now else at
    return None


def _absolute(words: str) -> Instant | None:
    for form in _FORMATS:
        try:
            return instant(datetime.strptime(words, form))
        except ValueError:
            continue
    try:
        return instant(datetime.fromisoformat(words))
    except ValueError:
        return None
