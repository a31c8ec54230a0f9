"""Which phrases to offer now, and how one is filled in before it is said (X5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from frontdesk.domain.errors import BadInput
from frontdesk.domain.pinyin import finder
from frontdesk.domain.playbook import BLANK, BLANKS, CONFIRMED_BY, STEPS, Handbook, Phrase

_ORDER: Final = {step: place for place, step in enumerate(STEPS)}
_FIRST: Final = -1
_FRONT, _MIDDLE, _BEHIND = 0, 1, 2

# A moment names a clock time or a day; a length of time (30分钟) would read wrong in 「{约定时间}前」 and
# start no clock.
_MOMENT: Final = re.compile(
    r"\d{1,2}[:：]\d{2}|[0-9一二两三四五六七八九十]{1,3}点|\d{1,2}[-/月]\d{1,2}|[0-9一二三四五六七八九十]{1,3}[日号]"
    r"|[明后][天日]|明[早晚]|(?:周|星期|礼拜)[一二三四五六日天]"
)
_LENGTH: Final = re.compile(r"[0-9一二两三四五六七八九十半几]+个?(?:分钟|小时|钟头|天|星期|礼拜|月内)")


def rank(
    handbook: Handbook,
    *,
    category: str | None,
    case: str | None,
    step: str | None,
    typed: str = "",
    limit: int = 40,
) -> tuple[Phrase, ...]:
    """The phrases to list, best first and always in the same order.

    A chosen case (`B5` or its scenario `B5-1`) comes first, its emergency words on top; then the call in its
    order, within a step what belongs to the category before the general. Cases stand last while the category
    is not known, and behind a chosen one. `step` keeps one step. `typed` keeps what it finds, first by title and
    keywords, then by the text: hanzi, pinyin, initials or all mixed; several words must all be found.
    """
    ordered = _ordered(handbook, category, case, step)
    tests = [finder(word) for word in typed.split()]
    if not tests:
        return ordered[:limit]
    by_topic: list[Phrase] = []
    by_text: list[Phrase] = []
    for phrase in ordered:
        left = [test for test in tests if not test(phrase.topic_key)]
        if not left:
            by_topic.append(phrase)
        elif all(test(phrase.text_key) for test in left):
            by_text.append(phrase)
    return tuple((by_topic + by_text)[:limit])


@lru_cache(maxsize=128)
def _ordered(
    handbook: Handbook, category: str | None, case: str | None, step: str | None
) -> tuple[Phrase, ...]:
    chosen = (case or "").partition("-")[0]
    places: list[tuple[tuple[int, int, int], Phrase]] = []
    for guide in handbook.guides:
        for phrase in guide.phrases:
            ours = category in phrase.categories
            if ours or not category or not phrase.categories:
                places.append(((_FRONT if ours and not chosen else _MIDDLE, _ORDER[phrase.step], 1), phrase))
    for each in handbook.cases.values():
        if each.id != chosen and category is not None and category not in each.categories:
            continue
        for phrase in each.phrases:
            order = _FIRST if phrase.step == "emergency" else _ORDER[phrase.step]
            places.append(((_group(phrase, category, chosen, case), order, 0), phrase))
    places.sort(key=lambda place: place[0])
    return tuple(phrase for _, phrase in places if step is None or phrase.step == step)


def _group(phrase: Phrase, category: str | None, chosen: str, case: str | None) -> int:
    """The chosen scenario in front; another of the same case with the call; other cases behind a chosen one."""
    if phrase.case == chosen:
        return _FRONT if case == chosen or phrase.scenario in (None, case) else _MIDDLE
    return _BEHIND if chosen or category is None else _MIDDLE


def blanks(phrase: Phrase) -> tuple[str, ...]:
    """The blanks to ask for, in spoken order; at the end, where a department must confirm, by whom (X5)."""
    names = tuple(dict.fromkeys(BLANK.findall(phrase.text)))
    return (*names, CONFIRMED_BY) if phrase.confirm else names


def fill(phrase: Phrase, values: Mapping[str, str]) -> str:
    """The sentence with its blanks filled; `BadInput` names the first one that is empty or no time (X5).

    A time must be a moment as `timing.clock` writes it or as people say it (今天16:30, 周五下午3点), never
    尽快 or a length.
    """
    for name in blanks(phrase):
        value = values.get(name, "").strip()
        if not value and name == CONFIRMED_BY:
            raise BadInput(
                name, f"没有填，这个时间要{phrase.confirm}确认过才能说", "请先问清楚，再填是谁确认的"
            )
        if not value:
            raise BadInput(name, "没有填", f"请填{BLANKS[name]}")
        if name in phrase.needs and (_MOMENT.search(value) is None or _LENGTH.search(value) is not None):
            raise BadInput(
                name, f"「{value[:20]}」不是具体时间", "说给业主的时间要到钟点，如：今天16:30、明日10:00"
            )
    return BLANK.sub(lambda match: values[match[1]].strip(), phrase.text)
