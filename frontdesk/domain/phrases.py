"""Which phrases to offer now, how one is filled in before it is said, and what may not be said at all (X5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Final, NamedTuple

from frontdesk.domain.emergency import mentions
from frontdesk.domain.errors import BadInput
from frontdesk.domain.pinyin import finder
from frontdesk.domain.playbook import BLANK, BLANKS, CONFIRMED_BY, STEPS, Handbook, Phrase, Topic
from frontdesk.domain.timing import DAY, Instant, day_start, local
from frontdesk.domain.wording import Words, holds

_ORDER: Final = {step: place for place, step in enumerate(STEPS)}
_FIRST: Final = -1
_FRONT, _MIDDLE, _BEHIND, _LAST = 0, 1, 2, 3
_POINTING: Final = 20
"""How many phrases behind the last to be shown are looked at for one that is pointed at."""

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

    A chosen `case` (`B5`, its scenario `B5-1`, or a topic's id, `gas`) comes first, its emergency words on top;
    then the call in its order, within a step what belongs to the category before the general, but a topic's first
    question behind the greeting. Cases and topics stand last while the category is not known, and behind a chosen
    one; so does a topic in a category that is not its home. `step` keeps one step. `typed` keeps what it finds, first
    by title and keywords, then by the text: hanzi, pinyin, initials or all mixed; several words must all be found.
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


def offered(  # noqa: PLR0913 - each is known by somebody else
    handbook: Handbook,
    *,
    said: str,
    category: str | None,
    case: str | None,
    urgent: bool = False,
    dangers: Callable[[], Sequence[str]] = tuple,
    step: str | None = None,
    typed: str = "",
    limit: int = 40,
) -> tuple[Phrase, ...]:
    """As `rank`, for what the owner `said` (hanzi, as the reader has read it): where no case is chosen the topic that
    it speaks of is, and what it points at comes first (`pointed`), unless the list was `typed` into.

    Where it is `urgent` a topic with a number to ring goes before a case that has no words for an emergency, and where
    neither tells what to say, the words for any emergency come first. `dangers` tells those that were heard in it; it
    is asked only where they matter.
    """
    prepared = case is not None and _prepared(handbook, case)
    spoken: tuple[Topic, ...] = ()
    if not prepared and (urgent or not case):
        spoken = topics(handbook, said, category, urgent=urgent, dangers=dangers() if urgent else ())
    danger = bool(spoken) and urgent and bool(spoken[0].call)
    chosen = spoken[0].id if spoken and (danger or not case) else case
    if typed or not said:
        return rank(handbook, category=category, case=chosen, step=step, typed=typed, limit=limit)
    found = _ordered(handbook, category, chosen, step)
    if urgent and not (danger or prepared):
        return _for_any_emergency(pointed(found, said), said, before_case=bool(case))[:limit]
    if not urgent:
        found = tuple(sorted(found, key=_for_emergencies_alone))
    return pointed(found[: limit + _POINTING], said)[:limit]


def _for_emergencies_alone(phrase: Phrase) -> bool:
    """Whether it is for an emergency of any kind, and nothing for a call about the guard at the gate."""
    return phrase.step == "emergency" and phrase.case is None and phrase.topic is None


def _for_any_emergency(phrases: Sequence[Phrase], said: str, *, before_case: bool) -> tuple[Phrase, ...]:
    """What is pointed at first, then, unless that is enough before a case, what any emergency needs and what topics
    would say.
    """
    aims = {phrase.id: _aim(phrase, said) for phrase in phrases if phrase.step == "emergency"}
    enough = before_case and _FRONT in aims.values()

    def place(phrase: Phrase) -> tuple[int, bool]:
        aim = aims.get(phrase.id, _LAST)
        if aim == _LAST or (enough and aim != _FRONT):
            return _LAST, False
        return aim, phrase.topic is not None

    return tuple(sorted(phrases, key=place))


def _prepared(handbook: Handbook, case: str) -> bool:
    """Whether a case has words for an emergency."""
    found = handbook.cases.get(case.partition("-")[0])
    return found is not None and any(phrase.step == "emergency" for phrase in found.phrases)


def pointed(phrases: Sequence[Phrase], said: str) -> tuple[Phrase, ...]:
    """The same, but of those for one step of a case, of a topic or of any call first what the owner `said` points at.

    A phrase that names words and hears none of them goes behind those that name none: who has water coming through the
    ceiling is not told about the taps.
    """
    out: list[Phrase] = []
    for _, run in groupby(phrases, key=lambda phrase: (phrase.case, phrase.topic, phrase.step)):
        out += sorted(run, key=lambda phrase: _aim(phrase, said))
    return tuple(out)


def _aim(phrase: Phrase, said: str) -> int:
    if not phrase.words:
        return _MIDDLE
    return _FRONT if any(holds(word, said) for word in phrase.words) else _BEHIND


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
    for topic in handbook.topics.values():
        if topic.id != chosen and category is not None and category not in topic.categories:
            continue
        for phrase in topic.phrases:
            # Only a chosen topic is sure to be the matter: its alarm must not stand above every call of a category.
            order = _FIRST if phrase.step == "emergency" and topic.id == chosen else _ORDER[phrase.step]
            behind_greeting = 2 if phrase.step == "opening" and topic.id != chosen else 0
            places.append(((_rank(topic, category, chosen), order, behind_greeting), phrase))
    places.sort(key=lambda place: place[0])
    return tuple(phrase for _, phrase in places if step is None or phrase.step == step)


def _group(phrase: Phrase, category: str | None, chosen: str, case: str | None) -> int:
    """The chosen scenario in front; another of the same case with the call; other cases behind a chosen one."""
    if phrase.case == chosen:
        return _FRONT if case == chosen or phrase.scenario in (None, case) else _MIDDLE
    return _BEHIND if chosen or category is None else _MIDDLE


def _rank(topic: Topic, category: str | None, chosen: str) -> int:
    if topic.id == chosen:
        return _FRONT
    return _MIDDLE if category == topic.home and not chosen else _BEHIND


def topics(
    handbook: Handbook,
    text: str,
    category: str | None = None,
    *,
    urgent: bool = False,
    dangers: Sequence[str] = (),
) -> tuple[Topic, ...]:
    """The topics that a note speaks of, best first: by keywords that it does not deny, then those whose home is the
    category; where it is `urgent` also by the `dangers` that were heard in it, the likeliest first, and those with a
    number to ring before all others.

    None where nothing points to one: a category alone chooses no topic when it is home to several, or in an emergency.
    """
    scored: list[tuple[bool, int, int, bool, Topic]] = []
    for topic in handbook.topics.values():
        heard = [place for place, danger in enumerate(dangers) if urgent and danger in topic.dangers]
        hits = sum(mentions(word, text) for word in topic.keywords) + bool(heard)
        if hits:
            calm = urgent and not topic.call
            likeliest = heard[0] if heard else len(dangers)
            points = -hits - (category in topic.categories)
            scored.append((calm, points, likeliest, topic.home != category, topic))
    if scored:
        scored.sort(key=lambda each: each[:4])
        return tuple(each[4] for each in scored)
    at_home = tuple(topic for topic in handbook.topics.values() if topic.home == category)
    return at_home if len(at_home) == 1 and not urgent else ()


def blanks(phrase: Phrase) -> tuple[str, ...]:
    """The blanks to ask for, in spoken order; at the end, where a department must confirm, by whom (X5)."""
    names = tuple(dict.fromkeys(BLANK.findall(phrase.text)))
    return (*names, CONFIRMED_BY) if phrase.confirm else names


def fill(phrase: Phrase, values: Mapping[str, str], words: Words | None = None) -> str:
    """The sentence with its blanks filled; `BadInput` names the first one that is empty or no time (X5).

    A time must be a moment as `timing.clock` writes it or as people say it (今天16:30, 周五下午3点), never
    尽快 or a length. With the handbook's `words` no blank may bring in what must not be said (never-promise marks).
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
        for found in words.found(value) if words else ():
            raise BadInput(name, f"有不能说的话「{found.word}」（{found.label}）", found.remedy)
    return BLANK.sub(lambda match: values[match[1]].strip(), phrase.text)


