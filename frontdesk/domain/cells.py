"""What a cell of a table says: numbers, a day, a moment, one of several words. No message repeats a cell."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date

from frontdesk.domain import timing
from frontdesk.domain.errors import BadInput
from frontdesk.domain.phones import half_width, parse_phone
from frontdesk.domain.privacy import clean, one_line
from frontdesk.domain.terms import identifier
from frontdesk.domain.timing import Instant

Row = Mapping[str, str]

_REACHABLE = frozenset({"mobile", "landline", "service", "foreign"})
_LIST = re.compile(r"[/,、;，；|｜\n]+")
_SERIAL = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2})日?|月)?(?:[ T].*)?")


class Cells(dict[str, list[str]]):
    """Field → its cells that are not blank, in the table's order; [] for a field without any."""

    def __init__(self, row: Row, columns: Mapping[str, str]) -> None:
        """`columns`: column → field."""
        for column, field in columns.items():
            if (cell := row.get(column, "")).strip():
                self.setdefault(field, []).append(cell)

    def __missing__(self, field: str) -> list[str]:
        return []

    def one(self, field: str) -> str:
        """The first cell of the field on one line, or ""."""
        return one_line(next(iter(self[field]), ""))


def phones_of(text: str, field: str = "电话") -> tuple[str, ...]:
    """The numbers of a cell in their one spelling, each once; several stand apart by / , 、 ; or a space.

    Placeholders for none (`无`, `-`) answer (). `BadInput` says which one is no number, never the number.
    """
    found: list[str] = []
    for part in _LIST.split(text):
        found += _numbers(part.strip(), field, len(found) + 1)
    return tuple(dict.fromkeys(found))


def required(text: str, field: str, limit: int) -> str:
    """The plain text of a cell that must not be empty, at most `limit` characters."""
    plain = clean(text, field, limit)
    if not plain:
        raise BadInput(field, "没有填写", "请补上这一格")
    return plain


def _numbers(part: str, field: str, place: int) -> list[str]:
    """One number with blanks inside, or several with blanks between: words gather until they are a number."""
    found: list[str] = []
    words = re.sub(r"(?<=[0-9])\.0+$", "", part).split()
    whole = parse_phone(" ".join(words))
    if whole.kind == "hidden":
        return []
    if whole.kind in _REACHABLE:
        return [whole.text]
    gathered = ""
    for word in words:
        gathered = f"{gathered} {word}".strip()
        if (phone := parse_phone(gathered)).kind in _REACHABLE:
            found.append(phone.text)
            gathered = ""
    if not gathered:
        return found
    if re.search("[0-9][eE][+]?[0-9]", gathered):
        raise BadInput(field, "成了科学计数，末几位已丢失", "请把这一列设成文本格式，重新填写号码")
    digits, where = len(re.sub("[^0-9]", "", half_width(gathered))), f"第 {place + len(found)} 个"
    remedy = "请核对位数；称呼和说明写到备注一列"
    raise BadInput(field, f"{where}有 {digits} 位数字，不像完整的电话号码", remedy)


def one_phone(text: str) -> str:
    """A caller's number: internal extensions count as well, hidden ones are ""."""
    phone = parse_phone(text)
    if phone.kind in _REACHABLE or phone.kind == "extension":
        return phone.text
    found = phones_of(text)
    if len(found) > 1:
        raise BadInput("电话", f"有 {len(found)} 个号码", "一件工单只留一个，其余写进内容")
    return found[0] if found else ""


def tags(text: str) -> tuple[str, ...]:
    """Short words apart by / , 、 ; or blanks, each once (R-000-17)."""
    found = tuple(dict.fromkeys(tag for tag in re.split(r"[/,、;，；|\s]+", one_line(text)) if tag))
    if len(found) > 20 or any(len(tag) > 16 for tag in found):  # noqa: PLR2004
        raise BadInput("标签", "超过 20 个，或有一个超过 16 字", "标签写短词，用顿号隔开")
    return found


def _no_serial(words: str, field: str) -> None:
    if _SERIAL.fullmatch(words):
        raise BadInput(field, "像是表格内部的日期序号", "请把这一列设成日期格式")


def day(text: str, field: str) -> date | None:
    """A calendar day from 1950 to 2099; a month alone is its first day. None for an empty cell."""
    words = half_width(text)
    if not words:
        return None
    _no_serial(words, field)
    match = _DAY.fullmatch(re.sub(r"^([0-9]{4})([0-9]{2})([0-9]{2})$", r"\1-\2-\3", words))
    year, month, of_month = (int(part or 1) for part in match.groups()) if match else (0, 0, 0)
    if not 1950 <= year < 2100:  # noqa: PLR2004
        raise BadInput(field, "认不出，或不在 1950 到 2099 年之间", "请写成 2026-11-22")
    try:
        return date(year, month, of_month)
    except ValueError:
        raise BadInput(field, "日历上没有这一天", "请核对月和日") from None


def moment(text: str, now: Instant, field: str, lenient: bool = False) -> Instant | None:
    """A written-out time from 2000 to `now`; None for an empty cell. Never `10:05` or `3天`: they hang on today.

    With `lenient` a day counts where the time of day is unreadable, and what is no time at all is None.
    A year out of range is `BadInput` either way: it says something, and that is wrong.
    """
    words = re.sub(r"^([0-9]{4})[.年/]([0-9]{1,2})[.月/]([0-9]{1,2})日?", r"\1-\2-\3", half_width(text))
    words = re.sub(r"\s*([0-9]{1,2})[时点]([0-9]{1,2})分?(?:([0-9]{1,2})秒)?$", _clock, words)
    if not words:
        return None
    day = re.match(r"([0-9]{4})-[0-9]{1,2}-[0-9]{1,2}(?![0-9])|([0-9]{4})[0-9]{4}(?![0-9])", words)
    if day and not 2000 <= int(day[1] or day[2]) <= timing.local(now).year:  # noqa: PLR2004
        raise BadInput(field, "早于 2000 年或晚于现在", "请核对年份")
    at = next(filter(None, (_parsed(w, now) for w in (words, day[0])[: 1 + lenient])), None) if day else None
    if at is None and not lenient:
        _no_serial(words, field)
        raise BadInput(field, "认不出是什么时候", "请写成 2026-11-22 10:05")
    if at is not None and at > now:
        raise BadInput(field, "晚于现在", "请核对日期")
    return at


def _parsed(words: str, now: Instant) -> Instant | None:
    with suppress(BadInput):
        return timing.parse(words, now)
    return None


def _clock(match: re.Match[str]) -> str:
    return f" {match[1]}:{match[2]:0>2}" + (f":{match[3]:0>2}" if match[3] else "")


def choice(text: str, labels: dict[str, str], field: str) -> str:
    """The identifier for an identifier or its label; "" for an empty cell."""
    if not text:
        return ""
    found = identifier(labels, text) or identifier(labels, text.lower()) or identifier(labels, text.upper())
    if found is None:
        raise BadInput(field, "不在可选之列", f"可选：{'、'.join(labels.values())}")
    return found


def category(text: str, categories: Collection[str]) -> str:
    """A category's path, also by its last part where one ends so; unchecked where `categories` is empty."""
    if not text or not categories or text in categories:
        return clean(text, "类别", 64)
    leaves = [path for path in categories if path.rsplit("-", 1)[-1] == text]
    if len(leaves) != 1:
        raise BadInput("类别", "不在类别表里", "请写全，例如 工程维修-电梯")
    return leaves[0]
