"""Whether a danger that is named is happening now (R-001-10), or denied, past, only feared, or already over.

A false alarm costs one key, a missed one costs a person: every doubt is decided for the danger, and what is
spared is still high.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

_CLAUSE: Final = re.compile(r"[，,、：:]")

# Directly before the danger: 没有人受伤. A 没 further away denies something else (没人管，困在里面).
_DENIED: Final = re.compile(r"(?:没有?|无|未|并非|不是)(?:造成|发生|出现|任何|人员|人|被|再|什么|明显)*$")
_NEARLY: Final = re.compile(r"(?:差点|差一点|险些)(?:儿|就|没)*$")
_FEARED: Final = re.compile(
    r"万一|如果|要是|假如|倘若|一旦|以免|避免|防止|预防|谨防|防范|哪天|试问|会不会[^，,]{0,4}$"
)
_DRILL: Final = re.compile(r"演练|演习|宣传|隐患|风险")
_MIGHT: Final = re.compile(
    r"(?:容易|极易|很易)[^，,]{0,4}$|(?:易|可能|会|将)(?:随时|再次)?(?:引发|引起|导致|造成|酿成|发生|出现)[^，,]{0,4}$"
)
_NOW: Final = re.compile(
    r"现在|正在|此刻|目前|刚刚|刚才|刚|今[天早晚]|还在|还没|仍|又|正|快来|马上|赶紧|开始|以来|至今|一直"
)
_PAST: Final = re.compile(
    r"上周|上个?星期|上个?月|上次|上回|去年|前年|昨[天日晚]|前天|前几[天日]|以前|曾|当时|那次|那天|月初|年初|几天前|前段时间|那一?回"
)
_ONCE: Final = re.compile(r".{1,3}过(?![来去])")
_OFTEN: Final = re.compile(
    r"经常|总是|老是|时常|常常|频繁|频发|多次|屡次|屡屡|每次|每天|每晚|动不动|隔三差五|好几次|几次|长期|不是.*就是"
)
_OVER: Final = re.compile(
    r"(?:已经?|都|全)(?:被)?(?:救出|放出来|获救|脱困|解救|扑灭|送医|送到?医院|没事|解除|恢复)"
    r"|救出来了|放出来了|获救了|到获救|脱困了|扑灭了|火灭了|没事了|送医院了|已经?出来了"
    r"|(?:人|孩子|老人|[他她我])们?(?:已经?|都|全)*出来了"
)
# 困在、困着 say that it goes on; 了 or 着 just behind the danger says that it has happened.
_GOES_ON: Final = re.compile(r"困在|困着|困住|被困|关在|关着|出不来|出不去")
_HAPPENED: Final = re.compile(r"[^，,]{1,4}?[了着]")
_TIME_ALONE = 6


class Place(NamedTuple):
    """Where a danger is named: the words that matched, its position in the sentence, the sentence, and what
    follows it.
    """

    words: str
    position: int
    sentence: str
    next: str


def judge(places: Iterable[Place]) -> tuple[str | None, str | None]:
    """(the words of a danger that is now, None), or (None, why the one that is named does not count as
    urgent).
    """
    spared: str | None = None
    for place in places:
        why = _why_not(place)
        if why is None:
            return place.words, None
        if why and spared is None:
            spared = f"因为：{place.words}，{why}，不按紧急"
    return None, spared


def _why_not(place: Place) -> str | None:
    """None where it is happening; else the reason, empty where nothing at all happened."""
    sentence, rest = place.sentence, place.sentence[place.position :]
    start, end = _clause(sentence, place.position)
    before, clause = sentence[start : place.position], sentence[start:end]
    if _DENIED.search(before):
        return ""
    if _NEARLY.search(before):
        return "差点发生"
    if _OVER.search(rest) or _OVER.search(place.next):
        return "已经解除"
    if _FEARED.search(before) or _DRILL.search(clause):
        return "只是担心"
    if _NOW.search(clause):
        return None
    return _tense(_time_before(sentence, start), before, clause, rest)


def _tense(time: str, before: str, clause: str, rest: str) -> str | None:
    """The same for a clause that does not say when: by its verbs and its adverbs of time."""
    if _PAST.search(time + before) or _ONCE.match(rest):
        return "是过去的事"
    if _GOES_ON.match(rest) or _HAPPENED.match(rest):
        return None
    if _MIGHT.search(before):
        return "只是担心"
    return "是反复发生" if _OFTEN.search(clause) else None


def _clause(sentence: str, position: int) -> tuple[int, int]:
    start = max((match.end() for match in _CLAUSE.finditer(sentence, 0, position)), default=0)
    following = _CLAUSE.search(sentence, position)
    return start, following.start() if following else len(sentence)


def _time_before(sentence: str, start: int) -> str:
    """The clause before, where it is only a time: 上周三，孩子被困."""
    if start < 2:  # noqa: PLR2004
        return ""
    clause = sentence[_clause(sentence, start - 1)[0] : start - 1]
    return clause if len(clause) <= _TIME_ALONE else ""