class Said(NamedTuple):
    """A sentence that may go out, and the moments that it promises: each must become a clock (DESIGN §5)."""

    text: str
    promises: tuple[tuple[str, Instant], ...]


def say(
    phrase: Phrase, values: Mapping[str, str], times: Mapping[str, Instant], now: Instant, words: Words
) -> Said:
    """The sentence as it goes out, its times written from real clocks: what is said and what runs cannot differ (X5).

    `values` are the other blanks, `times` by blank the moment of a clock, UTC seconds. `BadInput` names a blank that is
    empty, a time without a clock or not after `now`, the missing confirmation of a department, or a forbidden word.
    """
    spoken = dict(values)
    for name in phrase.needs:
        if name not in times:
            raise BadInput(name, "没有对应的计时", "先约好钟点、开始计时，再说这句话")
        if times[name] <= now:
            raise BadInput(name, "已经过了", "请约一个还没到的时间")
        spoken[name] = moment(times[name], now)
    text = fill(phrase, spoken, words)
    return Said(text, tuple((name, times[name]) for name in phrase.needs))


def moment(at: Instant, now: Instant) -> str:
    """A time as it is said to an owner: 今天16:30, 明天10:00, 11月25日9:00 (Shanghai)."""
    when, days = local(at), (day_start(at) - day_start(now)) // DAY
    day = {0: "今天", 1: "明天", 2: "后天"}.get(days, f"{when.month}月{when.day}日")
    return f"{day}{when.hour}:{when.minute:02d}"


class Warned(NamedTuple):
    """Something in a typed text that must not reach an owner: what, why, and the id of what may be said instead."""

    words: str
    why: str
    instead: str


def unsayable(handbook: Handbook, text: str, *, case: str | None = None) -> tuple[Warned, ...]:
    """What in a text typed for an owner must not be said: forbidden words, and what the chosen case (`A1`, `A1-2`) or
    topic forbids (NOPROMISE marks). Empty: it may go out.
    """
    found = [Warned(each.word, each.label, "") for each in handbook.words.found(text)]
    chosen = (case or "").partition("-")[0]
    part = handbook.cases.get(chosen) or handbook.topics.get(chosen)
    for each in part.unsayable if part else ():
        if each.scenario in (None, case) or case == chosen:
            found += [Warned(w, each.why, each.instead) for w in each.words if holds(w, text)]
    return tuple(dict.fromkeys(found))
