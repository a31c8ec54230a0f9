"""What a trainee's typed line means as an answer, and what the right number for a limit is."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from frontdesk.domain.drill import Option, Question
from frontdesk.domain.errors import BadInput
from frontdesk.domain.owner import measure
from frontdesk.domain.playbook import Limit
from frontdesk.domain.privacy import clean, one_line, redact

LEAST, LONGEST = 4, 300
"""Characters of a typed sentence."""


class Answer(NamedTuple):
    """What was answered to a question: the choice, the typed sentence or the number; `seconds` it took."""

    text: str
    option: Option | None = None
    number: int | None = None
    seconds: int = 0


def answer(question: Question, text: str, seconds: int = 0) -> Answer:
    """What a typed line means as an answer; personal data in it is masked. `BadInput` says what to type instead."""
    if question.kind == "ring":
        return Answer("", seconds=seconds)
    said = redact(one_line(clean(text, "回答", 2_000))).text
    plain = unicodedata.normalize("NFKC", said)
    if question.limit is not None:
        return Answer(plain[:20], number=_number(question.limit, plain), seconds=seconds)
    if re.fullmatch(r"\d+", plain):
        place = int(plain[:4])
        if not 1 <= place <= len(question.options):
            raise BadInput("回答", f"没有选项 {plain[:6]}", f"请按 1 到 {len(question.options)}")
        option = question.options[place - 1]
        return Answer(option.text, option, seconds=seconds)
    if question.kind == "stand":
        raise BadInput("回答", "这一题只能选", f"请按 1 到 {len(question.options)}")
    if not LEAST <= len(said) <= LONGEST:
        raise BadInput(
            "回答",
            "太短" if len(said) < LEAST else "太长",
            f"请选数字，或说一句完整的话（{LEAST} 到 {LONGEST} 个字）",
        )
    return Answer(said, seconds=seconds)


_SPELLED: Final = {ch: place for place, ch in enumerate("零一二三四五六七八九十")} | {"两": 2, "半": 30}


def _number(limit: Limit, said: str) -> int:
    """The number in the unit in which it was asked; a clock time as minutes of the day."""
    unit = measure(limit)
    if unit == "点":
        found = re.fullmatch(r"(\d{1,2})[:：点]?([0-5]\d)?分?", said)
        if found and int(found[1]) < 24:  # noqa: PLR2004
            return int(found[1]) * 60 + int(found[2] or 0)
        raise BadInput("回答", f"「{said[:10]}」不是钟点", "请写成 09:00 这样")
    found = re.fullmatch(r"(\d{1,5})\s*(分钟|分|小时|天|日|%)?", said)
    value = int(found[1]) if found else _SPELLED.get(said[:1], -1) if len(said) == 1 else -1
    if value < 0:
        raise BadInput("回答", f"「{said[:10]}」不是数字", "请只打一个数字")
    written = (found[2] if found else None) or ""
    if unit == "小时" and written.startswith("分"):
        return value // 60 if value % 60 == 0 else 10**6
    if unit == "分钟" and written == "小时":
        return value * 60
    if unit == "天" and written == "小时" and value % 24 == 0:
        return value // 24
    return value


def wanted(limit: Limit) -> int:
    """The right number, in the unit in which it is asked."""
    if limit.percent is not None:
        return limit.percent
    if limit.at is not None:
        hour, minute = limit.at.split(":")
        return int(hour) * 60 + int(minute)
    if limit.days is not None:
        return abs(limit.days)
    minutes = limit.minutes or 0
    return minutes // 60 if measure(limit) == "小时" else minutes


def told(limit: Limit) -> str:
    """The right answer as it is read."""
    unit = measure(limit)
    if limit.at is not None:
        return limit.at
    if limit.days == 0:
        return "当天（0 天）"
    return f"{wanted(limit)}{unit}" if unit == "%" else f"{wanted(limit)} {unit}"
