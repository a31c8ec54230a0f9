"""What the handbook holds, as frozen values; handbook.py reads them from its files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from frontdesk.domain.coaching import Advice, Line, Method, Standard, advise, counts
from frontdesk.domain.pinyin import Key, search_key
from frontdesk.domain.timing import DAY, HOUR, MINUTE, Instant, day_start
from frontdesk.domain.wording import Words

STEPS: Final = {
    "opening": "开场",
    "empathy": "安抚",
    "restate": "复述核实",
    "hold": "请稍等",
    "solve": "处理说明",
    "promise": "约定回复",
    "escalate": "服务上移",
    "progress": "通报进展",
    "follow_up": "回访",
    "closing": "收尾",
    "emergency": "突发应急",
}
"""In the order of a call; an emergency comes when it comes, so it stands last here and first in its cases."""

BLANKS: Final = {
    "称呼": "怎么称呼，如：王女士",
    "小区": "本项目的名称",
    "工号": "您的工号",
    "上级": "姓名加职务，如：陈主任",
    "负责人": "谁来办，姓名或岗位",
    "部门": "哪个部门或单位",
    "单号": "工单号",
    "事项": "一句话说清是什么事",
    "诉求": "业主希望怎样",
    "原因": "一句话说清原因",
    "进展": "做了什么、还差什么",
    "措施": "打算怎么办",
    "地点": "在哪里",
    "楼层": "哪栋哪几层",
    "配件": "缺什么配件",
    "配件来源": "从哪里调货",
    "公示地点": "贴在哪里，如：单元大堂",
    "公示日期": "哪天贴出的",
    "管家电话": "管家的电话",
    "服务电话": "服务中心24小时电话",
    "预计时间": "几点办好，如：今天16:30",
    "约定时间": "几点回话，如：今天16:30",
    "到场时间": "几点到，如：今天16:30",
    "回访时间": "哪天几点回访，如：明日10:00",
    "确认人": "哪位确认了这个时间",
}
"""Every blank a phrase may have and the hint that is shown while it is asked for."""

TIMES: Final = frozenset({"预计时间", "约定时间", "到场时间", "回访时间"})
"""Blanks that hold a time said to an owner: each becomes a promise with a clock (DESIGN §5)."""

INTAKE: Final = frozenset({"受理", "夜间受理"})
"""What a limit counts from where it counts from the taking of the ticket."""

CONFIRMED_BY: Final = "确认人"
BLANK: Final = re.compile(r"\{([^{}]*)\}")


# Made when somebody first searches by typing: half of what reading the handbook would cost.
@lru_cache(maxsize=4096)
def _key(words: tuple[str, ...]) -> Key:
    return search_key(*words)


@lru_cache(maxsize=4096)
def _text_key(text: str) -> Key:
    return search_key(*re.split(r"\W+", BLANK.sub("，", text)))


def single_words(keywords: Iterable[str]) -> tuple[str, ...]:
    """Those of one word, by which a case or topic is found when something is typed."""
    return tuple(each for each in keywords if "+" not in each and "/" not in each)


class Agreed(NamedTuple):
    """The one wording agreed for a policy-sensitive question (R-000-15): what it stands on, and the day (ISO) on
    which it has to be looked at again.
    """

    source: str
    review: str


class Phrase(NamedTuple):
    """A sentence that may be said and inserted.

    `id` is unique in the handbook (`B4-51`, `promise-51`, `gas-01`), `digits` in its file. `needs` are the blanks
    that must be real times. `about` are title, case and keywords, by which it is found before its text.
    """

    id: str
    digits: str
    step: str
    title: str
    text: str
    case: str | None
    scenario: str | None
    categories: tuple[str, ...]
    when: str
    caution: str
    confirm: str
    needs: tuple[str, ...]
    about: tuple[str, ...]
    topic: str | None = None
    agreed: Agreed | None = None
    words: tuple[str, ...] = ()
    """What an owner says who is to hear this one: it goes before the others of its case or topic for the same step."""

    @property
    def topic_key(self) -> Key:
        """For `pinyin.finder`: what it is about."""
        return _key(self.about)

    @property
    def text_key(self) -> Key:
        """For `pinyin.finder`: what it says."""
        return _text_key(self.text)


class Unsayable(NamedTuple):
    """What must never be said to an owner, as people say it all the same; no phrase, so it cannot be inserted.

    `why` it must not, `instead` the id of the phrase that may be said. `words` find it in a typed text
    (`规划+车位`: both).
    """

    id: str
    text: str
    why: str
    instead: str
    scenario: str | None
    words: tuple[str, ...]


class Step(NamedTuple):
    """What somebody does in a scenario, in order; `limit` is the id of a `Limit` of the case."""

    who: str
    do: str
    limit: str | None
    internal: bool


class Limit(NamedTuple):
    """A limit (T1-T39); exactly one of `minutes`, `days`, `at`, `percent` is set.

    One in time can become a clock; one in percent (T28) is a bound that a test is measured by.
    """

    id: str
    rule: str
    label: str
    who: str
    since: str
    minutes: int | None
    days: int | None
    at: str | None
    repeats: bool
    scenario: str | None
    percent: int | None = None

    @property
    def is_clock(self) -> bool:
        """Whether it runs in time."""
        return self.percent is None

    @property
    def from_intake(self) -> bool:
        """Whether its clock starts when the ticket is taken; others start when what `since` names has happened."""
        return self.since in INTAKE


class Fact(NamedTuple):
    """Something to collect before the ticket can be closed (RISK of B2); `kind` is time, text or choice."""

    id: str
    label: str
    kind: str
    choices: tuple[str, ...]
    required: bool
    scenario: str | None = None


class Scenario(NamedTuple):
    """One situation of a case (A1-2): `expects` is what the owner wants, `says` how the owner begins, first things first;
    every other line but the title is for the staff only.
    """

    id: str
    title: str
    expects: tuple[str, ...]
    steps: tuple[Step, ...]
    risk: tuple[str, ...]
    never_promise: tuple[str, ...]
    never_mention: tuple[str, ...]
    internal: tuple[str, ...]
    says: tuple[str, ...] = ()


class Case(NamedTuple):
    """A case of the handbook, A1-A6 and B1-B8."""

    id: str
    title: str
    categories: tuple[str, ...]
    keywords: tuple[str, ...]
    risk: tuple[str, ...]
    scenarios: tuple[Scenario, ...]
    limits: tuple[Limit, ...]
    facts: tuple[Fact, ...]
    phrases: tuple[Phrase, ...]
    unsayable: tuple[Unsayable, ...] = ()

    def clocks(self, scenario: str | None = None) -> tuple[Limit, ...]:
        """The limits that run when the case, or one scenario of it, is accepted."""
        return tuple(limit for limit in self.limits if limit.is_clock and _within(limit.scenario, scenario))

    def wanted(self, scenario: str | None = None) -> tuple[Fact, ...]:
        """The facts to collect before closing."""
        return tuple(fact for fact in self.facts if _within(fact.scenario, scenario))


class Topic(NamedTuple):
    """What a desk is asked beside the cases: `id` is its file's name (gas, arrears).

    The first category is its home, where its phrases mix into the call; in the others they stand behind. `now` is
    what the owner does for safety at once, in order, `call` the numbers to ring (119): an emergency has both, and may
    name the `dangers` (`terms.DANGERS`) whose words it has.
    """

    id: str
    title: str
    source: str
    categories: tuple[str, ...]
    keywords: tuple[str, ...]
    dangers: tuple[str, ...]
    now: tuple[str, ...]
    call: tuple[str, ...]
    do: tuple[str, ...]
    never: tuple[str, ...]
    steps: tuple[Step, ...]
    limits: tuple[Limit, ...]
    phrases: tuple[Phrase, ...]
    unsayable: tuple[Unsayable, ...]

    @property
    def home(self) -> str:
        """The category in which it mixes into the call."""
        return self.categories[0]


def _within(own: str | None, scenario: str | None) -> bool:
    return own is None or scenario is None or own == scenario


class Guide(NamedTuple):
    """A step of every call: what to do, what never to do, what may be said."""

    step: str
    title: str
    do: tuple[str, ...]
    never: tuple[str, ...]
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, eq=False)
class Handbook:
    """The whole handbook; `guides` in the order of a call, `cases` and `topics` by id, `standards` and `methods` by
    number.

    Compared by identity, so that it can key a cache.
    """

    guides: tuple[Guide, ...]
    cases: Mapping[str, Case]
    topics: Mapping[str, Topic] = field(default_factory=dict)
    standards: tuple[Standard, ...] = ()
    methods: tuple[Method, ...] = ()
    words: Words = field(default_factory=Words)

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        """Every phrase: the guides' in the order of a call, then the cases', then the topics'."""
        parts: tuple[Guide | Case | Topic, ...] = (*self.guides, *self.cases.values(), *self.topics.values())
        return tuple(phrase for part in parts for phrase in part.phrases)

    def coach(self, step: str, *, upset: bool = False, channel: str = "") -> Advice:
        """What the coach shows while a call is in this step of `STEPS`: the six steps' own lines first, then what the
        desk's guide for this step adds (R-S1 to R-S11, REQUIREMENTS §5).

        With an upset owner the standards' rules for one come first; `channel` is walk_in, phone or empty. `KeyError`
        where there is no such step.
        """
        guide = next((each for each in self.guides if each.step == step), None)
        if guide is None:
            raise KeyError(step)
        own = (
            [Line(guide.title, text) for text in guide.do],
            [Line(guide.title, text) for text in guide.never],
        )
        methods = [each for each in self.methods if step in each.steps]
        found = [rule for each in self.standards for rule in each.rules if counts(rule, step, upset, channel)]
        return advise(step, methods, found, guide.title, own)


def due(limit: Limit, start: Instant) -> Instant:
    """When a clock of this limit that starts at `start` is due, UTC seconds; days end at midnight in
    Shanghai (half-open). `ValueError` for a limit that is no clock.

    A time of day is the next one: taken at 23:50 or at 02:10 alike, 08:30 is that of the coming morning, when the
    steward comes to work (B5-1, T33). Days below nought end before the day of `start` begins (T34).
    """
    if not limit.is_clock:
        raise ValueError(f"{limit.id} is measured in percent")
    if limit.minutes is not None:
        return start + limit.minutes * MINUTE
    if limit.days is not None:
        return day_start(start) + (limit.days + 1) * DAY
    hour, minute = (limit.at or "00:00").split(":")
    today = day_start(start) + int(hour) * HOUR + int(minute) * MINUTE
    return today if today > start else today + DAY
