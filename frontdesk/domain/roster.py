"""Who is on duty: turns out of a roster, the person who answers for a duty now, and hours that nobody stands (T7, R-000-02).

A duty is a role of the ladder (agent, supervisor, manager) or a department of categories.toml. Turns are half-open.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from frontdesk.domain.cells import Cells, Row, day
from frontdesk.domain.errors import BadInput
from frontdesk.domain.phones import half_width
from frontdesk.domain.privacy import one_line
from frontdesk.domain.terms import RANKS, ROLES
from frontdesk.domain.timing import DAY, HOUR, MINUTE, Instant, instant

DUTIES: Final = ("agent", "supervisor", "manager")
"""The ladder's duties; every other duty is a department."""
AHEAD: Final = 12 * HOUR
"""How far ahead the next turn still answers for a duty that nobody stands now."""
SOURCES: Final = {
    "roster": "当班",
    "next": "下一班",
    "role": "未排班，该岗位在用人员",
    "above": "无人，由上一级代",
    "below": "无人，由下一级代",
}


class Turn(NamedTuple):
    """One person's turn of duty; `login` is "" for somebody of a department who has no desk."""

    login: str
    name: str
    duty: str
    starts_at: Instant
    ends_at: Instant


class Person(NamedTuple):
    """An active operator."""

    login: str
    name: str
    role: str

    def may(self, duty: str) -> bool:
        """Whether this rank may stand that duty of the ladder; who stands higher may answer for those below."""
        return self.role in RANKS and RANKS.index(self.role) >= RANKS.index(duty)


class Answering(NamedTuple):
    """Who answers for a duty: `source` out of `SOURCES`, `held` the duty that these people stand.

    `at` is the end of the turn for `roster`, its beginning for `next`, None where no turn says.
    """

    duty: str
    source: str
    held: str
    people: tuple[tuple[str, str], ...]
    at: Instant | None = None

    @property
    def names(self) -> str:
        """The people by their names."""
        return "、".join(name for _login, name in self.people)


def on_duty(turns: Iterable[Turn], duty: str, now: Instant) -> tuple[Turn, ...]:
    """The turns of that duty at that second, those that began first in front."""
    return tuple(
        sorted(
            (turn for turn in turns if turn.duty == duty and turn.starts_at <= now < turn.ends_at),
            key=lambda turn: (turn.starts_at, turn.ends_at, turn.name),
        )
    )


def standing(turns: Iterable[Turn], people: Iterable[Person]) -> tuple[Turn, ...]:
    """The turns that can be counted on: of departments all, of the ladder those of active people of the rank."""
    known = {person.login: person for person in people}
    return tuple(
        turn
        for turn in turns
        if turn.duty not in RANKS or ((person := known.get(turn.login)) is not None and person.may(turn.duty))
    )


def answering(
    turns: Iterable[Turn], duty: str, now: Instant, people: Sequence[Person] = ()
) -> Answering | None:
    """Who answers for the duty now: on the roster, next within 12 h, whoever has the role, the rung above, the one below.

    None for a department without a turn, and for the ladder only where no active operator handles tickets.
    """
    sound = standing(turns, people)
    if duty not in RANKS:
        return _rostered(sound, duty, duty, now)
    rank = RANKS.index(duty)
    for held in (*RANKS[rank:], *reversed(RANKS[:rank])):
        found = _rostered(sound, duty, held, now) or _by_role(duty, held, people)
        if found is not None:
            if held == duty:
                return found
            return found._replace(source="above" if RANKS.index(held) > rank else "below")
    return None


def _rostered(turns: Sequence[Turn], duty: str, held: str, now: Instant) -> Answering | None:
    here = on_duty(turns, held, now)
    if here:
        return Answering(duty, "roster", held, _people(here), max(turn.ends_at for turn in here))
    later = [turn for turn in turns if turn.duty == held and now < turn.starts_at < now + AHEAD]
    if not later:
        return None
    first = min(turn.starts_at for turn in later)
    return Answering(duty, "next", held, _people(t for t in later if t.starts_at == first), first)


def _people(turns: Iterable[Turn]) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys((turn.login, turn.name) for turn in turns))


def _by_role(duty: str, held: str, people: Iterable[Person]) -> Answering | None:
    found = tuple((person.login, person.name) for person in people if person.role == held)
    return Answering(duty, "role", held, found) if found else None


def gaps(
    turns: Iterable[Turn], duty: str, start: Instant, end: Instant
) -> tuple[tuple[Instant, Instant], ...]:
    """The half-open spans of [start, end) in which nobody stands the duty."""
    found, covered = [], start
    mine = sorted((t.starts_at, t.ends_at) for t in turns if t.duty == duty and t.ends_at > start)
    for begins, ends in mine:
        if begins >= end:
            break
        if begins > covered:
            found.append((covered, begins))
        covered = max(covered, ends)
    if covered < end:
        found.append((covered, end))
    return tuple(found)


def next_shift(turns: Iterable[Turn], now: Instant) -> tuple[Instant, Instant]:
    """The desk's shift that is handed over to at `now`: the one that begins next, or has begun within the hour.

    Without a roster the next twelve hours.
    """
    coming = [turn for turn in turns if turn.duty == "agent" and now - HOUR < turn.starts_at < now + AHEAD]
    if not coming:
        return now, now + AHEAD
    first = min(turn.starts_at for turn in coming)
    return first, max(turn.ends_at for turn in coming if turn.starts_at == first)


# --- rows of a roster's table ----------------------------------------------------------------------------------

