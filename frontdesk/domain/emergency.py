"""Whether a danger that is named is happening now (R-001-10), or denied, past, only feared, or already over.

A false alarm costs one key, a missed one costs a person: every doubt is decided for the danger, and what is spared is still high.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_CLAUSE: Final = re.compile(r"[，,、：:]")

# Directly before the danger: 没有人受伤, 未造成人员伤亡. A 没 further away denies something else (没人管，困在里面).
_DENIED: Final = re.compile(r"(?:没有?|无|未|并非|不是)(?:造成|发生|出现|任何|人员|人|被|再|什么|明显)*$")
_NEARLY: Final = re.compile(r"(?:差点|差一点|险些)(?:儿|就|没)*$")
_NOW: Final = re.compile(r"现在|正在|此刻|目前|刚刚|刚才|刚|今[天早晚]|还在|仍|又|正|快来|马上|赶紧|救命|着呢")
_PAST: Final = re.compile(
    r"上周|上个?星期|上个?月|上次|上回|去年|前年|昨[天日晚]|前天|前几[天日]|以前|曾|当时|那次|那天|月初|年初|几天前|前段时间|早些时候|那一?回"
)
_FEARED: Final = re.compile(r"万一|如果|要是|假如|倘若|一旦|以免|避免|防止|预防|谨防|防范|哪天|会不会|能不能|试问|演练|宣传|隐患|风险")
_CAUSED: Final = re.compile(r"容易|易|引发|引起|导致|酿成|可能会|会有|怕会|就会|将会")
_OFTEN: Final = re.compile(
    r"经常|总是|老是|时常|常常|频繁|频发|多次|屡次|屡屡|每次|每天|每晚|动不动|隔三差五|好几次|几次|次数|长期|不是|各种|事故|历史"
)
_OVER: Final = re.compile(
    r"(?:已经?|都)?(?:救出|放出|获救|脱困|解救|扑灭|灭了|熄灭|关好了|关掉了|止住了|停住了|出来了|没事了|解除|送医院?了|恢复正常)"
)
_HAPPENED: Final = re.compile(r"^[^，,]{0,2}[了着]")

_DENIED_IS, _NEARLY_IS, _PAST_IS, _FEARED_IS, _OFTEN_IS, _OVER_IS = "没有发生", "差点发生", "是过去的事", "只是担心", "是反复发生", "已经解除"


def judge(text: str, places: Iterable[tuple[str, int, str]]) -> tuple[str | None, str | None]:
    """(the words of a danger now, None), or (None, why the named ones are not): places are (words, position, sentence)."""
    spared: str | None = None
    for words, position, sentence in places:
        why = _why_not(sentence, position, text)
        if why is None:
            return words, None
        if why != _DENIED_IS:
            spared = spared or f"因为：{words}，{why}，不按紧急"
    return None, spared


def _why_not(sentence: str, position: int, text: str) -> str | None:
    start, end = _clause(sentence, position)
    before, clause, rest = sentence[start:position], sentence[start:end], sentence[position:]
    if _DENIED.search(before):
        return _DENIED_IS
    if _NEARLY.search(before):
        return _NEARLY_IS
    if _OVER.search(rest) or _OVER.search(text, text.find(sentence) + len(sentence)):
        return _OVER_IS
    if _FEARED.search(clause):
        return _FEARED_IS
    if _NOW.search(clause):
        return None
    if _PAST.search(_with_time(sentence, start) + before) or rest[1:3].startswith("过") or "过" in rest[2:3]:
        return _PAST_IS
    happened = _HAPPENED.search(rest[1:4]) is not None
    if not happened and _CAUSED.search(before):
        return _FEARED_IS
    if not happened and _OFTEN.search(clause):
        return _OFTEN_IS
    return None


def _clause(sentence: str, position: int) -> tuple[int, int]:
    start = max((match.end() for match in _CLAUSE.finditer(sentence, 0, position)), default=0)
    following = _CLAUSE.search(sentence, position)
    return start, following.start() if following else len(sentence)


def _with_time(sentence: str, start: int) -> str:
    """The clause before, when it is only a time: 上周三，孩子被困."""
    if start == 0:
        return ""
    head, _ = _clause(sentence, start - 2 if start > 1 else 0)
    clause = sentence[head : start - 1]
    return clause if len(clause) <= 6 else ""  # noqa: PLR2004