_ALIASES: Final = {
    "day": "日期 值班日期 班次日期 date day",
    "name": "姓名 值班人 值班人员 人员 name",
    "login": "工号 账号 登录名 login",
    "duty": "岗位 值班岗位 部门 duty post",
    "starts": "开始 开始时间 上班 上班时间 起 start from",
    "ends": "结束 结束时间 下班 下班时间 止 end to",
}
_FIELDS: Final = {name: field for field, names in _ALIASES.items() for name in names.split()}
_CLOCK: Final = re.compile(r"(次日|第二天)?\s*([0-9]{1,2})(?:[:时点]([0-9]{2})?分?)?(?::00)?")
YEAR: Final = 366 * DAY


def roster_columns(columns: Sequence[str]) -> dict[str, str]:
    """Column → field; `BadInput` where one that is needed is missing."""
    bare = {c: re.sub(r"\(.*?\)|[\s*:]", "", half_width(one_line(c)).lower()) for c in columns}
    found = {column: _FIELDS[name] for column, name in bare.items() if name in _FIELDS}
    given = set(found.values())
    missing = [
        label
        for label, fields in (
            ("日期", {"day"}),
            ("姓名或工号", {"name", "login"}),
            ("岗位", {"duty"}),
            ("开始", {"starts"}),
            ("结束", {"ends"}),
        )
        if not given & fields
    ]
    if missing:
        raise BadInput(
            "表头", f"缺少「{'」「'.join(missing)}」", "请把列名写成：日期、姓名、工号、岗位、开始、结束"
        )
    return found


def day_and_duty(
    row: Row, columns: Mapping[str, str], duties: Mapping[str, str]
) -> tuple[Instant, str] | None:
    """The day and the duty that a row speaks of, whatever else is wrong with it; None where it does not say."""
    cells = Cells(row, columns)
    try:
        when = day(cells.one("day"), "日期")
    except BadInput:
        return None
    duty = duties.get(cells.one("duty"))
    return (instant(datetime(when.year, when.month, when.day)), duty) if when and duty else None


def turn_from_row(
    row: Row,
    columns: Mapping[str, str],
    *,
    line: int,
    now: Instant,
    duties: Mapping[str, str],
    people: Collection[Person],
) -> Turn:
    """A row of the roster as a turn; `duties` word → duty, `people` the active operators.

    A turn that ends at or before the time of day it begins crosses midnight. `BadInput` names the line and the field.
    """
    cells = Cells(row, columns)
    try:
        when = day(cells.one("day"), "日期")
        if when is None:
            raise BadInput("日期", "没有填写", "请写成 2026-11-22")
        midnight = instant(datetime(when.year, when.month, when.day))
        if abs(midnight - now) > YEAR:
            raise BadInput("日期", f"{when} 离今天超过一年", "请核对年份")
        duty = _duty(cells.one("duty"), duties)
        starts = midnight + _time(cells.one("starts"), "开始", last=DAY - MINUTE)
        ends = midnight + _time(cells.one("ends"), "结束", last=2 * DAY - MINUTE)
        ends += DAY if ends <= starts else 0
        if ends - starts > DAY:
            raise BadInput("结束", "这个班超过 24 小时", "请核对开始和结束，或分成两行")
        login, name = _person(cells.one("login"), cells.one("name"), duty, people)
        return Turn(login, name, duty, starts, ends)
    except BadInput as bad:
        raise BadInput(f"第 {line} 行 {bad.field}", bad.problem, bad.remedy) from None


def _duty(word: str, duties: Mapping[str, str]) -> str:
    if not word:
        raise BadInput("岗位", "没有填写", f"可写：{'、'.join(dict.fromkeys(duties))}")
    if word not in duties:
        raise BadInput("岗位", f"没有「{word[:20]}」", f"可写：{'、'.join(dict.fromkeys(duties))}")
    return duties[word]


def _time(text: str, field: str, last: int) -> int:
    """Seconds from the day's midnight: `20:00`, `8点30`, `24:00`, `次日08:00`, or a whole hour."""
    words = half_width(text).strip()
    if not words:
        raise BadInput(field, "没有填写", "请写成 08:30 或 20:00")
    match = _CLOCK.fullmatch(words)
    hour, minute = (int(match[2]), int(match[3] or 0)) if match else (99, 0)
    seconds = hour * HOUR + minute * MINUTE
    if minute >= 60 or seconds > DAY:  # noqa: PLR2004
        raise BadInput(field, "认不出是几点", "请写成 08:30 或 20:00")
    seconds += DAY if match and match[1] else 0
    if seconds > last:
        raise BadInput(field, "认不出是几点", "开始写当天的时间；过零点的班，结束写次日几点即可，如 08:00")
    return seconds


def _person(login: str, name: str, duty: str, people: Collection[Person]) -> tuple[str, str]:
    """Login and name as the house knows them; people of departments need not be known."""
    if not login and not name:
        raise BadInput("姓名", "没有填写", "请写值班人的姓名或工号")
    # A number in one column may stand under either head: who is known by it is meant.
    found = [p for p in people if (p.login == login if login else name in (p.name, p.login))]
    if duty not in RANKS:
        if len(found) == 1 and (not name or name in (found[0].name, found[0].login)):
            return found[0].login, found[0].name
        return "", (name or login)[:40]
    label = ROLES[duty]
    if not found:
        raise BadInput(
            "姓名", "不是在用的前台人员", f"值{label}班的人要先登记：frontdesk operator add 账号 --name 姓名"
        )
    if len(found) > 1:
        raise BadInput("姓名", f"有 {len(found)} 位同名的人员", "请加一列「工号」写明账号")
    person = found[0]
    if name and name not in (person.name, person.login):
        raise BadInput("姓名", "与工号不是同一个人", "请核对这一行的姓名和工号")
    if not person.may(duty):
        raise BadInput("岗位", f"这位是{ROLES[person.role]}，不能值{label}班", "请换人，或请管理员改角色")
    return person.login, person.name
